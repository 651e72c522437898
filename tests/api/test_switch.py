"""An atomic switch under load: each answer comes whole from one snapshot, none fails."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

import requests

from mechkg.kg.build.builder import build_snapshot
from mechkg.kg.model.schema import Schema
from mechkg.kg.model.values import Entity, Evidence, Statement
from mechkg.kg.snapshot.catalogue import Catalogue
from tests.api.servers import Service, serving, until
from tests.processes import PATIENCE

HOSTILE = '<script>alert("x")</script>\'"&]]>'


def build(data: Path, count: int) -> Path:
    """Publish a chain of `count` entities as the graph `chain`."""
    evidence = (Evidence(kind="literature", source="infores:test", publications=("PMID:1",)),)
    entities = [
        Entity(id=f"X:{n}", name=f"link {n} of {count}", category="biolink:Cell")
        for n in range(count)
    ]
    statements = [
        Statement(
            id=f"S{n}",
            subject=f"X:{n}",
            predicate="affects",
            object=f"X:{n + 1}",
            sign=1,
            evidence=evidence,
        )
        for n in range(count - 1)
    ]
    return publish(data, "chain", entities, statements)


def publish(data: Path, name: str, entities, statements) -> Path:
    path = build_snapshot(
        data / name, name=name, entities=entities, statements=statements, schema=Schema()
    )
    Catalogue(data).publish(name, path)
    return path


def test_switching_under_load(tmp_path):
    hashes = {build(tmp_path, 5).name: 5, build(tmp_path, 4).name: 4}
    log = tmp_path / "server.log"
    with serving(tmp_path, log, graph="chain", access_log=False) as running:
        stop = threading.Event()
        seen: list[tuple[int, str, str]] = []
        seen_more = threading.Event()

        def ask() -> None:
            session = requests.Session()
            while not stop.is_set():
                answer = session.get(f"{running.url}/api/v1/graph", timeout=PATIENCE)
                etag = answer.headers["ETag"].strip('"').partition("-")[0]
                value = answer.json()
                seen.append((answer.status_code, etag, value["snapshot"]))
                seen_more.set()
                assert len(value["entities"]) == hashes[value["snapshot"]]

        threads = [threading.Thread(target=ask) for _ in range(4)]
        for thread in threads:
            thread.start()
        for turn in range(20):
            enough = len(seen) + 2 * len(threads)
            Catalogue(tmp_path).publish("chain", tmp_path / "chain" / list(hashes)[turn % 2])
            while len(seen) < enough and all(map(threading.Thread.is_alive, threads)):
                seen_more.wait(PATIENCE)
                seen_more.clear()
        stop.set()
        for thread in threads:
            thread.join()
    assert {status for status, _, _ in seen} == {200}
    assert {snapshot for _, _, snapshot in seen} == set(hashes)
    assert all(etag == snapshot for _, etag, snapshot in seen)
    assert "Traceback" not in log.read_text()


def test_a_graph_that_goes_away_is_said_and_comes_back(tmp_path):
    build(tmp_path, 5)
    link = tmp_path / "chain" / "current"
    with serving(tmp_path, tmp_path / "server.log", graph="chain") as running:
        link.rename(tmp_path / "aside")
        for path in ("/readyz", "/api/v1/graph", "/version"):
            answer = running.get(path)
            assert answer.status_code == 503
            assert answer.json()["type"].endswith("/invalid-snapshot")
            assert str(tmp_path) not in answer.text
        assert running.get("/table").status_code == 503
        assert running.get("/healthz").status_code == 200
        assert running.get("/metrics").status_code == 200
        (tmp_path / "aside").rename(link)
        assert running.get("/readyz").status_code == 200


def test_a_worker_that_dies_is_replaced(tmp_path):
    build(tmp_path, 5)
    with serving(tmp_path, tmp_path / "server.log", graph="chain", workers=2) as running:
        for worker in children(running):
            os.kill(worker, signal.SIGSEGV)
        until(lambda: answers(running))
        until(lambda: len(children(running)) == 2)


def children(service: Service) -> list[int]:
    pid = service.process.pid
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(child) for child in text.split()]


def answers(service: Service) -> bool:
    try:
        return service.get("/readyz").status_code == 200
    except requests.ConnectionError:
        return False


def test_markup_in_names_stays_text(tmp_path):
    evidence = (Evidence(kind="literature", source=HOSTILE, titles=(HOSTILE,), location=HOSTILE),)
    entities = [Entity(id="X:1", name=HOSTILE), Entity(id="X:2", name="victim")]
    statements = [
        Statement(id="S1", subject="X:1", predicate="affects", object="X:2", evidence=evidence)
    ]
    publish(tmp_path, "hostile", entities, statements)
    with serving(tmp_path, tmp_path / "server.log", graph="hostile") as running:
        page = running.get("/table", params={"source": HOSTILE, "target": "victim"})
        assert page.status_code == 200
        assert "<script" not in page.text
        svg = running.get("/api/v1/paths.svg?source=X:1&target=X:2")
        assert "<script" not in svg.text
        assert "sandbox" in svg.headers["Content-Security-Policy"]
        found = running.get("/api/v1/search", params={"q": HOSTILE})
        assert found.headers["Content-Type"] == "application/json"
        assert found.json()["matches"][0]["name"] == HOSTILE


def test_a_graph_above_the_limit_is_not_exported_whole(tmp_path):
    build(tmp_path, 5)
    log = tmp_path / "server.log"
    with serving(tmp_path, log, graph="chain", export_statements=3) as running:
        answer = running.get("/api/v1/graph.ttl")
        assert answer.status_code == 413
        assert answer.json()["type"].endswith("/too-large")
        assert "at most 3 statements" in answer.json()["detail"]


def test_a_permalink_stays_with_its_version_until_that_is_gone(tmp_path):
    old = build(tmp_path, 4)
    log = tmp_path / "server.log"
    with serving(tmp_path, log, graph="chain", access_log=False) as running:
        address = "/api/v1/entities/X:0?format=json"
        first = requests.get(f"{running.url}{address}", timeout=PATIENCE)
        pinned = first.links["permalink"]["url"]
        assert pinned.endswith(f"format=json&snapshot={old.name}")
        new = build(tmp_path, 6)
        asked = {"entities": ["X:0", "X:1"], "snapshot": old.name[:8]}
        assert requests.get(f"{running.url}{address}", timeout=PATIENCE).json() != first.json()
        kept = requests.get(f"{running.url}{pinned}", timeout=PATIENCE)
        assert (kept.json(), kept.links["permalink"]["url"]) == (first.json(), pinned)
        part = requests.post(f"{running.url}/api/v1/subgraph", json=asked, timeout=PATIENCE)
        assert part.json()["snapshot"] == old.name
        assert list(Catalogue(tmp_path).remove_old("chain")) == [old.name]
        gone = requests.get(
            f"{running.url}/api/v1/entities/X:0?snapshot={'0' * 8}", timeout=PATIENCE
        )
        gone_too = requests.get(f"{running.url}{pinned}", timeout=PATIENCE)
        for answer in (gone, gone_too):
            problem = answer.json()
            assert (answer.status_code, problem["known"]) == (410, [new.name])
            assert problem["type"].endswith("/snapshot-gone")
        wrong = requests.get(
            f"{running.url}/api/v1/schema?snapshot=..%2F..%2Fetc", timeout=PATIENCE
        )
        assert (wrong.status_code, wrong.json()["parameter"]) == (422, "snapshot")
