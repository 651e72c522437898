"""Paths over a SPARQL endpoint against those of a snapshot, on the Hetionet part.

`python -m bench.engines --shared ../shared` loads the graph into a snapshot and into an Oxigraph
server on this machine, sends both the same queries, compares the answers, and writes engines.md:
requests, bytes and seconds of the queries over the endpoint, with the degree table and without.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import os
import random
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import numpy as np

from mechkg import Budget, EngineGraph, Graph, PathQuery, open_graph
from mechkg.kg.build.load import load
from mechkg.kg.model.presets import known_schema
from mechkg.ontology.endpoint.engine import SparqlEngine
from mechkg.ontology.endpoint.mapping import EndpointMapping
from mechkg.ontology.rdf.vocabulary import RDFS, Codec

__all__ = ["main"]

PROPERTY = "http://example.org/hetionet/"
HERE = Path(__file__).parent
PLENTY = Budget(requests=10_000, bytes=1_000_000_000, seconds=120)


def loaded(shared: Path, folder: Path) -> Graph:
    """Return the Hetionet part as a local snapshot."""
    source = shared / "data" / "hetio"
    files = [source / "nodes.tsv.gz", source / "edges.tsv.gz"]
    return open_graph(load(files, folder, name="hetio", schema=known_schema()).path)


def lines_of(shared: Path) -> Iterator[str]:
    """Yield the same graph as N-Triples: names and statements."""
    codec, source = Codec({}), shared / "data" / "hetio"
    with gzip.open(source / "nodes.tsv.gz", "rt") as nodes:
        for row in csv.DictReader(nodes, delimiter="\t"):
            name = row["name"].replace("\\", "\\\\").replace('"', '\\"')
            yield f'<{codec.iri(row["id"])}> <{RDFS["label"]}> "{name}" .\n'
    with gzip.open(source / "edges.tsv.gz", "rt") as edges:
        for row in csv.DictReader(edges, delimiter="\t"):
            ends = codec.iri(row["subject"]), codec.iri(row["object"])
            yield f"<{ends[0]}> <{PROPERTY}{row['predicate']}> <{ends[1]}> .\n"


@contextmanager
def oxigraph(shared: Path, folder: Path) -> Iterator[str]:
    """Give the address of an Oxigraph server that holds the graph."""
    program, store = str(Path(sys.executable).with_name("oxigraph")), str(folder / "store")
    with (folder / "graph.nt").open("w") as file:
        file.writelines(lines_of(shared))
    subprocess.run(
        [program, "load", "--location", store, "--file", file.name], check=True, capture_output=True
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [program, "serve-read-only", "--location", store, "--bind", f"127.0.0.1:{port}"],
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.05)
        yield f"http://127.0.0.1:{port}/query"
    finally:
        server.terminate()
        server.wait()


def mapping_of(graph: Graph) -> EndpointMapping:
    """Return the mapping under which triples of the endpoint are the statements of a snapshot."""
    (evidence,) = graph.snapshot.records.statement(0).evidence
    stated = {"namespaces": [PROPERTY], "kind": evidence.kind, "source": evidence.source}
    used = sorted({edge.predicate for edge in graph.metagraph().edges})
    said = {PROPERTY + name: {"id": name} for name in used}
    return msgspec.convert(
        {"name": "hetio", "dialect": "oxigraph", "statements": stated, "predicates": said},
        EndpointMapping,
    )


def queries_of(graph: Graph, pairs: int) -> list[PathQuery]:
    """Return ten best paths of at most five hops: three ordinary pairs for one with a hub."""
    chance = random.Random(5)
    degree, curie = graph.snapshot.index.degree, graph.snapshot.records.curie
    ordinary = np.flatnonzero((degree >= 5) & (degree <= 100)).tolist()
    hubs = np.argsort(degree)[-40:].tolist()
    found = []
    for number in range(pairs):
        first = chance.choice(hubs if number % 4 == 3 else ordinary)
        second = chance.choice(hubs if number % 8 == 7 else ordinary)
        found += [
            PathQuery(
                source=(curie(first) + "!",), target=(curie(second) + "!",), max_hops=5,
                direction="undirected", scorer=scorer, timeout=120,
            )
            for scorer in ("hubs", "specific")
        ]  # fmt: skip
    return [query for query in found if query.source != query.target]


def measured(
    remote: EngineGraph, local: Graph, queries: Sequence[PathQuery]
) -> dict[str, list[float]]:
    """Return what each query took over the endpoint, and how many answers were not the same."""
    columns: dict[str, list[float]] = {n: [] for n in ("seconds", "requests", "kB", "rows", "bad")}
    for query in queries:
        answer = remote.answer(query)
        expected = local.find_paths(query)
        same = [path.score for path in answer.result.paths] == [p.score for p in expected.paths]
        same &= [[e.id for e in path.entities] for path in answer.result.paths] == [
            [e.id for e in path.entities] for path in expected.paths
        ]
        usage = answer.usage
        for name, value in (
            ("seconds", usage.seconds), ("requests", usage.requests), ("kB", usage.received / 1e3),
            ("rows", usage.rows), ("bad", float(not same or bool(answer.reason))),
        ):  # fmt: skip
            columns[name].append(value)
    return columns


def row_of(title: str, columns: dict[str, list[float]]) -> str:
    """Return a line of the table: median, 95th percentile and most of each column."""

    def three(name: str, form: str) -> str:
        values = columns[name]
        marks = np.percentile(values, 50), np.percentile(values, 95), max(values)
        return " / ".join(format(value, form) for value in marks)

    return (
        f"| {title} | {len(columns['bad'])} | {three('requests', '.0f')} | {three('kB', ',.0f')} | "
        f"{three('seconds', '.2f')} | {sum(columns['bad']):.0f} |"
    )


def main(argv: Sequence[str] | None = None) -> None:
    """Measure, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=HERE.parents[1] / "shared")
    parser.add_argument("--pairs", type=int, default=40)
    parser.add_argument("--counted", type=int, default=10)
    options = parser.parse_args(argv)
    with TemporaryDirectory() as folder:
        base = Path(folder)
        local = loaded(options.shared, base / "local")
        queries = queries_of(local, options.pairs)
        with oxigraph(options.shared, base) as url:
            mapping = mapping_of(local)
            rows = []
            with EngineGraph(SparqlEngine(url, mapping), PLENTY) as remote:
                begun = time.monotonic()
                remote.answer(queries[0])
                first = time.monotonic() - begun
                rows.append(row_of("degree table", measured(remote, local, queries)))
            some = queries[: 2 * options.counted]
            with EngineGraph(SparqlEngine(url, mapping, wants_table=False), PLENTY) as remote:
                rows.append(row_of("degrees by counts", measured(remote, local, some)))
    counts = local.manifest.counts
    (HERE / "engines.md").write_text(
        "# Paths over an endpoint\n\n"
        f"{counts.statements:,} statements of {counts.entities:,} entities behind an Oxigraph "
        "server on the same machine: the ten best paths of at most five hops, undirected, under "
        "the scorers `hubs` and `specific`; one pair of four has a hub at one end, one of eight at "
        f"both. Written by `python -m bench.engines`; load average {os.getloadavg()[0]:.1f} on "
        f"{os.cpu_count()} cores.\n\n"
        "Each cell has median / 95th percentile / most. *Not the same* counts answers that are not "
        "proven, or whose paths or scores are not those of the snapshot.\n\n"
        "| degrees | queries | requests | kB received | seconds | not the same |\n"
        "|---|---|---|---|---|---|\n" + "\n".join(rows) + "\n\n"
        f"The first query of a process, which fetches the degree table: {first:.1f} s.\n"
    )


if __name__ == "__main__":
    main()
