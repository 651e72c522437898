"""What the kernels take and give: named tuples of arrays, and the inner tools that all share.

A search never sees texts. It walks two `Segment`s for each step, the first along statements in the
direction of the path, the second against it, so that no merged copy of the adjacency is needed:
walking backwards from the targets is the same with the two adjacencies exchanged. Entries of an
entity stand in runs of one predicate, so a predicate that is not admitted costs one gallop.

Costs are integers (`UNIT` to the point of score), which makes sums exact in any order. The search
key of a path is `cost * LENGTHS + hops`: a shorter path wins among equals.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
from numba import njit, types
from numpy.typing import NDArray

__all__ = [
    "ALL",
    "FAR",
    "INF",
    "LENGTHS",
    "MASKED",
    "NONE",
    "SOURCE",
    "TARGET",
    "BANNED",
    "UNIT",
    "Columns",
    "Filter",
    "Pattern",
    "Rules",
    "Scratch",
    "Segment",
    "View",
    "Watch",
]

UNIT: Final = 100_000
"""Cost units to one point of score."""

LENGTHS: Final = 16
"""Search keys are `cost * LENGTHS + hops`; larger than any number of hops."""

INF: Final = 1 << 30
"""No potential: larger than the key of any admissible path (int32)."""

FAR: Final = 127
"""No distance (int8)."""

NONE, ALL, MASKED = 0, 1, 2
"""Modes of a segment: walk nothing, everything, or the admitted predicates."""

SOURCE, TARGET, BANNED = 1, 2, 4
"""Roles of an entity (bits); an entity with any role is never between the ends of a path."""

NO_SIGN, RAISES, LOWERS, UNKNOWN = 0, 1, 2, 3
"""Codes of signs: none, +1, -1, not known."""

RUNNING, FINISHED, STOPPED, FULL = 0, 1, 2, 3
"""How a kernel came back: still able to go on, done, asked to stop, out of the memory given."""


class Segment(NamedTuple):
    """One adjacency with its predicate filter.

    ptr (n+1, int64), nbr (int32), pred (uint16), mask (uint8 a predicate); mode NONE, ALL or
    MASKED; inward 1 where entry x belongs to statement row `in_row[x]`, 0 where x is the row.
    """

    ptr: NDArray[np.int64]
    nbr: NDArray[np.int32]
    pred: NDArray[np.uint16]
    mask: NDArray[np.uint8]
    mode: int
    inward: int


class View(NamedTuple):
    """The two segments of a step: along the path's direction, then against it."""

    along: Segment
    against: Segment


class Pattern(NamedTuple):
    """A position automaton (Glushkov 1961): bit p of a mask stands for the p-th hop of a metapath.

    along, against (int64 a predicate) and arrive (int64 a category) say which positions a hop and
    the entity that it arrives at may take; follow and before (64, int64) which position may come
    next and which may have come before; first and last where a path may begin and end. `on` is 0
    where any path will do; `size` counts positions.
    """

    on: int
    size: int
    first: int
    last: int
    follow: NDArray[np.int64]
    before: NDArray[np.int64]
    along: NDArray[np.int64]
    against: NDArray[np.int64]
    arrive: NDArray[np.int64]


class Filter(NamedTuple):
    """Which statements and which entities between the ends are admitted; an empty table is off.

    in_row as in the index; rows (uint8 a statement row) hides a statement where it equals `hide`;
    category as in the index; classes (uint8 a category) admits entities between the ends.
    """

    in_row: NDArray[np.int32]
    rows: NDArray[np.uint8]
    hide: int
    category: NDArray[np.uint16]
    classes: NDArray[np.uint8]


class Columns(NamedTuple):
    """Columns of statements, cost of entities, and what a hop costs.

    predicate (rows, uint16), sign (rows, int8), doubt (rows, float32), symmetric (uint8 a
    predicate), cost (n, int32: units of an entity between the ends). A hop costs `hop` units and
    `scale` units times the least doubt of its statements.
    """

    predicate: NDArray[np.uint16]
    sign: NDArray[np.int8]
    doubt: NDArray[np.float32]
    symmetric: NDArray[np.uint8]
    cost: NDArray[np.int32]
    hop: int
    scale: float


class Rules(NamedTuple):
    """What a path must satisfy as a whole.

    class_via (uint8 a category) are the via bits that a category brings between the ends; `need`
    is the mask of all via bits.
    """

    filter: Filter
    columns: Columns
    pattern: Pattern
    class_via: NDArray[np.uint8]
    need: int
    min_hops: int


class Watch(NamedTuple):
    """When to stop: flag (uint8, 1 element, set by another thread), deadline (monotonic ns)."""

    flag: NDArray[np.uint8]
    deadline: int


class Scratch(NamedTuple):
    """Arrays of one search at a time, one element an entity (32 bytes), all clean between uses.

    role, via (uint8, 0), near, far (int8, FAR), local, slot (int32, -1), ahead, behind, queue,
    spare (int32, any), mark (int32, 0). Roles and via bits are set by the caller.
    """

    role: NDArray[np.uint8]
    via: NDArray[np.uint8]
    near: NDArray[np.int8]
    far: NDArray[np.int8]
    local: NDArray[np.int32]
    slot: NDArray[np.int32]
    ahead: NDArray[np.int32]
    behind: NDArray[np.int32]
    queue: NDArray[np.int32]
    spare: NDArray[np.int32]
    mark: NDArray[np.int32]


inner = njit(nogil=True, inline="always", error_model="numpy")
"""Compiled into its callers only."""

inlined = njit(nogil=True, inline="always", error_model="numpy")
"""Copied into its callers: for what runs once an entity, where a call costs more than the work."""

entry = njit(cache=True, nogil=True, no_cfunc_wrapper=True, error_model="numpy")
"""Called from Python, without the GIL; compiled code is kept on disk."""

_clock = types.ExternalFunction("clock_gettime", types.int32(types.int32, types.intp))
_MONOTONIC: Final = 1
_BILLION: Final = 1_000_000_000


@inner
def stopped(watch: Any) -> bool:
    """Say whether the caller has asked to stop or the time is up."""
    if watch.flag[0] != 0:
        return True
    now = np.empty(2, np.int64)
    _clock(np.int32(_MONOTONIC), now.ctypes.data)
    return now[0] * _BILLION + now[1] > watch.deadline


@inner
def run_end(pred: Any, start: int, end: int) -> int:
    """Return the first entry after `start` of another predicate, by galloping; O(log run)."""
    value = pred[start]
    step = 1
    low = start
    while low + step < end and pred[low + step] == value:
        low += step
        step *= 2
    high = min(low + step, end)
    while high - low > 1:
        middle = (low + high) >> 1
        if pred[middle] == value:
            low = middle
        else:
            high = middle
    return high


@inner
def union(table: Any, mask: int, size: int) -> int:
    """Return the union of `table[p]` over the bits p of a mask."""
    found = 0
    for p in range(size):
        if (mask >> p) & 1:
            found |= table[p]
    return found


@inner
def grown(array: Any, used: int, wanted: int) -> Any:
    """Return an array with room for `wanted` elements that keeps the first `used`."""
    larger = np.empty(max(wanted, 2 * len(array)), array.dtype)
    for i in range(used):
        larger[i] = array[i]
    return larger
