"""The work of a client that went away ends, at every door."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.api.servers import Service, serving, until, wait_for_store
from tests.api.test_slow_clients import connect

CROSS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(?c != ?f) }"
FOUND = """PREFIX path: <https://w3id.org/mechkg/path/>
SELECT ?path { ("NSC" "neuron" 8 100) path:findUndirected (?path) }"""
LONG = {"source": ["NSC"], "target": ["neuron"], "max_hops": 8, "direction": "undirected",
        "limit": 1000, "diverse": "metapath", "timeout": 300}  # fmt: skip
EDGES = {f"e{n}": {"subject": "a", "object": "b"} for n in range(300)}
NODES = {"a": {"ids": ["CL:0000047"]}, "b": {"categories": ["biolink:NamedThing"]}}

TRIES = 5
DOORS = {
    "sparql": (f"/sparql?query={quote(CROSS)}", None),
    "path:find": (f"/sparql?query={quote(FOUND)}", None),
    "paths": ("/api/v1/paths", LONG),
    "preview": ("/api/v1/paths/preview", LONG),
    "why not": ("/api/v1/paths/why-not", LONG),
    "compare": (
        "/api/v1/compare",
        {"left": ["NSC"], "right": ["MSC"], "target": ["neuron"], "max_hops": 6},
    ),
    "chokepoints": ("/api/v1/chokepoints", {"source": ["NSC"], "target": ["neuron"]}),
    "open ends": ("/api/v1/open-ends", {"source": ["NSC"], "target": ["Disease"]}),
    "neighbourhood": ("/api/v1/entities/NSC/neighbourhood", None),
    "subgraph": ("/api/v1/subgraph", {"entities": ["NSC", "neuron"]}),
    "figure": ("/api/v1/graph.png", None),
    "export": ("/api/v1/graph.rdf", None),
    "export of an entity": ("/api/v1/entities/NSC.ttl", None),
    "trapi": ("/trapi/2.0/query", {"message": {"query_graph": {"nodes": NODES, "edges": EDGES}}}),
    "table": ("/table?source=NSC&target=neuron&max_hops=8", None),
}


@pytest.fixture(scope="module")
def patient(data_directory, tmp_path_factory) -> Iterator[Service]:
    """A server that would let any work go on for ever."""
    log = tmp_path_factory.mktemp("log") / "server.log"
    limits = {"sparql_seconds": 600, "query_seconds": 600, "request_seconds": 1_000}
    with serving(data_directory, log, workers=1, **limits) as running:
        wait_for_store(running)
        yield running


@pytest.mark.parametrize(("path", "body"), DOORS.values(), ids=DOORS)
def test_what_nobody_waits_for_ends(patient: Service, path, body) -> None:
    statuses: Counter[str] = Counter()
    for _ in range(TRIES):  # what is short may be over before anybody looks
        before = ended(patient)
        with connect(patient) as sock:
            sock.sendall(written(path, body))
        until(lambda: ended(patient) != before)  # noqa: B023 - called at once
        statuses += ended(patient) - before
        if statuses["503"]:
            break
    assert statuses["503"] == 1
    assert statuses.keys() <= {"200", "503"}


def test_a_query_that_is_under_way_ends_with_its_process(patient: Service) -> None:
    before = ended(patient)
    with connect(patient) as sock:
        sock.sendall(written(f"/sparql?query={quote(CROSS)}", None))
        until(lambda: evaluating(patient))
    until(lambda: ended(patient) != before)
    assert ended(patient) - before == {"503": 1}
    assert not evaluating(patient)


def written(path: str, body: dict[str, Any] | None) -> bytes:
    """Return a request as bytes."""
    sent = b"" if body is None else json.dumps(body).encode()
    head = f"{'GET' if body is None else 'POST'} {path} HTTP/1.1\r\nHost: a\r\n"
    if body is not None:
        head += f"Content-Type: application/json\r\nContent-Length: {len(sent)}\r\n"
    return head.encode() + b"\r\n" + sent


def ended(service: Service) -> Counter[str]:
    """Return how many requests have ended, by status, but for those that ask this."""
    found: Counter[str] = Counter()
    for line in service.get("/metrics").text.splitlines():
        if line.startswith("mechkg_requests_total{") and 'route="/metrics"' not in line:
            status = line.partition('status="')[2].partition('"')[0]
            found[status] += int(float(line.rpartition(" ")[2]))
    return found


def evaluating(service: Service) -> list[int]:
    """Return the processes of a server that evaluate a query at this moment."""
    (worker,) = children(service.process.pid)
    found = []
    for pid in children(worker):
        with suppress(OSError):
            is_ours = b"sparql.worker" in Path(f"/proc/{pid}/cmdline").read_bytes()
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
            found += [pid] if is_ours and state == "R" else []
    return found


def children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]
