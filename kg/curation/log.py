"""The log of a graph's changesets: append-only, durable, checked.

One record a line: the digest of all records up to it (16 hexadecimal digits, BLAKE2b), a space, and
a JSON list of events that belong together. A record is on the disk before `append` returns. What a
killed writer or a power cut left of a last record is cut by the next writer, which says so: it has
no end, or holds bytes that were never written and read as zeros. Any other record whose digest is
wrong is damage: nothing is cut, and nothing is written behind it.
"""

from __future__ import annotations

import fcntl
import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Final

import msgspec

from mechkg.kg.curation.changes import Event
from mechkg.kg.errors import LogError
from mechkg.kg.snapshot.staging import sync

__all__ = ["LOG", "Log", "Records", "read_log"]

LOG: Final = "curation.log"
"""The file beside the versions of a graph."""

_DIGITS: Final = 16
_START: Final = b"mechkg curation log 1"
_UNWRITTEN: Final = b"\0\0"
"""What JSON never holds, nor a single changed bit makes: bytes of a file that were not written."""
_decode: Final = msgspec.json.Decoder(tuple[Event, ...]).decode


@dataclass(frozen=True, slots=True)
class Records:
    """The events of a log, where its last whole record ends, and the digest up to there.

    `lines` counts the whole records; `file` is the number of the file and when it was last written.
    """

    events: tuple[Event, ...]
    size: int
    digest: bytes
    torn: int
    lines: int = 0
    file: tuple[int, int] = (0, 0)

    @classmethod
    def none(cls) -> Records:
        """Return those of a log that does not exist."""
        return cls((), 0, _digest(b"", _START), 0)


def read_log(path: Path, known: Records | None = None) -> Records:
    """Read a log as it is; an unfinished last line is left out and counted in `torn`.

    With what is `known` of it, only what came since is read: O(those bytes), else O(bytes). Raises
    `LogError` for a record whose digest or content is wrong.
    """
    try:
        with path.open("rb") as stream:
            known = _still(known, os.fstat(stream.fileno()))
            stream.seek(known.size)
            data = stream.read()
            status = os.fstat(stream.fileno())
    except FileNotFoundError:
        return Records.none()
    except OSError as error:
        raise LogError(f"{path} cannot be read ({error.strerror}).") from error
    events: list[Event] = []
    digest, end = known.digest, 0
    lines = data.split(b"\n")
    for number, line in enumerate(lines[:-1], known.lines + 1):
        if not _is_whole(line, digest):
            if number == known.lines + len(lines) - 1 and _UNWRITTEN in line:
                break
            raise _damaged(path, number)
        try:
            events.extend(_decode(line[_DIGITS + 1 :]))
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise _damaged(path, number) from error
        digest, end = line[:_DIGITS], end + len(line) + 1
    last = lines[-1][:-1]
    if end + len(lines[-1]) == len(data) and _is_whole(last, digest):  # its line feed has changed
        raise _damaged(path, known.lines + len(lines))
    count = known.lines + data.count(b"\n", 0, end)
    return Records(
        (*known.events, *events) if events else known.events,
        known.size + end, digest, len(data) - end, count, (status.st_ino, status.st_mtime_ns),
    )  # fmt: skip


def _still(known: Records | None, status: os.stat_result) -> Records:
    """Return what is known of a log where that can still be so: it only ever grows."""
    if known is None or known.file[0] != status.st_ino or status.st_size < known.size:
        return Records.none()
    changed = status.st_mtime_ns != known.file[1]
    return Records.none() if changed and status.st_size == known.size + known.torn else known


class Log:
    """A log that is held for writing, by one thread of one process at a time.

    >>> from tempfile import TemporaryDirectory
    >>> from mechkg.kg.curation.changes import Rejected
    >>> with TemporaryDirectory() as folder:
    ...     with Log.held(Path(folder)) as log:
    ...         log.append([Rejected(id="1", reviewer="ada", time="2026", reason="twice")])
    ...     len(read_log(Path(folder, LOG)).events)
    1
    """

    def __init__(self, path: Path, handle: int, known: Records | None = None) -> None:
        self._path, self._handle = path, handle
        self.records = read_log(path, known)
        if self.records.torn:
            logging.getLogger(__name__).warning(
                "%s: %d bytes of an unfinished record were cut; it was never acknowledged.",
                path, self.records.torn,
            )  # fmt: skip
            os.ftruncate(handle, self.records.size)
            os.fsync(handle)

    @classmethod
    @contextmanager
    def held(cls, directory: Path, known: Records | None = None) -> Iterator[Log]:
        """Open the log of a graph's directory, and keep other writers out until the block ends.

        What is `known` of it is not read again. Raises `LogError` where it cannot be written or is
        damaged.
        """
        path = directory / LOG
        try:
            fresh = not path.exists()
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
            if fresh:
                sync(directory)
        except OSError as error:
            raise LogError(f"{path} cannot be written ({error.strerror}).") from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield cls(path, handle, known)
        finally:
            os.close(handle)

    def append(self, events: Sequence[Event]) -> None:
        """Write events as one record: all of them, on the disk when this returns, or none.

        Raises `LogError` where there is no space.
        """
        text = msgspec.json.encode(events)
        digest = _digest(self.records.digest, text)
        line = digest + b" " + text + b"\n"
        size = self.records.size
        try:
            self._write(line)
            os.fsync(self._handle)
        except OSError as error:
            os.ftruncate(self._handle, size)
            os.fsync(self._handle)
            raise LogError(
                f"{self._path} cannot be written ({error.strerror}).",
                hint="Nothing was changed.",
            ) from error
        everything = (*self.records.events, *events)
        status = os.fstat(self._handle)
        self.records = Records(
            everything, size + len(line), digest, 0, self.records.lines + 1,
            (status.st_ino, status.st_mtime_ns),
        )  # fmt: skip

    def _write(self, line: bytes) -> None:
        view = memoryview(line)
        while view:
            view = view[os.write(self._handle, view) :]


def _digest(before: bytes, text: bytes) -> bytes:
    return blake2b(before + text, digest_size=_DIGITS // 2).hexdigest().encode()


def _is_whole(line: bytes, before: bytes) -> bool:
    """Say whether a line without its end is a record that follows others of a digest."""
    return line[: _DIGITS + 1] == _digest(before, line[_DIGITS + 1 :]) + b" "


def _damaged(path: Path, line: int) -> LogError:
    return LogError(
        f"{path}, line {line}: the record has changed since it was written.",
        hint="Bring it back from a backup; until then the graph is served, but takes no changes.",
    )
