"""MechKG through its public call: names, categories, statements and evidence materialised."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bench.answers import Answer, answer_of_paths
from bench.graphs import Graph
from bench.peers.peer import MOST_STATEMENTS, Peer, import_numba
from bench.workloads import Query, Workload
from mechkg import open_graph
from mechkg.kg.build.load import load
from mechkg.kg.model.schema import Schema


class MechKG(Peer):
    """`Graph.list_paths` for all paths, `Graph.find_paths` for the best ones."""

    about = (
        "snapshot opened by mmap; all paths by Graph.list_paths, with names and categories of all "
        "entities and a predicate a hop as Python objects, neighbourhoods by "
        "Graph.list_neighbourhood likewise; the best by Graph.find_paths, with all "
        "statements, signs, scores and sentences; one thread"
    )
    answers = frozenset({"paths", "best", "neighbourhood", "chains"})
    compiles = True

    def __init__(self) -> None:
        import_numba()

    def build(self, graph: Graph, store: Path) -> None:
        load([graph.nodes, graph.edges], store, name=graph.name, schema=Schema())

    def open(self, graph: Graph, store: Path, workloads: Sequence[Workload]) -> None:  # noqa: ARG002
        self.described = graph
        (snapshot,) = (entry.parent for entry in store.glob("*/manifest.json"))
        self.opened = open_graph(snapshot)

    def ask_paths(self, workload: Workload, query: Query, seconds: float) -> Any:
        return self.opened.list_paths(
            **_asked(workload, query), predicate=workload.predicates, timeout=min(seconds, 300.0)
        )

    def ask_best(self, workload: Workload, query: Query, seconds: float) -> Any:
        return self.opened.find_paths(
            **_asked(workload, query),
            scorer="hubs",
            limit=workload.count,
            timeout=min(seconds, 300.0),
        )

    def ask_neighbourhood(self, workload: Workload, query: Query, seconds: float) -> Any:  # noqa: ARG002
        return self.opened.list_neighbourhood(
            entity=query.source_ids[0], depth=workload.hops, direction="both", most=MOST_STATEMENTS
        )

    def foretell(self, workload: Workload, query: Query) -> tuple[float, float] | None:
        if workload.kind == "neighbourhood":
            return None
        told = self.opened.preview_paths(
            **_asked(workload, query),
            predicate=workload.predicates,
            scorer="hubs",
            limit=workload.count,
        )
        return told.total, told.milliseconds

    def answer(self, workload: Workload, query: Query, found: Any) -> Answer:  # noqa: ARG002
        cut = found.truncated_by
        # A cut list of best paths or of statements was asked for; of all paths it was not.
        if cut in {"time", "hub"} or (workload.kind == "paths" and not found.complete):
            raise TimeoutError(f"the answer was cut by {cut}")
        if workload.kind == "neighbourhood":
            return Answer(entities=found.entities)
        row = self.described.row
        if workload.kind == "best":
            paths = [[row(entity.id) for entity in path.entities] for path in found.paths]
            return Answer(costs=tuple(sorted(map(self._cost, paths))))
        known = {entity: row(entity.id) for path in found.rows for entity in path[::2]}
        paths = [[known[entity] for entity in path[::2]] for path in found.rows]
        return answer_of_paths(paths, found.products().tolist())

    def _cost(self, rows: Sequence[int]) -> float:
        return float(np.log(self.described.degree[list(rows[1:-1])]).sum())


def _asked(workload: Workload, query: Query) -> dict[str, Any]:
    return {
        "source": query.source_ids,
        "target": query.target_ids,
        "min_hops": workload.min_hops,
        "max_hops": workload.hops,
        "direction": "undirected" if workload.undirected else "directed",
    }


PEER = MechKG
