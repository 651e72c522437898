"""A whole graph as its rows, for the formats that are written without holding it in memory."""

from __future__ import annotations

import gzip
import io
import tarfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from mechkg.kg.model.values import Entity, Statement

__all__ = ["GraphRows", "archive", "joined"]

PIECE: Final = 1 << 16
"""Bytes that are handed on at once."""

USTAR_BYTES: Final = 1 << 33
"""From this size on, a member of an archive needs GNU's form of its header."""

Lines = Callable[[], Iterable[bytes]]


@dataclass(frozen=True, slots=True)
class GraphRows:
    """A graph of any size: `entities` and `statements` may be called, and read, several times.

    Statements come as in `mechkg.kg.subgraph.whole_graph`. `categories` and `predicates` are those
    that occur, `name` gives the name of an entity by its identifier, and `credits` what is to be
    named for the numbers of times that sources are used.
    """

    title: str
    snapshot: str
    entities: Callable[[], Iterable[Entity]]
    statements: Callable[[], Iterable[Statement]]
    name: Callable[[str], str]
    categories: frozenset[str]
    predicates: frozenset[str]
    credits: Callable[[Counter[str]], tuple[str, ...]]


def joined(parts: Iterable[bytes], piece: int = PIECE) -> Iterator[bytes]:
    """Yield the same bytes in pieces of at least some size, but for the last.

    >>> list(joined([b"a", b"bc", b"d"], piece=2))
    [b'abc', b'd']
    """
    held, size = [], 0
    for part in parts:
        held.append(part)
        size += len(part)
        if size >= piece:
            yield b"".join(held)
            held, size = [], 0
    if held:
        yield b"".join(held)


def archive(members: Mapping[str, Lines]) -> Iterator[bytes]:
    """Yield a `.tar.gz` with no date and no owner; each member is read twice, for its size.

    O(1) memory.
    """
    drain = _Drain()
    with (
        gzip.GzipFile(fileobj=drain, mode="wb", mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w", format=tarfile.USTAR_FORMAT) as tar,
    ):
        for name, lines in members.items():
            header = tarfile.TarInfo(name)
            header.size = sum(map(len, lines()))
            large = header.size >= USTAR_BYTES
            head = header.tobuf(tarfile.GNU_FORMAT if large else tarfile.USTAR_FORMAT)
            zipped.write(head)
            for part in joined(lines()):
                zipped.write(part)
                yield from drain.taken()
            padding = -header.size % tarfile.BLOCKSIZE
            zipped.write(bytes(padding))
            tar.offset += len(head) + header.size + padding
    yield from drain.taken()


class _Drain(io.RawIOBase):
    """A file that hands on what is written to it."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: object, /) -> int:
        part = bytes(data)  # type: ignore[call-overload]  # any buffer
        self._parts.append(part)
        return len(part)

    def taken(self) -> list[bytes]:
        """Return what was written since the last call."""
        parts, self._parts = self._parts, []
        return parts
