"""The statements of a hop: all admitted ones between two entities, either way.

The shorter of the two adjacencies is looked at, run by run, with a binary search in each run:
O(predicates * log degree) a hop.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mechkg.kg.jit import entry, inner, leaf
from mechkg.kg.kernels.packed import unpack_rules, unpack_steps
from mechkg.kg.kernels.types import ALL, NONE, ZERO, grown, hidden, run_end, segment_of

__all__ = ["collect"]


@leaf
def _first_at(nbr: Any, start: int, end: int, w: int) -> int:
    """Return the first place in a sorted slice that holds `w` or more."""
    while start < end:
        middle = (start + end) >> 1
        if nbr[middle] < w:
            start = middle + 1
        else:
            end = middle
    return start


@inner
def _between(
    segment: Any, turned: int, filt: Any, v: int, w: int, refs: Any, count: int
) -> tuple[Any, int]:
    """Append the admitted statements in a segment of `v` whose neighbour is `w`."""
    nbr, pred = segment.nbr, segment.pred
    x, end = segment.ptr[v], segment.ptr[v + 1]
    while x < end:
        run = run_end(pred, x, end)
        if segment.mode == ALL or segment.mask[pred[x]] != 0:
            e = _first_at(nbr, x, run, w)
            while e < run and nbr[e] == w:
                if not hidden(filt, segment.inward, e):
                    row = filt.in_row[e] if segment.inward else e
                    if count == len(refs):
                        refs = grown(refs, count, count + 1)
                    refs[count] = ~row if turned else row
                    count += 1
                e += 1
        x = run
    return refs, count


@entry
def collect(plan: Any, tail: Any, head: Any) -> tuple[Any, Any]:
    """Return ptr (p+1, int64) and refs (int32) of p hops from tail[i] to head[i].

    A ref is a statement row, or ~row where the hop walks it from object to subject; those along
    the hop come first, each kind in the order of predicates.
    """
    steps, filt = unpack_steps(plan), unpack_rules(plan).filter
    ptr = np.zeros(len(tail) + 1, np.int64)
    refs = np.empty(2 * len(tail) + 8, np.int32)
    count = ZERO
    for i in range(len(tail)):
        for turned in range(2):
            v, w = tail[i], head[i]
            segment, other = segment_of(steps, turned, 0), segment_of(steps, turned, 1)
            if segment.mode == NONE:
                continue
            if segment.ptr[v + 1] - segment.ptr[v] > other.ptr[w + 1] - other.ptr[w]:
                segment, v, w = other, w, v
            refs, count = _between(segment, turned, filt, v, w, refs, count)
        ptr[i + 1] = count
    return ptr, refs[:count].copy()
