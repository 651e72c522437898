"""Edits of triples in memory, shared by the passes that bring RDF into one shape."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pyoxigraph import BlankNode, Literal, NamedNode

from mechkg.ontology.rdf.triples import Node, Triples, text_of
from mechkg.ontology.rdf.vocabulary import ATTRIBUTE, BIOLINK, MECHKG, RDF, keyed

__all__ = ["add", "associate", "count_of", "drop", "list_cells", "list_items", "node_of", "rename"]

MAX_LINKS = 10_000
"""Cells of a list that are followed, so that a circle ends."""


def node_of(key: str) -> NamedNode | BlankNode:
    """Return the node that a key of `Triples.by_subject` stands for.

    >>> node_of("_:b1"), node_of("http://a/x")
    (<BlankNode value=b1>, <NamedNode value=http://a/x>)
    """
    return BlankNode(key[2:]) if key.startswith("_:") else NamedNode(key)


def count_of(triples: Triples) -> int:
    """Return the number of triples; O(subjects and predicates)."""
    return sum(len(nodes) for about in triples.by_subject.values() for nodes in about.values())


def add(triples: Triples, subject: str, predicate: str, node: Node) -> None:
    """Add a triple, unless it is there."""
    nodes = triples.by_subject.setdefault(subject, {}).setdefault(predicate, [])
    if node not in nodes:
        nodes.append(node)


def drop(triples: Triples, subject: str) -> int:
    """Remove all triples of a subject; returns how many there were."""
    return sum(map(len, triples.by_subject.pop(subject, {}).values()))


def rename(triples: Triples, names: Mapping[str, str]) -> None:
    """Give subjects and objects other IRIs, by the keys of their nodes. O(triples)."""
    if not names:
        return
    index, origins = triples.by_subject, triples.origins
    if origins is not None:
        origins.rename_objects(names)
    for about in index.values():
        for predicate, nodes in about.items():
            if any(text_of(node) in names for node in nodes):
                about[predicate] = list(dict.fromkeys(_renamed(node, names) for node in nodes))
    for key in sorted(names.keys() & index.keys()):
        if origins is not None:
            origins.move(index, key, names[key])
        for predicate, nodes in index.pop(key).items():
            for node in nodes:
                add(triples, names[key], predicate, node)


def _renamed(node: Node, names: Mapping[str, str]) -> Node:
    iri = None if isinstance(node, Literal) else names.get(text_of(node))
    return node if iri is None else NamedNode(iri)


def list_items(triples: Triples, node: Node) -> Iterator[Node]:
    """Yield the items of an RDF list, of at most `MAX_LINKS` cells."""
    for cell in list_cells(triples, node):
        yield from triples.by_subject[cell].get(RDF["first"], ())


def list_cells(triples: Triples, node: Node) -> Iterator[str]:
    """Yield the keys of the cells of an RDF list, at most `MAX_LINKS`."""
    for _ in range(MAX_LINKS):
        cell = triples.by_subject.get(text_of(node))
        if cell is None:
            return
        yield text_of(node)
        rest = cell.get(RDF["rest"], ())
        if not rest:
            return
        node = rest[0]


def associate(
    triples: Triples,
    key: str,
    claim: tuple[str, str, str],
    *,
    kind: str = "database",
    publications: Sequence[str] = (),
    source: str = "",
    negated: bool = False,
    attributes: dict[str, str] | None = None,
) -> None:
    """Add a statement node of a triple with one piece of evidence.

    `key` is that of a blank node; `claim` are the keys of subject, predicate and object.

    >>> triples = Triples(())
    >>> associate(triples, "_:c1", ("http://a/x", "http://a/p", "http://a/y"))
    >>> triples.value("_:c1", BIOLINK["subject"])
    'http://a/x'
    """
    for name, iri in zip(("subject", "predicate", "object"), claim, strict=True):
        add(triples, key, BIOLINK[name], node_of(iri))
    if negated:
        add(triples, key, BIOLINK["negated"], Literal("true"))
    for name, text in (attributes or {}).items():
        add(triples, key, keyed(ATTRIBUTE, name), Literal(text))
    evidence = f"{key}-evidence"
    add(triples, key, MECHKG["evidence"], node_of(evidence))
    add(triples, evidence, RDF["type"], NamedNode(MECHKG["Evidence"]))
    add(triples, evidence, MECHKG["kind"], Literal(kind))
    for publication in publications:
        add(triples, evidence, BIOLINK["publications"], Literal(publication))
    if source:
        add(triples, evidence, BIOLINK["primary_knowledge_source"], NamedNode(source))
