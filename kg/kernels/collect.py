"""The statements of a hop: all admitted ones between two entities, either way.

The shorter of the two adjacencies is looked at, run by run, with a binary search in each run:
O(predicates * log degree) a hop.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from kg.kernels.arrays import MASKED, NONE, entry, grown, inner, run_end

__all__ = ["collect"]


@inner
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
        if segment.mode == MASKED and segment.mask[pred[x]] == 0:
            x = run
            continue
        e = _first_at(nbr, x, run, w)
        while e < run and nbr[e] == w:
            row = filt.in_row[e] if segment.inward else e
            if len(filt.rows) == 0 or filt.rows[row] != filt.hide:
                if count == len(refs):
                    refs = grown(refs, count, count + 1)
                refs[count] = ~row if turned else row
                count += 1
            e += 1
        x = run
    return refs, count


@inner
def _degree(segment: Any, v: int) -> int:
    return np.int64(segment.ptr[v + 1] - segment.ptr[v])


@entry
def collect(forward: Any, backward: Any, filt: Any, tail: Any, head: Any) -> tuple[Any, Any]:
    """Return ptr (p+1, int64) and refs (int32) of p hops from tail[i] to head[i].

    A ref is a statement row, or ~row where the hop walks it from object to subject.
    """
    ptr = np.zeros(len(tail) + 1, np.int64)
    refs = np.empty(2 * len(tail) + 8, np.int32)
    count = 0
    for i in range(len(tail)):
        v, w = tail[i], head[i]
        if forward.along.mode != NONE:
            if _degree(forward.along, v) <= _degree(backward.along, w):
                refs, count = _between(forward.along, 0, filt, v, w, refs, count)
            else:
                refs, count = _between(backward.along, 0, filt, w, v, refs, count)
        if forward.against.mode != NONE:
            if _degree(forward.against, v) <= _degree(backward.against, w):
                refs, count = _between(forward.against, 1, filt, v, w, refs, count)
            else:
                refs, count = _between(backward.against, 1, filt, w, v, refs, count)
        ptr[i + 1] = count
    return ptr, refs[:count].copy()
