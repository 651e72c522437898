"""How many hops a grammar of composition lets a path have between two categories.

The walk goes over categories and hop classes instead of entities, so it takes microseconds, and it
admits all that the search over entities does: where it finds no length, no path exists. A search
that no composed path can answer, or only one of few hops, so never labels the whole graph.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from mechkg.kg.kernels.types import INF, Transitions
from mechkg.kg.model.queries import MAX_HOPS
from mechkg.kg.snapshot.metagraph import metagraph
from mechkg.kg.snapshot.snapshot import Snapshot

__all__ = ["CategoryReach"]

MAX_MOVES: Final = 1 << 17
"""Joins times classes, at most; a graph with more is searched without this check."""

Joins = NDArray[np.int64]
"""Rows of (category of the subject, predicate, category of the object), as codes."""


class CategoryReach:
    """Which categories a composed path can lead to from each, by the number of its hops.

    Parameters
    ----------
    snapshot : Snapshot
        The graph; its metagraph and inferred statements are read.
    transitions : Transitions
        The compiled grammar.
    predicate_of_kind : int64, (kinds,)
        The predicate (code) of each kind of statement.

    O(inferred statements + entities + joins * classes * leaves).
    """

    def __init__(
        self, snapshot: Snapshot, transitions: Transitions, predicate_of_kind: NDArray[np.int64]
    ) -> None:
        self._leaves = transitions.step.shape[2]
        self._category = snapshot.index.category
        self._categories = len(snapshot.schema.categories)
        allowed = _allowed(snapshot, transitions)
        self._ends = allowed[:, 0, :]
        moves = _moves(_joins(snapshot), transitions, predicate_of_kind)
        self._is_known = len(moves) <= MAX_MOVES
        self._reached: dict[int, NDArray[np.bool_]] = {}
        if self._is_known:
            start, c, end = moves.T
            move, leave = np.nonzero(allowed[start, transitions.enter[c]])
            self._tail = start[move] * self._leaves + leave
            self._head = end[move] * self._leaves + transitions.leave[c[move]]

    def most_hops(
        self, sources: NDArray[np.int32], targets: NDArray[np.int32], max_hops: int
    ) -> int:
        """Return the most hops, up to `max_hops`, of a composed path between some rows; 0 if none.

        O(rows), and O(moves) for a category that is met first.
        """
        if not self._is_known:
            return max_hops
        wanted = np.unique(self._category[targets])
        lengths: list[int] = [
            length + 1
            for code in np.unique(self._category[sources]).tolist()
            for length in np.flatnonzero(self._reach(code)[:, wanted].any(axis=1)).tolist()
            if length < max_hops
        ]
        return max(lengths, default=0)

    def _reach(self, code: int) -> NDArray[np.bool_]:
        """Return (hops - 1, category): where paths from a category can end."""
        reached = self._reached.get(code)
        if reached is None:
            levels = np.zeros((MAX_HOPS, self._categories), np.bool_)
            state = np.zeros(self._categories * self._leaves, np.bool_)
            state[code * self._leaves] = True
            for level in levels:
                after = np.zeros_like(state)
                after[self._head[state[self._tail]]] = True
                state = after
                level[:] = (state.reshape(self._ends.shape) & self._ends).any(axis=1)
            reached = self._reached.setdefault(code, levels)
        return reached


def _allowed(snapshot: Snapshot, transitions: Transitions) -> NDArray[np.bool_]:
    """Return (category, enter, leave): which steps some entity of a category lets pass."""
    groups, enters, leaves = transitions.step.shape
    codes = snapshot.index.category.astype(np.int64) * groups + transitions.group
    allowed = np.zeros((len(snapshot.schema.categories), enters, leaves), np.bool_)
    for code in np.unique(codes).tolist():
        category, group = divmod(code, groups)
        allowed[category] |= transitions.step[group] < INF
    return allowed


def _joins(snapshot: Snapshot) -> Joins:
    """Return which categories are joined by which predicates."""
    schema, index = snapshot.schema, snapshot.index
    category = {c.id: code for code, c in enumerate(schema.categories)}
    predicate = {p.id: code for code, p in enumerate(schema.predicates)}
    stated = [
        (category[e.subject], predicate[e.predicate], category[e.object])
        for e in metagraph(snapshot).edges
    ]
    joins = np.array(stated, np.int64).reshape(-1, 3)
    if not snapshot.manifest.counts.inferred:
        return joins
    rows = np.flatnonzero(index.inferred)
    ends = index.category[index.subject[rows]], index.category[index.object[rows]]
    inferred = np.stack([ends[0], index.predicate[rows], ends[1]], axis=1).astype(np.int64)
    return np.unique(np.concatenate([joins, inferred]), axis=0)


def _moves(
    joins: Joins, transitions: Transitions, predicate_of_kind: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return rows of (category, class, category): which classes lead where."""
    option = transitions.option
    found = [np.empty((0, 3), np.int64)]
    for turned in range(2):
        start, end = (joins[:, 2], joins[:, 0]) if turned else (joins[:, 0], joins[:, 2])
        for kind, predicate in enumerate(predicate_of_kind.tolist()):
            fits = joins[:, 1] == predicate
            for c in range(int(option[turned, kind]), int(option[turned, kind + 1])):
                one = np.full(int(fits.sum()), c, np.int64)
                found.append(np.stack([start[fits], one, end[fits]], axis=1))
    return np.unique(np.concatenate(found), axis=0)
