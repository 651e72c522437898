"""Diversified top-k: one path per metapath, or paths that share no mediator.

Both are exact. Paths are looked at in their order, best first, so the first of a metapath is its
best, and what is chosen next among paths without a common mediator is the best that is left.

- `metapath`: the categories along a path and, for each hop, the predicates of its statements with
  their directions (a symmetric predicate has none).
- `mediator`: an entity between the ends. A direct statement has none, so it excludes nothing.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from mechkg.kg.kernels.engine import Engine
from mechkg.kg.kernels.order import Batch, InOrder
from mechkg.kg.kernels.search import Answer, Task, best_paths, hop_statements, search
from mechkg.kg.kernels.types import Watch

__all__ = ["MAX_SCANNED", "ByMediator", "ByMetapath", "Ordering", "is_late", "ordered", "selected"]

MAX_SCANNED: Final = 1 << 17
"""Paths examined for new metapaths, at most; what may follow them is reported as a bound."""

FIRST_SCANNED: Final = 256

Metapath = tuple[int, ...]


class ByMetapath:
    """The best path of each metapath, best first; the interface is that of `InOrder`.

    Paths are looked at in stages of eight times as many, each from the start: the last costs more
    than all before. `total` counts metapaths.
    """

    def __init__(
        self, engine: Engine, task: Task, k: int, watch: Watch, stage: int = FIRST_SCANNED
    ) -> None:
        self._engine = engine
        self._task = task
        self._k = k
        self._watch = watch
        self._stage = max(stage, k)
        self._known: set[Metapath] = set()
        self._hops: dict[tuple[int, int], Metapath] = {}
        self.counts: NDArray[np.int64] = np.zeros(4, np.int64)
        self.exact = self.exhausted = False
        self.bound: int | None = None

    @property
    def total(self) -> int:
        """The number of metapaths known of."""
        return len(self._known)

    @property
    def total_is_exact(self) -> bool:
        """Whether `total` counts all metapaths."""
        return self.exhausted

    def __iter__(self) -> Iterator[Batch]:
        passed, stage = 0, self._stage
        while True:
            order = InOrder(self._engine, self._task, min(stage, MAX_SCANNED), self._watch)
            skip, last = passed, 0
            for nodes, keys in order:
                self.counts, self.exact = order.counts, order.exact
                fresh, skip = min(skip, len(keys)), max(0, skip - len(keys))
                passed, last = passed + len(keys) - fresh, int(keys[-1])
                rows = fresh + self._firsts(nodes[fresh:])
                if len(rows):
                    yield nodes[rows], keys[rows]
                if len(self._known) == self._k:
                    return
                if is_late(self._watch):
                    self.bound = last
                    return
            self.counts, self.exact, self.bound = order.counts, order.exact, order.bound
            self.exhausted = order.exhausted
            if self.exhausted or self.bound is not None:
                return
            if stage >= MAX_SCANNED:
                self.bound = last
                return
            stage *= 8

    def _firsts(self, nodes: NDArray[np.int32]) -> NDArray[np.int64]:
        """Return the places of paths whose metapath is new, as many as are still wanted."""
        self._tell(nodes)
        category, places = self._task.rules.filter.category, []
        for place, row in enumerate(nodes.tolist()):
            if len(self._known) == self._k:
                break
            path = [v for v in row if v >= 0]
            metapath: Metapath = (int(category[path[0]]),)
            for v, w in pairwise(path):
                metapath += (*self._hops[v, w], -1, int(category[w]))
            if metapath not in self._known:
                self._known.add(metapath)
                places.append(place)
        return np.array(places, np.int64)

    def _tell(self, nodes: NDArray[np.int32]) -> None:
        """Find the predicates and directions of all hops that are new."""
        real = nodes[:, 1:] >= 0
        pairs = set(zip(nodes[:, :-1][real].tolist(), nodes[:, 1:][real].tolist(), strict=True))
        fresh = sorted(pairs.difference(self._hops))
        ends = np.array(fresh, np.int32).reshape(-1, 2)
        ptr, refs = hop_statements(self._task, ends[:, 0].copy(), ends[:, 1].copy())
        columns = self._task.rules.columns
        rows = np.where(refs >= 0, refs, ~refs)
        predicate = columns.predicate[rows].astype(np.int64)
        turned = (refs < 0) & (columns.symmetric[predicate] == 0)
        marks = (2 * predicate + turned).tolist()
        starts = ptr.tolist()
        for i, pair in enumerate(fresh):
            self._hops[pair] = tuple(sorted(set(marks[starts[i] : starts[i + 1]])))


class ByMediator:
    """Paths that share no entity between the ends, best first; the interface is that of `InOrder`.

    Each is the best path without the mediators of those before it: one search a path.
    `total` counts them, and is exact where no further one is left.
    """

    def __init__(self, engine: Engine, task: Task, k: int, watch: Watch) -> None:
        self._engine = engine
        self._task = task
        self._k = k
        self._watch = watch
        self._said: set[bytes] = set()
        self.total = 0
        self.counts: NDArray[np.int64] = np.zeros(4, np.int64)
        self.exact = self.exhausted = False
        self.bound: int | None = None

    @property
    def total_is_exact(self) -> bool:
        """Whether there are no more than `total`."""
        return self.exhausted

    def __iter__(self) -> Iterator[Batch]:
        task, direct, last = self._task, 0, 0
        while self.total < self._k:
            if self.total and is_late(self._watch):
                self.bound = last
                return
            # Paths of one hop exclude nothing, so those handed out come up again: they are
            # counted in, and told from the new one by their entities.
            seek = search if self.total == 0 else best_paths
            answer = seek(self._engine, task, direct + 1, self._watch)
            if self.total == 0:
                self.counts, self.exact = answer.counts, answer.exact
            if answer.bound is not None:
                self.bound = answer.bound
                return
            nodes, keys, direct = self._unsaid(answer, direct)
            if len(keys) == 0:
                self.exhausted = True
                return
            self.total, last = self.total + 1, int(keys[0])
            mediators = nodes[0, 1:-1][nodes[0, 2:] >= 0]
            banned = np.union1d(task.banned, mediators).astype(np.int32)
            task = msgspec.structs.replace(task, banned=banned)
            yield nodes, keys

    def _unsaid(
        self, answer: Answer, direct: int
    ) -> tuple[NDArray[np.int32], NDArray[np.int64], int]:
        """Return the one path that was not handed out, and how many direct ones now are."""
        for place, row in enumerate(answer.nodes):
            if bytes(row) in self._said:
                continue
            if len(row) == 2 or row[2] < 0:
                self._said.add(bytes(row))
                direct += 1
            return answer.nodes[place : place + 1], answer.keys[place : place + 1], direct
        return answer.nodes[:0], answer.keys[:0], direct


def is_late(watch: Watch) -> bool:
    """Say whether a watch asks to stop."""
    return bool(watch.flag[0]) or time.monotonic_ns() > watch.deadline


Ordering = InOrder | ByMetapath | ByMediator

_KINDS: Final = {"": InOrder, "metapath": ByMetapath, "mediator": ByMediator}


def ordered(engine: Engine, task: Task, diverse: str, k: int, watch: Watch) -> Ordering:
    """Return the paths of a task in order, thinned out by `PathQuery.diverse`."""
    made: Ordering = _KINDS[diverse](engine, task, k, watch)
    return made


def selected(
    engine: Engine, task: Task, diverse: str, k: int, watch: Watch
) -> tuple[Answer, int, bool]:
    """Return the k best diverse paths, how many there are in all, and whether that is exact."""
    order = ordered(engine, task, diverse, k, watch)
    nodes = [np.empty((0, task.max_hops + 1), np.int32)]
    keys = [np.empty(0, np.int64)]
    for some, of in order:
        nodes.append(some)
        keys.append(of)
    answer = Answer(
        np.concatenate(nodes), np.concatenate(keys), order.bound, order.counts, exact=order.exact
    )
    return answer, order.total, order.total_is_exact
