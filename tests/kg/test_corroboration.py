"""Routes that support a statement are those that a search by hand finds, and stay with it."""

import random
import shutil
from itertools import product
from math import sqrt
from pathlib import Path as FilePath

import networkx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mechkg.kg.build.builder import Build, Corroborate
from mechkg.kg.build.corroborate import corroborate
from mechkg.kg.curation.changes import Edit
from mechkg.kg.curation.rebuild import rebuild
from mechkg.kg.errors import QueryError, SnapshotError
from mechkg.kg.graph import Graph
from mechkg.kg.model.schema import Predicate, Schema
from mechkg.kg.model.values import MAX_ROUTES, Path, Statement
from mechkg.kg.snapshot.snapshot import Snapshot, open_snapshot, verify_snapshot
from tests.kg.multigraphs import multigraphs, on_snapshot

SCHEMA = Schema(
    predicates=(
        Predicate(id="affects", label="affects"),
        Predicate(id="binds", label="binds", symmetric=True),
        Predicate(
            id="is_a", label="is a", generic=True, biolink="biolink:subclass_of", role="taxonomy"
        ),
    )
)


def some_statements(seed: int, entities: int = 40, count: int = 220) -> list[Statement]:
    """Parallel ones, loops, denials and classifications among them; some entities are hubs."""
    chance = random.Random(seed)
    ends = [f"X:{int(chance.random() ** 2 * entities)}" for _ in range(2 * count)]
    return [
        Statement(
            id=f"S{n}",
            subject=subject,
            predicate=chance.choice(("affects", "affects", "binds", "is_a")),
            object=obj,
            negated=chance.random() < 0.1,
            derived_from=("S0",) if chance.random() < 0.1 else (),
        )
        for n, (subject, obj) in enumerate(zip(ends[::2], ends[1::2], strict=True))
    ]


def build(folder: FilePath, statements: list[Statement], how: Corroborate = "auto") -> Snapshot:
    with Build(folder, "own", SCHEMA, corroborate=how) as made:
        for statement in statements:
            made.statements.add(statement)
        return open_snapshot(made.finish())


def neighbours(statements: list[Statement]) -> "networkx.Graph[str]":
    """The oracle's graph: who is linked to whom by what a route may lead over."""
    graph: networkx.Graph[str] = networkx.Graph()
    for s in statements:
        graph.add_nodes_from((s.subject, s.object))
        route = s.predicate != "is_a" and not s.negated and not s.derived_from
        if route and s.subject != s.object:
            graph.add_edge(s.subject, s.object)
    return graph


def routes(graph: "networkx.Graph[str]", u: str, v: str, most: int) -> list[tuple[str, str]]:
    def near(end: str, other: str) -> list[str]:
        return [x for x in graph[end] if x != other and graph.degree[x] <= most]

    pairs = product(near(u, v), near(v, u))
    return [(x, y) for x, y in pairs if x != y and graph.has_edge(x, y)] if u != v else []


@pytest.mark.parametrize("most", [6, 300])
@pytest.mark.parametrize("seed", range(3))
def test_scores_and_routes_are_those_of_a_search_by_hand(
    tmp_path: FilePath, seed: int, most: int
) -> None:
    statements = some_statements(seed)
    snapshot, graph = build(tmp_path, statements), neighbours(statements)
    index = snapshot.index
    taxonomy = snapshot.schema.predicates.index(SCHEMA.predicates[2])
    m = index.carrying
    counted = (index.predicate[:m] != taxonomy) & (index.inferred[:m] == 0)
    found = corroborate(index, counted, most_neighbours=most)
    supported = 0
    for row in range(m):
        said = snapshot.statement(row)
        ways = routes(graph, said.subject, said.object, most)
        score = sum(1 / sqrt(graph.degree[x] * graph.degree[y]) for x, y in ways)
        assert found.score[row] == pytest.approx(score, rel=1e-5, abs=1e-6)
        disjoint: networkx.Graph[str] = networkx.Graph(ways)
        best = len(networkx.max_weight_matching(disjoint, maxcardinality=True))
        assert min((best + 1) // 2, MAX_ROUTES) <= found.routes[row] <= min(best, MAX_ROUTES)
        supported += bool(ways)
    assert 0 < supported < m or most > 6


def test_columns_are_shown_with_statements_and_hops(tmp_path: FilePath) -> None:
    graph = Graph(build(tmp_path, some_statements(1)))
    columns = graph.snapshot.corroboration
    assert columns is not None
    assert columns.method.share == 1
    for row in range(graph.snapshot.index.statements):
        said = graph.statement(graph.snapshot.records.statement_id(row))
        if said.negated:
            assert said.corroboration is None
        else:
            assert said.corroboration is not None
            assert said.corroboration.routes == columns.routes[row]
            assert said.corroboration.score == pytest.approx(float(columns.score[row]), abs=1e-4)
    found = graph.find_paths(source="X:0", target="X:30", max_hops=2, limit=100)
    hops = [s for path in found.paths for hop in path.hops for s in hop.statements]
    assert hops
    assert all(s.corroboration == graph.statement(s.id).corroboration for s in hops)
    around = graph.neighbourhood(entity="X:0")
    near = [s for one in around.neighbours for s in one.statements]
    assert near
    assert all(s.corroboration == graph.statement(s.id).corroboration for s in near)


def test_equal_content_has_an_equal_hash_and_equal_columns_in_any_order(tmp_path: FilePath) -> None:
    statements = some_statements(2)
    one = build(tmp_path / "a", statements)
    random.Random(5).shuffle(statements)
    other = build(tmp_path / "b", statements)
    assert one.manifest.sha256 == other.manifest.sha256
    assert one.manifest.digests == other.manifest.digests
    assert {"corroboration.json", "corroboration_routes.npy"} < one.manifest.digests.keys()


@settings(max_examples=25)
@given(multigraphs(), st.integers(0, MAX_ROUTES))
def test_a_filter_keeps_statements_with_so_many_routes(
    statements: list[Statement], least: int
) -> None:
    def check(snapshot: Snapshot) -> None:
        graph = Graph(snapshot)
        asked = {"source": "X:a", "target": "X:b", "max_hops": 3, "limit": 1000}
        every = graph.find_paths(**asked).paths
        kept = graph.find_paths(**asked, min_routes=least).paths
        wanted = {
            tuple(e.id for e in path.entities)
            for path in every
            if all(
                any(s.corroboration and s.corroboration.routes >= least for s in hop.statements)
                for hop in path.hops
            )
        }
        assert {tuple(e.id for e in path.entities) for path in kept} == wanted
        support = [s.corroboration for path in kept for hop in path.hops for s in hop.statements]
        assert all(one is not None and one.routes >= least for one in support)

    on_snapshot([*statements, *CLIQUE], check)


@settings(max_examples=25)
@given(multigraphs(), st.sampled_from([-0.5, -3.0]), st.sampled_from(["hops", "specific"]))
def test_the_best_paths_are_exact_under_a_weight_of_support(
    statements: list[Statement], weight: float, name: str
) -> None:
    def lack(path: Path) -> float:
        """What its hops lack: routes are those of two entities, whatever joins them."""
        first = [hop.statements[0].corroboration for hop in path.hops]
        return sum(1 / (1 + one.routes) for one in first if one is not None)

    def check(snapshot: Snapshot) -> None:
        graph = Graph(snapshot)
        asked = {"source": "X:a", "target": "X:b", "max_hops": 3, "scorer": name}
        weights = (f"corroboration:{weight}",)
        every = graph.find_paths(**asked, limit=1000).paths
        expected = sorted((path.score + weight * lack(path) for path in every), reverse=True)
        found = graph.find_paths(**asked, weights=weights, limit=5).paths
        assert [path.score for path in found] == pytest.approx(expected[:5], abs=1e-4)
        for path in found:
            (part,) = (p for p in path.score_parts if p.name == "corroboration")
            assert (part.value, part.weight) == (pytest.approx(lack(path), abs=1e-4), weight)
            total = sum(p.value * p.weight for p in path.score_parts)
            assert path.score == pytest.approx(total, abs=1e-4)

    on_snapshot([*statements, *CLIQUE], check)


def test_a_weight_of_support_needs_the_columns(tmp_path: FilePath) -> None:
    graph = Graph(build(tmp_path, CLIQUE, "off"))
    with pytest.raises(QueryError, match="Load it with --corroboration on"):
        graph.find_paths(source="X:a", target="X:b", weights=("corroboration:-1",))


CLIQUE = [
    Statement(id=f"C{a}{b}", subject=f"X:{a}", predicate="affects", object=f"X:{b}")
    for a, b in ("ac", "cd", "db", "ab", "ad", "cb")
]
"""Statements each of which others support."""


def test_what_keeps_paths_out_may_be_the_routes_that_are_asked_for(tmp_path: FilePath) -> None:
    graph = Graph(build(tmp_path, CLIQUE))
    found = graph.why_not(source="X:a", target="X:b", min_routes=MAX_ROUTES)
    (one,) = (r for r in found.relaxations if r.parameter == "min_routes")
    assert found.total == 0
    assert one.paths > 0
    assert "fewer than 20 routes" in one.sentence


def test_without_the_columns_a_graph_opens_and_the_filter_says_so(tmp_path: FilePath) -> None:
    graph = Graph(build(tmp_path, CLIQUE, "off"))
    assert graph.snapshot.corroboration is None
    assert graph.statement("Cab").corroboration is None
    assert graph.find_paths(source="X:a", target="X:b").paths
    with pytest.raises(QueryError, match="Load it with --corroboration on"):
        graph.find_paths(source="X:a", target="X:b", min_routes=1)


def test_a_graph_with_and_one_without_are_two_versions(tmp_path: FilePath) -> None:
    versions = {build(tmp_path, CLIQUE, how).manifest.hash for how in ("on", "auto", "off")}
    assert len(versions) == 2


def test_a_share_of_the_hops_gives_scores_that_are_off_as_stated(tmp_path: FilePath) -> None:
    index = build(tmp_path, some_statements(3, entities=60, count=900)).index
    counted = np.ones(index.carrying, np.bool_)
    whole = corroborate(index, counted)
    some = corroborate(index, counted, most_work=4_000)
    off = some.score.astype(float) - whole.score
    assert whole.method.error == 0
    assert 0 < some.method.share <= 0.5
    assert some.method.error == pytest.approx(sqrt((off @ off) / (whole.score @ whole.score)), 1e-3)
    assert np.all(some.routes <= 2 * whole.routes.astype(int))
    # The share of hops that is left counts as often as hops were left out.
    assert some.score.sum() == pytest.approx(whole.score.sum(), rel=0.3)


@pytest.mark.parametrize("how", ["on", "off"])
def test_an_edit_leaves_the_columns_as_a_fresh_load_makes_them(
    tmp_path: FilePath, how: Corroborate
) -> None:
    statements = some_statements(4)
    before = build(tmp_path / "a", statements, how)
    taken = next(s for s in statements if not s.negated and not s.derived_from)
    edit = Edit(statement_before=before.records.statement(before.records.statement_row(taken.id)))
    after = open_snapshot(rebuild(before, [edit], tmp_path / "b", name="own"))
    fresh = build(tmp_path / "c", [s for s in statements if s is not taken], how)
    assert after.manifest.hash == fresh.manifest.hash
    assert (after.corroboration is None) is (how == "off")
    names = [name for name in fresh.manifest.digests if name.startswith("corroboration")]
    assert [after.manifest.digests[n] for n in names] == [fresh.manifest.digests[n] for n in names]


@pytest.mark.parametrize("name", ["corroboration.json", "corroboration_score.npy"])
def test_columns_that_fit_another_graph_are_refused(tmp_path: FilePath, name: str) -> None:
    one, other = build(tmp_path, CLIQUE), build(tmp_path, CLIQUE[:-1])
    shutil.copy(other.path / name, one.path / name)
    with (one.path / name).open("ab") as file:
        file.write(b"x")
    with pytest.raises(SnapshotError, match="corroboration"):
        verify_snapshot(one.path)
