"""The hot arrays of a graph: forward and reverse adjacency with their columns.

`Index` is plain numpy arrays, saved as one `.npy` file each and opened by mmap, so that workers
share the pages. Entities and statements are *rows* (integers) here; their texts are in
`kg.snapshot.records`. Statements that can carry a path come first, in the order of the forward
adjacency, so that a forward entry's position *is* its statement row; negated statements follow.

The `in_` arrays are the reverse adjacency: `in_row` gives the statement row of each entry. Within
an entity's slice, entries are sorted by (predicate, neighbour), so that a predicate filter touches
one run. Parallel statements are separate entries.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mechkg.kg.columns.npy import open_array, write_array
from mechkg.kg.errors import SnapshotError

__all__ = ["UNKNOWN_SIGN", "Index", "entries_of"]

UNKNOWN_SIGN: Final = -128
"""How the `sign` column writes a sign that is not known."""


@dataclass(frozen=True, slots=True)
class Index:
    """A graph of n entities, m statements that can carry a path and q negated ones.

    With rows = m + q:

    ============  ============  ==========================================================
    array         shape, dtype  meaning
    ============  ============  ==========================================================
    out_ptr       n+1, int64    slice of each entity in the forward adjacency
    in_ptr        n+1, int64    slice of each entity in the reverse adjacency
    in_row        m, int32      statement row of each reverse entry
    in_nbr        m, int32      subject of each reverse entry
    in_pred       m, uint16     predicate of each reverse entry
    subject       rows, int32   subject of each statement row
    predicate     rows, uint16  position of its predicate in `Schema.predicates`
    object        rows, int32   object of each statement row (forward neighbour for rows < m)
    sign          rows, int8    -1, 0, +1, or UNKNOWN_SIGN
    doubt         rows, float32 how weak the statement's support is, 0 (firm) to 1 (see ranking)
    inferred      rows, uint8   1 where the statement was derived by reasoning
    semantics     rows, uint16  code in `Records.semantics_table`; empty where all codes are 0
    category      n, uint16     position of the entity's category in `Schema.categories`
    degree        n, int32      asserted statements that the entity takes part in, not negated
    ============  ============  ==========================================================
    """

    out_ptr: NDArray[np.int64]
    in_ptr: NDArray[np.int64]
    in_row: NDArray[np.int32]
    in_nbr: NDArray[np.int32]
    in_pred: NDArray[np.uint16]
    subject: NDArray[np.int32]
    predicate: NDArray[np.uint16]
    object: NDArray[np.int32]
    sign: NDArray[np.int8]
    doubt: NDArray[np.float32]
    inferred: NDArray[np.uint8]
    semantics: NDArray[np.uint16]
    category: NDArray[np.uint16]
    degree: NDArray[np.int32]

    @property
    def entities(self) -> int:
        """The number of entities, n."""
        return len(self.out_ptr) - 1

    @property
    def carrying(self) -> int:
        """The number of statements that can carry a path, m."""
        return len(self.in_row)

    @property
    def statements(self) -> int:
        """The number of statement rows, m + q."""
        return len(self.subject)

    def save(self, directory: Path) -> None:
        """Write one `.npy` file an array into an existing directory."""
        for field in fields(self):
            write_array(directory / f"{field.name}.npy", getattr(self, field.name))

    @classmethod
    def open(cls, directory: Path) -> Index:
        """Map the arrays of a directory read-only; touches no page of them.

        Raises `SnapshotError` where an array is missing, torn, or does not fit the others.
        """
        arrays = {field.name: open_array(directory / f"{field.name}.npy") for field in fields(cls)}
        n, m, rows = (len(arrays[name]) for name in ("category", "in_row", "subject"))
        coded = rows if len(arrays["semantics"]) else 0
        for name, (length, dtype) in _shapes(n, m, rows, coded).items():
            found = arrays[name]
            if found.shape != (length,) or found.dtype != dtype:
                raise SnapshotError(
                    f"The index in {directory} is torn: {name} has shape {found.shape} and type "
                    f"{found.dtype}, not ({length},) and {np.dtype(dtype)}.",
                    hint="Load the graph again.",
                )
        return cls(**arrays)


def _shapes(n: int, m: int, rows: int, coded: int) -> dict[str, tuple[int, type[np.generic]]]:
    """Return length and type of each array: the table of `Index`, for a program."""
    return {
        "out_ptr": (n + 1, np.int64),
        "in_ptr": (n + 1, np.int64),
        "in_row": (m, np.int32),
        "in_nbr": (m, np.int32),
        "in_pred": (m, np.uint16),
        "subject": (rows, np.int32),
        "predicate": (rows, np.uint16),
        "object": (rows, np.int32),
        "sign": (rows, np.int8),
        "doubt": (rows, np.float32),
        "inferred": (rows, np.uint8),
        "semantics": (coded, np.uint16),
        "category": (n, np.uint16),
        "degree": (n, np.int32),
    }


def entries_of(ptr: NDArray[np.int64], rows: NDArray[np.integer]) -> NDArray[np.int64]:
    """Return the positions of all adjacency entries of some entities: int64, slice by slice.

    >>> entries_of(np.array([0, 2, 2, 5]), np.array([2, 0])).tolist()
    [2, 3, 4, 0, 1]
    """
    start = ptr[rows]
    length = ptr[rows + 1] - start
    return np.repeat(start - (np.cumsum(length) - length), length) + np.arange(length.sum())
