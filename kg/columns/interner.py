"""Numbers for texts: each distinct text once, in the order of first sight.

An `Interner` is a hash table over one heap of UTF-8 bytes. It takes slices of a buffer, so that a
million identifiers in a table become a column of integers without one Python string.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mechkg.kg.columns.text_kernels import (
    hash_slices,
    intern_slices,
    join_slices,
    pack_words,
    place_hashes,
)

__all__ = ["Column", "Interner", "Numbered"]

MOST_WORDS: Final = 8
"""Texts up to 64 bytes are sorted as numbers."""


@dataclass(frozen=True, slots=True)
class Column:
    """n texts as slices of one buffer of UTF-8 bytes; `start` and `end` are int64, shape n.

    >>> column = Column.of(["CL:0000540", "", "neuron"])
    >>> len(column), column.text(0), column.texts()[2]
    (3, 'CL:0000540', 'neuron')
    """

    buffer: NDArray[np.uint8]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    _hashes: list[NDArray[np.uint64]] = field(default_factory=list, repr=False, compare=False)

    @classmethod
    def of(cls, texts: Sequence[str]) -> Column:
        """Return a column of Python strings; O(bytes)."""
        parts = [text.encode() for text in texts]
        ends = np.cumsum([0, *map(len, parts)], dtype=np.int64)
        return cls(np.frombuffer(b"".join(parts), np.uint8), ends[:-1], ends[1:])

    def __len__(self) -> int:
        return len(self.start)

    def text(self, row: int) -> str:
        """Return one text."""
        return self.buffer[self.start[row] : self.end[row]].tobytes().decode()

    def texts(self) -> list[str]:
        """Return all texts; O(bytes), and one Python string each."""
        heap, ends = self.packed()
        data = heap.tobytes()
        stops = ends.tolist()
        starts = [0, *stops[:-1]]
        if data.isascii():
            text = data.decode()
            return [text[a:b] for a, b in zip(starts, stops, strict=False)]
        return [data[a:b].decode() for a, b in zip(starts, stops, strict=False)]

    def take(self, rows: NDArray[np.integer[Any]] | slice) -> Column:
        """Return the column of some rows, in their order; the buffer is shared."""
        known = [hashes[rows] for hashes in self._hashes]
        return Column(self.buffer, self.start[rows], self.end[rows], known)

    def packed(self) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        """Return the texts end to end, and where each ends."""
        pointer = np.empty(len(self) + 1, np.int64)
        heap = np.empty(int((self.end - self.start).sum()), np.uint8)
        join_slices(self.buffer, self.start[None, :], self.end[None, :], 0, heap, pointer)
        return heap, pointer[1:]

    def sorted_order(self) -> NDArray[np.int64]:
        """Return the rows in the order of their texts (by bytes, as by code points).

        Short texts are compared as numbers of 8 bytes each, long ones as Python strings.
        """
        words = int((self.end - self.start).max(initial=0) + 7) // 8
        if words > MOST_WORDS:
            texts = self.texts()
            return np.array(sorted(range(len(self)), key=texts.__getitem__), np.int64)
        keys = np.zeros((words, len(self)), np.uint64)
        pack_words(self.buffer, self.start, self.end, keys)
        return np.lexsort(keys[::-1]) if words else np.arange(len(self))

    def hashes(self) -> NDArray[np.uint64]:
        """Return a 64-bit hash of each text, equal for equal texts; made once."""
        if not self._hashes:
            found = np.empty(len(self), np.uint64)
            hash_slices(self.buffer, self.start, self.end, found)
            self._hashes.append(found)
        return self._hashes[0]

    def empty(self) -> NDArray[np.bool_]:
        """Say of each row whether its text is empty."""
        return np.asarray(self.start == self.end)


@dataclass(frozen=True, slots=True)
class Numbered:
    """n texts as numbers (int32) that their reader gave them: from 0 on, equal for equal texts.

    `fresh` holds the texts of those numbers that nothing before in the file had, in their order.

    >>> first = Numbered(np.array([0, 1, 0], np.int32), Column.of(["CL:1", "CL:2"]))
    >>> second = Numbered(np.array([1, 2], np.int32), Column.of(["CL:3"]))
    >>> len(first), len(second)
    (3, 2)
    """

    numbers: NDArray[np.int32]
    fresh: Column

    def __len__(self) -> int:
        return len(self.numbers)


class Interner:
    """A growing set of texts, numbered from 0; int32 numbers, so at most 2^31 - 1 texts.

    Memory: at most twice the bytes of the texts, and 32 to 64 bytes for each.

    >>> names = Interner()
    >>> names.intern(Column.of(["a", "b", "a"])).tolist()
    [0, 1, 0]
    >>> names.find(Column.of(["b", "c"])).tolist(), names.text(1), len(names)
    ([1, -1], 'b', 2)
    """

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self._slots = np.zeros(2048, np.uint64)
        self._hashes = np.empty(1024, np.uint64)
        self._pointer = np.zeros(1025, np.int64)
        self._heap = np.empty(16384, np.uint8)
        self._count = 0
        listed = list(texts)
        if listed:
            self.intern(Column.of(listed))

    def __len__(self) -> int:
        return self._count

    @property
    def column(self) -> Column:
        """All texts in the order of their numbers; valid until the next `intern`."""
        pointer = self._pointer[: self._count + 1]
        return Column(self._heap[: pointer[-1]], pointer[:-1], pointer[1:])

    def text(self, number: int) -> str:
        """Return the text of a number."""
        return self.column.text(number)

    def intern(self, column: Column) -> NDArray[np.int32]:
        """Return the number of each text, entering those not seen before; O(bytes) expected."""
        return self._numbers(column, grow=True)

    def numbered(self, column: Column) -> Numbered:
        """Return the numbers of some texts, with those that were not entered before.

        >>> names = Interner(["a"])
        >>> names.numbered(Column.of(["a", "b"])).fresh.texts()
        ['b']
        """
        known = self._count
        numbers = self.intern(column)
        return Numbered(numbers, self.column.take(slice(known, None)))

    def find(self, column: Column) -> NDArray[np.int32]:
        """Return the number of each text, -1 for one that was never entered."""
        return self._numbers(column, grow=False)

    def seal(self) -> None:
        """Let go of what only looking up needs: from now on texts are read, not found."""
        self._slots, self._hashes = np.empty(0, np.uint64), np.empty(0, np.uint64)

    def number(self, text: str) -> int:
        """Return the number of one text, entering it if new."""
        return int(self.intern(Column.of([text]))[0])

    def _numbers(self, column: Column, *, grow: bool) -> NDArray[np.int32]:
        wanted = column.hashes()
        numbers = np.empty(len(column), np.int32)
        done = 0
        while done < len(column):
            self._count, done = intern_slices(
                column.buffer, column.start, column.end, wanted, self._slots, self._hashes,
                self._heap, self._pointer, self._count, grow, done, numbers,
            )  # fmt: skip
            if done < len(column):
                self._enlarge(int(column.end[done] - column.start[done]))
        return numbers

    def _enlarge(self, size: int) -> None:
        """Make room for more texts, and for one of `size` bytes among them."""
        count = self._count
        used = int(self._pointer[count])
        if used + size > len(self._heap):
            self._heap = _grown(self._heap, 2 * len(self._heap) + size, used)
        if count == len(self._hashes):
            self._hashes = _grown(self._hashes, 2 * count, count)
            self._pointer = _grown(self._pointer, 2 * count + 1, count + 1)
            self._slots = np.zeros(4 * count, np.uint64)
            place_hashes(self._hashes, count, self._slots)


def _grown(array: NDArray[Any], length: int, used: int) -> NDArray[Any]:
    """Return an array of some length that starts with the `used` first items of another."""
    larger = np.empty(length, array.dtype)
    larger[:used] = array[:used]
    return larger
