"""What a table has said of its entities, to notice where it says something else."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mechkg.kg.readers.content import EntityRows

__all__ = ["NodeConflicts"]


class NodeConflicts:
    """Which entities a table has described, to notice a second description unlike the first.

    Memory: 16 to 32 bytes an entity.

    >>> from mechkg.kg.columns.interner import Column
    >>> columns = {"id": Column.of(["a:1", "a:1"]), "name": Column.of(["x", "y"])}
    >>> NodeConflicts().unlike(np.zeros(2, np.int32), EntityRows(columns, 2))
    [(1, 2)]
    """

    def __init__(self) -> None:
        self._content = np.empty(0, np.uint64)
        self._line = np.empty(0, np.int64)

    def unlike(self, codes: NDArray[np.int32], rows: EntityRows) -> list[tuple[int, int]]:
        """Return each row that repeats an identifier with other content, and the first line of it.

        `codes` (int32) has a number per row, equal for equal identifiers. O(bytes).
        """
        content = np.zeros(len(codes), np.uint64)
        for column in (*rows.columns.values(), *(column for _, column in rows.further)):
            content = content * np.uint64(0x9E3779B97F4A7C15) + column.hashes()
        top = int(codes.max(initial=-1)) + 1
        if top > len(self._line):
            grow = max(top, 2 * len(self._line)) - len(self._line)
            self._content = np.concatenate((self._content, np.zeros(grow, np.uint64)))
            self._line = np.concatenate((self._line, np.zeros(grow, np.int64)))
        lines = rows.lines
        if lines is None:
            lines = np.arange(rows.line, rows.line + len(codes))
        fresh = self._line[codes] == 0
        # Of repeated indices the last assignment stands: backwards, that is the first row.
        self._line[codes[fresh][::-1]] = lines[fresh][::-1]
        self._content[codes[fresh][::-1]] = content[fresh][::-1]
        other = np.flatnonzero(self._content[codes] != content).tolist()
        return [(row, int(self._line[codes[row]])) for row in other]
