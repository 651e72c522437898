"""Compile the search kernels of a first start beside the server, which answers look-ups meanwhile.

A process of its own compiles and says how far it is. It holds the lock that searches wait for, so
that no worker compiles what it compiles.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import subprocess
import sys
from pathlib import Path

from mechkg.kg.snapshot.snapshot import Snapshot

__all__ = ["main", "start_compiling", "stop_compiling"]

BEGINNING = "Compiling the search kernels, once: searches wait for them, look-ups are answered."
DONE = "The search kernels are compiled."


def start_compiling(snapshot: Snapshot) -> subprocess.Popen[bytes] | None:
    """Have the search kernels ready, or start the process that compiles them.

    Returns None where nothing is to be waited for, or where another process compiles already.
    Where compiled code cannot be kept on disk, it is compiled here, for workers to inherit.
    """
    from mechkg.kg.warmup import is_warm, open_lock, warm  # numba, which takes most of a second

    lock = None if is_warm() else open_lock()
    if lock is None:
        warm(snapshot)
        return None
    with contextlib.closing(lock):
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return None
        program = f"from {__name__} import main; main({str(snapshot.path)!r}, {lock.fileno()})"
        return subprocess.Popen(  # noqa: S603  # our own program
            [sys.executable, "-P", "-c", program],
            env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            pass_fds=(lock.fileno(),),
        )


def stop_compiling(process: subprocess.Popen[bytes] | None) -> None:
    """End the process that compiles, where it still runs."""
    if process is not None and process.poll() is None:
        process.terminate()
        process.wait()


def main(path: str, lock: int) -> None:
    """Compile the kernels, with what is done on standard error; ends with its group on SIGTERM."""
    from mechkg.api.cli.progress import shown
    from mechkg.kg.warmup import compile_kernels

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    sys.stderr.write(f"{BEGINNING}\n")
    with shown() as progress:
        compile_kernels(Path(path), progress, lock=lock)
    sys.stderr.write(f"{DONE}\n")
