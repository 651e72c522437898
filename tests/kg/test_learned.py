"""The learned scorer: its table, its features against counts by hand, its order over pages."""

import random
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pytest
from msgspec import structs

from mechkg import Graph, open_graph
from mechkg.kg.build.builder import Corroborate, build_snapshot
from mechkg.kg.model.biolink import biolink_schema
from mechkg.kg.model.queries import PathQuery
from mechkg.kg.model.values import Entity, Statement
from mechkg.kg.model.values import Path as EntityPath
from mechkg.kg.ranking.learned import CANDIDATES
from mechkg.kg.ranking.path_features import PARTS, features
from mechkg.kg.ranking.prior import parse_prior, read_prior, step_costs, write_prior
from mechkg.kg.search.prepare import prepare
from mechkg.kg.search.rerank import HopTypes, candidates_of

KINDS = ("Gene", "BiologicalProcess", "Disease", "ChemicalEntity")
LINKS = {
    ("Gene", "Gene"): "interacts_with",
    ("Gene", "BiologicalProcess"): "participates_in",
    ("ChemicalEntity", "Gene"): "affects",
    ("BiologicalProcess", "Disease"): "associated_with",
    ("Gene", "Disease"): "associated_with",
}


def written(
    path: Path, seed: int, predicates: dict[tuple[str, str], str], how: Corroborate = "auto"
) -> Graph:
    """A random graph of 40 entities of four categories."""
    draw = random.Random(seed)
    entities = [
        Entity(id=f"X:{i}", name=f"x{i}", category=f"biolink:{KINDS[i % 4]}") for i in range(40)
    ]
    statements = {}
    while len(statements) < 260:
        one, other = draw.sample(range(40), 2)
        predicate = predicates.get((KINDS[one % 4], KINDS[other % 4]))
        if predicate and (other, one) not in statements:
            statements[one, other] = Statement(
                id=f"s{one}-{other}", subject=f"X:{one}", predicate=predicate, object=f"X:{other}"
            )
    return open_graph(
        build_snapshot(
            path, name="typed", entities=entities, statements=list(statements.values()),
            schema=biolink_schema(), corroborate=how,
        )
    )  # fmt: skip


@pytest.fixture(scope="module")
def typed(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    return written(tmp_path_factory.mktemp("typed"), 5, LINKS)


QUERY = PathQuery(
    source=("X:3",), target=("X:2",), min_hops=2, max_hops=5, direction="undirected",
    limit=10_000, timeout=60,
)  # fmt: skip


def names(path: EntityPath) -> list[str]:
    return [entity.id for entity in path.entities]


def test_the_table_is_read_back_as_it_was_written() -> None:
    prior = read_prior()
    again = parse_prior(write_prior(prior).splitlines())
    assert write_prior(again) == write_prior(prior)
    assert (again.types, again.feature, again.header) == (prior.types, prior.feature, prior.header)
    assert any("sha256" in line for line in prior.header)
    assert any("hits@10" in line for line in prior.header)


def test_steps_cost_what_smoothed_shares_say() -> None:
    start, end, step = step_costs(read_prior())
    size = 2 * len(read_prior().types)
    assert min(start.min(), end.min(), step.min()) >= 0
    shares = np.exp(-step[:size, :size]).sum(1) + np.exp(-end[:size])
    assert (shares < 1.05).all()


def test_the_best_paths_are_put_in_order_and_the_others_follow(typed: Graph) -> None:
    found, plain = (
        typed.find_paths(QUERY),
        typed.find_paths(structs.replace(QUERY, scorer="specific")),
    )
    assert (found.scorer, plain.scorer) == ("learned", "specific")
    assert found.total > 2 * CANDIDATES
    ordered, before = [names(p) for p in found.paths], [names(p) for p in plain.paths]
    assert ordered[CANDIDATES:] == before[CANDIDATES:]
    assert ordered[:CANDIDATES] != before[:CANDIDATES]
    assert sorted(ordered[:CANDIDATES]) == sorted(before[:CANDIDATES])
    scores = [path.score for path in found.paths]
    assert scores == sorted(scores, reverse=True)


def test_parts_of_a_learned_score_add_up(typed: Graph) -> None:
    for path in typed.find_paths(QUERY).paths[: CANDIDATES + 20]:
        total = sum(part.value * part.weight for part in path.score_parts)
        assert total == pytest.approx(path.score, abs=1e-4)
        assert [part.name for part in path.score_parts][-9:] == [*PARTS, "offset"]


def test_pages_fit_together_and_a_stream_has_the_same_order(typed: Graph) -> None:
    whole = typed.find_paths(structs.replace(QUERY, limit=CANDIDATES + 60))
    query, paged = structs.replace(QUERY, limit=140), []
    while len(paged) < len(whole.paths):
        page = typed.find_paths(query)
        paged += page.paths
        query = structs.replace(query, cursor=page.cursor)
    assert [names(p) for p in paged[: len(whole.paths)]] == [names(p) for p in whole.paths]
    stream = typed.stream_paths(structs.replace(QUERY, limit=30))
    assert list(stream) == list(whole.paths[:30])
    assert stream.summary.scorer == "learned"


def supported(graph: Graph, row: int) -> float:
    """How well a statement is corroborated: the log of its score among those of its type."""
    index, found = graph.snapshot.index, graph.snapshot.corroboration
    assert found is not None

    def type_of(row: int) -> tuple[int, ...]:
        ends = index.category[[index.subject[row], index.object[row]]].tolist()
        return (*ends, int(index.predicate[row]))

    own = type_of(row)
    logs = [np.log(found.score[r] + 0.05) for r in range(index.carrying) if type_of(r) == own]
    return float((np.log(found.score[row] + 0.05) - np.mean(logs)) / np.std(logs))


def test_without_corroboration_support_counts_nothing(tmp_path: Path) -> None:
    graph = written(tmp_path, 7, LINKS, "off")
    for path in graph.find_paths(structs.replace(QUERY, limit=50)).paths:
        assert [p.value for p in path.score_parts if p.name == "support"] == [0.0]


def test_features_are_those_counted_by_hand(typed: Graph) -> None:
    prepared = prepare(typed.snapshot, structs.replace(QUERY, scorer="specific"))
    answer = prepared.best(80)
    types = HopTypes.of(typed.snapshot)
    c = candidates_of(typed.snapshot, prepared.task, answer, read_prior(), types)
    made = {n: v for part in features(c, read_prior()).values() for n, v in part.items()}
    paths = [[v for v in row if v >= 0] for row in answer.nodes.tolist()]
    index = typed.snapshot.index
    joined = {frozenset(p) for p in zip(index.subject.tolist(), index.object.tolist(), strict=True)}
    kinds = [tuple(index.category[path].tolist()) for path in paths]
    for i, path in enumerate(paths):
        apart = [
            (a, b) for a, b in combinations(range(len(path)), 2)
            if b - a > 1 and b - a < len(path) - 1 and frozenset((path[a], path[b])) in joined
        ]  # fmt: skip
        assert made["chords"][i] == len(apart)
        assert made["triangles"][i] == sum(b - a == 2 for a, b in apart)
        assert made["chords_source"][i] == sum(a == 0 for a, b in apart)
        assert made["chords_target"][i] == sum(b == len(path) - 1 for a, b in apart)
        assert made["hops"][i] == len(path) - 1
        assert made["crowd_categories"][i] == pytest.approx(np.log(kinds.count(kinds[i])))
        assert made["rank_categories"][i] == pytest.approx(np.log1p(kinds[:i].count(kinds[i])))
        first = [other[1] for other in paths]
        assert made["rank_first"][i] == pytest.approx(np.log1p(first[:i].count(path[1])))
        shares = [sum(v in other[1:-1] for other in paths) - 1 for v in path[1:-1]]
        least = np.log(min(shares) / len(paths) + 1e-4)
        assert made["entity_all_min"][i] == pytest.approx(least)
        degrees = np.log(index.degree[path[1:-1]])
        assert made["degree_sum"][i] == pytest.approx(degrees.sum())
        support = [supported(typed, row) for row in c.statement[i, : len(path) - 1].tolist()]
        assert made["support_mean"][i] == pytest.approx(sum(support) / len(support), abs=1e-4)
        assert made["support_last"][i] == pytest.approx(support[-1], abs=1e-4)
        alike = []
        for v, w in pairwise(path):
            (row,) = np.flatnonzero(
                ((index.subject == v) & (index.object == w))
                | ((index.subject == w) & (index.object == v))
            )[:1].tolist()
            alike.append((v, row))
        ahead = [
            np.log(
                sum(
                    (ends[r] == v)
                    and index.predicate[r] == index.predicate[row]
                    and index.category[index.subject[r]] == index.category[index.subject[row]]
                    and index.category[index.object[r]] == index.category[index.object[row]]
                    for r in range(len(index.subject))
                )
            )
            for v, row in alike
            for ends in [index.subject if index.subject[row] == v else index.object]
        ]
        if i < 5:
            assert made["ahead_sum"][i] == pytest.approx(sum(ahead), rel=1e-5)


def test_other_types_fall_back_to_the_unlearned_scorer(tmp_path: Path) -> None:
    graph = written(tmp_path, 6, dict.fromkeys(LINKS, "coexists_with"))
    assert graph.find_paths(QUERY).scorer == "specific"
    forced = graph.find_paths(structs.replace(QUERY, scorer="learned", limit=20))
    assert forced.scorer == "learned"
    assert len(forced.paths) == 20


def test_directed_and_thinned_out_questions_are_not_put_in_learned_order(typed: Graph) -> None:
    directed = structs.replace(QUERY, direction="directed", limit=10)
    assert typed.find_paths(directed).scorer == "specific"
    diverse = structs.replace(QUERY, diverse="mediator", limit=3)
    assert typed.find_paths(diverse).scorer == "specific"


@pytest.mark.parametrize("max_hops", [1, 2, 5])
def test_paths_without_an_entity_between_the_ends_are_ranked_too(
    typed: Graph, max_hops: int
) -> None:
    index, name = typed.snapshot.index, typed.snapshot.records.curie
    ends = int(index.subject[0]), int(index.object[0])
    query = structs.replace(
        QUERY, source=(name(ends[0]),), target=(name(ends[1]),), min_hops=1, max_hops=max_hops,
        scorer="learned",
    )  # fmt: skip
    found = typed.find_paths(query)
    assert 1 in {path.length for path in found.paths}
    for path in found.paths:
        total = sum(part.value * part.weight for part in path.score_parts)
        assert total == pytest.approx(path.score, abs=1e-4)
