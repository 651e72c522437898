"""Counters that worker processes share, in memory that belongs to no file.

The block is anonymous and mapped before the workers are forked: no disk can be full, no cleaner of
temporary files can take it away, and it is gone with the last process. It has a part for each
worker, which alone writes there; a worker that takes the place of another goes on with its counts.
A part is a journal::

    used | length | key (JSON) | padding | value | length | key ...

Numbers are of 8 bytes; `used` grows after an entry is whole, so that readers never see half of one.
"""

from __future__ import annotations

import mmap
import struct
import threading
from collections.abc import Collection
from typing import Final

import msgspec

__all__ = ["Counters"]

WORD: Final = 8
PARTS: Final = 64
"""Workers that are counted at once; those beyond are not."""

PART_BYTES: Final = 1 << 19
"""About 3,000 series; a page is taken from the system when it is first written."""

Key = tuple[str, tuple[str, ...]]


class Counters:
    """Numbers by name and labels, summed over processes; safe under threads.

    Those of the names in `levels` go up and down, and end with their process; others only grow.

    >>> counters = Counters()
    >>> counters.add("requests", ("GET", "200"))
    >>> counters.add("requests", ("GET", "200"), 2)
    >>> counters.totals()
    {('requests', ('GET', '200')): 3.0}
    """

    def __init__(
        self, parts: int = PARTS, part_bytes: int = PART_BYTES, levels: Collection[str] = ()
    ) -> None:
        self._block = mmap.mmap(-1, parts * part_bytes)
        self._levels = frozenset(levels)
        self._parts = parts
        self._part_bytes = part_bytes
        self._lock = threading.Lock()
        self._offsets: dict[Key, int] = {}
        self._part: int | None = 0

    def free_part(self, taken: Collection[int | None]) -> int | None:
        """Return the first part that no process has, None where all are taken.

        >>> Counters(parts=2).free_part([0]), Counters(parts=2).free_part([0, 1])
        (1, None)
        """
        return next((part for part in range(self._parts) if part not in taken), None)

    def take(self, part: int | None) -> None:
        """Count in a part from now on, in a process just forked; nowhere with None."""
        self._lock = threading.Lock()  # the parent's may have been held at the fork
        self._part = part
        self._offsets = {} if part is None else dict(self._entries(part))
        for (name, _), offset in self._offsets.items():
            if name in self._levels:  # that of the process whose part it was
                struct.pack_into("=d", self._block, offset, 0.0)

    def add(self, name: str, labels: tuple[str, ...] = (), amount: float = 1.0) -> None:
        """Add to a counter; what no longer fits in the part is not counted. O(1)."""
        key = (name, labels)
        with self._lock:
            offset = self._offsets.get(key) or self._append(key)
            if offset:
                (value,) = struct.unpack_from("=d", self._block, offset)
                struct.pack_into("=d", self._block, offset, value + amount)

    def totals(self) -> dict[Key, float]:
        """Return every counter, summed over all parts. O(entries)."""
        totals: dict[Key, float] = {}
        for part in range(self._parts):
            for key, offset in self._entries(part):
                (value,) = struct.unpack_from("=d", self._block, offset)
                totals[key] = totals.get(key, 0.0) + value
        return totals

    def _append(self, key: Key) -> int:
        """Write a new entry; returns the offset of its value, 0 where it does not fit."""
        if self._part is None:
            return 0
        text = msgspec.json.encode(key)
        text += b" " * (-len(text) % WORD)
        start = self._part * self._part_bytes
        (used,) = struct.unpack_from("=q", self._block, start)
        end = used + WORD + len(text) + WORD
        if WORD + end > self._part_bytes:
            return 0
        entry = start + WORD + used
        struct.pack_into(f"=q{len(text)}sd", self._block, entry, len(text), text, 0.0)
        struct.pack_into("=q", self._block, start, end)
        offset: int = entry + WORD + len(text)
        self._offsets[key] = offset
        return offset

    def _entries(self, part: int) -> list[tuple[Key, int]]:
        """Return the keys of a part, with the offsets of their values."""
        start = part * self._part_bytes
        (used,) = struct.unpack_from("=q", self._block, start)
        entry, end = start + WORD, start + WORD + used
        found = []
        while entry < end:
            (length,) = struct.unpack_from("=q", self._block, entry)
            value = entry + WORD + length
            key = msgspec.json.decode(self._block[entry + WORD : value], type=Key)
            found.append((key, value))
            entry = value + WORD
        return found
