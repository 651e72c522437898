"""`preview`: estimate the number of paths of a query and the time of its search.

Where all paths can be counted within some milliseconds they are; else walks are counted from both
ends, and a sample of whole walks tells how many of them are paths (`kg.kernels.sample_walks`). The
same query gives the same estimate, as the seed is fixed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from mechkg.kg.analysis.cost import cost_of
from mechkg.kg.kernels.count_walks import Spread, spread
from mechkg.kg.kernels.engine import Engine
from mechkg.kg.kernels.sample_walks import sampled
from mechkg.kg.kernels.search import (
    COUNT_PATHS,
    COUNT_WORK,
    Prepared,
    Task,
    best_paths,
    survey_paths,
)
from mechkg.kg.kernels.task import views_of
from mechkg.kg.kernels.types import FINISHED, FULL, ROLE, STOPPED, Watch
from mechkg.kg.model.queries import PathQuery
from mechkg.kg.model.results import Preview
from mechkg.kg.progress import Cancel
from mechkg.kg.search.diverse import is_late
from mechkg.kg.search.prepare import PreparedQuery, prepare
from mechkg.kg.snapshot.snapshot import Snapshot

__all__ = ["Effort", "Estimate", "draw_estimate", "estimate", "preview"]


@dataclass(frozen=True, slots=True)
class Effort:
    """How much work an estimate may be, in entries of the adjacency and in walks drawn.

    `count`: to count all paths outright. `spread`: to count walks from the ends, and again to join
    them. `sample`: to draw walks of one length. `plain` walks are drawn of each length, `strict`
    ones where via, a pattern or a long gap refuses many of them.
    """

    count: int = COUNT_WORK
    spread: int = 8_000_000
    sample: int = 16_000_000
    plain: int = 400
    strict: int = 40_000


SHARED: Final = 2_000
"""Paths whose contexts are compared, at most."""

SEED: Final = 20_240_607

CLASSES: Final = (0.01, 0.1, 1.0, 10.0, 100.0)
"""Classes of time, in seconds."""

ENTRIES_A_SECOND: Final = 200_000_000.0
"""Adjacency entries that a search looks at in a second on one core of a laptop."""

LONG: Final = 2.5
"""Seconds of a search that has not labelled what it needs in a quarter of one, in the middle:
1.6 to 8 on 50 million statements."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """The number of paths, its standard error (0 where counted), entries that a search looks at."""

    total: float
    error: float
    entries: int
    status: int


def preview(snapshot: Snapshot, query: PathQuery, cancel: Cancel | None = None) -> Preview:
    """Return how many paths a query has and what they cost; limit and cursor are ignored.

    Raises what `find_paths` raises. `Effort` bounds the work, and `timeout` too. Memory: at most
    16 bytes an entity and hop, touched where walks come.
    """
    prepared = prepare(snapshot, query, cancel)
    engine, task, watch = prepared.engine, prepared.task, prepared.watch
    found = estimate(engine, task, watch)
    if prepared.is_consistent:
        found = _in_context(prepared, found)
    cost = cost_of(engine, task, query.limit, watch)
    prepared.check_cancelled()
    total, exact = round(found.total), found.status == FINISHED and found.error == 0.0
    spare = 0 if exact else 2 * found.error + 0.02 * total
    seconds = cost.seconds or max(LONG, found.entries / ENTRIES_A_SECOND)
    entries = found.entries if cost.seconds is None else cost.entries
    return Preview(
        query=query,
        total=total,
        total_is_exact=exact,
        low=max(0, int(total - spare)),
        high=round(total + spare),
        entries=entries,
        milliseconds=round(1_000 * seconds, 2),
        seconds=next((c for c in CLASSES if seconds <= c), None),
        sentence=" ".join([_sentence(total, query, exact=exact), *prepared.notes()]),
        complete=found.status != STOPPED,
        truncated_by="time" if found.status == STOPPED else None,
        snapshot=snapshot.manifest.hash,
        groundings=prepared.groundings(),
        closures=prepared.closures(),
    )


def _in_context(prepared: PreparedQuery, found: Estimate) -> Estimate:
    """Return an estimate of the paths that can hold in one context, of one of all paths.

    The best `SHARED` paths are looked at. The share of those that hold is taken for that of all;
    its error is that of a share between none and all.
    """
    answer = best_paths(prepared.engine, prepared.task, SHARED, prepared.watch)
    looked = len(answer.keys)
    if not looked:
        return found
    held = sum(one is not None for one in prepared.path_builder().in_context(answer.nodes))
    if looked < SHARED and answer.bound is None:
        return Estimate(float(held), 0.0, found.entries, found.status)
    share = held / looked
    spread = found.total * max(share, 1 - share) / 2
    return Estimate(found.total * share, found.error + spread, found.entries, found.status)


def estimate(engine: Engine, task: Task, watch: Watch, effort: Effort | None = None) -> Estimate:
    """Return how many paths a task has: counted where `effort` allows it, else estimated.

    An estimate is unbiased, as long as its status is not STOPPED.
    """
    effort = effort or Effort()
    if len(task.sources) == 0 or len(task.targets) == 0:
        return Estimate(0.0, 0.0, 0, FINISHED)
    found = survey_paths(engine, task, 0, COUNT_PATHS, effort.count, watch)
    if found.status == FINISHED:
        total = int(found.counts.sum())
        return Estimate(float(total), 0.0, 2 * found.work + total, FINISHED)
    mean, variance, entries = draw_estimate(engine, task, watch, effort)
    status = STOPPED if is_late(watch) else FULL
    return Estimate(mean, float(np.sqrt(variance)), entries, status)


def draw_estimate(
    engine: Engine, task: Task, watch: Watch, effort: Effort
) -> tuple[float, float, int]:
    """Return an estimate from draws of each length, its variance, and the entries of a search."""
    views, rules = views_of(task), task.rules
    with Prepared(engine, task) as room:
        ahead, behind = np.zeros((2, task.max_hops * engine.entities))
        marks = room.scratch.marks
        ends = (task.sources, task.targets, task.max_hops)
        reach: Spread = spread(
            *views, rules, marks[ROLE], *ends, ahead, behind, effort.spread, watch
        )
        strict = rules.need or rules.pattern.on or rules.transitions.on or reach.status == FULL
        draws = effort.strict if strict else effort.plain
        bounds = (draws, effort.spread, effort.sample)
        mean = variance = 0.0
        for hops in range(rules.min_hops, task.max_hops + 1):
            one, doubt, _, _ = sampled(
                *views, rules, marks, reach, hops, *bounds, SEED + hops, watch
            )
            mean, variance = mean + one, variance + doubt
    return mean, variance, _entries(reach, task)


def _entries(reach: Spread, task: Task) -> int:
    """Return how many entries labelling from the targets looks at, level by level.

    The levels that were not counted are taken to be as wide as the widest.
    """
    known = [int(w) for w in reach.wide_b[: reach.b + 1]]
    missing = max(0, task.max_hops - 1 - len(known))
    widest = max(int(reach.wide_a[: reach.a + 1].max()), *known)
    return int(reach.work) + sum(known[: task.max_hops - 1]) + missing * widest


def _sentence(total: int, query: PathQuery, *, exact: bool) -> str:
    about = "" if exact else "about "
    noun = "path" if total == 1 else "paths"
    hops = "1 hop" if query.max_hops == 1 else f"at most {query.max_hops} hops"
    if total == 0 and exact:
        return f"There is no path of {hops}."
    return f"There {'is' if total == 1 else 'are'} {about}{total:,} {noun} of {hops}."
