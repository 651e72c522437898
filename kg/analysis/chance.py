"""How likely two entities are to be joined by one or two hops in a rewired graph: closed forms.

In a rewired graph (`kg.analysis.rewire`) a statements of a type avoid b of its m objects with
probability C(m - b, a) / C(m, a), the hypergeometric one. Types are dealt apart from each other, so
that two entities are not joined with the product of this over types and directions. For both hops
over an entity, P(first and second) = 1 - P(not first) - P(not second) + P(neither). Where an entity
is subject and object of statements of one type, two rectangles of the permutation are to be avoided
that share no row and no column: given the first, how many objects of the second are gone is
hypergeometric (rook theory, Stanley, Enumerative Combinatorics 1, 2.3).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import lgamma

import numpy as np
from numpy.typing import NDArray

from mechkg.kg.analysis.rewire import StatementTypes
from mechkg.kg.snapshot.index import Index, entries_of

__all__ = ["Chances", "Walk", "log_neither"]

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
Mask = NDArray[np.bool_]
Walk = tuple[Mask, Mask]
"""Which predicates (code) a hop may walk along and against their statements."""


@dataclass(frozen=True, slots=True)
class _TypeEnds:
    """A type next to the ends: how often each entity (rows) is its subject and its object.

    `source` and `target` have these two numbers for the ends of the paths.
    """

    predicate: int
    size: int
    entities: Rows
    subject_of: Rows
    object_of: Rows
    source: tuple[int, int]
    target: tuple[int, int]


class Chances:
    """The chances that hops and paths between one source and one target exist."""

    def __init__(self, index: Index, types: StatementTypes, source: int, target: int) -> None:
        self._entities = index.entities
        self._target = target
        kinds = np.unique(np.concatenate([_kinds(index, types, row) for row in (source, target)]))
        self._types = [_type_ends(index, types, int(k), source, target) for k in kinds]

    def direct(self, walk: Walk) -> float:
        """Return the chance that the ends are joined."""
        first, _, _ = self._logs(walk, walk)
        return float(-np.expm1(first[self._target]))

    def through(self, first: Walk, second: Walk) -> Floats:
        """Return the chance of a path of two hops over each entity: float64 (entities).

        O(statements of the types next to the ends), for each of these types.
        """
        one, other, neither = self._logs(first, second)
        apart = one + other
        with np.errstate(invalid="ignore"):
            tied = np.where(np.isneginf(apart), 0.0, np.exp(apart) * np.expm1(neither - apart))
        found: Floats = np.expm1(one) * np.expm1(other) + tied
        return np.clip(found, 0.0, 1.0)

    def _logs(self, first: Walk, second: Walk) -> tuple[Floats, Floats, Floats]:
        """Return the logs of the chances of no first hop, no second one, and neither."""
        logs = np.zeros((3, self._entities))
        for one in self._types:
            p, (source_out, source_in), (target_out, target_in) = (
                one.predicate, one.source, one.target,
            )  # fmt: skip
            rows = source_out * first[0][p], target_out * second[1][p]
            columns = source_in * first[1][p], target_in * second[0][p]
            pairs = ((rows[0], columns[0]), (rows[1], columns[1]), (sum(rows), sum(columns)))
            for line, (out, into) in zip(logs, pairs, strict=True):
                if out or into:
                    line[one.entities] += log_neither(
                        one.size, int(out), one.object_of, one.subject_of, int(into)
                    )
        return logs[0], logs[1], logs[2]


def _kinds(index: Index, types: StatementTypes, row: int) -> Rows:
    """Return the types of the statements of an entity."""
    one = np.array([row], np.int64)
    out = entries_of(np.asarray(index.out_ptr), one)
    into = np.asarray(index.in_row)[entries_of(np.asarray(index.in_ptr), one)]
    kinds = types.kind[np.concatenate([out, into])].astype(np.int64)
    found: Rows = kinds[kinds >= 0]
    return found


def _type_ends(
    index: Index, types: StatementTypes, kind: int, source: int, target: int
) -> _TypeEnds:
    rows = types.rows[types.ptr[kind] : types.ptr[kind + 1]]
    counts = [
        np.bincount(np.asarray(column)[rows], minlength=index.entities)
        for column in (index.subject, index.object)
    ]
    some = np.flatnonzero(counts[0] + counts[1])
    ends = [(int(counts[0][end]), int(counts[1][end])) for end in (source, target)]
    return _TypeEnds(
        predicate=int(types.predicate[kind]),
        size=len(rows),
        entities=some,
        subject_of=counts[0][some],
        object_of=counts[1][some],
        source=ends[0],
        target=ends[1],
    )


def log_neither(size: int, rows: int, columns: Rows, others: Rows, other_columns: int) -> Floats:
    """Return the log of the chance that a permutation avoids two rectangles, pair by pair.

    The first has `rows` rows and `columns[i]` columns, the second `others[i]` rows and
    `other_columns` columns; they share neither.

    >>> np.exp(log_neither(4, 1, np.array([2]), np.array([0]), 0)).round(9).tolist()
    [0.5]
    """
    first = _log_avoids(size, rows, int(columns.max(initial=0)))[columns]
    second = _log_avoids(size, other_columns, int(others.max(initial=0)))[others]
    found: Floats = first + second
    both = np.flatnonzero((columns > 0) & (others > 0) & (rows > 0) & (other_columns > 0))
    if len(both):
        pairs = np.stack([columns[both], others[both]])
        distinct, place = np.unique(pairs, axis=1, return_inverse=True)
        second = np.array([_log_given(size, rows, b, a, other_columns) for b, a in distinct.T])
        found[both] = first[both] + second[place.ravel()]
    return found


def _log_avoids(size: int, count: int, most: int) -> Floats:
    """Return the log chance that `count` draws of `size` avoid 0, 1, ..., `most` of them."""
    left = np.maximum(size - np.arange(most, dtype=np.float64), 0.5)  # none is left: sure to meet
    with np.errstate(divide="ignore"):
        steps = np.log1p(-np.minimum(count / left, 1.0))
    return np.concatenate(([0.0], np.cumsum(steps)))


def _log_given(size: int, rows: int, columns: int, others: int, other_columns: int) -> float:
    """Return the log chance to avoid the second rectangle where the first is avoided."""
    gone = np.arange(min(rows, other_columns) + 1)
    weights = _hypergeometric(int(size - columns), other_columns, rows, gone)
    avoid = _log_avoids(size - rows, int(others), other_columns)[other_columns - gone]
    met = float((weights * -np.expm1(avoid)).sum())
    return float(np.log1p(-met)) if met < 1.0 else -np.inf


def _hypergeometric(size: int, good: int, drawn: int, found: Rows) -> Floats:
    """Return the chances that so many of `good` are among `drawn` of `size`."""

    def choose(n: int, k: int) -> float:
        return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) if 0 <= k <= n else -np.inf

    logs = np.array([choose(good, k) + choose(size - good, drawn - k) for k in found.tolist()])
    if np.isneginf(logs).all():  # the first rectangle cannot be avoided
        return np.zeros(len(found))
    weights: Floats = np.exp(logs - logs.max())
    weights /= weights.sum()
    return weights
