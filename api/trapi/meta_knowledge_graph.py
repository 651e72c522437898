"""What queries a graph can answer: categories with their prefixes, and how predicates join them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec
import numpy as np
from msgspec import UNSET, UnsetType

from mechkg.api.trapi.biolink import terms_of
from mechkg.api.trapi.edges import Edge, EdgeEncoder
from mechkg.kg.snapshot.snapshot import Snapshot

__all__ = ["MetaKnowledgeGraph", "meta_knowledge_graph"]

CHUNK: Final = 1 << 20
"""Statements that are sorted into kinds at once."""

MAX_VALUES: Final = 500
"""Values of a qualifier that are listed."""


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
    """A qualifier with its values, which are left out where there are more than `MAX_VALUES`."""

    qualifier_type_id: str
    applicable_values: list[str] | UnsetType = UNSET


class MetaEdge(msgspec.Struct, frozen=True, kw_only=True):
    """Which categories a predicate joins, and what its edges carry.

    The last three came after the published text of 2.0.0-beta, with translator-tom 2.2.
    """

    subject: str
    predicate: str
    object: str
    knowledge_types: list[str]
    attributes: list[MetaAttribute]
    qualifiers: list[MetaQualifier] | UnsetType = UNSET
    knowledge_levels: list[str] | UnsetType = UNSET
    agent_types: list[str] | UnsetType = UNSET
    sources: list[str] | UnsetType = UNSET


class MetaKnowledgeGraph(msgspec.Struct, frozen=True):
    """Nodes by category, and edges."""

    nodes: dict[str, MetaNode]
    edges: list[MetaEdge]


def meta_knowledge_graph(snapshot: Snapshot, version: str) -> bytes:
    """Return the meta knowledge graph as JSON; made on first use and kept with the snapshot.

    O(entities + statements) once; some seconds for a million statements with evidence of their own.
    """
    newer, older = snapshot.cached(_encoded)
    return older if version == "1.6" else newer


def _encoded(snapshot: Snapshot) -> tuple[bytes, bytes]:
    """Return the meta knowledge graph of 2.0 and that of 1.6, whose edges have fewer members."""
    nodes, edges = _nodes(snapshot), _edges(snapshot)
    none = {"knowledge_levels": UNSET, "agent_types": UNSET, "sources": UNSET}
    older = [msgspec.structs.replace(edge, **none) for edge in edges]
    return (
        msgspec.json.encode(MetaKnowledgeGraph(nodes, edges)),
        msgspec.json.encode(MetaKnowledgeGraph(nodes, older)),
    )


def _nodes(snapshot: Snapshot) -> dict[str, MetaNode]:
    prefixes: dict[str, set[str]] = {}
    emitted = terms_of(snapshot).category
    curie = snapshot.records.curie
    for row, code in enumerate(np.asarray(snapshot.index.category).tolist()):
        prefixes.setdefault(emitted[code], set()).add(curie(row).partition(":")[0])
    return {name: MetaNode(sorted(prefixes[name]), _NODE) for name in sorted(prefixes)}


class _Kind:
    """What the edges of one meta edge carry, gathered statement by statement."""

    def __init__(self) -> None:
        self.types: set[str] = set()
        self.levels: set[str] = set()
        self.agents: set[str] = set()
        self.sources: set[str] = set()
        self.qualifiers: dict[str, set[str]] = {}

    def add(self, edge: Edge, *, inferred: bool) -> None:
        """Add what one edge carries."""
        self.types.add("inferred" if inferred else "lookup")
        self.levels.add(edge.knowledge_level)
        self.agents.add(edge.agent_type)
        self.sources.update(source.resource_id for source in edge.sources)
        for qualifier in edge.qualifiers or ():
            values = self.qualifiers.setdefault(qualifier.qualifier_type_id, set())
            values.add(qualifier.qualifier_value)


def _edges(snapshot: Snapshot) -> list[MetaEdge]:
    encoder, terms = EdgeEncoder.of(snapshot), terms_of(snapshot)
    index, records = snapshot.index, snapshot.records
    kinds: dict[tuple[str, str, str], _Kind] = {}
    for row in _examples(snapshot):
        subject, obj = (index.category[ends[row]] for ends in (index.subject, index.object))
        key = terms.category[subject], terms.predicate[index.predicate[row]], terms.category[obj]
        edge = encoder.edge(records.statement(row))
        kinds.setdefault(key, _Kind()).add(edge, inferred=bool(index.inferred[row]))
    return [_meta_edge(key, kind) for key, kind in sorted(kinds.items())]


def _examples(snapshot: Snapshot) -> Iterator[int]:
    """Yield one statement row of each kind: equal categories, predicate, columns and claim."""
    index, schema = snapshot.index, snapshot.schema
    category = np.asarray(index.category, np.int64)
    seen: set[tuple[int, int]] = set()
    for start in range(0, index.carrying, CHUNK):
        stop = min(start + CHUNK, index.carrying)
        key = category[index.subject[start:stop]]
        for codes, count in (
            (index.predicate[start:stop], len(schema.predicates)),
            (category[index.object[start:stop]], len(schema.categories)),
            (np.asarray(index.sign[start:stop], np.int64) % 4, 4),
            (index.inferred[start:stop], 2),
        ):
            key = key * count + codes
        claims = snapshot.records.claim_codes(start, stop)
        pairs, first = np.unique(np.stack((key, claims)), axis=1, return_index=True)
        for pair, row in zip(zip(*pairs.tolist(), strict=True), first.tolist(), strict=True):
            if pair not in seen:
                seen.add(pair)
                yield start + row


def _meta_edge(key: tuple[str, str, str], kind: _Kind) -> MetaEdge:
    subject, predicate, obj = key
    qualifiers = [
        MetaQualifier(name, sorted(values) if len(values) <= MAX_VALUES else UNSET)
        for name, values in sorted(kind.qualifiers.items())
    ]
    return MetaEdge(
        subject=subject,
        predicate=predicate,
        object=obj,
        knowledge_types=sorted(kind.types, reverse=True),
        attributes=_EDGE,
        qualifiers=qualifiers or UNSET,
        knowledge_levels=sorted(kind.levels),
        agent_types=sorted(kind.agents),
        sources=sorted(kind.sources),
    )


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
