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
from mechkg.ontology.rdf.readers.edits import list_items
from mechkg.ontology.rdf.triples import Node, Triples, text_of
from mechkg.ontology.rdf.vocabulary import OWL, RDF, RDFS

__all__ = ["Axiom", "axioms", "is_expression"]

MAX_DEPTH: Final = 50
"""Intersections within each other that are followed."""
_MINIMA: Final = (
    ("minQualifiedCardinality", "onClass"),
    ("qualifiedCardinality", "onClass"),
)
_STRUCTURE: Final = frozenset(
    OWL[name]
    for name in (
        "onProperty", "onProperties", "intersectionOf", "unionOf", "complementOf", "oneOf",
        "members", "distinctMembers", "annotatedSource", "sourceIndividual", "onDatatype",
        "withRestrictions", "inverseOf", "datatypeComplementOf",
    )
)  # fmt: skip
_PASSED: Final = "a class expression that implies no relation between two classes"


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


def is_expression(triples: Triples, key: str) -> bool:
    """Say whether a blank node is part of OWL's syntax, hence no thing of its own."""
    about = triples.by_subject.get(key, {})
    if not _STRUCTURE.isdisjoint(about):
        return True
    types = {text_of(node) for node in about.get(RDF["type"], ())}
    return any(OWL.holds(name) and name != OWL["NamedIndividual"] for name in types)


def axioms(triples: Triples, notes: AxiomNotes, account: Account) -> Iterator[Axiom]:
    """Yield what class axioms say of two classes, beyond a plain `rdfs:subClassOf`. O(triples).

    From an equivalence come its genus and differentia, and `owl:equivalentClass` itself where
    both classes are named. `notes` are the annotations of axioms, by the blank node of a class
    expression: the same relation takes them, wherever its expression was written a second time.
    """
    own = _notes_by_relation(triples, notes)
    for subject, about in sorted(triples.by_subject.items()):
        if subject.startswith("_:"):
            continue
        for axiom in (RDFS["subClassOf"], OWL["equivalentClass"]):
            defines = axiom != RDFS["subClassOf"]
            for node in about.get(axiom, ()):
                triple = subject, axiom, node
                if isinstance(node, NamedNode):
                    if defines:
                        note = notes.get((subject, axiom, node.value), Note())
                        yield Axiom(subject, axiom, node.value, defines, note, triple)
                    continue
                found = set(_relations(triples, node))
                if not found:
                    account.pass_over(_PASSED, example=subject)
                for relation, filler in sorted(found):
                    note = own.get((subject, relation, filler), Note())
                    yield Axiom(subject, relation, filler, defines, note, triple)


def _notes_by_relation(triples: Triples, notes: AxiomNotes) -> AxiomNotes:
    found: AxiomNotes = {}
    for (subject, _, target), note in notes.items():
        if target.startswith("_:"):
            for relation, filler in _relations(triples, BlankNode(target[2:])):
                found[subject, relation, filler] = note
    return found


def _relations(triples: Triples, node: Node, depth: int = 0) -> Iterator[tuple[str, str]]:
    """Yield property and class of each relation that a class expression implies."""
    about = triples.by_subject.get(text_of(node), {})
    if depth > MAX_DEPTH:
        return
    for items in about.get(OWL["intersectionOf"], ()):
        for item in list_items(triples, items):
            if isinstance(item, NamedNode):
                yield RDFS["subClassOf"], item.value
            else:
                yield from _relations(triples, item, depth + 1)
    relation = next(iter(about.get(OWL["onProperty"], ())), None)
    if isinstance(relation, NamedNode):
        for filler in _fillers(about):
            for name in _named(triples, filler, depth + 1):
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


def _named(triples: Triples, node: Node, depth: int) -> Iterator[str]:
    """Yield the named classes that a filler is or lies below."""
    if isinstance(node, NamedNode):
        yield node.value
    elif isinstance(node, BlankNode) and depth <= MAX_DEPTH:
        about = triples.by_subject.get(text_of(node), {})
        for items in about.get(OWL["intersectionOf"], ()):
            for item in list_items(triples, items):
                yield from _named(triples, item, depth + 1)
