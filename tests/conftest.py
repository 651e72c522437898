"""What all tests share: one profile of hypothesis, the order of files, the handed data."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

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
        "engine/test_serving.py",
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
