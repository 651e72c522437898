"""Categories, predicates and prefixes in RDF: from triples to a `Schema`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from mechkg.kg.model.schema import Category, Predicate, Schema, words_of
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

__all__ = [
    "ASPECT_PROPERTIES",
    "SEMANTIC_PROPERTIES",
    "VERB_PROPERTIES",
    "read_prefixes",
    "read_schema",
]

ASPECT_PROPERTIES: Final = {
    "object_aspect_qualifier": MECHKG["objectAspectQualifier"],
    "object_direction_qualifier": MECHKG["objectDirectionQualifier"],
}
"""The property of each Biolink qualifier that completes the mapping of a predicate."""

SEMANTIC_PROPERTIES: Final = {
    "effect": MECHKG["effect"],
    "subject_aspect": MECHKG["subjectAspect"],
    "object_aspect": MECHKG["objectAspect"],
    "role": MECHKG["role"],
    "causal": MECHKG["causal"],
    "walk_backward": MECHKG["walkBackward"],
}
"""The property of each field of a predicate that says how hops of it compose."""

VERB_PROPERTIES: Final = {
    "singular": MECHKG["verbSingular"],
    "plural": MECHKG["verbPlural"],
    "passive": MECHKG["verbPassive"],
    "hedged": MECHKG["verbHedged"],
    "raises": MECHKG["verbRaises"],
    "lowers": MECHKG["verbLowers"],
}
"""The property of each form of a predicate's verb phrase."""

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
        elif OWL["Class"] in types and (BIOLINK.holds(subject) or MECHKG["Category"] in types):
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
    fields: dict[str, Any] = {
        "id": ids[iri],
        "label": triples.value(iri, RDFS["label"]) or words_of(ids[iri]),
        "iri": iri,
        "parents": sorted(ids.get(p, codec.curie(p)) for p in parents),
        "inverse": ids.get(inverse, codec.curie(inverse))
        if inverse
        else triples.value(iri, MECHKG["inverse"]),
        "inverse_label": triples.value(iri, MECHKG["inverseLabel"]),
        "verbs": _texts(triples, iri, VERB_PROPERTIES),
        "valence": triples.value(iri, MECHKG["valence"]) or "neutral",
        "symmetric": OWL["SymmetricProperty"] in types,
        "transitive": OWL["TransitiveProperty"] in types or iri == RDFS["subClassOf"],
        "generic": _true(triples, iri, "generic"),
        "domain": sorted(map(codec.curie, triples.values(iri, MECHKG["domain"]))),
        "range": sorted(map(codec.curie, triples.values(iri, MECHKG["range"]))),
        "mappings": sorted(map(codec.curie, mapped)),
        "biolink_qualifiers": _texts(triples, iri, ASPECT_PROPERTIES),
        "description": triples.value(iri, RDFS["comment"]),
        **_texts(triples, iri, SEMANTIC_PROPERTIES),
        **({"biolink": codec.curie(biolink)} if biolink else {}),
    }
    try:
        return msgspec.convert(fields | ({"sign": int(sign)} if sign else {}), Predicate)
    except ValueError as error:
        reason = f"the predicate {ids[iri]} is not described as it should be ({error})"
        raise triples.error(iri, reason) from error


def _texts(triples: Triples, iri: str, properties: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, term in properties.items() if (text := triples.value(iri, term))}


def _true(triples: Triples, iri: str, name: str) -> bool:
    return triples.value(iri, MECHKG[name]) in {"true", "1"}
