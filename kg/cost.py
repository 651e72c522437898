"""What the best paths of a task will cost, told from the part of the search that is cheap.

Where all paths are counted, counting is the cost. Else the search bounds the k-th best and labels
what lies within half of that: both are done here, and the entries of what was labelled say what
expanding will take. The rates were measured on one core of a laptop-like machine and belong to no
graph; a preview is to be right within a factor of 3, no better.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from kg.kernels.arrays import FINISHED, INF, PLACED, Watch
from kg.kernels.engine import Engine
from kg.kernels.potential import clear_labels
from kg.kernels.search import (
    BOUND_SAMPLE,
    COUNT_PATHS,
    COUNT_WORK,
    Prepared,
    Task,
    bounded,
    label,
    survey_in,
    watch_for,
)

__all__ = ["Cost", "cost_of"]

PATIENCE: Final = 0.25
"""Seconds that labelling may take here; a search that takes longer is told by its entries."""

CALL: Final = 0.000_15
"""Seconds that any question takes."""

PATH: Final = 0.000_025
"""Seconds to tell one path in words."""

COUNTED: Final = 20_000.0
"""Paths that are counted in a thousandth of a second, one by one."""

SCANNED: Final = 200_000.0
"""Entries that counting looks at in a thousandth of a second."""

LABELLED: Final = 700_000.0
"""Entries of labelled entities to a thousandth of a second of search."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Entries that a search looks at, and the seconds it takes, None where it was not found out."""

    entries: int
    seconds: float | None


def cost_of(engine: Engine, task: Task, k: int, watch: Watch) -> Cost:
    """Return what the `k` best paths cost; at most `PATIENCE` and the time of counting.

    Raises nothing. Memory: that of a search.
    """
    if len(task.sources) == 0 or len(task.targets) == 0:
        return Cost(0, CALL)
    with Prepared(engine, task) as room:
        found = survey_in(task, room, task.max_hops, 0, COUNT_PATHS, COUNT_WORK, watch)
        total = int(found.counts.sum())
        counting = (found.work / SCANNED + total / COUNTED) / 1_000
        if found.status == FINISHED:
            return Cost(2 * found.work + total, CALL + PATH * min(k, total) + counting)
        upper, seen, whole = bounded(task, room, k, found, watch, BOUND_SAMPLE)
        begun = CALL + PATH * k + counting
        if whole:
            return Cost(found.work + seen.work, begun + seen.work / SCANNED / 1_000)
        radius = INF - 2 if upper >= INF else upper // 2
        status, count = label(task, room, radius, watch_for(PATIENCE, watch.flag))
        entries = found.work + engine.entries(room.scratch.places[PLACED, :count])
        clear_labels(room.packed, count)
    return Cost(entries, begun + entries / LABELLED / 1_000 if status == FINISHED else None)
