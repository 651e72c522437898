"""Best paths between each of many ends and the same entities, in one room that is labelled once.

The fixed side is labelled backwards once, as for a search with all labels; what is left for each
end is a best-first search under these (`best_of_each`). Where the targets are open, the task is
walked in reverse (`reverse`), from the targets to the sources.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import TracebackType
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from mechkg.kg.kernels.best import FOUND, HEAPED
from mechkg.kg.kernels.best_of_each import best_of_each
from mechkg.kg.kernels.engine import Engine, Room
from mechkg.kg.kernels.potential import clear_labels
from mechkg.kg.kernels.reverse import first_positions, reversed_task, starting
from mechkg.kg.kernels.search import (
    FIRST_PREFIXES,
    MAX_PREFIXES,
    best_paths,
    expand,
    frontier,
    label,
    larger,
)
from mechkg.kg.kernels.task import Prepared, Rows, Task
from mechkg.kg.kernels.types import FINISHED, FULL, INF, ROLE, SOURCE, VIA, Watch

__all__ = ["EachEnd", "Proven"]

MAX_TIED: Final = 4_096
"""Paths, at most, among which those of equal key are put in the order of the task."""

Keys = NDArray[np.int64]
Proven = tuple[NDArray[np.int32], Keys, int | None]
"""Paths in order as nodes and keys, and the least key that any other can have, None if proven."""


class EachEnd:
    """Searches between many ends and the fixed side of a task; a context manager.

    Parameters
    ----------
    engine : Engine
        The graph.
    task : Task
        One of its sides is the fixed one. The other is not looked at: no end is a source or a
        target for the paths of another end, so that it may lie on them.
    open_targets : bool
        Whether the targets are the open side, and the sources the fixed one.
    named : int
        The via bits that an end satisfies too, not only what lies between the ends.
    watch : Watch
        When to stop.

    Time: that of labelling all that the fixed side reaches, then some entries an end. Memory: the
    labels (`search.MAX_LABELS`); past these, the search looks further from each end.
    """

    def __init__(
        self, engine: Engine, task: Task, *, open_targets: bool, named: int, watch: Watch
    ) -> None:
        none = np.empty(0, np.int32)
        self._engine = engine
        self._watch = watch
        self._named = named
        self._reversed = open_targets
        self._forward = task
        pattern = task.rules.pattern
        self._first = first_positions(pattern) if open_targets and pattern.on else None
        walked = reversed_task(task) if open_targets else task
        self._task = msgspec.structs.replace(walked, sources=none)
        self._prepared = Prepared(engine, self._task)
        self._labels = 0
        self._radius = INF - 2
        self._status = FINISHED
        self._room: Room

    def __enter__(self) -> EachEnd:
        self._room = self._prepared.__enter__()
        status, count = label(self._task, self._room, self._radius, self._watch)
        while status == FULL:
            self._radius //= 2
            status, count = label(self._task, self._room, self._radius, self._watch)
        self._status, self._labels = status, count
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        clear_labels(self._room.packed, self._labels)
        self._prepared.__exit__(kind, error, trace)

    def keys(self, ends: Rows) -> tuple[Keys, bool]:
        """Return the key of the best path of each end, and whether time sufficed.

        Parameters
        ----------
        ends : int32, (m,)
            Rows, none of them of the fixed side.

        Returns
        -------
        keys : int64, (m,)
            `INF` where there is no path, or no time was left.
        in_time : bool
            False where keys are missing.
        """
        keys = np.full(len(ends), INF, np.int64)
        if self._status != FINISHED:
            return keys, False
        for chosen, task in self._groups(ends):
            some, in_time = self._keys(task, ends[chosen])
            keys[chosen] = some
            if not in_time:
                return keys, False
        return keys, True

    def _groups(self, ends: Rows) -> Iterator[tuple[NDArray[np.int64], Task]]:
        """Yield the ends (positions) that paths of one task begin with, and this task."""
        if self._first is None:
            yield np.arange(len(ends)), self._task
            return
        first = self._first[self._engine.category[ends]]
        for positions in np.unique(first).tolist():
            if positions:
                yield np.flatnonzero(first == positions), starting(self._task, positions)

    def _keys(self, task: Task, ends: Rows) -> tuple[Keys, bool]:
        """Return the keys of ends that paths of one task begin with, and whether time sufficed."""
        keys = np.full(len(ends), INF, np.int64)
        front, begun, status = frontier(task, FIRST_PREFIXES, 1, INF), 0, FULL
        while status == FULL:
            status, begun = best_of_each(
                task.packed, self._room.packed, ends, begun, self._named, task.max_hops,
                task.sets, self._radius, self._room.pool, front, keys, self._watch,
            )  # fmt: skip
            if status == FULL and len(front.node) >= MAX_PREFIXES:
                return keys, False
            if status == FULL:
                front = larger(front)
        return keys, status == FINISHED

    def best(self, pair: Task, k: int) -> Proven:
        """Return the k best paths of one end, by key, then row by row.

        `pair` is the task between this end and the fixed side, as a search of its own has it.
        """
        if not self._reversed:
            return self._searched(self._task, int(pair.sources[0]), k)
        task, end = self._task, int(pair.targets[0])
        if self._first is not None:
            task = starting(task, int(self._first[self._engine.category[end]]))
        size = 2 * k
        nodes, keys, bound = self._searched(task, end, size)
        while len(keys) == size and bound is None and keys[k - 1] == keys[-1]:
            if size >= MAX_TIED:
                answer = best_paths(self._engine, pair, k, self._watch)
                return answer.nodes, answer.keys, answer.bound
            size *= 4
            nodes, keys, bound = self._searched(task, end, size)
        nodes = _flipped(nodes)
        order = np.lexsort((*nodes.T[::-1], keys))[:k]
        return nodes[order], keys[order], bound

    def _searched(self, task: Task, end: int, k: int) -> Proven:
        """Return the k best paths that begin at one end of a task, as this task walks them."""
        marks, room = self._room.scratch.marks, self._room
        role, via = marks[:, end].copy()
        marks[ROLE, end] = role | SOURCE
        marks[VIA, end] = via & self._named
        one = msgspec.structs.replace(task, sources=np.array([end], np.int32))
        front = frontier(one, FIRST_PREFIXES, k, INF)
        status, front = expand(one, room, self._radius, front, self._watch)
        marks[ROLE, end], marks[VIA, end] = role, via
        found = int(front.head[FOUND])
        bound = None
        if status != FINISHED:
            bound = int(front.first[0]) if front.head[HEAPED] else 0
        return front.out[:found], front.keys[:found], bound


def _flipped(nodes: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return paths (-1 behind their end) from their last entity to their first."""
    lengths = (nodes >= 0).sum(axis=1)
    place = lengths[:, None] - 1 - np.arange(nodes.shape[1])
    turned = np.take_along_axis(nodes, np.maximum(place, 0), axis=1)
    return np.where(place < 0, np.int32(-1), turned).astype(np.int32)
