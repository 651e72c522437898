"""Least costs from an entity to the targets under transitions, by hops and by class of arrival.

As `potential`, over the product of the graph with the classes of hops: label B[v, l, j, r] is the
least key of a walk of exactly r hops from v to a target, when v was reached by a hop whose class
leaves by l. j is a position of the pattern that the walk takes next, times the number of via sets,
plus the set that it meets after v. The cost of the step from l to the walk's first hop is
included, so that a prefix looks up one label for each class it may have arrived by.

Each level is done in two passes. The first relaxes statements backwards into H[v, e, j], the least
key of a walk whose first hop enters by e: one minimum a statement, whatever the number of classes.
The second turns H into B by the table of steps, once an entity. O(hops * (entries + labelled
entities * enters * leaves)).

Memory: 4 * (leaves * (hops - 1) + enters) * positions * sets bytes for each labelled entity.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mechkg.kg.jit import entry, inlined, inner, leaf
from mechkg.kg.kernels.packed import unpack_rules, unpack_scratch, unpack_steps
from mechkg.kg.kernels.potential import units_of
from mechkg.kg.kernels.types import (
    AHEAD,
    END,
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

__all__ = ["kind_of", "label_stride", "least_by_class", "potential_by_class"]

_POLL = 1 << 18

# Places in `head`, the kernel's counters.
_SLOTS, _NEXT, _STATUS = 0, 1, 2


@inlined
def kind_of(moves: Any, filt: Any, segment: Any, e: int) -> int:
    """Return the kind of an entry's statement."""
    kind = int(segment.pred[e])
    if len(moves.kind) > 0:
        kind = int(moves.kind[filt.in_row[e] if segment.inward else e])
    return kind


@leaf
def label_stride(moves: Any, width: int, levels: int) -> int:
    """Return how many labels an entity has, `width` being positions times via sets."""
    return int((moves.leaves * levels + moves.enters) * width)


@leaf
def _slot_for(v: int, stride: int, places: Any, pool: Any, head: Any) -> int:
    """Return an entity's slot, giving it one of empty labels if need be; -1 if none is left."""
    slot = np.int64(places[SLOT, v])
    if slot < 0 and (head[_SLOTS] + 1) * stride <= len(pool):
        slot = head[_SLOTS]
        for at in range(slot * stride, (slot + 1) * stride):
            pool[at] = INF
        places[SLOT, v] = slot
        places[PLACED, slot] = v
        head[_SLOTS] = slot + 1
    return int(slot)


@leaf
def _arrivals(
    rules: Any, marks: Any, t: int, slot: int, r: int, sets: int, levels: int, pool: Any, base: Any
) -> int:
    """Fill base[l, j]: the key of a walk on from `t` with r - 1 hops, by class of arrival.

    j is the position just taken, times `sets`, plus the via set met from `t` on. Returns the
    least of all.
    """
    moves, pattern, low = rules.transitions, rules.pattern, INF
    own = via_of(rules, marks, t) if rules.need else 0
    group, size = moves.group[t], pattern.size
    width = size * sets
    stride = label_stride(moves, width, levels)
    cost = rules.columns.cost[t] * LENGTHS
    base[:] = INF
    for l in range(1, moves.leaves):  # noqa: E741 - `leave`
        if r == 1:
            key = moves.step[group, END, l]
            for q in range(size):
                if key < INF and (pattern.last >> q) & 1:
                    base[l, q * sets + own] = key
                    low = min(low, key)
            continue
        for q in range(size):
            for s in range(sets):
                at = slot * stride + (l * width + q * sets + s) * levels + r - 2
                key = pool[at] + cost
                if pool[at] >= INF:
                    continue
                low = min(low, key)
                for p in range(size):
                    if (pattern.next[0, p] >> q) & 1:
                        j = p * sets + (s | own)
                        base[l, j] = min(base[l, j], key)
    return int(low)


@leaf
def _offer(
    rules: Any, c: int, may: int, step: int, base: Any, r: int, sets: int, levels: int,
    radius: int, v: int, places: Any, pool: Any, head: Any,
) -> bool:
    """Relax one class of one statement that leads from `v`; False if there is no slot left."""
    moves, size = rules.transitions, rules.pattern.size
    width = size * sets
    stride = label_stride(moves, width, levels)
    arrived = moves.leave[c]
    for j in range(width):
        key = base[arrived, j] + step
        if base[arrived, j] >= INF or (r > 1 and key > radius) or (may >> (j // sets)) & 1 == 0:
            continue
        slot = _slot_for(v, stride, places, pool, head)
        if slot < 0:
            return False
        at = slot * stride + (moves.leaves * levels + moves.enter[c]) * width + j
        if key < pool[at]:
            pool[at] = key
            if places[MARK, v] != r:
                places[MARK, v] = r
                places[AHEAD, head[_NEXT]] = v
                head[_NEXT] += 1
    return True


@leaf
def _offer_all(
    rules: Any, first: int, past: int, may: int, units: int, base: Any, r: int, sets: int,
    levels: int, radius: int, v: int, places: Any, pool: Any, head: Any,
) -> bool:
    """Relax some classes of one statement that leads from `v`; False if no slot is left."""
    for c in range(first, past):
        step = (units + rules.transitions.units[c]) * LENGTHS + 1
        if may and not _offer(
            rules, c, may, step, base, r, sets, levels, radius, v, places, pool, head
        ):
            return False
    return True


@leaf
def _relax(
    segment: Any, turned: int, rules: Any, marks: Any, places: Any, start: int, stop: int, r: int,
    sets: int, levels: int, radius: int, pool: Any, head: Any, base: Any,
) -> int:
    """Relax what a segment leads to queue[start:stop] from; return where to begin again."""
    filt, columns, pattern, moves = rules.filter, rules.columns, rules.pattern, rules.transitions
    queue, category, work = places[QUEUE], filt.category, 0
    for i in range(start, stop):
        t = queue[i]
        x, end = segment.ptr[t], segment.ptr[t + 1]
        if work > _POLL:
            return i
        work += end - x
        low = _arrivals(rules, marks, t, places[SLOT, t], r, sets, levels, pool, base)
        if low >= INF or (r > 1 and low + columns.hop * LENGTHS + 1 > radius):
            x = end
        while x < end:
            last = end
            if segment.mode == MASKED:
                x, last = next_run(segment.pred, segment.mask, x, end)
            for e in range(x, last):
                v, may = segment.nbr[e], 1
                out = marks[ROLE, v] != 0 or barred(filt.classes, category, v)
                if out or hidden(filt, segment.inward, e):
                    continue
                if pattern.on:
                    may = takes(pattern, segment.pred[e], turned, category[t])
                units = units_of(columns, filt, segment, e)
                kind = kind_of(moves, filt, segment, e)
                if not _offer_all(
                    rules, moves.option[turned, kind], moves.option[turned, kind + 1], may, units,
                    base, r, sets, levels, radius, v, places, pool, head,
                ):
                    return i
            x = last
    return stop


@leaf
def _spread(
    step: Any, key: int, begin: int, stride: int, r: int, radius: int, keep_all: bool, pool: Any
) -> bool:
    """Better the labels of all leaves by a walk that enters one way; say whether any got better."""
    better = False
    for l in range(1, len(step)):  # noqa: E741 - `leave`
        total, to = key + step[l], begin + l * stride
        if step[l] >= INF or (r > 1 and total > radius) or total >= pool[to + r - 1]:
            continue
        fresh = True
        if not keep_all:
            for s in range(r - 1):
                fresh = fresh and total < pool[to + s]
        if fresh:
            pool[to + r - 1] = total
            better = True
    return better


@leaf
def _settle(
    rules: Any, places: Any, r: int, sets: int, levels: int, radius: int, pool: Any, head: Any
) -> int:
    """Turn the level's H into labels B; queue the entities that got a better one, return how many.

    A label that a shorter walk equals or beats is not kept, unless paths have a least length.
    """
    moves, keep_all, count = rules.transitions, rules.min_hops > 1, 0
    width = rules.pattern.size * sets
    stride = label_stride(moves, width, levels)
    for i in range(head[_NEXT]):
        v = places[AHEAD, i]
        begin, better = np.int64(places[SLOT, v]) * stride, False
        group = moves.group[v]
        for e in range(1, moves.enters):
            for j in range(width):
                at = begin + (moves.leaves * levels + e) * width + j
                if pool[at] < INF:
                    fresh = _spread(moves.step[group, e], pool[at], begin + j * levels,
                                    width * levels, r, radius, keep_all, pool)
                    better = better or fresh
                    pool[at] = INF
        if better:
            places[QUEUE, count] = v
            count += 1
    return count


@inner
def _level(
    steps: Any, turned: int, rules: Any, scratch: Any, count: int, r: int, sets: int, levels: int,
    radius: int, pool: Any, head: Any, max_labels: int, watch: Any,
) -> Any:
    """Relax a whole level through one segment, enlarging the pool where needed; return it."""
    segment, moves = segment_of(steps, turned, 1), rules.transitions
    width = rules.pattern.size * sets
    stride = label_stride(moves, width, levels)
    base = np.empty((moves.leaves, width), np.int64)
    start = count if segment.mode == NONE or head[_STATUS] != RUNNING else 0
    while start < count:
        begun = start
        start = _relax(
            segment, turned, rules, scratch.marks, scratch.places, start, count, r, sets, levels,
            radius, pool, head, base,
        )
        if start < count and stopped(watch):
            head[_STATUS] = STOPPED
            return pool
        if start == begun:
            if len(pool) >= max_labels:
                head[_STATUS] = FULL
                return pool
            pool = grown(
                pool, head[_SLOTS] * stride, min(2 * len(pool) + stride, max_labels)
            )
    return pool


@entry
def potential_by_class(
    plan: Any, room: Any, targets: Any, hops: int, sets: int, radius: int, pool: Any,
    max_labels: int, watch: Any,
) -> tuple[int, int, Any]:
    """Label entities backwards from the targets, as `potential` does; see there."""
    steps, rules, scratch = unpack_steps(plan), unpack_rules(plan), unpack_scratch(room)
    head = np.zeros(3, np.int64)
    count = len(targets)
    for i in range(count):
        scratch.places[QUEUE, i] = targets[i]
    for r in range(1, hops):
        head[_NEXT] = 0
        for turned in range(2):
            pool = _level(
                steps, turned, rules, scratch, count, r, sets, hops - 1, radius, pool, head,
                max_labels, watch,
            )
        count = _settle(rules, scratch.places, r, sets, hops - 1, radius, pool, head)
    for i in range(head[_SLOTS]):
        scratch.places[MARK, scratch.places[PLACED, i]] = 0
    status = FINISHED if head[_STATUS] == RUNNING else head[_STATUS]
    return status, head[_SLOTS], pool


@leaf
def least_by_class(
    rules: Any, slot: int, arrived: int, avail: int, miss: int, low: int, high: int, sets: int,
    levels: int, radius: int, pool: Any,
) -> int:
    """Return the least that a prefix must still cost with low..high hops left.

    `arrived` is the leave of its last hop, `avail` its open positions, `miss` the via bits that
    it lacks. At one hop every label is kept; beyond, a missing one means more than the radius.
    """
    moves, size, still = rules.transitions, rules.pattern.size, INF
    width = size * sets
    for q in range(size if slot >= 0 else 0):
        if (avail >> q) & 1 == 0:
            continue
        for s in range(sets):
            if s & miss != miss:
                continue
            at = slot * label_stride(moves, width, levels)
            at += (arrived * width + q * sets + s) * levels - 1
            for r in range(low, high + 1):
                still = min(still, pool[at + r])
    return int(still if high == 1 else min(still, radius + 1))
