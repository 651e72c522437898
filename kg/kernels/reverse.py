"""The same task walked from its targets to its sources.

A path and its reverse have the same statements, cost and entities, so a search from the targets
finds the same paths. The direction in which a path takes a statement stays that of the path;
classes of hops exchange `enter` and `leave`.

A pattern says where a hop arrives, which for the reverse is where it begins. So a position of the
reversed pattern is a pair: the hop that is taken, and the one that is taken next, at the entity
where that one has to arrive.
"""

from __future__ import annotations

from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from mechkg.kg.kernels.packed import pack
from mechkg.kg.kernels.task import Task
from mechkg.kg.kernels.types import Pattern, Transitions

__all__ = ["MAX_PAIRS", "first_positions", "pairs_of", "reversed_task", "starting"]

MAX_PAIRS: Final = 62
"""Positions of a reversed pattern, at most: bits of an int64."""

LAST: Final = -1
"""The hop after the last one, which is the first of the path."""

Pairs = tuple[tuple[int, int], ...]
"""Each position of a reversed pattern: the hop taken, and the next one, `LAST` for none."""


def pairs_of(pattern: Pattern) -> Pairs:
    """Return the positions of a pattern's reverse; more than `MAX_PAIRS` cannot be searched."""
    found = []
    for p in range(pattern.size):
        before = int(pattern.next[1, p])
        found += [(p, q) for q in range(pattern.size) if before >> q & 1]
        found += [(p, LAST)] if pattern.first >> p & 1 else []
    return tuple(found)


def first_positions(pattern: Pattern) -> NDArray[np.int64]:
    """Return by category (code) the positions that the reverse of a path may begin with there."""
    pairs = pairs_of(pattern)
    ends = [(bit, p) for bit, (p, _) in enumerate(pairs) if pattern.last >> p & 1]
    return np.array(
        [sum(1 << bit for bit, p in ends if int(may) >> p & 1) for may in pattern.arrive], np.int64
    )


def starting(task: Task, first: int) -> Task:
    """Return a task whose paths begin with some positions of its pattern."""
    rules = task.rules._replace(pattern=task.rules.pattern._replace(first=first))
    return msgspec.structs.replace(task, rules=rules, packed=pack(task.steps, rules))


def reversed_task(task: Task) -> Task:
    """Return a task with its ends exchanged, whose paths are those of the task in reverse.

    With a pattern, where a path begins depends on the category there (`first_positions`,
    `starting`), and no path begins before that is set. O(table of steps).
    """
    steps = task.steps._replace(reverse=1 - task.steps.reverse)
    rules = task.rules
    rules = rules._replace(
        pattern=_reversed_pattern(rules.pattern),
        transitions=_reversed_transitions(rules.transitions),
    )
    return msgspec.structs.replace(
        task, steps=steps, rules=rules, packed=pack(steps, rules), sources=task.targets,
        targets=task.sources,
    )  # fmt: skip


def _reversed_transitions(moves: Transitions) -> Transitions:
    return moves._replace(
        enters=moves.leaves,
        leaves=moves.enters,
        enter=moves.leave,
        leave=moves.enter,
        step=moves.back,
        back=moves.step,
        gate=moves.gate[::-1].copy(),
        opens=moves.opens[::-1].copy(),
    )


def _reversed_pattern(pattern: Pattern) -> Pattern:
    if not pattern.on:
        return pattern
    pairs = pairs_of(pattern)
    following = np.zeros((2, 64), np.int64)
    hop = np.zeros_like(pattern.hop)
    arrive = np.zeros_like(pattern.arrive)
    last = 0
    for bit, (p, q) in enumerate(pairs):
        one = np.int64(1 << bit)
        hop |= np.where(pattern.hop >> p & 1 != 0, one, 0)
        if q == LAST:
            arrive |= one
            last |= 1 << bit
            continue
        arrive |= np.where(pattern.arrive >> q & 1 != 0, one, 0)
        for other, (taken, _) in enumerate(pairs):
            if taken == q:
                following[0, bit] |= np.int64(1 << other)
                following[1, other] |= one
    return Pattern(1, len(pairs), 0, last, following, hop, arrive)
