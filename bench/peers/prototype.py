"""The prototype handed with the issue: a reference, loaded from where it lies, never copied."""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from bench.answers import Answer, answer_of_paths
from bench.graphs import CACHE, Graph, shared_directory
from bench.peers.peer import Peer, Unavailable, import_numba
from bench.workloads import Query, Workload


class Prototype(Peer):
    """Its numba kernels on arrays; paths become lists of Python objects."""

    about = (
        "numba kernels on arrays in memory, one thread; paths turned into lists of identifiers and "
        "predicates, without evidence, scores or names"
    )
    answers = frozenset({"paths", "best", "neighbourhood"})
    compiles = True

    def __init__(self) -> None:
        import_numba()

    def open(self, graph: Graph, store: Path, workloads: Sequence[Workload]) -> None:  # noqa: ARG002
        home = shared_directory() / "prototype"
        if not (home / "kgkernel.py").exists():
            raise Unavailable(f"It is not in {home.name} beside the checkout.")
        os.environ.setdefault("NUMBA_CACHE_DIR", str(CACHE / "numba"))
        sys.path.insert(0, str(home))
        kernel = import_module("kgkernel")
        self.graph = graph
        columns = (
            graph.column("subject"),
            graph.column("predicate").astype(np.uint8),
            graph.column("object"),
        )
        self.engine = kernel.Engine(kernel.KG(graph.entities, *columns))
        self.entities = np.array([graph.identifier(row) for row in range(graph.entities)], object)
        names = [*graph.predicates, *["?"] * (128 - len(graph.predicates))]
        self.names = np.array([*names, *(f"<{name}" for name in names)], object)

    def ask_paths(self, workload: Workload, query: Query, seconds: float) -> Any:  # noqa: ARG002
        admitted = [self.graph.predicates.index(name) for name in workload.predicates] or None
        _, nodes, predicates, hops = self.engine.paths(
            query.source[0], query.target[0], workload.hops, workload.undirected, admitted
        )
        listed: list[list[Any]] = []
        for length in range(1, workload.hops + 1):
            chosen = hops == length
            block = np.empty((int(chosen.sum()), 2 * length + 1), object)
            block[:, 0::2] = self.entities[nodes[chosen][:, : length + 1]]
            block[:, 1::2] = self.names[predicates[chosen][:, :length]]
            listed += block.tolist()
        return listed, nodes, hops

    def ask_best(self, workload: Workload, query: Query, seconds: float) -> Any:  # noqa: ARG002
        return self.engine.kbest(
            query.source[0], query.target[0], workload.hops, workload.count, workload.undirected
        )

    def ask_neighbourhood(self, workload: Workload, query: Query, seconds: float) -> Any:  # noqa: ARG002
        return self.engine.hood(query.source[0], workload.hops)

    def answer(self, workload: Workload, query: Query, found: Any) -> Answer:
        if workload.kind == "paths":
            _, nodes, hops = found
            paths = zip(nodes.tolist(), hops.tolist(), strict=True)
            return answer_of_paths([row[: length + 1] for row, length in paths])
        if workload.kind == "best":
            end = math.log(max(1, int(self.graph.degree[query.target[0]])))
            return Answer(costs=tuple(sorted(float(cost) - end for cost in found[0])))
        return Answer(entities=int(found[0]))


PEER = Prototype
