"""`find_paths`: from the words of a query to ranked, explained paths with their evidence.

Names are resolved and filters turned into masks (`kg.search.compile_query`), the kernels rank
integers (`mechkg.kg.kernels`), and only the paths that are returned get names, statements and
evidence.

Between the ends stand neither sources nor targets: a path runs from one source to one target and
ends at the first target that it meets, as the A-B paths of graph theory do (Diestel, Graph Theory,
1.3). So no path of an answer contains another. An entity that is source and target both may begin
a path or end one, never both.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mechkg.kg.kernels.engine import Engine
from mechkg.kg.kernels.search import Answer, Task, search, watch_for
from mechkg.kg.kernels.types import Watch
from mechkg.kg.model.cursor import read_cursor, write_cursor
from mechkg.kg.model.queries import NetEffect, PathQuery, PathResult, TruncatedBy
from mechkg.kg.progress import Cancel
from mechkg.kg.ranking import scorer
from mechkg.kg.ranking.costs import Costs, costs_of, score_of
from mechkg.kg.search.compile_query import admit
from mechkg.kg.search.diverse import selected
from mechkg.kg.search.explain import net_effect
from mechkg.kg.search.path_builder import Telling
from mechkg.kg.snapshot.snapshot import Snapshot

__all__ = [
    "Telling",
    "costs_for",
    "ends_named",
    "engine_of",
    "find_paths",
]


def find_paths(snapshot: Snapshot, query: PathQuery, cancel: Cancel | None = None) -> PathResult:
    """Return the best paths of a query, best first, and what was left out.

    The paths are the best of all admissible ones: higher score first, then fewer hops, then by
    the identifiers of their entities. All paths are counted where that is cheap
    (`kg.kernels.search.COUNT_WORK`); else `total` and the net effect are lower bounds, and say so.
    A query that runs out of time returns what it has, with `bound`.

    Raises `UnknownEntity`, `AmbiguousName`, `UnknownTerm`, `StaleCursor`, `QueryError`, and
    `Cancelled` if asked to stop. Time and memory: see `mechkg.kg.kernels.search.search`.
    """
    query = query.checked()
    mark = snapshot.manifest.hash
    offset = read_cursor(query, mark)
    engine, costs = engine_of(snapshot), costs_for(snapshot, query.scorer)
    task = admit(snapshot, engine, query, costs)
    watch = watch_for(query.timeout, cancel.flag if cancel else None)
    answer, total, exact = _answer(engine, task, query, offset + query.limit, watch)
    if cancel is not None:
        cancel.check()
    paths = Telling(snapshot, task, costs).paths(answer, offset)
    end = offset + len(paths)
    more = answer.bound is not None or not exact or end < total
    return PathResult(
        query=query,
        paths=paths,
        net_effect=_effect(snapshot, task, answer),
        complete=offset == 0 and not more,
        truncated_by=_cut(answer, offset, more=more),
        total=total,
        total_is_exact=exact,
        cursor=write_cursor(query, mark, end) if more and paths else None,
        snapshot=mark,
        bound=None if answer.bound is None else score_of(answer.bound),
    )


def engine_of(snapshot: Snapshot) -> Engine:
    """Return the kernels' view of a snapshot, made on first use and kept with it."""
    engine: Engine | None = snapshot.memo.get("engine")
    if engine is None:
        predicates = snapshot.schema.predicates
        made = Engine(
            snapshot.index,
            np.array([p.symmetric for p in predicates], np.uint8),
            np.array([not p.generic for p in predicates], np.uint8),
        )
        engine = snapshot.memo.setdefault("engine", made)
    return engine


def costs_for(snapshot: Snapshot, name: str) -> Costs:
    """Return a scorer's costs over a snapshot, made on first use; raises `UnknownTerm`."""
    costs: Costs | None = snapshot.memo.get(f"costs:{name}")
    if costs is None:
        made = costs_of(snapshot.index, scorer(name))
        costs = snapshot.memo.setdefault(f"costs:{name}", made)
    return costs


def _answer(
    engine: Engine, task: Task, query: PathQuery, k: int, watch: Watch
) -> tuple[Answer, int, bool]:
    """Return the k best paths, how many there are of their kind, and whether that is exact."""
    if query.diverse:
        return selected(engine, task, query.diverse, k, watch)
    answer = search(engine, task, k, watch)
    return answer, answer.total, answer.exact


def _effect(snapshot: Snapshot, task: Task, answer: Answer) -> NetEffect:
    """Return what all paths that were counted say together."""
    source, target = (
        ", ".join(ends_named(snapshot, rows)) for rows in (task.sources, task.targets)
    )
    exact = answer.exact and answer.counts.sum() == answer.total
    return net_effect(answer.counts.tolist(), exact=bool(exact), source=source, target=target)


def _cut(answer: Answer, offset: int, *, more: bool) -> TruncatedBy | None:
    if answer.bound is not None:
        return "time"
    return "limit" if more or offset else None


def ends_named(snapshot: Snapshot, rows: NDArray[np.int32]) -> list[str]:
    """Return the names of some entities, shortened to three and a count."""
    names = [snapshot.records.name(int(row)) for row in rows[:3]]
    return names if len(rows) <= 3 else [*names, f"{len(rows) - 3} more"]
