"""`list_neighbourhood`: what stands around an entity as plain tuples, for those who take much.

What is left of `find_neighbourhood` without groups, order among equals and evidence: entities are
counted, statements are told in three words, and read whole when they are asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mechkg.kg.kernels.engine import Engine
from mechkg.kg.kernels.neighbourhood import Around, around
from mechkg.kg.kernels.packed import pack
from mechkg.kg.kernels.search import watch_for
from mechkg.kg.kernels.types import FULL, STOPPED, Columns, Filter, Rules, Steps
from mechkg.kg.model.queries import NeighbourhoodQuery, TruncatedBy
from mechkg.kg.model.values import PathEntity, Statement
from mechkg.kg.search.compile_query import no_pattern, nothing_hidden
from mechkg.kg.search.find_paths import engine_of
from mechkg.kg.snapshot.snapshot import Snapshot

__all__ = ["MOST_WORK", "NeighbourTable", "list_neighbourhood"]

MOST_WORK: Final = 10_000_000
"""Adjacency entries that are looked at: half a second, or a second where all memory is cold."""

MOST_PLANS: Final = 16


@dataclass(frozen=True, slots=True)
class NeighbourTable:
    """Statements around an entity as `rows` of (subject, predicate, object), nearest first.

    A statement stands here where it reaches an entity from one step nearer. `entities` and
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
        return self._origin.records.statement(int(self._found.rows[position]))

    def __len__(self) -> int:
        return len(self.rows)

    def __repr__(self) -> str:
        return f"<NeighbourTable of {self.entities:,} entities, {self.statements:,} statements>"


def list_neighbourhood(
    snapshot: Snapshot, query: NeighbourhoodQuery, most: int = 10_000, timeout: float = 10.0
) -> NeighbourTable:
    """Return what stands around an entity, with the first `most` statements by name.

    `limit` and `cursor` do not matter; negated and inferred statements are left out. Looks at
    `MOST_WORK` entries at most. Raises `QueryError` and its kinds. 200 bytes a statement, and what
    `Engine` lends.
    """
    row = snapshot.names.ground(query.entity, "entity")
    engine = engine_of(snapshot)
    _, _, plan = _planned(snapshot, engine, query)
    room = engine.borrow()
    found: Around = around(plan, room.packed, row, query.depth, most, MOST_WORK, watch_for(timeout))
    engine.give_back(room)
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
    """Return one tuple a statement, made column by column."""
    names = snapshot.records.path_entities(found.entities)
    labels = np.array([p.id for p in snapshot.schema.predicates], object)
    subject, predicate, obj = found.codes
    columns = names[subject], labels[predicate], names[obj]
    return list(zip(*(column.tolist() for column in columns), strict=True))


def _planned(
    snapshot: Snapshot, engine: Engine, query: NeighbourhoodQuery
) -> tuple[Steps, Rules, NDArray[np.int64]]:
    """Return what a query admits, made or remembered, with its packed form."""
    plans: dict[object, tuple[Steps, Rules, NDArray[np.int64]]]
    plans = snapshot.memo.setdefault("plans around", {})
    key = query.direction, query.predicate, query.category
    plan = plans.get(key)
    if plan is None:
        schema = snapshot.schema
        wanted = {p for text in query.predicate for p in schema.predicates_under(text)}
        admitted = np.array([not wanted or p.id in wanted for p in schema.predicates], np.uint8)
        turnable = admitted & engine.symmetric
        steps = engine.steps(
            turnable if query.direction == "in" else admitted,
            turnable if query.direction == "out" else admitted,
        )
        rules = _rules(snapshot, engine, query)
        while len(plans) >= MOST_PLANS:
            plans.pop(next(iter(plans), ()), None)
        plan = plans[key] = steps, rules, pack(steps, rules)
    return plan


def _rules(snapshot: Snapshot, engine: Engine, query: NeighbourhoodQuery) -> Rules:
    """Return rules that hide inferred statements and bar other categories; nothing has a cost."""
    schema = snapshot.schema
    classes = np.empty(0, np.uint8)
    if query.category:
        wanted = {c for text in query.category for c in schema.categories_under(text)}
        classes = np.array([c.id in wanted for c in schema.categories], np.uint8)
    hidden = engine.inferred if snapshot.manifest.counts.inferred else nothing_hidden()
    free = np.empty(0, np.int32)
    return Rules(
        Filter(engine.in_row, hidden, 1, engine.category, classes),
        Columns(engine.predicate, engine.sign, engine.doubt, engine.symmetric, free, 0, 0.0),
        no_pattern(),
        np.zeros(len(schema.categories), np.uint8),
        0,
        1,
    )
