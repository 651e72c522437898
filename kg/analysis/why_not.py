"""`why_not`: which constraint of a query keeps paths out.

Each constraint that a query sets is dropped alone, all others kept, and the paths that there would
be are counted, within bounds. The answer also says whether any statements connect the ends at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import msgspec
import numpy as np

from mechkg.kg.kernels.distance import APART, distance
from mechkg.kg.kernels.search import Task, best_paths, hop_statements, survey_paths
from mechkg.kg.kernels.task import views_of
from mechkg.kg.kernels.types import FAR, FINISHED
from mechkg.kg.model.queries import MAX_HOPS, PathQuery
from mechkg.kg.model.results import Relaxation, WhyNot
from mechkg.kg.progress import Cancel
from mechkg.kg.ranking.generic import is_classification
from mechkg.kg.search.compile_query import compile_query
from mechkg.kg.search.composition import Composition, composition_for
from mechkg.kg.search.consistent import is_consistent
from mechkg.kg.search.context_filter import CONSISTENT
from mechkg.kg.search.path_builder import PathBuilder
from mechkg.kg.search.prepare import prepare
from mechkg.kg.snapshot.snapshot import Snapshot

__all__ = ["COUNT_PATHS", "COUNT_WORK", "why_not"]

COUNT_PATHS: Final = 100_000
COUNT_WORK: Final = 4_000_000
"""Paths counted and entries looked at for one constraint, at most; past that `paths` is a bound."""

DISTANCE_WORK: Final = 200_000_000
"""Entries looked at for the distance, at most."""

REFUSALS: Final = 5
"""Paths whose refusal by the grammar of composition is explained, at most."""

COUNT_IN_CONTEXT: Final = 2_000
"""Paths whose contexts are compared for one constraint, at most."""

LISTED: Final = ("predicate", "category", "modality", "qualifier")
"""Parameters that are dropped as a whole."""

SINGLY: Final = ("via", "avoid")
"""Parameters each value of which is a constraint of its own."""


@dataclass(frozen=True, slots=True)
class Change:
    """A constraint, its replacement, and the query with that."""

    parameter: str
    given: str
    instead: str
    query: PathQuery


@dataclass(frozen=True, slots=True)
class Count:
    """How many paths; a lower bound where not exact."""

    paths: int
    exact: bool


def why_not(snapshot: Snapshot, query: PathQuery, cancel: Cancel | None = None) -> WhyNot:
    """Return what each constraint of a query costs, the most costly first.

    Limit, cursor and `diverse` are ignored; `timeout` bounds the whole. Raises what `find_paths`
    raises. One bounded count (`COUNT_WORK`, `COUNT_PATHS`) for each constraint, and where that
    finds nothing within its bounds, the search for a single path.
    """
    diagnosis = _Diagnosis(snapshot, msgspec.structs.replace(query, cursor=""), cancel)
    now = diagnosis.count(diagnosis.task, diagnosis.query)
    connected, hops = diagnosis.distance()
    relaxations = [
        _relaxation(change, diagnosis.counted(change.query), now)
        for change in _changes(snapshot, diagnosis.query, hops)
    ]
    relaxations += diagnosis.composition(now)
    if cancel is not None:
        cancel.check()
    relaxations.sort(key=lambda r: -r.paths)
    return WhyNot(
        query=query,
        total=now.paths,
        total_is_exact=now.exact,
        connected=connected,
        distance=hops,
        relaxations=tuple(relaxations),
        sentence=" ".join(
            [_sentence(diagnosis, now, connected, hops, relaxations), *diagnosis.notes]
        ),
        complete=not diagnosis.timed_out,
        truncated_by="time" if diagnosis.timed_out else None,
        snapshot=snapshot.manifest.hash,
        groundings=diagnosis.groundings,
        closures=diagnosis.closures,
    )


class _Diagnosis:
    """One query and its variants, all before one deadline."""

    def __init__(self, snapshot: Snapshot, query: PathQuery, cancel: Cancel | None) -> None:
        prepared = prepare(snapshot, query, cancel)
        self._context, self._costs = prepared.context, prepared.costs
        self._engine, self._watch = prepared.engine, prepared.watch
        self.query, self.task = prepared.closed.query, prepared.task
        self.groundings, self.closures = prepared.groundings(), prepared.closures()
        self.notes = prepared.notes()
        self.timed_out = False
        every = tuple(p.id for p in snapshot.schema.predicates)
        self._any_path = self.compile(_unconstrained(query, every))
        names, task = self._context.names, self._any_path
        self.ends = names(task.sources), names(task.targets)
        same = np.array_equal(self.task.sources, self.task.targets)
        self.same = bool(same and len(self.task.sources) == 1)

    def compile(self, query: PathQuery) -> Task:
        """Return the task of a variant of the query."""
        return compile_query(self._context, query, self._costs)

    def counted(self, query: PathQuery) -> Count:
        """Return how many paths a variant of the query has."""
        return self.count(self.compile(query), query)

    def count(self, task: Task, query: PathQuery) -> Count:
        """Return how many paths a query, compiled to a task, has."""
        if len(task.sources) == 0 or len(task.targets) == 0:
            return Count(0, exact=True)
        if is_consistent(query):
            return self._in_context(task, query)
        found = survey_paths(self._engine, task, 0, COUNT_PATHS, COUNT_WORK, self._watch)
        paths = int(found.counts.sum())
        if found.status == FINISHED:
            return Count(paths, exact=True)
        if paths == 0:
            answer = best_paths(self._engine, task, 1, self._watch)
            paths = len(answer.keys)
            self.timed_out |= answer.bound is not None
            return Count(paths, exact=paths == 0 and answer.bound is None)
        return Count(paths, exact=False)

    def _in_context(self, task: Task, query: PathQuery) -> Count:
        """Return how many of the best paths of a task can hold in one context."""
        applied = composition_for(self._context, query, self._costs)
        builder = PathBuilder(self._context, task, self._costs, applied, consistent=True)
        answer = best_paths(self._engine, task, COUNT_IN_CONTEXT, self._watch)
        self.timed_out |= answer.bound is not None
        held = sum(one is not None for one in builder.in_context(answer.nodes))
        whole = answer.bound is None and len(answer.keys) < COUNT_IN_CONTEXT
        return Count(held, exact=whole)

    def composition(self, now: Count) -> list[Relaxation]:
        """Return what the grammar of composition keeps out and why, where it is applied."""
        applied = composition_for(self._context, self.query, self._costs)
        if applied is None:
            return []
        free = msgspec.structs.replace(self.query, composition="off")
        task = self.compile(free)
        change = Change("composition", self.query.composition, "off", free)
        found = _relaxation(change, self.count(task, free), now)
        if found.paths <= now.paths:
            return [found]
        reasons = dict.fromkeys(self._refusals(applied, task))
        said = "".join(f" Refused: {reason}." for reason in reasons)
        return [msgspec.structs.replace(found, sentence=f"{found.sentence}{said}")]

    def _refusals(self, applied: Composition, task: Task) -> Iterator[str]:
        """Yield why the grammar refuses the best of the paths that it refuses."""
        records = self._context.snapshot.records
        for row in best_paths(self._engine, task, REFUSALS, self._watch).nodes.tolist():
            nodes = [v for v in row if v >= 0]
            ends = np.array(nodes, np.int32)
            ptr, refs = hop_statements(task, ends[:-1].copy(), ends[1:].copy())
            hops = np.split(refs, ptr[1:-1])
            refused = applied.refusal(nodes, self._engine.predicate, hops)
            if refused is not None:
                names = " - ".join(records.name(v) for v in nodes)
                yield f"{refused[1]} ({names}, at {records.name(nodes[refused[0]])})"

    def distance(self) -> tuple[bool | None, int | None]:
        """Return whether source and target are connected at all, and by how few hops."""
        task = self._any_path
        entities = self._engine.entities
        status, hops = distance(
            *views_of(task),
            np.full((2, entities), FAR, np.int8),
            np.empty((2, entities), np.int32),
            task.sources,
            task.targets,
            DISTANCE_WORK,
            self._watch,
        )
        if status != FINISHED:
            self.timed_out = True
            return None, None
        return (False, None) if hops == APART else (True, int(hops))


def _unconstrained(query: PathQuery, predicates: tuple[str, ...]) -> PathQuery:
    """Return a query between the same ends that takes any statement of these predicates."""
    return PathQuery(
        source=query.source,
        target=query.target,
        direction="undirected",
        predicate=predicates,
        evidence=("any",),
        scorer=query.scorer,
        weights=query.weights,
        max_hops=MAX_HOPS,
    )


def _changes(snapshot: Snapshot, query: PathQuery, hops: int | None) -> Iterator[Change]:
    """Yield each constraint of a query with the query that lacks it."""

    def without(parameter: str, given: str, instead: str, **fields: Any) -> Change:
        return Change(parameter, given, instead, msgspec.structs.replace(query, **fields))

    for name in LISTED:
        if values := getattr(query, name):
            instead = "any mechanism relation" if name == "predicate" else "any"
            yield without(name, ", ".join(values), instead, **{name: ()})
    yield from _contexts(query, without)
    for name in SINGLY:
        values = getattr(query, name)
        for i, value in enumerate(values):
            yield without(name, value, "not required", **{name: values[:i] + values[i + 1 :]})
    yield from _left_out(snapshot, query, without)
    if query.direction == "directed":
        yield without("direction", "directed", "undirected", direction="undirected")
    if query.metapath:
        yield without("metapath", query.metapath, "any", metapath="")
    if query.min_hops > 1:
        yield without("min_hops", str(query.min_hops), "1", min_hops=1)
    if query.max_hops < MAX_HOPS:
        yield from _longer(query, hops, without)


def _contexts(query: PathQuery, without: Any) -> Iterator[Change]:
    """Yield the filters of contexts, and that all hops hold in one."""
    values = query.context
    filters = tuple(text for text in values if text.strip().casefold() != CONSISTENT)
    together = tuple(text for text in values if text not in filters)
    if filters:
        yield without("context", ", ".join(filters), "any", context=together)
    if together:
        yield without("consistent", CONSISTENT, "not required", context=filters)


def _left_out(snapshot: Snapshot, query: PathQuery, without: Any) -> Iterator[Change]:
    """Yield the filters of evidence, and the statements that stay out by default."""
    if query.min_routes:
        yield without("min_routes", str(query.min_routes), "0", min_routes=0)
    if not query.predicate and any(is_classification(p) for p in snapshot.schema.predicates):
        every = tuple(p.id for p in snapshot.schema.predicates)
        yield without("generic", "left out", "included", predicate=every)
    if query.evidence:
        yield without("evidence", ", ".join(query.evidence), "any asserted", evidence=())
    named = {text.casefold() for text in query.evidence}
    if snapshot.manifest.counts.inferred and not named & {"any", "inferred"}:
        kinds = (*query.evidence, "inferred") if query.evidence else ("any",)
        yield without("inferred", "left out", "included", evidence=kinds)


def _longer(query: PathQuery, hops: int | None, without: Any) -> Iterator[Change]:
    """Yield more hops: one more, and as many as the ends are apart where that is farther."""
    more = {query.max_hops + 1}
    if hops is not None and query.max_hops < hops <= MAX_HOPS:
        more.add(hops)
    for most in sorted(more):
        yield without("max_hops", str(query.max_hops), str(most), max_hops=most)


def _relaxation(change: Change, count: Count, now: Count) -> Relaxation:
    noun = "path" if count.paths == 1 else "paths"
    many = f"{'' if count.exact else 'at least '}{count.paths:,} {noun}"
    be = "is" if count.paths == 1 else "are"
    help_ = "no" if count.paths == 0 else many
    if count.paths == now.paths and count.exact and now.exact:
        sentence = f"{_said(change)} changes nothing."
    else:
        sentence = f"{_said(change)}: there {be} {help_}{' paths' if not count.paths else ''}."
    return Relaxation(
        parameter=change.parameter,
        given=change.given,
        instead=change.instead,
        paths=count.paths,
        exact=count.exact,
        sentence=sentence,
    )


_SAID: Final = {
    "predicate": "With any mechanism relation instead of {given}",
    "category": "With entities of any category between the ends, not only {given}",
    "modality": "With statements of any modality, not only {given}",
    "qualifier": "With or without the qualifier {given}",
    "min_routes": "With statements that fewer than {given} routes support as well",
    "context": "In any context, not only {given}",
    "consistent": "With hops that need not hold in one context",
    "via": "Without having to pass {given}",
    "avoid": "With {given} allowed",
    "evidence": "With any asserted evidence, not only {given}",
    "inferred": "With inferred statements as well",
    "generic": "With relations of taxonomy, identity and mapping (such as subclass_of) as well",
    "composition": "Without the grammar of composition",
    "direction": "With statements walked both ways",
    "metapath": "Along any metapath, not only {given}",
    "min_hops": "With fewer than {given} hops allowed",
    "max_hops": "With at most {instead} hops instead of {given}",
}


def _said(change: Change) -> str:
    return _SAID[change.parameter].format(given=change.given, instead=change.instead)


def _sentence(
    diagnosis: _Diagnosis,
    now: Count,
    connected: bool | None,
    hops: int | None,
    relaxations: list[Relaxation],
) -> str:
    """Say what keeps the paths out."""
    source, target = diagnosis.ends
    if diagnosis.same:
        return f"Source and target are both {source}, and a path joins two entities."
    if connected is False:
        return f"No statements, of any kind and in any number, join {source} and {target}."
    many = f"{'' if now.exact else 'at least '}{now.paths:,}"
    apart = (
        ""
        if hops is None
        else (
            f" By statements of any kind, walked either way, they are {hops} "
            f"{'hop' if hops == 1 else 'hops'} apart."
        )
    )
    if now.paths or not now.exact:
        noun = "path" if now.paths == 1 else "paths"
        begin = f"From {source} to {target} the query has {many} {noun}."
    else:
        begin = f"No path from {source} to {target} meets all constraints.{apart}"
    best = [r for r in relaxations if r.paths > now.paths]
    if best:
        return f"{begin} {best[0].sentence}"
    if now.paths:
        return f"{begin} No single constraint keeps more out."
    return f"{begin} Dropping one constraint alone does not help: two or more must give way."
