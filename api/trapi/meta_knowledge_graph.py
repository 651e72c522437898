"""What a graph can be asked: categories with their prefixes, and how predicates join them."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
from msgspec import UNSET, UnsetType

from mechkg.api.trapi.biolink import terms_of
from mechkg.kg.snapshot.metagraph import metagraph
from mechkg.kg.snapshot.snapshot import Snapshot

__all__ = ["MetaKnowledgeGraph", "meta_knowledge_graph"]


class MetaAttribute(msgspec.Struct, frozen=True, kw_only=True):
    """An attribute that edges or nodes may have."""

    attribute_type_id: str
    constraint_use: bool = True
    constraint_name: str


class MetaNode(msgspec.Struct, frozen=True):
    """A category: how its entities are identified, and what is said of them."""

    id_prefixes: list[str]
    attributes: list[MetaAttribute]


class MetaQualifier(msgspec.Struct, frozen=True):
    """A qualifier with its values."""

    qualifier_type_id: str
    applicable_values: list[str]


class MetaEdge(msgspec.Struct, frozen=True, kw_only=True):
    """Which categories a predicate joins."""

    subject: str
    predicate: str
    object: str
    knowledge_types: list[str]
    attributes: list[MetaAttribute]
    qualifiers: list[MetaQualifier] | UnsetType = UNSET


class MetaKnowledgeGraph(msgspec.Struct, frozen=True):
    """Nodes by category, and edges."""

    nodes: dict[str, MetaNode]
    edges: list[MetaEdge]


def meta_knowledge_graph(snapshot: Snapshot) -> bytes:
    """Return the meta knowledge graph as JSON; made on first use and kept with the snapshot.

    O(entities) once, for the prefixes.
    """
    return snapshot.cached(_encoded)


def _encoded(snapshot: Snapshot) -> bytes:
    return msgspec.json.encode(MetaKnowledgeGraph(_nodes(snapshot), _edges(snapshot)))


def _nodes(snapshot: Snapshot) -> dict[str, MetaNode]:
    prefixes: dict[str, set[str]] = {}
    emitted = terms_of(snapshot).category
    curie = snapshot.records.curie
    for row, code in enumerate(np.asarray(snapshot.index.category).tolist()):
        prefixes.setdefault(emitted[code], set()).add(curie(row).partition(":")[0])
    return {name: MetaNode(sorted(prefixes[name]), _NODE) for name in sorted(prefixes)}


def _edges(snapshot: Snapshot) -> list[MetaEdge]:
    terms = terms_of(snapshot)
    categories = {c.id: name for c, name in _zip(snapshot.schema.categories, terms.category)}
    predicates = {p.id: name for p, name in _zip(snapshot.schema.predicates, terms.predicate)}
    own = {p.id: p for p in snapshot.schema.predicates}
    types = ["lookup", "inferred"] if snapshot.manifest.counts.inferred else ["lookup"]
    found: dict[tuple[str, str, str], dict[str, set[str]]] = {}
    for edge in metagraph(snapshot).edges:
        key = categories[edge.subject], predicates[edge.predicate], categories[edge.object]
        values = found.setdefault(key, {})
        for kind, value in own[edge.predicate].biolink_qualifiers.items():
            values.setdefault(f"biolink:{kind}", set()).add(value)
    return [
        MetaEdge(
            subject=subject,
            predicate=predicate,
            object=obj,
            knowledge_types=types,
            attributes=_EDGE,
            qualifiers=[MetaQualifier(k, sorted(v)) for k, v in sorted(values.items())] or UNSET,
        )
        for (subject, predicate, obj), values in sorted(found.items())
    ]


def _zip(terms: Any, names: list[str]) -> Any:
    return zip(terms, names, strict=True)


def _attribute(kind: str, name: str) -> MetaAttribute:
    return MetaAttribute(attribute_type_id=kind, constraint_name=name)


_NODE = [
    _attribute("biolink:description", "description"),
    _attribute("biolink:synonym", "synonym"),
    _attribute("biolink:xref", "cross-reference"),
]
_EDGE = [
    _attribute("biolink:publications", "publications"),
    _attribute("biolink:original_predicate", "predicate in the graph's own words"),
    _attribute("mechkg:statement", "statement identifier"),
    _attribute("mechkg:modality", "modality"),
    _attribute("mechkg:sign", "sign of the effect"),
    _attribute("mechkg:source_passage", "passage of the source"),
]
