"""Paths over a SPARQL endpoint against those of a snapshot, on the Hetionet part.

`python -m bench.engines --shared ../shared` loads the graph into a snapshot and into an Oxigraph
server on this machine, sends both the same queries, compares the answers, and writes engines.md:
requests, bytes and seconds of the queries over the endpoint, with the degree table and without, and
with a delay between the two.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import gzip
import os
import random
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import msgspec
import numpy as np

from mechkg import Budget, EngineGraph, Graph, PathQuery, open_graph
from mechkg.kg.build.load import load
from mechkg.kg.engine.contract import Meter
from mechkg.kg.model.presets import known_schema
from mechkg.ontology.endpoint.engine import SparqlEngine
from mechkg.ontology.endpoint.mapping import EndpointMapping
from mechkg.ontology.rdf.vocabulary import RDFS, Codec

__all__ = ["main"]

PROPERTY = "http://example.org/hetionet/"
HERE = Path(__file__).parent
COLUMNS = ("seconds", "requests", "kB", "bad", "open", "local")
PLENTY = Budget(requests=10_000, bytes=1_000_000_000, seconds=120)


def part_of(shared: Path, folder: Path, every: int) -> list[Path]:
    """Return the files of the Hetionet part with one of `every` statements, in their order."""
    source = shared / "data" / "hetio"
    part = folder / "edges.tsv.gz"
    with gzip.open(source / "edges.tsv.gz", "rt") as edges, gzip.open(part, "wt", 1) as kept:
        kept.write(next(edges))
        kept.writelines(islice(edges, 0, None, every))
    return [source / "nodes.tsv.gz", part]


def lines_of(files: Sequence[Path]) -> Iterator[str]:
    """Yield the same graph as N-Triples: names and statements."""
    codec = Codec({})
    with gzip.open(files[0], "rt") as nodes:
        for row in csv.DictReader(nodes, delimiter="\t"):
            name = row["name"].replace("\\", "\\\\").replace('"', '\\"')
            yield f'<{codec.iri(row["id"])}> <{RDFS["label"]}> "{name}" .\n'
    with gzip.open(files[1], "rt") as edges:
        for row in csv.DictReader(edges, delimiter="\t"):
            ends = codec.iri(row["subject"]), codec.iri(row["object"])
            yield f"<{ends[0]}> <{PROPERTY}{row['predicate']}> <{ends[1]}> .\n"


@contextmanager
def oxigraph(files: Sequence[Path], folder: Path) -> Iterator[str]:
    """Give the address of an Oxigraph server that holds the graph."""
    program, store = str(Path(sys.executable).with_name("oxigraph")), str(folder / "store")
    with (folder / "graph.nt").open("w") as file:
        file.writelines(lines_of(files))
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


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay: float) -> None:
    """Pass on what comes in, each part `delay` seconds later, until the other side ends."""
    loop = asyncio.get_running_loop()
    while part := await reader.read(65_536):
        loop.call_later(delay, writer.write, part)
    loop.call_later(delay, writer.close)


@contextmanager
def delayed(url: str, seconds: float) -> Iterator[str]:
    """Give an address at which the server of another answers `seconds` later."""
    parts = urlsplit(url)
    loop = asyncio.new_event_loop()

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there = await asyncio.open_connection(parts.hostname, parts.port)
        half = seconds / 2
        await asyncio.gather(_pump(reader, there[1], half), _pump(there[0], writer, half))

    server = loop.run_until_complete(asyncio.start_server(relay, "127.0.0.1", 0))
    port = server.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{port}{parts.path}"
    finally:
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()


def mapping_of(graph: Graph) -> EndpointMapping:
    """Return the mapping under which triples of the endpoint are the statements of a snapshot."""
    (evidence,) = graph.snapshot.records.statement(0).evidence
    stated = {"namespaces": [PROPERTY], "kind": evidence.kind, "source": evidence.source}
    used = sorted({edge.predicate for edge in graph.metagraph().edges})
    said = {PROPERTY + name: {"id": name} for name in used}
    return msgspec.convert(
        {
            "name": "hetio",
            "dialect": "oxigraph",
            "statements": stated,
            "predicates": said,
            "request_seconds": 120,
        },
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
    """Return what each query took, and how many answers were not the same or not proven."""
    columns: dict[str, list[float]] = {n: [] for n in COLUMNS}
    for query in queries:
        answer = remote.answer(query)
        begun = time.monotonic()
        expected = local.find_paths(query)
        took = time.monotonic() - begun
        same = [path.score for path in answer.result.paths] == [p.score for p in expected.paths]
        same &= [[e.id for e in path.entities] for path in answer.result.paths] == [
            [e.id for e in path.entities] for path in expected.paths
        ]
        usage = answer.usage
        for name, value in (
            ("seconds", usage.seconds), ("requests", usage.requests),
            ("kB", (usage.sent + usage.received) / 1e3), ("bad", float(not same)),
            ("open", float(bool(answer.reason))), ("local", took),
        ):  # fmt: skip
            columns[name].append(value)
    return columns


def row_of(title: str, columns: dict[str, list[float]]) -> str:
    """Return a line of the table: median, 95th percentile and most of each column."""

    def three(name: str, form: str) -> str:
        values = columns[name]
        marks = np.percentile(values, 50), np.percentile(values, 95), max(values)
        return " / ".join(format(value, form) for value in marks)

    count, seconds = len(columns["bad"]), np.array(columns["seconds"])
    soon = (seconds <= 1.0) & (np.array(columns["open"]) == 0)
    return (
        f"| {title} | {count} | {three('requests', '.0f')} | {three('kB', ',.0f')} | "
        f"{three('seconds', '.2f')} | {count - sum(columns['open']):.0f} | {soon.sum()} | "
        f"{sum(columns['bad']):.0f} |"
    )


def table(
    local: Graph, files: Sequence[Path], base: Path, options: argparse.Namespace
) -> tuple[list[str], dict[str, list[float]], float]:
    """Return the lines of the table, the columns of its first, and what the degrees took (s)."""
    queries = queries_of(local, options.pairs)
    some, rows = queries[: 2 * options.counted], []
    with oxigraph(files, base) as url, delayed(url, options.delay) as far:
        mapping = mapping_of(local)
        with EngineGraph(SparqlEngine(url, mapping), PLENTY) as remote:
            begun = time.monotonic()
            if remote.engine.degree_table(Meter(PLENTY)) is None:
                raise SystemExit("The degree table could not be fetched within its budget.")
            taken = time.monotonic() - begun
            remote.answer(queries[0])
            columns = measured(remote, local, queries)
            rows.append(row_of("degree table", columns))
        with EngineGraph(SparqlEngine(url, mapping, wants_table=False), PLENTY) as remote:
            rows.append(row_of("degrees by counts", measured(remote, local, some)))
        with EngineGraph(SparqlEngine(far, mapping), PLENTY) as remote:
            remote.answer(queries[0])
            title = f"degree table, {1000 * options.delay:.0f} ms away"
            rows.append(row_of(title, measured(remote, local, some)))
    return rows, columns, taken


def main(argv: Sequence[str] | None = None) -> None:
    """Measure, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=HERE.parents[1] / "shared")
    parser.add_argument("--pairs", type=int, default=40)
    parser.add_argument("--counted", type=int, default=10)
    parser.add_argument("--every", type=int, default=1, help="keep one of so many statements")
    parser.add_argument("--delay", type=float, default=0.05, help="seconds of a round trip")
    options = parser.parse_args(argv)
    load_before = os.getloadavg()[0]
    with TemporaryDirectory() as folder:
        base = Path(folder)
        files = part_of(options.shared, base, options.every)
        local = open_graph(load(files, base / "local", name="hetio", schema=known_schema()).path)
        rows, columns, taken = table(local, files, base, options)
    counts, load_after = local.manifest.counts, os.getloadavg()[0]
    (HERE / "engines.md").write_text(
        "# Paths over an endpoint\n\n"
        f"One of {options.every} statements of the Hetionet part, "
        f"{counts.statements:,} statements of {counts.entities:,} entities behind an Oxigraph "
        "server on the same machine: the ten best paths of at most five hops, undirected, under "
        "the scorers `hubs` and `specific`; one pair of four has a hub at one end, one of eight at "
        f"both. Written by `python -m bench.engines` on {os.cpu_count()} cores that had other "
        f"work: load average {load_before:.1f} at the start, {load_after:.1f} at the end.\n\n"
        "Requests, kB (sent and received) and seconds are median / 95th percentile / most. "
        "*Proven* counts answers of which it is proven that no path is better, *in 1 s* those of "
        "them that took no longer, *not the same* those whose paths, order or scores are not those "
        "of the snapshot.\n\n"
        "| degrees | queries | requests | kB | seconds | proven | in 1 s | not the same |\n"
        "|---|---|---|---|---|---|---|---|\n" + "\n".join(rows) + "\n\n"
        f"The degree table, fetched once a process: {taken:.1f} s. The same "
        f"queries on the snapshot: median {1000 * np.median(columns['local']):.0f} ms, most "
        f"{1000 * max(columns['local']):,.0f} ms.\n\n"
        "Not measured: other servers than Oxigraph, more than one query at a time, queries with "
        "`via`, `avoid`, a composition or a chain of predicates, and larger graphs.\n"
    )


if __name__ == "__main__":
    main()
