"""Which statements of a path take part in an admissible choice, and which choice is the best.

A path under transitions is a sequence of entities whose hops may hold several statements, and a
statement several classes. Forward, the least key and the signs of each class by which a hop may
leave; backward, the least key from there to the end: a statement takes part where both are
finite for one of its classes (forward-backward over the trellis of Viterbi 1967).
O(hops * choices * classes) a path.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mechkg.kg.jit import entry, inner, leaf
from mechkg.kg.kernels.enumerate_by_class import signs_after
from mechkg.kg.kernels.packed import unpack_rules
from mechkg.kg.kernels.types import (
    END,
    INF,
    LENGTHS,
    LOWER_BIT,
    NONE_BIT,
    RAISE_BIT,
    START,
    UNKNOWN_BIT,
    takes,
)

__all__ = ["choose"]


@leaf
def _kind(rules: Any, row: int) -> int:
    moves = rules.transitions
    if len(moves.kind) > 0:
        return int(moves.kind[row])
    return int(rules.columns.predicate[row])


@leaf
def _units(rules: Any, row: int) -> int:
    """Return what a hop over a statement costs in units, without its class."""
    columns = rules.columns
    units = columns.hop
    if columns.scale != 0.0:
        units += int(columns.scale * columns.doubt[row] + 0.5)
    if len(columns.toll) > 0:
        units += columns.toll[columns.predicate[row]]
    return int(units)


@leaf
def _may(rules: Any, row: int, turned: int, arrival: int) -> int:
    pattern = rules.pattern
    if pattern.on == 0:
        return 1
    return int(
        takes(pattern, rules.columns.predicate[row], turned, rules.filter.category[arrival])
    )


@leaf
def _follow(pattern: Any, state: int) -> int:
    """Return the positions that a hop after a state may take."""
    if state < pattern.size:
        return int(pattern.first)
    return int(pattern.next[0, state % pattern.size])


@leaf
def _sign_of(rules: Any, row: int, c: int) -> int:
    """Return the signs that a statement has by a class, as bits."""
    fixed = rules.transitions.effect[c]
    if fixed != 0:
        return int(fixed)
    sign = rules.columns.sign[row]
    if sign == 1:
        return RAISE_BIT
    if sign == -1:
        return LOWER_BIT
    return NONE_BIT if sign == 0 else UNKNOWN_BIT


@leaf
def _forward(
    rules: Any, nodes: Any, hops: int, bounds: Any, refs: Any, ahead: Any, signs: Any
) -> None:
    """Fill ahead[i, state] with the least key of a choice for the first i hops, and its signs."""
    moves, pattern = rules.transitions, rules.pattern
    size, states = pattern.size, moves.leaves * pattern.size
    ahead[:] = INF
    ahead[0, START] = 0
    signs[:] = 0
    signs[0, START] = RAISE_BIT
    for i in range(hops):
        v, w = nodes[i], nodes[i + 1]
        for x in range(bounds[i], bounds[i + 1]):
            row, turned = (refs[x], 0) if refs[x] >= 0 else (~refs[x], 1)
            may, kind = _may(rules, row, turned, w), _kind(rules, row)
            for c in range(moves.option[turned, kind], moves.option[turned, kind + 1]):
                own = (_units(rules, row) + moves.units[c]) * LENGTHS + 1
                sign = _sign_of(rules, row, c)
                for state in range(states):
                    step = moves.step[moves.group[v], moves.enter[c], state // size]
                    if ahead[i, state] >= INF or step >= INF:
                        continue
                    live, key = may & _follow(pattern, state), ahead[i, state] + step + own
                    for q in range(size):
                        to = moves.leave[c] * size + q
                        if (live >> q) & 1:
                            ahead[i + 1, to] = min(ahead[i + 1, to], key)
                            signs[i + 1, to] |= signs_after(signs[i, state], sign)


@leaf
def _backward(
    rules: Any, nodes: Any, hops: int, bounds: Any, refs: Any, ahead: Any, behind: Any, best: Any
) -> None:
    """Fill behind[i, state] with the least key on from there, and the best class of each statement.

    best (2 a statement): class, key of the best path through it; -1 where it takes no part.
    """
    moves, pattern = rules.transitions, rules.pattern
    size, states = pattern.size, moves.leaves * pattern.size
    behind[:] = INF
    for state in range(size, states):
        if (pattern.last >> (state % size)) & 1:
            behind[hops, state] = moves.step[moves.group[nodes[hops]], END, state // size]
    for i in range(hops - 1, -1, -1):
        v, w = nodes[i], nodes[i + 1]
        for x in range(bounds[i], bounds[i + 1]):
            row, turned = (refs[x], 0) if refs[x] >= 0 else (~refs[x], 1)
            may, kind = _may(rules, row, turned, w), _kind(rules, row)
            best[x, 0], best[x, 1] = -1, INF
            for c in range(moves.option[turned, kind], moves.option[turned, kind + 1]):
                own = (_units(rules, row) + moves.units[c]) * LENGTHS + 1
                for state in range(states):
                    step = moves.step[moves.group[v], moves.enter[c], state // size]
                    live = may & _follow(pattern, state)
                    for q in range(size):
                        on = behind[i + 1, moves.leave[c] * size + q]
                        if (live >> q) & 1 == 0 or step >= INF or on >= INF:
                            continue
                        key = step + own + on
                        behind[i, state] = min(behind[i, state], key)
                        if ahead[i, state] < INF and ahead[i, state] + key < best[x, 1]:
                            best[x, 0], best[x, 1] = c, ahead[i, state] + key


@leaf
def _trace(
    rules: Any, nodes: Any, hops: int, bounds: Any, refs: Any, behind: Any, chosen: Any
) -> None:
    """Write the best choice: for each hop the entry of its statement, its class, and its step."""
    moves, pattern, state = rules.transitions, rules.pattern, START
    size = pattern.size
    for i in range(hops):
        v, w, best = nodes[i], nodes[i + 1], INF
        then = state
        for x in range(bounds[i], bounds[i + 1]):
            row, turned = (refs[x], 0) if refs[x] >= 0 else (~refs[x], 1)
            may, kind = _may(rules, row, turned, w), _kind(rules, row)
            live = may & _follow(pattern, state)
            for c in range(moves.option[turned, kind], moves.option[turned, kind + 1]):
                own = (_units(rules, row) + moves.units[c]) * LENGTHS + 1
                step = moves.step[moves.group[v], moves.enter[c], state // size]
                for q in range(size):
                    on = behind[i + 1, moves.leave[c] * size + q]
                    if (live >> q) & 1 == 0 or step >= INF or on >= INF:
                        continue
                    if step + own + on < best:
                        best, then = step + own + on, moves.leave[c] * size + q
                        chosen[i, 0], chosen[i, 1], chosen[i, 2] = x, c, step
        state = then
    chosen[hops, 2] = moves.step[moves.group[nodes[hops]], END, state // size]


@inner
def _one(rules: Any, nodes: Any, bounds: Any, refs: Any, best: Any, chosen: Any) -> int:
    """Fill `best` and `chosen`; return the signs of all admissible choices."""
    hops, states = len(nodes) - 1, rules.transitions.leaves * rules.pattern.size
    ahead, behind = np.empty((2, hops + 1, states), np.int64)
    signs, found = np.empty((hops + 1, states), np.uint8), 0
    _forward(rules, nodes, hops, bounds, refs, ahead, signs)
    _backward(rules, nodes, hops, bounds, refs, ahead, behind, best)
    _trace(rules, nodes, hops, bounds, refs, behind, chosen)
    for state in range(states):
        if ahead[hops, state] < INF and behind[hops, state] < INF:
            found |= signs[hops, state]
    return found


@entry
def choose(plan: Any, nodes: Any, bounds: Any, refs: Any) -> tuple[Any, Any, int]:
    """Return what the statements of one path do in it.

    Parameters
    ----------
    plan : int64, packed task
    nodes : int32, (hops + 1,)
        The entities of the path.
    bounds : int64, (hops + 1,)
        The statements of hop i are refs[bounds[i]:bounds[i + 1]].
    refs : int32
        Statement rows, or ~row where the hop walks one from object to subject.

    Returns
    -------
    best : int64, (len(refs), 2)
        The class by which each statement takes part in the best path through it, and that path's
        key; -1 and INF where it takes part in none.
    chosen : int64, (hops + 1, 3)
        For each hop of the best choice the place in `refs`, the class, and the key of the step
        before it; the last row has the key of the end alone.
    signs : int
        The signs of all admissible choices, as bits.
    """
    rules = unpack_rules(plan)
    best = np.empty((len(refs), 2), np.int64)
    chosen = np.zeros((len(nodes), 3), np.int64)
    signs = _one(rules, nodes, bounds, refs, best, chosen)
    return best, chosen, signs
