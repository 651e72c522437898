"""`EngineGraph`: a graph that an engine holds, queried as a snapshot is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, TypeVar

import msgspec

from mechkg.kg.engine.contract import (
    Budget,
    BudgetSpent,
    Degree,
    EngineRefusal,
    GraphEngine,
    Meter,
    Usage,
)
from mechkg.kg.engine.cover import MAX_STATEMENTS, Content, PathCover, opened
from mechkg.kg.engine.find_paths import Outcome, PathSearch
from mechkg.kg.engine.neighbourhood import EngineNeighbourhood, NeighbourhoodSearch
from mechkg.kg.engine.open_ends import OpenEndsSearch, read_open_query
from mechkg.kg.engine.part import part_of
from mechkg.kg.engine.question import UNSUPPORTED, EngineQuery, read_query
from mechkg.kg.errors import EngineError, TooLarge, UnknownEntity
from mechkg.kg.graph import Graph
from mechkg.kg.model.cursor import read_cursor, write_cursor
from mechkg.kg.model.queries import NeighbourhoodQuery, OpenEndsQuery, PathQuery
from mechkg.kg.model.query_fields import query_of
from mechkg.kg.model.results import OpenEndsResult, PathResult
from mechkg.kg.model.schema import Schema
from mechkg.kg.model.values import Entity, Statement
from mechkg.kg.progress import Cancel
from mechkg.kg.ranking.costs import score_of
from mechkg.kg.search.find_paths import find_paths
from mechkg.kg.search.net_effect import MAX_WEIGHED
from mechkg.kg.snapshot.snapshot import Snapshot

__all__ = ["Capabilities", "EngineAnswer", "EngineGraph", "EngineOpenEnds"]

Made = TypeVar("Made")

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

    queries: tuple[str, ...] = (
        "find_paths", "neighbourhood", "open_ends", "why_not", "preview_paths", "compare",
        "chokepoints", "subgraph", "entity", "statement", "search",
    )  # fmt: skip
    unsupported: tuple[str, ...] = UNSUPPORTED
    subclasses: bool = False
    learned: bool = False
    inferred: bool = False
    max_depth: int = 1
    verdict: str = "the paths of the answer and up to 20 other known ones"


class EngineAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """An answer with what it cost, and what was not fetched.

    `reason` says what ended the search before its paths were proven, empty where they are;
    `unfetched` are entities that the engine refused to give whole. `degrees` says whether those of
    all entities were known (table) or were counted as entities were met.
    """

    result: PathResult
    usage: Usage
    reason: str = ""
    unfetched: tuple[str, ...] = ()
    degrees: Literal["table", "counted"] = "counted"


class EngineOpenEnds(msgspec.Struct, frozen=True, kw_only=True):
    """Ends with what they cost; `reason` says what ended the search before they were proven.

    How many paths an end has, and what they say together, is exact where `total_is_exact`.
    """

    result: OpenEndsResult
    usage: Usage
    reason: str = ""


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
        self._counts: dict[str, tuple[int, int]] = {}
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
            table = self.table(version, meter)
            search = NeighbourhoodSearch(self.engine, query, version, table, meter)
            found = search.run()
            if self.engine.version(meter) == version:
                return EngineNeighbourhood(result=found, usage=meter.usage, reason=search.reason)
        raise self._changed()

    def open_ends(
        self, query: OpenEndsQuery | None = None, /, *, cancel: Cancel | None = None, **fields: Any
    ) -> EngineOpenEnds:
        """Return the entities of an open side, ranked by their best paths to the other side.

        The ends, their order and their best paths are those of `Graph.open_ends` on the same
        statements. Raises as `answer` does.
        """
        query = query_of(OpenEndsQuery, query, fields)
        meter = self.search_meter(query.timeout)

        def ask(version: str) -> EngineOpenEnds:
            asked, table = read_open_query(self.engine, query, meter), self.table(version, meter)
            search = OpenEndsSearch(self.engine, asked, version, meter, table=table, cancel=cancel)
            found = search.answer(query)
            return EngineOpenEnds(result=found, usage=meter.usage, reason=search.reason)

        return self.of_one_version(ask, meter)

    def of_one_version(self, ask: Callable[[str], Made], meter: Meter) -> Made:
        """Return what `ask` makes of the current version; anew where that has changed meanwhile."""
        for _ in range(TRIES):
            version = self.engine.version(meter)
            found = ask(version)
            meter.extend(LAST_REQUESTS, LAST_SECONDS)
            if self.engine.version(meter) == version:
                return found
        raise self._changed()

    @contextmanager
    def part_with_paths(
        self, queries: Sequence[PathQuery], version: str, meter: Meter, cancel: Cancel | None
    ) -> Iterator[tuple[Snapshot, list[EngineQuery]]]:
        """Give a snapshot that holds all paths of some queries, and these with names read.

        Raises `TooCostly` where that takes more than the budget.
        """
        content, table = Content(), self.table(version, meter)
        read = [read_query(self.engine, query, meter) for query in queries]
        for question in read:
            found = PathCover(self.engine, question, meter, table=table, cancel=cancel).fetch()
            content.add(found.statements.values(), found.degree)
            content.entities |= found.entities
        with opened(self.engine, content, version, meter) as part:
            yield part, read

    def counts(self, version: str, meter: Meter) -> tuple[int, int]:
        """Return how many entities have statements, 0 if not counted, and how many statements."""
        found = self._counts.get(version)
        if found is None:
            table = self.table(version, meter)
            if table is None:
                found = 0, self.engine.count_statements(meter)
            else:
                found = len(table), sum(degree.outward for degree in table.values())
            self._counts = {version: found}
        return found

    def degrees(self, ids: Sequence[str], version: str, meter: Meter) -> list[Degree]:
        """Return the degrees of some entities."""
        table, size = self.table(version, meter), max(1, self.engine.limits.counts)
        if table is not None:
            return [table.get(curie, Degree(0, 0)) for curie in ids]
        batches = [ids[start : start + size] for start in range(0, len(ids), size)]
        return [degree for batch in batches for degree in self.engine.degrees(batch, meter)]

    def statements_of(self, curie: str, meter: Meter) -> list[Statement]:
        """Return all statements of an entity; raises `TooLarge` for more than `MAX_STATEMENTS`."""
        (degree,) = self.degrees([curie], self.engine.version(meter), meter)
        most = min(MAX_STATEMENTS, self.engine.limits.max_rows or MAX_STATEMENTS)
        if sum(degree) > most:
            raise TooLarge(f"{curie} has {sum(degree):,} statements, more than {most:,}.")
        found = self.engine.expand([curie], [curie], None, meter)
        size = len(found.outward.subject) + len(found.inward.subject)
        if size != sum(degree):
            raise EngineRefusal(f"An answer of {self.engine.name} was cut: {size:,} statements.")
        return found.statements(range(size))

    def search_meter(self, seconds: float = 3600.0) -> Meter:
        """Return a meter of the budget, once kernels are compiled: that is not charged to it."""
        self._warm()
        bounded = min(self.budget.seconds, seconds)
        return Meter(msgspec.structs.replace(self.budget, seconds=bounded))

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
            result=result,
            usage=meter.usage,
            reason=outcome.reason,
            unfetched=outcome.unfetched,
            degrees="counted" if self.table(version, meter) is None else "table",
        )

    def _warm(self) -> None:
        """Compile the kernels: that is not charged to the time of a query."""
        if not self._is_warm:
            ends = [Entity(id="mechkg:a", name="a"), Entity(id="mechkg:b", name="b")]
            joined = Statement(id="", subject=ends[0].id, predicate="affects", object=ends[1].id)
            with part_of(
                "warm", Schema(), ends, [joined], dict.fromkeys([e.id for e in ends], 1)
            ) as part:
                Graph(part).find_paths(source=ends[0].id, target=ends[1].id)
            self._is_warm = True

    def _search(self, read: _Read, meter: Meter, cancel: Cancel | None) -> Outcome:
        wanted = read.offset + read.query.limit
        table = self.table(read.version, meter)
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

    def table(self, version: str, meter: Meter) -> Mapping[str, Degree] | None:
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
        size = max(1, self.engine.limits.names)
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
