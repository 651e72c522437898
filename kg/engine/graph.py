"""`EngineGraph`: a graph that an engine holds, queried as a snapshot is."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any, Final

import msgspec

from mechkg.kg.engine.contract import Budget, BudgetSpent, Degree, GraphEngine, Meter, Usage
from mechkg.kg.engine.find_paths import Outcome, PathSearch
from mechkg.kg.engine.neighbourhood import EngineNeighbourhood, NeighbourhoodSearch
from mechkg.kg.engine.part import part_of
from mechkg.kg.engine.question import UNSUPPORTED, EngineQuery, read_query
from mechkg.kg.errors import EngineError, UnknownEntity
from mechkg.kg.model.cursor import read_cursor, write_cursor
from mechkg.kg.model.queries import NeighbourhoodQuery, PathQuery
from mechkg.kg.model.query_fields import query_of
from mechkg.kg.model.results import PathResult
from mechkg.kg.model.schema import Schema
from mechkg.kg.model.values import Entity, Statement
from mechkg.kg.progress import Cancel
from mechkg.kg.ranking.costs import score_of
from mechkg.kg.search.find_paths import find_paths
from mechkg.kg.search.net_effect import MAX_WEIGHED
from mechkg.kg.warmup import make_warm

__all__ = ["Capabilities", "EngineAnswer", "EngineGraph"]

LAST_REQUESTS: Final = 4
LAST_SECONDS: Final = 5.0
"""What names and the last look at the version may take beyond the budget of a query."""

TRIES: Final = 2
"""Times that a query is answered where the graph changes while it is."""


class Capabilities(msgspec.Struct, frozen=True, kw_only=True):
    """What an engine can do, and what it cannot.

    `unsupported` are parameters of path queries that are refused. `verdict` says what the net
    effect of an answer rests on. `max_depth` is the most hops of a neighbourhood.
    """

    queries: tuple[str, ...] = ("find_paths", "neighbourhood")
    unsupported: tuple[str, ...] = UNSUPPORTED
    subclasses: bool = False
    learned: bool = False
    inferred: bool = False
    max_depth: int = 1
    verdict: str = "the paths of the answer and up to 20 other known ones"


class EngineAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """An answer with what it cost, and what was not fetched.

    `reason` says what ended the search before its paths were proven, empty where they are;
    `unfetched` are entities that the engine refused to give whole.
    """

    result: PathResult
    usage: Usage
    reason: str = ""
    unfetched: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Read:
    """A query as it is answered: its names read, the version, and how many paths are wanted."""

    query: PathQuery
    question: EngineQuery
    version: str
    offset: int


class EngineGraph(AbstractContextManager["EngineGraph"]):
    """A graph behind an engine. Safe under threads; degrees are kept for one version.

    `budget` bounds each query; its seconds are also bounded by the `timeout` of the query.
    """

    def __init__(self, engine: GraphEngine, budget: Budget | None = None) -> None:
        self.engine = engine
        self.budget = budget or Budget()
        self._tables: dict[str, Mapping[str, Degree] | None] = {}
        self._is_warm = False

    def close(self) -> None:
        """Close the engine, with its connections."""
        self.engine.close()

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def capabilities(self) -> Capabilities:
        """What can be done here."""
        return Capabilities()

    def find_paths(
        self, query: PathQuery | None = None, /, *, cancel: Cancel | None = None, **fields: Any
    ) -> PathResult:
        """Return the best paths from `source` to `target`, best first, and what was cut.

        They are those of `Graph.find_paths` on the same statements, scores and ties included; see
        `answer`.
        """
        return self.answer(query, cancel=cancel, **fields).result

    def answer(
        self, query: PathQuery | None = None, /, *, cancel: Cancel | None = None, **fields: Any
    ) -> EngineAnswer:
        """Return the best paths with what they cost.

        `complete` only where it is proven that nothing is left out. Where the budget ends, `bound`
        is the best score that a path not returned may have. `total` counts all paths where there
        are no more than those returned, else it is a lower bound.

        Raises `QueryError` or one of its kinds, `EngineError`, and `Cancelled`.
        """
        query = query_of(PathQuery, query, fields)
        self._warm()
        seconds = min(self.budget.seconds, query.timeout)
        meter = Meter(msgspec.structs.replace(self.budget, seconds=seconds))
        for _ in range(TRIES):
            version = self.engine.version(meter)
            found = self._answer(query, version, meter, cancel)
            if found is not None:
                return msgspec.structs.replace(found, usage=meter.usage)
        raise self._changed()

    def neighbourhood(
        self, query: NeighbourhoodQuery | None = None, /, **fields: Any
    ) -> EngineNeighbourhood:
        """Return the neighbours of `entity` at one hop: groups with counts, then members, ranked.

        They are those of `Graph.neighbourhood` on the same statements. An entity of too many
        statements is refused with their number: `predicate` may leave fewer.

        Raises `QueryError` or one of its kinds, `EngineError`, and `BudgetSpent`.
        """
        query = query_of(NeighbourhoodQuery, query, fields)
        meter = Meter(self.budget)
        for _ in range(TRIES):
            version = self.engine.version(meter)
            table = self._table(version, meter)
            search = NeighbourhoodSearch(self.engine, query, version, table, meter)
            found = search.run()
            if self.engine.version(meter) == version:
                return EngineNeighbourhood(result=found, usage=meter.usage, reason=search.reason)
        raise self._changed()

    def _changed(self) -> EngineError:
        return EngineError(
            f"The graph {self.engine.name} changed while it was queried.", hint="Try again."
        )

    def _answer(
        self, query: PathQuery, version: str, meter: Meter, cancel: Cancel | None
    ) -> EngineAnswer | None:
        """Return the answer of one version, None where that has changed meanwhile."""
        read = _Read(
            query, read_query(self.engine, query, meter), version, read_cursor(query, version)
        )
        outcome = self._search(read, meter, cancel)
        if not outcome.paths and outcome.exhausted and query.composition == "default":
            free = msgspec.structs.replace(read.question.query, composition="off")
            outcome = self._search(
                replace(read, question=replace(read.question, query=free)), meter, cancel
            )
        result = self._result(read, outcome, meter)
        if not outcome.reason and self.engine.version(meter) != version:
            return None
        return EngineAnswer(
            result=result, usage=meter.usage, reason=outcome.reason, unfetched=outcome.unfetched
        )

    def _warm(self) -> None:
        """Compile the kernels: that is not charged to the time of a query."""
        if not self._is_warm:
            ends = [Entity(id="mechkg:a", name="a"), Entity(id="mechkg:b", name="b")]
            joined = Statement(id="", subject=ends[0].id, predicate="affects", object=ends[1].id)
            with part_of(
                "warm", Schema(), ends, [joined], dict.fromkeys([e.id for e in ends], 1)
            ) as part:
                make_warm(part)
            self._is_warm = True

    def _search(self, read: _Read, meter: Meter, cancel: Cancel | None) -> Outcome:
        wanted = read.offset + read.query.limit
        table = self._table(read.version, meter)
        search = PathSearch(
            self.engine,
            read.question,
            meter,
            k=wanted,
            extra=MAX_WEIGHED,
            table=table,
            cancel=cancel,
        )
        return search.run()

    def _table(self, version: str, meter: Meter) -> Mapping[str, Degree] | None:
        """Return the degrees of a version, fetched once; None where they are counted on demand."""
        if version not in self._tables:
            table = self.engine.degree_table(meter)
            self._tables.clear()
            self._tables[version] = table
        return self._tables[version]

    def _result(self, read: _Read, outcome: Outcome, meter: Meter) -> PathResult:
        """Return paths with names, evidence and sentences: those of a snapshot of them alone."""
        question, engine = read.question, self.engine
        ids = sorted(
            {*outcome.degree, *question.sources, *question.targets, *question.others}.union(
                *((s.subject, s.object) for s in outcome.statements)
            )
        )
        entities = self._entities(ids, outcome, meter)
        _check_ends(read, outcome, {entity.id: entity for entity in entities})
        wanted = read.offset + read.query.limit
        degree = {curie: outcome.degree.get(curie, 0) for curie in ids}
        with part_of(engine.name, engine.schema, entities, outcome.statements, degree) as part:
            query = msgspec.structs.replace(question.query, limit=wanted, timeout=300.0)
            found = find_paths(part, query)
        return _stated(read, outcome, found)

    def _entities(self, ids: list[str], outcome: Outcome, meter: Meter) -> list[Entity]:
        """Return the entities of an answer with their names; some time is kept for that.

        Where the search has ended early and the engine gives no names, identifiers serve.
        """
        size = max(1, self.engine.limits.entities)
        batches = [ids[start : start + size] for start in range(0, len(ids), size)]
        meter.extend(len(batches) + LAST_REQUESTS, LAST_SECONDS)
        try:
            return [entity for batch in batches for entity in self.engine.entities(batch, meter)]
        except (EngineError, BudgetSpent):
            if not outcome.reason:
                raise
        known = {entity.id: entity for entity in outcome.entities}
        return [known.get(curie, Entity(id=curie, name=curie)) for curie in ids]


def _check_ends(read: _Read, outcome: Outcome, entities: Mapping[str, Entity]) -> None:
    """Raise `UnknownEntity` for an end that has neither a name nor a statement."""
    ends = (("source", read.question.sources), ("target", read.question.targets))
    for parameter, ids in ends:
        texts = getattr(read.query, parameter)
        for text, curie in zip(texts, ids, strict=True):
            if outcome.degree.get(curie) == 0 and entities[curie].name == curie:
                raise UnknownEntity(parameter, text)


def _stated(read: _Read, outcome: Outcome, found: PathResult) -> PathResult:
    """Return an answer that says of the whole graph what is proven of it."""
    begin, end = read.offset, read.offset + read.query.limit
    page = found.paths[begin:end]
    whole = outcome.exhausted and found.total <= end
    more = not (outcome.exhausted and found.total_is_exact and found.total <= end)
    return msgspec.structs.replace(
        found,
        query=read.query,
        paths=page,
        complete=begin == 0 and whole and not more,
        truncated_by="time" if outcome.reason else ("limit" if more or begin else None),
        total=found.total,
        total_is_exact=outcome.exhausted and found.total_is_exact,
        cursor=write_cursor(read.query, read.version, end) if more and len(page) else None,
        snapshot=read.version,
        bound=None if outcome.bound is None else score_of(outcome.bound),
        groundings=read.question.groundings,
    )
