"""Whether the files of a snapshot are those that were written: sizes, and SHA-256 digests.

The manifest holds both, and a digest of itself. A bit that a disk has lost gives no wrong answer,
but an error that names the file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Final

import msgspec

from mechkg.kg.errors import SnapshotError

__all__ = ["CHECKED_BYTES", "broken", "check_files", "check_sizes", "self_digest"]

CHECKED_BYTES: Final = 1 << 26
"""Bytes whose digests are checked whenever a snapshot is opened: a fraction of a second."""

AT_ONCE: Final = 4
"""Files that are read at once."""

FEW_BYTES: Final = 1 << 20


def self_digest(manifest: msgspec.Struct) -> str:
    """Return the digest of a manifest, without the one that it holds itself."""
    bare = msgspec.structs.replace(manifest, digest="")
    return sha256(msgspec.json.encode(bare, order="deterministic")).hexdigest()


def check_sizes(path: Path, files: Mapping[str, int]) -> None:
    """Raise `SnapshotError` where a file is missing or has another size; O(files)."""
    for name, size in files.items():
        try:
            found = (path / name).stat().st_size
        except OSError as error:
            raise broken(path, f"{name} is missing") from error
        if found != size:
            raise broken(path, f"{name} has {found:,} bytes, not {size:,}")


def check_files(
    path: Path,
    files: Mapping[str, int],
    digests: Mapping[str, str],
    most: int | None = None,
    report: Callable[[int], None] = lambda _: None,
) -> int:
    """Raise `SnapshotError` where the content of a file is not the one of its digest.

    Small files are read first, while all that is read has at most `most` bytes; all are with
    None. `report` gets the bytes read so far. Returns how many bytes were read; O(bytes).
    """
    chosen, total = [], 0
    for name in sorted(files, key=files.__getitem__):
        if most is not None and total + files[name] > most:
            break
        total += files[name]
        chosen.append(name)
    done = 0
    with ExitStack() as stack:
        each: Callable[..., Iterable[str]] = map
        if total > FEW_BYTES:  # what takes longer than to start threads
            pool = stack.enter_context(ThreadPoolExecutor(AT_ONCE, "mechkg-digest"))
            stack.callback(pool.shutdown, wait=False, cancel_futures=True)
            each = pool.map
        for name, found in zip(chosen, each(partial(_digest, path), chosen), strict=True):
            if found != digests.get(name):
                raise broken(path, f"the content of {name} has changed since it was written")
            done += files[name]
            report(done)
    return done


def _digest(path: Path, name: str) -> str:
    try:
        with (path / name).open("rb") as file:
            return file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise broken(path, f"{name} cannot be read ({error.strerror})") from error


def broken(path: Path, reason: object) -> SnapshotError:
    """Return the error of a directory that does not hold what was written to it."""
    return SnapshotError(f"{path} is torn: {reason}.", hint="Load the graph again.")
