"""All paths of a query in rows, best first, for questions about all of them at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mechkg.kg.kernels.search import (
    Answer,
    Task,
    best_paths,
    hop_statements,
    survey_paths,
    watch_for,
)
from mechkg.kg.kernels.types import FINISHED
from mechkg.kg.model.queries import PathQuery, TruncatedBy
from mechkg.kg.progress import Cancel
from mechkg.kg.ranking.costs import Costs
from mechkg.kg.search.compile_query import admit
from mechkg.kg.search.find_paths import costs_for, engine_of
from mechkg.kg.search.path_builder import Telling
from mechkg.kg.snapshot.snapshot import Snapshot

__all__ = ["MOST_PATHS", "Hops", "Tally", "hops_of", "tally"]

MOST_PATHS: Final = 500_000
"""Paths that are listed, at most: some 40 MB."""

MOST_WORK: Final = 50_000_000
"""Adjacency entries looked at to list them, at most: some tenths of a second."""

FIRST_PATHS: Final = 20_000
"""Paths that there is room for at once; more are counted first."""

BEST_PATHS: Final = 2_000
"""Paths that speak for all where there are too many of them."""

_CODES: Final = {0: 0, 1: 1, -1: 2, None: 3}


@dataclass(frozen=True, slots=True)
class Tally:
    """Paths as rows, ordered as `find_paths` orders them.

    nodes (k, hops+1; int32, -1 padded), keys (k, int64) and signs (k, uint8: 0 for no direction,
    1 raises, 2 lowers, 3 unknown). counts (4, int64) are of all paths known of; `exact` says that
    these rows are all there are, and `truncated_by` else why not.
    """

    task: Task
    costs: Costs
    nodes: NDArray[np.int32]
    keys: NDArray[np.int64]
    signs: NDArray[np.uint8]
    counts: NDArray[np.int64]
    exact: bool
    truncated_by: TruncatedBy | None

    @property
    def inner(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The paths and the entities between their ends, as (places, rows)."""
        between = self.nodes[:, 1:].copy()
        last = (between >= 0).sum(axis=1) - 1
        between[np.arange(len(between)), last] = -1
        places, column = np.nonzero(between >= 0)
        return places, between[places, column].astype(np.int64)


@dataclass(frozen=True, slots=True)
class Hops:
    """The distinct hops of some paths with their statements.

    ends (n, 2; int32 rows); of_path, place: hop `place[i]` is one of path `of_path[i]`, in the
    order of the paths; refs[ptr[h]:ptr[h+1]] are the statements of hop h, ~row where reversed.
    """

    ends: NDArray[np.int32]
    of_path: NDArray[np.int64]
    place: NDArray[np.int64]
    ptr: NDArray[np.int64]
    refs: NDArray[np.int32]


def tally(snapshot: Snapshot, query: PathQuery, cancel: Cancel | None = None) -> Tally:
    """Return all paths of a query, or the best `BEST_PATHS` where they are too many.

    Limit, cursor and `diverse` do not matter. Raises what `find_paths` raises. O(entries scanned
    + paths * log(paths)) up to `MOST_WORK` and `MOST_PATHS`; past these, as a search for the best.
    """
    query = query.checked()
    engine, costs = engine_of(snapshot), costs_for(snapshot, query.scorer)
    task = admit(snapshot, engine, query, costs)
    watch = watch_for(query.timeout, cancel.flag if cancel else None)
    if len(task.sources) == 0 or len(task.targets) == 0:
        nodes, keys = np.empty((0, task.max_hops + 1), np.int32), np.empty(0, np.int64)
        signs, counts = np.empty(0, np.uint8), np.zeros(4, np.int64)
        return Tally(task, costs, nodes, keys, signs, counts, exact=True, truncated_by=None)
    found = survey_paths(engine, task, FIRST_PATHS, MOST_PATHS, MOST_WORK, watch)
    total = int(found.counts.sum())
    if found.status == FINISHED and total > FIRST_PATHS:
        found = survey_paths(engine, task, total, MOST_PATHS, MOST_WORK, watch)
    if found.status == FINISHED:
        order = np.lexsort((*found.nodes.T[::-1], found.keys))
        rows = found.nodes[order], found.keys[order], found.signs[order]
        return Tally(task, costs, *rows, found.counts, exact=True, truncated_by=None)
    best = best_paths(engine, task, BEST_PATHS, watch)
    if cancel is not None:
        cancel.check()
    counts = best.counts if best.total > total else found.counts
    signs = _signs(snapshot, task, costs, best)
    if len(best.keys) > counts.sum():
        counts = np.bincount(signs, minlength=4)
    late = best.bound is not None
    cut: TruncatedBy = "time" if late else "limit"
    return Tally(task, costs, best.nodes, best.keys, signs, counts, exact=False, truncated_by=cut)


def _signs(snapshot: Snapshot, task: Task, costs: Costs, best: Answer) -> NDArray[np.uint8]:
    told = Telling(snapshot, task, costs).paths(best, 0)
    return np.array([_CODES[path.sign] for path in told], np.uint8)


def hops_of(found: Tally) -> Hops:
    """Return the distinct hops of a tally. O(paths * hops * log)."""
    tails, heads = found.nodes[:, :-1], found.nodes[:, 1:]
    of_path, column = np.nonzero(heads >= 0)
    pairs = np.stack((tails[of_path, column], heads[of_path, column]), axis=1)
    ends, place = np.unique(pairs, axis=0, return_inverse=True)
    ptr, refs = hop_statements(found.task, ends[:, 0].copy(), ends[:, 1].copy())
    return Hops(ends, of_path, place.ravel(), ptr, refs)
