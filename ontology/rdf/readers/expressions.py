"""Class expressions of OWL: which imply a relation between two classes, and which are passed over.

A class below or equivalent to a restriction is related to its filler where one instance at least
is implied: `someValuesFrom`, `hasValue`, and a cardinality of at least one. Of an intersection each
part counts, also where it is the filler: *part of some (H and part of some I)* implies *part of
some H*. `allValuesFrom`, `unionOf`, `complementOf` and `maxCardinality` imply no relation
(OWL 2 Direct Semantics, section 2.2).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from pyoxigraph import BlankNode, NamedNode

from mechkg.ontology.rdf.readers.account import Account
from mechkg.ontology.rdf.readers.assertions import AxiomNotes, Note
from mechkg.ontology.rdf.readers.edits import list_cells, list_items
from mechkg.ontology.rdf.readers.go_cam import TYPE
from mechkg.ontology.rdf.readers.owl_syntax import is_expression
from mechkg.ontology.rdf.triples import Node, Triples, text_of
from mechkg.ontology.rdf.vocabulary import OWL, RDF, RDFS, XSD

__all__ = ["Axiom", "axioms"]

MAX_DEPTH: Final = 50
"""Intersections within each other that are followed."""
_MINIMA: Final = (
    ("minQualifiedCardinality", "onClass"),
    ("qualifiedCardinality", "onClass"),
)
_PASSED: Final = "a class expression that implies no relation between two classes"
_UNREAD: Final = "an axiom of OWL that implies no relation between two named classes"


class Axiom(NamedTuple):
    """A relation between two classes, all as IRIs; `defines` if it is part of a definition.

    `triple` is the one that says it.
    """

    subject: str
    relation: str
    target: str
    defines: bool
    note: Note
    triple: tuple[str, str, Node]


def axioms(triples: Triples, notes: AxiomNotes, account: Account) -> Iterator[Axiom]:
    """Yield what class axioms say of two classes, beyond a plain `rdfs:subClassOf`. O(triples).

    From an equivalence come its genus and differentia, and `owl:equivalentClass` itself where
    both classes are named; from a type that is a class expression what it implies of an individual.
    `notes` are the annotations of axioms, by the blank node of a class expression: the same
    relation takes them, wherever its expression was written a second time. What no relation comes
    of is passed over.
    """
    read: set[str] = set()
    own = _notes_by_relation(triples, notes, read)
    for subject, about in sorted(triples.by_subject.items()):
        if subject.startswith("_:"):
            continue
        for property_ in (RDFS["subClassOf"], OWL["equivalentClass"], RDF["type"]):
            for node in about.get(property_, ()):
                if isinstance(node, BlankNode):
                    yield from _implied(triples, (subject, property_, node), own, account, read)
                elif property_ == OWL["equivalentClass"]:
                    target = text_of(node)
                    note = notes.get((subject, property_, target), Note())
                    yield Axiom(subject, property_, target, True, note, (subject, property_, node))
    _count_unread(triples, account, read)


def _implied(
    triples: Triples,
    triple: tuple[str, str, Node],
    notes: AxiomNotes,
    account: Account,
    read: set[str],
) -> Iterator[Axiom]:
    """Yield what a triple whose object is a class expression implies."""
    subject, property_, node = triple
    within: set[str] = set()
    found = set(_relations(triples, node, within))
    if found:
        read |= within
    else:
        account.pass_over(_PASSED, example=subject)
    for relation, filler in sorted(found):
        note = notes.get((subject, relation, filler), Note())
        if property_ == RDF["type"] and relation == RDFS["subClassOf"]:
            relation = TYPE  # noqa: PLW2901 - an individual is no class
        defines = property_ == OWL["equivalentClass"]
        yield Axiom(subject, relation, filler, defines, note, triple)


def _count_unread(triples: Triples, account: Account, read: set[str]) -> None:
    """Note the triples of class expressions and axioms of which nothing was read."""
    for key, about in triples.by_subject.items():
        if not key.startswith("_:") or key in read:
            continue
        if is_expression(triples, key) or RDF["first"] in about:
            account.pass_over(_UNREAD, sum(map(len, about.values())))


def _notes_by_relation(triples: Triples, notes: AxiomNotes, read: set[str]) -> AxiomNotes:
    found: AxiomNotes = {}
    for (subject, _, target), note in notes.items():
        if target.startswith("_:"):
            for relation, filler in _relations(triples, BlankNode(target[2:]), read):
                found[subject, relation, filler] = note
    return found


def _relations(
    triples: Triples, node: Node, within: set[str], depth: int = 0
) -> Iterator[tuple[str, str]]:
    """Yield property and class of each relation that a class expression implies.

    `within` takes the blank nodes that were looked at.
    """
    about = triples.by_subject.get(text_of(node), {})
    if depth > MAX_DEPTH:
        return
    within.add(text_of(node))
    for items in about.get(OWL["intersectionOf"], ()):
        within.update(list_cells(triples, items))
        for item in list_items(triples, items):
            if isinstance(item, NamedNode):
                yield from ((RDFS["subClassOf"], name) for name in _classes(item))
            else:
                yield from _relations(triples, item, within, depth + 1)
    relation = next(iter(about.get(OWL["onProperty"], ())), None)
    if isinstance(relation, NamedNode):
        for filler in _fillers(about):
            for name in _named(triples, filler, within, depth + 1):
                yield relation.value, name


def _fillers(about: dict[str, list[Node]]) -> Iterator[Node]:
    """Yield the classes or individuals of which a restriction wants at least one."""
    yield from about.get(OWL["someValuesFrom"], ())
    yield from about.get(OWL["hasValue"], ())
    for cardinality, target in _MINIMA:
        if any(_is_positive(text_of(node)) for node in about.get(OWL[cardinality], ())):
            yield from about.get(OWL[target], ())


def _is_positive(text: str) -> bool:
    return text.isdecimal() and int(text) > 0


def _classes(node: NamedNode) -> Iterator[str]:
    """Yield the IRI of a class or individual; `owl:Thing` and datatypes tell nothing of one."""
    if not any(vocabulary.holds(node.value) for vocabulary in (OWL, RDF, RDFS, XSD)):
        yield node.value


def _named(triples: Triples, node: Node, within: set[str], depth: int) -> Iterator[str]:
    """Yield the named classes that a filler is or lies below."""
    if isinstance(node, NamedNode):
        yield from _classes(node)
    elif isinstance(node, BlankNode) and depth <= MAX_DEPTH:
        about = triples.by_subject.get(text_of(node), {})
        within.add(text_of(node))
        for items in about.get(OWL["intersectionOf"], ()):
            within.update(list_cells(triples, items))
            for item in list_items(triples, items):
                yield from _named(triples, item, within, depth + 1)
