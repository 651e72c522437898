"""CX2, the Cytoscape Exchange format of NDEx and Cytoscape, version 2.0.

https://cytoscape.org/cx/cx2/specification/cytoscape-exchange-format-specification-(version-2)/
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from mechkg.kg.draw import layout
from mechkg.kg.draw.words import predicate_label
from mechkg.kg.errors import TooLarge
from mechkg.kg.model.schema import Schema
from mechkg.kg.model.values import Entity, Statement, Subgraph
from mechkg.kg.writers.texts import ranks_of

__all__ = ["write"]

_TEXT: Final = {"d": "string"}
_TEXTS: Final = {"d": "list_of_string"}
_NUMBER: Final = {"d": "integer"}
_NUMBERS: Final = {"d": "list_of_integer"}
_DECLARED: Final[Mapping[str, Mapping[str, Mapping[str, str]]]] = {
    "networkAttributes": {
        "name": _TEXT, "description": _TEXT, "version": _TEXT,
        "sources": _TEXTS, "targets": _TEXTS, "credits": _TEXTS,
    },
    "nodes": {
        "name": {"d": "string", "a": "n"}, "represents": {"d": "string", "a": "r"},
        "category": _TEXT, "description": _TEXT, "iri": _TEXT, "synonyms": _TEXTS,
        "xrefs": _TEXTS, "provided_by": _TEXTS, "synonym_kinds_json": _TEXT,
        "attributes_json": _TEXT, "path_rank": _NUMBER, "path_ranks": _NUMBERS,
    },
    "edges": {
        "name": _TEXT, "interaction": {"d": "string", "a": "i"}, "statement": _TEXT,
        "predicate": _TEXT, "sign": _NUMBER, "negated": {"d": "boolean"},
        "inferred": {"d": "boolean"}, "effect": _TEXT, "subject_aspect": _TEXT,
        "object_aspect": _TEXT, "action": _TEXT, "hedge": _TEXT, "modality": _TEXT,
        "context": _TEXTS, "qualifiers": _TEXTS,
        "evidence": _NUMBER, "evidence_kinds": _TEXTS, "sources": _TEXTS,
        "publications": _TEXTS, "titles": _TEXTS, "locations": _TEXTS, "derived_from": _TEXTS,
        "note": _TEXT, "weight": {"d": "double"}, "context_json": _TEXT, "evidence_json": _TEXT,
        "attributes_json": _TEXT, "path_rank": _NUMBER, "path_ranks": _NUMBERS,
    },
}  # fmt: skip

_ALIASES: Final = {
    aspect: {name: said["a"] for name, said in names.items() if "a" in said}
    for aspect, names in _DECLARED.items()
}


def write(subgraph: Subgraph, schema: Schema) -> bytes:
    """Return a CX2 document without fragments.

    Nodes and edges are numbered from 0, as CX2 asks; `represents` is the CURIE of an entity,
    `statement` the identifier of a statement. Nodes stand where `mechkg.kg.draw` puts them, where a
    picture can hold them. Values that are empty, and a sign that is unknown, are left out.

    >>> write(Subgraph(entities=(), statements=()), Schema())[:41]
    b'[{"CXVersion":"2.0","hasFragments":false}'
    """
    number = {entity.id: i for i, entity in enumerate(subgraph.entities)}
    names = {entity.id: entity.name or entity.id for entity in subgraph.entities}
    places = _places(subgraph, schema)
    ranked = ranks_of(subgraph).lists
    nodes = [
        {"id": i, **places.get(entity.id, {}), "v": _short("nodes", _node(entity) | ranked(entity))}
        for i, entity in enumerate(subgraph.entities)
    ]
    edges = [
        {
            "id": i,
            "s": number[one.subject],
            "t": number[one.object],
            "v": _short(
                "edges",
                _edge(one, names, predicate_label(one.predicate, schema)) | ranked(one),
            ),
        }
        for i, one in enumerate(subgraph.statements)
    ]
    aspects: dict[str, list[Any]] = {
        "attributeDeclarations": [_DECLARED],
        "networkAttributes": [_network(subgraph)],
        "nodes": nodes,
        "edges": edges,
        "visualProperties": [_LOOK],
    }
    counted = [{"name": name, "elementCount": len(rows)} for name, rows in aspects.items()]
    document: list[dict[str, Any]] = [
        {"CXVersion": "2.0", "hasFragments": False},
        {"metaData": counted},
        *({name: rows} for name, rows in aspects.items()),
        {"status": [{"error": "", "success": True}]},
    ]
    return msgspec.json.encode(document)


_LOOK: Final[Mapping[str, Any]] = {
    "default": {
        "network": {"NETWORK_BACKGROUND_COLOR": "#FFFFFF"},
        "node": {"NODE_SHAPE": "round-rectangle", "NODE_LABEL_COLOR": "#1A1A1A"},
        "edge": {"EDGE_TARGET_ARROW_SHAPE": "triangle", "EDGE_LINE_COLOR": "#4D4D4D"},
    },
    "nodeMapping": {
        "NODE_LABEL": {"type": "PASSTHROUGH", "definition": {"attribute": "name"}},
    },
    "edgeMapping": {
        "EDGE_LABEL": {"type": "PASSTHROUGH", "definition": {"attribute": "interaction"}},
    },
}


def _network(subgraph: Subgraph) -> dict[str, Any]:
    return _filled(
        name=subgraph.title or "MechKG",
        version=subgraph.snapshot,
        sources=list(subgraph.sources),
        targets=list(subgraph.targets),
        credits=list(subgraph.credits),
    )


def _node(entity: Entity) -> dict[str, Any]:
    return _filled(
        name=entity.name or entity.id,
        represents=entity.id,
        category=entity.category,
        description=entity.description,
        iri=entity.iri,
        synonyms=list(entity.synonyms),
        xrefs=list(entity.xrefs),
        provided_by=list(entity.provided_by),
        synonym_kinds_json=_json(entity.synonym_kinds),
        attributes_json=_json(entity.attributes),
    )


def _edge(statement: Statement, names: Mapping[str, str], label: str) -> dict[str, Any]:
    evidence = statement.evidence
    words = f"not: {label}" if statement.negated else label
    return _filled(
        name=f"{names[statement.subject]} {words} {names[statement.object]}",
        interaction=words,
        statement=statement.id,
        predicate=statement.predicate,
        sign=statement.sign,
        effect=statement.effect,
        subject_aspect=statement.subject_aspect,
        object_aspect=statement.object_aspect,
        action=statement.action,
        hedge=statement.hedge,
        negated=statement.negated,
        inferred=bool(statement.derived_from),
        modality=statement.modality,
        context=[f"{c.type}={c.label or c.value}" for c in statement.context],
        qualifiers=[f"{q.type}={q.value}" for q in statement.qualifiers],
        evidence=len(evidence),
        evidence_kinds=_distinct(e.kind for e in evidence),
        sources=_distinct(e.source for e in evidence),
        publications=_distinct(p for e in evidence for p in e.publications),
        titles=_distinct(t for e in evidence for t in e.titles),
        locations=_distinct(e.location for e in evidence),
        derived_from=list(statement.derived_from),
        note=statement.note,
        weight=None if statement.weight == 1 else statement.weight,
        context_json=_json(statement.context),
        evidence_json=_json(evidence),
        attributes_json=_json(statement.attributes),
    )


def _json(value: Any) -> str:
    """Return a value that has no other form here as JSON, an empty one as an empty text."""
    return msgspec.json.encode(value, order="sorted").decode() if value else ""


def _distinct(texts: Iterable[str]) -> list[str]:
    return [text for text in dict.fromkeys(texts) if text]


def _filled(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in (None, "", [])}


def _short(aspect: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values under the aliases that are declared for them."""
    aliases = _ALIASES[aspect]
    return {aliases.get(name, name): value for name, value in values.items()}


def _places(subgraph: Subgraph, schema: Schema) -> dict[str, dict[str, float]]:
    try:
        placed = layout(subgraph, schema)
    except TooLarge:
        return {}
    return {box.id: {"x": box.x, "y": box.y} for box in placed.boxes}
