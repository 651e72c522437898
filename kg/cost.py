"""What the best paths of a task will cost, told from the part of the search that is cheap.

Where all paths are counted, counting is the cost. Else the search bounds the k-th best and labels
what lies within half of that: both are done here, on the clock of this machine, and a search does
them again and expands what was labelled. So a preview follows the machine, and what else it is
busy with; it is to be right within a factor of 3, no better.
"""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter
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

CALL: Final = 0.000_08
"""Seconds that any question takes."""

PATH: Final = 0.000_022
"""Seconds to tell one path in words."""

AGAIN: Final = 1.3
"""What a search takes of the time spent here, and as much more for each `MANY` paths."""

MANY: Final = 1_000


@dataclass(frozen=True, slots=True)
class Cost:
    """Entries that a search looks at, and the seconds it takes, None where it was not found out."""

    entries: int
    seconds: float | None


def cost_of(engine: Engine, task: Task, k: int, watch: Watch) -> Cost:
    """Return what the `k` best paths cost; takes `PATIENCE` and the time of counting at most.

    `entries` is the same for the same task; `seconds` is measured. Raises nothing. Memory: that of
    a search.
    """
    if len(task.sources) == 0 or len(task.targets) == 0:
        return Cost(0, CALL)
    with Prepared(engine, task) as room:
        begun = perf_counter()
        found = survey_in(task, room, task.max_hops, 0, COUNT_PATHS, COUNT_WORK, watch)
        if found.status == FINISHED:
            total = int(found.counts.sum())
            return Cost(2 * found.work + total, _seconds(begun, min(k, total)))
        upper, seen, whole = bounded(task, room, k, found, watch, BOUND_SAMPLE)
        if whole:
            return Cost(found.work + seen.work, _seconds(begun, k))
        radius = INF - 2 if upper >= INF else upper // 2
        status, count = label(task, room, radius, watch_for(PATIENCE, watch.flag))
        seconds = _seconds(begun, k) if status == FINISHED else None
        entries = found.work + engine.entries(room.scratch.places[PLACED, :count])
        clear_labels(room.packed, count)
    return Cost(entries, seconds)


def _seconds(begun: float, paths: int) -> float:
    """Return what a search for some paths takes whose cheap part has begun then and ends now."""
    return CALL + PATH * paths + (AGAIN + paths / MANY) * (perf_counter() - begun)
