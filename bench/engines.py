"""Paths over a SPARQL endpoint against those of a snapshot, on the Hetionet part.

`python -m bench.engines --shared ../shared` loads the graph into a snapshot and into servers of
Oxigraph and Virtuoso on this machine, sends all the same queries, compares the answers, and writes
engines.md: requests, bytes and seconds of the queries over the endpoints, with the degree table and
without, and with a delay between. `--address` names servers that hold the graph already.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import gzip
import os
import random
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from itertools import islice, pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import msgspec
import numpy as np

from mechkg import Budget, EngineGraph, Graph, PathQuery, open_graph
from mechkg.kg.build.load import load
from mechkg.kg.engine.contract import Meter
from mechkg.kg.errors import TooCostly
from mechkg.kg.model.presets import known_schema
from mechkg.kg.search.list_paths import list_paths
from mechkg.ontology.endpoint.engine import SparqlEngine
from mechkg.ontology.endpoint.mapping import EndpointMapping
from mechkg.ontology.rdf.vocabulary import RDF, RDFS, Codec
from tests.engine.servers import VIRTUOSO_GRAPH, oxigraph, virtuoso

__all__ = ["main"]

PROPERTY = "http://example.org/hetionet/"
HERE = Path(__file__).parent
COLUMNS = ("seconds", "requests", "kB", "bad", "open", "local")
SERVERS = {"oxigraph": oxigraph, "virtuoso": virtuoso}
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
            kind = codec.iri(f"biolink:{row['category']}")
            yield f"<{codec.iri(row['id'])}> <{RDF['type']}> <{kind}> .\n"
    with gzip.open(files[1], "rt") as edges:
        for row in csv.DictReader(edges, delimiter="\t"):
            ends = codec.iri(row["subject"]), codec.iri(row["object"])
            yield f"<{ends[0]}> <{PROPERTY}{row['predicate']}> <{ends[1]}> .\n"


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


def mapping_of(graph: Graph, kind: str) -> EndpointMapping:
    """Return the mapping under which triples of the endpoint are the statements of a snapshot."""
    (evidence,) = graph.snapshot.records.statement(0).evidence
    stated = {"namespaces": [PROPERTY], "kind": evidence.kind, "source": evidence.source}
    used = sorted({edge.predicate for edge in graph.metagraph().edges})
    said = {PROPERTY + name: {"id": name} for name in used}
    return msgspec.convert(
        {
            "name": "hetio",
            "dialect": kind,
            "graph": VIRTUOSO_GRAPH if kind == "virtuoso" else "",
            "statements": stated,
            "predicates": said,
            "request_seconds": 120,
        },
        EndpointMapping,
    )


def pairs_of(graph: Graph, count: int) -> list[tuple[str, str]]:
    """Return pairs of entities: three ordinary ones for one with a hub."""
    chance = random.Random(5)
    degree, curie = graph.snapshot.index.degree, graph.snapshot.records.curie
    ordinary = np.flatnonzero((degree >= 5) & (degree <= 100)).tolist()
    hubs = np.argsort(degree)[-40:].tolist()
    found = []
    for number in range(count):
        first = chance.choice(hubs if number % 4 == 3 else ordinary)
        second = chance.choice(hubs if number % 8 == 7 else ordinary)
        found.append((curie(first) + "!", curie(second) + "!"))
    return [pair for pair in found if pair[0] != pair[1]]


FREE = {"direction": "undirected", "composition": "off"}
KINDS: Mapping[str, Mapping[str, object]] = {
    "hubs": {**FREE, "scorer": "hubs"},
    "specific": {**FREE, "scorer": "specific"},
    "directed": {"direction": "directed", "scorer": "hubs", "composition": "off"},
    "composition": {"composition": "strict", "scorer": "hubs", "max_hops": 4},
    "via": {**FREE, "scorer": "hubs"},
    "avoid": {**FREE, "scorer": "hubs"},
    "metapath": {"metapath": "GiG{1,2}/GcG{1,2}", "scorer": "hubs", "max_hops": 4},
}
"""What queries of each kind have beside their ends; `via` and `avoid` get an entity each."""


def queries_of(graph: Graph, kind: str, pairs: Sequence[tuple[str, str]]) -> list[PathQuery]:
    """Return ten best paths of at most five hops, or four, between pairs."""
    found = []
    if kind == "metapath":
        genes = [end for pair in pairs for end in pair if end.startswith("NCBIGene:")]
        pairs = list(pairwise(genes))[: len(pairs)]
    for source, target in pairs:
        fields = {"max_hops": 5, "timeout": 60, **KINDS[kind], "source": [source]}
        if kind in ("via", "avoid"):
            near = graph.find_paths(
                source=source, target=target, max_hops=3, limit=3, scorer="hubs", **FREE
            )
            inner = [path.entities[1].id for path in near.paths if path.length > 1]
            if not inner:
                continue
            fields[kind] = [inner[-1] + "!"]
        found.append(msgspec.convert({**fields, "target": [target]}, PathQuery))
    return found


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


def counted(
    remote: EngineGraph, local: Graph, pairs: Sequence[tuple[str, str]], hops: int
) -> dict[str, list[float]]:
    """Return what all paths of some hops took, by `PathCover`, and whether they are as many."""
    columns: dict[str, list[float]] = {n: [] for n in COLUMNS}
    for source, target in pairs:
        query = PathQuery(
            source=(source,), target=(target,), max_hops=hops, direction="undirected",
            composition="off", timeout=60,
        )  # fmt: skip
        meter, refused, total = Meter(PLENTY), 0.0, -1
        try:
            with remote.part_with_paths([query], remote.engine.version(meter), meter, None) as part:
                total = len(list_paths(part[0], part[1][0].query).rows)
        except TooCostly:
            refused = 1.0
        usage = meter.usage
        begun = time.monotonic()
        same = refused or total == len(local.list_paths(query).rows)
        for name, value in (
            ("seconds", usage.seconds), ("requests", usage.requests),
            ("kB", (usage.sent + usage.received) / 1e3), ("bad", float(not same)),
            ("open", refused), ("local", time.monotonic() - begun),
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
    kind: str, url: str, local: Graph, options: argparse.Namespace
) -> tuple[list[str], list[float], float]:
    """Return the lines of one server, what its queries took locally, and what the degrees took."""
    pairs, rows, own = pairs_of(local, options.pairs), [], list[float]()
    some = pairs[: options.some]
    mapping = mapping_of(local, kind)
    with EngineGraph(SparqlEngine(url, mapping), PLENTY) as remote:
        begun = time.monotonic()
        if remote.engine.degree_table(Meter(PLENTY)) is None:
            raise SystemExit("The degree table could not be fetched within its budget.")
        taken = time.monotonic() - begun
        remote.answer(queries_of(local, "hubs", pairs)[0])
        for name in KINDS:
            chosen = pairs if name in ("hubs", "specific") else some
            columns = measured(remote, local, queries_of(local, name, chosen))
            rows.append(row_of(f"{kind}, {name}", columns))
            own += columns["local"]
        for hops in (3, 4):
            columns = counted(remote, local, some, hops)
            rows.append(row_of(f"{kind}, all paths of at most {hops} hops", columns))
    with EngineGraph(SparqlEngine(url, mapping, wants_table=False), PLENTY) as remote:
        columns = measured(remote, local, queries_of(local, "hubs", some))
        rows.append(row_of(f"{kind}, hubs, degrees counted", columns))
    with (
        delayed(url, options.delay) as far,
        EngineGraph(SparqlEngine(far, mapping), PLENTY) as remote,
    ):
        remote.answer(queries_of(local, "hubs", some)[0])
        columns = measured(remote, local, queries_of(local, "hubs", some))
        rows.append(row_of(f"{kind}, hubs, {1000 * options.delay:.0f} ms away", columns))
    return rows, own, taken


def main(argv: Sequence[str] | None = None) -> None:
    """Measure, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=HERE.parents[1] / "shared")
    parser.add_argument("--pairs", type=int, default=20)
    parser.add_argument("--some", type=int, default=8, help="pairs of the rarer kinds of queries")
    parser.add_argument("--every", type=int, default=1, help="keep one of so many statements")
    parser.add_argument("--delay", type=float, default=0.05, help="seconds of a round trip")
    parser.add_argument("--servers", nargs="*", choices=list(SERVERS), default=list(SERVERS))
    parser.add_argument("--address", nargs="*", default=[], help="of servers that hold the graph")
    options = parser.parse_args(argv)
    before, rows, own, degrees = os.getloadavg()[0], list[str](), list[float](), list[str]()
    with TemporaryDirectory() as folder:
        base = Path(folder)
        files = part_of(options.shared, base, options.every)
        local = open_graph(load(files, base / "local", name="hetio", schema=known_schema()).path)
        for number, kind in enumerate(options.servers):
            (base / kind).mkdir()
            with (
                nullcontext(options.address[number])
                if options.address
                else SERVERS[kind](base / kind, map(str.rstrip, lines_of(files)))
            ) as url:
                found = table(kind, url, local, options)
            rows += found[0]
            own += found[1]
            degrees.append(f"{kind} {found[2]:.1f} s")
    counts, after = local.manifest.counts, os.getloadavg()[0]
    (HERE / "engines.md").write_text(
        "# Paths over an endpoint\n\n"
        f"One of {options.every} statements of the Hetionet part, "
        f"{counts.statements:,} statements of {counts.entities:,} entities, behind servers on the "
        "same machine: the ten best paths of at most five hops (four for composition and "
        "metapath), undirected but for *directed*, *composition* and *metapath*; one pair of four "
        "has a hub at one end, one of eight at both. Written by `python -m bench.engines` on "
        f"{os.cpu_count()} cores that had other work: load average {before:.1f} at the start, "
        f"{after:.1f} at the end.\n\n"
        "Requests, kB (sent and received) and seconds are median / 95th percentile / most. "
        "*Proven* counts answers of which it is proven that no path is better, *in 1 s* those of "
        "them that took no longer, *not the same* those whose paths, order or scores (of all "
        "paths, their number) are not those of the snapshot. Degrees are known, where it is not "
        "said otherwise.\n\n"
        "| server, queries | queries | requests | kB | seconds | proven | in 1 s | not the same |\n"
        "|---|---|---|---|---|---|---|---|\n" + "\n".join(rows) + "\n\n"
        f"The degree table, fetched once a process: {', '.join(degrees)}. The same "
        f"queries on the snapshot: median {1000 * np.median(own):.0f} ms, most "
        f"{1000 * max(own):,.0f} ms.\n\n"
        "Not measured: other servers, more than one query at a time, larger graphs.\n"
    )


if __name__ == "__main__":
    main()
