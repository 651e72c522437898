"""networkit: C++ underneath; its simple paths drop predicates and run on one thread."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import networkit
import numpy as np

from bench.graphs import Graph
from bench.peers.peer import Peer, filtered
from bench.workloads import Query, Workload


class Networkit(Peer):
    """AllSimplePaths works on directed graphs: both arcs stand for an undirected statement."""

    about = "GraphFromCoo with both arcs a statement, AllSimplePaths with cutoff, one thread"
    lacks: ClassVar[dict[str, str]] = {
        "best": "no k shortest simple paths",
        "neighbourhood": "no call that lists a neighbourhood's statements",
    }
    answers = frozenset({"paths"})

    def open(self, graph: Graph, store: Path, workloads: Sequence[Workload]) -> None:  # noqa: ARG002
        networkit.setNumberOfThreads(1)
        self.graph = graph
        self.views: dict[tuple[bool, tuple[str, ...]], Any] = {}
        for workload in workloads:
            self._view(workload)

    def ask_paths(self, workload: Workload, query: Query, seconds: float) -> Any:  # noqa: ARG002
        search = networkit.reachability.AllSimplePaths(
            self._view(workload), query.source[0], query.target[0], workload.hops
        )
        try:
            search.run()
        except RuntimeError:  # raised where the target is out of reach
            return []
        return search.getAllSimplePaths()

    def _view(self, workload: Workload) -> Any:
        key = (workload.undirected, workload.predicates)
        if key not in self.views:
            subject, object_ = filtered(self.graph, workload)
            if workload.undirected:
                subject, object_ = (
                    np.concatenate([subject, object_]),
                    np.concatenate([object_, subject]),
                )
            arcs = (np.ones(len(subject)), (subject, object_))
            self.views[key] = networkit.GraphFromCoo(arcs, n=self.graph.entities, directed=True)
        return self.views[key]


PEER = Networkit
