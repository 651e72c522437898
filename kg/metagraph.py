"""The metagraph: which categories are joined by which predicates, and how often."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np
from numpy.typing import NDArray

from kg.index import Index
from kg.schema import Schema

if TYPE_CHECKING:
    from kg.snapshot import Snapshot

__all__ = ["METAGRAPH", "MetaEdge", "MetaNode", "Metagraph", "count_metagraph", "metagraph"]

METAGRAPH = "metagraph.json"

CHUNK = 1 << 22
"""Statements that are counted at once."""

FEW_KEYS = 1 << 20
"""Kinds of joins that are counted in place; more are sorted."""


class MetaNode(msgspec.Struct, frozen=True):
    """A category with the number of its entities (those of lower categories not counted)."""

    category: str
    label: str
    entities: int


class MetaEdge(msgspec.Struct, frozen=True):
    """How many statements join entities of two categories by a predicate."""

    subject: str
    predicate: str
    object: str
    statements: int


class Metagraph(msgspec.Struct, frozen=True, kw_only=True):
    """Categories and the joins between them, each kind most frequent first.

    Asserted statements that are not negated are counted.

    >>> Metagraph(nodes=(), edges=(), snapshot="").edges
    ()
    """

    nodes: tuple[MetaNode, ...]
    edges: tuple[MetaEdge, ...]
    snapshot: str = ""


def count_metagraph(index: Index, schema: Schema) -> Metagraph:
    """Count the metagraph of an index; O(statements), memory for `CHUNK` of them.

    A snapshot is built with its metagraph; to read that, use `metagraph`.
    """
    entities = np.bincount(index.category, minlength=len(schema.categories)).tolist()
    counts: dict[tuple[int, int, int], int] = {}
    categories, predicates = max(len(schema.categories), 1), max(len(schema.predicates), 1)
    for begin in range(0, index.carrying, CHUNK):
        part = slice(begin, min(begin + CHUNK, index.carrying))
        key = index.category[index.subject[part]].astype(np.int64)
        key = key * predicates + index.predicate[part]
        key = key * categories + index.category[index.object[part]]
        keys, sums = _counted(key[index.inferred[part] == 0], categories * predicates * categories)
        for packed, count in zip(keys.tolist(), sums.tolist(), strict=True):
            rest, obj = divmod(packed, categories)
            subject, predicate = divmod(rest, predicates)
            triple = (subject, predicate, obj)
            counts[triple] = counts.get(triple, 0) + count
    edges = [
        MetaEdge(schema.categories[s].id, schema.predicates[p].id, schema.categories[o].id, count)
        for (s, p, o), count in counts.items()
    ]
    nodes = [
        MetaNode(category.id, category.label, count)
        for category, count in zip(schema.categories, entities, strict=True)
        if count
    ]
    return Metagraph(
        nodes=tuple(sorted(nodes, key=lambda n: (-n.entities, n.category))),
        edges=tuple(sorted(edges, key=lambda e: (-e.statements, e.subject, e.predicate, e.object))),
    )


def _counted(keys: NDArray[np.int64], size: int) -> tuple[NDArray[np.integer], NDArray[np.integer]]:
    """Return the distinct ones of some keys below `size`, and how often each occurs."""
    if size > FEW_KEYS:
        return np.unique(keys, return_counts=True)
    sums = np.bincount(keys, minlength=size)
    found = np.flatnonzero(sums)
    return found, sums[found]


def metagraph(snapshot: Snapshot) -> Metagraph:
    """Return the metagraph that a snapshot was built with; it is read, not counted."""
    text = (snapshot.path / METAGRAPH).read_bytes()
    found = msgspec.json.decode(text, type=Metagraph)
    return msgspec.structs.replace(found, snapshot=snapshot.manifest.hash)
