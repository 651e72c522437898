"""Least costs of known walks, the bound on what is not known, and what to fetch next.

A path that is not wholly known has a first hop that is not, whose start u is reached by known hops
from a source, and a last such hop, from whose end w known hops lead to a target. Neither u is
expanded outward nor w inward, and u is not w, since a path visits no entity twice. So it costs at
least

    L = min over i + j + 1 <= H of ahead[i, u] + hop + behind[j, w]

where ahead[i, u] is the least cost of a known walk of i hops from a source to u, and behind[j, w]
that of one of j hops from w to a target, each with the cost of its end. Once L is above the k-th
best key of known paths, these are the k best of the whole graph: nobody fetched decides otherwise.
The rule that stops a bidirectional search by a sum of two radii (Pohl 1971) is the case of one
label an entity; the labels are counted by hops here, and exclude what is expanded.

What a query asks beyond predicates and direction only removes paths or adds costs, so L stays a
lower bound without regard to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mechkg.kg.kernels.types import LENGTHS

__all__ = ["FAR", "Arcs", "Ends", "Front", "behind_of", "frontier", "labels", "lower_bound", "plan",
           "through"]  # fmt: skip

FAR: Final = np.int64(1) << 40
"""The cost of what no walk reaches, in units."""

Units = NDArray[np.int64]
Mask = NDArray[np.bool_]


class Arcs(NamedTuple):
    """Known steps that a query may take: tail, head (rows) and units of each (int64)."""

    tail: Units
    head: Units
    units: Units


class Ends(NamedTuple):
    """Which entities are sources and which are targets (n, bool)."""

    source: Mask
    target: Mask


def labels(arcs: Arcs, ends: Ends, cost: Units, hops: int) -> Units:
    """Return the least cost of known walks of 0 to `hops` hops from a source (hops + 1, n; int64).

    The cost of the end is included where it is no target; no source or target lies between the
    ends of a walk. O(hops * arcs). (Bellman 1958, by number of hops.)

    >>> arcs = Arcs(*(np.array(a) for a in ([0, 1], [1, 2], [10, 10])))
    >>> ends = Ends(np.array([True, False, False]), np.array([False, False, True]))
    >>> labels(arcs, ends, np.array([5, 5, 5]), 2)[2].tolist()[2]
    25
    """
    found = np.full((hops + 1, len(cost)), FAR, np.int64)
    found[0, ends.source] = 0
    entered = ~ends.source[arcs.head] | ends.target[arcs.head]
    tail, head = arcs.tail[entered], arcs.head[entered]
    step = arcs.units[entered] + np.where(ends.target[head], 0, cost[head])
    inner = ~ends.target[tail]
    for hop in range(1, hops + 1):
        value = found[hop - 1, tail] + step
        open_ = found[hop - 1, tail] < FAR
        if hop > 1:
            open_ &= inner
        np.minimum.at(found[hop], head[open_], value[open_])
    return found


def behind_of(arcs: Arcs, ends: Ends, cost: Units, hops: int) -> Units:
    """Return the least cost of known walks to a target: `labels` against the direction."""
    turned = Arcs(arcs.head, arcs.tail, arcs.units)
    return labels(turned, Ends(ends.target, ends.source), cost, hops)


def through(arcs: Arcs, ahead: Units, behind: Units) -> Units:
    """Return the least key of a known walk over each arc, `FAR * LENGTHS` where there is none.

    O(hops * arcs).
    """
    hops = len(ahead) - 1
    nothing = FAR * LENGTHS
    least = np.full(len(arcs.tail), nothing, np.int64)
    keys = behind * LENGTHS + np.arange(hops + 1)[:, None]
    best = np.minimum.accumulate(np.where(behind < FAR, keys, nothing), axis=0)
    for hop in range(hops):
        rest = best[hops - 1 - hop, arcs.head]
        begun = ahead[hop, arcs.tail]
        key = (begun + arcs.units) * LENGTHS + hop + 1 + rest
        least = np.minimum(least, np.where((begun < FAR) & (rest < nothing), key, nothing))
    return least


@dataclass(frozen=True, slots=True)
class Front:
    """The labels of entities that are not expanded: where an unknown hop may begin, and end.

    ahead, behind (hops, n; int64 units, `FAR` where none); `hop` is the least that a hop costs.
    """

    ahead: Units
    behind: Units
    hop: int

    @property
    def hops(self) -> int:
        """The most hops of a path."""
        return len(self.ahead)


def frontier(
    ahead: Units, behind: Units, ends: Ends, expanded: tuple[Mask, Mask], hop: int
) -> Front:
    """Return the labels of those who are not expanded outward, and inward."""
    begin, end = ahead[:-1].copy(), behind[:-1].copy()
    begin[:, expanded[0]] = FAR
    end[:, expanded[1]] = FAR
    begin[1:, ends.target] = FAR
    end[1:, ends.source] = FAR
    return Front(begin, end, hop)


def lower_bound(front: Front) -> int:
    """Return the least key of a path with an unknown hop, `FAR * LENGTHS` where there is none.

    O(hops * n). The two least labels of each level suffice, as two ends are distinct.
    """
    begins, ends = _two_least(front.ahead), _two_least(front.behind)
    least = int(FAR * LENGTHS)
    for i in range(front.hops):
        for j in range(front.hops - i):
            (x, u, x2), (y, w, y2) = begins[i], ends[j]
            total = x + y if u != w else min(x + y2, x2 + y)
            if x < FAR and y < FAR and total < FAR:
                least = min(least, (total + front.hop) * LENGTHS + i + j + 1)
    return least


def _two_least(levels: Units) -> list[tuple[int, int, int]]:
    """Return the least label of each level, its entity, and the least of another entity."""
    found = []
    for level in levels:
        if len(level) == 0:
            found.append((int(FAR), -1, int(FAR)))
            continue
        row = int(np.argmin(level))
        others = np.delete(level, row)
        found.append((int(level[row]), row, int(others.min(initial=FAR))))
    return found


def _least_keys(front: Front) -> tuple[Units, Units]:
    """Return the least key of a path whose first unknown hop begins at an entity, or last ends."""
    nothing = np.int64(FAR)
    ahead, behind = front.ahead, front.behind
    begins = np.full(ahead.shape[1], nothing)
    ends = begins.copy()
    least_end = np.minimum.accumulate(behind.min(axis=1, initial=nothing))
    least_begin = np.minimum.accumulate(ahead.min(axis=1, initial=nothing))
    for i in range(front.hops):
        rest = front.hops - 1 - i
        begins = np.minimum(begins, ahead[i] + least_end[rest] + front.hop)
        ends = np.minimum(ends, behind[i] + least_begin[rest] + front.hop)
    return np.minimum(begins, nothing), np.minimum(ends, nothing)


def plan(
    front: Front, weights: tuple[Units, Units], upper: int | None, *, both: bool
) -> tuple[Units, Units]:
    """Return whom to expand outward and inward, most urgent first; empty where nothing helps.

    weights (n, int64 each) are what expanding an entity outward and inward costs in statements,
    `upper` is the k-th key of known paths, None where there are fewer than k. With an upper key the
    cheapest cover of all pairs that may still beat it is taken: all begins below some cost, and
    all ends below what that leaves. Without one, the side whose next entities have fewer
    statements. With `both`, who is expanded is so in both directions. O(n log n).
    """
    keys = _least_keys(front)
    costs = front.ahead.min(axis=0, initial=FAR), front.behind.min(axis=0, initial=FAR)
    limit = int(FAR) - 1 if upper is None else upper // LENGTHS
    rows = [np.flatnonzero(key <= limit) for key in keys]
    rows = [r[np.argsort(cost[r], kind="stable")] for r, cost in zip(rows, costs, strict=True)]
    if upper is None:
        chosen = _smaller_side(rows, weights)
    else:
        chosen = _cover(rows, costs, weights, limit - front.hop)
    urgent = [r[np.argsort(key[r], kind="stable")] for r, key in zip(chosen, keys, strict=True)]
    if both:
        joined = np.concatenate(urgent)
        least = np.minimum(keys[0], keys[1])[joined]
        joined = joined[np.argsort(least, kind="stable")]
        _, first = np.unique(joined, return_index=True)
        joined = joined[np.sort(first)]
        return joined, joined
    return urgent[0], urgent[1]


NEXT: Final = 100
"""Entities of a side that are weighed against those of the other while no path is known."""


def _smaller_side(rows: list[Units], weights: tuple[Units, Units]) -> list[Units]:
    heads = [r[w[r] < FAR][:NEXT] for r, w in zip(rows, weights, strict=True)]
    sums = [
        int(weight[r].sum()) if len(r) else int(FAR)
        for r, weight in zip(heads, weights, strict=True)
    ]
    none = np.zeros(0, np.int64)
    return [heads[0], none] if sums[0] <= sums[1] else [none, heads[1]]


def _cover(
    rows: list[Units], costs: tuple[Units, Units], weights: tuple[Units, Units], limit: int
) -> list[Units]:
    """Return the begins and ends of least weight such that one of each pair within is expanded."""
    begins, ends = rows
    sums = [np.concatenate([[0], np.cumsum(w[r])]) for w, r in zip(weights, rows, strict=True)]
    following = np.append(costs[0][begins], FAR)
    needed = np.searchsorted(costs[1][ends], limit - following, side="right")
    cut = int(np.argmin(sums[0] + sums[1][needed]))
    return [begins[:cut], ends[: needed[cut]]]
