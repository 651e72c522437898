"""Enumerate all paths of a query as rows, best first, for analyses of all of them at once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mechkg.kg.kernels.search import Answer, best_paths, hop_statements, survey_paths
from mechkg.kg.kernels.types import FINISHED
from mechkg.kg.model.queries import PathQuery
from mechkg.kg.model.results import TruncatedBy
from mechkg.kg.progress import Cancel
from mechkg.kg.search.prepare import PreparedQuery, prepare
from mechkg.kg.snapshot.snapshot import Snapshot

__all__ = ["MAX_PATHS", "Hops", "PathSet", "enumerate_paths", "hops_of"]

MAX_PATHS: Final = 500_000
"""Paths that are enumerated, at most: some 40 MB."""

MAX_WORK: Final = 50_000_000
"""Adjacency entries scanned to enumerate them, at most: some tenths of a second."""

FIRST_PATHS: Final = 20_000
"""Paths that memory is allocated for at once; more are counted first."""

BEST_PATHS: Final = 2_000
"""Paths that are taken for all where there are too many of them."""

_CODES: Final = {0: 0, 1: 1, -1: 2, None: 3}


@dataclass(frozen=True, slots=True)
class PathSet:
    """Paths as rows, ordered as `find_paths` orders them.

    nodes (k, hops+1; int32, -1 padded), keys (k, int64) and signs (k, uint8: 0 for no direction,
    1 raises, 2 lowers, 3 unknown). counts (4, int64) are of all paths known of; `exact` says that
    these rows are all there are, and `truncated_by` else why not. `statements` are those that the
    paths have (rows, ~row where reversed), None for all between their entities.
    """

    prepared: PreparedQuery
    nodes: NDArray[np.int32]
    keys: NDArray[np.int64]
    signs: NDArray[np.uint8]
    counts: NDArray[np.int64]
    exact: bool
    truncated_by: TruncatedBy | None
    statements: frozenset[int] | None = None

    @property
    def total(self) -> int:
        """How many paths are known of, all there are where `exact`."""
        return int(self.counts.sum())

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


def enumerate_paths(snapshot: Snapshot, query: PathQuery, cancel: Cancel | None = None) -> PathSet:
    """Return all paths of a query, or the best `BEST_PATHS` where they are too many.

    Limit, cursor and `diverse` do not matter. Raises what `find_paths` raises. O(entries scanned
    + paths * log(paths)) up to `MAX_WORK` and `MAX_PATHS`; past these, as a search for the best.
    """
    prepared = prepare(snapshot, query, cancel)
    prepared.check_cancelled()
    found = _enumerated(prepared)
    prepared.check_cancelled()
    return _in_context(found) if prepared.is_consistent else found


def _enumerated(prepared: PreparedQuery) -> PathSet:
    """Return the paths of a query, in one context or not."""
    engine, task, watch = prepared.engine, prepared.task, prepared.watch
    if not prepared.has_ends:
        nodes, keys = np.empty((0, task.max_hops + 1), np.int32), np.empty(0, np.int64)
        signs, counts = np.empty(0, np.uint8), np.zeros(4, np.int64)
        return PathSet(prepared, nodes, keys, signs, counts, exact=True, truncated_by=None)
    survey = survey_paths(engine, task, FIRST_PATHS, MAX_PATHS, MAX_WORK, watch)
    total = int(survey.counts.sum())
    if survey.status == FINISHED and total > FIRST_PATHS:
        survey = survey_paths(engine, task, total, MAX_PATHS, MAX_WORK, watch)
    if survey.status == FINISHED:
        order = np.lexsort((*survey.nodes.T[::-1], survey.keys))
        rows = survey.nodes[order], survey.keys[order], survey.signs[order]
        return PathSet(prepared, *rows, survey.counts, exact=True, truncated_by=None)
    best = best_paths(engine, task, BEST_PATHS, watch)
    prepared.check_cancelled()  # what was stopped is not counted
    counts = best.counts if best.total > total else survey.counts
    signs = _signs(prepared, best)
    if len(best.keys) > counts.sum():
        counts = np.bincount(signs, minlength=4)
    reason: TruncatedBy = "limit" if best.bound is None else "time"
    rows = best.nodes, best.keys, signs
    return PathSet(prepared, *rows, counts, exact=False, truncated_by=reason)


def _in_context(found: PathSet) -> PathSet:
    """Return those of some paths that can hold in one context, ordered by what they cost there."""
    builder = found.prepared.path_builder()
    extra = builder.in_context(found.nodes)
    kept = np.array([place for place, more in enumerate(extra) if more is not None], np.int64)
    nodes = found.nodes[kept]
    keys = found.keys[kept] + np.array([extra[place] for place in kept.tolist()], np.int64)
    order = np.lexsort((*nodes.T[::-1], keys))
    nodes, keys = nodes[order], keys[order]
    signs = np.array([_CODES[sign] for sign in builder.signs(nodes)], np.uint8)
    counts = np.bincount(signs, minlength=4)
    held = frozenset(
        ref for row in nodes.tolist() for hop in builder.statements(row) for ref in hop
    )
    return replace(found, nodes=nodes, keys=keys, signs=signs, counts=counts, statements=held)


def _signs(prepared: PreparedQuery, best: Answer) -> NDArray[np.uint8]:
    builder = prepared.path_builder(consistent=False)
    return np.array([_CODES[sign] for sign in builder.signs(best.nodes)], np.uint8)


def hops_of(paths: PathSet) -> Hops:
    """Return the distinct hops of some paths. O(paths * hops * log)."""
    tails, heads = paths.nodes[:, :-1], paths.nodes[:, 1:]
    of_path, column = np.nonzero(heads >= 0)
    pairs = np.stack((tails[of_path, column], heads[of_path, column]), axis=1)
    ends, place = np.unique(pairs, axis=0, return_inverse=True)
    ptr, refs = hop_statements(paths.prepared.task, ends[:, 0].copy(), ends[:, 1].copy())
    if paths.statements is not None:
        kept = np.isin(refs, list(paths.statements))
        ptr, refs = np.concatenate(([0], np.cumsum(kept)))[ptr], refs[kept]
    return Hops(ends, of_path, place.ravel(), ptr, refs)
