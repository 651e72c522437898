"""`find_significance`: are there more paths than the degrees alone lead to expect?

Hubs join everything. So the paths of a query, those through each mediator and those of each
metapath are held against rewired graphs, in which every entity keeps its number of statements of
each type and partners are random (`kg.analysis.rewire`). Between one source and one target, and
where any hop may follow any other, the mean number of paths of one and of two hops has a closed
form (`kg.analysis.chance`); what is longer is counted in sampled graphs.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mechkg.kg.analysis.all_paths import MAX_PATHS, MAX_WORK, PathSet, enumerate_paths
from mechkg.kg.analysis.chance import Chances, Walk
from mechkg.kg.analysis.metapath_codes import MetapathCodes, codes_of, words_of
from mechkg.kg.analysis.rewire import Rewiring, StatementTypes, walkable
from mechkg.kg.analysis.significance_words import significance_sentence
from mechkg.kg.kernels.search import Task, survey_paths
from mechkg.kg.kernels.types import FINISHED, STOPPED
from mechkg.kg.model.queries import SignificanceQuery
from mechkg.kg.model.results import (
    Expectation,
    MediatorSignificance,
    MetapathSignificance,
    Significance,
    TruncatedBy,
)
from mechkg.kg.progress import Cancel
from mechkg.kg.search.limits import too_many_paths
from mechkg.kg.snapshot.snapshot import Snapshot

__all__ = ["find_significance"]

FIRST_PATHS: Final = 20_000
"""Paths of a rewired graph that memory is allocated for at once; more are counted first."""

CLOSED_HOPS: Final = 2
"""Hops of the longest paths whose expected number has a closed form."""

UNLIKELY: Final = 0.05
"""The chance below which a mediator counts as unlikely."""

MAX_NOTED: Final = 5_000_000
"""Mediators of rewired graphs that are remembered, at most: 16 bytes each."""

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]


def find_significance(
    snapshot: Snapshot, query: SignificanceQuery, cancel: Cancel | None = None
) -> Significance:
    """Return how many paths there are and how many are expected, by mediator and by metapath.

    Raises what `find_paths` raises, and `TooCostly` where not all paths can be listed, in the graph
    or in a rewired one. O(statements that the query may walk * log) once, then for each sample
    what `Rewiring.draw` and listing all paths take; `timeout` bounds all of it.
    """
    query = query.checked()
    found = enumerate_paths(snapshot, query.paths(), cancel)
    if not found.exact:
        raise too_many_paths(_limit(query, found.truncated_by))
    table = _Table(snapshot, found)
    samples = table.sample(query)
    return _result(snapshot, query, table, samples)


def _limit(query: SignificanceQuery, reason: TruncatedBy | None) -> str:
    return f"{query.timeout:g} s" if reason == "time" else f"{MAX_PATHS:,} paths"


@dataclass(frozen=True, slots=True)
class _Seen:
    """The paths of one graph, counted: all, by mediator and by metapath; `long` past two hops."""

    every: Counts
    long: Counts


class _Table:
    """All that is counted: first all paths, then mediators, then metapaths, one place each."""

    def __init__(self, snapshot: Snapshot, found: PathSet) -> None:
        self.found = found
        self.snapshot = snapshot
        self._category = np.asarray(snapshot.index.category)
        self.mediators = np.unique(found.inner[1])
        self._place = np.full(snapshot.index.entities, -1, np.int64)
        self._place[self.mediators] = np.arange(len(self.mediators))
        codes = self._codes(found.prepared.task, found.nodes)
        self._code, first = np.unique(codes.code, return_index=True)
        self.metapaths = MetapathCodes(self._code, codes.step[first], codes.begin[first])
        self.observed = self._counted(codes, found.nodes)
        width = 1 + len(self.mediators) + len(self._code)
        self.closed = np.zeros(width)
        self.is_closed = np.zeros(width, np.bool_)
        self.sums, self.squares, self.more = np.zeros((3, width))
        self._closed_hops = 0
        self.unlikely_expected: float | None = None
        self._noted: list[NDArray[np.int64]] = []

    @property
    def is_single(self) -> bool:
        """Whether closed forms hold: one source, one target, any hop after any other."""
        task = self.found.prepared.task
        free = not (task.rules.transitions.on or task.rules.pattern.on or task.rules.need)
        return free and len(task.sources) == len(task.targets) == 1

    @property
    def is_known(self) -> NDArray[np.bool_]:
        """For which the chance of a path is that of as many or more: there is one at most."""
        task, known = self.found.prepared.task, np.zeros(len(self.closed), np.bool_)
        known[0] = task.max_hops == 1
        known[1 : 1 + len(self.mediators)] = task.max_hops <= CLOSED_HOPS
        return known & self.is_closed

    def _codes(self, task: Task, nodes: NDArray[np.int32]) -> MetapathCodes:
        return codes_of(task, nodes, self._category, self.snapshot.schema)

    def _counted(self, codes: MetapathCodes, nodes: NDArray[np.int32]) -> Counts:
        """Return how many of some paths there are, by place."""
        between = nodes[:, 1:-1][nodes[:, 2:] >= 0]
        place = self._place[between]
        of_mediator = np.bincount(place[place >= 0], minlength=len(self.mediators))
        if not len(self._code):
            return np.concatenate(([len(nodes)], of_mediator))
        at = np.minimum(np.searchsorted(self._code, codes.code), len(self._code) - 1)
        at = at[self._code[at] == codes.code]
        of_metapath = np.bincount(at, minlength=len(self._code))
        return np.concatenate(([len(nodes)], of_mediator, of_metapath))

    def sample(self, query: SignificanceQuery) -> int:
        """Count the paths of rewired graphs; return how many there were time for."""
        prepared, snapshot = self.found.prepared, self.snapshot
        if not prepared.has_ends:
            self.is_closed[:] = True
            return 0
        schema, task = snapshot.schema, prepared.task
        sizes = len(schema.categories), len(schema.predicates)
        types = StatementTypes.of(snapshot.index, task, *sizes)
        rewiring = Rewiring(snapshot.index, prepared.engine, task, types, sizes[1])
        if self.is_single:
            self._close(types, rewiring)
        rng = np.random.default_rng(query.seed)
        done = 0
        while done < query.samples and time.monotonic_ns() <= prepared.watch.deadline:
            prepared.check_cancelled()
            seen = self._seen(query, rewiring.draw(rng))
            if seen is None:
                break
            done += 1
            self.sums += seen.long
            self.squares += seen.long.astype(np.float64) ** 2
            self.more += seen.every >= self.observed
        prepared.check_cancelled()
        if self.unlikely_expected is None:
            self.unlikely_expected = _unlikely_of(self._noted)
        return done

    def _seen(self, query: SignificanceQuery, task: Task) -> _Seen | None:
        """Count the paths of a rewired graph; None where time has run out."""
        engine, watch = self.found.prepared.engine, self.found.prepared.watch
        survey = survey_paths(engine, task, FIRST_PATHS, MAX_PATHS, MAX_WORK, watch)
        total = int(survey.counts.sum())
        if survey.status == FINISHED and total > FIRST_PATHS:
            survey = survey_paths(engine, task, total, MAX_PATHS, MAX_WORK, watch)
        if survey.status == STOPPED:
            return None
        if survey.status != FINISHED:
            raise too_many_paths(_limit(query, "limit"))
        nodes = survey.nodes
        self._note(nodes)
        every = self._counted(self._codes(task, nodes), nodes)
        if not self._closed_hops:
            return _Seen(every, every)
        long = nodes[(nodes >= 0).sum(axis=1) > self._closed_hops + 1]
        return _Seen(every, self._counted(self._codes(task, long), long))

    def _note(self, nodes: NDArray[np.int32]) -> None:
        """Remember how many paths lead through each entity, as far as there is memory for it."""
        counted = np.unique(nodes[:, 1:-1][nodes[:, 2:] >= 0], return_counts=True)
        if sum(noted.shape[1] for noted in self._noted) + len(counted[0]) <= MAX_NOTED:
            self._noted.append(np.stack(counted).astype(np.int64))

    def _close(self, types: StatementTypes, rewiring: Rewiring) -> None:
        """Fill in what has a closed form."""
        task, schema = self.found.prepared.task, self.snapshot.schema
        self._closed_hops = CLOSED_HOPS
        chances = Chances(self.snapshot.index, types, int(task.sources[0]), int(task.targets[0]))
        walk = walkable(task, len(schema.predicates))
        through = np.where(rewiring.may_lie_between, chances.through(walk, walk), 0.0)
        if task.max_hops <= CLOSED_HOPS:
            some = through if task.max_hops == CLOSED_HOPS else through[:0]
            self.unlikely_expected = float(some[some < UNLIKELY].sum())
        if task.rules.min_hops == 1:
            self.closed[0] += chances.direct(walk)
        if task.rules.min_hops <= CLOSED_HOPS <= task.max_hops:
            self.closed[0] += through.sum()
            self.closed[1 : 1 + len(self.mediators)] = through[self.mediators]
        self.is_closed[: 1 + len(self.mediators)] = task.max_hops <= CLOSED_HOPS
        for number, step in enumerate(self.metapaths.step):
            if (step >= 0).sum() <= CLOSED_HOPS:
                place = 1 + len(self.mediators) + number
                self.is_closed[place] = True
                self.closed[place] = self._metapath(chances, rewiring, step[step >= 0].tolist())

    def _metapath(self, chances: Chances, rewiring: Rewiring, steps: list[int]) -> float:
        """Return how many paths of a metapath of one or two hops are expected."""
        categories = len(self.snapshot.schema.categories)
        hops = [self._walk(*divmod(step // categories, 2)) for step in steps]
        if len(hops) == 1:
            return chances.direct(hops[0])
        middle = self._category == steps[0] % categories
        return float(chances.through(*hops)[middle & rewiring.may_lie_between].sum())

    def _walk(self, predicate: int, turned: int) -> Walk:
        """Return the one predicate of a hop of a metapath, in its direction."""
        predicates = self.snapshot.schema.predicates
        along, against = walkable(self.found.prepared.task, len(predicates))
        only = np.arange(len(predicates)) == predicate
        both = predicates[predicate].symmetric
        return along & only & (both or not turned), against & only & (both or bool(turned))

    def expectation(self, place: int, samples: int) -> Expectation:
        """Return what is known of one place."""
        observed, closed = int(self.observed[place]), bool(self.is_closed[place])
        expected: float | None = float(self.closed[place])
        error: float | None = 0.0
        if not closed:
            mean = float(self.sums[place]) / samples if samples else 0.0
            expected = float(self.closed[place]) + mean if samples else None
            spread = max(float(self.squares[place]) - samples * mean**2, 0.0)
            error = (spread / (samples - 1) / samples) ** 0.5 if samples > 1 and spread else None
        p, p_error, p_closed = self._chance(place, samples)
        return Expectation(
            observed=observed,
            expected=expected,
            standard_error=error,
            closed=closed,
            ratio=observed / expected if expected else None,
            p=p,
            p_error=p_error,
            p_closed=p_closed,
        )

    def _chance(self, place: int, samples: int) -> tuple[float, float, bool]:
        """Return the chance of as many paths, its standard error, and whether it is exact."""
        if self.observed[place] == 0:
            return 1.0, 0.0, True
        if self.is_known[place]:
            return float(self.closed[place]), 0.0, True
        p = (1.0 + float(self.more[place])) / (1.0 + samples)
        return p, (p * (1.0 - p) / (1.0 + samples)) ** 0.5, False


def _unlikely_of(noted: Sequence[NDArray[np.int64]]) -> float | None:
    """Return how many mediators of a rewired graph are unlikely among the others, on average.

    `noted` has entities and their numbers of paths, graph by graph. None without any graph.
    O(entities of all * log).
    """
    if not noted:
        return None
    pairs = np.concatenate(noted, axis=1) * [[1], [-1]]  # the most paths of an entity first
    distinct, count = np.unique(pairs, axis=1, return_counts=True)
    as_many = np.cumsum(count)
    begins = np.searchsorted(distinct[0], distinct[0])
    as_many -= (as_many - count)[begins]
    return float(count[as_many / len(noted) < UNLIKELY].sum()) / len(noted)


def _result(
    snapshot: Snapshot, query: SignificanceQuery, table: _Table, samples: int
) -> Significance:
    prepared, schema, records = table.found.prepared, snapshot.schema, snapshot.records
    count = len(table.mediators)
    every = [table.expectation(place, samples) for place in range(len(table.closed))]
    mediators = [
        MediatorSignificance(entity=records.path_entity(int(row)), paths=one)
        for row, one in zip(table.mediators, every[1 : 1 + count], strict=True)
    ]
    steps = zip(table.metapaths.begin.tolist(), table.metapaths.step, strict=True)
    metapaths = [
        MetapathSignificance(metapath=words_of(schema, begin, step), paths=one)
        for (begin, step), one in zip(steps, every[1 + count :], strict=True)
    ]
    mediators.sort(key=lambda one: (*_order(one.paths), one.entity.id))
    metapaths.sort(key=lambda one: (*_order(one.paths), one.metapath))
    unlikely = sum(one.paths.p < UNLIKELY for one in mediators)
    listed = max(len(mediators), len(metapaths)) <= query.limit
    late = samples < query.samples and prepared.has_ends
    said = significance_sentence(
        prepared.end_names(), every[0], mediators, samples, (unlikely, table.unlikely_expected)
    )
    return Significance(
        query=query,
        paths=every[0],
        mediators=tuple(mediators[: query.limit]),
        metapaths=tuple(metapaths[: query.limit]),
        metapaths_total=len(metapaths),
        unlikely=unlikely,
        unlikely_expected=table.unlikely_expected,
        samples=samples,
        sentence=" ".join([said, *prepared.notes()]),
        complete=listed and not late,
        truncated_by="time" if late else None if listed else "limit",
        total=len(mediators),
        total_is_exact=True,
        snapshot=snapshot.manifest.hash,
        groundings=prepared.groundings(),
        closures=prepared.closures(),
    )


def _order(one: Expectation) -> tuple[float, float]:
    """Return what puts the least likely first, then those furthest above what is expected."""
    return one.p, -one.ratio if one.ratio is not None else -np.inf
