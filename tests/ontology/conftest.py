"""What the tests of the ontology share: its graph, its closure, a store of both."""

import shutil
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, Store

from mechkg.kg.model.values import Statement, Subgraph
from mechkg.ontology.bundle import bundled_files
from mechkg.ontology.compile_bundle import bundled_graph
from mechkg.ontology.rdf.formats import RdfGraph
from mechkg.ontology.rdf.write import inferred_quads
from mechkg.ontology.reason import infer, mirrored


@pytest.fixture(scope="session")
def graph() -> RdfGraph:
    return bundled_graph()


@pytest.fixture(scope="session")
def inferred(graph: RdfGraph) -> tuple[Statement, ...]:
    return infer(graph.statements, graph.axioms)


@pytest.fixture(scope="session")
def whole(graph: RdfGraph, inferred: tuple[Statement, ...]) -> Subgraph:
    """The bundled ontology with what follows from it, as a subgraph."""
    return Subgraph(
        entities=graph.entities,
        statements=tuple(sorted((*graph.statements, *inferred), key=lambda s: s.id)),
    )


@pytest.fixture(scope="session")
def store(graph: RdfGraph, inferred: tuple[Statement, ...]) -> Store:
    """Asserted triples in the default graph, inferred ones in their own."""
    store = Store()
    for path in bundled_files():
        store.bulk_load(path=path, format=RdfFormat.TURTLE)
    turned = mirrored([*graph.statements, *inferred], graph.axioms)
    store.bulk_extend(inferred_quads(inferred, turned, graph.schema))
    return store


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the bundled Turtle files, to break."""
    source = bundled_files()[0].parent
    shutil.copytree(source / "ms-nsc", tmp_path / "ms-nsc")
    shutil.copy(source / "mechanism.ttl", tmp_path)
    return tmp_path
