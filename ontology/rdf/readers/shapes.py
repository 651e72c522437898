"""Other ways to say a statement in RDF, brought into the one that `mechkg.ontology.rdf.read` reads.

Three shapes become a node with `biolink:subject`, `biolink:predicate`, `biolink:object`: the
reification of RDF 1.0 (`rdf:Statement`), the reifier of RDF 1.2 (`rdf:reifies`, in Turtle
`<< s p o >>` and `{| ... |}`), and both with Biolink's own properties for publications, knowledge
level and qualifiers. What else such a node says becomes an attribute.

In OWL, a class below or equivalent to an existential restriction (`owl:someValuesFrom`) is related
to its filler.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from mechkg.kg.readers.content import DATABASE
from mechkg.kg.readers.kgx import LITERATURE
from mechkg.ontology.rdf.triples import Node, Triples, text_of
from mechkg.ontology.rdf.vocabulary import (
    ATTRIBUTE,
    BIOLINK,
    DCTERMS,
    MECHKG,
    OWL,
    PROV,
    QUALIFIER,
    RDF,
    RDFS,
    SKOS,
    keyed,
)

__all__ = ["Axiom", "axioms", "reshape"]

_TERMS: Final = ("subject", "predicate", "object")
_KEPT: Final = (BIOLINK, MECHKG, QUALIFIER, ATTRIBUTE, PROV, RDF, RDFS, OWL, SKOS)
_SUPPORT: Final = (
    "publications", "knowledge_level", "agent_type", "primary_knowledge_source"
)  # fmt: skip
_SOURCES: Final = (DCTERMS["source"],)
MOST_LINKS: Final = 10_000


class Axiom(NamedTuple):
    """A relation between two classes, all as IRIs; `defines` if it is part of a definition."""

    subject: str
    relation: str
    target: str
    defines: bool


def reshape(triples: Triples) -> None:
    """Rewrite the statement nodes of a graph in place. O(triples).

    Raises `DataError` for a node that reifies something else than one triple of IRIs.
    """
    for subject, predicates in list(triples.by_subject.items()):
        if RDF["reifies"] in predicates:
            _take_reifier(triples, subject, predicates)
        elif all(RDF[name] in predicates for name in _TERMS):
            for name in _TERMS:
                predicates[BIOLINK[name]] = predicates.pop(RDF[name])
            _keep_the_rest(predicates)
        elif all(BIOLINK[name] in predicates for name in _TERMS):
            _take_qualifiers(predicates)
        else:
            continue
        _link_evidence(subject, predicates)


def _take_reifier(triples: Triples, subject: str, predicates: dict[str, list[Node]]) -> None:
    reified = predicates.pop(RDF["reifies"])
    if len(reified) != 1 or not isinstance(reified[0], Triple):
        raise triples.error(subject, f"{subject} reifies something else than one triple")
    triple = reified[0]
    for name, node in zip(_TERMS, (triple.subject, triple.predicate, triple.object), strict=True):
        if not isinstance(node, NamedNode):
            reason = f"the {name} of the triple that {subject} reifies is no IRI"
            raise triples.error(subject, reason)
        predicates[BIOLINK[name]] = [node]
    _keep_the_rest(predicates)


def _keep_the_rest(predicates: dict[str, list[Node]]) -> None:
    """Turn properties of a statement node that the reader does not know into attributes."""
    _take_qualifiers(predicates)
    for name in _SOURCES:
        if name in predicates and BIOLINK["primary_knowledge_source"] not in predicates:
            predicates[BIOLINK["primary_knowledge_source"]] = predicates.pop(name)
    for name in [n for n in predicates if not any(v.holds(n) for v in _KEPT)]:
        local = name.rstrip("/#").replace("#", "/").rpartition("/")[2]
        predicates.setdefault(keyed(ATTRIBUTE, local or name), []).extend(predicates.pop(name))


def _take_qualifiers(predicates: dict[str, list[Node]]) -> None:
    for name in [n for n in predicates if BIOLINK.holds(n) and n.endswith("_qualifier")]:
        key = keyed(QUALIFIER, name.removeprefix(BIOLINK.start))
        values = [Literal(_short(text_of(node))) for node in predicates.pop(name)]
        predicates.setdefault(key, []).extend(values)


def _link_evidence(subject: str, predicates: dict[str, list[Node]]) -> None:
    """Let a statement node that names its support itself be its own evidence."""
    if MECHKG["evidence"] in predicates or not any(BIOLINK[n] in predicates for n in _SUPPORT):
        return
    own = BlankNode(subject[2:]) if subject.startswith("_:") else NamedNode(subject)
    predicates[MECHKG["evidence"]] = [own]
    kind = LITERATURE if BIOLINK["publications"] in predicates else DATABASE
    predicates.setdefault(MECHKG["kind"], [Literal(kind)])


def _short(text: str) -> str:
    return text.removeprefix(BIOLINK.start)


def axioms(triples: Triples) -> Iterator[Axiom]:
    """Yield what class axioms say of two classes, beyond a plain `rdfs:subClassOf`. O(triples).

    From an equivalence come its genus and differentia, and `owl:equivalentClass` itself where
    both classes are named.
    """
    for subject, predicates in triples.by_subject.items():
        if subject.startswith("_:"):
            continue
        for axiom in (RDFS["subClassOf"], OWL["equivalentClass"]):
            defines = axiom != RDFS["subClassOf"]
            for node in predicates.get(axiom, ()):
                if isinstance(node, NamedNode):
                    if defines:
                        yield Axiom(subject, axiom, node.value, defines)
                    continue
                for part in _parts(triples, node):
                    for relation, filler in _relations(triples, part):
                        yield Axiom(subject, relation, filler, defines)


def _relations(triples: Triples, part: Node) -> Iterator[tuple[str, str]]:
    """Yield property and class of a named class or of a restriction between names."""
    if isinstance(part, NamedNode):
        yield RDFS["subClassOf"], part.value
        return
    key = text_of(part)
    relation = triples.value(key, OWL["onProperty"])
    if relation and not relation.startswith("_:"):
        for filler in triples.by_subject[key].get(OWL["someValuesFrom"], ()):
            if isinstance(filler, NamedNode):
                yield relation, filler.value


def _parts(triples: Triples, node: Node) -> Iterator[Node]:
    """Yield the restriction that a blank node is, or those in its intersection."""
    key = text_of(node)
    described = triples.by_subject.get(key)
    if isinstance(node, NamedNode) or described is None:
        return
    if OWL["someValuesFrom"] in described:
        yield node
    for rest in described.get(OWL["intersectionOf"], ()):
        for item in _items(triples, rest):
            inner = triples.by_subject.get(text_of(item), {})
            if isinstance(item, NamedNode) or OWL["someValuesFrom"] in inner:
                yield item


def _items(triples: Triples, node: Node) -> Iterator[Node]:
    """Yield the items of an RDF list, at most `MOST_LINKS`, so that a circle ends."""
    for _ in range(MOST_LINKS):
        described = triples.by_subject.get(text_of(node), {})
        yield from described.get(RDF["first"], ())
        rest = described.get(RDF["rest"], ())
        if not rest:
            return
        node = rest[0]
