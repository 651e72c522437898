"""A graph at a glance: how much it holds, of what, from where, and what can be queried of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from mechkg.kg.model.values import PathEntity
from mechkg.kg.ranking.generic import is_classification
from mechkg.kg.snapshot.index import Index, entries_of
from mechkg.kg.snapshot.metagraph import MetaEdge, MetaNode, metagraph
from mechkg.kg.snapshot.snapshot import Snapshot, Source

__all__ = ["ExampleQuestion", "LinkedEntity", "Overview", "overview"]

MOST_LINKED: Final = 12
MOST_RELATIONS: Final = 60
MOST_EXAMPLES: Final = 5
ENDS: Final = 8
"""Entities, each of another category, that an example may start from or lead to."""
HOPS: Final = 3
MAX_ENTRIES: Final = 2_000_000
"""Statements that are followed to see what an example may lead to: some 50 ms."""

Rows = NDArray[np.int32]


class LinkedEntity(msgspec.Struct, frozen=True):
    """An entity with the number of asserted statements that it takes part in."""

    id: str
    name: str
    category: str
    statements: int


class ExampleQuestion(msgspec.Struct, frozen=True):
    """Two entities of different categories that are joined in at least two hops."""

    source: PathEntity
    target: PathEntity


class Overview(msgspec.Struct, frozen=True, kw_only=True):
    """A graph at a glance: all of it is counted from the graph.

    `statements` are asserted ones, `inferred` those added by reasoning. `categories` are all,
    `relations` the most frequent ones between categories, of `relations_total`; `linked` are the
    entities in most statements, `examples` questions that have an answer.

    >>> Overview(graph="g", snapshot="", entities=0, statements=0, inferred=0).examples
    ()
    """

    graph: str
    snapshot: str
    entities: int
    statements: int
    inferred: int
    categories: tuple[MetaNode, ...] = ()
    relations: tuple[MetaEdge, ...] = ()
    relations_total: int = 0
    linked: tuple[LinkedEntity, ...] = ()
    sources: tuple[Source, ...] = ()
    examples: tuple[ExampleQuestion, ...] = ()


def overview(snapshot: Snapshot) -> Overview:
    """Return a graph at a glance; counted once for a snapshot. O(entities + 2 million entries)."""
    return snapshot.cached(_count)


def _count(snapshot: Snapshot) -> Overview:
    manifest, joined = snapshot.manifest, metagraph(snapshot)
    return Overview(
        graph=manifest.name,
        snapshot=manifest.hash,
        entities=manifest.counts.entities,
        statements=manifest.counts.statements,
        inferred=manifest.counts.inferred,
        categories=joined.nodes,
        relations=joined.edges[:MOST_RELATIONS],
        relations_total=len(joined.edges),
        linked=tuple(_linked(snapshot)),
        sources=manifest.sources,
        examples=tuple(_examples(snapshot)),
    )


def _linked(snapshot: Snapshot) -> Iterator[LinkedEntity]:
    degree = snapshot.index.degree
    for row in _largest(degree, MOST_LINKED):
        entity = snapshot.records.path_entity(int(row))
        yield LinkedEntity(entity.id, entity.name, entity.category, int(degree[row]))


def _largest(values: NDArray[np.integer], count: int) -> NDArray[np.intp]:
    """Return the positions of the largest values above 0, largest first, ties by position."""
    kept = min(count, len(values))
    if not kept:
        return np.zeros(0, np.intp)
    least = max(int(np.partition(values, len(values) - kept)[len(values) - kept]), 1)
    rows = np.flatnonzero(values >= least)
    found: NDArray[np.intp] = rows[np.lexsort((rows, -values[rows].astype(np.int64)))][:kept]
    return found


def _examples(snapshot: Snapshot) -> Iterator[ExampleQuestion]:
    """Yield questions from well-linked entities to others, each end once.

    Asserted statements join them, none of taxonomy: those that a search takes by default.
    """
    index = snapshot.index
    mechanism = np.array([not is_classification(p) for p in snapshot.schema.predicates], np.bool_)
    carrying = slice(0, index.carrying)
    used = index.inferred[carrying] == 0
    if index.carrying:
        used &= mechanism[index.predicate[carrying]]
    size = index.entities
    outgoing = np.bincount(index.subject[carrying][used], minlength=size)
    targets = _one_per_category(index, np.bincount(index.object[carrying][used], minlength=size))
    taken: set[int] = set()
    for source in _one_per_category(index, outgoing):
        near, far = _reached(index, used, source)
        for target in targets:
            differs = index.category[source] != index.category[target]
            if differs and target in far and target not in near and not {source, target} & taken:
                taken |= {source, target}
                records = snapshot.records
                yield ExampleQuestion(records.path_entity(source), records.path_entity(target))
                break
        if len(taken) >= 2 * MOST_EXAMPLES:
            return


def _one_per_category(index: Index, statements: NDArray[np.int64]) -> list[int]:
    """Return the most linked entity of each of the most linked categories, most linked first."""
    found: dict[int, int] = {}
    for row in _largest(statements, 64 * ENDS).tolist():
        found.setdefault(int(index.category[row]), row)
    return list(found.values())[:ENDS]


def _reached(index: Index, used: NDArray[np.bool_], source: int) -> tuple[set[int], set[int]]:
    """Return what lies one hop from an entity, and what lies two or three."""
    near: set[int] = set()
    frontier = np.array([source], np.int32)
    seen = np.zeros(index.entities, np.bool_)
    seen[source] = True
    entries = 0
    for hop in range(HOPS):
        at = entries_of(index.out_ptr, frontier)
        entries += len(at)
        if entries > MAX_ENTRIES:
            break
        reached: Rows = np.unique(index.object[at[used[at]]])
        frontier = reached[~seen[reached]]
        seen[frontier] = True
        if hop == 0:
            near = set(frontier.tolist())
    return near, set(np.flatnonzero(seen).tolist()) - near - {source}
