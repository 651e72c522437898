"""What a table has said of its entities, to notice where it says something else."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from mechkg.kg.columns.interner import Column
from mechkg.kg.readers.files import SourceFile

__all__ = ["Described"]


class Described:
    """Which entities a table has described, to refuse a second description unlike the first.

    Memory: 16 to 32 bytes an entity.

    >>> import tempfile, pathlib
    >>> with tempfile.NamedTemporaryFile() as file:
    ...     table = SourceFile(pathlib.Path(file.name), name="nodes.tsv")
    ...     columns = {"id": Column.of(["a:1", "a:1"]), "name": Column.of(["x", "y"])}
    ...     Described().check(np.zeros(2, np.int32), columns, 2, table)
    Traceback (most recent call last):
    ...
    mechkg.kg.errors.DataError: nodes.tsv, line 3: a:1 is described unlike on line 2
    """

    def __init__(self) -> None:
        self._content = np.empty(0, np.uint64)
        self._line = np.empty(0, np.int64)

    def check(
        self, numbers: NDArray[np.int32], columns: Mapping[str, Column], line: int, file: SourceFile
    ) -> None:
        """Raise `DataError` for a row that repeats an identifier with other content."""
        content = np.zeros(len(numbers), np.uint64)
        for column in columns.values():
            content = content * np.uint64(0x9E3779B97F4A7C15) + column.hashes()
        top = int(numbers.max(initial=-1)) + 1
        if top > len(self._line):
            grow = max(top, 2 * len(self._line)) - len(self._line)
            self._content = np.concatenate((self._content, np.zeros(grow, np.uint64)))
            self._line = np.concatenate((self._line, np.zeros(grow, np.int64)))
        lines = np.arange(line, line + len(numbers))
        fresh = self._line[numbers] == 0
        # Of repeated indices the last assignment stands: backwards, that is the first row.
        self._line[numbers[fresh][::-1]] = lines[fresh][::-1]
        self._content[numbers[fresh][::-1]] = content[fresh][::-1]
        other = self._content[numbers] != content
        if other.any():
            row = int(np.argmax(other))
            name = columns["id"].text(row)
            first = int(self._line[numbers[row]])
            raise file.error(line + row, f"{name} is described unlike on line {first}")
