"""Estimate the time of a search for the best paths from a bounded trial run.

Where all paths are counted, counting is the cost. Else the search is begun, on the clock of this
machine, and where it ends within `PATIENCE` its time is the cost; where it does not, the paths that
it has proven by then show how long it will go on. A preview is to be right within a factor of 3, no
better, and takes a bounded time itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter
from typing import Final

from mechkg.kg.kernels.best import BOUND, FOUND, Frontier
from mechkg.kg.kernels.engine import Engine, Room
from mechkg.kg.kernels.potential import clear_labels
from mechkg.kg.kernels.search import (
    BOUND_SAMPLE,
    COUNT_PATHS,
    COUNT_WORK,
    FIRST_PREFIXES,
    Prepared,
    Task,
    bounded,
    expand,
    frontier,
    label,
    survey_in,
    watch_for,
)
from mechkg.kg.kernels.types import FINISHED, INF, PLACED, Watch

__all__ = ["Cost", "cost_of"]

PATIENCE: Final = 0.25
"""Seconds that a search may take here."""

CALL: Final = 0.000_06
"""Seconds that any query takes."""

PATH: Final = 0.000_018
"""Seconds to build one path."""

AGAIN: Final = 0.8
"""What a search takes of its time here, where a look at all walks came before it."""

KEEPING: Final = 1.5
"""What it takes to keep paths that are counted, of the time to count them."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Entries that a search looks at, and the seconds it takes, None where it was not found out."""

    entries: int
    seconds: float | None


def cost_of(engine: Engine, task: Task, k: int, watch: Watch) -> Cost:
    """Return what the `k` best paths cost; takes `PATIENCE` and the time of counting at most.

    `entries` is the same for the same task, if labelling ends; `seconds` is measured. Raises
    nothing. Memory: that of a search.
    """
    if len(task.sources) == 0 or len(task.targets) == 0:
        return Cost(0, CALL)
    with Prepared(engine, task) as room:
        begun = perf_counter()
        found = survey_in(task, room, task.max_hops, 0, COUNT_PATHS, COUNT_WORK, watch)
        total = int(found.counts.sum())
        if found.status == FINISHED:
            counting = KEEPING * (perf_counter() - begun)
            return Cost(2 * found.work + total, CALL + PATH * min(k, total) + counting)
        upper, seen, whole = bounded(task, room, k, found, watch, BOUND_SAMPLE)
        building = CALL + PATH * k
        if whole:
            return Cost(found.work + seen.work, building + perf_counter() - begun)
        front = frontier(task, FIRST_PREFIXES, k, upper)
        labelled, searching = _searched(engine, task, room, front, watch)
        spent = perf_counter() - begun
    seconds = None if searching is None else building + AGAIN * (spent + searching)
    return Cost(found.work + labelled, seconds)


def _searched(
    engine: Engine, task: Task, room: Room, front: Frontier, watch: Watch
) -> tuple[int, float | None]:
    """Search for `PATIENCE`; return the entries of what is labelled, and the seconds to go.

    These are None where not even labelling has ended.
    """
    upper = int(front.head[BOUND])
    radius = INF - 2 if upper >= INF else upper // 2
    patience = watch_for(PATIENCE, watch.flag)
    status, count = label(task, room, radius, patience)
    left = None
    if status == FINISHED:
        begun = perf_counter()
        status, front = expand(task, room, radius, front, patience)
        times = len(front.keys) / max(int(front.head[FOUND]), 1)
        left = 0.0 if status == FINISHED else max(1.0, times - 1) * (perf_counter() - begun)
    entries = engine.entries(room.scratch.places[PLACED, :count])
    clear_labels(room.packed, count)
    return entries, left
