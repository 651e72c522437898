"""The k best simple paths under transitions, proven: `best` with classes of hops.

A prefix is a sequence of entities, so that a path counts once however many choices of statements
it has. It carries the choices that matter: for each class by which its last hop may leave (and
each position of the pattern that this hop may take) the least key of an admissible choice, as a
short chain of links. Extending it takes the minimum of these over the table of steps once for
each `enter`, then one look a statement. The key of a path is the least over its choices.

Order, bounds and resumption are those of `best`. Memory: 42 bytes a prefix and 16 a link.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mechkg.kg.jit import entry, inner, leaf
from mechkg.kg.kernels.best import (
    BOUND,
    DEPTH,
    FOUND,
    HEAPED,
    LINKS,
    POLL,
    SEEDED,
    STORED,
    WHOLE,
    WORK,
    deliver,
    entries_from,
    lower_bound,
    on_path,
    pop,
    push,
)
from mechkg.kg.kernels.packed import unpack_rules, unpack_scratch, unpack_steps
from mechkg.kg.kernels.potential import units_of
from mechkg.kg.kernels.potential_by_class import kind_of, least_by_class
from mechkg.kg.kernels.types import (
    AHEAD,
    BEHIND,
    END,
    FINISHED,
    FULL,
    INF,
    LENGTHS,
    MARK,
    MASKED,
    NONE,
    ROLE,
    SLOT,
    START,
    STOPPED,
    TARGET,
    ZERO,
    barred,
    hidden,
    next_run,
    segment_of,
    stopped,
    takes,
    via_of,
)

__all__ = ["best_by_class"]

FIRST_LINKS = 1 << 12


class Links(NamedTuple):
    """The links that one expansion makes, before any is stored.

    state (int64: leave * positions + position), key (int64), next (int64, -1 at the end of a
    chain); reach (enters, positions; int64) is the least key with which the prefix takes a class;
    head[0] counts links.
    """

    state: NDArray[np.int64]
    key: NDArray[np.int64]
    next: NDArray[np.int64]
    reach: NDArray[np.int64]
    head: NDArray[np.int64]


@leaf
def _reach(rules: Any, front: Any, x: int, links: Any) -> int:
    """Fill `reach` for a prefix; return the least of it."""
    moves, pattern, reach, low = rules.transitions, rules.pattern, links.reach, INF
    group, size = moves.group[front.node[x]], pattern.size
    reach[:] = INF
    link = front.avail[x]
    while link >= 0:
        leave, key = front.link_state[link] // size, front.link_key[link]
        follow = pattern.first
        if leave != START:
            follow = pattern.next[0, front.link_state[link] % size]
        for e in range(1, moves.enters):
            step = moves.step[group, e, leave]
            if step >= INF:
                continue
            low = min(low, key + step)
            for q in range(size):
                if (follow >> q) & 1:
                    reach[e, q] = min(reach[e, q], key + step)
        link = front.link_next[link]
    return int(low)


@leaf
def _insert(links: Any, behind: Any, i: int, state: int, key: int) -> bool:
    """Note a choice for the i-th neighbour; False if there is no link left."""
    at = np.int64(behind[i])
    while at >= 0:
        if links.state[at] == state:
            links.key[at] = min(links.key[at], key)
            return True
        at = links.next[at]
    at = links.head[0]
    if at == len(links.key):
        return False
    links.state[at], links.key[at], links.next[at] = state, key, behind[i]
    behind[i] = at
    links.head[0] = at + 1
    return True


@leaf
def _choose(
    rules: Any, c: int, may: int, units: int, links: Any, behind: Any, i: int
) -> bool:
    """Note what one class of one statement to the i-th neighbour allows."""
    moves, size = rules.transitions, rules.pattern.size
    step = (units + moves.units[c]) * LENGTHS + 1
    for q in range(size):
        key = links.reach[moves.enter[c], q]
        if (may >> q) & 1 and key < INF:
            state = np.int64(moves.leave[c]) * size + q
            if not _insert(links, behind, i, state, key + step):
                return False
    return True


@leaf
def _neighbours(
    segment: Any, turned: int, rules: Any, role: Any, places: Any, v: int, spare: int, links: Any,
    count: int,
) -> int:
    """Collect into AHEAD what a segment of `v` leads to, each once; return how many.

    BEHIND has the chain of choices of each, MARK its number plus one. Negative if there are too
    few links.
    """
    filt, columns, moves = rules.filter, rules.columns, rules.transitions
    cost, mark, found, behind = columns.cost, places[MARK], places[AHEAD], places[BEHIND]
    x, end = segment.ptr[v], segment.ptr[v + 1]
    while x < end:
        last = end
        if segment.mode == MASKED:
            x, last = next_run(segment.pred, segment.mask, x, end)
        for e in range(x, last):
            u, may = segment.nbr[e], 1
            if role[u] & TARGET == 0 and (
                role[u] != 0 or cost[u] > spare or barred(filt.classes, filt.category, u)
            ):
                continue
            kind = kind_of(moves, filt, segment, e)
            first, past = moves.option[turned, kind], moves.option[turned, kind + 1]
            if first == past or hidden(filt, segment.inward, e):
                continue
            if rules.pattern.on:
                may = takes(rules.pattern, segment.pred[e], turned, filt.category[u])
            if mark[u] == 0:
                found[count], behind[count] = u, -1
                count += 1
                mark[u] = count
            units = units_of(columns, filt, segment, e)
            for c in range(first, past):
                if not _choose(rules, c, may, units, links, behind, mark[u] - 1):
                    return -count
        x = last
    return count


@inner
def _collect(steps: Any, rules: Any, scratch: Any, front: Any, x: int, links: Any) -> int:
    """Collect what one step from prefix `x` leads to; return how many, negative if too many."""
    links.head[0] = 0
    count, v = ZERO, front.node[x]
    low = _reach(rules, front, x, links)
    if low >= INF or low > front.head[BOUND]:
        return 0
    spare = (front.head[BOUND] - low - 1) // LENGTHS - rules.columns.hop
    for turned in range(2):
        segment = segment_of(steps, turned, 0)
        if segment.mode != NONE and count >= 0:
            count = _neighbours(
                segment, turned, rules, scratch.marks[ROLE], scratch.places, v, spare, links, count
            )
    for i in range(abs(count)):
        scratch.places[MARK, scratch.places[AHEAD, i]] = 0
    return count


@leaf
def _end_here(front: Any, rules: Any, x: int, u: int, chain: int, met: int, links: Any) -> None:
    """Store the whole path that goes from prefix `x` to target `u`, if it is admissible."""
    moves, pattern, head = rules.transitions, rules.pattern, front.head
    depth, key = (front.depth[x] & DEPTH) + 1, INF
    while chain >= 0:
        leave, q = links.state[chain] // pattern.size, links.state[chain] % pattern.size
        step = moves.step[moves.group[u], END, leave]
        if step < INF and (pattern.last >> q) & 1:
            key = min(key, links.key[chain] + step)
        chain = links.next[chain]
    if key > head[BOUND] or key >= INF or depth < rules.min_hops or met != rules.need:
        return
    root = x
    while front.parent[root] >= 0:
        root = front.parent[root]
    if front.node[root] == u:
        return
    if key < front.tops[0]:
        lower_bound(front.tops, key)
        head[BOUND] = min(head[BOUND], front.tops[0])
    push(front, u, x, key, depth | WHOLE, met, ZERO - 1, key)


@leaf
def _go_on(
    front: Any, rules: Any, scratch: Any, x: int, u: int, chain: int, met: int, hops: int,
    sets: int, radius: int, pool: Any, links: Any,
) -> None:
    """Store the prefix that goes from `x` to `u`, with the choices that may be among the best."""
    pattern, head, slot = rules.pattern, front.head, scratch.places[SLOT, u]
    depth = np.int64(front.depth[x]) + 1
    low, left, miss = max(1, rules.min_hops - depth), hops - depth, rules.need & ~met
    cost, stored, least, first = rules.columns.cost[u] * LENGTHS, ZERO - 1, INF, INF
    while chain >= 0:
        state, key = links.state[chain], links.key[chain] + cost
        still = least_by_class(
            rules, slot, state // pattern.size, pattern.next[0, state % pattern.size], miss, low,
            left, sets, hops - 1, radius, pool,
        )
        if key + still <= head[BOUND]:
            at = head[LINKS]
            front.link_state[at], front.link_key[at], front.link_next[at] = state, key, stored
            head[LINKS] = at + 1
            stored, least, first = at, min(least, key), min(first, key + still)
        chain = links.next[chain]
    if stored >= 0:
        push(front, u, x, least, depth, met, stored, first)


@leaf
def _extend(
    rules: Any, scratch: Any, front: Any, x: int, count: int, hops: int, sets: int, radius: int,
    pool: Any, links: Any,
) -> None:
    """Store everything that was collected and that may be among the best."""
    found, behind, met = scratch.places[AHEAD], scratch.places[BEHIND], np.int64(front.via[x])
    for i in range(count):
        u, seen = found[i], met
        if rules.need:
            seen = met | via_of(rules, scratch.marks, u)
        if scratch.marks[ROLE, u] & TARGET:
            _end_here(front, rules, x, u, behind[i], seen, links)
        elif front.depth[x] + 1 < hops and not on_path(front.node, front.parent, x, u):
            _go_on(
                front, rules, scratch, x, u, behind[i], seen, hops, sets, radius, pool, links
            )


@leaf
def _seed(front: Any, rules: Any, scratch: Any, sources: Any) -> None:
    """Store the sources as the first prefixes, each with one link, that of the begin."""
    for s in sources:
        met = via_of(rules, scratch.marks, s) if rules.need else 0
        at = front.head[LINKS]
        front.link_state[at], front.link_key[at], front.link_next[at] = START, 0, -1
        front.head[LINKS] = at + 1
        push(front, s, ZERO - 1, ZERO, ZERO, met, at, ZERO)
    front.head[SEEDED] = 1


@inner
def _links(rules: Any, size: int) -> Links:
    reach = np.empty((rules.transitions.enters, rules.pattern.size), np.int64)
    return Links(
        np.empty(size, np.int64), np.empty(size, np.int64), np.empty(size, np.int64), reach,
        np.zeros(1, np.int64),
    )


@entry
def best_by_class(
    plan: Any, room: Any, sources: Any, hops: int, sets: int, radius: int, pool: Any, front: Any,
    watch: Any,
) -> int:
    """Go on as `best_first` does, with the labels of `potential_by_class`; see there."""
    steps, rules, scratch = unpack_steps(plan), unpack_rules(plan), unpack_scratch(room)
    head = front.head
    if head[SEEDED] == 0:
        _seed(front, rules, scratch, sources)
    links, polled = _links(rules, ZERO + FIRST_LINKS), head[WORK]
    while head[FOUND] < len(front.keys) and head[HEAPED] > 0 and front.first[0] <= head[BOUND]:
        x = front.order[0]
        if front.depth[x] & WHOLE:
            pop(front)
            deliver(front, x)
            continue
        head[WORK] += entries_from(steps, front.node[x])
        if head[WORK] - polled > POLL:
            polled = head[WORK]
            if stopped(watch):
                return STOPPED
        count = _collect(steps, rules, scratch, front, x, links)
        while count < 0:
            links = _links(rules, 4 * len(links.key))
            count = _collect(steps, rules, scratch, front, x, links)
        if head[STORED] + count > len(front.node) or (
            head[LINKS] + links.head[0] > len(front.link_key)
        ):
            return FULL
        pop(front)
        _extend(rules, scratch, front, x, count, hops, sets, radius, pool, links)
    return FINISHED
