"""`stream_paths`: the paths of a query one by one, best first, each as soon as it is proven."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator

from mechkg.kg.kernels.order import Batch
from mechkg.kg.kernels.search import Answer, watch_for
from mechkg.kg.model.cursor import read_cursor, write_cursor
from mechkg.kg.model.queries import PathQuery, PathSummary, TruncatedBy
from mechkg.kg.model.values import Path
from mechkg.kg.progress import Cancel
from mechkg.kg.ranking.costs import score_of
from mechkg.kg.search.compile_query import admit
from mechkg.kg.search.diverse import ordered
from mechkg.kg.search.explain import net_effect
from mechkg.kg.search.find_paths import Telling, costs_for, ends_named, engine_of
from mechkg.kg.snapshot.snapshot import Snapshot

__all__ = ["PathStream", "stream_paths"]


class PathStream(Iterator[Path]):
    """The best paths of a query, best first; then `summary` says what was left out.

    Iterating on resumes the search where it paused: nothing is searched twice. While it pauses it
    keeps its room (see `kg.kernels.order`); `close` gives that back, and so does the end. Time runs
    while it pauses, too. One thread at a time; any other may raise the flag of its `cancel`.
    """

    def __init__(self, snapshot: Snapshot, query: PathQuery, cancel: Cancel | None = None) -> None:
        self._query = query.checked()
        self._snapshot = snapshot
        self.cancel = cancel or Cancel()
        self._offset = read_cursor(query, snapshot.manifest.hash)
        self.returned = 0
        engine, costs = engine_of(snapshot), costs_for(snapshot, query.scorer)
        self._task = admit(snapshot, engine, query, costs)
        self._telling = Telling(snapshot, self._task, costs)
        self._watch = watch_for(query.timeout, self.cancel.flag)
        self._order = ordered(
            engine, self._task, query.diverse, self._offset + query.limit, self._watch
        )
        self._late: int | None = None
        self._paths = self._told()

    def __iter__(self) -> PathStream:
        return self

    def __next__(self) -> Path:
        """Return the next path; raises `Cancelled` if asked to stop."""
        return next(self._paths)

    def close(self) -> None:
        """Stop, and give the room of the search back."""
        self._paths.close()

    @property
    def summary(self) -> PathSummary:
        """What the paths so far are of the whole; final once the iteration has ended."""
        order, mark = self._order, self._snapshot.manifest.hash
        end = self._offset + self.returned
        bound = order.bound if self._late is None else self._late
        more = bound is not None or not order.total_is_exact or end < order.total
        source, target = (
            ", ".join(ends_named(self._snapshot, rows))
            for rows in (self._task.sources, self._task.targets)
        )
        return PathSummary(
            query=self._query,
            returned=self.returned,
            net_effect=net_effect(
                order.counts.tolist(), exact=order.exact, source=source, target=target
            ),
            complete=self._offset == 0 and not more,
            truncated_by=self._cut(bound, more=more),
            total=max(order.total, end),
            total_is_exact=order.total_is_exact,
            cursor=write_cursor(self._query, mark, end) if more and self.returned else None,
            snapshot=mark,
            bound=None if bound is None else score_of(bound),
        )

    def _cut(self, bound: int | None, *, more: bool) -> TruncatedBy | None:
        if bound is not None:
            return "time"
        return "limit" if more or self._offset else None

    def _told(self) -> Generator[Path, None, None]:
        """Give names and evidence to the paths of each batch."""
        passed = 0
        for nodes, keys in self._order:
            skip = max(0, min(len(keys), self._offset - passed))
            passed += len(keys)
            yield from self._batch((nodes[skip:], keys[skip:]))
            if self._late is not None:
                return
        self.cancel.check()

    def _batch(self, batch: Batch) -> Iterator[Path]:
        for i in range(len(batch[1])):
            self.cancel.check()
            if time.monotonic_ns() > self._watch.deadline:
                self._late = int(batch[1][i])
                return
            one = slice(i, i + 1)
            answer = Answer(
                batch[0][one], batch[1][one], None, self._order.counts, exact=self._order.exact
            )
            (path,) = self._telling.paths(answer, 0)
            self.returned += 1
            yield path


def stream_paths(snapshot: Snapshot, query: PathQuery, cancel: Cancel | None = None) -> PathStream:
    """Return the paths of a query as an iterator; the order is that of `find_paths`.

    Raises what `find_paths` raises, before the first path. The time to the first path is that of
    bounding and labelling (`kg.kernels.search.search`), each further one costs what its search
    still needs; unlike `find_paths` nothing waits for the last.
    """
    return PathStream(snapshot, query, cancel)
