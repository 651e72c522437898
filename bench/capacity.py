"""Capacity: `python -m bench.capacity [SECONDS] [--graph synthetic-1M]`.

Serves the bundled ontology, and a synthetic graph of a million statements, with two workers each,
as `mechkg serve` does by default. Over each door one question is sent by one client, one after the
other, for the latency, and by eight clients at once, for the requests a second; every client has
an address and a connection of its own. Processor time a request says what free processors would
give, whatever else the machine does. Each begins at another entity, so that no cache answers.
Prints tables for docs/operations.md, with machine, commit and load.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np
import requests
from prometheus_client.parser import text_string_to_metric_families

from bench.graphs import make_graph
from mechkg.api.http.processes import process_tree
from mechkg.kg.snapshot.catalogue import Catalogue
from mechkg.kg.snapshot.snapshot import open_snapshot
from mechkg.ontology.compile_bundle import compile_bundle
from mechkg.ontology.sparql.store import build_store
from tests.api.servers import ROOT, Service, SourceAddress, serving

CLIENTS: Final = 8
SECONDS: Final = 5.0
PATIENCE: Final = 60.0


@dataclass(frozen=True)
class Door:
    """A question over a door, for an entity."""

    name: str
    ask: Callable[[requests.Session, str, str], requests.Response]


def get(path: str, **query: Any) -> Callable[[requests.Session, str, str], requests.Response]:
    """Return what asks an address, in which `ENTITY` stands for an entity."""

    def ask(session: requests.Session, url: str, entity: str) -> requests.Response:
        asked = {name: str(text).replace("ENTITY", entity) for name, text in query.items()}
        address = url + path.replace("ENTITY", requests.utils.quote(entity, safe=""))
        return session.get(address, params=asked, timeout=PATIENCE)

    return ask


def trapi(session: requests.Session, url: str, entity: str) -> requests.Response:
    """Ask for the neighbours of an entity."""
    graph = {"nodes": {"a": {"ids": [entity]}, "b": {}},
             "edges": {"e": {"subject": "a", "object": "b"}}}  # fmt: skip
    body = {"message": {"query_graph": graph}}
    return session.post(f"{url}/trapi/2.0/query", json=body, timeout=PATIENCE)


SPARQL: Final = "SELECT ?p ?o { <https://w3id.org/mechkg/entity/ENTITY> ?p ?o } LIMIT 20"
DOORS: Final = (
    Door("an entity", get("/api/v1/entities/ENTITY")),
    Door("names that begin so", get("/api/v1/search", q="ENTITY")),
    Door("neighbourhood", get("/api/v1/entities/ENTITY/neighbourhood")),
    Door("ten best paths, at most 2 hops", get("/api/v1/paths", source="ENTITY", target="TARGET",
                                               max_hops=2, limit=10)),
    Door("ten best paths, at most 4 hops", get("/api/v1/paths", source="ENTITY", target="TARGET",
                                               max_hops=4, limit=10)),
    Door("figure of paths (SVG)", get("/api/v1/paths.svg", source="ENTITY", target="TARGET",
                                      max_hops=2, limit=10)),
    Door("TRAPI, one hop", trapi),
    Door("SPARQL, one entity", get("/sparql", query=SPARQL)),
)  # fmt: skip


def target_for(door: Door, target: str) -> Callable[[requests.Session, str, str], Any]:
    """Return what asks a door, with `TARGET` replaced."""
    return lambda session, url, entity: door.ask(_Replacing(session, target), url, entity)


class _Replacing:
    """A session whose parameters name a target."""

    def __init__(self, session: requests.Session, target: str) -> None:
        self._session, self._target = session, target
        self.post = session.post

    def get(self, url: str, params: dict[str, str], timeout: float) -> requests.Response:
        named = {n: self._target if v == "TARGET" else v for n, v in params.items()}
        return self._session.get(url, params=named, timeout=timeout)


def measured(
    service: Service, ask: Callable[..., Any], entities: list[str], clients: int, seconds: float
) -> tuple[list[float], int, int]:
    """Return the seconds of all answers, how many were refused as busy, how many failed."""
    numbers: Iterator[int] = count()
    took: list[float] = []
    statuses: list[int] = []
    end = time.monotonic() + seconds

    def work(index: int) -> None:
        with requests.Session() as session:
            session.mount("http://", SourceAddress(f"127.0.0.{10 + index}"))
            while time.monotonic() < end:
                entity = entities[next(numbers) % len(entities)]
                began = time.perf_counter()
                answer = ask(session, service.url, entity)
                took.append(time.perf_counter() - began)
                statuses.append(answer.status_code)

    threads = [threading.Thread(target=work, args=(index,)) for index in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    busy = sum(status in {429, 503} for status in statuses)
    return took, busy, sum(status >= 500 and status != 503 for status in statuses)


def row(service: Service, door: Door, entities: list[str], target: str, seconds: float) -> str:
    """Return a row of the table."""
    ask = target_for(door, target)
    measured(service, ask, entities, 2, 1.0)  # both workers have opened what they need
    alone, _, _ = measured(service, ask, entities, 1, seconds)
    before = processor_seconds(service.process.pid)
    many, busy, failed = measured(service, ask, entities, CLIENTS, seconds)
    each = 1000 * (processor_seconds(service.process.pid) - before) / max(1, len(many) - busy)
    p50, p95 = (1000 * np.quantile(alone, q) for q in (0.5, 0.95))
    q50, q95 = (1000 * np.quantile(many, q) for q in (0.5, 0.95))
    return (
        f"| {door.name} | {p50:.3g} / {p95:.3g} | {(len(many) - busy) / seconds:.0f} | "
        f"{q50:.3g} / {q95:.3g} | {each:.3g} | {1000 * (os.cpu_count() or 1) / each:.0f} | "
        f"{busy} | {failed} |"
    )


def processor_seconds(root: int) -> float:
    """Return the processor time that a process and those below it have had, ended ones too."""
    ticks = 0
    for process, _ in process_tree(root):
        with suppress(OSError):
            text = Path(f"/proc/{process}/stat").read_text()
            ticks += sum(map(int, text.rpartition(")")[2].split()[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def memory(service: Service) -> dict[str, float]:
    """Return MiB by process and kind, as `/metrics` has it."""
    families = text_string_to_metric_families(service.get("/metrics").text)
    return {
        f"{s.labels['process']} {s.labels['kind']}": s.value / 2**20
        for family in families
        for s in family.samples
        if s.name == "mechkg_memory_bytes"
    }


def machine() -> str:
    """Return what was measured on."""
    model = next(line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text()
                 .splitlines() if line.startswith("model name"))  # fmt: skip
    commit = subprocess.check_output(["git", "rev-parse", "--short", "HEAD"], text=True, cwd=ROOT)
    return (
        f"{os.cpu_count()} x {model}, Python {platform.python_version()}, "
        f"commit {commit.strip()}, load {os.getloadavg()[0]:.1f}"
    )


def load(data: Path, name: str) -> None:
    """Load a graph of the benchmarks, with its RDF store."""
    made = make_graph(name, data / "tables")
    command = [sys.executable, "-m", "mechkg", "load", made.nodes, made.edges, "--name", name]
    subprocess.run([*command, "--data", data], check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
    build_store(open_snapshot(Catalogue(data).path(name)))


def entities_of(path: Path) -> list[str]:
    """Return identifiers of entities with statements, drawn evenly."""
    snapshot = open_snapshot(path)
    rows = np.random.default_rng(5).choice(snapshot.index.entities, 500, replace=False)
    return [snapshot.records.entity(int(row)).id for row in rows]


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seconds", nargs="?", type=float, default=SECONDS)
    parser.add_argument("--graph", default="synthetic-1M")
    given = parser.parse_args(arguments)
    print(machine())
    with TemporaryDirectory() as folder:
        data = Path(folder)
        compile_bundle(data)
        load(data, given.graph)
        build_store(open_snapshot(Catalogue(data).path("ms-nsc")))
        for name in ("ms-nsc", given.graph):
            path = Catalogue(data).path(name)
            entities, counts = entities_of(path), open_snapshot(path).manifest.counts
            with serving(data, data / f"{name}.log", graph=name, access_log="false") as service:
                print(f"\n{name}: {counts.entities:,} entities, {counts.statements:,} statements")
                print("idle, MiB:", memory(service))
                for door in DOORS:
                    print(row(service, door, entities, entities[-1], given.seconds), flush=True)
                print("after, MiB:", memory(service))


if __name__ == "__main__":
    main(sys.argv[1:])
