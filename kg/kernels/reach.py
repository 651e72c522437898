"""Bounded distances from both ends of a query, growing whichever side is cheaper.

With `ahead` levels from the sources and `behind` levels from the targets, ahead + behind = hops - 1,
every path of at most `hops` hops has all its entities among the reached ones. Each entity is
expanded at most once: O(entries of the expanded entities).
"""

from __future__ import annotations

from typing import Any, NamedTuple


from kg.kernels.arrays import FAR, FINISHED, FULL, MASKED, NONE, STOPPED, inner, run_end, stopped

__all__ = ["Reach", "clean_reach", "dearness", "grow"]

_POLL = 1 << 18
"""Entries between two looks at the clock."""


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


@inner
def _expand(
    segment: Any, filt: Any, role: Any, dist: Any, queue: Any, start: int, stop: int, count: int,
    depth: int, watch: Any,
) -> int:
    """Append to `queue` what a segment of queue[start:stop] reaches first; negative if stopped."""
    ptr, nbr, pred, mask = segment.ptr, segment.nbr, segment.pred, segment.mask
    rows, classes, category = filt.rows, filt.classes, filt.category
    work = 0
    for i in range(start, stop):
        x, end = ptr[queue[i]], ptr[queue[i] + 1]
        work += end - x
        if work > _POLL:
            work = 0
            if stopped(watch):
                return -count
        while x < end:
            run = run_end(pred, x, end) if segment.mode == MASKED else end
            if segment.mode == MASKED and mask[pred[x]] == 0:
                x = run
                continue
            for e in range(x, run):
                w = nbr[e]
                if dist[w] <= depth or role[w] != 0:
                    continue
                if len(classes) and classes[category[w]] == 0:
                    continue
                if len(rows) and rows[filt.in_row[e] if segment.inward else e] == filt.hide:
                    continue
                dist[w] = depth
                queue[count] = w
                count += 1
            x = run
    return count


@inner
def dearness(view: Any, queue: Any, start: int, stop: int) -> int:
    """Return how many entries a step from queue[start:stop] may look at."""
    total = 0
    if view.along.mode != NONE:
        ptr = view.along.ptr
        for i in range(start, stop):
            total += ptr[queue[i] + 1] - ptr[queue[i]]
    if view.against.mode != NONE:
        ptr = view.against.ptr
        for i in range(start, stop):
            total += ptr[queue[i] + 1] - ptr[queue[i]]
    return total


@inner
def _level(
    view: Any, filt: Any, role: Any, dist: Any, queue: Any, start: int, stop: int, depth: int,
    watch: Any,
) -> int:
    """Expand one level through both segments; return the new length, negative if stopped."""
    count = stop
    if view.along.mode != NONE:
        count = _expand(
            view.along, filt, role, dist, queue, start, stop, count, depth, watch
        )
    if view.against.mode != NONE and count >= 0:
        count = _expand(
            view.against, filt, role, dist, queue, start, stop, count, depth, watch
        )
    return count


@inner
def grow(
    forward: Any, backward: Any, filt: Any, scratch: Any, sources: Any, targets: Any, hops: int,
    max_work: int, watch: Any,
) -> Reach:
    """Fill `near`, `far`, `ahead` and `behind` of the scratch; roles must be set already.

    Stops with FULL when the next level would look at more than `max_work` entries in all.
    """
    ahead, behind = scratch.ahead, scratch.behind
    na, nb = len(sources), len(targets)
    for i in range(na):
        ahead[i] = sources[i]
        scratch.near[sources[i]] = 0
    for i in range(nb):
        behind[i] = targets[i]
        scratch.far[targets[i]] = 0
    a = b = a0 = b0 = work = 0
    ca, cb = dearness(forward, ahead, 0, na), dearness(backward, behind, 0, nb)
    status = FINISHED
    while a + b < hops - 1:
        work += min(ca, cb)
        if work > max_work:
            return Reach(FULL, a, b, na, nb, ca, cb, work)
        if ca <= cb:
            a += 1
            count = _level(forward, filt, scratch.role, scratch.near, ahead, a0, na, a, watch)
            a0, na = na, abs(count)
            ca = dearness(forward, ahead, a0, na)
        else:
            b += 1
            count = _level(backward, filt, scratch.role, scratch.far, behind, b0, nb, b, watch)
            b0, nb = nb, abs(count)
            cb = dearness(backward, behind, b0, nb)
        if count < 0:
            status = STOPPED
            break
    return Reach(status, a, b, na, nb, ca, cb, work)


@inner
def clean_reach(scratch: Any, reach: Any) -> None:
    """Set the distances that `grow` wrote back to FAR."""
    for i in range(reach.n_ahead):
        scratch.near[scratch.ahead[i]] = FAR
    for i in range(reach.n_behind):
        scratch.far[scratch.behind[i]] = FAR
