"""Compile the search kernels before the first query.

They are compiled on their first call, which takes half a minute on a slow machine, and kept on disk
from then on. Compile time is not charged to a query's timeout. A server calls the kernels once
before it forks, so that no request, and no worker, ever compiles.
"""

from __future__ import annotations

from typing import Final

import msgspec
import numpy as np

from mechkg.kg.analysis.preview import Effort, estimate
from mechkg.kg.analysis.why_not import why_not
from mechkg.kg.jit import is_compiled
from mechkg.kg.kernels.best import best_first
from mechkg.kg.kernels.best_by_class import best_by_class
from mechkg.kg.kernels.c_tuples import fill_rows
from mechkg.kg.kernels.choose import choose
from mechkg.kg.kernels.enumerate import survey
from mechkg.kg.kernels.search import best_paths
from mechkg.kg.model.queries import NeighbourhoodQuery, PathQuery
from mechkg.kg.neighbourhood.list import list_neighbourhood
from mechkg.kg.search.context import SearchContext
from mechkg.kg.search.find_paths import find_paths
from mechkg.kg.search.list_paths import list_paths
from mechkg.kg.search.prepare import prepare
from mechkg.kg.snapshot.snapshot import Snapshot

__all__ = ["is_warm", "make_warm", "warm"]

PATIENCE: Final = 300.0
"""Seconds: compiling is not cut short, for it would begin anew the next time."""


def is_warm() -> bool:
    """Say whether the search kernels were compiled before."""
    return all(map(is_compiled, (best_first, best_by_class, choose, survey, fill_rows)))


def make_warm(snapshot: Snapshot) -> None:
    """Compile the search kernels if they never were; several threads may call it at once."""
    context = SearchContext.of(snapshot)
    if not context.is_warm:
        if not is_warm():
            warm(snapshot)
        context.is_warm = True


def warm(snapshot: Snapshot) -> None:
    """Call every search kernel once, on one statement of a graph; does nothing without any.

    A second or less where the kernels were compiled before.
    """
    index = snapshot.index
    if not index.carrying:
        return
    source, target = (
        snapshot.records.entity(int(end[0])).id for end in (index.subject, index.object)
    )
    query = PathQuery(source=(source,), target=(target,), max_hops=1, limit=1, timeout=PATIENCE)
    find_paths(snapshot, query)
    list_paths(snapshot, query)
    list_neighbourhood(snapshot, NeighbourhoodQuery(entity=source))
    why_not(snapshot, query)
    # What one hop would not need: the searches for what is too much to count.
    prepared = prepare(snapshot, query)
    best_paths(prepared.engine, prepared.task, 1, prepared.watch, sample=0)
    estimate(prepared.engine, prepared.task, prepared.watch, Effort(count=0))
    # And those under transitions, whether or not this graph has any by default.
    composed = prepare(snapshot, msgspec.structs.replace(query, composition="strict"))
    best_paths(composed.engine, composed.task, 1, composed.watch, sample=0)
    nothing = np.zeros(1, np.int64), np.empty(0, np.int32)
    choose(composed.task.packed, composed.task.sources[:1], *nothing)
