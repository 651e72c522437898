"""Categories, predicates and prefixes in RDF: from triples to a `Schema`."""

from __future__ import annotations

from typing import Any, Final, cast

from mechkg.kg.model.schema import Category, Predicate, Schema
from mechkg.kg.model.values import Sign
from mechkg.ontology.rdf.triples import Triples
from mechkg.ontology.rdf.vocabulary import (
    BIOLINK,
    MECHKG,
    OWL,
    RDF,
    RDFS,
    SH,
    SKOS,
    STANDARD_PREFIXES,
    Codec,
)

__all__ = ["ASPECT_PROPERTIES", "read_prefixes", "read_schema"]

ASPECT_PROPERTIES: Final = {
    "object_aspect_qualifier": MECHKG["objectAspectQualifier"],
    "object_direction_qualifier": MECHKG["objectDirectionQualifier"],
}
"""The property of each Biolink qualifier that completes the mapping of a predicate."""

_MAPPINGS: Final = ("exactMatch", "closeMatch", "broadMatch", "narrowMatch", "relatedMatch")
_PROPERTY_TYPES: Final = frozenset(
    (OWL["ObjectProperty"], RDF["Property"], OWL["SymmetricProperty"], OWL["TransitiveProperty"])
)


def read_prefixes(triples: Triples) -> dict[str, str]:
    """Return the prefix map of a graph: `sh:declare`, and else the prefixes of its documents."""
    declared = {
        triples.value(subject, SH["prefix"]): triples.value(subject, SH["namespace"])
        for subject, predicates in triples.by_subject.items()
        if SH["prefix"] in predicates and SH["namespace"] in predicates
    }
    starts = set(declared.values())
    given = {
        prefix: start
        for prefix, start in sorted({**triples.prefixes, **STANDARD_PREFIXES}.items())
        if prefix and start not in starts and prefix not in declared
    }
    unique = {start: prefix for prefix, start in reversed(given.items())}
    return declared | {prefix: start for start, prefix in reversed(unique.items())}


def read_schema(triples: Triples, codec: Codec) -> Schema:
    """Return what the graph says of its categories and predicates, in order of their ids.

    A predicate is an object property that is not only the inverse of another. O(triples).
    """
    categories = []
    properties = []
    for subject, predicates in triples.by_subject.items():
        types = {node.value for node in predicates.get(RDF["type"], ()) if hasattr(node, "value")}
        if types & _PROPERTY_TYPES:
            properties.append(subject)
        elif OWL["Class"] in types and BIOLINK.holds(subject):
            categories.append(_category(triples, codec, subject))
    inverses = {i for p in properties for i in triples.values(p, OWL["inverseOf"])}
    ids = {p: triples.value(p, SKOS["notation"]) or codec.curie(p) for p in properties}
    return Schema(
        categories=tuple(sorted(categories, key=lambda c: c.id)),
        predicates=tuple(
            sorted(
                (_predicate(triples, codec, p, ids) for p in properties if p not in inverses),
                key=lambda p: p.id,
            )
        ),
        prefixes=dict(sorted(codec.prefixes.items())),
    )


def _category(triples: Triples, codec: Codec, iri: str) -> Category:
    return Category(
        id=codec.curie(iri),
        label=triples.value(iri, RDFS["label"]),
        parents=tuple(sorted(map(codec.curie, triples.values(iri, RDFS["subClassOf"])))),
        description=triples.value(iri, RDFS["comment"]),
    )


def _predicate(triples: Triples, codec: Codec, iri: str, ids: dict[str, str]) -> Predicate:
    types = triples.values(iri, RDF["type"])
    sign = triples.value(iri, MECHKG["sign"])
    mapped = {m for name in _MAPPINGS for m in triples.values(iri, SKOS[name])}
    mapped |= {iri} - {MECHKG[ids[iri]]}
    biolink = triples.value(iri, MECHKG["biolinkPredicate"])
    parents = triples.values(iri, RDFS["subPropertyOf"])
    inverse = triples.value(iri, OWL["inverseOf"])
    optional: dict[str, Any] = {"biolink": codec.curie(biolink)} if biolink else {}
    return Predicate(
        id=ids[iri],
        label=triples.value(iri, RDFS["label"]) or ids[iri],
        iri=iri,
        parents=tuple(sorted(ids.get(p, codec.curie(p)) for p in parents)),
        inverse=ids.get(inverse, codec.curie(inverse)) if inverse else "",
        inverse_label=triples.value(iri, MECHKG["inverseLabel"]),
        sign=cast("Sign", int(sign)) if sign else None,
        valence=triples.value(iri, MECHKG["valence"]) or "neutral",
        symmetric=OWL["SymmetricProperty"] in types,
        transitive=OWL["TransitiveProperty"] in types or iri == RDFS["subClassOf"],
        generic=_true(triples, iri, "generic"),
        domain=tuple(sorted(map(codec.curie, triples.values(iri, MECHKG["domain"])))),
        range=tuple(sorted(map(codec.curie, triples.values(iri, MECHKG["range"])))),
        mappings=tuple(sorted(map(codec.curie, mapped))),
        biolink_qualifiers={
            name: triples.value(iri, term)
            for name, term in ASPECT_PROPERTIES.items()
            if triples.value(iri, term)
        },
        description=triples.value(iri, RDFS["comment"]),
        **optional,
    )


def _true(triples: Triples, iri: str, name: str) -> bool:
    return triples.value(iri, MECHKG[name]) in {"true", "1"}
