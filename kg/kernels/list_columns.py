"""Kept paths as cells, to be read in words: rows of entities and numbers of predicates.

Paths of one length stand together, fewest hops first, column by column, so that Python makes its
objects from whole columns. O(cells); 4 bytes a cell.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mechkg.kg.jit import entry, inner, leaf
from mechkg.kg.kernels.enumerate import walked
from mechkg.kg.kernels.packed import SIGNS, unpack_rules, unpack_scratch
from mechkg.kg.kernels.types import BANNED, ROLE, SOURCE, TARGET, Watch

__all__ = ["Cells", "listed"]


class Cells(NamedTuple):
    """k paths of at most h hops, as blocks of cells: one for each length, fewest hops first.

    status and total (paths counted) are the survey's. many (h+1, int64): paths of each length.
    entities (int32 rows): for length L a block of L+1 rows with a column a path; labels (int32):
    one of L rows, with p where the hop walks a statement of predicate p, and p + `predicates`
    where it walks one in reverse.
    """

    status: int
    total: int
    many: NDArray[np.int64]
    entities: NDArray[np.int32]
    labels: NDArray[np.int32]


@leaf
def _fill(seen: Any, predicate: Any, predicates: int, cells: Any, start: Any) -> None:
    """Write every path into the column of its blocks; start[0] and start[1] say which is next."""
    kept, compact, swapped, (many, entities, labels) = seen.kept, seen.compact, seen.swapped, cells
    entity, end, ref = compact.entity, compact.end, compact.ref
    chosen = len(kept.choices) > 0
    for i in range(seen.k):
        length = np.int64(kept.lengths[i])
        wide, at, by = many[length], start[0, length], start[1, length]
        start[0, length] += 1
        start[1, length] += 1
        entities[at + (length * wide if swapped else 0)] = entity[kept.root[i]]
        for j in range(length):
            x = kept.edges[i, j]
            hop = length - 1 - j if swapped else j
            said = compact.choice_ref[kept.choices[i, j]] if chosen else ref[x]
            row, turned = (said, 0) if said >= 0 else (~said, predicates)
            entities[at + (hop if swapped else hop + 1) * wide] = entity[end[x]]
            labels[by + hop * wide] = int(predicate[row]) + turned


@inner
def _cells(seen: Any, predicate: Any, predicates: int, hops: int) -> Any:
    """Return the kept paths of a survey as the fields of `Cells`."""
    many, start = np.zeros(hops + 1, np.int64), np.zeros((2, hops + 2), np.int64)
    for i in range(seen.k):
        many[seen.kept.lengths[i]] += 1
    for length in range(hops + 1):
        start[0, length + 1] = start[0, length] + (length + 1) * many[length]
        start[1, length + 1] = start[1, length] + length * many[length]
    entities = np.empty(start[0, hops + 1], np.int32)
    labels = np.empty(start[1, hops + 1], np.int32)
    _fill(seen, predicate, predicates, (many, entities, labels), start)
    return seen.status, seen.counts.sum(), many, entities, labels


@leaf
def _mark(role: Any, rows: Any, bits: int) -> None:
    """Add bits to the roles of some entities, or clear them with 0."""
    for v in rows:
        role[v] = role[v] | bits if bits else 0


@entry
def listed(
    plan: Any, room: Any, ends: Any, hops: int, predicates: int, bounds: Any, watch: Any
) -> Any:
    """Survey a task and return its kept paths, as the fields of `Cells`.

    Plain tuples come and go, `watch` too: to name their fields would take a microsecond each.
    ends: rows of sources, targets and banned entities; bounds: paths kept, paths counted and
    entries looked at, at most. Only via bits must stand in the scratch.
    """
    scratch, silent = unpack_scratch(room), plan.copy()
    silent[SIGNS] = 0
    role = scratch.marks[ROLE]
    _mark(role, ends[2], BANNED)
    _mark(role, ends[0], SOURCE)
    _mark(role, ends[1], TARGET)
    seen = walked(
        silent, room, ends[0], ends[1], hops, bounds[0], bounds[1], bounds[2],
        Watch(watch[0], watch[1], watch[2]),
    )
    for i in range(3):
        _mark(role, ends[i], 0)
    return _cells(seen, unpack_rules(plan).columns.predicate, predicates, hops)
