"""Tar archives of files that can be read: read through once, never unpacked to disk."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Final

from mechkg.kg.errors import DataError
from mechkg.kg.readers.content import Batch, Reading, gathered
from mechkg.kg.readers.files import HEAD, SourceFile
from mechkg.kg.readers.formats import Format, recognise
from mechkg.kg.readers.split_headers import Headers, is_rows

__all__ = ["is_archive", "read"]

CHUNK: Final = 1 << 20


def is_archive(head: bytes) -> bool:
    """Say whether a file begins as a tar archive does.

    >>> is_archive(b"directed: true")
    False
    """
    return head[257:262] == b"ustar"


def read(file: SourceFile, reading: Reading, *, formats: Sequence[Format]) -> Iterator[Batch]:
    """Read each file of an archive by its own format; links and devices are refused."""
    yield from gathered(_batches(file, reading, formats))


def _batches(file: SourceFile, reading: Reading, formats: Sequence[Format]) -> Iterator[Batch]:
    headers = Headers()
    for inner, folder in _members(file):
        name = inner.plain_name.rpartition(":")[2]
        headers.take(name, folder, inner.head)
        if is_rows(name) and not headers.of(name, folder, inner.head):
            _take_all(headers, file)
        inner.header = headers.of(name, folder, inner.head)
        yield from recognise(inner, formats).read(inner, reading)


def _take_all(headers: Headers, file: SourceFile) -> None:
    """Take the headers of tables that come later in an archive."""
    quiet = SourceFile(file.path, name=file.name)
    for inner, folder in _members(quiet):
        headers.take(inner.plain_name.rpartition(":")[2], folder, inner.head)


def _members(file: SourceFile) -> Iterator[tuple[_Member, str]]:
    """Yield the files of an archive with their folders, but for empty ones; each is read once."""
    try:
        with tarfile.open(fileobj=file.stream(), mode="r|") as archive:
            for member in archive:
                if member.isdir():
                    continue
                content = archive.extractfile(member) if member.isfile() else None
                if content is None:
                    raise file.error(None, f"its member {member.name!r} is no plain file")
                if member.size:  # a graph without edges has an empty file, say
                    yield _Member(file, member.name, content), member.name.rpartition("/")[0]
    except tarfile.TarError as error:
        raise file.error(None, f"the archive is broken ({error})") from error


class _Member(SourceFile):
    """A file inside an archive; it can be read once, from its start."""

    def __init__(self, archive: SourceFile, name: str, content: IO[bytes]) -> None:
        self.path = archive.path
        self.name = f"{archive.name}:{Path(name).name}"
        self.format, self.header = "", b""
        self.start, self.stop = 0, 0
        self.on_progress = archive.on_progress
        self.done, self.size = archive.done, archive.size
        self.refusals, self.outcomes = archive.refusals, archive.outcomes
        self._content = content
        self._head = content.read(HEAD)

    def head(self) -> bytes:
        return self.header + self._head

    def chunks(self) -> Iterator[bytes]:
        yield self.header
        yield self._head.removeprefix(b"\xef\xbb\xbf") if self.header else self._head
        try:
            while chunk := self._content.read(CHUNK):
                yield chunk
        except (tarfile.TarError, DataError) as error:
            raise self.error(None, f"the archive is broken ({error})") from error
