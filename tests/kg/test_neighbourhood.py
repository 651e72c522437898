"""Neighbourhoods against networkx, and what they say of what they leave out."""

from collections import Counter
from pathlib import Path

import networkx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mechkg.kg.errors import QueryError, StaleCursor, UnknownEntity, UnknownTerm
from mechkg.kg.model.queries import NeighbourhoodQuery
from mechkg.kg.model.results import NeighbourhoodResult
from mechkg.kg.model.values import Statement
from mechkg.kg.neighbourhood.find import find_neighbourhood
from mechkg.kg.neighbourhood.list import list_neighbourhood
from mechkg.kg.snapshot.snapshot import Snapshot
from tests.kg.multigraphs import CATEGORY, NODES, SCHEMA, built, carrying, multigraphs, on_snapshot

SYMMETRIC = {p.id for p in SCHEMA.predicates if p.symmetric}


def walked(statements: list[Statement], query: NeighbourhoodQuery) -> "networkx.MultiDiGraph[str]":
    """The oracle's view: an arc from nearer to farther for each way a statement may be walked."""
    admitted = {p for text in query.predicate for p in SCHEMA.predicates_under(text)}
    view: networkx.MultiDiGraph[str] = networkx.MultiDiGraph()
    view.add_nodes_from(NODES)
    for subject, obj, key, s in carrying(statements).edges(keys=True, data="statement"):
        if query.predicate and s.predicate not in admitted:
            continue
        either = s.predicate in SYMMETRIC
        if either or query.direction != "in":
            view.add_edge(subject, obj, key=(key, "out"), statement=s)
        if either or query.direction != "out":
            view.add_edge(obj, subject, key=(key, "in"), statement=s)
    return view


def expected(
    statements: list[Statement], query: NeighbourhoodQuery
) -> tuple[dict[str, tuple[int, list[str]]], Counter[tuple[str, str]]]:
    view = walked(statements, query)
    distance = networkx.single_source_shortest_path_length(view, query.entity, query.depth)
    classes = {c for text in query.category for c in SCHEMA.categories_under(text)}
    members: dict[str, tuple[int, list[str]]] = {}
    groups: Counter[tuple[str, str]] = Counter()
    for node, steps in distance.items():
        if steps == 0 or (query.category and CATEGORY[node] not in classes):
            continue
        reaching = [
            (statement, key[1])
            for nearer, _, key, statement in view.in_edges(node, keys=True, data="statement")
            if distance.get(nearer) == steps - 1
        ]
        members[node] = (steps, sorted(s.id for s, _ in reaching))
        mirrored = "in" if query.direction == "in" else "out"
        for statement, side in reaching:
            either = statement.predicate in SYMMETRIC
            groups[statement.predicate, mirrored if either else side] += 1
    return members, groups


queries = st.builds(
    NeighbourhoodQuery,
    entity=st.sampled_from(NODES),
    depth=st.integers(1, 3),
    direction=st.sampled_from(["out", "in", "both"]),
    predicate=st.sampled_from([(), ("affects",), ("promotes",), ("binds", "inhibits")]),
    category=st.sampled_from([(), ("Cell",), ("biolink:Neuron", "gene")]),
)


@given(multigraphs(), queries)
@settings(max_examples=120)
def test_members_and_groups_are_those_of_networkx(
    statements: list[Statement], query: NeighbourhoodQuery
) -> None:
    def check(snapshot: Snapshot) -> None:
        result = find_neighbourhood(snapshot, query)
        members, groups = expected(statements, query)
        found = {
            n.entity.id: (n.distance, sorted(s.id for s in n.statements)) for n in result.neighbours
        }
        assert found == members
        assert {(g.predicate, g.direction): g.statements for g in result.groups} == dict(groups)
        assert all(1 <= g.entities <= g.statements for g in result.groups)
        assert (result.total, result.total_is_exact) == (len(members), True)
        assert (result.complete, result.truncated_by, result.cursor) == (True, None, None)
        assert [n.distance for n in result.neighbours] == sorted(
            n.distance for n in result.neighbours
        )

    on_snapshot(statements, check)


@given(multigraphs(), queries, st.integers(0, 30))
@settings(max_examples=120)
def test_a_table_lists_what_the_answer_tells(
    statements: list[Statement], query: NeighbourhoodQuery, most: int
) -> None:
    def check(snapshot: Snapshot) -> None:
        members, groups = expected(statements, query)
        table = list_neighbourhood(snapshot, query, most)
        assert (table.entities, table.statements) == (len(members), groups.total())
        distances = Counter(steps for steps, _ in members.values())
        assert table.at == tuple(distances[i] for i in range(1, query.depth + 1))
        assert len(table) == min(most, groups.total())
        assert table.complete == (len(table) == groups.total())
        assert table.truncated_by == (None if table.complete else "limit")
        told = [table.statement(i) for i in range(len(table))]
        assert [(s.id, p, o.id) for s, p, o in table.rows] == [
            (s.subject, s.predicate, s.object) for s in told
        ]
        reached = sorted(i for _, ids in members.values() for i in ids)
        ids = sorted(s.id for s in told)
        assert ids == reached if table.complete else not Counter(ids) - Counter(reached)

    on_snapshot(statements, check)


@given(multigraphs(), queries)
@settings(max_examples=40)
def test_pages_together_are_the_whole(
    statements: list[Statement], query: NeighbourhoodQuery
) -> None:
    def check(snapshot: Snapshot) -> None:
        whole = find_neighbourhood(snapshot, query)
        pages: list[NeighbourhoodResult] = []
        cursor: str | None = ""
        while cursor is not None:
            page = NeighbourhoodQuery(
                entity=query.entity,
                depth=query.depth,
                direction=query.direction,
                predicate=query.predicate,
                category=query.category,
                limit=2,
                cursor=cursor,
            )
            pages.append(find_neighbourhood(snapshot, page))
            cursor = pages[-1].cursor
        together = [n for page in pages for n in page.neighbours]
        assert together == list(whole.neighbours)
        assert all(page.groups == whole.groups for page in pages)
        for page in pages:
            cut = len(page.neighbours) < len(together) or len(whole.negated) > 2
            assert page.complete == (not cut)
            assert page.truncated_by == ("limit" if cut else None)

    on_snapshot(statements, check)


@given(multigraphs(), st.sampled_from(NODES))
@settings(max_examples=40)
def test_negated_statements_are_listed_apart(statements: list[Statement], node: str) -> None:
    def check(snapshot: Snapshot) -> None:
        result = find_neighbourhood(snapshot, NeighbourhoodQuery(entity=node))
        denied = [s for s in statements if s.negated and node in {s.subject, s.object}]
        assert sorted(s.id for s in result.negated) == sorted(s.id for s in denied)
        assert not any(s.negated for n in result.neighbours for s in n.statements)
        outward = find_neighbourhood(snapshot, NeighbourhoodQuery(entity=node, direction="out"))
        assert {s.id for s in outward.negated} == {
            s.id for s in denied if s.subject == node or s.predicate in SYMMETRIC
        }

    on_snapshot(statements, check)


def line(*ends: tuple[str, str]) -> list[Statement]:
    return [
        Statement(id=f"L{i}", subject=a, predicate="promotes", object=b)
        for i, (a, b) in enumerate(ends)
    ]


def test_members_with_more_statements_and_then_specific_ones_come_first() -> None:
    statements = line(
        ("X:a", "X:b"), ("X:a", "X:c"), ("X:a", "X:c"), ("X:a", "X:d"), ("X:e", "X:b")
    )

    def check(snapshot: Snapshot) -> None:
        result = find_neighbourhood(snapshot, NeighbourhoodQuery(entity="X:a"))
        assert [n.entity.id for n in result.neighbours] == ["X:c", "X:d", "X:b"]

    on_snapshot(statements, check)


def test_a_hub_that_is_not_walked_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    hub = [("X:b", node) for node in NODES[2:]]
    statements = line(("X:a", "X:b"), ("X:a", "X:c"), ("X:c", "X:d"), *hub)
    monkeypatch.setattr("mechkg.kg.neighbourhood.find.MAX_ENTRIES", 4)

    def check(snapshot: Snapshot) -> None:
        query = NeighbourhoodQuery(entity="X:a", depth=2)
        result = find_neighbourhood(snapshot, query)
        assert [n.entity.id for n in result.neighbours] == ["X:c", "X:b", "X:d"]
        assert (result.complete, result.truncated_by) == (False, "hub")
        assert not result.total_is_exact
        near = find_neighbourhood(snapshot, NeighbourhoodQuery(entity="X:b"))
        assert (near.complete, near.total) == (True, 6)

    on_snapshot(statements, check)


def test_a_page_ends_where_its_statements_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    statements = line(*[("X:a", "X:b")] * 5, *[("X:a", "X:c")] * 4, ("X:a", "X:d"))
    monkeypatch.setattr("mechkg.kg.neighbourhood.find.MAX_STATEMENTS", 4)

    def check(snapshot: Snapshot) -> None:
        first = find_neighbourhood(snapshot, NeighbourhoodQuery(entity="X:a"))
        assert [(n.entity.id, len(n.statements)) for n in first.neighbours] == [("X:b", 5)]
        assert (first.complete, first.truncated_by, first.total) == (False, "limit", 3)
        assert first.cursor is not None
        second = find_neighbourhood(snapshot, NeighbourhoodQuery(entity="X:a", cursor=first.cursor))
        assert [n.entity.id for n in second.neighbours] == ["X:c"]

    on_snapshot(statements, check)


def test_wrong_words_and_cursors_are_refused() -> None:
    def check(snapshot: Snapshot) -> None:
        with pytest.raises(UnknownEntity):
            find_neighbourhood(snapshot, NeighbourhoodQuery(entity="X:z"))
        with pytest.raises(UnknownTerm):
            find_neighbourhood(snapshot, NeighbourhoodQuery(entity="X:a", predicate=("cures",)))
        with pytest.raises(UnknownTerm):
            find_neighbourhood(snapshot, NeighbourhoodQuery(entity="X:a", category=("Star",)))
        page = find_neighbourhood(snapshot, NeighbourhoodQuery(entity="X:a", limit=1))
        assert page.cursor is not None
        for cursor in (page.cursor, "x", "é", "AAAAAAAAAAAAAAAAAAAAAA", "=" * 22):
            with pytest.raises(StaleCursor):
                find_neighbourhood(snapshot, NeighbourhoodQuery(entity="X:b", cursor=cursor))

    on_snapshot(line(("X:a", "X:b"), ("X:a", "X:c")), check)


def test_a_listing_takes_an_entity_alone_and_refuses_its_subclasses(tmp_path: Path) -> None:
    snapshot = built(
        tmp_path, [Statement(id="s", subject="X:a", predicate="affects", object="X:b")]
    )
    rows = [
        list_neighbourhood(snapshot, NeighbourhoodQuery(entity=text)).rows
        for text in ("X:a", "X:a!")
    ]
    assert rows[0]
    assert rows[0] == rows[1]
    with pytest.raises(QueryError, match="without its subclasses"):
        list_neighbourhood(snapshot, NeighbourhoodQuery(entity="X:a*"))
