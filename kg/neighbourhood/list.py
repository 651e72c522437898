"""`list_neighbourhood`: bulk neighbourhood of an entity as tuples.

It is `find_neighbourhood` without groups, order among equals and evidence: entities are counted,
each statement is a tuple (subject, predicate, object), and its full record is read on demand.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from mechkg.kg.errors import QueryError
from mechkg.kg.kernels.engine import frozen
from mechkg.kg.kernels.neighbourhood import Around, around
from mechkg.kg.kernels.packed import pack
from mechkg.kg.kernels.search import watch_for
from mechkg.kg.kernels.transitions import no_transitions
from mechkg.kg.kernels.types import FULL, STOPPED, Columns, Filter, Rules
from mechkg.kg.model.queries import NeighbourhoodQuery
from mechkg.kg.model.results import TruncatedBy
from mechkg.kg.model.values import PathEntity, Statement
from mechkg.kg.search.compile_query import no_pattern, nothing_hidden
from mechkg.kg.search.context import Plan, SearchContext
from mechkg.kg.search.context_filter import admitted_statements
from mechkg.kg.search.hierarchy import BELOW
from mechkg.kg.snapshot.snapshot import Snapshot

__all__ = ["MAX_WORK", "NeighbourTable", "list_neighbourhood"]

MAX_WORK: Final = 10_000_000
"""Adjacency entries that are scanned: half a second, or a second where all memory is cold."""


@dataclass(frozen=True, slots=True)
class NeighbourTable:
    """Statements around an entity as `rows` of (subject, predicate, object), nearest first.

    A statement is listed where it reaches an entity from one step nearer. `entities` and
    `statements` count all within reach, `at` the entities at each distance from 1 on; where
    `truncated_by` is `hub` or `time`, what lies beyond was not looked at, and they are lower
    bounds. With `limit` only rows are missing.
    """

    rows: list[tuple[PathEntity, str, PathEntity]]
    entities: int
    statements: int
    at: tuple[int, ...]
    complete: bool
    truncated_by: TruncatedBy | None
    snapshot: str
    _found: Around
    _origin: Snapshot

    def statement(self, position: int) -> Statement:
        """Return the statement of a row with its evidence; some microseconds."""
        return self._origin.statement(int(self._found.rows[position]))

    def __len__(self) -> int:
        return len(self.rows)

    def __repr__(self) -> str:
        return f"<NeighbourTable of {self.entities:,} entities, {self.statements:,} statements>"


def list_neighbourhood(
    snapshot: Snapshot, query: NeighbourhoodQuery, most: int = 10_000, timeout: float = 10.0
) -> NeighbourTable:
    """Return the neighbourhood of an entity, with the first `most` statements by name.

    `limit` and `cursor` do not matter; negated and inferred statements are left out. Scans
    `MAX_WORK` entries at most. Raises `QueryError` and its kinds. 200 bytes per statement, and the
    scratch space of `Engine`.
    """
    context = SearchContext.of(snapshot)
    named = context.named(query.entity, "entity")
    if named.suffix == BELOW:
        raise QueryError(
            "entity",
            f"is listed without its subclasses, so {query.entity!r} cannot be taken",
            hint="Ask find_neighbourhood, or list each subclass.",
        )
    plan, watch = _plan(context, query), watch_for(timeout)
    room = context.engine.borrow()
    found: Around = around(plan.packed, room.packed, named.row, query.depth, most, MAX_WORK, watch)
    context.engine.give_back(room)
    cut = _cut(found)
    return NeighbourTable(
        rows=_rows(snapshot, found),
        entities=int(found.many.sum()),
        statements=found.statements,
        at=tuple(found.many[1:].tolist()),
        complete=cut is None,
        truncated_by=cut,
        snapshot=snapshot.manifest.hash,
        _found=found,
        _origin=snapshot,
    )


def _cut(found: Around) -> TruncatedBy | None:
    if found.status == STOPPED:
        return "time"
    if found.status == FULL:
        return "hub"
    return "limit" if len(found.rows) < found.statements else None


def _rows(snapshot: Snapshot, found: Around) -> list[tuple[PathEntity, str, PathEntity]]:
    """Return one tuple per statement, made column by column."""
    names = snapshot.records.path_entities(found.entities)
    labels = np.array([p.id for p in snapshot.schema.predicates], object)
    subject, predicate, obj = found.codes
    columns = names[subject], labels[predicate], names[obj]
    return list(zip(*(column.tolist() for column in columns), strict=True))


def _plan(context: SearchContext, query: NeighbourhoodQuery) -> Plan:
    """Return the filters of a query, compiled or kept from an earlier one of its kind."""
    key = query.direction, query.predicate, query.category, query.context
    return context.neighbourhood_plans.plan(key, lambda: _compile(context, query))


def _compile(context: SearchContext, query: NeighbourhoodQuery) -> Plan:
    """Return filters that hide inferred statements and other categories; nothing has a cost."""
    snapshot, engine = context.snapshot, context.engine
    schema = snapshot.schema
    wanted = {p for text in query.predicate for p in schema.predicates_under(text)}
    chosen = np.array([not wanted or p.id in wanted for p in schema.predicates], np.uint8)
    turnable = chosen & engine.symmetric
    steps = engine.steps(
        turnable if query.direction == "in" else chosen,
        turnable if query.direction == "out" else chosen,
    )
    categories = np.empty(0, np.uint8)
    if query.category:
        kinds = {c for text in query.category for c in schema.categories_under(text)}
        categories = np.array([c.id in kinds for c in schema.categories], np.uint8)
    hidden = engine.inferred if snapshot.manifest.counts.inferred else nothing_hidden()
    if query.context:
        admitted = admitted_statements(snapshot, query.context)
        hidden = frozen((~admitted).astype(np.uint8) | engine.inferred)
    free = np.empty(0, np.int32)
    rules = Rules(
        Filter(engine.in_row, hidden, 1, engine.category, categories),
        Columns(engine.predicate, engine.sign, engine.doubt, engine.symmetric, free, free, 0, 0.0),
        no_pattern(),
        no_transitions(),
        np.zeros(len(schema.categories), np.uint8),
        0,
        1,
    )
    return Plan(steps, rules, pack(steps, rules), banned=np.empty(0, np.int32))
