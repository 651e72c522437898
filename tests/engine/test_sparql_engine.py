"""Paths over real SPARQL endpoints against those of a snapshot of the same statements."""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from random import Random

import msgspec
import pytest

from mechkg import Graph, PathQuery, UnknownEntity
from mechkg.kg.engine.graph import EngineGraph
from mechkg.ontology.endpoint.engine import SparqlEngine
from tests.engine.conftest import Endpoint
from tests.engine.test_snapshot_engine import PLENTY, shown


@contextmanager
def over(endpoint: Endpoint, *, wants_table: bool = True) -> Iterator[EngineGraph]:
    engine = SparqlEngine(endpoint.url, endpoint.mapping, wants_table=wants_table)
    with closing(engine):
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
            "timeout": 300, **kinds[number % len(kinds)],
        }  # fmt: skip
        yield msgspec.convert(fields, PathQuery)


QUERIES = {"oxigraph": (48, 36), "virtuoso": (18, 12), "rdflib": (3, 1)}
"""How many queries each server is asked, with the degree table and with counts."""


@pytest.mark.parametrize("wants_table", [True, False], ids=["table", "counts"])
def test_paths_are_those_of_a_snapshot(
    plain_graph: Graph, endpoint: Endpoint, wants_table: bool
) -> None:
    found = 0
    with over(endpoint, wants_table=wants_table) as remote:
        for query in some_queries(plain_graph, QUERIES[endpoint.kind][not wants_table]):
            expected, answer = plain_graph.find_paths(query), remote.answer(query)
            assert shown(answer.result) == shown(expected), query
            assert answer.reason == ""
            assert answer.result.bound is None
            assert answer.result.scorer == expected.scorer
            assert answer.result.composition == expected.composition
            assert answer.result.complete or expected.total >= query.limit
            found += bool(expected.paths)
    assert found


def test_names_are_read_and_neighbours_are_those_of_a_snapshot(
    plain_graph: Graph, endpoint: Endpoint
) -> None:
    with over(endpoint) as remote:
        for name in ("GDNF", "neuron", "CL:0000047")[: 1 if endpoint.kind == "rdflib" else 3]:
            expected = plain_graph.neighbourhood(entity=name, limit=5)
            found = remote.neighbourhood(entity=name, limit=5).result
            assert (found.entity, found.groups, found.total) == (
                expected.entity,
                expected.groups,
                expected.total,
            )
            assert [n.entity for n in found.neighbours] == [n.entity for n in expected.neighbours]
        with pytest.raises(UnknownEntity):
            remote.neighbourhood(entity="no such thing")
