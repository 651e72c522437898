"""The paths of a task one after the other, best first, each as soon as it is proven.

The best-first search keeps its state in arrays, so it is left after every few paths and taken up
again when more are wanted: nothing is searched twice. As long as it is not finished it holds its
room (`Engine`: 32 bytes an entity) and its prefixes (`MAX_PREFIXES`).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from mechkg.kg.kernels.best import FOUND, HEAPED
from mechkg.kg.kernels.engine import Engine, Room
from mechkg.kg.kernels.potential import clear_labels
from mechkg.kg.kernels.search import (
    BOUND_SAMPLE,
    COUNT_PATHS,
    COUNT_WORK,
    FIRST_PREFIXES,
    KEPT_PATHS,
    MAX_PREFIXES,
    Prepared,
    Task,
    advance,
    bounded,
    frontier,
    label,
    larger,
    select,
    survey_in,
)
from mechkg.kg.kernels.types import FINISHED, FULL, INF, Watch

__all__ = ["Batch", "InOrder"]

Batch = tuple[NDArray[np.int32], NDArray[np.int64]]
"""Some paths in order: nodes (m, hops+1; int32, -1 padded) and keys (m, int64)."""

LARGEST_BATCH = 256


class InOrder:
    """The `k` best paths of a task, iterated once, in batches that begin with a single path.

    What is known of the others: counts (4, int64: paths of no direction, raising, lowering,
    unknown) of all where `exact`, else lower bounds; `bound`, once the iteration has ended, the
    least key of what is missing where a watch or the memory cut it (None: nothing better is);
    `exhausted`, whether there are no other paths. Order and cost are those of `search`; `sample`
    is that of `best_paths`.
    """

    def __init__(
        self, engine: Engine, task: Task, k: int, watch: Watch, sample: int = BOUND_SAMPLE
    ) -> None:
        self._sample = sample
        self._upper = INF
        self._engine = engine
        self._task = task
        self._k = k
        self._watch = watch
        self._seen = 0
        self.counts: NDArray[np.int64] = np.zeros(4, np.int64)
        self.exact = False
        self.exhausted = False
        self.bound: int | None = None

    @property
    def total(self) -> int:
        """The number of paths known of, all there are where `total_is_exact`."""
        return max(int(self.counts.sum()), self._seen)

    @property
    def total_is_exact(self) -> bool:
        """Whether `total` counts all paths."""
        return self.exact

    def __iter__(self) -> Iterator[Batch]:
        task = self._task
        if len(task.sources) == 0 or len(task.targets) == 0:
            self.exact = self.exhausted = True
            return
        with Prepared(self._engine, task) as room:
            listed = self._listed(room)
            if listed is None:
                yield from self._searched(room)
        if listed is not None:
            yield from self._served(*listed)

    def _listed(self, room: Room) -> Batch | None:
        """Return all that is wanted where listing every path is cheap."""
        watch, task = self._watch, self._task
        if self._sample == 0:
            return None
        found = survey_in(
            task, room, task.max_hops, KEPT_PATHS, COUNT_PATHS, COUNT_WORK, watch
        )
        self.exact = found.status == FINISHED
        whole = self.exact and len(found.keys) == found.counts.sum()
        if not whole:
            self._upper, found, whole = bounded(task, room, self._k, found, watch, self._sample)
            self.exact |= whole
        self.counts = found.counts
        if not whole:
            return None
        self.exhausted = len(found.keys) <= self._k
        return select(found, self._k)

    def _served(self, nodes: NDArray[np.int32], keys: NDArray[np.int64]) -> Iterator[Batch]:
        """Hand out paths that stand in order already."""
        for start in range(0, len(keys), LARGEST_BATCH):
            end = start + LARGEST_BATCH
            self._seen += len(keys[start:end])
            yield nodes[start:end], keys[start:end]

    def _searched(self, room: Room) -> Iterator[Batch]:
        """Search best first, pausing at each batch."""
        task, radius = self._task, INF - 2 if self._upper >= INF else self._upper // 2
        status, count = label(task, room, radius, self._watch)
        while status == FULL:
            radius //= 2
            status, count = label(task, room, radius, self._watch)
        front = frontier(task, FIRST_PREFIXES, self._k, self._upper)
        size = 1
        while status == FINISHED and self._seen < self._k:
            wanted = min(self._k, self._seen + size)
            some = front._replace(keys=front.keys[:wanted])
            status = advance(task, room, radius, some, self._watch)
            begun, self._seen = self._seen, int(front.head[FOUND])
            if self._seen > begun:
                yield front.out[begun : self._seen], front.keys[begun : self._seen]
            if status == FULL and len(front.node) < MAX_PREFIXES:
                front, status = larger(front), FINISHED
            elif status == FINISHED and self._seen < wanted:
                self.exhausted = True
                break
            size = min(2 * size, LARGEST_BATCH)
        if status != FINISHED:
            self.bound = int(front.first[0]) if front.head[HEAPED] else 0
        elif self.exhausted and not self.exact:
            self._settle()
        clear_labels(room.packed, count)

    def _settle(self) -> None:
        """Note that the paths seen are all there are."""
        self.exact = True
        if self._seen > self.counts.sum():
            self.counts = np.array([0, 0, 0, self._seen])
