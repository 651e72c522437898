"""Estimates of how many paths there are, against brute force and against full counts."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mechkg.kg.analysis import cost
from mechkg.kg.analysis.cost import cost_of
from mechkg.kg.analysis.preview import Effort, estimate, preview
from mechkg.kg.kernels.count_walks import spread
from mechkg.kg.kernels.sample_walks import sampled
from mechkg.kg.kernels.search import COUNT_PATHS, COUNT_WORK, Prepared, survey_paths, watch_for
from mechkg.kg.kernels.task import views_of
from mechkg.kg.kernels.types import FINISHED, FULL, ROLE
from mechkg.kg.model.queries import PathQuery
from tests.kg.multigraphs import multigraphs, on_snapshot
from tests.kg.path_tasks import Case, Step, cases, crowded, engine_of, task_of, ways

some = settings(max_examples=150, suppress_health_check=list(HealthCheck))
STEPS = (Step(("0", "1"), (), False, 1, 2), Step(("1", "2", "3"), ("0", "1"), False, 1, 3))
DRAWN = Effort(count=0, plain=20_000, strict=20_000)
"""Nothing is counted outright."""


@some
@given(cases() | cases(patterns=True), st.sampled_from([0, 8, 10_000]))
def test_an_estimate_is_near_what_brute_force_finds(case: Case, work: int) -> None:
    engine = engine_of(case)
    task = task_of(case, engine)
    found = estimate(engine, task, watch_for(60), replace(DRAWN, spread=work))
    expected = len(ways(case))
    assert (found.total > 0) == (expected > 0)
    assert found.total == pytest.approx(expected, rel=0.5, abs=6 * found.error)


@pytest.mark.parametrize("hops", [3, 4, 5])
@pytest.mark.parametrize(
    "limits",
    [
        {},
        {"undirected": False},
        {"filtered": True},
        {"along": (True, False, True, False)},
        {"classes": (True, True, False)},
        {"via": (tuple(range(5, 40)),)},
        {"steps": STEPS},
    ],
    ids=["plain", "directed", "statements", "predicates", "categories", "via", "pattern"],
)
def test_estimates_are_right_within_a_few_per_cent(hops: int, limits: dict) -> None:
    ratios = []
    for seed in range(4):
        case = replace(crowded(300, 1_800, hops=hops, seed=seed), **limits)
        engine = engine_of(case)
        task = task_of(case, engine)
        counted = survey_paths(engine, task, 0, 1 << 40, 1 << 40, watch_for(60))
        assert counted.status == FINISHED
        total = int(counted.counts.sum())
        guess = estimate(engine, task, watch_for(60), Effort(count=0)).total
        if total < 20:
            assert guess <= 60
        else:
            ratios.append(guess / total)
    assert all(1 / 3 < ratio < 3 for ratio in ratios)
    assert not ratios or float(np.median(ratios)) == pytest.approx(1, abs=0.1)


def test_where_the_ends_are_not_reached_the_gap_is_sampled() -> None:
    case = crowded(300, 3_000, hops=5)
    engine = engine_of(case)
    task = task_of(case, engine)
    total = survey_paths(engine, task, 0, 1 << 40, 1 << 40, watch_for(60)).counts.sum()
    found = estimate(engine, task, watch_for(60), Effort(count=0, spread=100))
    assert found.total == pytest.approx(total, rel=0.5)


@pytest.mark.parametrize("most", [100, 3_000, 50_000])
def test_work_is_bounded(most: int) -> None:
    case = crowded(2_000, 60_000, hops=6)
    engine = engine_of(case)
    task = task_of(case, engine)
    views, watch = views_of(task), watch_for(60)
    levels = np.zeros((2, 6 * engine.entities))
    with Prepared(engine, task) as room:
        marks = room.scratch.marks
        reach = spread(
            *views, task.rules, marks[ROLE], task.sources, task.targets, 6, *levels, most, watch
        )
        *_, made, work = sampled(
            *views, task.rules, marks, reach, 6, 1_000_000, most, most, 1, watch
        )
    assert reach.status == FULL
    assert reach.work <= most
    widest = 2 * 60_000
    assert work <= most + 8 * widest
    assert 0 < made < 1_000_000


def test_the_same_question_gets_the_same_estimate() -> None:
    case = crowded(300, 3_000, hops=5)
    engine = engine_of(case)
    task = task_of(case, engine)
    one, other = (estimate(engine, task, watch_for(60), Effort(count=0)) for _ in range(2))
    assert one == other
    assert one.total > 0


def test_what_is_too_much_to_count_costs_what_is_labelled() -> None:
    case = crowded(3_000, 60_000, hops=6)
    engine = engine_of(case)
    task = task_of(case, engine)
    found = survey_paths(engine, task, 0, COUNT_PATHS, COUNT_WORK, watch_for(60))
    assert found.status != FINISHED
    few, many = (cost_of(engine, task, k, watch_for(60)) for k in (1, 1_000))
    assert found.work < few.entries <= many.entries
    assert few.seconds is not None
    assert many.seconds is not None


def test_a_search_that_outlasts_the_patience_of_a_preview_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    case = crowded(10_000, 200_000, hops=8)
    engine = engine_of(case)
    task = task_of(case, engine)
    monkeypatch.setattr(cost, "PATIENCE", -1)
    cut = cost_of(engine, task, 20_000, watch_for(60))
    assert cut.seconds is None
    assert cut.entries > 0


def test_what_can_be_counted_costs_its_counting() -> None:
    case = crowded(30, 60, hops=3)
    engine = engine_of(case)
    task = task_of(case, engine)
    found = survey_paths(engine, task, 0, COUNT_PATHS, COUNT_WORK, watch_for(60))
    cost = cost_of(engine, task, 5, watch_for(60))
    assert cost.entries == 2 * found.work + found.counts.sum()


@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(multigraphs())
def test_a_preview_of_a_small_graph_is_the_total(statements) -> None:
    def check(snapshot) -> None:
        from mechkg.kg.search.find_paths import find_paths

        query = PathQuery(source=("X:a",), target=("X:b", "X:c"), max_hops=4)
        seen, found = preview(snapshot, query), find_paths(snapshot, query)
        assert (seen.total, seen.total_is_exact, seen.low, seen.high) == (
            found.total,
            True,
            found.total,
            found.total,
        )
        assert seen.complete
        assert seen.seconds is not None
        assert seen.milliseconds > 0

    on_snapshot(statements, check)
