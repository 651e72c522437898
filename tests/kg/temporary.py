"""Directories for hundreds of small builds, in memory, that go even when a run is killed.

A run that is killed cleans nothing up. So each run keeps its directories below one of its own,
locks that, and clears away those of others that nobody holds.
"""

import atexit
import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir, mkdtemp

SHARED = Path("/dev/shm")
MEMORY = SHARED if os.access(SHARED, os.W_OK) else Path(gettempdir())
"""Where syncing costs nothing, so that hundreds of small builds take seconds."""
PREFIX = "mechkg-tests-"


@contextmanager
def directory() -> Iterator[Path]:
    """Give a directory that is removed afterwards, at the latest by the next run of tests."""
    with TemporaryDirectory(dir=_run(os.getpid())) as folder:
        yield Path(folder)


def sweep(place: Path) -> None:
    """Remove the directories of runs that have ended, however they ended."""
    for left in place.glob(f"{PREFIX}*"):
        try:
            lock = os.open(left, os.O_RDONLY)
        except OSError:
            continue
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(left, ignore_errors=True)
        except BlockingIOError:
            pass  # its run goes on
        finally:
            os.close(lock)


@cache
def _run(_process: int) -> Path:
    sweep(MEMORY)
    path = Path(mkdtemp(dir=MEMORY, prefix=PREFIX))
    fcntl.flock(os.open(path, os.O_RDONLY), fcntl.LOCK_EX)
    atexit.register(_leave, path, os.getpid())
    return path


def _leave(path: Path, process: int) -> None:
    if process == os.getpid():  # a fork of the run leaves it alone
        shutil.rmtree(path, ignore_errors=True)
