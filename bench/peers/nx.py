"""networkx: pure Python, any graph fits."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import networkx as nx

from bench.graphs import Graph
from bench.peers.peer import MOST_STATEMENTS, Peer, directed_arcs, filtered
from bench.workloads import Query, Workload


class Networkx(Peer):
    """One multigraph a view; `all_simple_edge_paths` and `shortest_simple_paths`."""

    about = (
        "MultiGraph or MultiDiGraph a workload; all_simple_edge_paths with cutoff; best paths by "
        "shortest_simple_paths (Yen) on arcs weighed by their head, those over 5 hops passed over"
    )
    answers = frozenset({"paths", "best", "neighbourhood"})

    def open(self, graph: Graph, store: Path, workloads: Sequence[Workload]) -> None:  # noqa: ARG002
        self.graph = graph
        self.views: dict[tuple[bool, tuple[str, ...]], Any] = {}
        for workload in workloads:
            if workload.kind == "best":
                self._weigh()
            else:
                self._view(workload)

    def ask_paths(self, workload: Workload, query: Query, seconds: float) -> Any:  # noqa: ARG002
        view = self._view(workload)
        found = nx.all_simple_edge_paths(view, query.source[0], query.target[0], workload.hops)
        return list(found)

    def ask_best(self, workload: Workload, query: Query, seconds: float) -> Any:  # noqa: ARG002
        source, target = query.source[0], query.target[0]
        ranked = nx.shortest_simple_paths(self.arcs, source, target, weight="weight")
        short = (path for path in ranked if len(path) <= workload.hops + 1)
        return list(islice(short, workload.count))

    def ask_neighbourhood(self, workload: Workload, query: Query, seconds: float) -> Any:  # noqa: ARG002
        view, row = self._view(workload), query.source[0]
        levels = list(islice(nx.bfs_layers(view, [row]), workload.hops + 1))
        inner = [other for level in levels[:-1] for other in level]
        statements = list(islice(view.edges(inner, keys=True), MOST_STATEMENTS))
        return sum(map(len, levels)) - 1, statements

    def answer(self, workload: Workload, query: Query, found: Any) -> Any:
        if workload.kind == "best":
            found = [float(self.weight[path[1:-1]].sum()) for path in found]
        elif workload.kind == "paths":
            found = [[path[0][0], *(edge[1] for edge in path)] for path in found]
        return super().answer(workload, query, found)

    def _view(self, workload: Workload) -> Any:
        key = (workload.undirected, workload.predicates)
        if key not in self.views:
            view: Any = nx.MultiGraph() if workload.undirected else nx.MultiDiGraph()
            view.add_nodes_from(range(self.graph.entities))
            subject, object_ = filtered(self.graph, workload)
            view.add_edges_from(zip(subject.tolist(), object_.tolist(), strict=True))
            self.views[key] = view
        return self.views[key]

    def _weigh(self) -> None:
        arcs, self.weight = directed_arcs(self.graph)
        weight = self.weight[arcs[:, 1]].tolist()
        self.arcs: Any = nx.DiGraph()
        pairs = zip(*arcs.T.tolist(), weight, strict=True)
        self.arcs.add_weighted_edges_from(pairs)


PEER = Networkx
