"""rdflib parsing N-Triples into memory."""

from __future__ import annotations

from pathlib import Path

import rdflib

from bench.graphs import Graph
from bench.peers.peer import Loader


class Rdflib(Loader):
    """The default in-memory store."""

    about = "Graph().parse(format='nt'), in memory"

    def build(self, graph: Graph, store: Path) -> None:  # noqa: ARG002
        self.parsed = rdflib.Graph()
        self.parsed.parse(graph.triples, format="nt")


PEER = Rdflib
