"""All simple paths of at most so many hops: exact counts by sign, and the paths themselves.

Meeting in the middle: bounded distances from both ends, the compact graph of what lies between,
then a depth-first walk that never enters an entity from which the end is out of reach. With via
sets or a pattern, `_promise` says for each entity and number of hops left what can still be
satisfied, so that fruitless branches are cut there too. O(entries scanned + paths) time; memory
is that of the compact graph and the paths kept.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mechkg.kg.jit import entry, inlined, inner, leaf
from mechkg.kg.kernels.bidirectional import clean_reach, grow
from mechkg.kg.kernels.enumerate_by_class import walk_by_class
from mechkg.kg.kernels.enumerate_compact import Compact, Side, compacted
from mechkg.kg.kernels.packed import unpack_rules, unpack_scratch, unpack_steps
from mechkg.kg.kernels.types import (
    AHEAD,
    BEHIND,
    FINISHED,
    FULL,
    FURTHER,
    LENGTHS,
    NEAR,
    RAISES,
    STOPPED,
    ZERO,
    stopped,
    union,
)

__all__ = ["Found", "Kept", "Walked", "survey", "walked"]

_POLL = (1 << 20) - 1

_TIMES = np.array([0, 0, 0, 3, 0, 1, 2, 3, 0, 2, 1, 3, 3, 3, 3, 3], np.uint8)
"""Products of sign codes, a * 4 + b: unknown wins, then none, then equal signs raise."""


class Found(NamedTuple):
    """What a survey saw.

    status; work (entries scanned); counts (4, int64: paths of no direction, raising, lowering,
    unknown); kept paths: nodes (k, hops+1; int32 rows, -1 padded), refs (k, hops; int32, the row
    of one statement or ~row against its direction), many (k, hops; uint8, 1 where there are
    parallel statements), lengths (k, int8), signs (k, uint8, codes as counts), keys (k, int64).
    """

    status: int
    work: int
    counts: NDArray[np.int64]
    nodes: NDArray[np.int32]
    refs: NDArray[np.int32]
    many: NDArray[np.uint8]
    lengths: NDArray[np.int8]
    signs: NDArray[np.uint8]
    keys: NDArray[np.int64]


class Kept(NamedTuple):
    """Paths as the walk writes them: first local entity, edges from the root, sign, key.

    choices (k, hops; int32) are the choices of the edges, empty without transitions.
    """

    root: NDArray[np.int32]
    edges: NDArray[np.int32]
    choices: NDArray[np.int32]
    lengths: NDArray[np.int8]
    signs: NDArray[np.uint8]
    keys: NDArray[np.int64]


class Walked(NamedTuple):
    """A survey before anybody reads it: `k` kept paths along the edges of a compact graph.

    status, work and counts are those of `Found`; `swapped` is 1 where roots are targets.
    """

    status: int
    work: int
    counts: NDArray[np.int64]
    kept: Kept
    k: int
    compact: Compact
    swapped: int


class Guard(NamedTuple):
    """What via sets and a pattern ask of a walk, in the walk's orientation.

    ahead (64, int64): positions that may come next; vias, may: flat over (local entity, hops
    left), see `_promise`; via, avail (int64 a depth): via bits met and positions open so far.
    """

    on: int
    need: int
    patterned: int
    size: int
    last: int
    ahead: NDArray[np.int64]
    vias: NDArray[np.int64]
    may: NDArray[np.int64]
    via: NDArray[np.int64]
    avail: NDArray[np.int64]


@inner
def _promise(
    compact: Any, need: int, patterned: int, back: Any, last: int, size: int, hops: int
) -> tuple[Any, Any]:
    """Return what an entity still promises with r hops left, flat over (entity, r).

    vias: via bits that some walk to an end meets after it; may: pattern positions on which one
    may arrive at it and still end well. O(edges * hops).
    """
    total = len(compact.entity)
    vias, may = np.zeros(total * hops, np.int64), np.zeros(total * hops, np.int64)
    for r in range(1, hops):
        for v in range(total):
            for x in range(compact.low[v], compact.high[v]):
                w = compact.end[x]
                if compact.left[x] > r - 1:
                    break
                if need:
                    vias[v * hops + r] |= compact.via[w] | vias[w * hops + r - 1]
                if patterned:
                    after = last if compact.left[x] == 0 else may[w * hops + r - 1]
                    may[v * hops + r] |= union(back, compact.may[x] & after, size)
    return vias, may


@inner
def _guarded(compact: Any, pattern: Any, need: int, swapped: int, hops: int) -> Guard:
    """Return the guard of a walk; it is off without via sets and pattern."""
    on = 1 if need or pattern.on else 0
    first, last = pattern.first, pattern.last
    if swapped:
        first, last = last, first
    vias, may = np.empty(0, np.int64), np.empty(0, np.int64)
    if on and compact.status == FINISHED:
        back = pattern.next[1 - swapped]
        vias, may = _promise(compact, need, pattern.on, back, last, pattern.size, hops)
    via, avail = np.zeros((2, hops + 1), np.int64)
    avail[0] = first
    return Guard(
        on, need, pattern.on, pattern.size, last, pattern.next[swapped], vias, may, via, avail
    )


@leaf
def _may_enter(guard: Any, via: int, may: int, promised: int, depth: int) -> bool:
    """Say whether the walk may go on through an entity, and note what it has met if so."""
    if guard.need:
        met = guard.via[depth] | via
        if met | guard.vias[promised] != guard.need:
            return False
        guard.via[depth + 1] = met
    if guard.patterned:
        live = guard.avail[depth] & may & guard.may[promised]
        if live == 0:
            return False
        guard.avail[depth + 1] = union(guard.ahead, live, guard.size)
    return True


@leaf
def _may_end(guard: Any, via: int, may: int, depth: int) -> bool:
    """Say whether the walk may end with this hop."""
    if guard.need and guard.via[depth] | via != guard.need:
        return False
    return guard.patterned == 0 or guard.avail[depth] & may & guard.last != 0


@inlined
def _keep(
    kept: Any, k: int, root: int, depth: int, code: int, key: int, edge: Any, x: int
) -> None:
    """Write a path down: the edges of the stack, then edge `x`."""
    kept.root[k], kept.lengths[k], kept.signs[k], kept.keys[k] = root, depth + 1, code, key
    for i in range(depth):
        kept.edges[k, i] = edge[i + 1]
    kept.edges[k, depth] = x


@inlined
def _holds(path: Any, depth: int, w: int) -> bool:
    """Say whether an entity is on the stack (the root, which none enters, left out)."""
    found = False
    for i in range(1, depth + 1):
        found = found or path[i] == w
    return found


@leaf
def _end_run(
    compact: Any, guard: Any, min_hops: int, stack: Any, depth: int, x: int, kept: Any,
    counts: Any, k: int,
) -> tuple[int, int]:
    """Count, and keep while there is room, the paths that the ends of an entity finish.

    Edges to ends stand first in a row. Returns the edge after them and how many paths are kept.
    """
    left, end, entity = compact.left, compact.end, compact.entity
    path, edge, _, units, sign = stack
    root, stop = path[0], compact.high[path[depth]]
    while x < stop and left[x] == 0:
        fits = depth + 1 >= min_hops and entity[end[x]] != entity[root]
        if fits and (guard.on == 0 or _ends_well(compact, guard, x, depth)):
            code = _TIMES[sign[depth] * 4 + compact.sign[x]]
            counts[code] += 1
            if k < len(kept.keys):
                key = (units[depth] + compact.units[x]) * LENGTHS + depth + 1
                _keep(kept, k, root, depth, code, key, edge, x)
                k += 1
        x += 1
    return x, k


@leaf
def _walk_root(
    compact: Any, guard: Any, cost: Any, min_hops: int, hops: int, stack: Any, kept: Any,
    counts: Any, k: int, root: int, max_paths: int, watch: Any,
) -> tuple[int, int]:
    """Walk all paths from one root, depth first; return the status and how many are kept.

    FULL means that there are more than `max_paths`.
    """
    low, high, left, end = compact.low, compact.high, compact.left, compact.end
    path, edge, nxt, units, sign = stack
    depth, steps = ZERO, 0
    path[0], nxt[0], units[0], sign[0] = root, low[root], 0, RAISES
    while depth >= 0:
        x, r, stop = nxt[depth], hops - depth - 1, high[path[depth]]
        if x < stop and left[x] == 0:
            x, k = _end_run(compact, guard, min_hops, stack, depth, x, kept, counts, k)
            if counts[0] + counts[1] + counts[2] + counts[3] > max_paths:
                return FULL, k
        nxt[depth], steps = x + 1, steps + 1
        if r <= 0 or x >= stop or left[x] > r:
            depth -= 1
        elif steps & _POLL == 0 and stopped(watch):
            return STOPPED, k
        elif not _holds(path, depth, end[x]) and (
            guard.on == 0 or _goes_well(compact, guard, x, r, hops, depth)
        ):
            w = end[x]
            units[depth + 1] = units[depth] + compact.units[x] + cost[compact.entity[w]]
            sign[depth + 1] = _TIMES[sign[depth] * 4 + compact.sign[x]]
            depth += 1
            path[depth], edge[depth], nxt[depth] = w, x, low[w]
    return FINISHED, k


@leaf
def _ends_well(compact: Any, guard: Any, x: int, depth: int) -> bool:
    """Say whether edge `x` may end the walk."""
    via = compact.via[compact.end[x]] if guard.need else 0
    return _may_end(guard, via, compact.may[x] if guard.patterned else 0, depth)


@leaf
def _goes_well(compact: Any, guard: Any, x: int, r: int, hops: int, depth: int) -> bool:
    """Say whether the walk may go on over edge `x`."""
    w = compact.end[x]
    via = compact.via[w] if guard.need else 0
    may = compact.may[x] if guard.patterned else 0
    return _may_enter(guard, via, may, w * hops + r, depth)


@inner
def _walk(
    compact: Any, guard: Any, cost: Any, min_hops: int, hops: int, kept: Any, counts: Any,
    max_paths: int, watch: Any,
) -> tuple[int, int]:
    """Walk all paths; return the status and how many are kept."""
    stack = np.zeros((5, hops + 1), np.int64)
    status, k = compact.status, ZERO
    for root in range(compact.roots):
        if guard.need:
            guard.via[0] = compact.via[root]
        if status == FINISHED:
            status, k = _walk_root(
                compact, guard, cost, min_hops, hops, stack, kept, counts, k, root, max_paths,
                watch,
            )
    return status, k


@inner
def _harvest(seen: Walked, hops: int) -> Found:
    """Return the kept paths from source to target, with statements in place of edges."""
    k, kept, compact, swapped = seen.k, seen.kept, seen.compact, seen.swapped
    nodes = np.full((k, hops + 1), -1, np.int32)
    refs = np.full((k, hops), -1, np.int32)
    many = np.zeros((k, hops), np.uint8)
    entity, end, ref, parallel = compact.entity, compact.end, compact.ref, compact.many
    chosen = len(kept.choices) > 0
    for i in range(k):
        length = kept.lengths[i]
        nodes[i, length if swapped else 0] = entity[kept.root[i]]
        for j in range(length):
            x = kept.edges[i, j]
            at = length - 1 - j if swapped else j
            nodes[i, at if swapped else at + 1] = entity[end[x]]
            refs[i, at] = compact.choice_ref[kept.choices[i, j]] if chosen else ref[x]
            many[i, at] = parallel[x]
    return Found(
        seen.status, seen.work, seen.counts, nodes, refs, many, kept.lengths[:k].copy(),
        kept.signs[:k].copy(), kept.keys[:k].copy(),
    )


@inner
def _oriented(scratch: Any, reach: Any, sources: int, targets: int) -> Side:
    """Return the side to finish from: the cheaper one becomes x."""
    ahead, behind = scratch.places[AHEAD], scratch.places[BEHIND]
    near, far = scratch.distance[NEAR], scratch.distance[FURTHER]
    if reach.dear_ahead <= reach.dear_behind:
        return Side(
            ahead, behind, reach.n_ahead, reach.n_behind, sources, targets, reach.behind, near,
            far, 0,
        )
    return Side(
        behind, ahead, reach.n_behind, reach.n_ahead, targets, sources, reach.ahead, far, near, 1
    )


@inner
def walked(
    plan: Any, room: Any, sources: Any, targets: Any, hops: int, keep: int, max_paths: int,
    max_work: int, watch: Any,
) -> Walked:
    """Do all of `survey` but to turn edges into entities and statements."""
    steps, rules, scratch = unpack_steps(plan), unpack_rules(plan), unpack_scratch(room)
    reach = grow(steps, rules.filter, scratch, sources, targets, hops, max_work, watch)
    side = _oriented(scratch, reach, len(sources), len(targets))
    budget = max_work - reach.work - min(reach.dear_ahead, reach.dear_behind)
    if reach.status != FINISHED:
        budget = -1
    compact = compacted(steps, side, rules, scratch, hops, budget, watch)
    guard = _guarded(compact, rules.pattern, rules.need, side.swapped, hops)
    kept = Kept(
        np.empty(keep, np.int32), np.empty((keep, hops), np.int32),
        np.empty((keep if rules.transitions.on else 0, hops), np.int32),
        np.empty(keep, np.int8), np.empty(keep, np.uint8), np.empty(keep, np.int64),
    )
    counts = np.zeros(4, np.int64)
    if rules.transitions.on:
        status, k = walk_by_class(
            compact, guard, rules, side.swapped, hops, kept, counts, max_paths, watch
        )
    else:
        status, k = _walk(
            compact, guard, rules.columns.cost, rules.min_hops, hops, kept, counts, max_paths,
            watch,
        )
    if reach.status == STOPPED:
        status = STOPPED
    clean_reach(scratch, reach)
    return Walked(status, reach.work, counts, kept, k, compact, side.swapped)


@entry
def survey(
    plan: Any, room: Any, sources: Any, targets: Any, hops: int, keep: int, max_paths: int,
    max_work: int, watch: Any,
) -> Found:
    """Count all admissible paths of at most `hops` hops and keep the first `keep` of them.

    plan, room: packed task and scratch (`packed`).
    Stops with FULL beyond `max_paths` paths or `max_work` entries; then `counts` are lower bounds.
    Roles and via bits must stand in the scratch. The order is fixed by the arrays but otherwise
    unspecified.
    """
    return _harvest(
        walked(plan, room, sources, targets, hops, keep, max_paths, max_work, watch), hops
    )
