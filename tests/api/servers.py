"""A real server process, started as a user starts it, for the tests of the HTTP service."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

__all__ = ["Service", "serving", "until"]

ROOT = Path(__file__).parents[2]
ANNOUNCED = re.compile(r"at (http://\S+?:(\d+))/$")
START = """
import os
from mechkg.api.http.server import run
from mechkg.api.http.settings import Settings
run(Settings.gather(os.environ))
"""


@dataclass(frozen=True)
class Service:
    """A running server: its address, and what it has written."""

    url: str
    port: int
    process: subprocess.Popen[str]
    data: Path
    log: Path

    def get(self, path: str, **options: Any) -> requests.Response:
        return requests.get(self.url + path, timeout=60, **options)

    def post(self, path: str, **options: Any) -> requests.Response:
        return requests.post(self.url + path, timeout=60, **options)


@contextmanager
def serving(data: Path, log: Path, **settings: object) -> Iterator[Service]:
    """Run a server on a free port until the block ends."""
    environment = {
        **os.environ,
        "PORT": "0",
        "MECHKG_DATA": str(data),
        "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
        **{f"MECHKG_{name.upper()}": str(value) for name, value in settings.items()},
    }
    with log.open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, "-c", START],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    try:
        assert process.stdout is not None
        lines = (ANNOUNCED.search(line.strip()) for line in process.stdout)
        found = next(filter(None, lines), None)
        assert found, f"the server did not start: {log.read_text()}"
        yield Service(found[1], int(found[2]), process, data, log)
    finally:
        process.terminate()
        process.wait(timeout=30)
        assert process.stdout is not None
        process.stdout.close()


def until(condition: Any, seconds: float = 20.0) -> None:
    """Wait for something that another process does."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)
