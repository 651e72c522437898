"""What the rows of a table say beside their triples -> numbers of a build."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mechkg.kg.build.statement_table import StatementTable
from mechkg.kg.columns.interner import Interner
from mechkg.kg.columns.npy import constant
from mechkg.kg.ranking.doubt import doubt
from mechkg.kg.readers.annotations import Particulars, statement_with
from mechkg.kg.readers.content import StatementRows
from mechkg.kg.snapshot.index import UNKNOWN_SIGN

__all__ = ["MOST_BYTES", "OF_PREDICATE", "RowParticulars"]

OF_PREDICATE: Final = 127
"""How a sign column writes that the predicate decides; never stored."""
MOST_BYTES: Final = 1 << 28
"""Bytes of distinct particulars that are remembered: 256 MiB."""
_KINDS: Final[tuple[tuple[str, type[np.generic]], ...]] = (
    ("claim", np.int32), ("doubt", np.float32), ("sign", np.int8), ("negated", np.uint8),
    ("evidence", np.int32),
)  # fmt: skip


class RowParticulars:
    """The particulars of one file's rows as codes of a build, each distinct one looked at once.

    Memory: the distinct texts up to `MOST_BYTES`, past which they are forgotten and may be stored
    twice; a tuple for each.

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from mechkg.kg.build.builder import Build
    >>> from mechkg.kg.columns.interner import Column
    >>> from mechkg.kg.model.schema import Schema
    >>> ends = Column.of(["a:1", "a:2"])
    >>> rows = StatementRows(ends, ends, ends, 2, Particulars(negated=True))
    >>> with TemporaryDirectory() as folder, Build(Path(folder), name="", schema=Schema()) as build:
    ...     said = RowParticulars(build.statements)
    ...     said.of(rows)[0]["negated"].tolist()
    [1, 1]
    """

    def __init__(self, table: StatementTable) -> None:
        self._claims = table
        self._rest = Interner()
        self._table: list[tuple[int, float, int, int, int]] = []
        self._arrays: dict[str, NDArray[Any]] = {}

    def of(
        self, rows: StatementRows
    ) -> tuple[dict[str, NDArray[Any]], list[tuple[NDArray[np.intp], str]]]:
        """Return claim, doubt, sign and negated of each row, and which rows are faulty; O(bytes).

        A fault is the rows of a text that cannot be decoded, and the reason. The text keeps its
        number, so that later batches are not refused for it.
        """
        if rows.rest is None or rows.decode is None:
            entry = self._entry(rows.particulars)
            return {
                name: constant(value, kind, len(rows.subject))
                for (name, kind), value in zip(_KINDS, entry, strict=True)
            }, []
        numbers = self._rest.intern(rows.rest)
        known = len(self._table)
        faults: list[tuple[NDArray[np.intp], str]] = []
        for number, text in enumerate(self._rest.column.take(slice(known, None)).texts(), known):
            try:
                self._table.append(self._entry(rows.decode(text)))
            except ValueError as error:
                self._table.append((0, 0.0, 0, 0, 0))
                faults.append((np.flatnonzero(numbers == number), str(error)))
        if len(self._table) > known or not self._arrays:
            self._arrays = {
                name: np.array([entry[i] for entry in self._table], kind)
                for i, (name, kind) in enumerate(_KINDS)
            }
        found = {name: array[numbers] for name, array in self._arrays.items()}
        if self._rest.column.end[-1] > MOST_BYTES:
            self._rest, self._table, self._arrays = Interner(), [], {}
        return found, faults

    def _entry(self, said: Particulars) -> tuple[int, float, int, int, int]:
        sign = None if said.sign == "predicate" else said.sign
        statement = statement_with(said, id="", subject="", predicate="", object="", sign=sign)
        written = UNKNOWN_SIGN if sign is None else sign
        return (
            self._claims.claim(statement),
            doubt(statement),
            OF_PREDICATE if said.sign == "predicate" else written,
            int(said.negated),
            len(said.evidence),
        )
