"""One end open over an engine against a snapshot: ends, their order and their best paths."""

from collections.abc import Mapping
from contextlib import closing

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mechkg import Graph, OpenEndsQuery, OpenEndsResult, QueryError
from mechkg.kg.engine.contract import Budget
from mechkg.kg.engine.graph import EngineGraph
from mechkg.kg.engine.snapshot_engine import SnapshotEngine
from mechkg.ontology.endpoint.engine import SparqlEngine
from mechkg.ontology.endpoint.mapping import EndpointMapping
from tests.engine.conftest import MAPPING
from tests.engine.test_snapshot_engine import PLENTY, SMALL, CountingEngine
from tests.kg.multigraphs import NODES, built, multigraphs
from tests.kg.temporary import directory


def shown(result: OpenEndsResult, *, whole: bool) -> list[dict[str, object]]:
    """What must be equal of ends: their best paths; all that is said of them where all is known."""
    ends = []
    for end in result.ends:
        content = msgspec.to_builtins(end)
        for statement in (s for hop in content["path"]["hops"] for s in hop["statements"]):
            del statement["corroboration"]
        if content["supporting"] is not None:
            content["supporting"] = [e["id"] for e in content["supporting"]["entities"]]
        ends.append(content if whole else {k: content[k] for k in ("entity", "path")})
    return ends


@st.composite
def questions(draw: st.DrawFn) -> OpenEndsQuery:
    sides = ["*", draw(st.sampled_from(NODES)) + "!"]
    source, target = sides if draw(st.booleans()) else sides[::-1]
    return OpenEndsQuery(
        source=(source,),
        target=(target,),
        max_hops=draw(st.integers(1, 4)),
        limit=draw(st.integers(1, 6)),
        direction=draw(st.sampled_from(["undirected", "directed"])),
        scorer=draw(st.sampled_from(["hops", "hubs", "mechanism"])),
    )


@settings(max_examples=15)
@given(multigraphs(), questions(), st.sampled_from([SnapshotEngine, CountingEngine]))
def test_random_multigraphs(statements, query, kind) -> None:
    kept = [s for s in statements if s.subject != s.object and not s.derived_from and not s.negated]
    with directory() as folder:
        snapshot = built(folder, kept)
        expected = Graph(snapshot).open_ends(query)
        answer = EngineGraph(kind(snapshot, SMALL), PLENTY).open_ends(query)
    found = answer.result
    whole = found.total_is_exact
    assert answer.reason == ""
    assert shown(found, whole=whole) == shown(expected, whole=whole)
    assert found.total <= expected.total
    assert (found.total == expected.total) or not whole
    assert found.complete <= expected.complete
    if expected.total < query.limit:
        assert whole


QUERIES: list[Mapping[str, object]] = [
    {"source": "Drug", "target": "HP:0007305", "max_hops": 3},
    {"source": "GDNF", "target": "biolink:Disease", "max_hops": 2, "direction": "undirected"},
    {"source": "Protein", "target": "neuron", "effect": "raises", "max_hops": 2},
    {"source": "neuron", "target": "*", "max_hops": 2, "limit": 5},
]


@pytest.mark.parametrize("wants_table", [True, False], ids=["table", "counts"])
def test_an_endpoint(plain_graph: Graph, plain_endpoint: str, wants_table: bool) -> None:
    mapping, ends = msgspec.convert(MAPPING, EndpointMapping), 0
    with closing(SparqlEngine(plain_endpoint, mapping, wants_table=wants_table)) as engine:
        remote = EngineGraph(engine, PLENTY)
        for fields in QUERIES[: 4 if wants_table else 2]:
            query = OpenEndsQuery(
                **{k: (v,) if k in ("source", "target") else v for k, v in fields.items()}
            )
            expected, answer = plain_graph.open_ends(query), remote.open_ends(query)
            whole = answer.result.total_is_exact
            assert shown(answer.result, whole=whole) == shown(expected, whole=whole), query
            assert answer.reason == ""
            assert answer.result.open == expected.open
            if "*" not in (*query.source, *query.target):
                assert answer.result.candidates == expected.candidates
            ends += len(expected.ends)
    assert ends > 5


def test_pages_go_on_and_a_spent_budget_has_a_bound(plain_graph: Graph) -> None:
    remote = EngineGraph(SnapshotEngine(plain_graph.snapshot))
    fields = {"source": "neuron", "target": "*", "max_hops": 2, "direction": "undirected"}
    whole = plain_graph.open_ends(**fields, limit=6)
    first = remote.open_ends(**fields, limit=3).result
    second = remote.open_ends(**fields, limit=3, cursor=first.cursor).result
    assert [e.entity for e in (*first.ends, *second.ends)] == [e.entity for e in whole.ends]
    poor = EngineGraph(SnapshotEngine(plain_graph.snapshot), Budget(requests=4))
    answer = poor.open_ends(**fields, limit=6)
    assert answer.reason
    assert answer.result.truncated_by == "time"
    proven = [e.entity for e in answer.result.ends if e.path.score > answer.result.bound]
    assert proven == [e.entity for e in whole.ends][: len(proven)]


@pytest.mark.parametrize(
    "fields",
    [
        {"source": "Drug*", "target": "neuron"}, {"source": "GDNF", "target": "neuron"},
        {"source": "Drug", "target": "Disease"},
        {"source": "Drug", "target": "neuron", "evidence": ("article",)},
    ],
    ids=str,
)  # fmt: skip
def test_what_cannot_be_asked_is_refused(plain_graph: Graph, fields: dict[str, object]) -> None:
    with pytest.raises(QueryError):
        EngineGraph(SnapshotEngine(plain_graph.snapshot)).open_ends(**fields)
