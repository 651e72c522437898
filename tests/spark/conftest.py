"""A server of Spark Connect without Java (Sail), one for the file."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes import first_match, running

ROOT = Path(__file__).parents[2]
SERVER = """
import os, sys
from pysail.spark import SparkConnectServer
server = SparkConnectServer("127.0.0.1", 0)
server.start(background=True)
print("port", server.listening_address[1], flush=True)
sys.stdin.read()
os._exit(0)
"""


@pytest.fixture(autouse=True)
def no_doctests_of_spark(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let PySpark see a main program: without one it takes the process for its own doctests."""
    monkeypatch.setattr(sys.modules["__main__"], "__file__", __file__, raising=False)


@pytest.fixture(scope="session")
def remote() -> Iterator[str]:
    """The address of the server; its tasks run in its process, and find mechkg as this one does."""
    command = [sys.executable, "-c", SERVER]
    with running(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdin
        assert process.stdout
        port = first_match(process.stdout, re.compile(r"port (\d+)").fullmatch)
        yield f"sc://127.0.0.1:{port[1]}"
        process.stdin.close()
