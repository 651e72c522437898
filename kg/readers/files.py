"""Source files: opened once, decompressed as they are read, cut at line ends.

Compression is recognised by the first bytes, never by the name: gzip, bzip2, xz, zstandard.
Memory stays bounded whatever a file holds: a block, a line and a whole document each have a limit,
a decompressor may use 256 MiB, and a file that grows more than `MAX_RATIO` times past `FREE_BYTES`
is refused as a decompression bomb. Only the file that was named is ever opened.
"""

from __future__ import annotations

import bz2
import io
import lzma
import stat
import sys
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol

from mechkg.kg.errors import DataError
from mechkg.kg.model.load_report import Example
from mechkg.kg.readers.outcomes import Outcomes

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

__all__ = ["BLOCK", "HEAD", "MAX_DOCUMENT", "MAX_LINE", "MAX_RATIO", "Block", "SourceFile"]

BLOCK: Final = 1 << 24
"""Bytes of a block of lines, 16 MiB."""
MAX_LINE: Final = 1 << 26
"""The longest line that a reader of lines takes, 64 MiB."""
MAX_DOCUMENT: Final = 1 << 30
"""The largest document that a reader of whole documents takes, 1 GiB decompressed."""
MAX_RATIO: Final = 1000
"""The most that a file may grow when decompressed, once past `FREE_BYTES`."""
FREE_BYTES: Final = 1 << 28

_MEMORY: Final = 1 << 28
_CHUNK: Final = 1 << 20
HEAD: Final = 1 << 16
"""The first bytes by which a format is told, 64 KiB."""
MAX_HEAD: Final = 1 << 23
"""The longest first line by which a format is told, 8 MiB."""
MOST_REFUSALS: Final = 1000
"""Refusals after which a file is read no further."""


class _Decompressor(Protocol):
    eof: bool
    unused_data: bytes
    needs_input: bool

    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


class _Gzip:
    """zlib's object with the face that bz2, lzma and zstd share."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(wbits=31)

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        return self._inner.decompress(self._inner.unconsumed_tail + data, max(max_length, 0))

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    @property
    def needs_input(self) -> bool:
        return not self._inner.unconsumed_tail


def _zstd() -> Any:
    return zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: 27})


_COMPRESSIONS: Final[tuple[tuple[bytes, str, Callable[[], Any]], ...]] = (
    (b"\x1f\x8b", "gzip", _Gzip),
    (b"BZh", "bzip2", bz2.BZ2Decompressor),
    (b"\xfd7zXZ\x00", "xz", lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_MEMORY)),
    (b"\x28\xb5\x2f\xfd", "zstandard", _zstd),
)
_SUFFIXES: Final = (".gz", ".bgz", ".bz2", ".xz", ".zst", ".zstd")
_BROKEN: Final = (zlib.error, OSError, lzma.LZMAError, zstd.ZstdError, EOFError, ValueError)


@dataclass(frozen=True, slots=True)
class Block:
    """Some whole lines of a file, each ended by a newline; `line` is the number of the first."""

    data: bytes
    line: int
    lines: int


@dataclass(slots=True)
class SourceFile:
    r"""A file to read. `done` of `size` bytes (as stored) have been read so far.

    A reader of several forms sets `format` to the one that it found. `header` is the line that
    another file of the load has for this one (`mechkg.kg.readers.split_headers`), read as line 0.
    With `start` or `stop`, some bytes of a larger file are read: whole lines, numbered from 1.

    `on_progress` is called with (done, size) after each chunk and may raise to stop the reading.

    >>> import tempfile, gzip
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "edges.tsv.gz")
    ...     _ = path.write_bytes(gzip.compress(b"a\tb"))
    ...     file = SourceFile(path)
    ...     file.name, file.plain_name, [block.data for block in file.blocks()]
    ('edges.tsv.gz', 'edges.tsv', [b'a\tb\n'])
    """

    path: Path
    on_progress: Callable[[int, int], None] = field(default=lambda _done, _size: None)
    name: str = ""
    format: str = ""
    header: bytes = b""
    start: int = 0
    stop: int = 0
    done: int = 0
    size: int = 0
    refusals: list[DataError] = field(default_factory=list)
    outcomes: Outcomes = field(default_factory=Outcomes)

    def __post_init__(self) -> None:
        self.name = self.name or self.path.name
        try:
            self.size = self.path.stat().st_size
        except OSError as error:
            raise self._unreadable(error) from error

    def has_plain_lines(self) -> bool:
        """Say whether the bytes are stored as they are read, and lines end in newlines."""
        try:
            with self.path.open("rb") as stream:
                first = stream.read(_CHUNK)
        except OSError as error:
            raise self._unreadable(error) from error
        packed = any(first.startswith(magic) for magic, _, _ in _COMPRESSIONS)
        return not packed and (b"\r" not in first or b"\n" in first)

    @property
    def plain_name(self) -> str:
        """The name without the suffix of its compression."""
        for suffix in _SUFFIXES:
            if self.name.lower().endswith(suffix):
                return self.name[: -len(suffix)]
        return self.name

    def error(self, line: int | None, reason: str, *, hint: str = "") -> DataError:
        """Return the refusal of this file at a line."""
        return DataError(self.name, line, reason, hint=hint)

    def refuse(self, line: int | None, reason: str, kind: str = "record", count: int = 1) -> None:
        """Note that a record is refused and go on; raises the refusal once there are too many.

        `count` records of a kind are refused for the same reason, the first of them at `line`.
        """
        error = self.error(line, reason)
        example = Example(self.name, line)
        self.outcomes.add(kind, "refused", count, reason=reason, example=example)
        if len(self.refusals) >= MOST_REFUSALS - 1:
            raise error
        self.refusals.append(error)

    def pass_over(
        self, kind: str, line: int | None, reason: str, count: int = 1, example: str = ""
    ) -> None:
        """Note that records of a kind are not read, on purpose; the load report counts them."""
        where = Example(self.name, line, example)
        self.outcomes.add(kind, "passed_over", count, reason=reason, example=where)

    def merge(
        self, kind: str, line: int | None, reason: str = "", count: int = 1, example: str = ""
    ) -> None:
        """Note that records of a kind became part of other records, without loss."""
        where = Example(self.name, line, example)
        self.outcomes.add(kind, "merged", count, reason=reason, example=where)

    def keep(self, kind: str, count: int = 1) -> None:
        """Note that records of a kind are kept; the loader counts entities and statements."""
        self.outcomes.add(kind, "kept", count)

    def see(self, kind: str, count: int = 1) -> None:
        """Note that the file has records of a kind, whatever becomes of them."""
        self.outcomes.see(kind, count)

    def head(self) -> bytes:
        """Return the first 64 KiB, decompressed, and the whole first line where it is longer.

        Of a line without an end, 8 MiB.
        """
        quiet = SourceFile(self.path, name=self.name, header=self.header)
        parts: list[bytes] = []
        length = 0
        for chunk in _limited(quiet.chunks(), MAX_HEAD):
            parts.append(chunk)
            length += len(chunk)
            if length >= HEAD and (b"\n" in chunk or b"\r" in chunk):
                break
        found = b"".join(parts)
        ends = [at for mark in (b"\n", b"\r") if (at := found.find(mark)) >= 0]
        return found[: max(HEAD, min(ends, default=MAX_HEAD) + 1)]

    def chunks(self) -> Iterator[bytes]:
        """Yield the bytes of the file, decompressed, in pieces of at most 1 MiB.

        Raises `DataError` for a file that cannot be read, is truncated, or is a bomb.
        """
        self.done = 0
        try:
            if stat.S_ISFIFO(self.path.stat().st_mode):  # opening one waits for who writes to it
                raise self.error(
                    None, "it is a pipe, which can be read only once",
                    hint="Write it to a file, and load that.",
                )  # fmt: skip
            with self.path.open("rb", buffering=0) as stream:
                stream.seek(self.start)
                yield from self._under_header(self._decompressed(self._stored(stream)))
        except OSError as error:
            raise self._unreadable(error) from error

    def blocks(self, size: int = BLOCK) -> Iterator[Block]:
        """Yield blocks of whole lines of about `size` bytes; a last line gets its newline.

        Lines that end in carriage returns alone, as old programs wrote them, are lines, too.
        Raises `DataError` as `chunks` does, and for text that is not UTF-8 or too long a line.
        """
        held: list[bytes] = []
        length = 0
        line = 0 if self.header else 1
        for chunk in self.chunks() if self.start else _with_newlines(self.chunks()):
            held.append(chunk)
            length += len(chunk)
            if length < size:
                continue
            data = b"".join(held)
            cut = data.rfind(b"\n") + 1
            if cut:
                block = self._block(data[:cut], line)
                yield block
                line += block.lines
            elif length > MAX_LINE:
                raise self.error(line, f"the line is longer than {MAX_LINE >> 20} MiB")
            held, length = [data[cut:]], len(data) - cut
        data = b"".join(held)
        if data:
            yield self._block(data if data.endswith(b"\n") else data + b"\n", line)

    def document(self, limit: int = MAX_DOCUMENT) -> bytes:
        """Return the whole file, decompressed, without a byte order mark.

        Raises `DataError` past `limit` bytes.
        """
        parts: list[bytes] = []
        length = 0
        for chunk in self.chunks():
            parts.append(chunk)
            length += len(chunk)
            if length > limit:
                raise self.error(
                    None, f"the document is larger than {limit >> 20} MiB",
                    hint="Convert it to N-Triples or KGX, which are read in pieces.",
                )  # fmt: skip
        return b"".join(parts).removeprefix(b"\xef\xbb\xbf")

    def stream(self) -> io.BufferedReader:
        """Return the decompressed file as a binary stream for a library to read."""
        return io.BufferedReader(_ChunkStream(self.chunks()), _CHUNK)

    def _block(self, data: bytes, line: int) -> Block:
        if line <= 1 and not self.start:
            data = data.removeprefix(b"\xef\xbb\xbf")
        if not data.isascii():
            try:
                data.decode()
            except UnicodeDecodeError as error:
                at = line + data.count(b"\n", 0, error.start)
                byte = data[error.start]
                raise self.error(at, f"the text is not UTF-8 (byte 0x{byte:02X})") from error
        return Block(data, line, data.count(b"\n"))

    def _under_header(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        """Yield the line of the header, then the chunks of a file without its byte order mark."""
        if self.header:
            yield self.header
            yield next(chunks, b"").removeprefix(b"\xef\xbb\xbf")
        yield from chunks

    def _stored(self, stream: Any) -> Iterator[bytes]:
        left = self.stop - self.start if self.stop else sys.maxsize
        while chunk := stream.read(min(_CHUNK, left)):
            left -= len(chunk)
            self.done += len(chunk)
            yield chunk
            self.on_progress(self.done, self.size)

    def _decompressed(self, stored: Iterator[bytes]) -> Iterator[bytes]:
        first = b"" if self.start else next(stored, b"")
        for magic, name, make in _COMPRESSIONS:
            if first.startswith(magic):
                yield from self._inflated(first, stored, magic, name, make)
                return
        if first:
            yield first
        yield from stored

    def _inflated(
        self, data: bytes, stored: Iterator[bytes], magic: bytes, name: str, make: Any
    ) -> Iterator[bytes]:
        """Decompress member after member, never more than a chunk at a time."""
        total = 0
        member: _Decompressor = make()
        while True:
            try:
                out = member.decompress(data, _CHUNK)
            except _BROKEN as error:
                raise self.error(None, f"the {name} data are broken ({error})") from error
            total += len(out)
            if total > FREE_BYTES and total > MAX_RATIO * self.done:
                raise self.error(None, f"it grows more than {MAX_RATIO} times when decompressed")
            if out:
                yield out
            data = b""
            if member.eof:
                data = member.unused_data or next(stored, b"")
                if not data.rstrip(b"\0"):
                    return
                if not data.startswith(magic[: len(data)]):
                    raise self.error(None, f"there is something else after the {name} data")
                member = make()
            elif member.needs_input:
                data = next(stored, b"")
                if not data:
                    raise self.error(
                        None, f"the {name} data end before their end", hint="Fetch it again."
                    )

    def _unreadable(self, error: OSError) -> DataError:
        reason = error.strerror or str(error)
        return self.error(None, f"the file cannot be read ({reason})")


class _ChunkStream(io.RawIOBase):
    """An iterator of chunks as a readable stream."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._left = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, target: Any) -> int:
        if not self._left:
            self._left = memoryview(next(self._chunks, b""))
        count = min(len(target), len(self._left))
        target[:count] = self._left[:count]
        self._left = self._left[count:]
        return count


def _with_newlines(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield chunks, with newlines for carriage returns where the first has no newline."""
    first = next(chunks, b"")
    if b"\r" in first and b"\n" not in first:
        yield first.replace(b"\r", b"\n")
        for chunk in chunks:
            yield chunk.replace(b"\r", b"\n")
        return
    yield first
    yield from chunks


def _limited(chunks: Iterator[bytes], limit: int) -> Iterator[bytes]:
    for chunk in chunks:
        yield chunk[:limit]
        limit -= len(chunk)
        if limit <= 0:
            return
