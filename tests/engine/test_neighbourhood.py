"""Neighbourhoods over an engine against those of a snapshot: groups, ranks, pages and totals."""

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from random import Random

import msgspec
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from mechkg import Graph, NeighbourhoodQuery, NeighbourhoodResult, QueryError, UnknownEntity
from mechkg.api.cli import COMMANDS
from mechkg.kg.engine.contract import Budget, Limits
from mechkg.kg.engine.graph import EngineGraph
from mechkg.kg.engine.snapshot_engine import SnapshotEngine
from mechkg.kg.model.values import Statement
from mechkg.ontology.endpoint.engine import SparqlEngine
from mechkg.ontology.endpoint.mapping import EndpointMapping
from tests.engine.conftest import MAPPING
from tests.engine.test_snapshot_engine import PLENTY, SMALL, CountingEngine
from tests.kg.multigraphs import NODES, SCHEMA, built, multigraphs
from tests.kg.temporary import directory


def shown(result: NeighbourhoodResult) -> dict[str, object]:
    """What must be equal: all but the version, denials, and what rests on other statements."""
    content = msgspec.to_builtins(result)
    for name in ("snapshot", "cursor", "negated", "closures"):
        del content[name]
    for member in content["neighbours"]:
        for statement in member["statements"]:
            del statement["corroboration"]
    return content


@st.composite
def questions(draw: st.DrawFn) -> NeighbourhoodQuery:
    return NeighbourhoodQuery(
        entity=draw(st.sampled_from(NODES)) + "!",
        direction=draw(st.sampled_from(["both", "out", "in"])),
        predicate=draw(st.sampled_from([(), (SCHEMA.predicates[0].id,)])),
        limit=draw(st.integers(1, 6)),
    )


@settings(max_examples=10)
@given(multigraphs(), questions(), st.sampled_from([SnapshotEngine, CountingEngine]))
def test_random_multigraphs(statements, query, kind) -> None:
    kept = [s for s in statements if s.subject != s.object and not s.derived_from and not s.negated]
    with directory() as folder:
        snapshot = built(folder, kept)
        local, remote = Graph(snapshot), EngineGraph(kind(snapshot, SMALL), PLENTY)
        expected, found = local.neighbourhood(query), remote.neighbourhood(query)
        assert shown(found.result) == shown(expected)
        assert found.reason == ""
        assert (found.result.cursor is None) == (expected.cursor is None)
        if expected.cursor is not None:
            rest = local.neighbourhood(query, cursor=expected.cursor)
            mine = remote.neighbourhood(query, cursor=found.result.cursor).result
            assert [n.entity for n in mine.neighbours] == [n.entity for n in rest.neighbours]
            assert not mine.complete


@pytest.mark.parametrize("wants_table", [True, False], ids=["table", "counts"])
def test_an_endpoint(plain_graph: Graph, plain_endpoint: str, wants_table: bool) -> None:
    mapping = msgspec.convert(MAPPING, EndpointMapping)
    chance, statements = Random(3), plain_graph.whole().statements
    kinds: list[Mapping[str, object]] = [
        {}, {"direction": "in"}, {"predicate": ["promotes", "secretes"]}, {"limit": 3},
        {"category": ["biolink:Gene"], "direction": "out"},
    ]  # fmt: skip
    members = 0
    with closing(SparqlEngine(plain_endpoint, mapping, wants_table=wants_table)) as engine:
        remote = EngineGraph(engine, PLENTY)
        for number in range(10 if wants_table else 5):
            entity = chance.choice(statements).subject + "!"
            query = msgspec.convert(
                {"entity": entity, **kinds[number % len(kinds)]}, NeighbourhoodQuery
            )
            found, expected = remote.neighbourhood(query).result, plain_graph.neighbourhood(query)
            assert shown(found) == shown(expected), query
            members += found.total
    assert members > 5


def star(leaves: int) -> list[Statement]:
    return [
        Statement(id="", subject="X:hub", predicate="binds", object=f"X:{number}")
        for number in range(leaves)
    ]


def test_a_hub_is_refused_with_its_count(tmp_path: Path) -> None:
    snapshot = built(tmp_path, star(40))
    graph = EngineGraph(SnapshotEngine(snapshot, Limits(max_rows=30)))
    for fields in ({}, {"predicate": "binds"}):
        with pytest.raises(QueryError, match="40 statements, and at most 30"):
            graph.neighbourhood(entity="X:hub", **fields)


def test_a_spent_budget_says_that_ranks_are_not_certain(tmp_path: Path) -> None:
    snapshot = built(tmp_path, star(40))
    graph = EngineGraph(CountingEngine(snapshot, Limits(counts=5)), Budget(requests=5))
    found = graph.neighbourhood(entity="X:hub!")
    assert "not counted" in found.reason
    assert found.result.total == 40
    assert len(found.result.neighbours) == 40


@pytest.mark.parametrize(
    "fields", [{"depth": 2}, {"context": ("species=rat",)}, {"entity": "X:a*"}], ids=str
)
def test_what_cannot_be_asked_is_refused(plain_graph: Graph, fields: dict[str, object]) -> None:
    graph = EngineGraph(SnapshotEngine(plain_graph.snapshot))
    with pytest.raises(QueryError) as refused:
        graph.neighbourhood(**{"entity": "GDNF", **fields})
    assert refused.value.parameter in fields
    assert "neighbourhood" in graph.capabilities.queries
    with pytest.raises(UnknownEntity):
        graph.neighbourhood(entity="no such thing")


def test_the_command_prints_neighbours_and_what_they_cost(
    plain_endpoint: str, tmp_path: Path
) -> None:
    mapping = tmp_path / "mapping.toml"
    mapping.write_text('preset = "mechanism"\ndialect = "oxigraph"\n')
    command = next(command for command in COMMANDS if command.name == "neighbourhood")
    options = ["--engine", plain_endpoint, "--mapping", str(mapping), "--limit", "4"]
    ran = CliRunner().invoke(command, ["GDNF", *options], catch_exceptions=False)
    assert ran.exit_code == 0
    assert "GDNF" in ran.stdout
    assert "4 of " in ran.stdout
    assert " requests, " in ran.stderr
