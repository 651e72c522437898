"""Tables of byte strings in one mapped file: how a snapshot keeps text out of memory.

A table `x` is two files: `x.bin`, the strings end to end, and `x_ptr.npy`, where each begins.
Opening maps both and reads neither; a look-up touches the pages of one string.
"""

from __future__ import annotations

import mmap
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mechkg.kg.closing import Closing
from mechkg.kg.columns.npy import open_array, torn, write_array

if TYPE_CHECKING:
    from mechkg.kg.columns.interner import Column  # brings numba, which no reader of a table needs

__all__ = ["TextWriter", "Texts"]

CHUNK = 1 << 16
"""Strings that are copied at once: a few megabytes."""


class Texts:
    """n byte strings, `ptr` (int64, n+1) saying where each begins in `data`.

    Look-ups are O(1), safe under threads and in forked processes (the file is never written).

    >>> table = Texts(b"neuroncell", np.array([0, 6, 10]))
    >>> len(table), table[1], table.find(b"x")
    (2, b'cell', None)
    """

    __slots__ = ("data", "ptr")

    def __init__(self, data: bytes | mmap.mmap, ptr: NDArray[np.int64]) -> None:
        self.data = data
        # A memoryview hands out Python integers several times faster than an array does.
        self.ptr = np.ascontiguousarray(ptr, np.int64).data

    @classmethod
    def open(cls, directory: Path, name: str) -> Texts:
        """Map the table `name` of a directory; raises `SnapshotError` where it is torn."""
        ptr = open_array(directory / f"{name}_ptr.npy")
        path = directory / f"{name}.bin"
        try:
            with path.open("rb") as file:
                size = path.stat().st_size
                data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if size else b""
        except OSError as error:
            raise torn(path, error) from error
        if ptr.ndim != 1 or ptr.dtype != np.int64 or len(ptr) == 0 or int(ptr[-1]) != size:
            raise torn(path, "its offsets do not fit it")
        return cls(data, ptr)

    def __len__(self) -> int:
        return len(self.ptr) - 1

    def __getitem__(self, position: int) -> bytes:
        return self.data[self.ptr[position] : self.ptr[position + 1]]

    def text(self, position: int) -> str:
        """Return a string decoded from UTF-8."""
        return str(self.data[self.ptr[position] : self.ptr[position + 1]], "utf-8")

    def at(self, positions: Iterable[int]) -> list[bytes]:
        """Return the strings at some positions, in that order."""
        data, ptr = self.data, self.ptr
        return [data[ptr[position] : ptr[position + 1]] for position in positions]

    def find(self, wanted: bytes) -> int | None:
        """Return the position of a string in a table sorted by bytes, None if absent; O(log n)."""
        position = bisect_left(self, wanted, 0, len(self))
        return position if position < len(self) and self[position] == wanted else None

    def taken(self, positions: NDArray[np.integer]) -> Iterator[list[bytes]]:
        """Yield the strings at some positions, in that order, in lists of at most `CHUNK`."""
        ptr = np.asarray(self.ptr)
        data = self.data
        for begin in range(0, len(positions), CHUNK):
            chosen = positions[begin : begin + CHUNK]
            starts, ends = ptr[chosen].tolist(), ptr[chosen + 1].tolist()
            yield [data[a:b] for a, b in zip(starts, ends, strict=True)]


class TextWriter(Closing):
    """Writes a table; the strings go to the file at once, 8 bytes each stay in memory."""

    def __init__(self, directory: Path, name: str) -> None:
        self._directory = directory
        self._name = name
        self._ends = array("q", [0])
        self._size = 0
        self._file = (directory / f"{name}.bin").open("wb", buffering=1 << 20)

    def __len__(self) -> int:
        return len(self._ends) - 1

    def append(self, text: bytes) -> int:
        """Add a string and return its position."""
        self._file.write(text)
        self._size += len(text)
        self._ends.append(self._size)
        return len(self._ends) - 2

    def extend(self, texts: Iterable[bytes]) -> None:
        """Add several strings."""
        listed = list(texts)
        self._file.write(b"".join(listed))
        ends = accumulate(map(len, listed), initial=self._size)
        next(ends)
        self._ends.extend(ends)
        self._size = self._ends[-1]

    def extend_column(self, column: Column) -> None:
        """Add the texts of a column; O(bytes), and no Python object a text."""
        heap, ends = column.packed()
        self._file.write(heap.data)
        self._ends.frombytes((ends + self._size).astype(np.int64).tobytes())
        self._size = self._ends[-1]

    def reopen(self) -> None:
        """Go on writing a table that was closed."""
        path = self._directory / f"{self._name}.bin"
        self._file = path.open("ab", buffering=1 << 20)

    def close(self) -> None:
        """Finish both files; may be called again."""
        if not self._file.closed:
            self._file.close()
            write_array(
                self._directory / f"{self._name}_ptr.npy", np.frombuffer(self._ends, np.int64)
            )
