"""The neighbours of an entity over an engine: what `kg.neighbourhood.find` says of its statements.

All statements of the entity are fetched, so that groups and totals are exact. They are made into a
snapshot in memory, with the degrees of the whole graph, and grouped and ranked there by the code of
snapshots. One step only: a second one may take any part of the graph.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from mechkg.kg.engine.contract import (
    BudgetSpent,
    Degree,
    EngineRefusal,
    Expansion,
    GraphEngine,
    Meter,
    Usage,
)
from mechkg.kg.engine.part import part_of
from mechkg.kg.errors import QueryError, UnknownEntity
from mechkg.kg.graph import Graph
from mechkg.kg.model.cursor import read_cursor, write_cursor
from mechkg.kg.model.queries import NeighbourhoodQuery
from mechkg.kg.model.results import Neighbour, NeighbourhoodResult
from mechkg.kg.model.values import Entity, PathEntity, Statement
from mechkg.kg.search.closure import notable
from mechkg.kg.search.hierarchy import ONLY, split_suffix

__all__ = ["EngineNeighbourhood", "NeighbourhoodSearch"]

HINT: Final = "Load the graph into a snapshot to use it."
MAX_STATEMENTS: Final = 20_000
"""Statements of an entity that are fetched, at most: as many as a page of a snapshot carries."""

UNCOUNTED: Final = 2**31 - 1
"""The degree by which a neighbour that was not counted comes last among its equals."""

LAST_REQUESTS: Final = 4
LAST_SECONDS: Final = 5.0
"""What names and the last look at the version may take beyond the budget of a query."""


class EngineNeighbourhood(msgspec.Struct, frozen=True, kw_only=True):
    """A neighbourhood with what it cost.

    Groups and totals are exact. `reason` is empty unless the budget was spent before all
    neighbours were counted that are to be ranked: those left come last among their equals.
    """

    result: NeighbourhoodResult
    usage: Usage
    reason: str = ""


@dataclass(slots=True)
class NeighbourhoodSearch:
    """One query for the neighbours of an entity, over one version of an engine.

    `table` has the degrees of all entities; None where they are counted on demand.
    """

    engine: GraphEngine
    query: NeighbourhoodQuery
    version: str
    table: Mapping[str, Degree] | None
    meter: Meter
    reason: str = ""

    def run(self) -> NeighbourhoodResult:
        """Return the groups of all statements of the entity, and one page of its neighbours.

        Raises `QueryError` or one of its kinds, also for an entity of too many statements,
        `EngineError`, and `BudgetSpent` where not all of them could be fetched.
        """
        _check(self.query)
        begin = read_cursor(self.query, self.version)
        name = split_suffix(self.query.entity)[0]
        (grounding,) = self.engine.search([name], "entity", self.meter)
        curie = grounding.id
        statements = self._statements(curie)
        entities: dict[str, Entity] = {}
        found = self._ranked(curie, statements, begin + self.query.limit, entities)
        page = found.neighbours[begin:]
        self.meter.extend(len(page) // self.engine.limits.names + LAST_REQUESTS, LAST_SECONDS)
        shown = (curie, *(neighbour.entity.id for neighbour in page))
        entities |= self._named([one for one in shown if one not in entities])
        if not statements and entities[curie].name == curie:
            raise UnknownEntity("entity", self.query.entity)
        complete = found.complete and begin == 0
        end = begin + len(page)
        return msgspec.structs.replace(
            found,
            query=self.query,
            entity=_shown(entities[curie]),
            neighbours=tuple([_named(neighbour, entities) for neighbour in page]),
            complete=complete,
            truncated_by=None if complete else "limit",
            cursor=write_cursor(self.query, self.version, end) if found.cursor else None,
            snapshot=self.version,
            groundings=notable([grounding]),
        )

    def _ranked(
        self, curie: str, statements: Sequence[Statement], limit: int, entities: dict[str, Entity]
    ) -> NeighbourhoodResult:
        """Return the best neighbours by some statements; `entities` gets those that were named."""
        members = sorted({end for s in statements for end in (s.subject, s.object)} - {curie})
        degree = dict(zip(members, self._counted(members), strict=True)) | {curie: 0}
        if self.query.category:
            entities |= self._named(members)
        listed = [entities.get(one) or Entity(id=one, name=one) for one in (curie, *members)]
        asked = msgspec.structs.replace(self.query, entity=curie + ONLY, limit=limit, cursor="")
        with part_of(self.engine.name, self.engine.schema, listed, statements, degree) as part:
            return Graph(part).neighbourhood(asked)

    def _statements(self, curie: str) -> list[Statement]:
        """Return all statements of the entity by the predicates of the query."""
        query, engine = self.query, self.engine
        names = {p for text in query.predicate for p in engine.schema.predicates_under(text)}
        (degree,) = self._degrees([curie])
        most = min(MAX_STATEMENTS, engine.limits.max_rows or MAX_STATEMENTS)
        if sum(degree) > most and not names:
            raise _too_many(sum(degree), most)
        predicates = sorted(names) if names else None
        found = engine.expand([curie], [curie], predicates, self.meter)
        count = len(found.outward.subject), len(found.inward.subject)
        if predicates is None and count != degree:
            raise EngineRefusal(
                f"An answer of {engine.name} has {sum(count):,} statements where its counts say "
                f"{sum(degree):,}."
            )
        if sum(count) > most:
            raise _too_many(sum(count), most)
        return _content(found)

    def _degrees(self, ids: Sequence[str]) -> list[Degree]:
        if self.table is not None:
            return [self.table.get(curie, Degree(0, 0)) for curie in ids]
        return self.engine.degrees(ids, self.meter)

    def _counted(self, ids: Sequence[str]) -> list[int]:
        """Return the degrees of neighbours, `UNCOUNTED` once the budget is spent."""
        size = len(ids) if self.table is not None else max(1, self.engine.limits.counts)
        found: list[int] = []
        try:
            for start in range(0, len(ids), max(1, size)):
                found += [sum(degree) for degree in self._degrees(ids[start : start + size])]
        except BudgetSpent as error:
            self.reason = (
                f"{error} The neighbours that were not counted come last among their equals."
            )
        return found + [UNCOUNTED] * (len(ids) - len(found))

    def _named(self, ids: Sequence[str]) -> dict[str, Entity]:
        """Return entities with names and categories."""
        size = max(1, self.engine.limits.names)
        batches = [ids[start : start + size] for start in range(0, len(ids), size)]
        return {e.id: e for batch in batches for e in self.engine.entities(batch, self.meter)}


def _check(query: NeighbourhoodQuery) -> None:
    """Refuse what needs a snapshot."""
    if query.depth > 1:
        raise QueryError("depth", "is 1 at most with an engine", hint=HINT)
    if query.context:
        raise QueryError("context", "cannot be used with an engine", hint=HINT)
    if split_suffix(query.entity)[1] == "*":
        raise QueryError("entity", "cannot take subclasses in with an engine", hint=HINT)


def _too_many(count: int, most: int) -> QueryError:
    return QueryError(
        "entity",
        f"has {count:,} statements, and at most {most:,} are fetched",
        hint="Name predicates of fewer statements, or load the graph into a snapshot.",
    )


def _content(found: Expansion) -> list[Statement]:
    return found.statements(range(len(found.outward.subject) + len(found.inward.subject)))


def _shown(entity: Entity) -> PathEntity:
    return PathEntity(entity.id, entity.name, entity.category)


def _named(neighbour: Neighbour, entities: Mapping[str, Entity]) -> Neighbour:
    return msgspec.structs.replace(neighbour, entity=_shown(entities[neighbour.entity.id]))
