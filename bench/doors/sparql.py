"""SPARQL: MechKG's endpoint beside the oxigraph server, on the same database, under load.

    python -m bench.doors.sparql [--oxigraph PROGRAM] [--seconds 10] [--output FILE]

PROGRAM is the `oxigraph` binary (the package of that name has it). It serves a copy of the very
store that MechKG made of each graph, read-only. Both answer the same queries with the same rows,
which is checked first; then `wrk` sends them, 8 at a time. MechKG evaluates in processes that can
be killed, so that each answer crosses a process; the oxigraph server evaluates in its own threads.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from socket import socket

import numpy as np

from bench.graphs import CACHE, HETIO, make_graph
from mechkg.kg.build.load import load
from mechkg.kg.model.schema import Schema
from mechkg.kg.snapshot.catalogue import Catalogue
from mechkg.kg.snapshot.snapshot import Snapshot, open_snapshot
from mechkg.ontology.bundle import BUNDLE
from mechkg.ontology.compile_bundle import compile_bundle
from mechkg.ontology.rdf.vocabulary import STANDARD_PREFIXES, Codec
from mechkg.ontology.sparql.store import build_store

CONNECTIONS = 8
DRAWN = 200
CHECKED = 40

PREFIXES = (
    "PREFIX biolink: <https://w3id.org/biolink/vocab/> "
    "PREFIX mechkg: <https://w3id.org/mechkg/vocab/> "
    "PREFIX path: <https://w3id.org/mechkg/path/> "
    "PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> "
)

POST = """
local bodies = {{}}
for line in io.lines("{bodies}") do bodies[#bodies + 1] = line end
local turn = 0
request = function()
  turn = turn + 1
  return wrk.format("POST", "{path}", {{["Content-Type"] = "application/sparql-query",
    ["Accept"] = "application/sparql-results+json"}}, bodies[turn % #bodies + 1])
end
"""


@dataclass(frozen=True)
class Kind:
    """A kind of question: a query about two entities, and whether only MechKG has it."""

    name: str
    template: str
    ours_alone: bool = False


KINDS = (
    Kind("look-up: all that is said of an entity", "SELECT ?p ?o {{ <{one}> ?p ?o }}"),
    Kind(
        "one hop: statements with predicate and name",
        "SELECT ?a ?p ?name {{ ?a biolink:subject <{one}> ; biolink:predicate ?p ; "
        "biolink:object/rdfs:label ?name }} LIMIT 100",
    ),
    Kind(
        "two hops: mediators between two entities",
        "SELECT ?m ?name {{ <{one}> ?p ?m . ?m ?q <{other}> . ?m rdfs:label ?name }} LIMIT 100",
    ),
    Kind(
        "counts: neighbours by category",
        "SELECT ?c (COUNT(?x) AS ?n) {{ <{one}> ?p ?x . ?x a ?c }} GROUP BY ?c",
    ),
    Kind(
        "paths: the 10 best of at most 2 hops, with their statements",
        "SELECT ?rank ?s {{ (<{one}> <{other}> 2 10) path:find (?path ?rank) . "
        "?path path:statement ?s }}",
        ours_alone=True,
    ),
)


@dataclass(frozen=True)
class Load:
    """What a server did under load."""

    per_second: float
    p99: str
    refused: int


def main(arguments: list[str]) -> int:
    """Compare and measure; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench.doors.sparql", description=__doc__)
    parser.add_argument("--oxigraph", default="oxigraph", metavar="PROGRAM")
    parser.add_argument("--seconds", type=int, default=10, help="of load for each cell")
    parser.add_argument("--cache", type=Path, default=CACHE / "sparql")
    parser.add_argument("--output", type=Path, help="where to write the report")
    given = parser.parse_args(arguments)
    data = given.cache / "data"
    lines: list[str] = []
    for name, make in ((BUNDLE, compile_bundle), (HETIO, load_hetio)):
        snapshot = open_snapshot(make(data))
        store = build_store(snapshot)
        with (
            serving(data, name, given.cache / f"{name}.log") as ours,
            serving_oxigraph(given.oxigraph, store, given.cache / name) as theirs,
        ):
            lines += measured(name, snapshot, ours, theirs, given)
    text = "\n".join([*lines, ""])
    sys.stdout.write(text)
    if given.output:
        given.output.write_text(text, encoding="utf-8")
    return 0


def load_hetio(data: Path) -> Path:
    """Load the Hetionet part, unless it is there; returns its snapshot."""
    catalogue = Catalogue(data)
    if HETIO not in catalogue.names():
        graph, directory = make_graph(HETIO), catalogue.directory(HETIO)
        directory.mkdir(parents=True, exist_ok=True)
        loaded = load([graph.nodes, graph.edges], directory, name=HETIO, schema=Schema())
        catalogue.publish(HETIO, loaded.path, default=False)
    return catalogue.path(HETIO)


@contextmanager
def serving(data: Path, name: str, log: Path) -> Iterator[str]:
    """Run MechKG's server; yields the address of its endpoint."""
    port = free_port()
    # 8 connections may all come to one worker, and a thread must be left for each.
    command = [sys.executable, "-m", "mechkg", "serve", "--port", str(port), "--graph", name]
    settings = {"MECHKG_DATA": str(data), "MECHKG_ACCESS_LOG": "false", "MECHKG_THREADS": "16"}
    with running(command, os.environ | settings, log):
        yield waited(f"http://127.0.0.1:{port}/sparql")


@contextmanager
def serving_oxigraph(program: str, store: Path, copy: Path) -> Iterator[str]:
    """Run the oxigraph server on a copy of a store; yields the address of its endpoint."""
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(store, copy)
    port = free_port()
    command = [program, "serve-read-only", "--location", str(copy), "--bind", f"127.0.0.1:{port}"]
    with running(command, os.environ, copy.with_suffix(".oxigraph.log")):
        yield waited(f"http://127.0.0.1:{port}/query")


@contextmanager
def running(command: Sequence[str], environment: object, log: Path) -> Iterator[None]:
    """Run a program until the block ends."""
    with log.open("w") as out:
        process = subprocess.Popen(command, env=environment, stdout=out, stderr=out)  # type: ignore[call-overload]
        try:
            yield
        finally:
            process.terminate()
            process.wait(timeout=30)


def free_port() -> int:
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def waited(address: str) -> str:
    """Return the address once an endpoint there answers."""
    deadline = time.monotonic() + 60
    while True:
        try:
            asked(address, "ASK {}")
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
        else:
            return address


def asked(address: str, query: str) -> bytes:
    headers = {
        "Content-Type": "application/sparql-query",
        "Accept": "application/sparql-results+json",
    }
    request = urllib.request.Request(address, query.encode(), headers)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return bytes(answer.read())


def measured(
    name: str, snapshot: Snapshot, ours: str, theirs: str, given: argparse.Namespace
) -> list[str]:
    """Return a table of requests a second and 99th percentiles on one graph."""
    counts = snapshot.manifest.counts
    size = f"{counts.entities:,} entities, {counts.statements:,} statements"
    lines = [
        f"## {name}: {size}; {CONNECTIONS} connections, {given.seconds} s each",
        "",
        "| query | MechKG requests/s | p99 | oxigraph requests/s | p99 | same answers |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    drawn = pairs(snapshot)
    for kind in KINDS:
        queries = [PREFIXES + kind.template.format(one=one, other=other) for one, other in drawn]
        mine = pressed(ours, queries, given)
        cells = [f"{mine.per_second:,.0f}", mine.p99, "–", "–", "–"]
        if mine.refused:
            cells[0] += f" ({mine.refused} refused)"
        if not kind.ours_alone:
            other = pressed(theirs, queries, given)
            same = sum(rows(asked(ours, q)) == rows(asked(theirs, q)) for q in queries[:CHECKED])
            cells[2:] = [f"{other.per_second:,.0f}", other.p99, f"{same} of {CHECKED}"]
        lines.append(f"| {kind.name} | {' | '.join(cells)} |")
    return [*lines, ""]


def pairs(snapshot: Snapshot) -> list[tuple[str, str]]:
    """Return pairs of entities by IRI, drawn with the degree as weight: what users ask about."""
    index, draw = snapshot.index, random.Random(7)
    codec = Codec(STANDARD_PREFIXES | snapshot.schema.prefixes)
    name: Callable[[int], str] = lambda row: codec.iri(snapshot.records.curie(row))  # noqa: E731
    ends = np.stack((np.asarray(index.subject), np.asarray(index.object)), axis=1)
    found = []
    for _ in range(DRAWN):
        one = int(ends[draw.randrange(len(ends))][0])
        other = int(ends[draw.randrange(len(ends))][1])
        found.append((name(one), name(other)))
    return found


def rows(answer: bytes) -> list[str]:
    """Return the solutions of an answer, sorted; where LIMIT cuts, only their number counts."""
    bindings = json.loads(answer)["results"]["bindings"]
    if len(bindings) == 100:
        return ["cut"] * 100
    return sorted(json.dumps(row, sort_keys=True) for row in bindings)


def pressed(address: str, queries: list[str], given: argparse.Namespace) -> Load:
    """Return what a server does under load; two seconds before are not counted."""
    file, script = given.cache / "bodies.txt", given.cache / "post.lua"
    file.write_text("\n".join(queries), encoding="utf-8")
    path = "/" + address.rpartition("/")[2]
    script.write_text(POST.format(bodies=file, path=path), encoding="utf-8")
    told = ""
    for span in (2, given.seconds):
        command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{span}s", "--latency", "--timeout", "30s"]
        told = subprocess.run(
            [*command, "-s", str(script), address], check=True, capture_output=True, text=True
        ).stdout
    rate = re.search(r"Requests/sec:\s+([\d.]+)", told)
    slowest = re.search(r"99%\s+(\S+)", told)
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", told)
    assert rate, told
    assert slowest, told
    return Load(float(rate[1]), slowest[1], int(refused[1]) if refused else 0)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
