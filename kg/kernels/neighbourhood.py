"""The neighbourhood of an entity, breadth first: members counted, the first statements kept.

A statement counts where it reaches an entity from one step nearer. Each entity is widened once:
O(entries within reach), no more than the work allowed. No array of the size of the graph is made.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mechkg.kg.jit import entry, inner, leaf
from mechkg.kg.kernels.packed import unpack_rules, unpack_scratch, unpack_steps
from mechkg.kg.kernels.types import (
    AHEAD,
    FAR,
    FINISHED,
    FULL,
    LOCAL,
    MASKED,
    NEAR,
    NONE,
    STOPPED,
    ZERO,
    barred,
    hidden,
    next_run,
    segment_of,
    stopped,
)

__all__ = ["Around", "around"]

_POLL = 1 << 18

# Places in `head`, the kernel's counters.
_QUEUED, _KEPT, _STATEMENTS, _DISTINCT, _WORK = range(5)


class Around(NamedTuple):
    """What stands around an entity.

    status; many (depth+1, int64): entities at each distance; statements: how many reach them; work
    (entries looked at); codes (3, k; int32): subject, predicate, object of the first k, entities
    as places in `entities` (int32 rows); rows (k, int32): their statement rows.
    """

    status: int
    many: NDArray[np.int64]
    statements: int
    work: int
    codes: NDArray[np.int32]
    rows: NDArray[np.int32]
    entities: NDArray[np.int32]


@leaf
def _numbered(local: Any, entities: Any, head: Any, v: int) -> int:
    """Return the place of an entity among those that are told, giving it one if need be."""
    if local[v] < 0:
        local[v] = head[_DISTINCT]
        entities[head[_DISTINCT]] = v
        head[_DISTINCT] += 1
    return int(local[v])


@leaf
def _widen(
    segment: Any, turned: int, rules: Any, scratch: Any, v: int, depth: int, kept: Any, head: Any
) -> int:
    """Reach out from `v` through a segment; return how many entities were reached first."""
    filt, dist, queue = rules.filter, scratch.distance[NEAR], scratch.places[AHEAD]
    codes, rows, entities = kept
    local, fresh = scratch.places[LOCAL], 0
    x, end = segment.ptr[v], segment.ptr[v + 1]
    head[_WORK] += end - x
    while x < end:
        last = end
        if segment.mode == MASKED:
            x, last = next_run(segment.pred, segment.mask, x, end)
        for e in range(x, last):
            u = segment.nbr[e]
            if dist[u] < depth or hidden(filt, segment.inward, e):
                continue
            shown = not barred(filt.classes, filt.category, u)
            if dist[u] == FAR:
                dist[u] = depth
                queue[head[_QUEUED]] = u
                head[_QUEUED] += 1
                fresh += shown
            if not shown:
                continue
            head[_STATEMENTS] += 1
            at = head[_KEPT]
            if at < len(rows):
                head[_KEPT] = at + 1
                rows[at] = filt.in_row[e] if segment.inward else e
                near, far = _numbered(local, entities, head, v), 0
                far = _numbered(local, entities, head, u)
                codes[0, at], codes[2, at] = (far, near) if turned else (near, far)
                codes[1, at] = segment.pred[e]
        x = last
    return fresh


@leaf
def _level(
    along: Any, against: Any, rules: Any, scratch: Any, start: int, stop: int, depth: int,
    kept: Any, many: Any, head: Any, most: int,
) -> int:
    """Widen queue[start:stop], or as much as `most` entries in all allow; return where it ended."""
    queue, i = scratch.places[AHEAD], start
    while i < stop and head[_WORK] <= most:
        if along.mode != NONE:
            many[depth] += _widen(along, 0, rules, scratch, queue[i], depth, kept, head)
        if against.mode != NONE:
            many[depth] += _widen(against, 1, rules, scratch, queue[i], depth, kept, head)
        i += 1
    return i


@inner
def _walked(
    steps: Any, rules: Any, scratch: Any, depth: int, kept: Any, many: Any, head: Any,
    max_work: int, watch: Any,
) -> int:
    """Widen level by level, looking at the watch in between; return the status."""
    along, against = segment_of(steps, 0, 0), segment_of(steps, 1, 0)
    start, stop = ZERO, head[_QUEUED]
    for distance in range(1, depth + 1):
        while start < stop:
            if stopped(watch):
                return STOPPED
            if head[_WORK] > max_work:
                return FULL
            start = _level(
                along, against, rules, scratch, start, stop, distance, kept, many, head,
                min(head[_WORK] + _POLL, max_work),
            )
        stop = head[_QUEUED]
    return FINISHED


@entry
def around(
    plan: Any, room: Any, row: int, depth: int, keep: int, max_work: int, watch: Any
) -> Around:
    """Walk around the entity `row` and keep the first `keep` statements, nearest first.

    Stops with FULL at the first entity past `max_work` entries; counts are lower bounds then.
    """
    steps, rules, scratch = unpack_steps(plan), unpack_rules(plan), unpack_scratch(room)
    many, head = np.zeros(depth + 1, np.int64), np.zeros(5, np.int64)
    room_for = min(2 * keep, scratch.marks.shape[1])
    kept = np.empty((3, keep), np.int32), np.empty(keep, np.int32), np.empty(room_for, np.int32)
    dist, queue, local = scratch.distance[NEAR], scratch.places[AHEAD], scratch.places[LOCAL]
    dist[row], queue[0], head[_QUEUED] = 0, row, 1
    status = _walked(steps, rules, scratch, depth, kept, many, head, max_work, watch)
    for i in range(head[_QUEUED]):
        dist[queue[i]] = FAR
    for i in range(head[_DISTINCT]):
        local[kept[2][i]] = -1
    n = head[_KEPT]
    return Around(
        status, many, head[_STATEMENTS], head[_WORK], kept[0][:, :n].copy(), kept[1][:n].copy(),
        kept[2][: head[_DISTINCT]].copy(),
    )
