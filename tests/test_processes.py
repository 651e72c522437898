"""What a crashed test run leaves running ends with it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.processes import running, until

ROOT = Path(__file__).parents[1]

STUBBORN = r"""
import os, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
os.fork()
sys.stdout.write(f"{os.getpid()}\n")
sys.stdout.flush()
time.sleep(100_000)
"""
"""A hung server with a worker: both ignore that they are asked to end."""

CRASHING = """
import subprocess, sys
from tests.processes import running
with running([sys.executable, "-c", sys.argv[1]], stdout=subprocess.PIPE) as process:
    for line in process.stdout:
        sys.stdout.write(line)
        sys.stdout.flush()
"""


def lives(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def test_a_hung_server_ends_with_the_test_run_that_started_it() -> None:
    with running(
        [sys.executable, "-c", CRASHING, STUBBORN],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
    ) as run:
        assert run.stdout is not None
        server, worker = (int(run.stdout.readline()) for _ in range(2))
        assert lives(server)
        assert lives(worker)
        os.kill(run.pid, signal.SIGKILL)
        until(lambda: not lives(server) and not lives(worker))


def test_nothing_of_a_process_is_left_when_its_block_fails() -> None:
    pids: list[int] = []

    def fail() -> None:
        with running([sys.executable, "-c", STUBBORN], stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            pids.extend(int(process.stdout.readline()) for _ in range(2))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert len(pids) == 2
    until(lambda: not any(map(lives, pids)))
