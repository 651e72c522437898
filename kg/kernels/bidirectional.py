"""Bounded distances from both ends of a query, growing whichever side is cheaper.

With `ahead` levels from the sources and `behind` levels from the targets, ahead + behind = hops
- 1, every path of at most `hops` hops has all its entities among the reached ones. Each entity is
expanded at most once: O(entries of the expanded entities).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from mechkg.kg.jit import inner, leaf
from mechkg.kg.kernels.types import (
    AHEAD,
    BEHIND,
    FAR,
    FINISHED,
    FULL,
    FURTHER,
    MASKED,
    NEAR,
    NONE,
    ROLE,
    STOPPED,
    ZERO,
    barred,
    hidden,
    next_run,
    segment_of,
    stopped,
)

__all__ = ["Reach", "clean_reach", "grow"]

_POLL = 1 << 18
"""Entries between two looks at the clock."""

_WIDENING = 4
"""How many times as many entries the next level is taken to have, at least."""


class Reach(NamedTuple):
    """How far each side went: levels, entities reached, cost to go on, entries looked at."""

    status: int
    ahead: int
    behind: int
    n_ahead: int
    n_behind: int
    dear_ahead: int
    dear_behind: int
    work: int


@leaf
def _expand(
    segment: Any, filt: Any, role: Any, dist: Any, queue: Any, start: int, stop: int, count: int,
    depth: int, watch: Any,
) -> int:
    """Append to `queue` what a segment of queue[start:stop] reaches first; negative if stopped."""
    ptr, nbr, pred, mask = segment.ptr, segment.nbr, segment.pred, segment.mask
    classes, category, work = filt.classes, filt.category, 0
    for i in range(start, stop):
        x, end = ptr[queue[i]], ptr[queue[i] + 1]
        work += end - x
        if work > _POLL:
            work = 0
            if stopped(watch):
                return -count
        while x < end:
            last = end
            if segment.mode == MASKED:
                x, last = next_run(pred, mask, x, end)
            for e in range(x, last):
                w = nbr[e]
                if dist[w] <= depth or role[w] != 0 or barred(classes, category, w):
                    continue
                if hidden(filt, segment.inward, e):
                    continue
                dist[w] = depth
                queue[count] = w
                count += 1
            x = last
    return count


@inner
def _dearness(steps: Any, backward: int, queue: Any, start: int, stop: int) -> int:
    """Return how many entries a step from queue[start:stop] may look at."""
    total = 0
    for turned in range(2):
        segment = segment_of(steps, turned, backward)
        if segment.mode != NONE:
            ptr = segment.ptr
            for i in range(start, stop):
                total += ptr[queue[i] + 1] - ptr[queue[i]]
    return total


@inner
def _level(
    steps: Any, backward: int, filt: Any, scratch: Any, start: int, stop: int, depth: int,
    watch: Any,
) -> int:
    """Expand one level of a side; return the new length of its queue, negative if stopped."""
    count = stop
    role, dist = scratch.marks[ROLE], scratch.distance[FURTHER if backward else NEAR]
    queue = scratch.places[BEHIND if backward else AHEAD]
    for turned in range(2):
        segment = segment_of(steps, turned, backward)
        if segment.mode != NONE and count >= 0:
            count = _expand(
                segment, filt, role, dist, queue, start, stop, count, depth, watch
            )
    return count


@leaf
def _to_come(dear: Any, wider: Any, side: int, levels: int, whole: int) -> int:
    """Return how many entries the next levels and joining the two sides may look at.

    The larger of two guesses: each level is `_WIDENING` times as wide as the one before, or each
    side goes on to widen as it did last.
    """
    one, other, total = dear[0], dear[1], 0
    for _ in range(levels):
        if one <= other:
            total += one
            one = min(one * wider[0], whole)
        else:
            total += other
            other = min(other * wider[1], whole)
    return max(total + min(one, other), min(dear[side] * _WIDENING**levels, whole))


@inner
def grow(
    steps: Any, filt: Any, scratch: Any, sources: Any, targets: Any, hops: int, max_work: int,
    watch: Any,
) -> Reach:
    """Fill the distances and queues of both sides; roles must be set already.

    Stops with FULL when the levels to come would look at more than `max_work` entries in all, so
    that little is looked at in vain.
    """
    queues = scratch.places[AHEAD : BEHIND + 1]
    length, begun, depth, dear = np.zeros((4, 2), np.int64)
    for side in range(2):
        ends = targets if side else sources
        for i in range(len(ends)):
            queues[side, i] = ends[i]
            scratch.distance[side, ends[i]] = 0
        length[side] = len(ends)
        dear[side] = _dearness(steps, side, queues[side], ZERO, len(ends))
    status, work = FINISHED, 0
    whole = 2 * (len(steps.out_nbr) + len(steps.in_nbr))
    wider = np.full(2, _WIDENING)
    while depth[0] + depth[1] < hops - 1 and status == FINISHED:
        side = 0 if dear[0] <= dear[1] else 1
        levels = hops - 1 - depth[0] - depth[1]
        if work + _to_come(dear, wider, side, levels, whole) > max_work:
            status = FULL
            break
        work += dear[side]
        depth[side] += 1
        count = _level(
            steps, side, filt, scratch, begun[side], length[side], depth[side], watch
        )
        if count < 0:
            status = STOPPED
        begun[side], length[side] = length[side], abs(count)
        before = max(dear[side], 1)
        dear[side] = _dearness(steps, side, queues[side], begun[side], length[side])
        wider[side] = max(_WIDENING, dear[side] // before)
    return Reach(
        status, depth[0], depth[1], length[0], length[1], dear[0], dear[1], work
    )


@leaf
def clean_reach(scratch: Any, reach: Any) -> None:
    """Set the distances that `grow` wrote back to FAR."""
    for i in range(reach.n_ahead):
        scratch.distance[NEAR, scratch.places[AHEAD, i]] = FAR
    for i in range(reach.n_behind):
        scratch.distance[FURTHER, scratch.places[BEHIND, i]] = FAR
