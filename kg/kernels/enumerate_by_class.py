"""The depth-first walk of `enumerate` under transitions.

The walk carries, for each depth, the states by which the path so far may go on: a class (`leave`
of its last hop, or `enter` where the walk begins at the targets) with a position of the pattern,
the least key of an admissible choice, and the set of signs of all of them. A path is counted once,
with the least key and the signs of the choices that are admissible to its end. `_promise` tells
for each entity and number of hops left which classes can still lead to an end, so that
fruitless branches are cut as without transitions.

O(entries + paths * choices of a hop * states), and O(edges * hops) for the promise.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mechkg.kg.jit import inlined, inner, leaf
from mechkg.kg.kernels.types import (
    END,
    FINISHED,
    FULL,
    INF,
    LENGTHS,
    LOWER_BIT,
    NONE_BIT,
    RAISE_BIT,
    START,
    STOPPED,
    UNKNOWN_BIT,
    ZERO,
    stopped,
)

__all__ = ["outcome_of", "signs_after", "walk_by_class"]

_POLL = (1 << 20) - 1


class States(NamedTuple):
    """The states of the walk by depth (hops+1, states).

    many (hops+1; int64) is how many there are; state (int64: class * positions + position), key
    (int64), sign (uint8 bits); parent and choice (int32) are the state and the choice that gave
    the least key. promise: see `_promise`.
    """

    many: NDArray[np.int64]
    state: NDArray[np.int64]
    key: NDArray[np.int64]
    sign: NDArray[np.uint8]
    parent: NDArray[np.int32]
    choice: NDArray[np.int32]
    promise: NDArray[np.int64]


@leaf
def signs_after(one: int, other: int) -> int:
    """Return the signs that two hops can have together, all as bits.

    Unknown wins, then none; else equal signs raise and different ones lower.
    """
    found = 0
    if (one & UNKNOWN_BIT and other) or (other & UNKNOWN_BIT and one):
        found |= UNKNOWN_BIT
    known, further = one & ~UNKNOWN_BIT, other & ~UNKNOWN_BIT
    if (known & NONE_BIT and further) or (further & NONE_BIT and known):
        found |= NONE_BIT
    if (one & RAISE_BIT and other & RAISE_BIT) or (one & LOWER_BIT and other & LOWER_BIT):
        found |= RAISE_BIT
    if (one & RAISE_BIT and other & LOWER_BIT) or (one & LOWER_BIT and other & RAISE_BIT):
        found |= LOWER_BIT
    return found


@leaf
def outcome_of(signs: int) -> int:
    """Return the code of a set of signs: 0 none, 1 raises, 2 lowers, 3 unknown.

    A direction wins over none and over an unknown one; raising beside lowering is unknown.
    """
    if signs & (RAISE_BIT | LOWER_BIT):
        return int(signs & (RAISE_BIT | LOWER_BIT))
    return 3 if signs & UNKNOWN_BIT else 0


@inner
def _promise(compact: Any, rules: Any, swapped: int, table: Any, hops: int) -> Any:
    """Return the gates by which a walk leads to an end, flat over (local entity, hops left)."""
    moves = rules.transitions
    gate, opens, total = moves.gate[swapped], moves.opens[swapped], len(compact.entity)
    found = np.zeros(total * hops, np.int64)
    for r in range(1, hops):
        for v in range(total):
            for x in range(compact.low[v], compact.high[v]):
                if compact.left[x] > r - 1:
                    break
                w = compact.end[x]
                group = moves.group[compact.entity[w]]
                for o in range(compact.choice_from[x], compact.choice_to[x]):
                    then = compact.choice_leave[o]
                    if compact.left[x] == 0:
                        leads = table[group, END, then] < INF
                    else:
                        leads = found[w * hops + r - 1] & opens[group, then] != 0
                    if leads:
                        found[v * hops + r] |= gate[compact.choice_enter[o]]
    return found


@inlined
def _positions(guard: Any, state: int, size: int) -> int:
    """Return the positions that the hop after a state may take."""
    bits = guard.avail[0]
    if state >= size:
        bits = guard.ahead[state % size]
    return bits


@leaf
def _merge(
    states: Any, depth: int, state: int, key: int, sign: int, parent: int, choice: int
) -> None:
    """Add a state to those of a depth, or to its equal there."""
    count = states.many[depth]
    at = 0
    while at < count and states.state[depth, at] != state:
        at += 1
    if at == count:
        states.state[depth, at], states.sign[depth, at] = state, sign
        states.many[depth] = count + 1
    else:
        states.sign[depth, at] |= sign
    if at == count or key < states.key[depth, at]:
        states.key[depth, at] = key
        states.parent[depth, at], states.choice[depth, at] = parent, choice


@leaf
def _enter(
    compact: Any, guard: Any, rules: Any, opens: Any, table: Any, states: Any, depth: int, v: int,
    x: int, promised: int,
) -> bool:
    """Fill the states at depth + 1 of a walk from `v` over edge `x`; False if there are none."""
    moves, size, entity = rules.transitions, rules.pattern.size, compact.entity
    w = compact.end[x]
    before, after = moves.group[entity[v]], moves.group[entity[w]]
    cost, ahead = rules.columns.cost[entity[w]], states.promise[promised]
    states.many[depth + 1] = 0
    for o in range(compact.choice_from[x], compact.choice_to[x]):
        then, may = compact.choice_leave[o], compact.choice_may[o]
        if ahead & opens[after, then] == 0:
            continue
        if guard.patterned:
            may &= guard.may[promised]
        own = (compact.choice_units[o] + cost) * LENGTHS + 1
        for i in range(states.many[depth]):
            state = states.state[depth, i]
            step = table[before, compact.choice_enter[o], state // size]
            live = may & _positions(guard, state, size)
            if step >= INF or live == 0:
                continue
            sign = signs_after(states.sign[depth, i], compact.choice_sign[o])
            for q in range(size):
                if (live >> q) & 1:
                    _merge(
                        states, depth + 1, np.int64(then) * size + q,
                        states.key[depth, i] + own + step, sign, i, o,
                    )
    return bool(states.many[depth + 1] > 0)


@leaf
def _finish(
    compact: Any, guard: Any, rules: Any, table: Any, states: Any, depth: int, v: int, x: int
) -> tuple[int, int, int, int]:
    """Return the least key, the signs, the state and the choice of a walk that ends with `x`."""
    moves, size, entity = rules.transitions, rules.pattern.size, compact.entity
    before, after = moves.group[entity[v]], moves.group[entity[compact.end[x]]]
    best, signs, parent, choice = INF, 0, -1, -1
    for o in range(compact.choice_from[x], compact.choice_to[x]):
        close = table[after, END, compact.choice_leave[o]]
        may = compact.choice_may[o]
        if guard.patterned:
            may &= guard.last
        if close >= INF or may == 0:
            continue
        own = compact.choice_units[o] * LENGTHS + 1 + close
        for i in range(states.many[depth]):
            state = states.state[depth, i]
            step = table[before, compact.choice_enter[o], state // size]
            if step >= INF or may & _positions(guard, state, size) == 0:
                continue
            signs |= signs_after(states.sign[depth, i], compact.choice_sign[o])
            key = states.key[depth, i] + own + step
            if key < best:
                best, parent, choice = key, i, o
    return int(best), int(signs), int(parent), int(choice)


@leaf
def _keep(
    kept: Any, k: int, stack: Any, states: Any, depth: int, code: int, found: Any, x: int
) -> None:
    """Write a path down: the edges of the stack, then edge `x`, and the best choices of all."""
    path, edge, _ = stack
    key, _, parent, choice = found
    kept.root[k], kept.lengths[k], kept.signs[k], kept.keys[k] = path[0], depth + 1, code, key
    kept.edges[k, depth], kept.choices[k, depth] = x, choice
    for i in range(depth, 0, -1):
        kept.edges[k, i - 1], kept.choices[k, i - 1] = edge[i], states.choice[i, parent]
        parent = states.parent[i, parent]


@leaf
def _end_run(
    compact: Any, guard: Any, rules: Any, table: Any, states: Any, stack: Any, depth: int, x: int,
    kept: Any, counts: Any, k: int,
) -> tuple[int, int]:
    """Count, and keep while there is room, the paths that the ends of an entity finish."""
    left, end, entity, path = compact.left, compact.end, compact.entity, stack[0]
    v, root = path[depth], path[0]
    stop = compact.high[v]
    while x < stop and left[x] == 0:
        fits = depth + 1 >= rules.min_hops and entity[end[x]] != entity[root]
        if fits and guard.need:
            fits = guard.via[depth] | compact.via[end[x]] == guard.need
        if fits:
            found = _finish(compact, guard, rules, table, states, depth, v, x)
            if found[1] != 0:
                code = outcome_of(found[1])
                counts[code] += 1
                if k < len(kept.keys):
                    _keep(kept, k, stack, states, depth, code, found, x)
                    k += 1
        x += 1
    return x, k


@leaf
def _passes(guard: Any, via: int, promised: int, depth: int) -> bool:
    """Say whether all via sets can still be met, and note what has been."""
    if guard.need == 0:
        return True
    guard.via[depth + 1] = guard.via[depth] | via
    return bool(guard.via[depth + 1] | guard.vias[promised] == guard.need)


@leaf
def _holds(path: Any, depth: int, w: int) -> bool:
    """Say whether an entity is on the stack (the root, which none enters, left out)."""
    found = False
    for i in range(1, depth + 1):
        found = found or path[i] == w
    return found


@leaf
def _walk_root(
    compact: Any, guard: Any, rules: Any, opens: Any, table: Any, states: Any, hops: int,
    stack: Any, kept: Any, counts: Any, k: int, root: int, max_paths: int, watch: Any,
) -> tuple[int, int]:
    """Walk all paths from one root, depth first; return the status and how many are kept."""
    low, high, left, end = compact.low, compact.high, compact.left, compact.end
    path, edge, nxt = stack
    depth, steps = ZERO, 0
    path[0], nxt[0] = root, low[root]
    states.many[0], states.state[0, 0], states.key[0, 0] = 1, START, 0
    states.sign[0, 0] = RAISE_BIT
    while depth >= 0:
        v = path[depth]
        x, r, stop = nxt[depth], hops - depth - 1, high[v]
        if x < stop and left[x] == 0:
            x, k = _end_run(
                compact, guard, rules, table, states, stack, depth, x, kept, counts, k
            )
            if counts[0] + counts[1] + counts[2] + counts[3] > max_paths:
                return FULL, k
        nxt[depth], steps = x + 1, steps + 1
        if r <= 0 or x >= stop or left[x] > r:
            depth -= 1
            continue
        if steps & _POLL == 0 and stopped(watch):
            return STOPPED, k
        w = end[x]
        promised = w * hops + r
        via = compact.via[w] if guard.need else 0
        if (
            not _holds(path, depth, w)
            and _passes(guard, via, promised, depth)
            and _enter(
                compact, guard, rules, opens, table, states, depth, v, x, promised
            )
        ):
            depth += 1
            path[depth], edge[depth], nxt[depth] = w, x, low[w]
    return FINISHED, k


@inner
def walk_by_class(
    compact: Any, guard: Any, rules: Any, swapped: int, hops: int, kept: Any, counts: Any,
    max_paths: int, watch: Any,
) -> tuple[int, int]:
    """Walk all paths under transitions; return the status and how many are kept."""
    moves, status, k = rules.transitions, compact.status, ZERO
    table = moves.back if swapped else moves.step
    stack = np.zeros((3, hops + 1), np.int64)
    most = max(moves.enters, moves.leaves) * rules.pattern.size
    promise = np.zeros(0, np.int64)
    if status == FINISHED:
        promise = _promise(compact, rules, swapped, table, hops)
    states = States(
        np.zeros(hops + 1, np.int64), np.zeros((hops + 1, most), np.int64),
        np.zeros((hops + 1, most), np.int64), np.zeros((hops + 1, most), np.uint8),
        np.zeros((hops + 1, most), np.int32), np.zeros((hops + 1, most), np.int32), promise,
    )
    for root in range(compact.roots):
        if guard.need:
            guard.via[0] = compact.via[root]
        if status == FINISHED:
            status, k = _walk_root(
                compact, guard, rules, moves.opens[swapped], table, states, hops, stack, kept,
                counts, k, root, max_paths, watch,
            )
    return status, k
