"""TRAPI: MechKG's server beside GANDALF's, on the same KGX: do they agree, and how fast are they?

    python -m bench.doors.trapi --gandalf PYTHON [--seconds 10] [--output FILE]

PYTHON is an interpreter with `gandalf-csr[server]` and `translator-tom`, in an environment of its
own. Both servers get two worker processes, the same files and the same questions; requests are sent
by `wrk`, 8 at a time. Pathfinder has no counterpart in GANDALF: its emulation asks for the chains
of one, two and three hops, each as one request, and ranks nothing; a path is counted as its three
requests together, while the percentile is of single ones.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import random
import re
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from socket import socket
from typing import Any

from bench.doors.questions import GENERATED, SAME, Same
from bench.graphs import CACHE, HETIO, make_graph
from mechkg.kg.graph import open_graph
from mechkg.kg.snapshot.catalogue import Catalogue
from mechkg.kg.writers.kgx import write_jsonl
from mechkg.ontology.compile_bundle import compile_bundle

WORKERS = 2
CONNECTIONS = 8

PREFACE = """# TRAPI: MechKG beside GANDALF

Written by `python -m bench.doors.trapi`: both servers on the same KGX, in one run, on the cores
that `wrk` shares with them. GANDALF (`gandalf-csr`) has no Pathfinder; it is asked for the chains
of one, two and three hops instead and ranks nothing: its rate counts the three together, its
percentile is of single ones.
"""

LOCAL = """
import os
os.environ.setdefault("GANDALF_OTEL_ENABLED", "false")
from importlib.resources import files
import gandalf.biolink
model = files("translator_tom") / "data" / "biolink" / "4.4.4"
gandalf.biolink._SCHEMA_URL = str(model / "biolink-model.yaml")
gandalf.biolink._PREDICATE_MAP_URL = str(model / "predicate_mapping.yaml")
"""
"""GANDALF has no setting for a Biolink model on disk."""

BUILD = """
import sys
from gandalf import build_graph_from_jsonl
built = build_graph_from_jsonl(edge_jsonl_path=sys.argv[1], node_jsonl_path=sys.argv[2])
built.save_mmap(sys.argv[3])
"""

POST = """
local bodies = {{}}
for line in io.lines("{bodies}") do bodies[#bodies + 1] = line end
local turn = 0
request = function()
  turn = turn + 1
  return wrk.format("POST", "{path}", {{["Content-Type"] = "application/json"}},
    bodies[turn % #bodies + 1])
end
response = function(status) if status ~= 200 then failed = (failed or 0) + 1 end end
"""


KINDS = {
    "Compound": "SmallMolecule",
    "Anatomy": "AnatomicalEntity",
    "Symptom": "PhenotypicFeature",
    "SideEffect": "PhenotypicFeature",
    "PharmacologicClass": "ChemicalEntity",
}


def effect(direction: str) -> dict[str, str]:
    return {
        "predicate": "biolink:affects",
        "qualified_predicate": "biolink:causes",
        "object_direction_qualifier": direction,
    }


METAEDGES: Mapping[str, Mapping[str, str]] = {
    "CuG": effect("increased"),
    "CdG": effect("decreased"),
    "DuG": effect("increased"),
    "DdG": effect("decreased"),
    **{
        name: {"predicate": f"biolink:{predicate}"}
        for name, predicate in (
            ("AdG", "related_to"),
            ("AuG", "expresses"),
            ("CbG", "physically_interacts_with"),
            ("CpD", "ameliorates_condition"),
            ("CrC", "similar_to"),
            ("CtD", "treats"),
            ("DaG", "associated_with"),
            ("DlA", "disease_has_location"),
            ("DrD", "similar_to"),
            ("GcG", "coexpressed_with"),
            ("GiG", "interacts_with"),
            ("GrG", "regulates"),
        )
    },
}

PLAIN = frozenset(
    (
        "id", "subject", "predicate", "object", "category", "negated", "knowledge_level",
        "agent_type", "primary_knowledge_source", "publications",
    )
)  # fmt: skip
"""Fields of KGX edges that every tool knows."""


@dataclass(frozen=True)
class Load:
    """What one server did with one kind of request."""

    per_second: float
    p99: str
    failed: int


def main(arguments: list[str]) -> int:
    """Compare and measure; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench.doors.trapi", description=__doc__)
    parser.add_argument("--gandalf", type=Path, required=True, metavar="PYTHON")
    parser.add_argument("--seconds", type=int, default=10, help="of load for each cell")
    parser.add_argument("--cache", type=Path, default=CACHE / "trapi")
    parser.add_argument("--output", type=Path, help="where to write the report")
    given = parser.parse_args(arguments)
    given.cache.mkdir(parents=True, exist_ok=True)
    lines = [PREFACE]
    for name, make in (("ms-nsc", write_bundle), (HETIO, write_hetio)):
        files = make(given.cache / name)
        with (
            serving(given.cache / name, f"{name}-kgx", files) as ours,
            serving_gandalf(given.gandalf, given.cache / name, files) as theirs,
        ):
            lines += agreement(name, SAME[name], ours, theirs)
            lines += loads(name, ours, theirs, given)
    text = "\n".join([*lines, ""])
    sys.stdout.write(text)
    if given.output:
        given.output.write_text(text, encoding="utf-8")
    return 0


def write_bundle(directory: Path) -> tuple[Path, Path]:
    """Write the bundled ontology as KGX JSON lines; returns edges and nodes.

    Plain KGX, as any tool writes it: what MechKG adds to read its own files back is left out.
    """
    directory.mkdir(parents=True, exist_ok=True)
    graph = open_graph(compile_bundle(directory / "bundle"))
    packed = directory / "graph.tar.gz"
    packed.write_bytes(write_jsonl(graph.whole(), graph.schema))
    shutil.unpack_archive(packed, directory)
    edges = directory / "edges.jsonl"
    with (directory / "mechkg_edges.jsonl").open(encoding="utf-8") as rows, edges.open("w") as out:
        for row_text in rows:
            edge = json.loads(row_text)
            plain = {n: v for n, v in edge.items() if n in PLAIN or n.endswith("_qualifier")}
            out.write(json.dumps(plain) + "\n")
    return edges, directory / "mechkg_nodes.jsonl"


def write_hetio(directory: Path) -> tuple[Path, Path]:
    """Write the Hetionet part as KGX JSON lines; returns edges and nodes.

    Its kinds are told in Biolink's nearest words (`METAEDGES`, `KINDS`).
    """
    directory.mkdir(parents=True, exist_ok=True)
    graph = make_graph(HETIO)
    edges, nodes = directory / "edges.jsonl", directory / "nodes.jsonl"
    with nodes.open("w", encoding="utf-8") as out:
        for line in graph.nodes.read_text(encoding="utf-8").splitlines()[1:]:
            identifier, name, category = line.split("\t")
            kind = KINDS.get(category, category)
            node = {"id": identifier, "name": name, "category": [f"biolink:{kind}"]}
            out.write(json.dumps(node) + "\n")
    with edges.open("w", encoding="utf-8") as out:
        rows = graph.edges.read_text(encoding="utf-8").splitlines()[1:]
        for number, line in enumerate(rows):
            subject, predicate, obj = line.split("\t")
            edge = {
                "id": f"e{number}",
                "subject": subject,
                **METAEDGES[predicate],
                "object": obj,
                "primary_knowledge_source": "infores:hetionet",
                "knowledge_level": "knowledge_assertion",
                "agent_type": "not_provided",
            }
            out.write(json.dumps(edge) + "\n")
    return edges, nodes


@contextmanager
def serving(directory: Path, name: str, files: tuple[Path, Path]) -> Iterator[str]:
    """Run MechKG's server on what it loads from two files; yields its address."""
    data = directory / "data"
    shutil.rmtree(data, ignore_errors=True)
    load = [sys.executable, "-m", "mechkg", "load", *map(str, files[::-1]), "--name", name]
    environment = os.environ | {"MECHKG_DATA": str(data), "MECHKG_ACCESS_LOG": "false"}
    subprocess.run(load, env=environment, check=True, stdout=subprocess.DEVNULL)
    assert Catalogue(data).default() == name
    port = free_port()
    command = [sys.executable, "-m", "mechkg", "serve", "--port", str(port)]
    with running([*command, "--workers", str(WORKERS)], environment, directory / "mechkg.log"):
        yield waited(f"http://127.0.0.1:{port}", "/readyz")


@contextmanager
def serving_gandalf(python: Path, directory: Path, files: tuple[Path, Path]) -> Iterator[str]:
    """Run GANDALF's server on two files; yields its address."""
    store = directory / "gandalf"
    (directory / "gandalf_local.py").write_text(f"{LOCAL}\nfrom gandalf.server import APP\n")
    (directory / "gandalf_build.py").write_text(LOCAL + BUILD)
    environment = os.environ | {
        "GANDALF_GRAPH_PATH": str(store),
        "GANDALF_OTEL_ENABLED": "false",
        "GANDALF_LOG_LEVEL": "ERROR",
    }
    shutil.rmtree(store, ignore_errors=True)
    build = [str(python), "gandalf_build.py", *map(str, files), str(store)]
    with (directory / "gandalf-build.log").open("w") as log:
        subprocess.run(build, cwd=directory, env=environment, check=True, stdout=log, stderr=log)
    port = free_port()
    command = [str(python), "-m", "uvicorn", "gandalf_local:APP", "--port", str(port)]
    command += ["--workers", str(WORKERS), "--no-access-log", "--log-level", "error"]
    with running(command, environment, directory / "gandalf.log", directory):
        yield waited(f"http://127.0.0.1:{port}", "/openapi.json")


@contextmanager
def running(
    command: list[str], environment: dict[str, str], log: Path, directory: Path | None = None
) -> Iterator[None]:
    """Run a server until the block ends."""
    with log.open("w") as out:
        process = subprocess.Popen(
            command, env=environment, stdout=out, stderr=subprocess.STDOUT, cwd=directory
        )
        try:
            yield
        finally:
            process.terminate()
            process.wait(timeout=30)


def free_port() -> int:
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def waited(address: str, path: str) -> str:
    """Return an address once it answers."""
    end = time.monotonic() + 180
    while time.monotonic() < end:
        with suppress(OSError), urllib.request.urlopen(address + path, timeout=5):
            return address
        time.sleep(0.2)
    raise TimeoutError(address)


def asked(address: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """Return status and answer of a question."""
    text = json.dumps(body).encode()
    question = urllib.request.Request(
        address, text, {"Content-Type": "application/json", "Accept-Encoding": "identity"}
    )
    try:
        with urllib.request.urlopen(question, timeout=120) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, {}


def agreement(name: str, questions: Sequence[Same], ours: str, theirs: str) -> list[str]:
    """Return a table of how the answers to the same questions compare."""
    lines = [
        f"## {name}: do the answers agree?",
        "",
        "Results with the statements bound; `both` have the same nodes and the same statements.",
        "",
    ]
    lines += [
        "| question | MechKG | GANDALF | both | only MechKG | only GANDALF | why |",
        "|---|--:|--:|--:|--:|--:|---|",
    ]
    for same in questions:
        answers = []
        for address in (f"{ours}/trapi/2.0/query", f"{theirs}/query"):
            status, response = asked(address, same.body)
            answers.append(bindings(response) if status == 200 else status)
        lines.append(row(same, *answers))
    return [*lines, ""]


def row(same: Same, ours: Any, theirs: Any) -> str:
    cells = [f"HTTP {a}" if isinstance(a, int) else str(len(a)) for a in (ours, theirs)]
    ours, theirs = ({} if isinstance(a, int) else a for a in (ours, theirs))
    both = {key for key in ours.keys() & theirs.keys() if ours[key] == theirs[key]}
    cells += [str(len(c)) for c in (both, ours.keys() - both, theirs.keys() - both)]
    if os.environ.get("VERBOSE"):
        for key in itertools.islice({*ours, *theirs} - both, 4):
            sys.stderr.write(f"{same.name}: {key}\n  {ours.get(key)}\n  {theirs.get(key)}\n")
    return f"| {same.name} | {' | '.join(cells)} | {same.why} |"


def bindings(response: dict[str, Any]) -> dict[Any, frozenset[Any]]:
    """Return, for each result's nodes, the triples that are bound."""
    message = response["message"]
    edges = message["knowledge_graph"].get("edges", {})
    found = {}
    for result in message["results"]:
        nodes = tuple(
            (key, *sorted(binding["ids"]))
            for key, binding in sorted(result["node_bindings"].items())
        )
        found[nodes] = frozenset(
            (edges[name]["subject"], edges[name]["predicate"], edges[name]["object"])
            for analysis in result["analyses"]
            for binding in analysis["edge_bindings"].values()
            for name in binding["ids"]
        )
    return found


def loads(name: str, ours: str, theirs: str, given: argparse.Namespace) -> list[str]:
    """Return a table of requests a second and 99th percentiles."""
    nodes = [
        json.loads(line)["id"]
        for line in next((given.cache / name).glob("*nodes.jsonl")).read_text().splitlines()
    ]
    lines = [
        f"## {name}: {CONNECTIONS} connections, {given.seconds} s each, {WORKERS} workers each",
        "",
        "| request | server | requests/s | p99 | refused |",
        "|---|---|--:|--:|--:|",
    ]
    for question in GENERATED:
        draw = random.Random(7)
        drawn = [question.make(draw, nodes) for _ in range(200)]
        for server, address, path, bodies in (
            ("MechKG", ours, question.path, drawn),
            ("GANDALF", theirs, "/query", [b for body in drawn for b in question.emulated(body)]),
        ):
            if not bodies:
                continue
            load = pressed(address, path, bodies, given.cache, given.seconds)
            parts = len(bodies) / len(drawn)
            rate = f"{load.per_second / parts:,.0f}"
            lines.append(f"| {question.name} | {server} | {rate} | {load.p99} | {load.failed} |")
    return [*lines, ""]


def pressed(address: str, path: str, bodies: list[Any], cache: Path, seconds: int) -> Load:
    """Return what a server does under load."""
    file = cache / "bodies.jsonl"
    file.write_text("".join(json.dumps(body) + "\n" for body in bodies), encoding="utf-8")
    script = cache / "post.lua"
    script.write_text(POST.format(bodies=file, path=path), encoding="utf-8")
    told = ""
    for span in (2, seconds):  # the first warms up
        command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{span}s", "--latency", "--timeout", "30s"]
        told = subprocess.run(
            [*command, "-s", str(script), address], check=True, capture_output=True, text=True
        ).stdout
    rate = re.search(r"Requests/sec:\s+([\d.]+)", told)
    slowest = re.search(r"^\s+99%\s+(\S+)", told, re.MULTILINE)
    failed = re.search(r"Non-2xx or 3xx responses: (\d+)", told)
    assert rate, told
    assert slowest, told
    return Load(float(rate[1]), slowest[1], int(failed[1]) if failed else 0)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
