"""The search over an engine against the search of a snapshot: paths, ranks and scores."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mechkg import EngineError, Graph, PathQuery, QueryError, UnknownEntity, open_graph
from mechkg.kg.build.builder import build_snapshot
from mechkg.kg.engine.contract import Budget, Degree, EngineRefusal, Expansion, Limits, Meter
from mechkg.kg.engine.graph import EngineGraph
from mechkg.kg.engine.snapshot_engine import SnapshotEngine
from mechkg.kg.model.results import PathResult
from mechkg.kg.model.values import Statement
from tests.kg.multigraphs import NODES, SCHEMA, built, multigraphs
from tests.kg.temporary import directory
from tests.processes import PATIENCE

SMALL = Limits(entities=2, rows=6, counts=2)
"""Batches so small that every search takes several rounds."""
PLENTY = Budget(requests=100_000, seconds=PATIENCE)


class CountingEngine(SnapshotEngine):
    """A snapshot whose degrees are counted on demand: it offers no table."""

    def degree_table(self, meter: Meter) -> Mapping[str, Degree] | None:
        meter.check()
        return None


@pytest.fixture(scope="module")
def bundle(data_directory: Path) -> Graph:
    return open_graph(data_directory / "ms-nsc" / "current")


CONTEXTS = ("explanation", "contexts_agree", "context_conflicts")
"""What rests on the classes of contexts, which lie beyond the statements of an answer."""


def shown(result: PathResult, *without: str) -> list[dict[str, object]]:
    """What must be equal of an answer: its paths, with their scores, hops and evidence.

    Not the corroboration of statements, which rests on all others and which no engine gives.
    """
    paths = [msgspec.to_builtins(path) for path in result.paths]
    for statement in (s for path in paths for hop in path["hops"] for s in hop["statements"]):
        del statement["corroboration"]
    return [{name: v for name, v in path.items() if name not in without} for path in paths]


@st.composite
def questions(draw: st.DrawFn) -> PathQuery:
    return PathQuery(
        source=(draw(st.sampled_from(NODES)) + "!",),
        target=(draw(st.sampled_from(NODES)) + "!",),
        max_hops=draw(st.integers(1, 5)),
        limit=draw(st.integers(1, 12)),
        direction=draw(st.sampled_from(["undirected", "directed"])),
        scorer=draw(st.sampled_from(["hops", "hubs", "specific", "mechanism"])),
    )


@settings(max_examples=25)
@given(multigraphs(), questions(), st.sampled_from([SnapshotEngine, CountingEngine]))
def test_random_multigraphs(statements, query, kind) -> None:
    kept = [s for s in statements if s.subject != s.object and not s.derived_from]
    with directory() as folder:
        snapshot = built(folder, kept)
        expected = Graph(snapshot).find_paths(query)
        found = EngineGraph(kind(snapshot, SMALL), PLENTY).find_paths(query)
    assert shown(found) == shown(expected)
    statements = [s for path in found.paths for hop in path.hops for s in hop.statements]
    assert [s for s in statements if s.corroboration] == []
    assert found.bound is None
    assert found.total <= expected.total
    if found.complete:
        assert expected.complete
        assert found.total == expected.total
    if expected.total < query.limit:
        assert found.complete


QUERIES: Sequence[Mapping[str, object]] = (
    {"direction": "undirected", "max_hops": 2},
    {"direction": "undirected", "max_hops": 4, "scorer": "hubs"},
    {"direction": "undirected", "max_hops": 5, "scorer": "specific", "limit": 30},
    {"max_hops": 3},
    {"max_hops": 4, "composition": "off", "scorer": "specific"},
    {"max_hops": 4, "composition": "strict"},
    {"max_hops": 4, "predicate": ("promotes", "secretes", "activates")},
    {"direction": "undirected", "max_hops": 3, "category": ("Gene",)},
    {"direction": "undirected", "max_hops": 4, "min_hops": 3, "weights": ("hubs:-0.5",)},
    {"direction": "undirected", "max_hops": 3, "avoid": ("inflammation",)},
    {"max_hops": 3, "metapath": "secretes/promotes{1,2}"},
)
PAIRS = (("NSC", "neuron"), ("GDNF", "neuron"), ("microglial cell", "HP:0007305"))


@pytest.mark.parametrize("fields", QUERIES, ids=str)
def test_the_bundle(bundle: Graph, fields: Mapping[str, object]) -> None:
    over = EngineGraph(SnapshotEngine(bundle.snapshot), PLENTY)
    for source, target in PAIRS:
        query = msgspec.convert(
            {"source": [source + "!"], "target": [target + "!"], **fields}, PathQuery
        )
        expected = bundle.find_paths(query)
        found = over.find_paths(query)
        assert shown(found, *CONTEXTS) == shown(expected, *CONTEXTS), (source, target)
        assert found.bound is None
        assert found.scorer == expected.scorer
        assert found.composition == expected.composition


def test_the_queries_of_the_bundle_have_answers(bundle: Graph) -> None:
    for fields in QUERIES:
        totals = [
            bundle.find_paths(source=a + "!", target=b + "!", **fields).total for a, b in PAIRS
        ]
        assert any(totals), fields


def test_names_are_read_and_said(bundle: Graph) -> None:
    over = EngineGraph(SnapshotEngine(bundle.snapshot))
    found = over.find_paths(source="gdnf", target="neurons")
    assert found.paths[0].entities[0].id == "HGNC:4232"
    assert found.snapshot == bundle.manifest.hash
    with pytest.raises(UnknownEntity, match="source"):
        over.find_paths(source="no such thing", target="neuron")


@pytest.mark.parametrize(
    "fields",
    [
        {"evidence": ("article",)}, {"min_routes": 1}, {"diverse": "metapath"},
        {"context": ("species=rat",)}, {"scorer": "learned"}, {"source": ("cell*",)},
    ],
    ids=str,
)  # fmt: skip
def test_what_cannot_be_asked_is_refused(bundle: Graph, fields: Mapping[str, object]) -> None:
    over = EngineGraph(SnapshotEngine(bundle.snapshot))
    with pytest.raises(QueryError) as refused:
        over.find_paths(**{"source": "GDNF", "target": "neuron", **fields})
    assert refused.value.parameter in fields


def test_pages_go_on_where_the_last_one_ended(bundle: Graph) -> None:
    over = EngineGraph(SnapshotEngine(bundle.snapshot))
    fields = {
        "source": "GDNF!", "target": "neuron!", "max_hops": 3, "direction": "undirected",
        "scorer": "specific",
    }  # fmt: skip
    whole = shown(bundle.find_paths(**fields, limit=12), *CONTEXTS)
    first = over.find_paths(**fields, limit=5)
    second = over.find_paths(**fields, limit=5, cursor=first.cursor)
    assert shown(first, *CONTEXTS) + shown(second, *CONTEXTS) == whole[:10]
    assert not second.complete


@pytest.mark.parametrize("requests", range(1, 8))
def test_a_spent_budget_ends_with_a_true_bound(bundle: Graph, requests: int) -> None:
    """No path of a better score than the bound is missing, and the bound is said."""
    query = PathQuery(
        source=("GDNF!",), target=("neuron!",), max_hops=4, direction="undirected", limit=40,
        scorer="specific",
    )  # fmt: skip
    limits = Limits(entities=5, rows=100, counts=50)
    budget = Budget(requests=requests + 3)
    over = EngineGraph(SnapshotEngine(bundle.snapshot, limits), budget)
    answer = over.answer(query)
    expected = bundle.find_paths(query)
    found = answer.result
    assert (found.bound is None) == (answer.reason == "")
    assert not found.complete
    if found.bound is None:
        assert shown(found, *CONTEXTS) == shown(expected, *CONTEXTS)
        return
    assert found.truncated_by == "time"
    proven = [path for path in shown(expected, *CONTEXTS) if path["score"] > found.bound]
    assert [path for path in shown(found, *CONTEXTS) if path["score"] > found.bound] == proven


class CutEngine(SnapshotEngine):
    """An engine that drops the last statements of large answers and says nothing."""

    most = 60

    def expand(
        self,
        outward: Sequence[str],
        inward: Sequence[str],
        predicates: Sequence[str] | None,
        meter: Meter,
    ) -> Expansion:
        if len(super().expand(outward, inward, None, meter).outward.subject) > self.most:
            return super().expand(outward[:-1], inward, predicates, meter)
        return super().expand(outward, inward, predicates, meter)


def test_answers_that_are_cut_in_silence_are_never_used(bundle: Graph) -> None:
    query = PathQuery(
        source=("GDNF!",), target=("neuron!",), max_hops=3, direction="undirected", scorer="hubs"
    )
    answer = EngineGraph(CutEngine(bundle.snapshot), PLENTY).answer(query)
    expected = bundle.find_paths(query)
    if not answer.reason:
        assert shown(answer.result, *CONTEXTS) == shown(expected, *CONTEXTS)
    else:
        assert answer.unfetched
        assert not answer.result.complete


class RefusingEngine(SnapshotEngine):
    """An engine that gives up on every request for statements of more than a few entities."""

    def expand(
        self,
        outward: Sequence[str],
        inward: Sequence[str],
        predicates: Sequence[str] | None,
        meter: Meter,
    ) -> Expansion:
        if len(set(outward) | set(inward)) > 3:
            raise EngineRefusal("The time of one request is up.")
        return super().expand(outward, inward, predicates, meter)


def test_a_batch_that_is_refused_is_halved(bundle: Graph) -> None:
    query = PathQuery(
        source=("GDNF!",), target=("neuron!",), max_hops=3, direction="undirected", scorer="hubs"
    )
    answer = EngineGraph(RefusingEngine(bundle.snapshot), PLENTY).answer(query)
    assert answer.reason == ""
    assert shown(answer.result, *CONTEXTS) == shown(bundle.find_paths(query), *CONTEXTS)


class ChangingEngine(SnapshotEngine):
    """An engine whose content changes between any two looks at its version."""

    looks = 0

    def version(self, meter: Meter) -> str:
        meter.check()
        self.looks += 1
        return f"version {self.looks}"


def test_a_graph_that_changes_meanwhile_gives_no_answer(bundle: Graph) -> None:
    over = EngineGraph(ChangingEngine(bundle.snapshot))
    with pytest.raises(EngineError, match="changed"):
        over.find_paths(source="GDNF", target="neuron")


def test_hubs_that_no_proof_needs_are_not_fetched(tmp_path: Path) -> None:
    """Two hubs join everything; the best paths lead round them, so a part of the graph suffices."""
    chance = Random(17)
    names = [f"X:{number}" for number in range(3000)]
    pairs = {tuple(chance.sample(names, 2)) for _ in range(9000)}
    pairs |= {(hub, name) for hub in names[:2] for name in names[2:]}
    statements = [
        Statement(id="", subject=a, predicate="binds", object=b) for a, b in sorted(pairs)
    ]
    graph = open_graph(
        build_snapshot(tmp_path, name="hubs", entities=[], statements=statements, schema=SCHEMA)
    )
    over = EngineGraph(SnapshotEngine(graph.snapshot), PLENTY)
    counted = EngineGraph(CountingEngine(graph.snapshot), PLENTY)
    for source, target in (names[10:12], names[20:22], names[30:32]):
        query = PathQuery(source=(source,), target=(target,), max_hops=5, scorer="hubs")
        expected = graph.find_paths(query)
        answer = over.answer(query)
        assert shown(answer.result) == shown(expected)
        assert answer.reason == ""
        # The degree table has a row an entity; without a table, degrees are rows, too.
        assert answer.usage.rows < len(statements) / 2
        assert shown(counted.find_paths(query)) == shown(expected)
