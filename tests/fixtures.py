"""What tests and examples share: settings, the bundled ontology compiled once, a server process."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from _pytest.doctest import DoctestItem
from hypothesis import HealthCheck, settings

from mechkg import Client, Graph, open_graph
from tests.processes import first_match, running

# One profile for all: how long an example takes says nothing about whether it is right, and the
# first one may compile a kernel. A test names only what is its own, such as `max_examples`.
settings.register_profile(
    "mechkg", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("mechkg")

ROOT = Path(__file__).parents[1]
SLOW = frozenset(
    {
        "api/test_doors.py",
        "api/test_exports.py",
        "api/test_hard_times.py",
        "api/test_openapi.py",
        "api/test_switch.py",
        "api/test_warming.py",
        "bench/test_run.py",
        "cli/test_asking.py",
        "cli/test_cli.py",
        "cli/test_loading.py",
        "client/test_client.py",
        "docs/test_examples.py",
        "engine/test_faults.py",
        "engine/test_snapshot_engine.py",
        "engine/test_sparql_engine.py",
        "kg/readers/test_round_trip.py",
        "kg/readers/test_shared_cases.py",
        "kg/test_kernels.py",
        "kg/test_oracle.py",
        "kg/test_order.py",
        "kg/test_paths.py",
        "kg/test_preview.py",
        "kg/test_roles.py",
        "kg/test_subgraph.py",
        "kg/test_writers.py",
        "mcp/test_telling.py",
        "notebooks/test_notebooks.py",
        "ontology/readers/test_rdf_loads.py",
        "ontology/test_reason.py",
        "ontology/test_round_trip.py",
        "sparql/test_security.py",
        "sparql/test_store.py",
        "sparql/test_w3c.py",
        "test_plugins.py",
        "test_wheel.py",
        "trapi/test_generated.py",
    }
)
"""Files whose tests together take more than about ten seconds of a quiet processor."""
PAGE = ROOT / "tests" / "web"
SERVED = ("api", "sparql", "trapi")
"""Folders whose tests start servers, which answer searches once the kernels are compiled."""
ANNOUNCED = re.compile(r"at (http://\S+?)/?$")


def pytest_xdist_auto_num_workers() -> int:
    """Run one process more than there are processors: tests of the page and of servers wait."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of slow files (`make test-fast` leaves them out); compile before servers.

    Slow files come first, so that no process is left with one of them when the others are done.
    """
    slow = {ROOT / "tests" / name for name in SLOW}
    served = tuple(ROOT / "tests" / name for name in SERVED)
    for item in items:
        if item.path in slow:
            item.add_marker("slow")
        starts = isinstance(item, pytest.Function) and any(map(item.path.is_relative_to, served))
        if starts and item.fixturenames[:1] != ["data_directory"]:
            item.fixturenames.insert(0, "data_directory")
    items.sort(key=lambda item: not (item.get_closest_marker("slow") or PAGE in item.path.parents))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The data handed to the developers; tests that need it are skipped where it is absent."""
    path = Path(os.environ.get("MECHKG_SHARED", ROOT.parent / "shared"))
    if not (path / "data").is_dir():
        pytest.skip("the handed data is not beside the checkout (MECHKG_SHARED)")
    return path


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
