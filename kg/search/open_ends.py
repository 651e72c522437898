"""`find_open_ends`: the entities of an open side, ranked by their best paths to the fixed side.

The answer is the union of what `find_paths` answers for each entity of the open side and the fixed
side: other entities of the open side may lie on its paths. It is not found by as many searches. The
fixed side is labelled once, and under these labels the best path of each end takes microseconds
(`mechkg.kg.kernels.each_end`); only the ends of a page get their number of paths, their verdict
and their sentences.

Composition, contexts, filters and scores are those of paths, but that no end is ranked by the
learned order, which is one among the paths of a pair. Where the grammar of composition admits no
path of any end, ends are those of paths without it, and the answer says so.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from mechkg.kg.errors import QueryError
from mechkg.kg.kernels.each_end import EachEnd
from mechkg.kg.kernels.reverse import MAX_PAIRS, pairs_of
from mechkg.kg.kernels.search import (
    COUNT_WORK,
    Answer,
    Task,
    select,
    survey_paths,
)
from mechkg.kg.kernels.types import FINISHED, INF
from mechkg.kg.model.cursor import read_cursor, write_cursor
from mechkg.kg.model.queries import OpenEndsQuery, PathQuery
from mechkg.kg.model.results import OpenEnd, OpenEndsResult, TruncatedBy
from mechkg.kg.model.values import Path
from mechkg.kg.progress import Cancel
from mechkg.kg.ranking.costs import Costs, score_of
from mechkg.kg.ranking.learned import LEARNED
from mechkg.kg.ranking.specific import SPECIFIC
from mechkg.kg.search.compile_query import compile_between, via_of_ends
from mechkg.kg.search.context import SearchContext
from mechkg.kg.search.diverse import is_late
from mechkg.kg.search.open_ends_words import open_ends_sentence
from mechkg.kg.search.open_side import OpenSide, open_side
from mechkg.kg.search.path_builder import PathBuilder
from mechkg.kg.search.prepare import REFUSED, PreparedQuery, prepare
from mechkg.kg.search.rerank import first_of
from mechkg.kg.search.resolve import Rows, ground_all
from mechkg.kg.search.verdict import Decision
from mechkg.kg.snapshot.snapshot import Snapshot

__all__ = ["MAX_OF_END", "find_open_ends", "pair_of", "prepare_open", "ranked_ends"]

MAX_OF_END: Final = 50_000
"""Paths of an end that are counted, at most: more are a lower bound."""

KEPT_OF_END: Final = 5_000
"""Paths that are kept while counting, so that the best of them need no search."""

SIGN_OF: Final = {"raises": 1, "lowers": -1}

Keys = NDArray[np.int64]


def find_open_ends(
    snapshot: Snapshot,
    query: OpenEndsQuery,
    cancel: Cancel | None = None,
    *,
    candidates: int | None = None,
    whole: bool = True,
) -> OpenEndsResult:
    """Return the ends of a query in the order of their best paths, and what was left out.

    Higher score first, then fewer hops, then by identifier; each end with its best path, the number
    of its paths and its net effect. All ends that have a path are counted, unless time runs out.
    With `effect`, ends are looked at in their order until the page is full. Where the snapshot is a
    part of a graph, `candidates` is how many entities the open side admits in all of it, and
    without `whole` there may be more paths, so that counts are lower bounds.

    Raises `UnknownEntity`, `AmbiguousName`, `UnknownTerm`, `StaleCursor`, `QueryError`, and
    `Cancelled` if asked to stop. Time: labelling all that the fixed side reaches within `max_hops`,
    a search under these labels for each end, and what a query for its paths takes for each end of
    the page. Memory: that of `mechkg.kg.kernels.each_end.EachEnd`.
    """
    query = query.checked()
    side = open_side(SearchContext.of(snapshot), query)
    prepared = prepare_open(snapshot, query, side, cancel)
    offset = read_cursor(query, snapshot.manifest.hash)
    found = _answer(prepared, query, side, offset)
    free = None
    if found.total == 0 and found.in_time and not found.looked_at:
        free = prepared.without_composition()
    if free is not None:
        prepared = free
        found = _answer(prepared, query, side, offset)
    prepared.check_cancelled()
    if not whole:
        ends = [msgspec.structs.replace(end, total_is_exact=False) for end in found.ends]
        found = replace(found, ends=tuple(ends), exact=False)
    return _result(prepared, query, side, found, offset, candidates=candidates)


@dataclass(frozen=True, slots=True)
class _Found:
    """A page of ends: those found, how many have a path, and what was looked at for the page.

    `looked_at` counts the ends that were examined from the offset on, `next_key` is the least key
    of one that was not, None where there is none. `exact` says that `total` is.
    """

    ends: tuple[OpenEnd, ...]
    total: int
    exact: bool
    in_time: bool
    looked_at: int
    next_key: int | None


def prepare_open(
    snapshot: Snapshot, query: OpenEndsQuery, side: OpenSide, cancel: Cancel | None
) -> PreparedQuery:
    """Return the query as one for paths whose open side is all entities that it admits."""
    paths = query.paths(side.side)

    def compiled(context: SearchContext, asked: PathQuery, costs: Costs) -> Task:
        fixed = ground_all(context, getattr(asked, side.fixed), side.fixed)
        ends = np.setdiff1d(side.rows, fixed).astype(np.int32)
        return compile_between(context, asked, costs, side.with_fixed(ends, fixed), fixed)

    prepared = prepare(snapshot, paths, cancel, compiled=compiled, learned=False)
    _check_pattern(prepared.task, side)
    return prepared


def _check_pattern(task: Task, side: OpenSide) -> None:
    """Refuse a pattern whose reverse has more positions than a search can tell apart."""
    pattern = task.rules.pattern
    if side.side == "target" and pattern.on and len(pairs_of(pattern)) > MAX_PAIRS:
        raise QueryError(
            "metapath",
            f"leaves more than {MAX_PAIRS} ways from hop to hop, too many where the target is open",
            hint="Give shorter ranges ({1,3}), or ask for one target at a time.",
        )


def _answer(prepared: PreparedQuery, query: OpenEndsQuery, side: OpenSide, offset: int) -> _Found:
    """Return a page of ends."""
    if not prepared.has_ends:
        return _Found((), 0, exact=True, in_time=True, looked_at=0, next_key=None)
    with _labelled(prepared, side) as search:
        ends, keys, in_time = _ranked(search, prepared.task, side)
        page = _Page(prepared, query, side, search)
        if not in_time:
            return _Found((), len(ends), exact=False, in_time=False, looked_at=0, next_key=0)
        return page.filled(ends, keys, offset)


def ranked_ends(prepared: PreparedQuery, side: OpenSide) -> tuple[Rows, Keys, bool]:
    """Return the ends that have a path, best first, the keys of their best paths, if in time."""
    if not prepared.has_ends:
        return np.empty(0, np.int32), np.empty(0, np.int64), True
    with _labelled(prepared, side) as search:
        return _ranked(search, prepared.task, side)


def _labelled(prepared: PreparedQuery, side: OpenSide) -> EachEnd:
    """Return the search for each end of a query, to be entered."""
    task, none = prepared.task, np.empty(0, np.int32)
    named = via_of_ends(prepared.context, prepared.closed.query, prepared.costs)
    one_sided = msgspec.structs.replace(
        task, **{"sources" if side.side == "source" else "targets": none}
    )
    return EachEnd(
        prepared.engine, one_sided, open_targets=side.side == "target", named=named,
        watch=prepared.watch,
    )  # fmt: skip


def _ranked(search: EachEnd, task: Task, side: OpenSide) -> tuple[Rows, Keys, bool]:
    ends = task.sources if side.side == "source" else task.targets
    keys, in_time = search.keys(ends)
    reached = np.flatnonzero(keys < INF)
    order = reached[np.lexsort((ends[reached], keys[reached]))]
    return ends[order], keys[order], in_time


def pair_of(prepared: PreparedQuery, side: OpenSide, row: int) -> PreparedQuery:
    """Return the query for the paths of one end of a query."""
    query = prepared.closed.query
    if prepared.refused:
        query = msgspec.structs.replace(query, composition="off")
    task = prepared.task
    fixed = task.targets if side.side == "source" else task.sources
    ends = side.with_fixed(np.array([row], np.int32), fixed)
    task = compile_between(prepared.context, query, prepared.costs, ends)
    return replace(prepared, closed=replace(prepared.closed, task=task))


@dataclass(frozen=True, slots=True)
class _OfPair:
    """The query for the paths of one end, its best paths, and what direct claims decide of it."""

    pair: PreparedQuery
    answer: Answer
    direct: Decision

    @property
    def needed(self) -> NDArray[np.int32]:
        """The paths that have to be built: the best, and where no claim decides, all."""
        return self.answer.nodes if self.direct.basis == "none" else self.answer.nodes[:1]


class _Page:
    """Fills a page with the ends of a query, one after the other."""

    def __init__(
        self, prepared: PreparedQuery, query: OpenEndsQuery, side: OpenSide, search: EachEnd
    ) -> None:
        self._prepared = prepared
        self._query = query
        self._side = side
        self._search = search
        self._builder: PathBuilder = prepared.path_builder()
        self._stopped_at: int | None = None

    def filled(self, ends: Rows, keys: Keys, offset: int) -> _Found:
        """Return the page that begins at an offset of the ends in order."""
        wanted, limit, found = self._query.effect, self._query.limit, list[OpenEnd]()
        looked_at, next_key = 0, None
        waiting = islice(self._in_order(ends, keys), offset, None)
        while next_key is None and (batch := list(islice(waiting, max(1, limit - len(found))))):
            if len(found) == limit:
                next_key = batch[0][1]
                break
            for (_, key), one in zip(batch, self._answers(batch), strict=True):
                if one.answer.bound is not None or self._is_late():
                    next_key = key  # of one that was not looked at in time
                    break
                looked_at += 1
                end = self._end(one)
                if not wanted or end.net_effect.verdict == wanted:
                    found.append(end)
        next_key = self._stopped_at if next_key is None else next_key
        in_time = next_key is None or len(found) == limit
        all_seen = offset == 0 and next_key is None
        exact = all_seen or not (wanted or self._prepared.is_consistent)
        total = len(ends) if not (wanted or self._prepared.is_consistent) else len(found)
        return _Found(tuple(found), total, exact, in_time, looked_at, next_key)

    def _is_late(self) -> bool:
        self._prepared.check_cancelled()
        return is_late(self._prepared.watch)

    def _in_order(self, ends: Rows, keys: Keys) -> Iterator[tuple[int, int]]:
        """Yield ends and their keys in order; with contexts, after a look at the best in one.

        A path in one context costs no less than without that condition, so that an end whose key
        is known comes before all whose bound is not less.
        """
        if not self._prepared.is_consistent:
            yield from zip(ends.tolist(), keys.tolist(), strict=True)
            return
        waiting = [(key, row, False) for row, key in zip(ends.tolist(), keys.tolist(), strict=True)]
        heapq.heapify(waiting)
        while waiting:
            key, row, is_known = heapq.heappop(waiting)
            if is_known:
                yield row, key
                continue
            best = self._pair(row).best(1)
            if best.bound is not None or self._is_late():
                self._stopped_at = key
                return
            if len(best.keys):
                heapq.heappush(waiting, (int(best.keys[0]), row, True))

    def _pair(self, row: int) -> PreparedQuery:
        """Return the query for the paths of one end."""
        return pair_of(self._prepared, self._side, row)

    def _answers(self, batch: Sequence[tuple[int, int]]) -> list[_OfPair]:
        """Return the best paths of some ends; those that are shown or weighed are built together.

        Direct claims decide a verdict before any chain is weighed.
        """
        pairs = [self._pair(row) for row, _ in batch]
        found = [_OfPair(pair, self._paths_of(pair), pair.direct_decision()) for pair in pairs]
        if not self._prepared.is_consistent:
            self._builder.signs(_joined([one.needed for one in found]))
        return found

    def _end(self, one: _OfPair) -> OpenEnd:
        """Return an end with what its paths say."""
        pair, answer = one.pair, one.answer
        effect = pair.verdict(
            answer.counts.tolist(),
            exact=bool(answer.exact and answer.counts.sum() == answer.total),
            answer=answer,
            builder=self._builder,
            direct=one.direct,
        )
        path = self._builder.paths(first_of(answer, 1), 0)[0]
        return OpenEnd(
            entity=path.entities[0 if self._side.side == "source" else -1],
            path=path,
            supporting=self._supporting(answer, path, SIGN_OF.get(effect.verdict)),
            total=answer.total,
            total_is_exact=answer.exact,
            net_effect=effect,
        )

    def _paths_of(self, pair: PreparedQuery) -> Answer:
        """Return the best paths of an end that its verdict weighs, and how many it has."""
        k, task, watch = pair.weighed, pair.task, pair.watch
        if pair.is_consistent:
            return pair.best(k)
        found = survey_paths(pair.engine, task, KEPT_OF_END, MAX_OF_END, COUNT_WORK, watch)
        exact = found.status == FINISHED
        if exact and len(found.keys) == found.counts.sum():
            return Answer(*select(found, k), None, found.counts, exact=True)
        nodes, keys, bound = self._search.best(task, k)
        exact = exact or (bound is None and len(keys) < k)
        return Answer(nodes, keys, bound, found.counts, exact=exact)

    def _supporting(self, answer: Answer, path: Path, sign: int | None) -> Path | None:
        """Return the best path of some sign, None where the best of all has it or none does."""
        if sign is None or path.sign == sign:
            return None
        signs = self._builder.signs(answer.nodes)
        place = next((i for i, one in enumerate(signs) if one == sign), None)
        if place is None:
            return None
        some = slice(place, place + 1)
        chosen = replace(answer, nodes=answer.nodes[some], keys=answer.keys[some])
        return self._builder.paths(chosen, 0)[0]


def _joined(paths: Sequence[NDArray[np.int32]]) -> NDArray[np.int32]:
    """Return paths of several answers as one, -1 behind their end."""
    width = max(nodes.shape[1] for nodes in paths)
    wide = [np.pad(n, ((0, 0), (0, width - n.shape[1])), constant_values=-1) for n in paths]
    return np.concatenate(wide)


def _result(
    prepared: PreparedQuery,
    query: OpenEndsQuery,
    side: OpenSide,
    found: _Found,
    offset: int,
    *,
    candidates: int | None,
) -> OpenEndsResult:
    """Return a page as an answer."""
    version = prepared.snapshot.manifest.hash
    paths = [end.path for end in found.ends]
    more = found.next_key is not None
    position = offset + found.looked_at
    notes = [grounding.sentence for grounding in side.groundings if grounding.sentence]
    notes += [*([REFUSED] if prepared.refused and found.total else []), *prepared.notes(paths)]
    if candidates is None:
        candidates = len(prepared.task.sources if side.side == "source" else prepared.task.targets)
    return OpenEndsResult(
        query=query,
        open=side.side,
        ends=found.ends,
        candidates=candidates,
        complete=offset == 0 and not more,
        truncated_by=_truncated_by(found, offset),
        total=found.total,
        total_is_exact=found.exact,
        cursor=write_cursor(query, version, position) if more and found.looked_at else None,
        snapshot=version,
        bound=None if found.in_time or found.next_key is None else score_of(found.next_key),
        groundings=(*side.groundings, *prepared.groundings()),
        closures=prepared.closures(paths),
        composition=prepared.applied(),
        scorer=SPECIFIC.name if prepared.scorer == LEARNED.name else prepared.scorer,
        sentence=" ".join(
            [
                open_ends_sentence(
                    query, side, prepared.end_name(side.fixed), candidates, found.total,
                    exact=found.exact,
                ),
                *notes,
            ]
        ),
    )  # fmt: skip


def _truncated_by(found: _Found, offset: int) -> TruncatedBy | None:
    if not found.in_time:
        return "time"
    return "limit" if found.next_key is not None or offset else None
