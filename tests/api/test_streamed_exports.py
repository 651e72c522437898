"""A large graph is sent as a stream: as fast as it is taken, beside searches, and until the end."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests

from mechkg.api.http.lanes import Lanes
from mechkg.kg.build.builder import build_snapshot
from mechkg.kg.graph import open_graph
from mechkg.kg.model.biolink import biolink_schema
from mechkg.kg.model.values import Statement
from mechkg.kg.snapshot.catalogue import Catalogue
from mechkg.kg.subgraph import MAX_HELD, whole_rows
from mechkg.kg.writers import formats
from tests.api.servers import Service, SourceAddress, serving, until
from tests.processes import PATIENCE

COUNT = MAX_HELD // 2 + 1


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A server with one worker, one place for exports, and a graph just above the limit."""
    data = tmp_path_factory.mktemp("large")
    statements = (
        Statement(id="", subject=f"X:{n}", predicate="biolink:affects", object=f"X:{n + 1}")
        for n in range(COUNT)
    )
    path = build_snapshot(
        data / "own", name="own", entities=(), statements=statements, schema=biolink_schema()
    )
    Catalogue(data).publish("own", path)
    with serving(data, data / "log", graph="own", workers=1, threads=4) as service:
        yield service


def test_it_is_the_document_with_its_tag(large: Service):
    graph = open_graph(Catalogue(large.data).path("own"))
    (form,) = (form for form in formats() if form.name == "tsv")
    wanted = b"".join(form.stream(whole_rows(graph.snapshot), graph.schema))
    answer = large.get("/api/v1/graph.tsv")
    assert answer.content == wanted
    assert "Content-Length" not in answer.headers
    again = large.get("/api/v1/graph.tsv", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_those_that_are_not_read_keep_nobody_waiting_and_end_with_their_clients(large: Service):
    plain = {"Accept-Encoding": "identity"}
    with ExitStack() as stack:
        for _ in range(Lanes.MAX_EXPORTS - 1):
            unread = large.get("/api/v1/graph.nt", headers=plain, stream=True)
            assert stack.enter_context(unread).status_code == 200
        refused = large.get("/api/v1/graph.tsv")  # the last place is for another client
        assert refused.status_code == 429
        assert int(refused.headers["Retry-After"]) > 0
        with requests.Session() as other:
            other.mount("http://", SourceAddress("127.0.0.2"))
            assert other.get(f"{large.url}/api/v1/graph.tsv", timeout=PATIENCE).status_code == 200
        assert large.get("/api/v1/search?q=X:1").status_code == 200
        assert large.get("/healthz").status_code == 200
    until(lambda: large.get("/api/v1/graph.tsv").status_code == 200)


def test_the_command_line_writes_the_same(large: Service, tmp_path: Path):
    output = tmp_path / "own.tsv"
    command = [sys.executable, "-m", "mechkg", "export", "--data", str(large.data)]
    command += ["--graph", "own", "--output", str(output)]
    subprocess.run(command, check=True)
    assert output.read_bytes() == large.get("/api/v1/graph.tsv").content
    assert [path.name for path in tmp_path.iterdir()] == [output.name]
