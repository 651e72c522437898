"""Paths over a real SPARQL endpoint against those of a snapshot of the same statements."""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from random import Random

import msgspec
import pytest

from mechkg import Graph, PathQuery
from mechkg.kg.engine.contract import Budget
from mechkg.kg.engine.graph import EngineGraph
from mechkg.ontology.endpoint.engine import SparqlEngine
from mechkg.ontology.endpoint.mapping import EndpointMapping
from tests.engine.conftest import MAPPING
from tests.engine.test_snapshot_engine import shown

PLENTY = Budget(requests=100_000)


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
def test_paths_are_those_of_a_snapshot(
    plain_graph: Graph, plain_endpoint: str, wants_table: bool
) -> None:
    found = 0
    with over(plain_endpoint, wants_table=wants_table) as remote:
        for query in some_queries(plain_graph, 48 if wants_table else 36):
            expected, answer = plain_graph.find_paths(query), remote.answer(query)
            assert shown(answer.result) == shown(expected), query
            assert answer.reason == ""
            assert answer.result.bound is None
            assert answer.result.scorer == expected.scorer
            assert answer.result.composition == expected.composition
            assert answer.result.complete or expected.total >= query.limit
            found += bool(expected.paths)
    assert found > 10
