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

from kg.kernels.arrays import (
    FINISHED,
    FULL,
    INF,
    LENGTHS,
    MASKED,
    NONE,
    RUNNING,
    STOPPED,
    entry,
    grown,
    inlined,
    inner,
    run_end,
    stopped,
)

__all__ = ["clear_labels", "least", "potential"]

_POLL = 1 << 18

# Places in `head`, the kernel's counters.
_SLOTS, _NEXT, _STATUS, _WORK = 0, 1, 2, 3


@inner
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
            act[count, 0], act[count, 1] = pattern.before[q // sets], q % sets | own
            act[count, 2] = key + cost
            count += 1
    return count


@inlined
def _own_via(need: int, role: Any, via: Any, class_via: Any, category: Any, t: int) -> int:
    """Return the via bits that an entity satisfies."""
    own = np.int64(0)
    if need:
        own = np.int64(via[t])
        if role[t] == 0:
            own |= np.int64(class_via[category[t]])
    return own


@inlined
def _place(v: int, size: int, slot: Any, spare: Any, pool: Any, head: Any) -> int:
    """Give an entity room for its labels; return its place, or -1 if there is no room."""
    place = head[_SLOTS]
    if (place + 1) * size > len(pool):
        place = -1
    else:
        for at in range(place * size, (place + 1) * size):
            pool[at] = INF
        slot[v] = place
        spare[place] = v
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


@inner
def _relax(
    segment: Any, turned: int, rules: Any, scratch: Any, start: int, stop: int, r: int, sets: int,
    levels: int, radius: int, pool: Any, head: Any, watch: Any,
) -> int:
    """Label what steps through a segment into queue[start:stop].

    Returns `stop`, or the place in the queue to begin again from once the pool is larger.
    """
    filt, columns, pattern = rules.filter, rules.columns, rules.pattern
    ptr, nbr, pred, mask = segment.ptr, segment.nbr, segment.pred, segment.mask
    role, slot, queue, classes = scratch.role, scratch.slot, scratch.queue, filt.classes
    rows, scale, category, cost = filt.rows, columns.scale, filt.category, columns.cost
    spare, mark, ahead, via = scratch.spare, scratch.mark, scratch.ahead, scratch.via
    class_via = rules.class_via
    states, keep_all = pattern.size * sets, rules.min_hops > 1
    size, by_row = states * levels, len(rows) > 0 or scale != 0.0
    act = np.zeros((states, 3), np.int64)
    for i in range(start, stop):
        t = queue[i]
        own = _own_via(rules.need, role, via, class_via, category, t)
        if states > 1:
            acts = _acts(slot[t], own, cost[t] * LENGTHS, r, pattern, sets, levels, pool, act)
        else:
            acts, act[0, 0], act[0, 2] = 1, 1, 0
            if r > 1:
                act[0, 2] = pool[slot[t] * levels + r - 2] + cost[t] * LENGTHS
        least_key = act[0, 2]
        for j in range(1, acts):
            least_key = min(least_key, act[j, 2])
        floor = least_key + columns.hop * LENGTHS + 1
        if r > 1 and floor > radius:
            continue
        x, end = ptr[t], ptr[t + 1]
        head[_WORK] += end - x
        if head[_WORK] > _POLL:
            head[_WORK] = 0
            if stopped(watch):
                head[_STATUS] = STOPPED
                return stop
        while x < end:
            run = run_end(pred, x, end) if segment.mode == MASKED else end
            if segment.mode == MASKED and mask[pred[x]] == 0:
                x = run
                continue
            for e in range(x, run):
                v = nbr[e]
                place = np.int64(slot[v])
                if states == 1 and place >= 0 and pool[place * levels + r - 1] <= floor:
                    continue
                if role[v] != 0 or (len(classes) and classes[category[v]] == 0):
                    continue
                step = columns.hop
                if by_row:
                    row = filt.in_row[e] if segment.inward else e
                    if len(rows) and rows[row] == filt.hide:
                        continue
                    if scale != 0.0:
                        step += int(scale * columns.doubt[row] + 0.5)
                may = 1
                if pattern.on:
                    may = pattern.against[pred[e]] if turned else pattern.along[pred[e]]
                    may &= pattern.arrive[category[t]]
                for j in range(acts):
                    key = act[j, 2] + step * LENGTHS + 1
                    open_at = act[j, 0] & may
                    if open_at == 0 or (r > 1 and key > radius):
                        continue
                    if place < 0:
                        place = _place(v, size, slot, spare, pool, head)
                        if place < 0:
                            return i
                    for p in range(pattern.size):
                        if (open_at >> p) & 1:
                            at = place * size + (p * sets + act[j, 1]) * levels
                            _improve(v, at, r, key, keep_all, mark, ahead, pool, head)
            x = run
    return stop


@inner
def _level(
    segment: Any, turned: int, rules: Any, scratch: Any, count: int, r: int, sets: int,
    levels: int, radius: int, pool: Any, head: Any, max_labels: int, watch: Any,
) -> Any:
    """Relax a whole level through one segment, enlarging the pool where needed; return it."""
    start = 0
    if segment.mode == NONE or head[_STATUS] != RUNNING:
        return pool
    while True:
        start = _relax(
            segment, turned, rules, scratch, start, count, r, sets, levels, radius, pool, head,
            watch,
        )
        if start == count:
            return pool
        if len(pool) >= max_labels:
            head[_STATUS] = FULL
            return pool
        used = head[_SLOTS] * rules.pattern.size * sets * levels
        pool = grown(pool, used, min(2 * len(pool) + rules.pattern.size * sets * levels, max_labels))


@entry
def potential(
    backward: Any, rules: Any, scratch: Any, targets: Any, hops: int, sets: int, radius: int,
    pool: Any, max_labels: int, watch: Any,
) -> tuple[int, int, Any]:
    """Label entities backwards from the targets; return status, labelled entities and the pool.

    `sets` is the number of via sets, 1 without via. Roles must be set. `slot` and `spare` of the
    scratch hold each labelled entity's place until `clear_labels`. FULL means that `max_labels` were not enough for this radius.
    """
    head = np.zeros(4, np.int64)
    queue, ahead, mark = scratch.queue, scratch.ahead, scratch.mark
    count = len(targets)
    for i in range(count):
        queue[i] = targets[i]
    for r in range(1, hops):
        head[_NEXT] = 0
        pool = _level(
            backward.along, 0, rules, scratch, count, r, sets, hops - 1, radius, pool, head,
            max_labels, watch,
        )
        pool = _level(
            backward.against, 1, rules, scratch, count, r, sets, hops - 1, radius, pool, head,
            max_labels, watch,
        )
        count = head[_NEXT]
        for i in range(count):
            queue[i] = ahead[i]
    for i in range(head[_SLOTS]):
        mark[scratch.spare[i]] = 0
    status = FINISHED if head[_STATUS] == RUNNING else head[_STATUS]
    return status, head[_SLOTS], pool


@entry
def clear_labels(scratch: Any, count: int) -> None:
    """Forget the labels of the first `count` places."""
    for i in range(count):
        scratch.slot[scratch.spare[i]] = -1


@inner
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
                if pool[at + r] < found:
                    found = pool[at + r]
    return found
