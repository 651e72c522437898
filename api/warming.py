"""Everything that a first request would wait for, done before it comes.

The search kernels are compiled on their first call, for half a minute on a slow machine, and kept
on disk from then on. A server calls them once before it forks, so that no request, and no worker,
ever compiles.
"""

from __future__ import annotations

from pathlib import Path

from kg.admission import admit
from kg.graph import Graph
from kg.kernels.best import best_first
from kg.kernels.search import best_paths, watch_for
from kg.kernels.survey import survey
from kg.paths import costs_for, engine_of
from kg.preview import Effort, estimate
from kg.queries import PathQuery

__all__ = ["is_warm", "warm"]

PATIENCE = 300.0
"""Seconds: compiling is not cut short, for it would begin anew the next time."""


def is_warm() -> bool:
    """Say whether the kernels were compiled here before: their cache has a file of each."""
    kernels = {"best.best_first": best_first, "survey.survey": survey}
    return all(
        any(Path(kernel.stats.cache_path).glob(f"{name}-*.nbi")) for name, kernel in kernels.items()
    )


def warm(graph: Graph) -> None:
    """Call every search kernel once, on one statement of a graph; does nothing without any.

    A second or less where the kernels were compiled before.
    """
    snapshot = graph.snapshot
    index = snapshot.index
    if not index.carrying:
        return
    source, target = (
        snapshot.records.entity(int(end[0])).id for end in (index.subject, index.object)
    )
    query = PathQuery(source=(source,), target=(target,), max_hops=1, limit=1, timeout=PATIENCE)
    graph.find_paths(query)
    graph.list_paths(query)
    graph.list_neighbourhood(entity=source)
    graph.why_not(query)
    # What one hop would not need: the searches for what is too much to count.
    engine = engine_of(snapshot)
    task = admit(snapshot, engine, query, costs_for(snapshot, query.scorer))
    best_paths(engine, task, 1, watch_for(PATIENCE), sample=0)
    estimate(engine, task, watch_for(PATIENCE), Effort(count=0))
