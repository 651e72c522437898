"""How far two sets of entities are apart, however many hops that takes.

Breadth first from both ends, always on the side that is cheaper to widen (Pohl, Bi-directional
search, Machine Intelligence 6, 1971). O(entries) at worst, each entity widened at most once.
"""

from __future__ import annotations

from typing import Any

from mechkg.kg.jit import entry, inner
from mechkg.kg.kernels.count_walks import wide
from mechkg.kg.kernels.types import FAR, FINISHED, FULL, NONE, STOPPED, ZERO, run_end, stopped

__all__ = ["APART", "distance"]

APART = -1
"""No number of hops joins the two sets."""

_POLL = 1 << 18
_MOST = 120


@inner
def _widen(
    segment: Any,
    dist: Any,
    other: Any,
    queue: Any,
    start: int,
    stop: int,
    count: int,
    depth: int,
    watch: Any,
) -> tuple[int, bool, bool]:
    """Append what a segment reaches first; say whether the other side was met, and done in time."""
    met, work = False, 0
    if segment.mode == NONE:
        return count, met, True
    ptr, nbr, pred, mask = segment.ptr, segment.nbr, segment.pred, segment.mask
    for i in range(start, stop):
        x, end = ptr[queue[i]], ptr[queue[i] + 1]
        work += end - x
        if work > _POLL:
            work = 0
            if stopped(watch):
                return count, met, False
        while x < end:
            run = run_end(pred, x, end) if len(mask) else end
            if len(mask) and mask[pred[x]] == 0:
                x = run
                continue
            for e in range(x, run):
                w = nbr[e]
                if dist[w] != FAR:
                    continue
                dist[w] = depth
                queue[count] = w
                count += 1
                met = met or other[w] != FAR
            x = run
    return count, met, True


@inner
def _begin(queue: Any, dist: Any, roots: Any) -> None:
    for i in range(len(roots)):
        queue[i] = roots[i]
        dist[roots[i]] = 0


@inner
def _next_level(
    view: Any, here: Any, there: Any, queue: Any, start: int, stop: int, level: int, watch: Any
) -> tuple[int, bool, bool]:
    """Widen one side by a level; return its new end, whether the sides met, whether in time."""
    end, met, ok = _widen(view.along, here, there, queue, start, stop, stop, level, watch)
    if ok:
        end, more, ok = _widen(view.against, here, there, queue, start, stop, end, level, watch)
        met = met or more
    return end, met, ok


@entry
def distance(
    forward: Any,
    backward: Any,
    dist: Any,
    queue: Any,
    sources: Any,
    targets: Any,
    max_work: int,
    watch: Any,
) -> tuple[int, int]:
    """Return status and the fewest hops from a source to a target, `APART` where none will do.

    FULL after `max_work` entries, STOPPED by the watch: then the number is a lower bound, less
    one. Only predicates count as filters. dist (2, n; int8) must hold FAR everywhere; queue
    (2, n; int32) anything.
    """
    ahead, behind, near, far = queue[0], queue[1], dist[0], dist[1]
    na, nb, a, b, work = len(sources), len(targets), 0, 0, 0
    a0, b0 = ZERO, ZERO
    met, ok, status = False, True, FINISHED
    _begin(ahead, near, sources)
    _begin(behind, far, targets)
    for v in targets:
        met = met or near[v] == 0
    while not met and a0 < na and b0 < nb and a + b < _MOST:
        here, there = wide(forward, ahead, a0, na), wide(backward, behind, b0, nb)
        work += min(here, there)
        if work > max_work:
            status = FULL
            break
        if here <= there:
            a += 1
            end, met, ok = _next_level(forward, near, far, ahead, a0, na, a, watch)
            a0, na = na, end
        else:
            b += 1
            end, met, ok = _next_level(backward, far, near, behind, b0, nb, b, watch)
            b0, nb = nb, end
        if not ok:
            status = STOPPED
            break
    if status == FINISHED and not met:
        return status, APART
    return status, a + b
