"""All paths of a query over an engine: fetch until no path can be unknown.

What asks for all paths of a query (choke points, comparisons, previews, why there are none) cannot
stop at the best of them. So entities are expanded until each walk of the query is known: of its
hops, at least one end of each is expanded, from whichever side has fewer statements. What is then
known holds all paths, and the code of snapshots answers on it. Where that takes too much, it is
refused: a part of the paths would give wrong counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from mechkg.kg.engine.contract import (
    BudgetSpent,
    Degree,
    EngineRefusal,
    GraphEngine,
    Limits,
    Meter,
)
from mechkg.kg.engine.find_paths import NOTHING, PathSearch
from mechkg.kg.engine.known import UNKNOWN, Known
from mechkg.kg.engine.part import part_of
from mechkg.kg.engine.question import EngineQuery
from mechkg.kg.errors import TooCostly
from mechkg.kg.model.values import Entity, Statement
from mechkg.kg.progress import Cancel
from mechkg.kg.snapshot.snapshot import Snapshot

__all__ = ["MAX_STATEMENTS", "Content", "PathCover", "content_around", "described", "opened"]

MAX_STATEMENTS: Final = 100_000
"""Statements that are made into a snapshot in memory for one question, at most: some seconds."""


@dataclass(slots=True)
class Content:
    """A part of the graph: statements by identifier and triple, entities and degrees by CURIE.

    `entities` may lack some whose names are fetched later.
    """

    statements: dict[tuple[str, str, str, str], Statement] = field(default_factory=dict)
    degree: dict[str, int] = field(default_factory=dict)
    entities: dict[str, Entity] = field(default_factory=dict)

    def add(self, statements: Iterable[Statement], degree: Mapping[str, int]) -> None:
        """Add statements, each once, and degrees."""
        for statement in statements:
            key = statement.id, statement.subject, statement.predicate, statement.object
            self.statements.setdefault(key, statement)
        self.degree.update(degree)

    @property
    def ids(self) -> list[str]:
        """The entities of the part, in order."""
        ends = {end for _, s, _, o in self.statements for end in (s, o)}
        return sorted(ends.union(self.degree, self.entities))


class PathCover(PathSearch):
    """Fetches a part of the graph that holds all paths of a query."""

    def __init__(
        self,
        engine: GraphEngine,
        question: EngineQuery,
        meter: Meter,
        *,
        table: Mapping[str, Degree] | None,
        cancel: Cancel | None = None,
    ) -> None:
        super().__init__(engine, question, meter, k=1, extra=1, table=table, cancel=cancel)

    def fetch(self) -> Content:
        """Return the statements of all walks of the query.

        Raises `TooCostly` where they are too many or the budget is spent, and `EngineError`.
        """
        try:
            while True:
                if self._cancel is not None:
                    self._cancel.check()
                look = self._labelled()
                if look.bound >= NOTHING:
                    return self._content(look.origin[look.through < NOTHING])
                if not self._fetch_next(look, None):
                    raise _too_costly(self._refusal or "An entity between them is not given whole.")
                if len(self._known.statements.subject) > MAX_STATEMENTS:
                    raise _too_costly(f"They lie among more than {MAX_STATEMENTS:,} statements.")
        except BudgetSpent as error:
            raise _too_costly(str(error)) from error

    def lengthen(self, hops: int) -> None:
        """Ask for paths of more hops from now on; what is known stays known."""
        query = msgspec.structs.replace(self._question.query, max_hops=hops)
        self._question = replace(self._question, query=query)

    def _content(self, chosen: NDArray[np.int64]) -> Content:
        """Return some known statements, and those that join the ends directly."""
        known, chosen = self._known, np.union1d(chosen, self._between(()))
        ends = np.concatenate([self._sources, self._targets, self._others])
        within = known.statements.subject[chosen], known.statements.object[chosen]
        rows = np.unique(np.concatenate([*within, ends]))
        self._count(np.compress(known.degree[rows] == UNKNOWN, rows))
        degrees = np.maximum(known.degree[rows], 0).tolist()
        found = Content(entities=dict(self._entities))
        ids = [known.ids[row] for row in rows.tolist()]
        found.add(known.content(chosen), dict(zip(ids, degrees, strict=True)))
        return found


def content_around(
    engine: GraphEngine,
    ids: Sequence[str],
    depth: int,
    meter: Meter,
    *,
    table: Mapping[str, Degree] | None,
    cancel: Cancel | None = None,
) -> Content:
    """Return all statements within some hops of entities, walked either way.

    Raises `TooCostly` where they are too many or the budget is spent, and `EngineError`.
    """
    known, near = Known(engine.schema, table), list(dict.fromkeys(ids))
    try:
        for _ in range(depth):
            rows = known.rows(near)
            rows = rows[~known.outward[rows]]
            _count_in(engine, known, rows, meter)
            if int(known.degree[rows].sum()) > MAX_STATEMENTS:
                raise _too_costly(f"Its entities have more than {MAX_STATEMENTS:,} statements.")
            for batch in _batches(rows, known.degree[rows], engine.limits):
                if cancel is not None:
                    cancel.check()
                names = [known.ids[row] for row in batch.tolist()]
                found = engine.expand(names, names, None, meter)
                count = len(found.outward.subject) + len(found.inward.subject)
                if count != int(known.degree[batch].sum()):
                    raise EngineRefusal(f"An answer of {engine.name} was cut: {count:,} rows.")
                known.add(found, batch, batch)
            near = list(known.ids)
        rows = known.rows(near)
        _count_in(engine, known, rows, meter)
    except BudgetSpent as error:
        raise _too_costly(str(error)) from error
    content = Content()
    every = np.arange(len(known.statements.subject))
    content.add(known.content(every), dict(zip(near, known.degree[rows].tolist(), strict=True)))
    return content


def _count_in(engine: GraphEngine, known: Known, rows: NDArray[np.int64], meter: Meter) -> None:
    """Count the degrees of entities that are not known."""
    size, missing = max(1, engine.limits.counts), rows[known.degree[rows] == UNKNOWN]
    for start in range(0, len(missing), size):
        batch = missing[start : start + size]
        known.count(batch, engine.degrees([known.ids[row] for row in batch.tolist()], meter))


def _batches(
    rows: NDArray[np.int64], degree: NDArray[np.int64], limits: Limits
) -> Iterator[NDArray[np.int64]]:
    """Yield entities in batches that fit one request."""
    begin = total = 0
    for end in range(len(rows)):
        if end > begin and (
            end - begin >= limits.entities or total + int(degree[end]) > limits.rows
        ):
            yield rows[begin:end]
            begin, total = end, 0
        total += int(degree[end])
    if begin < len(rows):
        yield rows[begin:]


def _too_costly(reason: str) -> TooCostly:
    return TooCostly(
        f"What this query needs cannot be had from the engine: {reason}",
        limit="budget",
        hint="Ask for fewer hops or some predicates, or load the graph into a snapshot.",
    )


def described(
    engine: GraphEngine, ids: Sequence[str], known: Mapping[str, Entity], meter: Meter
) -> dict[str, Entity]:
    """Return entities with names and categories; those that are known are not fetched again."""
    found = {curie: known[curie] for curie in ids if curie in known}
    missing = [curie for curie in ids if curie not in found]
    size = max(1, engine.limits.names)
    for start in range(0, len(missing), size):
        batch = missing[start : start + size]
        found |= {entity.id: entity for entity in engine.entities(batch, meter)}
    return found


@contextmanager
def opened(engine: GraphEngine, content: Content, version: str, meter: Meter) -> Iterator[Snapshot]:
    """Give a part of the graph as a snapshot in memory, with the names of its entities.

    Its version is that of the graph. Raises `TooCostly` where the budget ends before.
    """
    try:
        entities = described(engine, content.ids, content.entities, meter)
    except BudgetSpent as error:
        raise _too_costly(str(error)) from error
    degree = {curie: content.degree.get(curie, 0) for curie in entities}
    with part_of(
        engine.name, engine.schema, entities.values(), content.statements.values(), degree,
        version=version,
    ) as part:  # fmt: skip
        yield part
