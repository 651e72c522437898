"""Stores of a server's snapshots: one graph for one request, failures told, nothing left behind."""

from __future__ import annotations

import os
import signal
import threading
from contextlib import suppress
from itertools import cycle
from pathlib import Path

from mechkg.api.cli.loading import load_files
from mechkg.api.sparql.endpoint import SMALL, Stores
from mechkg.kg.build.builder import build_snapshot
from mechkg.kg.graph import open_graph
from mechkg.kg.model.biolink import biolink_schema
from mechkg.kg.model.values import Entity, Statement
from mechkg.kg.snapshot.catalogue import Catalogue
from mechkg.kg.snapshot.snapshot import open_snapshot
from mechkg.ontology.sparql.store import build_store, find_store
from tests.api.servers import Service, serving
from tests.processes import until

QUERY = """PREFIX path: <https://w3id.org/mechkg/path/>
PREFIX biolink: <https://w3id.org/biolink/vocab/>
SELECT ?position ?from ?to { ("X:0" "X:1" 2) path:find ?path .
  ?path path:statement (?position ?st) . ?st biolink:subject ?from ; biolink:object ?to }"""


def build(data: Path, middle: str, *, count: int = 2) -> Path:
    """Build a graph in which X:0 leads to X:1 through an entity, by statements of equal names."""
    entities = [Entity(id=text, name=text) for text in ("X:0", "X:1", middle)]
    ends = [("X:0", middle), (middle, "X:1"), *[(middle, "X:0")] * (count - 2)]
    statements = [
        Statement(id=f"S{number}", subject=a, predicate="affects", object=b)
        for number, (a, b) in enumerate(ends)
    ]
    return build_snapshot(
        data / "own", name="own", entities=entities, statements=statements, schema=biolink_schema()
    )


def test_a_request_is_answered_from_one_version(tmp_path: Path) -> None:
    versions = {build(tmp_path, middle): middle for middle in ("Y:0", "Z:0")}
    catalogue = Catalogue(tmp_path)
    for path in versions:
        build_store(open_snapshot(path))
        catalogue.publish("own", path)
    stop = threading.Event()

    def switch() -> None:
        for path in cycle(versions):
            if stop.wait(0.02):
                return
            catalogue.publish("own", path)

    seen = set()
    with serving(tmp_path, tmp_path / "log", graph="own", workers=1) as service:
        thread = threading.Thread(target=switch)
        thread.start()
        try:
            while len(seen) < len(versions):
                for _ in range(40):
                    answer = service.get("/sparql", params={"query": QUERY})
                    assert answer.status_code == 200, answer.text
                    rows = answer.json()["results"]["bindings"]
                    found = {r["position"]["value"]: (r["from"]["value"], r["to"]["value"])
                             for r in rows}  # fmt: skip
                    (middle,) = {found["1"][1], found["2"][0]}
                    version = answer.headers["ETag"].strip('"').partition("-")[0]
                    (path,) = [p for p in versions if open_snapshot(p).manifest.hash == version]
                    assert versions[path].partition(":")[0] in middle
                    seen.add(path)
        finally:
            stop.set()
            thread.join()


def ask(service: Service):
    return service.get("/sparql", params={"query": "ASK {}"})


def test_a_store_that_cannot_be_made_says_why_and_is_not_begun_at_each_request(
    tmp_path: Path,
) -> None:
    path = build(tmp_path, "Y:0")
    Catalogue(tmp_path).publish("own", path)
    (path / "sparql").write_text("in its place")
    log = tmp_path / "log"
    with serving(tmp_path, log, graph="own", workers=1) as service:
        answers = [ask(service) for _ in range(4)]
        for answer in answers:
            assert answer.status_code == 503
            problem = answer.json()
            assert problem["type"].endswith("/rdf-store-unavailable")
            assert "cannot be made: File exists." in problem["detail"]
            assert str(tmp_path) not in answer.text
            assert 0 < int(answer.headers["Retry-After"]) <= 10
        assert log.read_text().count("File exists") == 1
        (path / "sparql").unlink()
        until(lambda: ask(service).status_code == 200)


def pipes() -> int:
    """The pipes that this process holds."""
    found = 0
    for descriptor in Path("/proc/self/fd").iterdir():
        with suppress(OSError):
            found += str(descriptor.readlink()).startswith("pipe:")
    return found


def test_a_process_that_has_made_a_store_leaves_no_descriptor(tmp_path: Path) -> None:
    stores = Stores(SMALL)
    before = pipes()
    for middle in ("Y:0", "Y:1"):
        graph = open_graph(build(tmp_path, middle))
        assert stores.path(graph) == stores.path(graph)
    assert pipes() == before


def test_the_version_before_answers_while_a_store_is_being_made(tmp_path: Path) -> None:
    small = build(tmp_path, "Y:0")
    build_store(open_snapshot(small))
    catalogue = Catalogue(tmp_path)
    catalogue.publish("own", small)
    count = {"query": "SELECT ?s { ?s <http://www.w3.org/2000/01/rdf-schema#label> 'Z:0' }"}

    def answered(service: Service) -> tuple[str, int]:
        answer = service.get("/sparql", params=count)
        assert answer.status_code == 200, answer.text
        version = answer.headers["ETag"].strip('"').partition("-")[0]
        return version, len(answer.json()["results"]["bindings"])

    with serving(tmp_path, tmp_path / "log", graph="own", workers=1) as service:
        assert answered(service) == (small.name, 0)
        large = build(tmp_path, "Z:0", count=SMALL + 2)
        catalogue.publish("own", large)
        assert service.get("/version").json()["snapshot"] == large.name
        assert answered(service) == (small.name, 0)
        until(lambda: answered(service) == (large.name, 1))


def test_a_load_makes_the_store_before_it_switches(tmp_path: Path) -> None:
    table, stores = tmp_path / "edges.tsv", []
    for count in (1, 2, 3):
        rows = "".join(f"X:{n}\tbiolink:affects\tX:9\n" for n in range(count))
        table.write_text(f"subject\tpredicate\tobject\n{rows}")
        loaded, _ = load_files([table], name="own", data=tmp_path / "data")
        stores.append(find_store(loaded.path) is not None)
        if count == 1:  # as a server does when SPARQL is first used
            build_store(open_snapshot(loaded.path))
    assert stores == [False, True, True]


def building(path: Path) -> list[int]:
    """The processes that make the store of a snapshot."""
    found = []
    for directory in Path("/proc").glob("[0-9]*"):
        try:
            command = (directory / "cmdline").read_bytes()
            state = (directory / "stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if b"sparql.store" in command and str(path).encode() in command and state != "Z":
            found.append(int(directory.name))
    return found


def test_no_build_outlives_its_server(tmp_path: Path) -> None:
    path = build(tmp_path, "Y:0", count=60_000)
    Catalogue(tmp_path).publish("own", path)
    for killed in (signal.SIGKILL, signal.SIGTERM):
        with serving(tmp_path, tmp_path / "log", graph="own", workers=1) as service:
            answer = ask(service)
            assert answer.status_code == 503
            assert "is being made" in answer.json()["detail"]
            until(lambda: building(path))
            if killed == signal.SIGKILL:
                os.kill(service.process.pid, killed)
        until(lambda: not building(path))
    assert build_store(open_snapshot(path)).is_dir()
    assert not list((path / "sparql").glob("*.tmp"))
