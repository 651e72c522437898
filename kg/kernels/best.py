"""The k best simple paths, proven: best-first search under an exact hop-indexed potential.

A* over path prefixes (Hart, Nilsson & Raphael 1968): a prefix is worth what it has cost plus the
least that any admissible walk on could cost (`potential`). Prefixes leave the heap in the order of
(key, entities row by row, shorter first), so paths come out in exactly that order, ties included.
Parallel statements are one hop with the least of their costs. Prefixes that cannot be among the k
best, by an upper bound that falls as paths are found, are never stored.

The search keeps its state in arrays, so it can be left and resumed. Memory: 42 bytes a prefix.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mechkg.kg.jit import entry, inlined, inner, leaf
from mechkg.kg.kernels.packed import unpack_rules, unpack_scratch, unpack_steps
from mechkg.kg.kernels.potential import least, units_of
from mechkg.kg.kernels.types import (
    AHEAD,
    BEHIND,
    FINISHED,
    FULL,
    INF,
    LENGTHS,
    MARK,
    MASKED,
    NONE,
    ROLE,
    SLOT,
    STOPPED,
    TARGET,
    ZERO,
    barred,
    hidden,
    next_run,
    segment_of,
    stopped,
    takes,
    union,
    via_of,
)

__all__ = [
    "BOUND", "DEPTH", "FOUND", "HEAPED", "LINKS", "POLL", "SEEDED", "STORED", "WHOLE", "WORK",
    "Frontier", "best_first", "deliver", "entries_from", "lower_bound", "on_path", "pop", "push",
]

POLL = 1 << 18

# Places in `head`, the search's counters.
STORED, HEAPED, FOUND, BOUND, WORK, SEEDED, LINKS = range(7)


class Frontier(NamedTuple):
    """Prefixes (node, parent: int32; key, avail: int64; depth, via: uint8) and a heap of them.

    depth has bit 64 set where the prefix is a whole path. first (int64) and order (int32) are the
    heap: least possible key and prefix. tops (k, int64) is a max-heap of the k least keys of
    whole paths so far. out (k, hops+1; int32, -1 padded) and keys (k, int64) are the paths found.
    head: see STORED ...; head[BOUND] is an upper bound on the k-th key.

    Under transitions (`best_by_class`) avail is the first link of a prefix's choices: link_state
    (int32: leave * positions + position), link_key (int64), link_next (int32, -1 at the end).
    """

    node: NDArray[np.int32]
    parent: NDArray[np.int32]
    key: NDArray[np.int64]
    avail: NDArray[np.int64]
    depth: NDArray[np.uint8]
    via: NDArray[np.uint8]
    first: NDArray[np.int64]
    order: NDArray[np.int32]
    link_state: NDArray[np.int32]
    link_key: NDArray[np.int64]
    link_next: NDArray[np.int32]
    tops: NDArray[np.int64]
    out: NDArray[np.int32]
    keys: NDArray[np.int64]
    head: NDArray[np.int64]


WHOLE = 64
DEPTH = 63


@leaf
def _before(front: Any, x: int, y: int) -> bool:
    """Say whether prefix x stands before y, row by row, a prefix before what extends it."""
    node, parent = front.node, front.parent
    dx, dy = front.depth[x] & DEPTH, front.depth[y] & DEPTH
    shorter = dx < dy
    while dx > dy:
        x = parent[x]
        dx -= 1
    while dy > dx:
        y = parent[y]
        dy -= 1
    a, b = 0, 0
    while x != y:
        a, b = node[x], node[y]
        x, y = parent[x], parent[y]
    return a < b if a != b else shorter


@leaf
def _rise(front: Any, i: int) -> None:
    first, order = front.first, front.order
    while i > 0:
        p = (i - 1) >> 1
        if first[p] < first[i]:
            break
        if first[p] == first[i] and _before(front, order[p], order[i]):
            break
        first[p], first[i] = first[i], first[p]
        order[p], order[i] = order[i], order[p]
        i = p


@leaf
def _sink(front: Any, n: int) -> None:
    first, order = front.first, front.order
    i = 0
    while 2 * i + 1 < n:
        c = 2 * i + 1
        if c + 1 < n and (
            first[c + 1] < first[c]
            or (first[c + 1] == first[c] and _before(front, order[c + 1], order[c]))
        ):
            c += 1
        if first[i] < first[c]:
            break
        if first[i] == first[c] and _before(front, order[i], order[c]):
            break
        first[c], first[i] = first[i], first[c]
        order[c], order[i] = order[i], order[c]
        i = c


@leaf
def lower_bound(tops: Any, key: int) -> None:
    """Replace the greatest of the k least keys by a smaller one."""
    n, i = len(tops), 0
    while 2 * i + 1 < n:
        c = 2 * i + 1
        if c + 1 < n and tops[c + 1] > tops[c]:
            c += 1
        if key >= tops[c]:
            break
        tops[i] = tops[c]
        i = c
    tops[i] = key


@leaf
def push(
    front: Any, node: int, parent: int, key: int, depth: int, via: int, avail: int, first: int
) -> None:
    """Store a prefix and put it on the heap."""
    head = front.head
    at, h = head[STORED], head[HEAPED]
    front.node[at], front.parent[at], front.key[at] = node, parent, key
    front.depth[at], front.via[at], front.avail[at] = depth, via, avail
    front.first[h], front.order[h] = first, at
    head[STORED], head[HEAPED] = at + 1, h + 1
    _rise(front, h)


@leaf
def _neighbours(
    segment: Any, turned: int, rules: Any, role: Any, places: Any, v: int, spare: int, may: Any,
    count: int,
) -> int:
    """Collect into AHEAD what a segment of `v` leads to, each once, its least cost in BEHIND.

    Entities that cost more than `spare` are left out. `may` takes the open pattern positions;
    MARK holds the place of each, plus one.
    """
    filt, columns, pattern = rules.filter, rules.columns, rules.pattern
    cost, mark, found, cheap = columns.cost, places[MARK], places[AHEAD], places[BEHIND]
    x, end = segment.ptr[v], segment.ptr[v + 1]
    while x < end:
        last = end
        if segment.mode == MASKED:
            x, last = next_run(segment.pred, segment.mask, x, end)
        for e in range(x, last):
            u = segment.nbr[e]
            if role[u] & TARGET == 0 and (
                role[u] != 0 or cost[u] > spare or barred(filt.classes, filt.category, u)
            ):
                continue
            if hidden(filt, segment.inward, e):
                continue
            at = mark[u] - 1
            if at < 0:
                at = count
                found[at], cheap[at] = u, INF
                if pattern.on:
                    may[at] = 0
                count += 1
                mark[u] = count
            cheap[at] = min(cheap[at], units_of(columns, filt, segment, e))
            if pattern.on:
                may[at] |= takes(pattern, segment.pred[e], turned, filt.category[u])
        x = last
    return count


@leaf
def _end_here(front: Any, rules: Any, x: int, u: int, key: int, met: int, live: int) -> None:
    """Store the whole path that goes from prefix `x` to target `u`, if it is admissible."""
    pattern, head = rules.pattern, front.head
    depth = front.depth[x] + 1
    if depth < rules.min_hops or met != rules.need or key > head[BOUND]:
        return
    if pattern.on and live & pattern.last == 0:
        return
    root = x
    while front.parent[root] >= 0:
        root = front.parent[root]
    if front.node[root] == u:
        return
    if key < front.tops[0]:
        lower_bound(front.tops, key)
        head[BOUND] = min(head[BOUND], front.tops[0])
    push(front, u, x, key, depth | WHOLE, met, ZERO, key)


@inlined
def _still(
    place: int, avail: int, miss: int, low: int, high: int, size: int, sets: int, levels: int,
    radius: int, pool: Any,
) -> int:
    """Return the least that a prefix must still cost with at most `high` hops left."""
    still = INF
    if place >= 0 and size * sets == 1:
        for r in range(low, high + 1):
            still = min(still, pool[place * levels + r - 1])
    elif place >= 0:
        still = least(place, avail, miss, low, high, size, sets, levels, pool)
    # At one hop every label is kept; beyond, a missing one means more than the radius.
    return still if high == 1 else min(still, radius + 1)


@inlined
def on_path(node: Any, parent: Any, x: int, u: int) -> bool:
    """Say whether prefix `x` holds entity `u`."""
    y = x
    while y >= 0 and node[y] != u:
        y = parent[y]
    return y >= 0


@inner
def _surroundings(
    steps: Any, rules: Any, scratch: Any, v: int, spare: int, may: Any
) -> int:
    """Collect what one step from `v` leads to through both segments; return how many."""
    count = ZERO
    for turned in range(2):
        segment = segment_of(steps, turned, 0)
        if segment.mode != NONE:
            count = _neighbours(
                segment, turned, rules, scratch.marks[ROLE], scratch.places, v, spare, may, count
            )
    return count


@leaf
def _expand(
    steps: Any, rules: Any, scratch: Any, front: Any, x: int, hops: int, sets: int, radius: int,
    pool: Any, may: Any,
) -> None:
    """Store everything that prefix `x` leads to and that may be among the best."""
    key, met, depth = front.key[x], np.int64(front.via[x]), np.int64(front.depth[x]) + 1
    pattern, node, parent, head = rules.pattern, front.node, front.parent, front.head
    role, places, cost = scratch.marks[ROLE], scratch.places, rules.columns.cost
    found, cheap, mark, slot = places[AHEAD], places[BEHIND], places[MARK], places[SLOT]
    low, left = max(1, rules.min_hops - depth), hops - depth
    spare = (head[BOUND] - key - 1) // LENGTHS - rules.columns.hop
    for i in range(_surroundings(steps, rules, scratch, node[x], spare, may)):
        u = found[i]
        mark[u] = 0
        live, avail, seen = 1, 1, met
        if pattern.on:
            live = may[i] & front.avail[x]
            avail = union(pattern.next[0], live, pattern.size)
        if rules.need:
            seen = met | via_of(rules, scratch.marks, u)
        step = key + cheap[i] * LENGTHS + 1
        if role[u] & TARGET:
            _end_here(front, rules, x, u, step, seen, live)
        elif left > 0 and avail != 0:
            step += cost[u] * LENGTHS
            first = step + _still(
                slot[u], avail, rules.need & ~seen, low, left, pattern.size, sets, hops - 1,
                radius, pool,
            )
            if first <= head[BOUND] and not on_path(node, parent, x, u):
                push(front, u, x, step, depth, seen, avail, first)


@inner
def entries_from(steps: Any, v: int) -> int:
    """Return how many entries a step from `v` may look at."""
    total = 0
    for turned in range(2):
        segment = segment_of(steps, turned, 0)
        if segment.mode != NONE:
            total += segment.ptr[v + 1] - segment.ptr[v]
    return total


@leaf
def _seed(front: Any, rules: Any, scratch: Any, sources: Any) -> None:
    """Store the sources as the first prefixes."""
    for s in sources:
        met = via_of(rules, scratch.marks, s) if rules.need else 0
        push(front, s, ZERO - 1, ZERO, ZERO, met, rules.pattern.first, ZERO)
    front.head[SEEDED] = 1


@leaf
def pop(front: Any) -> None:
    """Take the first prefix off the heap."""
    head = front.head
    head[HEAPED] -= 1
    front.first[0], front.order[0] = front.first[head[HEAPED]], front.order[head[HEAPED]]
    _sink(front, head[HEAPED])


@leaf
def deliver(front: Any, x: int) -> None:
    """Write a whole path out."""
    at = front.head[FOUND]
    front.head[FOUND] = at + 1
    front.keys[at] = front.key[x]
    depth = front.depth[x] & DEPTH
    while x >= 0:
        front.out[at, depth] = front.node[x]
        depth -= 1
        x = front.parent[x]


@entry
def best_first(
    plan: Any, room: Any, sources: Any, hops: int, sets: int, radius: int, pool: Any, front: Any,
    watch: Any,
) -> int:
    """Go on until as many paths are out as `front.keys` has room for; return the status.

    FINISHED: that many, or all there are (below the bound given). FULL: the prefixes do not fit;
    copy `front` into larger arrays and call again. STOPPED: the clock or the caller; whatever is
    not out yet costs at least front.first[0].
    """
    steps, rules, scratch = unpack_steps(plan), unpack_rules(plan), unpack_scratch(room)
    head = front.head
    if head[SEEDED] == 0:
        _seed(front, rules, scratch, sources)
    entities = scratch.marks.shape[1] if rules.pattern.on else 0
    may = np.empty(entities, np.int64)
    polled = head[WORK]
    while head[FOUND] < len(front.keys) and head[HEAPED] > 0 and front.first[0] <= head[BOUND]:
        x = front.order[0]
        if front.depth[x] & WHOLE:
            pop(front)
            deliver(front, x)
            continue
        width = entries_from(steps, front.node[x])
        if head[STORED] + width > len(front.node):
            return FULL
        head[WORK] += width
        if head[WORK] - polled > POLL:
            polled = head[WORK]
            if stopped(watch):
                return STOPPED
        pop(front)
        _expand(steps, rules, scratch, front, x, hops, sets, radius, pool, may)
    return FINISHED
