"""The contract of an engine: a store that holds a graph and answers a few simple requests.

The search above (`kg.engine.find_paths`) asks for degrees, for the statements of some entities and
for what the entities of an answer are called; all else is done here. So an engine can be a snapshot
on this machine, or an endpoint that holds billions of statements.

A statement is a triple of two different entities; negated and inferred ones are left out. The
degree of an entity is the number of its statements, in the whole graph, whatever a query filters.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple, Protocol, runtime_checkable

import msgspec
import numpy as np
from numpy.typing import NDArray

from mechkg.kg.errors import EngineError, MechKGError
from mechkg.kg.model.grounding import Grounding
from mechkg.kg.model.schema import Schema
from mechkg.kg.model.values import Entity, Statement

__all__ = [
    "Budget",
    "BudgetSpent",
    "Columns",
    "Degree",
    "EngineRefusal",
    "Expansion",
    "GraphEngine",
    "Limits",
    "Meter",
    "Usage",
]


LAST_BYTES: Final = 5_000_000
"""Bytes that names and evidence of an answer may take beyond a budget."""


class Degree(NamedTuple):
    """How many statements have an entity as subject, and how many as object."""

    outward: int
    inward: int


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What one request may hold: entities and statements, and how many are counted or named.

    An entity of more statements than `max_rows` is never fetched whole; None for no limit.

    >>> Limits().entities
    100
    """

    entities: int = 100
    rows: int = 5_000
    counts: int = 100
    names: int = 400
    max_rows: int | None = None


class Budget(msgspec.Struct, frozen=True, kw_only=True):
    """What one query may cost an engine: requests, bytes received and seconds.

    >>> Budget().requests
    200
    """

    requests: int = 200
    bytes: int = 100_000_000
    seconds: float = 10.0


class Usage(msgspec.Struct, frozen=True, kw_only=True):
    """What a query has cost: requests, bytes sent and received, statements, seconds."""

    requests: int = 0
    sent: int = 0
    received: int = 0
    rows: int = 0
    seconds: float = 0.0


class EngineRefusal(EngineError):
    """An engine did not answer one request wholly: it cut the answer, or gave up on it.

    What the request named counts as not fetched. Fewer entities may be named instead.

    >>> EngineRefusal("The answer has 3 of 5 rows.").slug
    'engine-unavailable'
    """


class BudgetSpent(MechKGError):
    """A query has used up its requests, bytes or seconds; what is known is a true partial answer.

    >>> BudgetSpent("200 requests").title
    'The budget of the query is spent'
    """

    slug = "too-costly"
    title = "The budget of the query is spent"


class Meter:
    """Counts what one query costs, and ends it when its budget is spent.

    >>> meter = Meter(Budget(requests=1))
    >>> meter.count(sent=10, received=200, rows=3)
    >>> meter.check()
    Traceback (most recent call last):
    mechkg.kg.engine.contract.BudgetSpent: The query has used its 1 request.
    """

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self._begin = time.monotonic()
        self._requests = self._sent = self._received = self._rows = 0

    @property
    def remaining(self) -> float:
        """The seconds that are left, 0 at least."""
        return max(0.0, self._begin + self.budget.seconds - time.monotonic())

    @property
    def usage(self) -> Usage:
        """What the query has cost so far."""
        return Usage(
            requests=self._requests,
            sent=self._sent,
            received=self._received,
            rows=self._rows,
            seconds=time.monotonic() - self._begin,
        )

    def count(self, *, sent: int = 0, received: int = 0, rows: int = 0) -> None:
        """Count one request."""
        self._requests += 1
        self._sent += sent
        self._received += received
        self._rows += rows

    def add_rows(self, rows: int) -> None:
        """Count rows of an answer that was counted as a request already."""
        self._rows += rows

    def room(self) -> int:
        """Return how many more bytes may be received."""
        return max(0, self.budget.bytes - self._received)

    def extend(self, requests: int, seconds: float) -> None:
        """Allow for some more requests and seconds from now on: those that end an answer."""
        used = time.monotonic() - self._begin
        self.budget = msgspec.structs.replace(
            self.budget,
            requests=max(self.budget.requests, self._requests + requests),
            bytes=max(self.budget.bytes, self._received + LAST_BYTES),
            seconds=max(self.budget.seconds, used + seconds),
        )

    def check(self) -> None:
        """Raise `BudgetSpent` where no further request may be made."""
        if self._requests >= self.budget.requests:
            noun = "request" if self.budget.requests == 1 else "requests"
            raise BudgetSpent(f"The query has used its {self.budget.requests:,} {noun}.")
        if self._received >= self.budget.bytes:
            raise BudgetSpent(f"The query has used its {self.budget.bytes:,} bytes.")
        if self.remaining <= 0:
            raise BudgetSpent(f"The query has used its {self.budget.seconds:g} seconds.")


class Columns(NamedTuple):
    """Statements as columns: CURIEs of subjects and objects, identifiers of predicates."""

    subject: list[str]
    predicate: list[str]
    object: list[str]


class Expansion(Protocol):
    """Statements of some entities: those with one of them as subject, then as object.

    `outward` and `inward` are these two parts; a statement may be in both. doubt has how weak the
    support of each is (float32, 0 to 1), a single value where all are alike.
    """

    @property
    def outward(self) -> Columns:
        """The statements whose subject was named."""
        ...

    @property
    def inward(self) -> Columns:
        """The statements whose object was named."""
        ...

    @property
    def doubt(self) -> NDArray[np.float32]:
        """The doubt of each statement of `outward`, then of `inward`; one value for all alike."""
        ...

    def statements(self, positions: Iterable[int]) -> list[Statement]:
        """Return statements by position: those of `outward`, then those of `inward`."""
        ...


@runtime_checkable
class GraphEngine(Protocol):
    """A store of a graph. Every verb takes the meter of the query, which may end it.

    Raises `EngineError` where the store does not answer, `EngineRefusal` where an answer is cut
    short or too large: a request may then name fewer entities. Safe under threads.
    """

    @property
    def name(self) -> str:
        """The name of the graph."""
        ...

    @property
    def schema(self) -> Schema:
        """Categories and predicates."""
        ...

    @property
    def least_doubt(self) -> float:
        """The least doubt that a statement may have."""
        ...

    @property
    def is_bare(self) -> bool:
        """Whether statements say no more than their triple: no sign, context or evidence each."""
        ...

    @property
    def limits(self) -> Limits:
        """What one request may hold."""
        ...

    def close(self) -> None:
        """Release what the engine holds, such as connections."""
        ...

    def version(self, meter: Meter) -> str:
        """Return a token that changes whenever the content does."""
        ...

    def search(self, texts: Sequence[str], parameter: str, meter: Meter) -> list[Grounding]:
        """Return the one entity that each text names.

        Raises `UnknownEntity` or `AmbiguousName`.
        """
        ...

    def degrees(self, ids: Sequence[str], meter: Meter) -> list[Degree]:
        """Return the degrees of some entities, at most `Limits.counts`; 0 where one is unknown."""
        ...

    def degree_table(self, meter: Meter) -> Mapping[str, Degree] | None:
        """Return the degrees of all entities that have any, None where they are too many."""
        ...

    def expand(
        self,
        outward: Sequence[str],
        inward: Sequence[str],
        predicates: Sequence[str] | None,
        meter: Meter,
    ) -> Expansion:
        """Return the statements of some subjects and of some objects.

        `predicates` are identifiers of the schema, None for all predicates. A row that the store
        has and does not send makes it raise `EngineRefusal`.
        """
        ...

    def statements(self, pairs: Sequence[tuple[str, str]], meter: Meter) -> list[Statement]:
        """Return the statements between pairs of entities, in either direction, with evidence."""
        ...

    def entities(self, ids: Sequence[str], meter: Meter) -> list[Entity]:
        """Return name and category of some entities, in their order."""
        ...

    def count_statements(self, meter: Meter) -> int:
        """Return how many statements there are."""
        ...

    def count_members(self, categories: Sequence[str], meter: Meter) -> int:
        """Return how many entities have one of some categories."""
        ...

    def matches(self, text: str, limit: int, meter: Meter) -> list[tuple[str, str]]:
        """Return entities of which a name or identifier is a text, or begins so, with that name."""
        ...
