"""MechKG through its public call: names, categories, statements and evidence materialised."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from bench.answers import Answer, answer_of_paths
from bench.graphs import Graph
from bench.peers.peer import MOST_STATEMENTS, Peer
from bench.workloads import Query, Workload
from kg import Path as FoundPath
from kg import open_graph
from kg.bulk import load
from kg.queries import MAX_LIMIT
from kg.schema import Schema


class MechKG(Peer):
    """`Graph.find_paths`, page by page until its cursor is spent, and `Graph.neighbourhood`."""

    about = (
        "snapshot opened by mmap; Graph.find_paths with all names, statements, signs, scores and "
        f"sentences as Python objects, in pages of {MAX_LIMIT:,} ranked best first; one thread"
    )
    answers = frozenset({"paths", "best", "neighbourhood", "chains"})
    compiles = True

    def build(self, graph: Graph, store: Path) -> None:
        load([graph.nodes, graph.edges], store, name=graph.name, schema=Schema())

    def open(self, graph: Graph, store: Path, workloads: Sequence[Workload]) -> None:  # noqa: ARG002
        self.described = graph
        (snapshot,) = (entry.parent for entry in store.glob("*/manifest.json"))
        self.opened = open_graph(snapshot)

    def ask_paths(self, workload: Workload, query: Query, seconds: float) -> Any:
        pages = []
        cursor: str | None = ""
        while cursor is not None:
            page = self.opened.find_paths(
                source=query.source_ids,
                target=query.target_ids,
                min_hops=workload.min_hops,
                max_hops=workload.hops,
                direction="undirected" if workload.undirected else "directed",
                predicate=workload.predicates,
                limit=MAX_LIMIT,
                cursor=cursor,
                timeout=min(seconds, 300.0),
            )
            pages.append(page)
            cursor = page.cursor
        return pages

    def ask_best(self, workload: Workload, query: Query, seconds: float) -> Any:
        return [
            self.opened.find_paths(
                source=query.source_ids,
                target=query.target_ids,
                max_hops=workload.hops,
                direction="undirected",
                scorer="hubs",
                limit=workload.count,
                timeout=min(seconds, 300.0),
            )
        ]

    def ask_neighbourhood(self, workload: Workload, query: Query, seconds: float) -> Any:  # noqa: ARG002
        return self.opened.neighbourhood(
            entity=query.source_ids[0],
            depth=workload.hops,
            direction="both",
            limit=MOST_STATEMENTS,
        )

    def answer(self, workload: Workload, query: Query, found: Any) -> Answer:  # noqa: ARG002
        if workload.kind == "neighbourhood":
            return Answer(entities=found.total)
        if any(page.truncated_by == "time" for page in found):
            raise TimeoutError("the answer was cut by time")
        paths = [path for page in found for path in page.paths]
        rows = [[self.described.row(entity.id) for entity in path.entities] for path in paths]
        if workload.kind == "best":
            return Answer(costs=tuple(sorted(map(self._cost, rows))))
        return answer_of_paths(rows, map(_product, paths))

    def _cost(self, rows: Sequence[int]) -> float:
        return float(np.log(self.described.degree[list(rows[1:-1])]).sum())


def _product(path: FoundPath) -> int:
    sizes: Iterable[int] = (len(hop.statements) for hop in path.hops)
    return prod(sizes)


PEER = MechKG
