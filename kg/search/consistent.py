"""`context=consistent`: the paths whose hops can all hold in one context.

A path is kept where some choice of its statements demands no two contexts that exclude each other
(`kg.search.contexts`), with the statements that hold in the context in which it costs least. Such a
path costs no less than with all its statements, so paths are looked at in their order without this
condition, and one is returned as soon as none that is still to come can be before it (the threshold
algorithm of Fagin, Lotem and Naor 2003 for one list).
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mechkg.kg.errors import QueryError
from mechkg.kg.kernels.engine import Engine
from mechkg.kg.kernels.order import LARGEST_BATCH, Batch, InOrder
from mechkg.kg.kernels.search import Answer, Task
from mechkg.kg.kernels.types import Watch
from mechkg.kg.model.queries import PathQuery
from mechkg.kg.model.values import Sign
from mechkg.kg.search.context_filter import CONSISTENT
from mechkg.kg.search.diverse import MAX_SCANNED, is_late
from mechkg.kg.search.path_builder import PathBuilder

__all__ = ["InContext", "best_in_context", "check_consistent", "is_consistent"]

FIRST_SCANNED: Final = 256
"""Paths that are looked at first."""

COUNTED: Final = 5_000
"""Paths, at most, that are all looked at so that the consistent ones are counted."""

_CODES: Final[dict[Sign | None, int]] = {0: 0, 1: 1, -1: 2, None: 3}

Waiting = tuple[int, tuple[int, ...]]
"""Key and entities of a path that is not yet returned."""


def is_consistent(query: PathQuery) -> bool:
    """Say whether a query asks for paths that can hold in one context.

    >>> is_consistent(PathQuery(source=("a",), target=("b",), context=("Consistent",)))
    True
    """
    return any(text.strip().casefold() == CONSISTENT for text in query.context)


def check_consistent(query: PathQuery) -> bool:
    """Return what `is_consistent` does; raises `QueryError` for what it does not go with."""
    if is_consistent(query) and query.diverse:
        raise QueryError("diverse", f"cannot be combined with context={CONSISTENT}")
    return is_consistent(query)


class InContext:
    """The `k` best consistent paths of a task, best first; the interface is that of `InOrder`.

    Paths are looked at in stages of eight times as many. `builder` is one that keeps to one
    context. `total` counts those found, all there are where no more than `COUNTED` paths had to be
    looked at or all were; `counts` are by sign.
    """

    def __init__(
        self, engine: Engine, task: Task, k: int, watch: Watch, builder: PathBuilder
    ) -> None:
        self._engine = engine
        self._task = task
        self._k = k
        self._watch = watch
        self._builder = builder
        self._stage = max(FIRST_SCANNED, min(8 * k, MAX_SCANNED))
        self._passed = 0
        self._returned = 0
        self._waiting: list[Waiting] = []
        self.counts: NDArray[np.int64] = np.zeros(4, np.int64)
        self.exact = self.exhausted = False
        self.bound: int | None = None

    @property
    def total(self) -> int:
        """The number of consistent paths known of."""
        return int(self.counts.sum())

    @property
    def total_is_exact(self) -> bool:
        """Whether `total` counts all consistent paths."""
        return self.exact

    def __iter__(self) -> Iterator[Batch]:
        while True:
            order = InOrder(self._engine, self._task, self._stage, self._watch)
            last = 0
            for nodes, keys in self._fresh(order):
                self._look_at(nodes, keys)
                last = int(keys[-1])
                yield from self._proven((last, _row(nodes[-1])))
                if is_late(self._watch):
                    self.bound = last
                    return
            if self._is_enough(order):
                return
            if order.exhausted:
                self.exact = True
                yield from self._proven(None)
                self.exhausted = self._returned == self.total
                return
            if order.bound is not None or self._stage >= MAX_SCANNED:
                self.bound = last if order.bound is None else order.bound
                return
            self._stage = min(8 * self._stage, MAX_SCANNED)

    def _fresh(self, order: InOrder) -> Iterator[Batch]:
        """Yield the paths of an order that were not looked at in an earlier stage."""
        seen, known = 0, self._passed
        for nodes, keys in order:
            skip = min(max(known - seen, 0), len(keys))
            seen += len(keys)
            for start in range(skip, len(keys), LARGEST_BATCH):
                yield nodes[start : start + LARGEST_BATCH], keys[start : start + LARGEST_BATCH]
            if self._is_enough(order):
                return

    def _is_enough(self, order: InOrder) -> bool:
        """Say whether all that is wanted is returned, and the rest is too much to count."""
        return self._returned == self._k and not (order.exact and order.total <= COUNTED)

    def _look_at(self, nodes: NDArray[np.int32], keys: NDArray[np.int64]) -> None:
        """Put the consistent ones of some paths among those that wait, and count them."""
        extra = self._builder.in_context(nodes)
        kept = [place for place, more in enumerate(extra) if more is not None]
        for place, sign in zip(kept, self._builder.signs(nodes[kept]), strict=True):
            self.counts[_CODES[sign]] += 1
            key = int(keys[place]) + (extra[place] or 0)
            heapq.heappush(self._waiting, (key, _row(nodes[place])))
        self._passed += len(keys)

    def _proven(self, last: Waiting | None) -> Iterator[Batch]:
        """Yield the paths that none that comes after `last` can be before; all without it."""
        ready: list[Waiting] = []
        while (
            self._waiting
            and self._returned + len(ready) < self._k
            and (last is None or self._waiting[0] <= last)
        ):
            ready.append(heapq.heappop(self._waiting))
        if ready:
            self._returned += len(ready)
            yield _batch(ready, self._task.max_hops + 1)


def best_in_context(
    engine: Engine, task: Task, k: int, watch: Watch, builder: PathBuilder
) -> Answer:
    """Return the k best consistent paths of a task, as `kernels.search.search` does."""
    order = InContext(engine, task, k, watch, builder)
    batches = list(order)
    empty = np.empty((0, task.max_hops + 1), np.int32), np.empty(0, np.int64)
    nodes, keys = (np.concatenate(parts) for parts in zip(empty, *batches, strict=True))
    return Answer(nodes, keys, order.bound, order.counts, exact=order.exact)


def _row(nodes: NDArray[np.int32]) -> tuple[int, ...]:
    return tuple(nodes.tolist())


def _batch(paths: Sequence[Waiting], width: int) -> Batch:
    nodes = np.array([row for _, row in paths], np.int32).reshape(-1, width)
    return nodes, np.array([key for key, _ in paths], np.int64)
