"""Processes that tests start: none outlives its test run, and none is waited for by the clock.

`PATIENCE` bounds every wait for another process. It is there to end a test that hangs, and is no
measure of how fast anything is: a machine with eight times the load passes as well.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

__all__ = ["PATIENCE", "first_match", "running", "until"]

PATIENCE = 900.0
"""Seconds; below the limit for a test in pyproject.toml (`faulthandler_timeout`)."""

GUARD = 'read -r end; kill -s KILL -- "-$1" 2>/dev/null'
"""Kills a process group when its own standard input closes, which the death of a test run does."""


@contextmanager
def running(
    command: Sequence[str],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    stdin: int | None = None,
    stdout: int | IO[str] | None = None,
    stderr: int | IO[str] | None = None,
) -> Iterator[subprocess.Popen[str]]:
    """Run a command in a process group of its own until the block ends.

    It is asked to end (SIGTERM) and then its whole group is killed. The group is killed as well
    when this test run dies in whatever way: a guard process waits for that.
    """
    process = subprocess.Popen(
        command,
        env=env,
        cwd=cwd,
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        text=True,
        start_new_session=True,
    )
    guard = subprocess.Popen(
        ["sh", "-c", GUARD, "guard", str(process.pid)],
        stdin=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        yield process
        process.terminate()
        process.wait(PATIENCE)
    finally:
        guard.communicate(timeout=PATIENCE)
        process.wait(PATIENCE)
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()


def first_match(lines: Iterator[str], match: Callable[[str], Any]) -> Any:
    """Return the first match among lines, or None where they end without one."""
    return next(filter(None, (match(line.strip()) for line in lines)), None)


def until(condition: Callable[[], Any], seconds: float = PATIENCE) -> None:
    """Wait for something that another process does."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)
