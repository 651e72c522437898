"""rustworkx: Rust underneath, multigraphs with payloads."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import rustworkx

from bench.graphs import Graph
from bench.peers.peer import MOST_STATEMENTS, Peer, filtered
from bench.workloads import Query, Workload


class Rustworkx(Peer):
    """One multigraph a view; `all_simple_paths` with cutoff in nodes."""

    about = "PyGraph or PyDiGraph a workload, multigraph; all_simple_paths with cutoff"
    lacks: ClassVar[dict[str, str]] = {"best": "no k shortest simple paths"}
    answers = frozenset({"paths", "neighbourhood"})

    def open(self, graph: Graph, store: Path, workloads: Sequence[Workload]) -> None:  # noqa: ARG002
        self.graph = graph
        self.views: dict[tuple[bool, tuple[str, ...]], Any] = {}
        for workload in workloads:
            self._view(workload)

    def ask_paths(self, workload: Workload, query: Query, seconds: float) -> Any:  # noqa: ARG002
        return rustworkx.all_simple_paths(
            self._view(workload), query.source[0], query.target[0], cutoff=workload.hops + 1
        )

    def ask_neighbourhood(self, workload: Workload, query: Query, seconds: float) -> Any:  # noqa: ARG002
        view = self._view(workload)
        seen, front = {query.source[0]}, [query.source[0]]
        statements: list[Any] = []
        for _ in range(workload.hops):
            following = []
            for row in front:
                if len(statements) < MOST_STATEMENTS:
                    statements += view.incident_edge_index_map(row).values()
                for other in view.neighbors(row):
                    if other not in seen:
                        seen.add(other)
                        following.append(other)
            front = following
        return len(seen) - 1, statements[:MOST_STATEMENTS]

    def _view(self, workload: Workload) -> Any:
        key = (workload.undirected, workload.predicates)
        if key not in self.views:
            make = rustworkx.PyGraph if workload.undirected else rustworkx.PyDiGraph
            view: Any = make(multigraph=True)
            view.add_nodes_from(range(self.graph.entities))
            subject, object_ = filtered(self.graph, workload)
            view.add_edges_from_no_data(list(zip(subject.tolist(), object_.tolist(), strict=True)))
            self.views[key] = view
        return self.views[key]


PEER = Rustworkx
