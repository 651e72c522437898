"""A master and two workers of Spark, each in a network namespace of its own, against one machine.

`python -m bench.spark --statements 10000000` needs root, iproute2, Java and pyspark; it compiles a
synthetic lake and searches all pairs of two sets, with one worker, with two, and with one of two
killed in the middle, and writes spark.md: times, bytes of shuffles, and whether hashes and rows are
those of the local builder and of the local search.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from mechkg import Graph, PathQuery, open_graph
from mechkg.api.cli.loading import formats
from mechkg.kg.build.load import Feed, load
from mechkg.kg.model.presets import known_schema

__all__ = ["main"]

HERE = Path(__file__).parent
BRIDGE, NETWORK, DRIVER = "mkspark", "10.77.0", "10.77.0.254"
FILES, ENTITIES_PER, PREDICATES, WAIT = 10, 10, 12, 120.0
SHARE = 1 << 24


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


@contextmanager
def network(count: int) -> Iterator[list[str]]:
    """Make namespaces, joined by a bridge; yields their names, the addresses are .1, .2 ..."""
    names = [f"{BRIDGE}{number}" for number in range(1, count + 1)]
    with ExitStack() as made:
        ip("link", "add", BRIDGE, "type", "bridge")
        made.callback(ip, "link", "del", BRIDGE)
        ip("addr", "add", f"{DRIVER}/24", "dev", BRIDGE)
        ip("link", "set", BRIDGE, "up")
        for number, name in enumerate(names, 1):
            ip("netns", "add", name)
            made.callback(ip, "netns", "del", name)
            ip("link", "add", f"v{name}", "type", "veth", "peer", "name", "eth0", "netns", name)
            ip("link", "set", f"v{name}", "master", BRIDGE, "up")
            for words in (
                ("addr", "add", f"{NETWORK}.{number}/24", "dev", "eth0"),
                ("link", "set", "eth0", "up"),
                ("link", "set", "lo", "up"),
            ):
                ip("-n", name, *words)
        yield names


@contextmanager
def process(namespace: str, number: int, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a class of Spark in a namespace until the block ends."""
    import pyspark

    home = pyspark.__path__[0]
    started = subprocess.Popen(
        ["ip", "netns", "exec", namespace, f"{home}/bin/spark-class", *words],
        env={**os.environ, "SPARK_HOME": home, "SPARK_LOCAL_IP": f"{NETWORK}.{number}",
             "PYSPARK_PYTHON": sys.executable},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        yield started
    finally:
        kill(started)


def kill(started: subprocess.Popen[bytes]) -> None:
    """Kill a process and all that it started."""
    if started.poll() is None:
        os.killpg(started.pid, signal.SIGKILL)
        started.wait()


@contextmanager
def cluster(workers: int) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Run a master and some workers of one core each; yields the workers."""
    master = f"spark://{NETWORK}.1:7077"
    deploy = "org.apache.spark.deploy"
    with ExitStack() as running:
        names = running.enter_context(network(workers + 1))
        running.enter_context(
            process(names[0], 1, f"{deploy}.master.Master", "--host", f"{NETWORK}.1")
        )
        until(partial(listening, f"{NETWORK}.1", 7077))
        yield [
            running.enter_context(
                process(name, number, f"{deploy}.worker.Worker", master, "--host",
                        f"{NETWORK}.{number}", "--cores", "1", "--memory", "2g")
            )
            for number, name in enumerate(names[1:], 2)
        ]  # fmt: skip


def listening(host: str, port: int) -> bool:
    with socket.socket() as client:
        client.settimeout(1)
        return client.connect_ex((host, port)) == 0


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + WAIT
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError
        time.sleep(0.2)


@contextmanager
def session() -> Iterator[Any]:
    from mechkg.api.spark.session import connected

    settings = {
        "spark.driver.host": DRIVER, "spark.driver.bindAddress": DRIVER,
        "spark.executor.memory": "1500m", "spark.ui.showConsoleProgress": "false",
        "spark.sql.execution.arrow.maxRecordsPerBatch": "65536",
    }  # fmt: skip
    with connected(master=f"spark://{NETWORK}.1:7077", settings=settings) as opened:
        yield opened


def status(opened: Any, what: str) -> Any:
    """Return what the driver says of itself (Spark's REST API)."""
    context = opened.sparkContext
    port = context.uiWebUrl.rpartition(":")[2]
    url = f"http://{DRIVER}:{port}/api/v1/applications/{context.applicationId}/{what}"
    with urllib.request.urlopen(url, timeout=60) as answer:
        return json.load(answer)


def shuffled(opened: Any) -> int:
    """Return the bytes that all stages wrote for others to read."""
    return sum(stage["shuffleWriteBytes"] for stage in status(opened, "stages"))


def executors(opened: Any) -> int:
    return sum(each["id"] != "driver" for each in status(opened, "executors"))


def write_lake(folder: Path, statements: int) -> list[Path]:
    """Write tables of random statements: one in ten is there twice, entities one for ten."""
    random = np.random.default_rng(17)
    entities = statements // ENTITIES_PER
    paths = []
    for number in range(FILES):
        count = statements // FILES
        ends = (random.pareto(1.2, (2, count)) * entities / 50).astype(np.int64) % entities
        predicate = random.integers(0, PREDICATES, count)
        again = random.integers(0, count, count // 10)
        order = np.concatenate((np.arange(count), again))
        path = folder / f"edges-{number}.tsv"
        rows = zip(*(a[order].tolist() for a in (ends[0], predicate, ends[1])), strict=True)
        path.write_text("subject\tpredicate\tobject\n" + "".join(
            f"HGNC:{s}\tbiolink:p{p}\tMONDO:{o}\n" if p % 2 else f"HGNC:{s}\tp{p}\tHGNC:{o}\n"
            for s, p, o in rows
        ))  # fmt: skip
        paths.append(path)
    return paths


def compiled(files: Sequence[Path], folder: Path, feed: Feed | None) -> tuple[str, float, Path]:
    begin = time.monotonic()
    made = load(
        files, folder, name="lake", schema=known_schema(), formats=formats(), feed=feed,
        corroborate="off",
    )  # fmt: skip
    return made.manifest.hash, time.monotonic() - begin, made.path


def spread(files: Sequence[Path], folder: Path, workers: int, kill_after: float) -> dict[str, Any]:
    """Compile on a cluster; with `kill_after`, one worker is killed so many seconds later."""
    from mechkg.api.spark.feed import SparkFeed

    with cluster(workers) as running, session() as opened:
        until(lambda: executors(opened) == workers)
        timer = threading.Timer(kill_after, kill, (running[-1],))
        if kill_after:
            timer.start()
        folder.mkdir(parents=True)
        feed = SparkFeed(opened, formats, folder, SHARE)
        made, seconds, _ = compiled(files, folder / "data", feed)
        timer.cancel()
        return {
            "workers": workers, "killed": running[-1].poll() is not None, "hash": made,
            "seconds": seconds, "shuffled": shuffled(opened),
        }  # fmt: skip


def sets(graph: Graph, count: int) -> tuple[list[str], list[str]]:
    """Return entities of middling degree, the same for any run."""
    degree = graph.snapshot.index.degree
    rows = np.flatnonzero((degree >= 3) & (degree <= 200))
    drawn = np.random.default_rng(3).choice(rows, 2 * count, replace=False)
    names = [graph.snapshot.records.entity(int(row)).id for row in drawn]
    return names[:count], names[count:]


def pairs(graph: Graph, count: int, workers: int, folder: Path) -> dict[str, Any]:
    """Search all pairs on a cluster, and here; says whether the rows are the same."""
    from pyarrow.parquet import read_table

    from mechkg.api.spark.pairs import write_pairs

    sources, targets = sets(graph, count)
    query = PathQuery(
        source=("x",), target=("x",), max_hops=3, limit=3, composition="off", time_limit=60.0
    )
    with cluster(workers) as _, session() as opened:
        until(lambda: executors(opened) == workers)
        begin = time.monotonic()
        written = write_pairs(opened, graph, query, sources=sources, targets=targets, output=folder)
        seconds = time.monotonic() - begin
        moved = shuffled(opened)
    rows = read_table(folder).to_pylist()
    return {
        "workers": workers, "rows": rows, "written": written, "seconds": seconds,
        "shuffled": moved, "query": query, "sets": (sources, targets),
    }  # fmt: skip


def local_rows(graph: Graph, found: dict[str, Any]) -> tuple[list[dict[str, Any]], float]:
    """Search the pairs of a run here."""
    from mechkg.api.spark.pairs import COLUMNS, pair_rows

    begin = time.monotonic()
    sources, targets = found["sets"]
    empty = dict.fromkeys(COLUMNS.names)
    rows = [
        empty | row
        for source in sources
        for target in targets
        for row in pair_rows(graph, found["query"], source, target)
    ]
    return rows, time.monotonic() - begin


def key(row: dict[str, Any]) -> tuple[str, str, int]:
    return row["source"], row["target"], row["rank"] or 0


def page(lines: Sequence[str], statements: int, began: float) -> str:
    about = (
        "A master and workers of one core each, separate processes in network namespaces of "
        "their own, joined by a bridge; the caller outside. All on one machine of "
        f"{os.cpu_count()} cores that had other work (load average {began:.1f} at the start, "
        f"{os.getloadavg()[0]:.1f} at the end), so that times say little of what a second worker "
        f"adds. {statements:,} statements in ten tables, one in ten of them once more. Written by "
        "`python -m bench.spark`."
    )
    return "\n".join(("# A cluster of Spark", "", about, "", *lines, ""))


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--statements", type=int, default=10_000_000)
    parser.add_argument("--pairs", type=int, default=200, help="entities of each of the two sets")
    parser.add_argument("--kill-after", type=float, default=20.0, help="seconds")
    parser.add_argument("--output", type=Path, default=HERE / "spark.md")
    given = parser.parse_args(arguments)
    began = os.getloadavg()[0]
    with TemporaryDirectory() as name:
        folder = Path(name)
        lines = measured(given, folder)
    given.output.write_text(page(lines, given.statements, began), "utf-8")


def measured(given: argparse.Namespace, folder: Path) -> list[str]:
    files = write_lake(folder, given.statements)
    local, seconds, path = compiled(files, folder / "local", None)
    print("local", local, round(seconds, 1), flush=True)
    lines = ["## Compiling", "", "| | seconds | shuffled MB | hash equal |", "|---|---|---|---|"]
    lines.append(f"| the local builder | {seconds:.0f} | | |")
    for workers, after in ((1, 0.0), (2, 0.0), (2, given.kill_after)):
        run = spread(files, folder / f"spark-{workers}-{after}", workers, after)
        print(run, flush=True)
        what = f"{workers} worker{'s' if workers > 1 else ''}"
        if after:
            what += ", one killed" if run["killed"] else ", done before one was killed"
        equal = "yes" if run["hash"] == local else "**no**"
        moved = run["shuffled"] / 1e6
        lines.append(f"| {what} | {run['seconds']:.0f} | {moved:,.0f} | {equal} |")
    return lines + searched(given, open_graph(path), folder)


def searched(given: argparse.Namespace, graph: Graph, folder: Path) -> list[str]:
    size = given.pairs
    lines = [
        "", f"## {size} by {size} pairs, three best paths of at most 3 hops", "",
        "| | seconds | rows | shuffled MB | rows equal |", "|---|---|---|---|---|",
    ]  # fmt: skip
    expected: list[dict[str, Any]] = []
    for workers in (1, 2):
        run = pairs(graph, size, workers, folder / f"pairs-{workers}")
        if not expected:
            expected, seconds = local_rows(graph, run)
            expected.sort(key=key)
            lines.append(f"| one process here | {seconds:.0f} | {len(expected):,} | | |")
        equal = "yes" if sorted(run["rows"], key=key) == expected else "**no**"
        what = f"{workers} worker{'s' if workers > 1 else ''}"
        lines.append(
            f"| {what} | {run['seconds']:.0f} | {run['written']:,} | {run['shuffled'] / 1e6:,.0f} "
            f"| {equal} |"
        )
        print(lines[-1], flush=True)
    return lines


if __name__ == "__main__":
    main()
