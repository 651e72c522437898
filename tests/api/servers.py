"""A real server process, started as a user starts it, for the tests of the HTTP service."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from tests.processes import PATIENCE, first_match, until
from tests.processes import running as started

__all__ = ["Service", "SourceAddress", "serving", "until"]

ROOT = Path(__file__).parents[2]
ANNOUNCED = re.compile(r"at (http://\S+?:(\d+))/$")
START = """
import os
from mechkg.api.http.server import run
from mechkg.api.http.settings import Settings
run(Settings.gather(os.environ))
"""


class SourceAddress(requests.adapters.HTTPAdapter):
    """Connects from an address of this machine: another client to a server."""

    def __init__(self, address: str) -> None:
        self._address = address
        super().__init__()

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, source_address=(self._address, 0), **options)


@dataclass(frozen=True)
class Service:
    """A running server: its address, and what it has written."""

    url: str
    port: int
    process: subprocess.Popen[str]
    data: Path
    log: Path

    def get(self, path: str, **options: Any) -> requests.Response:
        return requests.get(self.url + path, timeout=PATIENCE, **options)

    def post(self, path: str, **options: Any) -> requests.Response:
        return requests.post(self.url + path, timeout=PATIENCE, **options)


def wait_for_store(service: Service) -> None:
    """Wait until the RDF store of the served graph has been made."""
    until(lambda: service.get("/sparql", params={"query": "ASK {}"}).status_code == 200)


@contextmanager
def serving(
    data: Path, log: Path, *, before: Sequence[str] = (), **settings: object
) -> Iterator[Service]:
    """Run a server on a free port until the block ends; `before` starts its command."""
    environment = {
        **os.environ,
        "PORT": "0",
        "MECHKG_DATA": str(data),
        "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
        **{f"MECHKG_{name.upper()}": str(value) for name, value in settings.items()},
    }
    command = [*before, sys.executable, "-c", START]
    with (
        log.open("w") as errors,
        started(command, env=environment, stdout=subprocess.PIPE, stderr=errors) as process,
    ):
        assert process.stdout is not None
        found = first_match(process.stdout, ANNOUNCED.search)
        assert found, f"the server did not start: {log.read_text()}"
        yield Service(found[1], int(found[2]), process, data, log)
