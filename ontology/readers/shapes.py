"""Other ways to say a statement in RDF, brought into the one that `ontology.rdf_reader` reads.

Three shapes become a node with `biolink:subject`, `biolink:predicate`, `biolink:object`: the
reification of RDF 1.0 (`rdf:Statement`), the reifier of RDF 1.2 (`rdf:reifies`, in Turtle
`<< s p o >>` and `{| ... |}`), and both with Biolink's own properties for publications, knowledge
level and qualifiers. What else such a node says becomes an attribute. In OWL, a class below or
equivalent to an existential restriction (`owl:someValuesFrom`) is related to its filler.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from kg.readers.content import DATABASE
from kg.readers.kgx import LITERATURE
from ontology.rdf_triples import Node, Triples, text_of
from ontology.vocabulary import (
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

__all__ = ["reshape"]

_TERMS: Final = ("subject", "predicate", "object")
_KEPT: Final = (BIOLINK, MECHKG, QUALIFIER, ATTRIBUTE, PROV, RDF, RDFS, OWL, SKOS)
_SUPPORT: Final = (
    "publications", "knowledge_level", "agent_type", "primary_knowledge_source"
)  # fmt: skip
_SOURCES: Final = (DCTERMS["source"],)
MOST_LINKS: Final = 10_000


def reshape(triples: Triples) -> None:
    """Rewrite the statement nodes of a graph in place, and add what restrictions say. O(triples).

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
    for subject in [s for s in triples.by_subject if not s.startswith("_:")]:
        _add_restrictions(triples, subject)


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


def _add_restrictions(triples: Triples, subject: str) -> None:
    predicates = triples.by_subject[subject]
    for axiom in (RDFS["subClassOf"], OWL["equivalentClass"]):
        for node in list(predicates.get(axiom, ())):
            for part in _parts(triples, node):
                if isinstance(part, NamedNode):
                    if part not in predicates.setdefault(RDFS["subClassOf"], []):
                        predicates[RDFS["subClassOf"]].append(part)
                    continue
                key = _key(part)
                relation = triples.value(key, OWL["onProperty"])
                fillers = triples.by_subject[key].get(OWL["someValuesFrom"], ())
                for filler in fillers:
                    if isinstance(filler, NamedNode) and relation and not relation.startswith("_:"):
                        predicates.setdefault(relation, []).append(filler)


def _parts(triples: Triples, node: Node) -> Iterator[Node]:
    """Yield the restriction that a blank node is, or those in its intersection."""
    key = _key(node)
    described = triples.by_subject.get(key)
    if isinstance(node, NamedNode) or described is None:
        return
    if OWL["someValuesFrom"] in described:
        yield node
    for rest in described.get(OWL["intersectionOf"], ()):
        for item in _items(triples, rest):
            inner = triples.by_subject.get(_key(item), {})
            if isinstance(item, NamedNode) or OWL["someValuesFrom"] in inner:
                yield item


def _items(triples: Triples, node: Node) -> Iterator[Node]:
    """Yield the items of an RDF list, at most `MOST_LINKS`, so that a circle ends."""
    for _ in range(MOST_LINKS):
        described = triples.by_subject.get(_key(node), {})
        yield from described.get(RDF["first"], ())
        rest = described.get(RDF["rest"], ())
        if not rest:
            return
        node = rest[0]


def _key(node: Node) -> str:
    return text_of(node)
