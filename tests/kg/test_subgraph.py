"""Subgraphs and the metagraph against what the statements say."""

from collections import Counter
from pathlib import Path as FilePath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mechkg.kg.build.builder import build_snapshot
from mechkg.kg.errors import TooLarge
from mechkg.kg.model.queries import NeighbourhoodQuery, PathQuery
from mechkg.kg.model.results import NetEffect, PathResult
from mechkg.kg.model.values import (
    Evidence,
    Hop,
    HopStatement,
    Path,
    PathEntity,
    Statement,
    Subgraph,
)
from mechkg.kg.neighbourhood.find import find_neighbourhood
from mechkg.kg.snapshot.metagraph import metagraph
from mechkg.kg.snapshot.snapshot import Snapshot, Source, open_snapshot
from mechkg.kg.subgraph import (
    chosen_subgraph,
    entity_subgraph,
    induced_subgraph,
    neighbourhood_subgraph,
    path_subgraph,
    statement_subgraph,
    subgraph_of,
    whole_graph,
)
from tests.kg.multigraphs import (
    CATEGORY,
    NODES,
    SCHEMA,
    carrying,
    entities,
    multigraphs,
    on_snapshot,
)


def ids(subgraph: Subgraph) -> list[str]:
    ends = {end for s in subgraph.statements for end in (s.subject, s.object)}
    listed = [e.id for e in subgraph.entities]
    assert ends <= set(listed)
    assert len(set(listed)) == len(listed)
    return [s.id for s in subgraph.statements]


@given(multigraphs(), st.lists(st.sampled_from(NODES), min_size=1, max_size=4))
@settings(max_examples=60)
def test_induced_subgraph_holds_what_joins_its_entities(
    statements: list[Statement], nodes: list[str]
) -> None:
    def check(snapshot: Snapshot) -> None:
        rows = [NODES.index(node) for node in nodes]
        part = induced_subgraph(snapshot, rows)
        oracle = carrying(statements).subgraph(nodes)
        kept = [key for *_, key in oracle.edges(keys=True)]
        denied = [
            s.id
            for s in statements
            if s.negated and not s.derived_from and {s.subject, s.object} <= set(nodes)
        ]
        assert sorted(ids(part)) == sorted(kept + denied)
        assert [e.id for e in part.entities] == list(dict.fromkeys(nodes))
        assert part.sources == tuple(dict.fromkeys(nodes))
        assert part.targets == ()
        assert part.snapshot == snapshot.manifest.hash

    on_snapshot(statements, check)


@given(multigraphs(), st.lists(st.sampled_from(NODES), max_size=3), st.data())
@settings(max_examples=40)
def test_chosen_statements_stand_with_their_ends_and_lone_entities(
    statements: list[Statement], nodes: list[str], data: st.DataObject
) -> None:
    everything = st.permutations(statements)
    chosen = data.draw(everything)[: len(statements) // 2]

    def check(snapshot: Snapshot) -> None:
        rows = [snapshot.records.statement_row(s.id) for s in chosen]
        part = chosen_subgraph(
            snapshot, [NODES.index(n) for n in nodes], [r for r in rows if r is not None]
        )
        assert ids(part) == [s.id for s in chosen]
        ends = {end for s in chosen for end in (s.subject, s.object)}
        assert {e.id for e in part.entities} == ends | set(nodes)
        assert part.sources == tuple(dict.fromkeys(nodes))
        assert part.targets == ()

    on_snapshot(statements, check)


@given(multigraphs(), st.sampled_from(NODES))
@settings(max_examples=40)
def test_an_entity_stands_with_all_its_statements(statements: list[Statement], node: str) -> None:
    def check(snapshot: Snapshot) -> None:
        part = entity_subgraph(snapshot, NODES.index(node))
        own = [s.id for s in statements if not s.derived_from and node in {s.subject, s.object}]
        assert sorted(ids(part)) == sorted(own)
        assert part.entities[0].id == node

    on_snapshot(statements, check)


@given(multigraphs())
@settings(max_examples=40)
def test_the_whole_graph_is_everything_with_inferred_statements_last(
    statements: list[Statement],
) -> None:
    def check(snapshot: Snapshot) -> None:
        whole = whole_graph(snapshot)
        assert sorted(ids(whole)) == sorted(s.id for s in statements)
        assert list(whole.entities) == entities()
        derived = [bool(s.derived_from) for s in whole.statements]
        assert derived == sorted(derived)
        asserted = whole_graph(snapshot, inferred=False)
        assert sorted(ids(asserted)) == sorted(s.id for s in statements if not s.derived_from)

    on_snapshot(statements, check)


@given(multigraphs())
@settings(max_examples=40)
def test_the_metagraph_counts_categories_and_joins(statements: list[Statement]) -> None:
    def check(snapshot: Snapshot) -> None:
        found = metagraph(snapshot)
        oracle = Counter(
            (CATEGORY[a], data.predicate, CATEGORY[b])
            for a, b, data in carrying(statements).edges(data="statement")
        )
        assert {(e.subject, e.predicate, e.object): e.statements for e in found.edges} == oracle
        assert {n.category: n.entities for n in found.nodes} == Counter(CATEGORY.values())
        assert found.snapshot == snapshot.manifest.hash

    on_snapshot(statements, check)


CHAIN = [
    Statement(id="A", subject="X:a", predicate="promotes", object="X:b", note="kept"),
    Statement(id="B", subject="X:b", predicate="binds", object="X:c"),
    Statement(id="I", subject="X:a", predicate="promotes", object="X:c", derived_from=("A", "B")),
    Statement(id="J", subject="X:c", predicate="promotes", object="X:c", derived_from=("I", "?")),
    Statement(id="N", subject="X:a", predicate="binds", object="X:g", negated=True),
]


def test_a_statement_stands_with_all_that_it_follows_from() -> None:
    def check(snapshot: Snapshot) -> None:
        row = snapshot.records.statement_row("J")
        assert row is not None
        part = statement_subgraph(snapshot, row)
        assert ids(part)[0] == "J"
        assert set(ids(part)) == {"J", "I", "A", "B"}
        assert (part.sources, part.targets) == (("X:c",), ("X:c",))

    on_snapshot(CHAIN, check)


def test_inferred_statements_stay_out_of_what_joins_entities() -> None:
    def check(snapshot: Snapshot) -> None:
        assert ids(induced_subgraph(snapshot, [0, 1, 2])) == ["A", "B"]
        assert ids(induced_subgraph(snapshot, [0, 2])) == []
        assert ids(entity_subgraph(snapshot, 0)) == ["A", "N"]

    on_snapshot(CHAIN, check)


def test_a_path_answer_becomes_its_entities_and_full_statements() -> None:
    def shown(statement: Statement) -> Hop:
        return Hop((
            HopStatement(
                id=statement.id, subject=statement.subject, predicate=statement.predicate,
                object=statement.object, direction="forward",
            ),
        ))  # fmt: skip

    path = Path(
        entities=tuple(PathEntity(n, n, CATEGORY[n]) for n in ("X:a", "X:b", "X:c")),
        hops=(shown(CHAIN[0]), shown(CHAIN[1])),
        length=2, sign=None, score=0.0, score_parts=(), explanation="",
    )  # fmt: skip
    effect = NetEffect(
        supports=0,
        opposes=0,
        neutral=0,
        unknown=1,
        exact=True,
        verdict="unknown",
        basis="chains",
        sentence="",
    )

    def check(snapshot: Snapshot) -> None:
        result = PathResult(
            query=PathQuery(source=("node a",), target=("node c",)),
            paths=(path, path),
            net_effect=effect,
            complete=True,
            truncated_by=None,
            total=2,
            total_is_exact=True,
            cursor=None,
            snapshot=snapshot.manifest.hash,
        )
        part = path_subgraph(snapshot, result)
        assert ids(part) == ["A", "B"]
        assert part.statements[0].note == "kept"
        assert (part.sources, part.targets) == (("X:a",), ("X:c",))
        assert part.title == "2 paths from node a to node c"

    on_snapshot(CHAIN, check)


def test_a_neighbourhood_answer_becomes_a_subgraph_with_what_is_denied() -> None:
    def check(snapshot: Snapshot) -> None:
        result = find_neighbourhood(snapshot, NeighbourhoodQuery(entity="X:a", depth=2))
        part = neighbourhood_subgraph(snapshot, result)
        assert ids(part) == ["A", "B", "N"]
        assert {e.id for e in part.entities} == {"X:a", "X:b", "X:c", "X:g"}
        assert (part.sources, part.title) == (("X:a",), "Neighbourhood of node a")

    on_snapshot(CHAIN, check)


def test_what_is_too_large_is_refused_not_cut() -> None:
    def check(snapshot: Snapshot) -> None:
        for part in (
            lambda: whole_graph(snapshot, at_most=4),
            lambda: entity_subgraph(snapshot, 0, at_most=1),
            lambda: induced_subgraph(snapshot, range(7), at_most=2),
        ):
            with pytest.raises(TooLarge):
                part()
        assert len(entity_subgraph(snapshot, 0, at_most=2).statements) == 2
        assert subgraph_of(snapshot).entities == ()

    on_snapshot(CHAIN, check)


def test_credits_name_sources_with_their_licences_most_used_first(tmp_path: FilePath) -> None:
    seen = [("1", "infores:b"), ("2", "infores:b"), ("3", "infores:a"), ("4", "elsewhere")]
    statements = [
        Statement(id=i, subject="X:a", predicate="affects", object="X:b",
                  evidence=(Evidence(kind="article", source=source),))
        for i, source in seen
    ]  # fmt: skip
    sources = (
        Source(name="A (PyPI a 1.0)", licence="CC0 1.0 (LICENSE); as of May"),
        Source(name="The B", url="https://w3id.org/information-resource-registry/b"),
        Source(name="unused", licence="MIT"),
    )
    path = build_snapshot(
        tmp_path, name="g", entities=entities(), statements=statements, schema=SCHEMA,
        sources=sources,
    )  # fmt: skip
    part = whole_graph(open_snapshot(path))
    assert part.credits == ("The B", "elsewhere", "A (CC0 1.0)")
