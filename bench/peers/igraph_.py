"""igraph: C underneath, paths as lists of vertices."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import igraph
import numpy as np

from bench.graphs import Graph
from bench.peers.peer import MOST_STATEMENTS, Peer, directed_arcs, filtered
from bench.workloads import Query, Workload


class Igraph(Peer):
    """Simple graphs for paths, since igraph lists each vertex path once a parallel edge."""

    about = (
        "simplified graphs, get_all_simple_paths with maxlen; get_k_shortest_paths (Yen), asked "
        "for twice as many until ten have at most 5 hops"
    )
    answers = frozenset({"paths", "best", "neighbourhood"})
    parallel = False

    def open(self, graph: Graph, store: Path, workloads: Sequence[Workload]) -> None:  # noqa: ARG002
        self.graph = graph
        self.views: dict[tuple[bool, tuple[str, ...], bool], Any] = {}
        for workload in workloads:
            if workload.kind == "best":
                arcs, weight = directed_arcs(graph)
                self.arcs = igraph.Graph(n=graph.entities, edges=arcs, directed=True)
                self.weight = weight[arcs[:, 1]].tolist()
                self.entity_weight = weight
            else:
                self._view(workload)

    def ask_paths(self, workload: Workload, query: Query, seconds: float) -> Any:  # noqa: ARG002
        mode = "all" if workload.undirected else "out"
        view = self._view(workload)
        return view.get_all_simple_paths(
            query.source[0], query.target[0], maxlen=workload.hops, mode=mode
        )

    def ask_best(self, workload: Workload, query: Query, seconds: float) -> Any:  # noqa: ARG002
        asked = workload.count
        while True:
            ranked = self.arcs.get_k_shortest_paths(
                query.source[0], query.target[0], k=asked, mode="out", weights=self.weight
            )
            short = [path for path in ranked if len(path) <= workload.hops + 1]
            if len(short) >= workload.count or len(ranked) < asked:
                return short[: workload.count]
            asked *= 2

    def ask_neighbourhood(self, workload: Workload, query: Query, seconds: float) -> Any:  # noqa: ARG002
        view, row = self._view(workload), query.source[0]
        near = view.neighborhood(row, order=workload.hops, mode="all")
        inner = view.neighborhood(row, order=workload.hops - 1, mode="all")
        statements: list[int] = []
        for other in inner:
            statements += view.incident(other, mode="all")
            if len(statements) >= MOST_STATEMENTS:
                break
        chosen = view.es[statements[:MOST_STATEMENTS]]
        return len(near) - 1, [edge.tuple for edge in chosen]

    def answer(self, workload: Workload, query: Query, found: Any) -> Any:
        if workload.kind == "best":
            found = [float(self.entity_weight[path[1:-1]].sum()) for path in found]
        return super().answer(workload, query, found)

    def _view(self, workload: Workload) -> Any:
        simple = workload.kind == "paths"
        key = (workload.undirected, workload.predicates, simple)
        if key not in self.views:
            edges = np.stack(filtered(self.graph, workload), 1)
            view = igraph.Graph(
                n=self.graph.entities, edges=edges, directed=not workload.undirected
            )
            self.views[key] = view.simplify() if simple else view
        return self.views[key]


PEER = Igraph
