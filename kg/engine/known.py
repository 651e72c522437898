"""The known part of a graph that is fetched in batches: its statements, and whose are all known.

Entities are numbered as they are met. An entity is *expanded* outward once all statements with it
as subject are known, and inward once all are that have it as object.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mechkg.kg.engine.contract import Columns, Degree, Expansion
from mechkg.kg.model.schema import Schema
from mechkg.kg.model.values import Statement

__all__ = ["UNKNOWN", "Known", "Statements"]

UNKNOWN: Final = -1
"""The degree of an entity that no one has counted yet."""

Rows = NDArray[np.int64]


class Statements(NamedTuple):
    """Known statements: subject, object (rows, int64), predicate (code, int64), doubt (float32)."""

    subject: Rows
    predicate: Rows
    object: Rows
    doubt: NDArray[np.float32]


class Known:
    """Entities and statements met so far.

    `ids` are the CURIEs by row; outward, inward (n, bool) say who is expanded, `refused` (n, bool)
    who cannot be; degrees (n, 2; int64, `UNKNOWN` where not counted) are those of the whole graph.
    `statements` holds each statement once. `predicates` are identifiers by code, those of the
    schema first.
    """

    def __init__(self, schema: Schema, table: Mapping[str, Degree] | None) -> None:
        self.ids: list[str] = []
        self.predicates = [predicate.id for predicate in schema.predicates]
        self.outward = np.zeros(0, np.bool_)
        self.inward = np.zeros(0, np.bool_)
        self.refused = np.zeros(0, np.bool_)
        self.degrees = np.zeros((0, 2), np.int64)
        self.statements = _no_statements()
        self._table = table
        self._row: dict[str, int] = {}
        self._code = {name: code for code, name in enumerate(self.predicates)}
        self._expansions: list[Expansion] = []
        self._origin = np.zeros((0, 2), np.int64)

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def degree(self) -> Rows:
        """The degree of each entity, `UNKNOWN` where it was not counted."""
        total: Rows = self.degrees.sum(axis=1)
        return np.where(self.degrees[:, 0] == UNKNOWN, UNKNOWN, total)

    def rows(self, ids: Iterable[str]) -> Rows:
        """Return the rows of some entities; new ones are numbered."""
        row, known = self._row, self.ids
        found = []
        for curie in ids:
            number = row.get(curie)
            if number is None:
                number = row[curie] = len(known)
                known.append(curie)
            found.append(number)
        self._grow()
        return np.array(found, np.int64)

    def _grow(self) -> None:
        old, new = len(self.outward), len(self.ids)
        if old == new:
            return
        blank = np.zeros(new - old, np.bool_)
        for name in ("outward", "inward", "refused"):
            setattr(self, name, np.concatenate([getattr(self, name), blank]))
        counted: Any = np.full((new - old, 2), UNKNOWN, np.int64)
        if self._table is not None:
            table, nothing = self._table, Degree(0, 0)
            counted = np.array([table.get(curie, nothing) for curie in self.ids[old:]], np.int64)
        self.degrees = np.concatenate([self.degrees, counted])

    def count(self, rows: Rows, degrees: Sequence[Degree]) -> None:
        """Note the degrees of some entities."""
        self.degrees[rows] = np.array(degrees, np.int64).reshape(-1, 2)

    def add(self, expansion: Expansion, outward: Rows, inward: Rows) -> None:
        """Note all statements of some subjects and of some objects, who are expanded by that.

        O(statements of the expansion).
        """
        out, into = self._numbers(expansion.outward), self._numbers(expansion.inward)
        now = np.zeros(len(self), np.bool_)
        now[outward] = True
        # A statement whose other end is expanded is known already; one of two ends that are
        # expanded together comes twice.
        fresh = np.concatenate([~self.inward[out[2]], ~(self.outward | now)[into[0]]])
        doubt = np.broadcast_to(expansion.doubt, len(fresh))
        columns = [np.concatenate(pair)[fresh] for pair in zip(out, into, strict=True)]
        old = self.statements
        self.statements = Statements(
            np.concatenate([old.subject, columns[0]]),
            np.concatenate([old.predicate, columns[1]]),
            np.concatenate([old.object, columns[2]]),
            np.concatenate([old.doubt, doubt[fresh]]),
        )
        places = np.flatnonzero(fresh)
        origin = np.stack([np.full(len(places), len(self._expansions)), places], axis=1)
        self._origin = np.concatenate([self._origin, origin])
        self._expansions.append(expansion)
        self.outward[outward] = True
        self.inward[inward] = True

    def _numbers(self, columns: Columns) -> tuple[Rows, Rows, Rows]:
        code, names = self._code, self.predicates
        codes = []
        for name in columns.predicate:
            number = code.get(name)
            if number is None:
                number = code[name] = len(names)
                names.append(name)
            codes.append(number)
        subject, obj = self.rows(columns.subject), self.rows(columns.object)
        return subject, np.array(codes, np.int64), obj

    def content(self, chosen: Rows) -> list[Statement]:
        """Return some of the known statements (positions in `statements`) with their evidence."""
        found: list[Statement] = []
        origin = self._origin[chosen]
        for number in np.unique(origin[:, 0]).tolist():
            places = origin[origin[:, 0] == number, 1]
            found += self._expansions[number].statements(places.tolist())
        return found


def _no_statements() -> Statements:
    none = np.zeros(0, np.int64)
    return Statements(none, none, none, np.zeros(0, np.float32))
