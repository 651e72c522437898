"""What tests and the examples in docstrings share: the bundled ontology, and a server of it."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from _pytest.doctest import DoctestItem

from mechkg import Client, Graph, open_graph
from tests.processes import first_match, running

ROOT = Path(__file__).parents[1]
ANNOUNCED = re.compile(r"at (http://\S+?)/?$")


@pytest.fixture(scope="session")
def data_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory that holds the bundled ontology as `ms-nsc`; the kernels are compiled.

    A server that a test starts would otherwise refuse searches for as long as it compiles.
    """
    from mechkg.kg.warmup import compile_kernels
    from mechkg.ontology.compile_bundle import compile_bundle

    data = tmp_path_factory.mktemp("data")
    compile_kernels(compile_bundle(data), lambda *_: None)
    return data


@pytest.fixture(scope="session")
def environment(data_directory: Path) -> dict[str, str]:
    """The environment of processes that tests start: the data directory, this Python first."""
    own = ("MECHKG_", "COLUMNS")  # a test runner may set the width of its own output
    kept = {name: value for name, value in os.environ.items() if not name.startswith(own)}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return kept | {"PATH": path, "MECHKG_DATA": str(data_directory), "NO_COLOR": "1"}


@pytest.fixture(scope="session")
def server(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real server process on the bundled ontology."""
    log = tmp_path_factory.mktemp("server") / "log"
    with (
        log.open("w") as errors,
        running(
            [sys.executable, "-m", "mechkg", "serve", "--port", "0", "--graph", "ms-nsc"],
            env=environment | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
            cwd=log.parent,
            stdout=subprocess.PIPE,
            stderr=errors,
        ) as process,
    ):
        assert process.stdout is not None
        announced = first_match(process.stdout, ANNOUNCED.search)
        assert announced, f"the server did not start:\n{log.read_text()}"
        yield announced[1]


EXAMPLES = {"mechkg.kg.graph.Graph.": "graph", "mechkg.client.Client.": "client"}
"""The name that the examples of a class use for an object of it."""


@pytest.fixture
def graph_of_examples(data_directory: Path) -> Graph:
    """The bundled ontology, as `graph` in the docstrings of `Graph`."""
    return open_graph(data_directory / "ms-nsc" / "current")


@pytest.fixture
def client_of_examples(server: str) -> Iterator[Client]:
    """A client of a server of the bundled ontology, as `client` in the docstrings of `Client`."""
    with Client(server) as client:
        yield client


@pytest.fixture(autouse=True)
def example_names(request: pytest.FixtureRequest) -> None:
    """Give the examples of a class, in docstrings, the object that they use."""
    for start, name in EXAMPLES.items():
        if isinstance(request.node, DoctestItem) and request.node.name.startswith(start):
            names = request.getfixturevalue("doctest_namespace")
            names[name] = request.getfixturevalue(f"{name}_of_examples")
