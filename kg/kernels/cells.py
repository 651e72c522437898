"""Kept paths as cells, to be read in words: numbers of predicates and of distinct entities.

Paths of one length stand together, fewest hops first, column by column, so that Python makes its
objects from whole columns. O(cells); 4 bytes a cell, no array of the size of the graph.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kg.kernels.arrays import BANNED, LOCAL, ROLE, SOURCE, TARGET, entry, inner, leaf
from kg.kernels.packed import SIGNS, unpack_rules, unpack_scratch
from kg.kernels.survey import survey

__all__ = ["Cells", "listed"]


class Cells(NamedTuple):
    """k paths of at most h hops in codes: predicates, predicates in reverse, then entities.

    status and total (paths counted) are the survey's. many (h+1, int64): paths of each length.
    order (k, int32): which of the kept paths stands where. codes (int32): for each length L a
    block of 2L+1 rows, entity and predicate in turns, with a column a path. entities (int32 rows):
    what the codes from 2 * predicates on stand for. nodes (k, h+1; int32, -1 padded): the
    entities of each kept path.
    """

    status: int
    total: int
    many: NDArray[np.int64]
    order: NDArray[np.int32]
    codes: NDArray[np.int32]
    entities: NDArray[np.int32]
    nodes: NDArray[np.int32]


@leaf
def _fill(
    found: Any, predicate: Any, predicates: int, local: Any, cells: Cells, start: Any, base: Any
) -> int:
    """Write every path into its block; return how many distinct entities there are."""
    nodes, refs, lengths, many = found.nodes, found.refs, found.lengths, cells.many
    order, codes, entities, used = cells.order, cells.codes, cells.entities, 0
    for i in range(len(lengths)):
        length = lengths[i]
        wide, at = many[length], base[length]
        base[length] += 1
        order[start[length]] = i
        start[length] += 1
        for j in range(length + 1):
            v = nodes[i, j]
            if local[v] < 0:
                local[v] = used
                entities[used] = v
                used += 1
            codes[at + 2 * j * wide] = 2 * predicates + local[v]
        for j in range(length):
            ref = refs[i, j]
            code = int(predicate[ref]) if ref >= 0 else int(predicate[~ref]) + predicates
            codes[at + (2 * j + 1) * wide] = code
    return used


@inner
def _cells(found: Any, predicate: Any, predicates: int, local: Any) -> Cells:
    """Return the kept paths of a survey as cells; `local` is -1 and stays so."""
    hops, count = found.refs.shape[1], len(found.lengths)
    many = np.zeros(hops + 1, np.int64)
    for length in found.lengths:
        many[length] += 1
    start, base = np.zeros((2, hops + 2), np.int64)
    for length in range(hops + 1):
        start[length + 1] = start[length] + many[length]
        base[length + 1] = base[length] + (2 * length + 1) * many[length]
    cells = Cells(
        found.status, found.counts.sum(), many, np.empty(count, np.int32),
        np.empty(base[hops + 1], np.int32),
        np.empty(min(count * (hops + 1), len(local)), np.int32), found.nodes,
    )
    used = _fill(found, predicate, predicates, local, cells, start, base)
    for i in range(used):
        local[cells.entities[i]] = -1
    return Cells(
        found.status, cells.total, many, cells.order, cells.codes, cells.entities[:used],
        found.nodes,
    )


@leaf
def _mark(role: Any, rows: Any, bits: int) -> None:
    """Add bits to the roles of some entities, or clear them with 0."""
    for v in rows:
        role[v] = role[v] | bits if bits else 0


@entry
def listed(
    plan: Any, room: Any, ends: Any, hops: int, predicates: int, bounds: Any, watch: Any
) -> Cells:
    """Survey a task and return its kept paths as cells.

    ends: rows of sources, targets and banned entities; bounds: paths kept, paths counted and
    entries looked at, at most. Only via bits must stand in the scratch.
    """
    scratch, silent = unpack_scratch(room), plan.copy()
    silent[SIGNS] = 0
    role = scratch.marks[ROLE]
    _mark(role, ends[2], BANNED)
    _mark(role, ends[0], SOURCE)
    _mark(role, ends[1], TARGET)
    found = survey(
        silent, room, ends[0], ends[1], hops, bounds[0], bounds[1], bounds[2], watch
    )
    for i in range(3):
        _mark(role, ends[i], 0)
    predicate = unpack_rules(plan).columns.predicate
    return _cells(found, predicate, predicates, scratch.places[LOCAL])
