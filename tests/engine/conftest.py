"""The bundled ontology as plain triples: a local snapshot of them, and servers of SPARQL."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest

from mechkg import Graph, open_graph
from mechkg.ontology.endpoint.mapping import EndpointMapping
from tests.engine.servers import (
    ENDPOINTS,
    EVIDENCE,
    VIRTUOSO_GRAPH,
    oxigraph,
    plain,
    snapshot_of,
    triples_of,
)
from tests.processes import PATIENCE

MAPPING = {
    "dialect": "oxigraph",
    "preset": "mechanism",
    "request_seconds": PATIENCE,
    "statements": {
        "namespaces": [
            "http://purl.obolibrary.org/obo/RO_", "https://w3id.org/mechkg/vocab/",
            "https://w3id.org/biolink/vocab/", "http://purl.obolibrary.org/obo/BFO_",
        ],
        "properties": ["http://www.w3.org/2000/01/rdf-schema#subClassOf"],
        "kind": EVIDENCE[0].kind,
        "source": EVIDENCE[0].source,
    },
}  # fmt: skip


@pytest.fixture(scope="session")
def plain_graph(data_directory: Path, tmp_path_factory: pytest.TempPathFactory) -> Graph:
    bundle = open_graph(data_directory / "ms-nsc" / "current")
    folder = tmp_path_factory.mktemp("plain")
    return snapshot_of(folder, bundle.whole().entities, plain(bundle), bundle.schema)


@pytest.fixture(scope="session")
def plain_endpoint(plain_graph: Graph, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with oxigraph(tmp_path_factory.mktemp("oxigraph"), triples_of(plain_graph)) as url:
        yield url


class Endpoint(NamedTuple):
    """A server of SPARQL that tests have started, and what its triples mean."""

    kind: str
    url: str
    mapping: EndpointMapping


PECULIAR = {
    "oxigraph": {},
    "virtuoso": {"dialect": "virtuoso", "graph": VIRTUOSO_GRAPH},
    "rdflib": {"dialect": "sparql"},
}
"""What mappings of the endpoints have of their own."""


@pytest.fixture(scope="session", params=list(ENDPOINTS))
def endpoint(
    request: pytest.FixtureRequest, plain_graph: Graph, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Endpoint]:
    """Each server in turn, with the triples of the plain graph."""
    kind = request.param
    mapping = msgspec.convert(MAPPING | PECULIAR[kind], EndpointMapping)
    if kind == "oxigraph":
        yield Endpoint(kind, request.getfixturevalue("plain_endpoint"), mapping)
        return
    with ENDPOINTS[kind](tmp_path_factory.mktemp(kind), triples_of(plain_graph)) as url:
        yield Endpoint(kind, url, mapping)
