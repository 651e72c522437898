"""Blank nodes that denote things: each gets an identifier made of what is said of it.

RDF 1.1 Concepts, section 3.5, replaces them by *skolem IRIs*. Here such an IRI is a hash of the
triples around the node, refined round by round as in the canonicalisation of RDF (RDF Dataset
Canonicalization, W3C 2024, section 4): it does not depend on the label that a file or a parser
gives the node, nor on the order of triples or the syntax. Two nodes of which the same is said are
one, unless they are related to each other. Lists are read as their items.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from hashlib import sha256
from itertools import product
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode

from mechkg.kg.model.identifiers import registry
from mechkg.ontology.rdf.readers.account import Account
from mechkg.ontology.rdf.readers.edits import add, drop, list_items, rename
from mechkg.ontology.rdf.readers.owl_syntax import is_expression
from mechkg.ontology.rdf.roles import NAMES, describes
from mechkg.ontology.rdf.triples import Node, Triples, text_of
from mechkg.ontology.rdf.vocabulary import BIOLINK, MECHKG, OWL, RDF, RDFS

Outgoing = dict[str, list[tuple[str, Node]]]
Incoming = dict[str, list[tuple[str, str]]]

__all__ = ["GENID", "flatten_lists", "name_blank_nodes"]

GENID: Final = "https://w3id.org/mechkg/.well-known/genid/"
MAX_TIES: Final = 16
"""Sets of nodes of one hash, related to each other, that are distinguished."""
MAX_TIED: Final = 4
"""Nodes of such a set that are tried."""
MOST_TIED: Final = 1000
"""Blank nodes of a graph in which nodes of one hash are distinguished, so that time is bounded."""
ROUNDS: Final = 12
"""Rounds in which hashes of blank nodes take in what is farther away."""
MAX_DEPTH: Final = 20
"""Lists within lists that are opened."""
_MEMBER: Final = re.compile(rf"{RDF.start}_[1-9]\d*")
"""The properties of containers (RDF Schema 1.1, section 5.1)."""
_ENDS: Final = (BIOLINK["subject"], BIOLINK["object"])
_LISTS_OF_OWL: Final = frozenset(
    OWL[name]
    for name in (
        "intersectionOf", "unionOf", "oneOf", "members", "distinctMembers", "propertyChainAxiom",
        "hasKey", "disjointUnionOf", "onProperties", "withRestrictions",
    )
)  # fmt: skip


def flatten_lists(triples: Triples, account: Account) -> None:
    """Put the items of a list or container in its place as an object. O(triples).

    The cells count as merged: their items are kept, their order is not.
    """
    index = triples.by_subject
    cells = {key for key, about in index.items() if key.startswith("_:") and _holds_items(about)}
    if not cells:
        return
    nil = NamedNode(RDF["nil"])
    for subject, about in index.items():
        if subject in cells:
            continue
        for name, nodes in about.items():
            if name in _LISTS_OF_OWL or not any(text_of(n) in cells or n == nil for n in nodes):
                continue
            about[name] = list(dict.fromkeys(item for n in nodes for item in _items(triples, n)))
    for cell in sorted(cells - _owl_cells(triples)):
        account.merge("a list, whose items are kept", drop(triples, cell))


def _items(triples: Triples, node: Node, depth: int = 0) -> list[Node]:
    if node == NamedNode(RDF["nil"]):
        return []
    about = triples.by_subject.get(text_of(node), {})
    if depth > MAX_DEPTH or not isinstance(node, BlankNode) or not _holds_items(about):
        return [node]
    held = (
        list_items(triples, node)
        if RDF["first"] in about
        else (item for name, nodes in about.items() if _MEMBER.fullmatch(name) for item in nodes)
    )
    return [deeper for item in held for deeper in _items(triples, item, depth + 1)]


def _holds_items(about: Mapping[str, list[Node]]) -> bool:
    """Say whether a node is a cell of a list, or a container that is nothing else (`rdf:Seq`)."""
    if RDF["first"] in about:
        return True
    others = [name for name in about if not _MEMBER.fullmatch(name)]
    return len(others) < len(about) and all(name == RDF["type"] for name in others)


def _owl_cells(triples: Triples) -> set[str]:
    """Return the cells of lists that belong to the syntax of OWL."""
    found: set[str] = set()
    left = [
        text_of(node)
        for about in triples.by_subject.values()
        for name in _LISTS_OF_OWL.intersection(about)
        for node in about[name]
    ]
    while left:
        cell = left.pop()
        if cell not in found and cell.startswith("_:"):
            found.add(cell)
            left += map(text_of, triples.by_subject.get(cell, {}).get(RDF["rest"], ()))
    return found


def name_blank_nodes(triples: Triples) -> None:
    """Give each blank node that is related to something an IRI of its own, in place.

    Left alone are the blank nodes of OWL's syntax, those of statements and evidence, and those
    that only describe. A node without a label is called after its type. O(rounds * triples).
    """
    things = _things(triples)
    if not things:
        return
    names = {key: GENID + digest[:16] for key, digest in _digests(triples, things).items()}
    rename(triples, names)
    for iri in sorted(set(names.values())):
        _name(triples, iri)


def _name(triples: Triples, iri: str) -> None:
    """Call a node without a label after its types."""
    about = triples.by_subject.setdefault(iri, {})
    if any(about.get(name) for name in NAMES):
        return
    kinds = [t for t in map(text_of, about.get(RDF["type"], ())) if not OWL.holds(t)]
    called = sorted(triples.value(k, RDFS["label"]) or registry().canonical(k) for k in kinds)
    kind = ", ".join(called) or "unnamed"
    add(triples, iri, RDFS["label"], Literal(f"{kind} {iri[-6:]}"))


def _things(triples: Triples) -> set[str]:
    """Return the keys of blank nodes that relate to something, or something to them."""
    found: set[str] = set()
    for subject, about in triples.by_subject.items():
        machinery = subject.startswith("_:") and _is_machinery(triples, subject, about)
        for name, nodes in about.items():
            if machinery and name not in _ENDS:
                continue
            if describes(name) or MECHKG.holds(name):
                continue
            ends = [text_of(n) for n in nodes if isinstance(n, BlankNode)]
            found.update(e for e in ends if not is_expression(triples, e))
            if subject.startswith("_:") and any(not isinstance(n, Literal) for n in nodes):
                found.add(subject)
    return {
        key for key in found
        if not _is_machinery(triples, key, triples.by_subject.get(key, {}))
    }  # fmt: skip


def _is_machinery(triples: Triples, key: str, about: dict[str, list[Node]]) -> bool:
    if is_expression(triples, key):
        return True
    of_statement = (BIOLINK["subject"], RDF["subject"], RDF["reifies"], RDF["first"])
    types = set(map(text_of, about.get(RDF["type"], ())))
    return any(name in about for name in of_statement) or MECHKG["Evidence"] in types


def _digests(triples: Triples, things: set[str]) -> dict[str, str]:
    """Return a hash of each node, equal for nodes of which the same is said."""
    outgoing: Outgoing = {key: [] for key in things}
    incoming: Incoming = {key: [] for key in things}
    for subject, name, node in _relations(triples):
        if subject in things:
            outgoing[subject].append((name, node))
        if isinstance(node, BlankNode) and text_of(node) in things:
            incoming[text_of(node)].append((subject, name))
    marks: dict[str, str] = {}
    digests = _refined(outgoing, incoming, marks)
    for number in range(MAX_TIES if len(things) <= MOST_TIED else 0):
        tied = _tied(outgoing, digests)
        if not tied:
            break
        attempts = [(key, _refined(outgoing, incoming, marks | {key: f"{number}"})) for key in tied]
        chosen, digests = min(attempts, key=_least)
        marks[chosen] = f"{number}"
    return digests


def _least(attempt: tuple[str, dict[str, str]]) -> list[str]:
    return sorted(attempt[1].values())


def _refined(outgoing: Outgoing, incoming: Incoming, marks: Mapping[str, str]) -> dict[str, str]:
    """Return a hash of each node, which takes in what is farther away from round to round."""
    digests = {key: marks.get(key, "") for key in outgoing}
    for _ in range(min(ROUNDS, len(outgoing) + 1)):
        digests = {
            key: _digest(outgoing[key], incoming[key], digests, marks.get(key, ""))
            for key in outgoing
        }
    return digests


def _tied(outgoing: Outgoing, digests: Mapping[str, str]) -> list[str]:
    """Return nodes of one hash that are related to each other, of the least hash, sorted.

    They cannot be one: that node would be related to itself, which nothing says.
    """
    found = {
        digests[key]
        for key, relations in outgoing.items()
        for _, node in relations
        if text_of(node) != key and digests.get(text_of(node)) == digests[key]
    }
    least = min(found, default="")
    return sorted(key for key, digest in digests.items() if digest == least)[:MAX_TIED]


def _relations(triples: Triples) -> Iterator[tuple[str, str, Node]]:
    """Yield all triples, and in the place of those of a statement node the one that it states."""
    for subject, about in triples.by_subject.items():
        ends = [about.get(name, ()) for name in (*_ENDS, BIOLINK["predicate"])]
        for first, second, relation in product(*ends):
            yield text_of(first), text_of(relation), second
        for name in about.keys() - (_ENDS if all(ends) else ()):
            yield from ((subject, name, node) for node in about[name])


def _digest(
    outgoing: list[tuple[str, Node]],
    incoming: list[tuple[str, str]],
    known: Mapping[str, str],
    mark: str,
) -> str:
    def text(key: str, otherwise: str) -> str:
        return known.get(key, "_" if key.startswith("_:") else otherwise)

    lines = [f"> {name} {text(text_of(node), str(node))}" for name, node in outgoing]
    lines += [f"< {text(subject, subject)} {name}" for subject, name in incoming]
    return sha256("\n".join((mark, *sorted(lines))).encode()).hexdigest()
