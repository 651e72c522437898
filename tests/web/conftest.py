"""Real servers, a real browser: what the tests of the page share."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from mechkg.api.http.built import STATIC
from tests.api.servers import serving
from tests.web.graphs import load_hetionet, publish_crowded, publish_hostile, publish_wide
from tests.web.visits import ROOT, Visit, browsing, visiting

Opener = Callable[..., Visit]
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what opens a browser, so that a run can leave it out."""
    for item in items:
        if item.path.is_relative_to(HERE) and "visit" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")


@pytest.fixture(scope="session")
def built() -> Path:
    """The built page, as make builds it; built here where somebody runs these tests by hand."""
    page = STATIC / "index.html"
    if not page.is_file():
        subprocess.run([sys.executable, ROOT / "web/build.py"], check=True)
    return page


@pytest.fixture(scope="session")
def serve(built: Path) -> Iterator[Callable[[Path, str], str]]:
    """Start a server on a graph of a data directory, and return its address."""
    assert built.is_file()
    with ExitStack() as stack:

        def start(data: Path, graph: str) -> str:
            log = data / f"{graph}.log"
            return stack.enter_context(serving(data, log, graph=graph)).url

        yield start


@pytest.fixture(scope="session")
def ontology(built: Path, server: str) -> str:
    """The address of a server on the bundled ontology."""
    assert built.is_file()
    return server


@pytest.fixture(scope="session")
def hetionet(serve, shared: Path, tmp_path_factory) -> str:
    """The address of a server on the Hetionet part."""
    data = tmp_path_factory.mktemp("hetionet")
    load_hetionet(data, shared / "data" / "hetio")
    return serve(data, "hetionet")


@pytest.fixture(scope="session")
def hostile(serve, tmp_path_factory) -> str:
    """The address of a server on the graph that means harm."""
    data = tmp_path_factory.mktemp("hostile")
    publish_hostile(data)
    return serve(data, "hostile")


@pytest.fixture(scope="session")
def crowded(serve, tmp_path_factory) -> str:
    """The address of a server on the graph of a statement with thousands of pieces of evidence."""
    data = tmp_path_factory.mktemp("crowded")
    publish_crowded(data)
    return serve(data, "crowded")


@pytest.fixture(scope="session")
def wide(serve, tmp_path_factory) -> str:
    """The address of a server on a graph whose figure has 300 entities and 800 statements."""
    data = tmp_path_factory.mktemp("wide")
    publish_wide(data)
    return serve(data, "wide")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A Chromium; of a module, for Playwright's event loop must not run on under other tests."""
    with browsing() as running:
        yield running


@pytest.fixture
def visit(browser: Browser) -> Iterator[Opener]:
    """Visitors, each with a profile of its own; that nothing went wrong is held at the end."""
    with ExitStack() as stack:

        def arrive(url: str, **options: Any) -> Visit:
            return stack.enter_context(visiting(browser, url, **options))

        yield arrive
