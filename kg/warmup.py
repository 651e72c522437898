"""Everything that a first question would wait for, done before it is asked.

The search kernels are compiled on their first call, for half a minute on a slow machine, and kept
on disk from then on. That is nobody's question: no time limit of one runs meanwhile. A server calls
the kernels once before it forks, so that no request, and no worker, ever compiles.
"""

from __future__ import annotations

from typing import Final

from mechkg.kg.analysis.preview import Effort, estimate
from mechkg.kg.analysis.why_not import why_not
from mechkg.kg.jit import is_compiled
from mechkg.kg.kernels.best import best_first
from mechkg.kg.kernels.c_tuples import fill_rows
from mechkg.kg.kernels.enumerate import survey
from mechkg.kg.kernels.search import best_paths, watch_for
from mechkg.kg.model.queries import NeighbourhoodQuery, PathQuery
from mechkg.kg.neighbourhood.list import list_neighbourhood
from mechkg.kg.search.compile_query import admit
from mechkg.kg.search.find_paths import costs_for, engine_of, find_paths
from mechkg.kg.search.list_paths import list_paths
from mechkg.kg.snapshot.snapshot import Snapshot

__all__ = ["is_warm", "make_warm", "warm"]

PATIENCE: Final = 300.0
"""Seconds: compiling is not cut short, for it would begin anew the next time."""


def is_warm() -> bool:
    """Say whether the search kernels were compiled before."""
    return all(map(is_compiled, (best_first, survey, fill_rows)))


def make_warm(snapshot: Snapshot) -> None:
    """Compile the search kernels if they never were; several threads may ask at once."""
    if "warm" in snapshot.memo:
        return
    if not is_warm():
        warm(snapshot)
    snapshot.memo["warm"] = True


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
    engine = engine_of(snapshot)
    task = admit(snapshot, engine, query, costs_for(snapshot, query.scorer))
    best_paths(engine, task, 1, watch_for(PATIENCE), sample=0)
    estimate(engine, task, watch_for(PATIENCE), Effort(count=0))
