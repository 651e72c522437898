"""What the kernels take and give: named tuples of arrays, and the inner tools that all share.

A search never sees texts. For each step it walks two `Segment`s: statements along the direction of
the path, then statements against it, so that no merged copy of the adjacency is needed; walking
backwards from the targets is the same with the two adjacencies exchanged. Entries of an entity
stand in runs of one predicate, so a predicate that is not admitted costs one gallop.

Costs are integers (`UNIT` to the point of score), which makes sums exact in any order. The search
key of a path is `cost * LENGTHS + hops`: a shorter path wins among equals.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
from numba import types
from numpy.typing import NDArray

from mechkg.kg.jit import inlined, inner, leaf

__all__ = [
    "ALL",
    "BANNED",
    "FAR",
    "INF",
    "LENGTHS",
    "MASKED",
    "NONE",
    "SOURCE",
    "TARGET",
    "UNIT",
    "ZERO",
    "Columns",
    "Filter",
    "Pattern",
    "Rules",
    "Scratch",
    "Segment",
    "Steps",
    "Transitions",
    "Watch",
]

UNIT: Final = 100_000
"""Cost units to one point of score."""

LENGTHS: Final = 16
"""Search keys are `cost * LENGTHS + hops`; larger than any number of hops."""

ZERO: Final[Any] = np.int64(0)
"""Where a number begins that is handed to an inner kernel: for a literal, numba would compile it
once more."""

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

START, END = 0, 0
"""The `leave` of the begin of a path, and the `enter` of its end, in `Transitions`."""

RAISE_BIT, LOWER_BIT, NONE_BIT, UNKNOWN_BIT = 1, 2, 4, 8
"""The signs that a hop or a path may have, as bits of a set."""

ROLE, VIA = 0, 1
"""Rows of `Scratch.marks`."""

NEAR, FURTHER = 0, 1
"""Rows of `Scratch.distance`: from the sources, to the targets."""

LOCAL, SLOT, AHEAD, BEHIND, QUEUE, PLACED, MARK = range(7)
"""Rows of `Scratch.places`."""


class Steps(NamedTuple):
    """Both adjacencies and the predicates that a path may walk along and against.

    The arrays of `kg.snapshot.index`; along, against (uint8 a predicate) are looked at where the
    mode is MASKED. With `reverse` 1 paths are walked from their ends to their sources; the
    direction in which a path takes a statement stays that of the path.
    """

    out_ptr: NDArray[np.int64]
    out_nbr: NDArray[np.int32]
    out_pred: NDArray[np.uint16]
    in_ptr: NDArray[np.int64]
    in_nbr: NDArray[np.int32]
    in_pred: NDArray[np.uint16]
    along: NDArray[np.uint8]
    against: NDArray[np.uint8]
    along_mode: int
    against_mode: int
    reverse: int


class Segment(NamedTuple):
    """One adjacency with its predicate filter.

    `inward` is 1 where entry x belongs to statement row `in_row[x]`, 0 where x is the row.
    """

    ptr: NDArray[np.int64]
    nbr: NDArray[np.int32]
    pred: NDArray[np.uint16]
    mask: NDArray[np.uint8]
    mode: int
    inward: int


class Pattern(NamedTuple):
    """A position automaton (Glushkov 1961): bit p of a mask stands for the p-th hop of a metapath.

    next (2, 64; int64) says which positions may follow, and which may come before; hop (2,
    predicates; int64) which positions a predicate may take along and against the path; arrive
    (int64 a category) which ones may arrive there; first and last where a path may begin and end.
    `on` is 0 where any path will do; `size` counts positions.
    """

    on: int
    size: int
    first: int
    last: int
    next: NDArray[np.int64]
    hop: NDArray[np.int64]
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
    predicate), cost (n, int32: units of an entity between the ends), toll (int32 units a
    predicate; empty for none). A statement costs `hop` units, `scale` units times its doubt and
    the toll of its predicate, a hop the least of its statements. With an empty `sign`, a survey
    looks up neither signs nor doubts.
    """

    predicate: NDArray[np.uint16]
    sign: NDArray[np.int8]
    doubt: NDArray[np.float32]
    symmetric: NDArray[np.uint8]
    cost: NDArray[np.int32]
    toll: NDArray[np.int32]
    hop: int
    scale: float


class Transitions(NamedTuple):
    """Which hop may follow which, and what that costs; `on` is 0 where any hop may.

    Each statement has a kind (`kind`, uint16 a statement row; empty: its predicate), and each kind
    offers hop classes in each direction: those with numbers option[turned, kind] up to
    option[turned, kind + 1] (2, kinds + 1; int32), `turned` being 1 against the statement's
    direction. A statement without a class in a direction is not walked so.

    A class c costs units[c] (int32) on top of the hop; enter[c] and leave[c] (uint16) are its
    column and row of the table of steps; effect[c] (uint8) is what it does to the sign of the
    path, 0 where the statement says it itself, else bits of signs.

    step (groups, enters, leaves; int32 keys, INF forbids) is what it costs that a class with
    that `enter` follows one with that `leave` over an entity of group[v] (uint8 an entity). Leave
    START stands for the begin of a path, enter END for its end, so that step[g, e, START] is the
    cost to begin with a class and step[g, END, l] that to end with one. back (groups, leaves,
    enters) is the same transposed.

    gate (2, most of enters and leaves; int64) has one bit of 64 for each `enter` (row 0) and each
    `leave` (row 1); opens (2, groups, most of leaves and enters; int64) is the union of the gates
    that may follow a `leave` (0), or come before an `enter` (1). Kinds may share a bit: both only
    tell which steps lead nowhere.
    """

    on: int
    enters: int
    leaves: int
    kind: NDArray[np.uint16]
    option: NDArray[np.int32]
    enter: NDArray[np.uint16]
    leave: NDArray[np.uint16]
    units: NDArray[np.int32]
    effect: NDArray[np.uint8]
    group: NDArray[np.uint8]
    step: NDArray[np.int32]
    back: NDArray[np.int32]
    gate: NDArray[np.int64]
    opens: NDArray[np.int64]


class Rules(NamedTuple):
    """What a path must satisfy and what it costs.

    class_via (uint8 a category) are the via bits that a category brings between the ends; `need`
    is the mask of all via bits.
    """

    filter: Filter
    columns: Columns
    pattern: Pattern
    transitions: Transitions
    class_via: NDArray[np.uint8]
    need: int
    min_hops: int


class Watch(NamedTuple):
    """When to stop: flag (uint8, 1 element, set by another thread), deadline (monotonic ns).

    `clock` (2, int64) is where the time is read into; a watch serves one thread at a time.
    """

    flag: NDArray[np.uint8]
    deadline: int
    clock: NDArray[np.int64]


class Scratch(NamedTuple):
    """Room for one search at a time: 32 bytes an entity, clean between uses.

    marks (2, n; uint8): ROLE and VIA bits, 0, set by the caller. distance (2, n; int8): NEAR and
    FURTHER, FAR. places (7, n; int32): LOCAL and SLOT, -1; MARK, 0; the others anything.
    """

    marks: NDArray[np.uint8]
    distance: NDArray[np.int8]
    places: NDArray[np.int32]


_clock: Any = types.ExternalFunction("clock_gettime", types.int32(types.int32, types.intp))
_MONOTONIC: Final = 1
_BILLION: Final = 1_000_000_000


@leaf
def stopped(watch: Any) -> bool:
    """Say whether the caller has asked to stop or the time is up."""
    if watch.flag[0] != 0:
        return True
    _clock(np.int32(_MONOTONIC), watch.clock.ctypes.data)
    late: bool = watch.clock[0] * _BILLION + watch.clock[1] > watch.deadline
    return late


@inner
def segment_of(steps: Any, turned: int, backward: int) -> Segment:
    """Return the entries that a step may take: along or against (`turned`), from either end."""
    mask, mode = steps.along, steps.along_mode
    if turned:
        mask, mode = steps.against, steps.against_mode
    if turned == backward ^ steps.reverse:
        return Segment(steps.out_ptr, steps.out_nbr, steps.out_pred, mask, mode, 0)
    return Segment(steps.in_ptr, steps.in_nbr, steps.in_pred, mask, mode, 1)


@leaf
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


@leaf
def next_run(pred: Any, mask: Any, start: int, end: int) -> tuple[int, int]:
    """Return the next admitted entries from `start` on as a slice, (end, end) if there are none."""
    while start < end:
        stop = run_end(pred, start, end)
        if mask[pred[start]] != 0:
            return start, stop
        start = stop
    return end, end


@inlined
def barred(classes: Any, category: Any, v: int) -> bool:
    """Say whether an entity's category keeps it from standing between the ends."""
    return len(classes) > 0 and classes[category[v]] == 0


@inlined
def hidden(filt: Any, inward: int, e: int) -> bool:
    """Say whether the statement filter takes an entry out."""
    return len(filt.rows) > 0 and filt.rows[filt.in_row[e] if inward else e] == filt.hide


@leaf
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


@leaf
def via_of(rules: Any, marks: Any, v: int) -> int:
    """Return the via bits that an entity satisfies; its category's only between the ends."""
    found = np.int64(marks[VIA, v])
    if marks[ROLE, v] == 0:
        found |= np.int64(rules.class_via[rules.filter.category[v]])
    return int(found)


@leaf
def takes(pattern: Any, predicate: int, turned: int, category: int) -> int:
    """Return the positions that a statement may take on the way to an entity of a category."""
    return int(pattern.hop[turned, predicate] & pattern.arrive[category])
