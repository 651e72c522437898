"""Exports of a large graph: `python -m bench.exports [STATEMENTS] [--write]`.

A graph of so many statements is loaded from a table and written by `mechkg export` in five formats,
each by a process of its own: seconds, bytes, and the most memory that it took over a process that
only opens the graph. Every file is loaded again, and has to give the same statements.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mechkg.kg.graph import open_graph
from mechkg.kg.snapshot.catalogue import Catalogue

ROOT: Final = Path(__file__).parents[1]
FORMATS: Final = {"ntriples": "nt", "turtle": "ttl", "tsv": "tsv", "kgx-jsonl": "kgx.jsonl.tar.gz",
                  "kgx-tsv": "kgx.tsv.tar.gz"}  # fmt: skip
PREDICATES: Final = ("biolink:affects", "biolink:regulates", "biolink:interacts_with")


def table_of(path: Path, count: int) -> None:
    """Write a table of so many distinct statements on a tenth as many entities."""
    chance = np.random.default_rng(3)
    entities = max(count // 10, 10)
    subject = np.repeat(np.arange(count // 10 + 1), 10)[:count] % entities
    offset = np.tile(np.arange(10), count // 10 + 1)[:count]
    obj = (subject * 7 + offset * 1_009 + 1 + chance.integers(0, 97, count)) % entities
    kind = chance.integers(0, len(PREDICATES), count)
    with path.open("w") as file:
        file.write("subject\tpredicate\tobject\n")
        for start in range(0, count, 1 << 16):
            end = start + (1 << 16)
            rows = zip(subject[start:end], kind[start:end], obj[start:end], strict=True)
            file.write("".join(f"X:{s}\t{PREDICATES[k]}\tX:{o}\n" for s, k, o in rows))


def ran(*arguments: str) -> tuple[float, int]:
    """Run Python with some arguments; returns the seconds, and MiB of memory at most."""
    began = time.monotonic()
    pid = os.posix_spawn(sys.executable, [sys.executable, *arguments],
                         {**os.environ, "PYTHONPATH": str(ROOT)})  # fmt: skip
    _, status, usage = os.wait4(pid, 0)
    if status:
        raise SystemExit(f"{arguments} ended with {status}")
    return time.monotonic() - began, usage.ru_maxrss // 1024


def statements_of(path: Path) -> NDArray[np.int64]:
    """Return the statements of a snapshot as sorted rows, by the order of its identifiers."""
    graph = open_graph(path)
    index, records = graph.snapshot.index, graph.snapshot.records
    names = np.array([records.curie(row) for row in range(index.entities)])
    place = np.empty(len(names), np.int64)
    place[np.argsort(names)] = np.arange(len(names))
    order = {p.id.removeprefix("biolink:"): n for n, p in enumerate(
        sorted(graph.schema.predicates, key=lambda p: p.id.removeprefix("biolink:")))}  # fmt: skip
    kinds = np.array([order[p.id.removeprefix("biolink:")] for p in graph.schema.predicates])
    rows = np.stack((place[index.subject], kinds[index.predicate], place[index.object]))
    return rows[:, np.lexsort(rows)]


def measured(folder: Path, count: int) -> list[str]:
    """Load, export, and load again; returns the rows of the table."""
    table = folder / "edges.tsv"
    table_of(table, count)
    data = folder / "data"
    own = ("-m", "mechkg")
    took, _ = ran(*own, "load", str(table), "--name", "own", "--data", str(data))
    print(f"loaded in {took:.0f} s", flush=True)
    path = Catalogue(data).path("own")
    _, idle = ran("-c", f"from mechkg.kg.graph import open_graph; open_graph({str(path)!r})")
    wanted = statements_of(path)
    rows = []
    for name, suffix in FORMATS.items():
        output = folder / f"own.{suffix}"
        took, most = ran(*own, "export", "--graph", "own", "--data", str(data), "--format", name,
                         "--output", str(output))  # fmt: skip
        size = output.stat().st_size >> 20
        again, _ = ran(*own, "load", str(output), "--name", "back", "--data", str(data))
        found = statements_of(Catalogue(data).path("back"))
        same = found.shape == wanted.shape and bool((found == wanted).all())
        rows.append(f"| {name} | {took:.0f} | {size:,} | {most - idle} | {again:.0f} | "
                    f"{'yes' if same else '**no**'} |")  # fmt: skip
        print(rows[-1], flush=True)
        output.unlink()
    return rows


def main(arguments: Sequence[str]) -> int:
    """Measure and print; returns how many formats do not come back."""
    parser = argparse.ArgumentParser(prog="python -m bench.exports", description=__doc__)
    parser.add_argument("statements", nargs="?", type=int, default=10_000_000)
    parser.add_argument("--write", action="store_true", help="write bench/exports.md")
    given = parser.parse_args(arguments)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with TemporaryDirectory(prefix="exports-") as folder:
        rows = measured(Path(folder), given.statements)
    title = "| format | s | MiB | MiB over a process that opens it | loaded again, s | the same |"
    title = "| format | s | MiB | MiB over a process that opens it | loaded again, s | the same |"
    head = ["# Exports", "", f"Written by `python -m bench.exports {given.statements} --write`."]
    head += ["", title, "|---|--:|--:|--:|--:|---|"]
    text = "\n".join([*head, *rows, ""])
    print(text)
    if given.write:
        (ROOT / "bench" / "exports.md").write_text(text)
    return sum("**no**" in row for row in rows)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
