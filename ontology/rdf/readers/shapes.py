"""Other ways to say a statement in RDF, brought into the one that `mechkg.ontology.rdf.read` reads.

Three shapes become a node with `biolink:subject`, `biolink:predicate`, `biolink:object`: the
reification of RDF 1.0 (`rdf:Statement`), the reifier of RDF 1.2 (`rdf:reifies`, in Turtle
`<< s p o >>` and `{| ... |}`), and both with Biolink's own properties for publications, knowledge
level and qualifiers. What else such a node says becomes an attribute.
"""

from __future__ import annotations

from typing import Final

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

__all__ = ["reshape"]

_TERMS: Final = ("subject", "predicate", "object")
_KEPT: Final = (BIOLINK, MECHKG, QUALIFIER, ATTRIBUTE, PROV, RDF, RDFS, OWL, SKOS)
_SUPPORT: Final = (
    "publications", "knowledge_level", "agent_type", "primary_knowledge_source"
)  # fmt: skip
_SOURCES: Final = (DCTERMS["source"],)


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
