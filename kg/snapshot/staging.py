"""The directory in which a snapshot is made, out of sight until it is whole."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from hashlib import file_digest
from itertools import takewhile
from pathlib import Path
from tempfile import mkdtemp
from typing import Final

__all__ = ["SUFFIX", "Parts", "StagingDirectory", "locked", "sync"]

SUFFIX = ".tmp"
"""Ends the name of a directory that is not whole: the next build clears it away."""

AT_ONCE: Final = 4
"""Files that are synced at once: the disk orders their writes, one journal entry may serve all."""


class Parts:
    """The files of a snapshot on their way to the disk: hashed and synced beside the work.

    A file is synced after its last byte was written, so publishing syncs only the rest and the
    directory: what the rename makes visible is on the disk, as if all were synced at the end.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     _ = Path(folder, "a").write_bytes(b"text")
    ...     parts = Parts(Path(folder))
    ...     parts.done("a")
    ...     parts.digest("a").hex()[:4], parts.settled()
    ...     parts.close()
    ('982d', {'a'})
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._pool = ThreadPoolExecutor(AT_ONCE, "mechkg-sync")
        self._tasks: dict[str, Future[bytes]] = {}

    def done(self, *names: str) -> None:
        """Say that some files are whole: nothing is written to them from now on."""
        for name in names:
            self._tasks[name] = self._pool.submit(_settled, self._path / name)

    def has(self, name: str) -> bool:
        """Say whether a file was written."""
        return name in self._tasks

    def digest(self, name: str) -> bytes:
        """Return the SHA-256 of a file, once it is synced; one that was not done is done now."""
        if name not in self._tasks:
            self.done(name)
        return self._tasks[name].result()

    def settled(self) -> set[str]:
        """Wait until all files that are done are on the disk, and return their names."""
        for task in self._tasks.values():
            task.result()
        return set(self._tasks)

    def close(self) -> None:
        """Let go of the threads; may be called again."""
        self._pool.shutdown(cancel_futures=True)


class StagingDirectory:
    """A temporary directory beside the place where its content will stand.

    The process that works in it holds a lock on it; the system drops the lock when the process
    ends, however it ends, and the next one clears away what has none.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._path: Path | None = None
        self._made_around = False
        self._lock = -1

    def open(self) -> Path:
        """Make the directory and return its path; removes what a killed build left."""
        with self._made():
            for left in self._directory.glob(f"*{SUFFIX}"):
                _remove_abandoned(left)
            path = Path(mkdtemp(dir=self._directory, suffix=SUFFIX, prefix="build-"))
            self._lock = os.open(path, os.O_RDONLY)
            fcntl.flock(self._lock, fcntl.LOCK_EX)
        path.chmod(0o755)
        self._path = path
        return path

    @contextmanager
    def _made(self) -> Iterator[None]:
        """Make the directory and hold its lock; another build may be removing it just then.

        Of what is made, the entries around it are synced.
        """
        while True:
            around = (self._directory, *self._directory.absolute().parents)
            made = list(takewhile(lambda path: not path.exists(), around))
            self._made_around = bool(made)
            self._directory.mkdir(parents=True, exist_ok=True)
            try:
                for path in made:
                    sync(path.parent)
                with locked(self._directory):
                    if self._directory.is_dir():
                        yield
                        return
            except FileNotFoundError:
                if self._directory.is_dir():
                    raise

    def publish(
        self, path: Path, name: str, is_whole: Callable[[Path], bool], synced: Collection[str] = ()
    ) -> Path:
        """Sync the opened directory and rename it to `directory/name`; returns that path.

        The files `synced` are so already. Where that stands already and is whole, it stays and
        the new one is dropped.
        """
        final = self._directory / name
        for file in path.iterdir():
            if file.name not in synced:
                sync(file)
        sync(path)
        with locked(self._directory):
            if final.exists():
                if is_whole(final):
                    _renew(final)
                    return final
                shutil.rmtree(final)
            path.rename(final)
            self._path = None
            sync(self._directory)
        return final

    def close(self) -> None:
        """Remove the directory unless it was published; may be called again.

        The one around it goes too if it was made for it and nothing else stands there.
        """
        if self._path is not None:
            shutil.rmtree(self._path, ignore_errors=True)
            self._path = None
            if self._made_around:
                with suppress(OSError), locked(self._directory):
                    self._directory.rmdir()
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1


@contextmanager
def locked(directory: Path) -> Iterator[None]:
    """Keep others from publishing in a directory, or removing from it, until the block ends."""
    lock = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _renew(path: Path) -> None:
    """Let files count as written now: a removal of old versions leaves them to who publishes."""
    for file in path.iterdir():
        with suppress(OSError):  # of another owner: it is older than it seems
            os.utime(file)


def _remove_abandoned(path: Path) -> None:
    try:
        lock = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return  # who made it has removed it
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(path, ignore_errors=True)
    except BlockingIOError:
        pass  # a living build works there
    finally:
        os.close(lock)


def _settled(path: Path) -> bytes:
    """Sync a file; returns its SHA-256."""
    with path.open("rb") as file:
        digest = file_digest(file, "sha256").digest()
    sync(path)
    return digest


def sync(path: Path) -> None:
    """Put a file, or the entries of a directory, on the disk: it survives a power cut.

    >>> sync(Path())
    """
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
