"""What the rows of a table say beside their triples -> numbers of a build."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mechkg.kg.build.statement_table import StatementTable
from mechkg.kg.columns.interner import Interner
from mechkg.kg.columns.npy import constant
from mechkg.kg.model.annotations import Annotations, semantics_of
from mechkg.kg.model.values import sign_of
from mechkg.kg.ranking.doubt import doubt
from mechkg.kg.readers.content import StatementRows
from mechkg.kg.snapshot.index import UNKNOWN_SIGN

__all__ = ["MOST_BYTES", "OF_PREDICATE", "RowAnnotations"]

OF_PREDICATE: Final = 127
"""How a sign column writes that the predicate decides; never stored."""
MOST_BYTES: Final = 1 << 28
"""Bytes of distinct annotations that are remembered: 256 MiB."""
_KINDS: Final[tuple[tuple[str, type[np.generic]], ...]] = (
    ("claim", np.int32), ("doubt", np.float32), ("sign", np.int8), ("negated", np.uint8),
    ("semantics", np.uint16), ("evidence", np.int32),
)  # fmt: skip

_Entry = tuple[int, float, int, int, int, int]


class RowAnnotations:
    """The annotations of one file's rows as codes of a build, each distinct one looked at once.

    Memory: the distinct texts up to `MOST_BYTES`, past which they are forgotten and may be stored
    twice; a tuple for each.

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from mechkg.kg.build.builder import Build
    >>> from mechkg.kg.columns.interner import Column
    >>> from mechkg.kg.model.schema import Schema
    >>> ends = Column.of(["a:1", "a:2"])
    >>> rows = StatementRows(ends, ends, ends, 2, Annotations(negated=True))
    >>> with TemporaryDirectory() as folder, Build(Path(folder), name="", schema=Schema()) as build:
    ...     said = RowAnnotations(build.statements)
    ...     said.of(rows)[0]["negated"].tolist()
    [1, 1]
    """

    def __init__(self, table: StatementTable) -> None:
        self._claims = table
        self._rest = Interner()
        self._table: list[_Entry] = []
        self._arrays: dict[str, NDArray[Any]] = {}

    def of(
        self, rows: StatementRows
    ) -> tuple[dict[str, NDArray[Any]], list[tuple[NDArray[np.intp], str]]]:
        """Return the columns of `_KINDS` for each row, and which rows are faulty; O(bytes).

        A fault is the rows of a text that cannot be decoded, and the reason. The text keeps its
        number, so that later batches are not refused for it.
        """
        if rows.rest is None or rows.decode is None:
            entry, count = self._entry(rows.annotations), len(rows.subject)
            return {
                name: constant(value, kind, count)
                for (name, kind), value in zip(_KINDS, entry, strict=True)
            }, []
        numbers = self._rest.intern(rows.rest)
        known = len(self._table)
        faults: list[tuple[NDArray[np.intp], str]] = []
        for number, text in enumerate(self._rest.column.take(slice(known, None)).texts(), known):
            try:
                self._table.append(self._entry(rows.decode(text)))
            except ValueError as error:
                self._table.append((0, 0.0, 0, 0, 0, 0))
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

    def _entry(self, said: Annotations) -> _Entry:
        written = OF_PREDICATE
        if said.effect != "predicate":
            sign = sign_of(said.effect)
            written = UNKNOWN_SIGN if sign is None else sign
        return (
            self._claims.claim(said),
            doubt(said),
            written,
            int(said.negated),
            self._claims.semantics.code(semantics_of(said)),
            len(said.evidence),
        )
