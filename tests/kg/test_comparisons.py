"""Comparisons and chokepoints against all paths as networkx lists them."""

from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import networkx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mechkg.kg.analysis import all_paths as enumeration
from mechkg.kg.analysis.chokepoints import find_chokepoints
from mechkg.kg.analysis.compare import compare, comparison_subgraph
from mechkg.kg.errors import QueryError, UnknownEntity
from mechkg.kg.graph import Graph
from mechkg.kg.model.queries import CompareQuery, PathQuery
from mechkg.kg.model.values import Statement
from mechkg.kg.neighbourhood import compare as contrast
from mechkg.kg.search.find_paths import find_paths
from mechkg.kg.snapshot.snapshot import Snapshot, open_snapshot
from tests.kg.multigraphs import NODES, SCHEMA, multigraphs, on_snapshot

QUICK = settings(max_examples=60, suppress_health_check=list(HealthCheck))
SYMMETRIC = {p.id for p in SCHEMA.predicates if p.symmetric}
END = NODES[6]


def walkable(statements: list[Statement]) -> "networkx.DiGraph[str]":
    graph: networkx.DiGraph[str] = networkx.DiGraph()
    graph.add_nodes_from(NODES)
    for s in statements:
        if not s.negated and not s.derived_from and s.subject != s.object:
            ends = [(s.subject, s.object)]
            ends += [(s.object, s.subject)] if s.predicate in SYMMETRIC else []
            for pair in ends:
                graph.add_edge(*pair)
                graph.edges[pair].setdefault("ids", set()).add(s.id)
    return graph


def all_paths(graph: "networkx.DiGraph[str]", source: str, hops: int) -> list[list[str]]:
    return list(networkx.all_simple_paths(graph, source, END, hops)) if source != END else []


def through(paths: list[list[str]]) -> Counter[str]:
    return Counter(node for path in paths for node in path[1:-1])


@QUICK
@given(multigraphs(), st.integers(1, 6))
def test_chokepoints_count_all_paths(statements: list[Statement], hops: int) -> None:
    def check(snapshot: Snapshot) -> None:
        query = PathQuery(source=(NODES[0],), target=(END,), max_hops=hops, limit=1000)
        found = find_chokepoints(snapshot, query)
        graph = walkable(statements)
        paths = all_paths(graph, NODES[0], hops)
        assert (found.total, found.total_is_exact, found.complete) == (len(paths), True, True)
        assert {e.entity.id: e.paths for e in found.entities} == through(paths)
        assert [e.paths for e in found.entities] == sorted(through(paths).values(), reverse=True)
        steps = [step for path in paths for step in pairwise(path)]
        uses = Counter(i for step in steps for i in graph.edges[step]["ids"])
        sole = Counter(
            next(iter(graph.edges[step]["ids"])) for step in steps
            if len(graph.edges[step]["ids"]) == 1
        )  # fmt: skip
        assert {s.id: s.paths for s in found.statements} == uses
        assert {s.id: s.sole for s in found.statements if s.sole} == sole
        for entity in found.entities:
            signs = entity.supports + entity.opposes + entity.neutral + entity.unknown
            assert signs == entity.paths
            assert entity.share == pytest.approx(entity.paths / len(paths))

    on_snapshot(statements, check)


@QUICK
@given(multigraphs())
def test_what_lies_on_every_path_dominates_the_target(statements: list[Statement]) -> None:
    def check(snapshot: Snapshot) -> None:
        found = find_chokepoints(
            snapshot, PathQuery(source=(NODES[0],), target=(END,), max_hops=6, limit=1000)
        )
        graph = walkable(statements)
        dominators = set()
        if networkx.has_path(graph, NODES[0], END):
            above, node = networkx.immediate_dominators(graph, NODES[0]), END
            while above.get(node, node) not in (node, None):
                node = above[node]
                dominators.add(node)
            dominators -= {NODES[0]}
        assert {e.entity.id for e in found.entities if e.cut} == dominators
        bridges = set()
        if found.total:
            for pair in list(graph.edges):
                ids = graph.edges[pair]["ids"]
                rest = graph.copy()
                rest.remove_edge(*pair)
                if len(ids) == 1 and not networkx.has_path(rest, NODES[0], END):
                    bridges |= ids
        assert {s.id for s in found.statements if s.cut} == bridges

    on_snapshot(statements, check)


@QUICK
@given(multigraphs(), st.integers(1, 4))
def test_mediators_are_shared_or_distinct_as_all_paths_say(
    statements: list[Statement], hops: int
) -> None:
    def check(snapshot: Snapshot) -> None:
        left, right, *_ = NODES
        query = CompareQuery(left=(left,), right=(right,), target=(END,), max_hops=hops, limit=1000)
        found = compare(snapshot, query)
        graph = walkable(statements)
        sides = [through(all_paths(graph, source, hops)) for source in (left, right)]
        expected = {node: tuple(side.get(node) for side in sides) for node in sides[0] | sides[1]}
        told = {
            m.entity.id: (m.left and m.left.paths, m.right and m.right.paths)
            for m in found.mediators
        }
        assert told == expected
        origins = {(True, True): "both", (True, False): "left", (False, True): "right"}
        for m in found.mediators:
            assert m.origin == origins[m.left is not None, m.right is not None]
        counts = Counter(m.origin for m in found.mediators)
        assert (found.shared, found.only_left, found.only_right) == (
            counts["both"], counts["left"], counts["right"]
        )  # fmt: skip
        assert (found.complete, found.total) == (True, len(expected))
        for side, source in ((found.left, left), (found.right, right)):
            own = find_paths(snapshot, query.side((source,)))
            assert (side.paths, side.net_effect) == (own.paths, own.net_effect)
            assert side.total == own.total
        assert sum(m.left for m in found.metapaths) == found.left.total
        assert sum(m.right for m in found.metapaths) == found.right.total

    on_snapshot(statements, check)


@QUICK
@given(multigraphs())
def test_the_path_of_a_mediator_is_the_best_through_it(statements: list[Statement]) -> None:
    def check(snapshot: Snapshot) -> None:
        query = CompareQuery(left=NODES[:1], right=NODES[1:2], target=(END,), max_hops=4)
        for mediator in compare(snapshot, query).mediators:
            for side, source in ((mediator.left, query.left), (mediator.right, query.right)):
                if side is None:
                    continue
                asked = PathQuery(
                    source=source, target=(END,), max_hops=4, via=(mediator.entity.id,), limit=1
                )
                best = find_paths(snapshot, asked)
                assert side.paths == best.total
                assert side.entities == tuple(e.id for e in best.paths[0].entities)
                assert (side.score, side.sign) == (best.paths[0].score, best.paths[0].sign)
                effect = best.net_effect
                assert (side.supports, side.opposes) == (effect.supports, effect.opposes)

    on_snapshot(statements, check)


@QUICK
@given(multigraphs())
def test_without_a_target_neighbours_are_compared(statements: list[Statement]) -> None:
    def check(snapshot: Snapshot) -> None:
        found = compare(snapshot, CompareQuery(left=NODES[:1], right=NODES[1:2]))
        sides: list[dict[tuple[str, str], set[str]]] = [{}, {}]
        for s in statements:
            for place, node in enumerate(NODES[:2]):
                if s.negated or s.derived_from or s.subject == s.object or s.subject != node:
                    continue
                if s.predicate in SYMMETRIC:
                    continue
                sides[place].setdefault((s.predicate, s.object), set()).add(s.id)
        told = {
            (n.predicate, n.entity.id): (set(n.left), set(n.right))
            for n in found.neighbours
            if n.direction == "out" and n.predicate not in SYMMETRIC
        }
        assert told == {
            key: tuple(side.get(key, set()) for side in sides) for key in sides[0] | sides[1]
        }
        assert found.total == found.shared + found.only_left + found.only_right
        assert found.total == len(found.neighbours)

    on_snapshot(statements, check)


@pytest.fixture(scope="module")
def bundled(data_directory: Path) -> Path:
    return data_directory / "ms-nsc" / "current"


def test_what_cannot_be_listed_is_said(bundled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    snapshot = open_snapshot(bundled)
    monkeypatch.setattr(enumeration, "MAX_PATHS", 10)
    monkeypatch.setattr(enumeration, "BEST_PATHS", 8)
    query = PathQuery(source=("NSC",), target=("neuron",), max_hops=6)
    found = find_chokepoints(snapshot, query)
    assert (found.total_is_exact, found.complete, found.truncated_by) == (False, False, "limit")
    assert not any(e.cut for e in found.entities)
    best = find_paths(snapshot, PathQuery(source=("NSC",), target=("neuron",), max_hops=6, limit=8))
    assert {e.entity.id for e in found.entities} <= {
        e.id for path in best.paths for e in path.entities[1:-1]
    }
    both = compare(snapshot, CompareQuery(left=("NSC",), right=("MSC",), target=("neuron",),
                                          max_hops=6))  # fmt: skip
    assert (both.total_is_exact, both.complete, both.truncated_by) == (False, False, "limit")
    assert both.sentence.startswith("Among the best paths only: ")


def test_neighbours_are_compared_page_by_page(
    bundled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    graph = Graph(open_snapshot(bundled))
    whole = graph.compare(left=("NSC", "GDNF"), right="MSC")
    monkeypatch.setattr(contrast, "MAX_LIMIT", 2)
    paged = graph.compare(left=("NSC", "GDNF"), right="MSC")
    assert paged.complete
    assert paged.neighbours == whole.neighbours


def test_neighbours_that_were_not_looked_at_are_said(
    bundled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    graph = Graph(open_snapshot(bundled))
    late = graph.compare(left=("NSC", "GDNF"), right="MSC", timeout=1e-9)
    assert (late.complete, late.truncated_by, late.total_is_exact) == (False, "time", False)
    assert late.sentence.startswith("Among the neighbours looked at: ")
    assert [e.name for e in late.left.entities] == ["neural stem cell", "GDNF"]
    monkeypatch.setattr(contrast, "MAX_NEIGHBOURS", 1)
    many = graph.compare(left=("NSC", "GDNF"), right="MSC")
    assert (many.complete, many.truncated_by, many.total_is_exact) == (False, "limit", False)


def test_a_comparison_is_drawn_with_the_best_paths_of_both_sides(bundled: Path) -> None:
    graph = Graph(open_snapshot(bundled))
    found = graph.compare(left="NSC", right="MSC", target="neuron", paths=3)
    drawn = comparison_subgraph(graph.snapshot, found)
    paths = (*found.left.paths, *found.right.paths)
    assert {s.id for s in drawn.statements} == {
        s.id for path in paths for hop in path.hops for s in hop.statements
    }
    assert drawn.title == "neural stem cell against mesenchymal stem cell on the way to neuron"
    starts = {path.entities[0].id for path in paths}  # subclasses of both sides among them
    assert set(drawn.sources) == {"CL:0000047", "CL:0000134"} | starts
    assert drawn.targets == ("CL:0000540",)
    assert len(graph.drawn(graph.compare(left="NSC", right="MSC")).statements) > 20


def test_few_are_listed_where_few_are_asked_for(bundled: Path) -> None:
    graph = Graph(open_snapshot(bundled))
    found = graph.compare(left="NSC", right="MSC", target="Remyelination", limit=2)
    assert (len(found.mediators), found.truncated_by, found.total_is_exact) == (2, "limit", True)
    narrow = graph.chokepoints(source="NSC", target="Remyelination", limit=1)
    assert (len(narrow.entities), len(narrow.statements), narrow.complete) == (1, 1, False)


@pytest.mark.parametrize(
    ("fields", "error", "parameter"),
    [
        ({"left": "no such", "right": "MSC"}, UnknownEntity, "left"),
        ({"left": "NSC", "right": "no such", "target": "neuron"}, UnknownEntity, "right"),
        ({"left": "NSC", "right": "MSC", "target": "no such"}, UnknownEntity, "target"),
        ({"left": "NSC", "right": "MSC", "evidence": "article"}, QueryError, "evidence"),
        ({"left": "NSC", "right": "MSC", "min_hops": 4}, QueryError, "min_hops"),
    ],
)
def test_a_wrong_side_is_named(
    bundled: Path, fields: dict[str, Any], error: type[QueryError], parameter: str
) -> None:
    with pytest.raises(error) as caught:
        Graph(open_snapshot(bundled)).compare(**fields)
    assert caught.value.parameter == parameter
