"""Least costs from an entity to the targets, by hops: what makes the best-first search exact.

A backward Bellman-Ford by hops (Bellman 1958) over the product of the graph with the query's
automaton. A state is a pattern position p to be taken next and a set s of via bits met after the
entity; label h[v, (p, s), r] is the least key of a walk of exactly r hops from v to a target in
that state. Labels above `radius` are not kept, except at one hop, so that "no label" itself is a
bound: more than the radius. Walks may repeat entities, so a label never exceeds the true cost.

Memory: 4 * states * (hops - 1) bytes for each labelled entity.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mechkg.kg.jit import entry, inlined, inner, leaf
from mechkg.kg.kernels.packed import unpack_rules, unpack_scratch, unpack_steps
from mechkg.kg.kernels.types import (
    AHEAD,
    FINISHED,
    FULL,
    INF,
    LENGTHS,
    MARK,
    MASKED,
    NONE,
    PLACED,
    QUEUE,
    ROLE,
    RUNNING,
    SLOT,
    STOPPED,
    barred,
    grown,
    hidden,
    next_run,
    segment_of,
    stopped,
    takes,
    via_of,
)

__all__ = ["clear_labels", "least", "potential", "units_of"]

_POLL = 1 << 18

# Places in `head`, the kernel's counters.
_SLOTS, _NEXT, _STATUS, _WORK = 0, 1, 2, 3


@inlined
def units_of(columns: Any, filt: Any, segment: Any, e: int) -> int:
    """Return what walking an entry's statement costs."""
    units = columns.hop
    if columns.scale != 0.0:
        row = filt.in_row[e] if segment.inward else e
        units += int(columns.scale * columns.doubt[row] + 0.5)
    if len(columns.toll) > 0:
        units += columns.toll[segment.pred[e]]
    return units


@inlined
def _place(v: int, size: int, slot: Any, placed: Any, pool: Any, head: Any) -> int:
    """Return where an entity's labels stand, giving it room if need be; -1 if there is none."""
    place: Any = np.int64(slot[v])
    if place < 0 and (head[_SLOTS] + 1) * size <= len(pool):
        place = head[_SLOTS]
        for at in range(place * size, (place + 1) * size):
            pool[at] = INF
        slot[v] = place
        placed[place] = v
        head[_SLOTS] = place + 1
    return place


@inlined
def _improve(
    v: int, at: int, r: int, key: int, keep_all: bool, mark: Any, ahead: Any, pool: Any, head: Any
) -> None:
    """Set label r of the labels at `at` if `key` is better, and queue the entity.

    A label that a shorter walk equals or beats is not kept, unless `keep_all`.
    """
    better = key < pool[at + r - 1]
    if not keep_all:
        for s in range(r - 1):
            better = better and key < pool[at + s]
    if better:
        pool[at + r - 1] = key
        if mark[v] != r:
            mark[v] = r
            ahead[head[_NEXT]] = v
            head[_NEXT] += 1


@inlined
def _lead(
    t: int, r: int, hop: int, radius: int, levels: int, slot: Any, cost: Any, pool: Any
) -> int:
    """Return the key that a walk has from `t` on, INF where no step to `t` can keep in bounds."""
    base = 0
    if r > 1:
        base = pool[slot[t] * levels + r - 2] + cost[t] * LENGTHS
        if base + hop * LENGTHS + 1 > radius:
            base = INF
    return base


@leaf
def _relax(
    segment: Any, rules: Any, role: Any, places: Any, start: int, stop: int, r: int, levels: int,
    radius: int, pool: Any, head: Any,
) -> int:
    """Label what steps through a segment into queue[start:stop], one state an entity.

    Returns where to begin again: `stop`, or less once the pool is full or much work is done.
    """
    filt, columns, keep_all = rules.filter, rules.columns, rules.min_hops > 1
    ptr, nbr, pred, mask = segment.ptr, segment.nbr, segment.pred, segment.mask
    slot, queue, mark, ahead = places[SLOT], places[QUEUE], places[MARK], places[AHEAD]
    classes, category, placed, work = filt.classes, filt.category, places[PLACED], 0
    for i in range(start, stop):
        base = _lead(queue[i], r, columns.hop, radius, levels, slot, columns.cost, pool)
        x, end = ptr[queue[i]], ptr[queue[i] + 1]
        if work > _POLL:
            return i
        work += end - x
        while x < end and base < INF:
            last = end
            if segment.mode == MASKED:
                x, last = next_run(pred, mask, x, end)
            for e in range(x, last):
                v = nbr[e]
                if role[v] != 0 or barred(classes, category, v) or hidden(filt, segment.inward, e):
                    continue
                key = base + units_of(columns, filt, segment, e) * LENGTHS + 1
                if r == 1 or key <= radius:
                    at = _place(v, levels, slot, placed, pool, head) * levels
                    if at < 0:
                        return i
                    _improve(v, at, r, key, keep_all, mark, ahead, pool, head)
            x = last
    return stop


@leaf
def _acts(
    place: int, own: int, cost: int, r: int, pattern: Any, sets: int, levels: int, pool: Any,
    act: Any,
) -> int:
    """Write how a walk may go on from an entity: (positions before, via set, key); return how many.

    `own` are the entity's via bits, `cost` its key as an entity between the ends.
    """
    if r == 1:
        act[0, 0], act[0, 1], act[0, 2] = pattern.last, own, 0
        return 1
    states = pattern.size * sets
    count = 0
    for q in range(states):
        key = pool[(place * states + q) * levels + r - 2]
        if key < INF:
            act[count, 0], act[count, 1] = pattern.next[1, q // sets], q % sets | own
            act[count, 2] = key + cost
            count += 1
    return count


@leaf
def _spread(
    v: int, step: int, may: int, act: Any, acts: int, r: int, sets: int, levels: int,
    radius: int, keep_all: bool, size: int, places: Any, pool: Any, head: Any,
) -> bool:
    """Label an entity in all states from which a step leads on; False if there is no room."""
    mark, ahead = places[MARK], places[AHEAD]
    for j in range(acts):
        key, open_at = act[j, 2] + step, act[j, 0] & may
        if open_at == 0 or (r > 1 and key > radius):
            continue
        place = _place(v, size * sets * levels, places[SLOT], places[PLACED], pool, head)
        if place < 0:
            return False
        for p in range(size):
            if (open_at >> p) & 1:
                at = ((place * size + p) * sets + act[j, 1]) * levels
                _improve(v, at, r, key, keep_all, mark, ahead, pool, head)
    return True


@leaf
def _relax_states(
    segment: Any, turned: int, rules: Any, marks: Any, places: Any, start: int, stop: int, r: int,
    sets: int, levels: int, radius: int, pool: Any, head: Any, act: Any,
) -> int:
    """Do as `_relax` does where there are via sets or a pattern."""
    filt, columns, pattern = rules.filter, rules.columns, rules.pattern
    slot, queue, category, work = places[SLOT], places[QUEUE], filt.category, 0
    for i in range(start, stop):
        t = queue[i]
        x, end = segment.ptr[t], segment.ptr[t + 1]
        if work > _POLL:
            return i
        own = via_of(rules, marks, t) if rules.need else 0
        acts = _acts(
            slot[t], own, columns.cost[t] * LENGTHS, r, pattern, sets, levels, pool, act
        )
        work += (end - x) * acts
        while x < end:
            last = end
            if segment.mode == MASKED:
                x, last = next_run(segment.pred, segment.mask, x, end)
            for e in range(x, last):
                v, may = segment.nbr[e], 1
                if marks[ROLE, v] != 0 or barred(filt.classes, category, v):
                    continue
                if hidden(filt, segment.inward, e):
                    continue
                if pattern.on:
                    may = takes(pattern, segment.pred[e], turned, category[t])
                step = units_of(columns, filt, segment, e) * LENGTHS + 1
                if may and not _spread(
                    v, step, may, act, acts, r, sets, levels, radius, rules.min_hops > 1,
                    pattern.size, places, pool, head,
                ):
                    return i
            x = last
    return stop


@inner
def _level(
    steps: Any, turned: int, rules: Any, scratch: Any, count: int, r: int, sets: int, levels: int,
    radius: int, pool: Any, head: Any, max_labels: int, watch: Any,
) -> Any:
    """Relax a whole level through one segment, enlarging the pool where needed; return it."""
    segment = segment_of(steps, turned, 1)
    size = rules.pattern.size * sets * levels
    act = np.zeros((rules.pattern.size * sets, 3), np.int64)
    start = count if segment.mode == NONE or head[_STATUS] != RUNNING else 0
    while start < count:
        begun = start
        if size == levels:
            start = _relax(
                segment, rules, scratch.marks[ROLE], scratch.places, start, count, r, levels,
                radius, pool, head,
            )
        else:
            start = _relax_states(
                segment, turned, rules, scratch.marks, scratch.places, start, count, r, sets,
                levels, radius, pool, head, act,
            )
        if start < count and stopped(watch):
            head[_STATUS] = STOPPED
            return pool
        if start == begun:
            if len(pool) >= max_labels:
                head[_STATUS] = FULL
                return pool
            pool = grown(pool, head[_SLOTS] * size, min(2 * len(pool) + size, max_labels))
    return pool


@entry
def potential(
    plan: Any, room: Any, targets: Any, hops: int, sets: int, radius: int, pool: Any,
    max_labels: int, watch: Any,
) -> tuple[int, int, Any]:
    """Label entities backwards from the targets; return status, labelled entities and the pool.

    `sets` is the number of via sets, 1 without via. Roles must be set. SLOT and PLACED of the
    scratch hold each labelled entity's place until `clear_labels`. FULL means that `max_labels`
    were not enough for this radius.
    """
    steps, rules, scratch = unpack_steps(plan), unpack_rules(plan), unpack_scratch(room)
    head = np.zeros(4, np.int64)
    queue, ahead = scratch.places[QUEUE], scratch.places[AHEAD]
    count = len(targets)
    for i in range(count):
        queue[i] = targets[i]
    for r in range(1, hops):
        head[_NEXT] = 0
        for turned in range(2):
            pool = _level(
                steps, turned, rules, scratch, count, r, sets, hops - 1, radius, pool, head,
                max_labels, watch,
            )
        count = head[_NEXT]
        for i in range(count):
            queue[i] = ahead[i]
    for i in range(head[_SLOTS]):
        scratch.places[MARK, scratch.places[PLACED, i]] = 0
    status = FINISHED if head[_STATUS] == RUNNING else head[_STATUS]
    return status, head[_SLOTS], pool


@entry
def clear_labels(room: Any, count: int) -> None:
    """Forget the labels of the first `count` places."""
    scratch = unpack_scratch(room)
    for i in range(count):
        scratch.places[SLOT, scratch.places[PLACED, i]] = -1


@leaf
def least(
    place: int, avail: int, miss: int, low: int, high: int, size: int, sets: int, levels: int,
    pool: Any,
) -> int:
    """Return the least label of low..high hops in any open position that meets what is missed."""
    found = INF
    for p in range(size):
        if (avail >> p) & 1 == 0:
            continue
        for s in range(sets):
            if s & miss != miss:
                continue
            at = ((place * size + p) * sets + s) * levels - 1
            for r in range(low, high + 1):
                found = min(found, pool[at + r])
    return found
