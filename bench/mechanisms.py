"""Mechanism recovery: where curated paths stand among the paths that the product returns.

`python -m bench.mechanisms GOLD --data DIR --graph NAME` asks each question of a gold file
(undirected, 2 to 5 hops, the 100 best, default settings) and prints hits, reciprocal rank and
recall of inner entities with intervals; `--url` asks a service instead. A line of the gold file has
query_id, drug, disease, tier, cluster and the curated `paths` (lists of CURIEs).

A hit is a path whose whole sequence of entities is a curated one. Intervals resample clusters of
drugs (cluster bootstrap, Field & Welsh 2007), as drugs of a cluster share curated paths.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import requests
from numpy.typing import NDArray

from mechkg import Graph, open_graph
from mechkg.kg.model.queries import PathQuery

DEPTH: Final = 100
LONGEST: Final = 5
ROUNDS: Final = 2_000
METRICS: Final = ("hits@1", "hits@10", "hits@100", "mrr", "node_recall@10")

Curies = tuple[str, ...]
Ask = Callable[[str, str], list[Curies]]


def read_gold(path: Path, tier: str = "primary", sample: int = 0) -> list[dict[str, Any]]:
    """Return the questions of a gold file, `sample` of them spread evenly where it is not 0."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        questions = [json.loads(line) for line in lines if line.strip()]
    questions = [q for q in questions if tier in ("all", q["tier"])]
    if sample:
        order = np.random.default_rng(1).permutation(len(questions))[:sample]
        questions = [questions[i] for i in sorted(order.tolist())]
    return questions


def measures(question: dict[str, Any], ranked: Sequence[Curies]) -> list[float]:
    """Return the `METRICS` of one question.

    >>> question = {"paths": [["d", "a", "x"], ["d", "b", "c", "x"]]}
    >>> measures(question, [("d", "c", "x"), ("d", "a", "x")])
    [0.0, 1.0, 1.0, 0.5, 0.6666666666666666]
    """
    gold = {tuple(path) for path in question["paths"]}
    wanted = {entity for path in gold for entity in path[1:-1]}
    rank = next((i for i, path in enumerate(ranked[:DEPTH], 1) if path in gold), 0)
    near = {entity for path in ranked[:10] for entity in path[1:-1]}
    hits = [float(0 < rank <= k) for k in (1, 10, 100)]
    return [*hits, 1 / rank if rank else 0.0, len(near & wanted) / len(wanted)]


def interval(values: NDArray[np.float64], clusters: Sequence[str]) -> tuple[float, float]:
    """Return the 95 percent interval of a mean by resampling clusters."""
    _, place = np.unique(np.asarray(clusters), return_inverse=True)
    size, total = np.bincount(place), np.bincount(place, weights=values)
    drawn = np.random.default_rng(1).integers(0, len(size), (ROUNDS, len(size)))
    low, high = np.quantile(total[drawn].sum(1) / size[drawn].sum(1), (0.025, 0.975))
    return float(low), float(high)


def table(questions: Sequence[dict[str, Any]], runs: Sequence[Sequence[Curies]]) -> str:
    """Return the figures of a run in percent, one line a metric."""
    rows = np.array([measures(q, run) for q, run in zip(questions, runs, strict=True)])
    clusters = [str(q["cluster"]) for q in questions]
    lines = [f"{len(questions)} questions"]
    for name, values in zip(METRICS, rows.T, strict=True):
        low, high = interval(values, clusters)
        lines.append(f"{name:16s}{values.mean():7.1%}  [{low:.1%}, {high:.1%}]")
    return "\n".join(lines)


def ask_graph(graph: Graph, limit: int = DEPTH, **fixed: Any) -> Ask:
    """Return what asks an open graph."""

    def ask(source: str, target: str) -> list[Curies]:
        result = graph.find_paths(
            PathQuery(
                source=(source,), target=(target,), min_hops=2, max_hops=LONGEST,
                direction="undirected", limit=limit, timeout=60.0, **fixed,
            )
        )  # fmt: skip
        return [tuple(entity.id for entity in path.entities) for path in result.paths]

    return ask


def ask_service(url: str, **fixed: Any) -> Ask:
    """Return what asks a service over HTTP."""
    session = requests.Session()

    def ask(source: str, target: str) -> list[Curies]:
        body = {
            "source": [source], "target": [target], "min_hops": 2, "max_hops": LONGEST,
            "direction": "undirected", "limit": DEPTH, **fixed,
        }  # fmt: skip
        answer = session.post(f"{url}/api/v1/paths", json=body, timeout=90)
        answer.raise_for_status()
        return [tuple(e["id"] for e in path["entities"]) for path in answer.json()["paths"]]

    return ask


def write_run(path: Path, questions: Iterable[dict[str, Any]], runs: Iterable[Any]) -> None:
    """Write a run, one question a line: query_id and its paths, best first."""
    with path.open("w", encoding="utf-8") as out:
        for question, run in zip(questions, runs, strict=True):
            out.write(json.dumps({"query_id": question["query_id"], "paths": run}) + "\n")


def main(arguments: list[str]) -> int:
    """Ask, write the run and print the figures; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench.mechanisms", description=__doc__)
    parser.add_argument("gold", type=Path)
    parser.add_argument("--data", type=Path, default=Path("data"), help="where snapshots are")
    parser.add_argument("--graph", default="mechanisms", help="name of the loaded graph")
    parser.add_argument("--url", help="ask this service instead of opening the graph")
    parser.add_argument("--tier", default="primary", help="primary, surplus, extended or all")
    parser.add_argument("--sample", type=int, default=0, help="ask only so many questions")
    parser.add_argument("--scorer", help="rank by this scorer instead of the default")
    parser.add_argument("--limit", type=int, default=DEPTH)
    parser.add_argument("--run", type=Path, help="write the ranked paths here")
    given = parser.parse_args(arguments)
    questions = read_gold(given.gold, given.tier, given.sample)
    fixed = {"scorer": given.scorer} if given.scorer else {}
    if given.url:
        ask = ask_service(given.url, **fixed)
    else:
        ask = ask_graph(open_graph(given.data / given.graph / "current"), given.limit, **fixed)
    runs, taken = [], []
    for question in questions:
        begun = time.perf_counter()
        runs.append(ask(question["drug"], question["disease"]))
        taken.append(1e3 * (time.perf_counter() - begun))
    if given.run:
        write_run(given.run, questions, runs)
    print(table(questions, runs))
    print("milliseconds p50 {:.1f}, p95 {:.1f}".format(*np.percentile(taken[1:], [50, 95])))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
