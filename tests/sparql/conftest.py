"""Servers for the tests of SPARQL: one on the bundled ontology, one that can be switched."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from pyoxigraph import DefaultGraph, NamedNode, RdfFormat, Store

from tests.api.servers import ROOT, Service, serving, wait_for_store
from tests.processes import running

SUFFIXES = {".ttl": RdfFormat.TURTLE, ".nt": RdfFormat.N_TRIPLES, ".rdf": RdfFormat.RDF_XML}


@pytest.fixture(scope="session")
def endpoint(data_directory: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A server on the bundled ontology with tight limits on SPARQL."""
    log = tmp_path_factory.mktemp("log") / "server.log"
    limits = {"sparql_seconds": 2, "sparql_megabytes": 256, "sparql_rows": 5000}
    with serving(data_directory, log, graph="ms-nsc", **limits) as running:
        wait_for_store(running)
        yield running


@pytest.fixture(scope="session")
def service(service: Service) -> Service:
    """The server on the bundled ontology, once its store is made."""
    wait_for_store(service)
    return service


@pytest.fixture(scope="session")
def w3c(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the W3C's SPARQL 1.1 tests."""
    folder = tmp_path_factory.mktemp("w3c")
    with tarfile.open(shared / "data" / "w3c" / "sparql-tests.tar.xz") as archive:
        archive.extractall(folder, filter="data")
    return folder / "sparql" / "sparql11"


@dataclass
class Switch:
    """A running server, and the link that says which store it answers from."""

    url: str
    link: Path
    made: dict[object, Path] = field(default_factory=dict)

    def load(self, data: list[tuple[Path, str]], named: list[tuple[str, Path]]) -> None:
        """Switch to a store of files, each with its base or its graph; make it if it is new."""
        files = (*data, *named)
        if files not in self.made:
            path = self.link.with_name(f"store-{len(self.made)}")
            store = Store(path)
            for file, base in data:
                _add(store, file, base, DefaultGraph())
            for iri, file in named:
                _add(store, file, iri, NamedNode(iri))
            store.flush()
            self.made[files] = path
        fresh = self.link.with_name("fresh")
        fresh.symlink_to(self.made[files])
        fresh.replace(self.link)


def _add(store: Store, file: Path, base: str, graph: NamedNode | DefaultGraph) -> None:
    syntax = SUFFIXES[file.suffix]
    store.load(file.read_bytes(), format=syntax, base_iri=base, to_graph=graph)


@pytest.fixture(scope="session")
def switch(data_directory: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Switch]:
    """The server that users start, but for the store behind its endpoint."""
    folder = tmp_path_factory.mktemp("stores")
    link = folder / "current"
    environment = {
        **os.environ,
        "MECHKG_DATA": str(data_directory),
        "MECHKG_GRAPH": "ms-nsc",
        "MECHKG_WORKERS": "1",
        "MECHKG_SPARQL_PROCESSES": "1",
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, str(Path(__file__).with_name("switched.py")), str(link)]
    with running(command, env=environment, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        line = next(line for line in process.stdout if line.startswith("serves at "))
        yield Switch(line.split()[-1].rstrip("/"), link)
