"""Scores: parts add up, the tables of doubt are ordered as they say, scorers do what they say."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from mechkg import open_graph
from mechkg.kg.errors import QueryError, UnknownTerm
from mechkg.kg.kernels.types import LENGTHS, UNIT
from mechkg.kg.model.queries import PathQuery
from mechkg.kg.model.values import Evidence, Statement
from mechkg.kg.ranking import SCORERS, scorer
from mechkg.kg.ranking.doubt import KINDS, LEVELS, MODALITIES, doubt
from mechkg.kg.ranking.mechanism import MECHANISM
from mechkg.kg.ranking.weights import reweighted
from mechkg.kg.search.context import SearchContext
from mechkg.kg.search.find_paths import find_paths
from mechkg.kg.snapshot.snapshot import Snapshot
from tests.kg.multigraphs import NODES, multigraphs, on_snapshot


def statement(*evidence: Evidence, modality: str = "asserted") -> Statement:
    return Statement(
        id="T", subject="a:1", predicate="p", object="a:2", modality=modality, evidence=evidence
    )


def paper(number: int, kind: str = "literature") -> Evidence:
    return Evidence(kind=kind, source="infores:s", publications=(f"PMID:{number}",))


def test_unknown_scorers_are_named() -> None:
    with pytest.raises(UnknownTerm, match="mechanism, hops, hubs"):
        scorer("best")


def test_scorers_only_count_what_makes_a_path_worse() -> None:
    assert all(part.weight < 0 for s in SCORERS.values() for part in s.parts)


@given(st.lists(st.sampled_from(sorted(KINDS)), max_size=5), st.sampled_from(sorted(MODALITIES)))
def test_more_evidence_never_raises_doubt(kinds: list[str], modality: str) -> None:
    said = [paper(i, kind) for i, kind in enumerate(kinds)]
    found = [doubt(statement(*said[:n], modality=modality)) for n in range(1, len(said) + 1)]
    assert all(0 <= value <= 1 for value in found)
    assert found == sorted(found, reverse=True)


def test_sentences_of_one_source_are_one_piece_of_evidence() -> None:
    one = [
        Evidence(kind="article", source="infores:a", location=place) for place in ("P1S1", "P4S3")
    ]
    assert doubt(statement(*one)) == doubt(statement(one[0]))
    assert doubt(statement(paper(1), paper(2))) < doubt(statement(paper(1)))


def test_weaker_wording_is_more_doubtful() -> None:
    said = [
        doubt(statement(paper(1), modality=m))
        for m in (
            "asserted",
            "research_reported",
            "challenge",
            "potential",
            "possible",
            "future_possible",
        )
    ]
    assert said == sorted(said)
    assert set(LEVELS.values()) <= {0.6, 0.7, 0.9, 1.0}


@given(multigraphs(), st.sampled_from(sorted(SCORERS)))
def test_parts_add_up_to_the_score_and_order_the_paths(
    statements: list[Statement], name: str
) -> None:
    def check(snapshot: Snapshot) -> None:
        query = PathQuery(
            source=NODES[:2],
            target=NODES[2:4],
            max_hops=4,
            direction="undirected",
            scorer=name,
            limit=500,
        )
        found = find_paths(snapshot, query)
        for path in found.paths:
            assert np.isclose(
                sum(p.value * p.weight for p in path.score_parts), path.score, atol=1e-5
            )
            assert [p.name for p in path.score_parts] == [p.name for p in scorer(name).parts]
        order = [(-p.score, p.length, [e.id for e in p.entities]) for p in found.paths]
        assert order == sorted(order)
        assert found.complete

    on_snapshot(statements, check)


@given(multigraphs(), st.sampled_from([0.0, -0.25, -3.0]), st.sampled_from([0.0, -2.0, -10.0]))
def test_weights_of_a_query_rank_exactly(
    statements: list[Statement], hubs: float, length: float
) -> None:
    query = PathQuery(
        source=NODES[:2], target=NODES[2:4], max_hops=4, direction="undirected",
        scorer="mechanism", limit=500,
    )  # fmt: skip
    chosen = {"hubs": hubs, "length": length}
    weights = tuple(f"{name}:{weight}" for name, weight in chosen.items())

    def check(snapshot: Snapshot) -> None:
        found = find_paths(snapshot, query)
        expected = {}
        for path in found.paths:
            parts = [(p.value, chosen.get(p.name, p.weight)) for p in path.score_parts]
            score = sum(value * weight for value, weight in parts)
            expected[tuple(e.id for e in path.entities)] = score
        best = find_paths(snapshot, structs.replace(query, weights=weights, limit=7))
        wanted = sorted(expected.values(), reverse=True)[:7]
        assert np.allclose([p.score for p in best.paths], wanted, atol=1e-4)
        for path in best.paths:
            assert np.isclose(path.score, expected[tuple(e.id for e in path.entities)], atol=1e-4)

    on_snapshot(statements, check)


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        (("speed:-1",), "parts are length, hubs, doubt, generic"),
        (("assumptions:-1",), "parts are length"),
        (("hubs",), "no number from -10 to 0"),
        (("hubs:1",), "no number from -10 to 0"),
        (("hubs:-inf",), "no number from -10 to 0"),
        (("hubs:nan",), "no number from -10 to 0"),
    ],
)
def test_weights_that_cannot_be_set_are_named(weights: tuple[str, ...], said: str) -> None:
    with pytest.raises(QueryError, match="Parameter weights") as caught:
        reweighted(MECHANISM, weights)
    assert said in f"{caught.value} {caught.value.hint}"


def test_a_weight_too_large_for_the_search_is_refused(data_directory: Path) -> None:
    graph = open_graph(data_directory / "ms-nsc" / "current")
    query = PathQuery(source=("NSC",), target=("GDNF",), weights=("hubs:-10",))
    with pytest.raises(QueryError, match="more than a search can add up"):
        graph.find_paths(query)
    assert graph.find_paths(structs.replace(query, weights=("hubs:-1",))).scorer == "mechanism"


def test_costs_are_worked_out_once_a_snapshot() -> None:
    def check(snapshot: Snapshot) -> None:
        costs = SearchContext.of(snapshot).costs("mechanism")
        assert SearchContext.of(snapshot).costs("mechanism") is costs
        assert costs.hop == UNIT
        assert int(costs.entity.max(initial=0)) * 8 * LENGTHS < 1 << 30

    on_snapshot([], check)


def test_the_default_is_left_to_the_graph_and_the_answer_says_it(data_directory: Path) -> None:
    graph = open_graph(data_directory / "ms-nsc" / "current")
    query = PathQuery(source=("NSC",), target=("GDNF",))
    found = graph.find_paths(query)
    assert found.scorer == "mechanism"
    assert found.query.scorer == "default"
    named = graph.find_paths(structs.replace(query, scorer="mechanism"))
    assert named.paths == found.paths
    stream = graph.stream_paths(query)
    assert len(list(stream)) == len(found.paths)
    assert stream.summary.scorer == "mechanism"

    def check(snapshot: Snapshot) -> None:
        asked = PathQuery(source=NODES[:1], target=NODES[1:2])
        assert find_paths(snapshot, asked).scorer == "specific"
        fewest = structs.replace(asked, scorer="hops")
        assert find_paths(snapshot, fewest).scorer == "hops"

    on_snapshot([], check)
