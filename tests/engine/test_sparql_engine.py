"""Paths over a real SPARQL endpoint against those of a snapshot of the same statements."""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from random import Random

import msgspec
import pytest

from mechkg import Graph, PathQuery, open_graph
from mechkg.kg.engine.contract import Budget
from mechkg.kg.engine.graph import EngineGraph
from mechkg.ontology.endpoint.engine import SparqlEngine
from mechkg.ontology.endpoint.mapping import EndpointMapping
from tests.engine.servers import EVIDENCE, oxigraph, plain, snapshot_of, triples_of
from tests.engine.test_snapshot_engine import shown

PLENTY = Budget(requests=100_000)
MAPPING = {
    "dialect": "oxigraph",
    "preset": "mechanism",
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


@pytest.fixture(scope="module")
def local(data_directory: Path, tmp_path_factory: pytest.TempPathFactory) -> Graph:
    bundle = open_graph(data_directory / "ms-nsc" / "current")
    folder = tmp_path_factory.mktemp("plain")
    return snapshot_of(folder, bundle.whole().entities, plain(bundle), bundle.schema)


@pytest.fixture(scope="module")
def endpoint(local: Graph, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with oxigraph(tmp_path_factory.mktemp("oxigraph"), triples_of(local)) as url:
        yield url


@contextmanager
def over(url: str, *, wants_table: bool = True) -> Iterator[EngineGraph]:
    mapping = msgspec.convert(MAPPING, EndpointMapping)
    with closing(SparqlEngine(url, mapping, wants_table=wants_table)) as engine:
        yield EngineGraph(engine, PLENTY)


def some_queries(local: Graph, count: int) -> Iterator[PathQuery]:
    chance = Random(11)
    statements = local.whole().statements
    kinds: list[Mapping[str, object]] = [
        {"direction": "undirected", "scorer": "specific"},
        {"direction": "undirected", "scorer": "hubs"},
        {"direction": "undirected", "scorer": "hops"},
        {},
        {"composition": "off"},
        {"predicate": ["promotes", "secretes", "part_of"], "direction": "undirected"},
    ]
    for number in range(count):
        source, target = chance.choice(statements).subject, chance.choice(statements).object
        fields = {
            "source": [source + "!"], "target": [target + "!"], "max_hops": 2 + number % 4,
            "timeout": 60, **kinds[number % len(kinds)],
        }  # fmt: skip
        yield msgspec.convert(fields, PathQuery)


@pytest.mark.parametrize("wants_table", [True, False], ids=["table", "counts"])
def test_paths_are_those_of_a_snapshot(local: Graph, endpoint: str, wants_table: bool) -> None:
    found = 0
    with over(endpoint, wants_table=wants_table) as remote:
        for query in some_queries(local, 100 if wants_table else 36):
            expected, answer = local.find_paths(query), remote.answer(query)
            assert shown(answer.result) == shown(expected), query
            assert answer.reason == ""
            assert answer.result.bound is None
            assert answer.result.scorer == expected.scorer
            assert answer.result.composition == expected.composition
            assert answer.result.complete or expected.total >= query.limit
            found += bool(expected.paths)
    assert found > 10
