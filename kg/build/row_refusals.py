"""Rows of a table that are refused, and codes for texts of which some are refused."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from mechkg.kg.columns.interner import Column, Interner
from mechkg.kg.readers.content import EntityRows, StatementRows
from mechkg.kg.readers.files import SourceFile

__all__ = ["Codes", "Refusals", "identifier_faults"]


class Refusals:
    """The rows of a batch that are refused, each counted once and with its first reason.

    >>> from pathlib import Path
    >>> ends = Column.of(["a:1", ""])
    >>> refused = Refusals(SourceFile(Path()), EntityRows({"id": ends}, 2), "entity")
    >>> refused.add(np.array([1]), "it is empty")
    >>> len(refused), 1 in refused
    (1, True)
    """

    def __init__(self, file: SourceFile, rows: EntityRows | StatementRows, kind: str) -> None:
        self._file = file
        self._batch = rows
        self._kind = kind
        self._rows: set[int] = set()

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, row: int) -> bool:
        return row in self._rows

    def add(self, rows: NDArray[np.intp], reason: str) -> None:
        """Refuse some rows for one reason, reported at the line of the first."""
        fresh = [row for row in rows.tolist() if row not in self._rows]
        if fresh:
            self._rows.update(fresh)
            line = self._batch.line_of(fresh[0])
            self._file.refuse(line, reason, self._kind, len(fresh))


def identifier_faults(texts: list[str]) -> dict[int, str]:
    r"""Return the positions of texts that cannot be identifiers, with the reason.

    >>> identifier_faults(["a:1", "a:\x07"])
    {1: "'a:\\x07' cannot be an identifier"}
    """
    return {
        row: f"{text!r} cannot be an identifier"
        for row, text in enumerate(texts)
        if not text or not text.isprintable()
    }


class Codes:
    """Codes of a build for texts: each distinct text is looked up once.

    >>> known = Codes(lambda texts: np.array([len(text) for text in texts], np.int32))
    >>> known.codes(Column.of(["a", "abc", "a"]))[0].tolist()
    [1, 3, 1]
    """

    def __init__(self, code: Callable[[list[str]], NDArray[np.int32]]) -> None:
        self.interner = Interner()
        self._code = code
        self._codes = np.empty(0, np.int32)

    def codes(self, column: Column) -> tuple[NDArray[np.int32], dict[int, str]]:
        """Return the code of each text, and the rows of those new ones that cannot be one.

        What is refused once keeps its place, and is refused no second time.
        """
        numbers = self.interner.intern(column)
        known = len(self._codes)
        bad: dict[int, str] = {}
        if len(self.interner) > known:
            texts = self.interner.column.take(slice(known, None)).texts()
            faults = identifier_faults(texts)
            codes = self._code(["refused" if i in faults else t for i, t in enumerate(texts)])
            self._codes = np.concatenate((self._codes, codes))
            bad = {
                row: reason
                for number, reason in faults.items()
                for row in np.flatnonzero(numbers == known + number).tolist()
            }
        return self._codes[numbers], bad
