"""How many walks lead to each entity, from the sources and from the targets.

Level by level, always on the side that is cheaper to widen, as far as the work allows. Walks of
statements are counted: parallel ones count apart, and entities may come again.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mechkg.kg.jit import entry, inner
from mechkg.kg.kernels.types import (
    FINISHED,
    FULL,
    MASKED,
    NONE,
    STOPPED,
    ZERO,
    barred,
    grown,
    hidden,
    next_run,
    stopped,
)

__all__ = ["Spread", "View", "spread", "wide", "width"]

_POLL = 63
"""One entity in so many looks at the watch."""


class View(NamedTuple):
    """The two segments of a step: along the path's direction, then against it."""

    along: Any
    against: Any


class Spread(NamedTuple):
    """Walks counted from both ends.

    ahead[i, v] (float64, flat by level) are walks of i hops from the sources to entity v, behind
    likewise to the targets; queue_a, queue_b (int32) hold the entities of all levels one level
    after the other, cut_a, cut_b (int64) where each level begins; wide_a, wide_b (int64) how many
    entries a step from each level looks at. `a` and `b` levels are there beside level 0.
    """

    status: int
    a: int
    b: int
    work: int
    ahead: NDArray[np.float64]
    behind: NDArray[np.float64]
    queue_a: NDArray[np.int32]
    queue_b: NDArray[np.int32]
    cut_a: NDArray[np.int64]
    cut_b: NDArray[np.int64]
    wide_a: NDArray[np.int64]
    wide_b: NDArray[np.int64]


@inner
def width(segment: Any, v: int) -> int:
    """Return how many entries a segment of `v` has."""
    if segment.mode == NONE:
        return 0
    return int(segment.ptr[v + 1] - segment.ptr[v])


@inner
def wide(view: Any, queue: Any, start: int, stop: int) -> int:
    """Return how many entries a step from queue[start:stop] may look at."""
    total = 0
    for i in range(start, stop):
        total += width(view.along, queue[i]) + width(view.against, queue[i])
    return total


@inner
def _step(
    segment: Any,
    filt: Any,
    role: Any,
    n: int,
    level: int,
    count: Any,
    queue: Any,
    cut: Any,
    used: int,
    watch: Any,
) -> tuple[Any, int]:
    """Add to level + 1 the walks that a segment leads on to; negative if stopped."""
    nbr, pred, mask = segment.nbr, segment.pred, segment.mask
    for i in range(cut[level], cut[level + 1]):
        if i & _POLL == _POLL and stopped(watch):
            return queue, -1
        v = queue[i]
        walks = count[level * n + v]
        x, end = segment.ptr[v], segment.ptr[v + 1]
        if used + end - x > len(queue):
            queue = grown(queue, used, used + end - x)
        while x < end:
            last = end
            if segment.mode == MASKED:
                x, last = next_run(pred, mask, x, end)
            for e in range(x, last):
                u = nbr[e]
                out = role[u] != 0 or barred(filt.classes, filt.category, u)
                if out or hidden(filt, segment.inward, e):
                    continue
                at = (level + 1) * n + u
                if count[at] == 0.0:
                    queue[used] = u
                    used += 1
                count[at] += walks
            x = last
    return queue, used


@inner
def _level(
    view: Any,
    filt: Any,
    role: Any,
    n: int,
    level: int,
    count: Any,
    queue: Any,
    cut: Any,
    watch: Any,
) -> tuple[Any, bool]:
    """Count one level more; return the queue and whether it was done in time."""
    used = cut[level + 1]
    if view.along.mode != NONE:
        queue, used = _step(view.along, filt, role, n, level, count, queue, cut, used, watch)
    if view.against.mode != NONE and used >= 0:
        queue, used = _step(view.against, filt, role, n, level, count, queue, cut, used, watch)
    cut[level + 2] = max(used, cut[level + 1])
    return queue, used >= 0


@inner
def _rooted(view: Any, roots: Any, hops: int, count: Any) -> tuple[Any, Any, Any]:
    """Count the walk of no hop at each root; return queue, cuts and widths with level 0."""
    cut, widths = np.zeros(hops + 2, np.int64), np.zeros(hops + 1, np.int64)
    queue = roots.copy()
    cut[1] = len(roots)
    for v in roots:
        count[v] = 1.0
    widths[0] = wide(view, queue, ZERO, len(roots))
    return queue, cut, widths


@entry
def spread(
    forward: Any,
    backward: Any,
    rules: Any,
    role: Any,
    sources: Any,
    targets: Any,
    hops: int,
    ahead: Any,
    behind: Any,
    max_work: int,
    watch: Any,
) -> Spread:
    """Count walks from both ends until one hop is left between them.

    role (uint8 an entity) is 0 where it may stand between the ends.

    `ahead` and `behind` are zeros, one level after the other (hops * entities, float64): the
    caller's, so that pages that no walk comes to are never touched. FULL where the next level would
    look at more than `max_work` entries in all.
    """
    n = len(role)
    queue_a, cut_a, wide_a = _rooted(forward, sources, hops, ahead)
    queue_b, cut_b, wide_b = _rooted(backward, targets, hops, behind)
    a, b, work = ZERO, ZERO, 0
    status, ok = FINISHED, True
    while a + b < hops - 1:
        if work + min(wide_a[a], wide_b[b]) > max_work:
            status = FULL
            break
        work += min(wide_a[a], wide_b[b])
        if wide_a[a] <= wide_b[b]:
            queue_a, ok = _level(forward, rules.filter, role, n, a, ahead, queue_a, cut_a, watch)
            a += 1
            wide_a[a] = wide(forward, queue_a, cut_a[a], cut_a[a + 1])
        else:
            queue_b, ok = _level(backward, rules.filter, role, n, b, behind, queue_b, cut_b, watch)
            b += 1
            wide_b[b] = wide(backward, queue_b, cut_b[b], cut_b[b + 1])
        if not ok:
            status = STOPPED
            break
    return Spread(status, a, b, work, ahead, behind, queue_a, queue_b, cut_a, cut_b, wide_a, wide_b)
