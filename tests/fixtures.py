"""What tests and the examples in docstrings share: the bundled ontology, and a server of it."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from _pytest.doctest import DoctestItem

from mechkg import Client, Graph, open_graph
from tests.api.servers import Service, serving

ROOT = Path(__file__).parents[1]


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
def service(data_directory: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A server on the bundled ontology as it comes, with its log; one for all tests of a process.

    Tests of folders that need another one (limits, other graphs, faults) start their own.
    """
    log = tmp_path_factory.mktemp("server") / "log"
    with serving(data_directory, log, graph="ms-nsc") as running:
        yield running


@pytest.fixture(scope="session")
def server(service: Service) -> str:
    """The address of the server on the bundled ontology."""
    return service.url


EXAMPLES = {
    "mechkg.kg.graph.Graph.": "graph",
    "mechkg.kg.model.score_words.": "graph",
    "mechkg.client.Client.": "client",
}
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
