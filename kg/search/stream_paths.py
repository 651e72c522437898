"""`stream_paths`: the paths of a query one by one, best first, each as soon as it is proven."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator

import numpy as np
from numpy.typing import NDArray

from mechkg.kg.kernels.order import Batch
from mechkg.kg.kernels.search import Answer
from mechkg.kg.model.cursor import read_cursor, write_cursor
from mechkg.kg.model.queries import PathQuery
from mechkg.kg.model.results import PathSummary, TruncatedBy
from mechkg.kg.model.values import Path
from mechkg.kg.progress import Cancel
from mechkg.kg.ranking.costs import score_of
from mechkg.kg.search.associations import associations, marked, order_key, with_direct
from mechkg.kg.search.consistent import InContext
from mechkg.kg.search.diverse import Ordering
from mechkg.kg.search.prepare import PreparedQuery, prepare
from mechkg.kg.search.rerank import LearnedAnswer, first_of
from mechkg.kg.snapshot.snapshot import Snapshot

__all__ = ["PathStream", "stream_paths"]


class InLearnedOrder:
    """The `k` best paths of a query in learned order; the interface is that of `InOrder`.

    They come as one batch: none is known to be the first before all candidates are proven.
    `answer` holds them once they are.
    """

    def __init__(self, prepared: PreparedQuery, k: int) -> None:
        self._prepared = prepared
        self._k = k
        self.total = 0
        self.counts: NDArray[np.int64] = np.zeros(4, np.int64)
        self.answer: Answer | None = None
        self.exact = self.exhausted = False
        self.bound: int | None = None

    @property
    def total_is_exact(self) -> bool:
        """Whether `total` counts all paths."""
        return self.exact

    def __iter__(self) -> Iterator[Batch]:
        answer = self._prepared.best(self._k)
        self.total, self.counts, self.exact = answer.total, answer.counts, answer.exact
        self.bound, self.answer = answer.bound, answer
        self.exhausted = len(answer.keys) < self._k
        yield answer.nodes[: self._k], answer.keys[: self._k]


class PathStream(Iterator[Path]):
    """The best paths of a query, best first; then `summary` says what was left out.

    Iterating on resumes the search where it paused: nothing is searched twice. While it pauses it
    keeps its scratch space (see `kg.kernels.order`); `close` returns that, and so does the end. The
    timeout runs while it pauses, too. One thread at a time; any other may raise its `cancel`.
    """

    def __init__(self, snapshot: Snapshot, query: PathQuery, cancel: Cancel | None = None) -> None:
        self.cancel = cancel or Cancel()
        self._offset = read_cursor(query, snapshot.manifest.hash)
        self.returned = 0
        self._start(prepare(snapshot, query, self.cancel))
        self._ends: list[Path] = []
        self._marked = 0
        self._late: int | None = None
        self._paths = self._generate()

    def _start(self, prepared: PreparedQuery) -> None:
        """Begin the search of a prepared query."""
        self._prepared, query = prepared, prepared.query
        prepared.announce()
        self._builder = prepared.path_builder()
        self._direct = associations(prepared)
        self._begin = max(0, self._offset - len(self._direct))
        self._room = max(0, query.limit - len(self._direct[self._offset :]))
        k = self._begin + max(self._room, 1)
        self._order: Ordering | InContext | InLearnedOrder = (
            InLearnedOrder(prepared, k) if prepared.learns else prepared.ordered(k, self._builder)
        )

    def __iter__(self) -> PathStream:
        return self

    def __next__(self) -> Path:
        """Return the next path; raises `Cancelled` once `cancel` is raised."""
        return next(self._paths)

    def close(self) -> None:
        """Stop, and return the scratch space of the search."""
        self._paths.close()

    @property
    def summary(self) -> PathSummary:
        """How many paths there are and what is missing; final once the iteration has ended."""
        order, query = self._order, self._prepared.query
        version = self._prepared.snapshot.manifest.hash
        end = self._offset + self.returned
        bound = order.bound if self._late is None else self._late
        total = order.total + len(self._direct)
        more = bound is not None or not order.total_is_exact or end < total
        counts, associated = with_direct(order.counts.tolist(), self._direct)
        return PathSummary(
            query=query,
            returned=self.returned,
            net_effect=self._prepared.net_effect(
                counts, exact=order.exact, paths=self._ends, associations=associated + self._marked
            ),
            complete=self._offset == 0 and not more,
            truncated_by=self._truncated_by(bound, more=more),
            total=max(total, end),
            total_is_exact=order.total_is_exact,
            cursor=write_cursor(query, version, end) if more and self.returned else None,
            snapshot=version,
            bound=None if bound is None else score_of(bound),
            groundings=self._prepared.groundings(),
            closures=self._prepared.closures(self._ends),
            composition=self._prepared.applied(),
            scorer=self._ranked_by(),
        )

    def _ranked_by(self) -> str:
        answer = self._order.answer if isinstance(self._order, InLearnedOrder) else None
        return self._prepared.scorer if answer is None else self._prepared.ranked_by(answer)

    def _truncated_by(self, bound: int | None, *, more: bool) -> TruncatedBy | None:
        if bound is not None:
            return "time"
        return "limit" if more or self._offset else None

    def _generate(self) -> Generator[Path, None, None]:
        """Merge direct associations into the paths of the search, and count what is returned."""
        direct = list(self._direct[self._offset : self._offset + self._prepared.query.limit])
        for path in self._mechanisms():
            while direct and order_key(direct[0]) <= order_key(path):
                yield self._counted(direct.pop(0))
            self._marked += marked([path])
            yield self._counted(path)
        for path in direct:
            yield self._counted(path)

    def _counted(self, path: Path) -> Path:
        self.returned += 1
        if self._prepared.closed.widened:
            self._ends.append(path)
        return path

    def _mechanisms(self) -> Iterator[Path]:
        """Build the paths of the search; where composition leaves none, of one without it."""
        yield from self._searched()
        nothing = self._order.total == 0 and not self._direct and self._order.bound is None
        free = self._prepared.without_composition() if nothing else None
        if free is not None:
            self._start(free)
            yield from self._searched()

    def _searched(self) -> Iterator[Path]:
        """Build the paths of each batch of rows."""
        passed = 0
        for nodes, keys in self._order:
            skip = max(0, min(len(keys), self._begin - passed))
            room = max(0, self._begin + self._room - passed)
            passed += len(keys)
            yield from self._batch((nodes[skip:room], keys[skip:room]), skip)
            if self._late is not None:
                return
        self.cancel.check()

    def _batch(self, batch: Batch, skipped: int) -> Iterator[Path]:
        """Build the paths of a batch, of whose rows some were skipped before."""
        order = self._order
        whole = Answer(*batch, None, order.counts, exact=order.exact)
        if isinstance(order, InLearnedOrder) and isinstance(order.answer, LearnedAnswer):
            added = order.answer.added[skipped : skipped + len(batch[1])]
            whole = LearnedAnswer(*batch, None, order.counts, exact=order.exact, added=added)
        for i in range(len(batch[1])):
            self.cancel.check()
            if time.monotonic_ns() > self._prepared.watch.deadline:
                self._late = int(batch[1][i])
                return
            (path,) = self._builder.paths(first_of(whole, i + 1), i)
            yield path


def stream_paths(snapshot: Snapshot, query: PathQuery, cancel: Cancel | None = None) -> PathStream:
    """Return the paths of a query as an iterator; the order is that of `find_paths`.

    Raises what `find_paths` raises, before the first path. The time to the first path is that of
    bounding and labelling (`kg.kernels.search.search`), each further one costs what its search
    still needs; unlike `find_paths` nothing waits for the last.
    """
    return PathStream(snapshot, query, cancel)
