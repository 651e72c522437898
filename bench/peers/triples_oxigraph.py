"""pyoxigraph loading N-Triples into its store on disk."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph

from bench.graphs import Graph
from bench.peers.peer import Loader


class Oxigraph(Loader):
    """The bulk loader."""

    about = "Store(path).bulk_load, on disk"

    def build(self, graph: Graph, store: Path) -> None:
        database = pyoxigraph.Store(str(store / "graph"))
        database.bulk_load(path=str(graph.triples), format=pyoxigraph.RdfFormat.N_TRIPLES)


PEER = Oxigraph
