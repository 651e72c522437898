"""How many paths there are, estimated: counted walks, and a sample of them looked at closely.

Walks of few hops are counted exactly from both ends, whichever side is cheaper, as far as the work
allows (`spread`). Between the two lies one hop, or more where the work did not suffice. `sampled`
draws whole walks through it, each with a known probability (Knuth, Estimating the efficiency of
backtrack programs, Math. Comp. 29, 1975), and weighs those that are admissible paths: no entity
twice, all via sets met, the pattern followed, parallel statements once. The mean weight is an
unbiased estimate of the number of paths, whatever the graph.

Memory: 8 bytes an entity and counted level, touched only where a walk comes.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mechkg.kg.jit import entry, inner
from mechkg.kg.kernels.count_walks import Spread, width
from mechkg.kg.kernels.potential_by_class import kind_of
from mechkg.kg.kernels.types import (
    END,
    INF,
    MASKED,
    NONE,
    ROLE,
    START,
    barred,
    hidden,
    next_run,
    run_end,
    stopped,
    takes,
    union,
    via_of,
)

__all__ = ["sampled"]


@inner
def _random(state: Any) -> float:
    """Return the next number in [0, 1): xorshift64* (Vigna 2016)."""
    x = state[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    state[0] = x
    return (x * np.uint64(2685821657736338717) >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@inner
def _open(segment: Any, filt: Any, e: int) -> bool:
    """Say whether an entry may be walked."""
    if segment.mode == MASKED and segment.mask[segment.pred[e]] == 0:
        return False
    return not hidden(filt, segment.inward, e)


@inner
def _weight(segment: Any, filt: Any, v: int, count: Any, base: int) -> float:
    """Return the walks that go on through a segment of `v`, by `count[base + neighbour]`."""
    total = 0.0
    if segment.mode == NONE:
        return total
    nbr, pred = segment.nbr, segment.pred
    x, end = segment.ptr[v], segment.ptr[v + 1]
    while x < end:
        last = end
        if segment.mode == MASKED:
            x, last = next_run(pred, segment.mask, x, end)
        for e in range(x, last):
            walks = count[base + nbr[e]]
            if walks != 0.0 and not hidden(filt, segment.inward, e):
                total += walks
        x = last
    return total


@inner
def _pick(segment: Any, filt: Any, v: int, count: Any, base: int, left: float) -> tuple[int, float]:
    """Return the neighbour at which `left` is used up, and what is left of it.

    Where it is not used up, -2 - the last neighbour instead, or -1 where there is none.
    """
    found = -1
    if segment.mode == NONE:
        return found, left
    nbr, pred = segment.nbr, segment.pred
    x, end = segment.ptr[v], segment.ptr[v + 1]
    while x < end:
        last = end
        if segment.mode == MASKED:
            x, last = next_run(pred, segment.mask, x, end)
        for e in range(x, last):
            walks = count[base + nbr[e]]
            if walks != 0.0 and not hidden(filt, segment.inward, e):
                left -= walks
                if left < 0.0:
                    return nbr[e], left
                found = nbr[e]
        x = last
    return (-1 if found < 0 else -2 - found), left


@inner
def _drawn(view: Any, filt: Any, v: int, count: Any, base: int, total: float, state: Any) -> int:
    """Return a neighbour of `v`, each as likely as its share of the walks that go on there."""
    left = _random(state) * total
    first, left = _pick(view.along, filt, v, count, base, left)
    if first >= 0:
        return first
    second, left = _pick(view.against, filt, v, count, base, left)
    if second >= 0:
        return second
    # Rounding used up all that there was: the last one.
    return -2 - (second if second < -1 else first)


@inner
def _any(view: Any, filt: Any, v: int, state: Any) -> int:
    """Return the neighbour of a random entry of `v`, -1 where that may not be walked."""
    along, against = width(view.along, v), width(view.against, v)
    at = np.int64(_random(state) * (along + against))
    if at < along:
        e = view.along.ptr[v] + at
        return int(view.along.nbr[e]) if _open(view.along, filt, e) else -1
    e = view.against.ptr[v] + at - along
    return int(view.against.nbr[e]) if _open(view.against, filt, e) else -1


@inner
def _first_at(nbr: Any, start: int, end: int, w: int) -> int:
    while start < end:
        middle = (start + end) >> 1
        if nbr[middle] < w:
            start = middle + 1
        else:
            end = middle
    return start


@inner
def _parallel(
    segment: Any, turned: int, rules: Any, v: int, w: int, target: int
) -> tuple[int, int]:
    """Return how many statements lead from `v` to `w` in a segment, and the positions they take.

    `target` is the entity that the hop arrives at on the way from a source.
    """
    filt, pattern = rules.filter, rules.pattern
    many = may = 0
    if segment.mode == NONE:
        return many, may
    x, end = segment.ptr[v], segment.ptr[v + 1]
    while x < end:
        run = run_end(segment.pred, x, end)
        e = _first_at(segment.nbr, x, run, w)
        while e < run and segment.nbr[e] == w:
            if _open(segment, filt, e):
                many += 1
                if pattern.on:
                    may |= takes(pattern, segment.pred[e], turned, filt.category[target])
            e += 1
        x = run
    return many, may


@inner
def _repeats(nodes: Any, hops: int) -> bool:
    """Say whether an entity comes twice."""
    for i in range(hops + 1):
        for j in range(i):
            if nodes[i] == nodes[j]:
                return True
    return False


@inner
def _hop(forward: Any, backward: Any, rules: Any, v: int, w: int) -> tuple[int, int]:
    """Return how many statements lead from `v` to `w`, and the positions that they take.

    The end with fewer entries is looked at; either has each statement of the hop once.
    """
    ahead = width(forward.along, v) + width(forward.against, v)
    behind = width(backward.along, w) + width(backward.against, w)
    if ahead <= behind:
        one, may = _parallel(forward.along, 0, rules, v, w, w)
        two, more = _parallel(forward.against, 1, rules, v, w, w)
    else:
        one, may = _parallel(backward.along, 0, rules, w, v, w)
        two, more = _parallel(backward.against, 1, rules, w, v, w)
    return one + two, may | more


@inner
def _follow(
    moves: Any, pattern: Any, group: int, c: int, may: int, states: Any, after: Any
) -> None:
    """Mark in `after` the states that a hop of class `c` leads to from `states`."""
    size = pattern.size
    for state in range(len(states)):
        leave, live = state // size, pattern.first
        if leave != START:
            live = pattern.next[0, state % size]
        if states[state] and moves.step[group, moves.enter[c], leave] < INF:
            for q in range(size):
                if (live & may) >> q & 1:
                    after[moves.leave[c] * size + q] = 1


@inner
def _advance(
    segment: Any, turned: int, rules: Any, v: int, w: int, target: int, states: Any, after: Any
) -> None:
    """Mark in `after` the states that the statements from `v` to `w` lead to from `states`."""
    filt, pattern, moves = rules.filter, rules.pattern, rules.transitions
    group = moves.group[v]
    if segment.mode == NONE:
        return
    x, end = segment.ptr[v], segment.ptr[v + 1]
    while x < end:
        run = run_end(segment.pred, x, end)
        e = _first_at(segment.nbr, x, run, w)
        while e < run and segment.nbr[e] == w:
            kind, may = kind_of(moves, filt, segment, e), 1
            if pattern.on:
                may = takes(pattern, segment.pred[e], turned, filt.category[target])
            past = moves.option[turned, kind + 1] if _open(segment, filt, e) else 0
            for c in range(moves.option[turned, kind], past):
                _follow(moves, pattern, group, c, may, states, after)
            e += 1
        x = run


@inner
def _composes(forward: Any, rules: Any, nodes: Any, hops: int) -> bool:
    """Say whether some choice of statements along these entities is admissible."""
    moves, size = rules.transitions, rules.pattern.size
    states = np.zeros(moves.leaves * size, np.uint8)
    states[START] = 1
    for i in range(hops):
        after = np.zeros(moves.leaves * size, np.uint8)
        v, w = nodes[i], nodes[i + 1]
        _advance(forward.along, 0, rules, v, w, w, states, after)
        _advance(forward.against, 1, rules, v, w, w, states, after)
        states = after
    for state in range(len(states)):
        ends = moves.step[moves.group[nodes[hops]], END, state // size] < INF
        if states[state] and ends and (rules.pattern.last >> (state % size)) & 1:
            return True
    return False


@inner
def _share(forward: Any, backward: Any, rules: Any, marks: Any, nodes: Any, hops: int) -> float:
    """Return 1 / (walks of statements along these entities), or 0 where they are no path."""
    if _repeats(nodes, hops):
        return 0.0
    share, live, met, pattern = 1.0, rules.pattern.first, 0, rules.pattern
    for i in range(hops):
        if rules.need:
            met |= via_of(rules, marks, nodes[i])
        many, may = _hop(forward, backward, rules, nodes[i], nodes[i + 1])
        share /= many
        if pattern.on:
            live &= may
            if i < hops - 1:
                live = union(pattern.next[0], live, pattern.size)
    if rules.need:
        met |= via_of(rules, marks, nodes[hops])
    if met != rules.need or (pattern.on and live & pattern.last == 0):
        return 0.0
    if rules.transitions.on and not _composes(forward, rules, nodes, hops):
        return 0.0
    return share


@inner
def _chances(
    view: Any, filt: Any, n: int, i: int, j: int, found: Spread, exact: bool, chance: Any
) -> float:
    """Fill running sums of walks through each entity of level i; return the last."""
    total = 0.0
    start = found.cut_a[i]
    for x in range(len(chance)):
        v = found.queue_a[start + x]
        if exact:
            onward = _weight(view.along, filt, v, found.behind, j * n)
            onward += _weight(view.against, filt, v, found.behind, j * n)
        else:
            onward = np.float64(width(view.along, v) + width(view.against, v))
        total += found.ahead[i * n + v] * onward
        chance[x] = total
    return total


@inner
def _mirrored(found: Spread) -> Spread:
    """Return the same counts with the two ends exchanged."""
    return Spread(
        found.status,
        found.b,
        found.a,
        found.work,
        found.behind,
        found.ahead,
        found.queue_b,
        found.queue_a,
        found.cut_b,
        found.cut_a,
        found.wide_b,
        found.wide_a,
    )


@inner
def _split(found: Spread, hops: int) -> tuple[int, int]:
    """Return how many levels of each side to use for walks of some hops, the cheapest join."""
    best, i, j = np.int64(1) << 62, 0, 0
    for x in range(min(found.a, hops - 1) + 1):
        y = min(found.b, hops - 1 - x)
        if x + y < min(found.a + found.b, hops - 1):
            continue
        wide = min(found.wide_a[x], found.wide_b[y])
        if wide < best:
            best, i, j = wide, x, y
    return i, j


@inner
def _crossed(
    view: Any, filt: Any, role: Any, start: int, stop: int, nodes: Any, state: Any
) -> float:
    """Draw steps from nodes[start] to nodes[stop]; return how many each stands for beyond one.

    The first one's choice is accounted for by the caller; 0 where no path goes on.
    """
    weight = 1.0
    for at in range(start, stop):
        if at > start:
            weight *= width(view.along, nodes[at]) + width(view.against, nodes[at])
        u = _any(view, filt, nodes[at], state)
        if u < 0:
            return 0.0
        if at + 1 < stop and (role[u] != 0 or barred(filt.classes, filt.category, u)):
            return 0.0
        nodes[at + 1] = u
    return weight


@inner
def _walk(
    ahead: Any,
    behind: Any,
    filt: Any,
    role: Any,
    found: Spread,
    i: int,
    j: int,
    hops: int,
    exact: bool,
    v: int,
    nodes: Any,
    state: Any,
) -> float:
    """Draw a walk through `v` at level i; return how many walks it stands for beyond its choice.

    `nodes` are filled from the roots to the ends.
    """
    weight, n = 1.0, len(role)
    nodes[i] = v
    if exact:
        total = _weight(ahead.along, filt, v, found.behind, j * n)
        total += _weight(ahead.against, filt, v, found.behind, j * n)
        nodes[i + 1] = _drawn(ahead, filt, v, found.behind, j * n, total, state)
    else:
        weight = _crossed(ahead, filt, role, i, hops - j, nodes, state)
        if weight != 0.0:
            weight *= found.behind[j * n + nodes[hops - j]]
    if weight == 0.0:
        return 0.0
    for left in range(j, 0, -1):
        at = hops - left
        total = found.behind[left * n + nodes[at]]
        base = (left - 1) * n
        nodes[at + 1] = _drawn(ahead, filt, nodes[at], found.behind, base, total, state)
    for level in range(i, 0, -1):
        total = found.ahead[level * n + nodes[level]]
        base = (level - 1) * n
        nodes[level - 1] = _drawn(behind, filt, nodes[level], found.ahead, base, total, state)
    return weight


@inner
def _oriented(found: Spread, hops: int) -> tuple[Spread, int, int, bool]:
    """Return what was counted, with the side that is cheaper to leave first, and whether turned."""
    i, j = _split(found, hops)
    if found.wide_b[j] < found.wide_a[i]:
        return _mirrored(found), j, i, True
    return found, i, j, False


@inner
def _turned(forward: Any, backward: Any, nodes: Any, swapped: bool, hops: int, turned: Any) -> int:
    """Fill `turned` with a walk from source to target; return the entries that it looks at."""
    work = 0
    for at in range(hops + 1):
        turned[at] = nodes[hops - at] if swapped else nodes[at]
        work += width(forward.along, nodes[at]) + width(forward.against, nodes[at])
        work += width(backward.along, nodes[at]) + width(backward.against, nodes[at])
    return work


@entry
def sampled(
    forward: Any,
    backward: Any,
    rules: Any,
    marks: Any,
    found: Any,
    hops: int,
    draws: int,
    max_join: int,
    max_work: int,
    seed: int,
    watch: Any,
) -> tuple[float, float, int, int]:
    """Return an estimate of paths of exactly `hops` hops, its variance, draws made, and work.

    A join of at most `max_join` entries is counted, a larger one is drawn from as well. Stops
    early after `max_work` entries. marks: roles and via bits, as in `Scratch`. The same seed, the
    same answer.
    """
    found, i, j, swapped = _oriented(found, hops)
    ahead, behind = (backward, forward) if swapped else (forward, backward)
    exact = i + j == hops - 1 and found.wide_a[i] <= max_join
    chance = np.empty(found.cut_a[i + 1] - found.cut_a[i], np.float64)
    total = _chances(ahead, rules.filter, len(marks[ROLE]), i, j, found, exact, chance)
    nodes, turned = np.empty(hops + 1, np.int64), np.empty(hops + 1, np.int64)
    state = np.array([seed], np.uint64)
    mean, square, made, work = 0.0, 0.0, 0, np.int64(0)
    while made < draws and total > 0.0 and work <= max_work:
        if made & 63 == 63 and stopped(watch):
            break
        made += 1
        x = min(np.searchsorted(chance, _random(state) * total, side="right"), len(chance) - 1)
        v = found.queue_a[found.cut_a[i] + x]
        weight = _walk(
            ahead, behind, rules.filter, marks[ROLE], found, i, j, hops, exact, v, nodes, state
        )
        work += hops + width(ahead.along, v) + width(ahead.against, v)
        if weight == 0.0:
            continue
        work += _turned(forward, backward, nodes, swapped, hops, turned)
        value = total * weight * _share(forward, backward, rules, marks, turned, hops)
        mean += value
        square += value * value
    mean, square = mean / max(made, 1), square / max(made, 1)
    return mean, max(square - mean * mean, 0.0) / max(made, 1), made, int(work)
