"""The metagraph: which categories are joined by which predicates, and how often."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from mechkg.kg.model.schema import Schema

if TYPE_CHECKING:
    from mechkg.kg.snapshot.snapshot import Snapshot

__all__ = ["METAGRAPH", "MetaEdge", "MetaNode", "Metagraph", "Statements",
           "count_metagraph", "metagraph", "read_metagraph"]  # fmt: skip

METAGRAPH = "metagraph.json"

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


class Statements(NamedTuple):
    """Some statements that can carry a path, as in `mechkg.kg.snapshot.index.Index`."""

    subject: NDArray[np.int32]
    predicate: NDArray[np.uint16]
    object: NDArray[np.int32]
    inferred: NDArray[np.uint8]


def count_metagraph(
    category: NDArray[np.uint16], chunks: Iterable[Statements], schema: Schema
) -> Metagraph:
    """Count the metagraph of some statements, with the category of each entity row.

    A snapshot is built with its metagraph; to read that, use `metagraph`. O(statements); memory
    for one chunk of them.
    """
    entities = np.bincount(category, minlength=len(schema.categories)).tolist()
    counts: dict[tuple[int, int, int], int] = {}
    categories, predicates = max(len(schema.categories), 1), max(len(schema.predicates), 1)
    for chunk in chunks:
        key = category[chunk.subject].astype(np.int64)
        key = key * predicates + chunk.predicate
        key = key * categories + category[chunk.object]
        if chunk.inferred.any():
            key = key[chunk.inferred == 0]
        keys, sums = _counted(key, categories * predicates * categories)
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
    """Return the metagraph that a snapshot was built with; it is read once, not counted."""
    return snapshot.cached(read_metagraph)


def read_metagraph(snapshot: Snapshot) -> Metagraph:
    """Return the metagraph that stands in the directory of a snapshot."""
    text = (snapshot.path / METAGRAPH).read_bytes()
    found = msgspec.json.decode(text, type=Metagraph)
    return msgspec.structs.replace(found, snapshot=snapshot.manifest.hash)
