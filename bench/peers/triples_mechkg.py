"""MechKG reading N-Triples into a snapshot."""

from __future__ import annotations

from pathlib import Path

from bench.graphs import Graph
from bench.peers.peer import Loader, import_numba
from mechkg.kg.build.load import load
from mechkg.kg.model.schema import Schema
from mechkg.ontology.rdf.readers import FORMATS


class Triples(Loader):
    """The same load as from tables, from another format."""

    about = "kg.bulk.load of one file, to a snapshot on disk, indexed"

    def __init__(self) -> None:
        import_numba()

    def build(self, graph: Graph, store: Path) -> None:
        load([graph.triples], store, name=graph.name, schema=Schema(), formats=FORMATS)


PEER = Triples
