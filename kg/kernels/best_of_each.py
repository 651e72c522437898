"""The key of the best simple path of each of many entities to the same targets.

One backward pass labels entities with the least cost to the targets (`potential`,
`potential_by_class`); it does not depend on where a path begins, so that it serves a best-first
search from each entity in turn. Under such a potential a search looks at little beyond its path:
where the least walk from an entity is a path, at its entities alone; where that walk repeats an
entity, the search goes on to the best path.

Where any hop may follow any other, the least walk is a path, and its key is that of the least first
step: no search is needed. Each search has the role of a source for its entity alone: the others may
lie on its paths.
"""

from __future__ import annotations

from typing import Any

from mechkg.kg.jit import entry, inner, leaf
from mechkg.kg.kernels.best import (
    BOUND,
    FOUND,
    HEAPED,
    LINKS,
    SEEDED,
    STORED,
    WORK,
    best_first,
)
from mechkg.kg.kernels.best_by_class import best_by_class
from mechkg.kg.kernels.packed import unpack_rules, unpack_scratch, unpack_steps
from mechkg.kg.kernels.potential import units_of
from mechkg.kg.kernels.types import (
    FINISHED,
    INF,
    LENGTHS,
    MASKED,
    NONE,
    ROLE,
    SLOT,
    SOURCE,
    STOPPED,
    TARGET,
    VIA,
    ZERO,
    hidden,
    next_run,
    segment_of,
    stopped,
)

__all__ = ["best_of_each"]

_POLL = 1 << 6


@leaf
def _begin(front: Any) -> None:
    """Make a frontier that of a search for one path that has not begun."""
    head = front.head
    head[STORED] = head[HEAPED] = head[FOUND] = head[WORK] = head[SEEDED] = head[LINKS] = 0
    head[BOUND] = INF
    front.tops[0] = INF


@inner
def _search(
    plan: Any, room: Any, by_class: int, source: Any, hops: int, sets: int, radius: int, pool: Any,
    front: Any, watch: Any,
) -> int:
    """Search for the best path from one entity; return the status."""
    _begin(front)
    if by_class:
        return int(
            best_by_class(plan, room, source, hops, sets, radius, pool, front, watch)
        )
    return int(best_first(plan, room, source, hops, sets, radius, pool, front, watch))


@leaf
def _least_walk(segment: Any, rules: Any, scratch: Any, v: int, levels: int, pool: Any) -> int:
    """Return the least key of a walk from an entity through a segment, one state an entity."""
    filt, columns, slot = rules.filter, rules.columns, scratch.places[SLOT]
    x, end, least = segment.ptr[v], segment.ptr[v + 1], INF
    while x < end:
        last = end
        if segment.mode == MASKED:
            x, last = next_run(segment.pred, segment.mask, x, end)
        for e in range(x, last):
            u = segment.nbr[e]
            still = INF
            if scratch.marks[ROLE, u] & TARGET:
                still = 0
            elif slot[u] >= 0:
                for at in range(slot[u] * levels, (slot[u] + 1) * levels):
                    still = min(still, pool[at])
                still += columns.cost[u] * LENGTHS
            if still < least and not hidden(filt, segment.inward, e):
                least = min(least, still + units_of(columns, filt, segment, e) * LENGTHS + 1)
        x = last
    return int(least)


@inner
def _least(steps: Any, rules: Any, scratch: Any, v: int, levels: int, pool: Any) -> int:
    """Return the key of the best path from an entity where any hop may follow any other.

    It is that of the least walk: what a walk costs to come back to an entity, it need not.
    """
    least = ZERO + INF
    for turned in range(2):
        segment = segment_of(steps, turned, 0)
        if segment.mode != NONE:
            least = min(least, _least_walk(segment, rules, scratch, v, levels, pool))
    return int(least)


@leaf
def _may_reach(segment: Any, filt: Any, scratch: Any, v: int) -> bool:
    """Say whether a statement leads from an entity to one that is labelled or a target."""
    x, end = segment.ptr[v], segment.ptr[v + 1]
    while x < end:
        last = end
        if segment.mode == MASKED:
            x, last = next_run(segment.pred, segment.mask, x, end)
        for e in range(x, last):
            u = segment.nbr[e]
            near = scratch.places[SLOT, u] >= 0 or scratch.marks[ROLE, u] & TARGET != 0
            if near and not hidden(filt, segment.inward, e):
                return True
        x = last
    return False


@inner
def _is_near(steps: Any, filt: Any, scratch: Any, v: int) -> bool:
    """Say whether one step from an entity may lead on to a target; most lead nowhere."""
    near = False
    for turned in range(2):
        segment = segment_of(steps, turned, 0)
        if segment.mode != NONE and not near:
            near = _may_reach(segment, filt, scratch, v)
    return near


@entry
def best_of_each(
    plan: Any, room: Any, ends: Any, start: int, named: int, hops: int, sets: int, radius: int,
    pool: Any, front: Any, keys: Any, watch: Any,
) -> tuple[int, int]:
    """Fill `keys` (int64) with the key of the best path from each of ends[start:], INF for none.

    The room is labelled up to `radius`; `front` has room for one path. `named` are the via bits
    that an entity satisfies as an end too. Returns a status and where it is: FINISHED at the last,
    FULL where the prefixes of a search do not fit (give it a larger `front` and begin there
    again), STOPPED by the watch.
    """
    steps, rules, scratch = unpack_steps(plan), unpack_rules(plan), unpack_scratch(room)
    marks, by_class, whole = scratch.marks, rules.transitions.on, radius >= INF - 2
    free = whole and not by_class and rules.need == 0 and rules.min_hops <= 1
    free = free and not rules.pattern.on
    for i in range(start, len(ends)):
        if i & (_POLL - 1) == 0 and stopped(watch):
            return STOPPED, i
        v = ends[i]
        if free:
            keys[i] = _least(steps, rules, scratch, v, hops - 1, pool)
            continue
        if whole and not _is_near(steps, rules.filter, scratch, v):
            keys[i] = INF
            continue
        role, via = marks[ROLE, v], marks[VIA, v]
        marks[ROLE, v] = role | SOURCE
        marks[VIA, v] = via & named
        status = _search(
            plan, room, by_class, ends[i : i + 1], hops, sets, radius, pool, front, watch
        )
        marks[ROLE, v], marks[VIA, v] = role, via
        if status != FINISHED:
            return status, i
        keys[i] = front.keys[0] if front.head[FOUND] else INF
    return FINISHED, len(ends)
