"""`find_paths`: ranked, explained paths of a query with their evidence.

Names are resolved and filters turned into masks (`mechkg.kg.search.compile_query`), the kernels
rank integers (`mechkg.kg.kernels`), and only the paths that are returned get names, statements and
evidence (`mechkg.kg.search.path_builder`).

No source and no target lies between the ends of a path: it runs from one source to one target and
ends at the first target that it meets, as the A-B paths of graph theory do (Diestel, Graph Theory,
1.3). So no path of an answer contains another. An entity that is source and target both may begin
a path or end one, never both.
"""

from __future__ import annotations

from collections.abc import Sequence

from mechkg.kg.kernels.search import Answer
from mechkg.kg.model.cursor import read_cursor, write_cursor
from mechkg.kg.model.queries import PathQuery
from mechkg.kg.model.results import NetEffect, PathResult, TruncatedBy
from mechkg.kg.model.values import Path
from mechkg.kg.progress import Cancel
from mechkg.kg.ranking.costs import score_of
from mechkg.kg.search.associations import associations, marked, order_key, with_direct
from mechkg.kg.search.diverse import selected
from mechkg.kg.search.path_builder import PathBuilder
from mechkg.kg.search.prepare import PreparedQuery, prepare
from mechkg.kg.search.rerank import first_of
from mechkg.kg.snapshot.snapshot import Snapshot

__all__ = ["find_paths"]


def find_paths(snapshot: Snapshot, query: PathQuery, cancel: Cancel | None = None) -> PathResult:
    """Return the best paths of a query, best first, and what was left out.

    The paths are the best of all admissible ones: higher score first, then fewer hops, then by
    the identifiers of their entities. All paths are counted where that is cheap
    (`kg.kernels.search.COUNT_WORK`); else `total` and the net effect are lower bounds, and say so.
    A query that runs out of time returns what it has, with `bound`. Direct statements that are no
    mechanism (`mechkg.kg.search.associations`) are on the first page, wherever they rank.

    Raises `UnknownEntity`, `AmbiguousName`, `UnknownTerm`, `StaleCursor`, `QueryError`, and
    `Cancelled` if asked to stop. Time and memory: see `mechkg.kg.kernels.search.search`.
    """
    prepared = prepare(snapshot, query, cancel)
    query, version = prepared.query, prepared.snapshot.manifest.hash
    offset = read_cursor(query, version)
    direct = associations(prepared)
    begin = max(0, offset - len(direct))
    room = max(0, query.limit - len(direct[offset:]))
    k = begin + max(room, 1)
    answer, total, exact = _best(prepared, k)
    nothing = total == 0 and not direct and answer.bound is None
    free = prepared.without_composition() if nothing else None
    if free is not None:
        prepared = free
        answer, total, exact = _best(prepared, k)
    prepared.check_cancelled()
    builder = prepared.path_builder()
    mechanisms = builder.paths(first_of(answer, k), begin)[:room]
    page = (*direct[offset : offset + query.limit], *mechanisms)
    paths = tuple(sorted(page, key=order_key))
    end, total = offset + len(paths), total + len(direct)
    more = answer.bound is not None or not exact or end < total
    return PathResult(
        query=query,
        paths=paths,
        net_effect=_net_effect(prepared, answer, builder, direct, paths, found=marked(mechanisms)),
        complete=offset == 0 and not more,
        truncated_by=_truncated_by(answer, offset, more=more),
        total=total,
        total_is_exact=exact,
        cursor=write_cursor(query, version, end) if more and paths else None,
        snapshot=version,
        bound=None if answer.bound is None else score_of(answer.bound),
        groundings=prepared.groundings(),
        closures=prepared.closures(paths),
        composition=prepared.applied(),
        scorer=prepared.ranked_by(answer),
    )


def _best(prepared: PreparedQuery, k: int) -> tuple[Answer, int, bool]:
    """Return the k best paths, how many there are of their kind, and whether that is exact."""
    if prepared.query.diverse:
        prepared.announce()
        engine, task, watch = prepared.engine, prepared.task, prepared.watch
        return selected(engine, task, prepared.query.diverse, k, watch)
    answer = prepared.best(max(k, prepared.weighed))
    return answer, answer.total, answer.exact


def _net_effect(
    prepared: PreparedQuery,
    answer: Answer,
    builder: PathBuilder,
    direct: Sequence[Path],
    paths: Sequence[Path],
    *,
    found: int,
) -> NetEffect:
    """Return the net effect of an answer, with its direct associations among the counts.

    `found` are those that the search itself found.
    """
    counted = answer.exact and answer.counts.sum() == answer.total
    counts, associated = with_direct(answer.counts.tolist(), direct)
    return prepared.net_effect(
        counts,
        exact=bool(counted),
        paths=paths,
        associations=associated + found,
        answer=None if prepared.query.diverse else answer,
        builder=builder,
    )


def _truncated_by(answer: Answer, offset: int, *, more: bool) -> TruncatedBy | None:
    if answer.bound is not None:
        return "time"
    return "limit" if more or offset else None
