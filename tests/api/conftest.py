"""One server process on the bundled ontology, shared by the tests of the HTTP service."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.servers import Service, serving


@pytest.fixture(scope="session")
def service(data_directory: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The server on the bundled ontology, with its log."""
    log = tmp_path_factory.mktemp("log") / "server.log"
    with serving(data_directory, log, graph="ms-nsc") as running:
        yield running
