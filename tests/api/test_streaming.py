"""Streams of paths from a real server: their lines, their ends, and clients that go away."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator

import numpy as np
import pytest

from mechkg.api.http.streaming import Lines
from mechkg.kg.build.builder import build_snapshot
from mechkg.kg.graph import open_graph
from mechkg.kg.model.schema import Schema
from mechkg.kg.model.values import Entity, Statement
from mechkg.kg.snapshot.catalogue import Catalogue
from tests.api.servers import Service, serving, until
from tests.processes import PATIENCE

STREAM = "/api/v1/paths/stream"
ASKED = {"source": "NSC", "target": "Remyelination", "max_hops": 4, "limit": 50}
SIZE, STATEMENTS = 20_000, 400_000


@pytest.fixture(scope="module")
def wide(tmp_path_factory) -> Iterator[Service]:
    """A server with a random graph in which 8 hops are more than anybody waits for."""
    random = np.random.default_rng(5)
    ends = random.integers(0, SIZE, (STATEMENTS, 2)).tolist()
    data = tmp_path_factory.mktemp("data")
    built = build_snapshot(
        data / "wide",
        name="wide",
        entities=[
            Entity(id=f"X:{i}", name=f"thing {i}", category="biolink:Gene") for i in range(SIZE)
        ],
        statements=[
            Statement(id=f"T{i}", subject=f"X:{v}", predicate="affects", object=f"X:{w}")
            for i, (v, w) in enumerate(ends)
        ],
        schema=Schema(),
    )
    Catalogue(data).publish("wide", built)
    log = tmp_path_factory.mktemp("log") / "server.log"
    with serving(data, log, graph="wide", workers=1, threads=4) as running:
        yield running


LONG = {
    "source": ["X:0"],
    "target": ["X:1"],
    "max_hops": 8,
    "limit": 10_000,
    "timeout": 30,
    "scorer": "hubs",
}


def ended(service: Service, how: str) -> int:
    text = service.get("/metrics").text
    found = re.search(rf'^mechkg_path_streams_total{{ended="{how}"}} (\d+)', text, re.MULTILINE)
    return int(found[1]) if found else 0


def lines(answer) -> list[dict]:
    return [json.loads(line) for line in answer.iter_lines()]


def begin(service: Service, body: dict) -> socket.socket:
    sock = socket.create_connection(("127.0.0.1", service.port), timeout=PATIENCE)
    text = json.dumps(body).encode()
    sock.sendall(
        b"POST %s HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
        b"Content-Length: %d\r\n\r\n" % (STREAM.encode(), len(text)) + text
    )
    return sock


@pytest.mark.parametrize("diverse", ["", "metapath", "mediator"])
def test_a_stream_holds_what_the_answer_holds(service: Service, diverse):
    asked = {**ASKED, "diverse": diverse}
    *paths, summary = lines(service.get(STREAM, params=asked, stream=True))
    answer = service.get("/api/v1/paths", params=asked).json()
    assert paths == answer.pop("paths")
    assert summary.pop("returned") == len(paths) > 3
    assert summary == answer


def test_get_and_post_stream_the_same(service: Service):
    body = {**ASKED, "source": ["NSC"], "target": ["Remyelination"]}
    one, other = service.get(STREAM, params=ASKED), service.post(STREAM, json=body)
    assert one.headers["Content-Type"] == "application/x-ndjson"
    assert one.headers["Cache-Control"] == "no-store"
    assert one.content == other.content


def test_a_cursor_of_a_stream_goes_on(service: Service):
    whole = lines(service.get(STREAM, params=ASKED))
    first = lines(service.get(STREAM, params={**ASKED, "limit": 2}))
    rest = lines(service.get(STREAM, params={**ASKED, "cursor": first[-1]["cursor"]}))
    assert (first[-1]["truncated_by"], first[-1]["complete"]) == ("limit", False)
    assert len(rest) > 2
    assert (first[:-1] + rest[:-1])[: len(whole) - 1] == whole[:-1]


@pytest.mark.parametrize(
    ("changes", "status", "slug"),
    [
        ({"source": "neurom"}, 422, "unknown-entity"),
        ({"max_hops": 99}, 422, "invalid-parameter"),
        ({"cursor": "abc"}, 422, "stale-cursor"),
        ({"format": "turtle"}, 422, "unknown-term"),
        ({"diverse": "colour"}, 422, "unknown-term"),
        ({"hops": 3}, 422, "unknown-parameter"),
    ],
)
def test_what_is_wrong_is_said_before_the_first_line(service: Service, changes, status, slug):
    answer = service.get(STREAM, params={**ASKED, **changes})
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (status, slug)
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_head_holds_no_place(service: Service):
    import requests

    for _ in range(20):
        found = requests.head(service.url + STREAM, params=ASKED, timeout=PATIENCE)
        assert found.status_code == 200
    assert service.get(STREAM, params=ASKED).status_code == 200


def test_the_first_path_comes_before_the_work_is_done(wide: Service):
    with begin(wide, LONG) as sock, sock.makefile("rb") as answer:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += answer.readline()
        assert b"Transfer-Encoding: chunked" in head
        answer.readline()
        path = json.loads(answer.readline())
        assert path["entities"][0]["id"] == "X:0"
        assert ended(wide, "limit") == ended(wide, "time") == 0


def test_time_is_kept_and_told(wide: Service):
    *paths, summary = lines(wide.post(STREAM, json={**LONG, "timeout": 0.3}, stream=True))
    assert summary["truncated_by"] == "time"
    assert summary["complete"] is False
    assert summary["returned"] == len(paths)
    assert [p["score"] for p in paths] == sorted((p["score"] for p in paths), reverse=True)
    assert all(p["score"] >= summary["bound"] for p in paths)


def test_a_client_that_goes_away_stops_the_work(wide: Service):
    before = ended(wide, "client")
    for _ in range(6):
        with begin(wide, LONG) as sock:
            sock.recv(1)
    until(lambda: ended(wide, "client") == before + 6)
    # Every place is free again: a search is answered at once.
    assert wide.get("/api/v1/paths", params={"source": "X:0", "target": "X:1"}).status_code == 200


def test_a_client_that_leaves_before_the_first_path_stops_the_work(wide: Service):
    before = ended(wide, "client")
    begin(wide, {**LONG, "direction": "undirected", "diverse": "metapath"}).close()
    until(lambda: ended(wide, "client") == before + 1)


def test_a_stream_that_is_stopped_says_so_in_its_last_line(data_directory):
    told: list[tuple[str, int]] = []
    paths = open_graph(data_directory / "ms-nsc" / "current").stream_paths(**ASKED)
    stream = Lines(paths, STREAM, lambda how, count: told.append((how, count)))
    assert "entities" in json.loads(next(stream))
    paths.cancel.cancel()
    problem = json.loads(next(stream))
    assert (problem["type"].rpartition("/")[2], problem["status"]) == ("cancelled", 503)
    assert list(stream) == []
    stream.close()
    assert told == [("client", 1)]
