"""Shares of files: what one task reads, whole lines of a file or a file as a whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mechkg.kg.readers.content import Reader
from mechkg.kg.readers.files import SourceFile
from mechkg.kg.readers.formats import Format

__all__ = ["SHARE", "Share", "count_lines", "cut"]

SHARE: Final = 1 << 26
"""Bytes of a share, 64 MiB."""
_CHUNK: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Share:
    """What one task reads: the bytes `start` to `stop` of a file, all of it where `stop` is 0.

    `file` is the position of the file among those of the load, `format` the name of its format.
    `read` reads a share of lines, None where the reader of the format reads the file as a whole.
    The first line of a share has the number 1; `line` is its number in the file where the share
    is the first of the file, and 0 where it follows from the shares before.
    """

    number: int
    file: int
    path: Path
    name: str
    format: str
    header: bytes = b""
    start: int = 0
    stop: int = 0
    line: int = 1
    read: Reader | None = None

    def opened(self) -> SourceFile:
        """Return the file as its reader takes it."""
        return SourceFile(
            self.path, name=self.name, header=self.header, start=self.start, stop=self.stop
        )


def cut(files: Sequence[tuple[SourceFile, Format]], size: int = SHARE) -> list[Share]:
    """Return the shares of some files, of about `size` bytes each where lines can be parted.

    O(shares): of a large file, the ends of shares are looked at and nothing else.
    """
    shares: list[Share] = []
    for position, (file, how) in enumerate(files):
        for start, stop, line, read in _parts(file, how, size):
            where = file.path.absolute(), file.name, how.name, file.header
            shares.append(Share(len(shares), position, *where, start, stop, line, read))
    return shares


def _parts(
    file: SourceFile, how: Format, size: int
) -> Iterator[tuple[int, int, int, Reader | None]]:
    """Yield start, stop, first line and reader of each share of a file."""
    found = None
    if how.lines is not None and file.size > size and not file.header and file.has_plain_lines():
        found = how.lines(file)
    if found is None:
        yield 0, 0, 1, None
        return
    start, line = found.start, found.line
    with file.path.open("rb") as stream:
        while start < file.size:
            stream.seek(start + size)
            stream.readline()
            stop = min(stream.tell(), file.size)
            yield start, stop, line, found.read
            start, line = stop, 0


def count_lines(share: Share) -> int:
    """Return the number of lines of a share; O(bytes), in pieces of 1 MiB."""
    lines, left = 0, share.stop - share.start
    with share.path.open("rb") as stream:
        stream.seek(share.start)
        while left > 0 and (chunk := stream.read(min(_CHUNK, left))):
            lines += chunk.count(b"\n")
            left -= len(chunk)
    return lines
