"""The kernels against brute force on random small multigraphs."""

import threading

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg.kernels.arrays import FINISHED, FULL, STOPPED
from kg.kernels.engine import Engine
from kg.kernels.search import (
    Answer,
    Task,
    best_paths,
    hop_statements,
    search,
    survey_paths,
    watch_for,
)
from tests.kg.path_tasks import Case, cases, engine_of, task_of, ways

many = settings(max_examples=1000, deadline=None, suppress_health_check=list(HealthCheck))
some = settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))


def rows(nodes: np.ndarray) -> list[tuple[int, ...]]:
    return [tuple(v for v in row if v >= 0) for row in nodes.tolist()]


def check_survey(case: Case) -> None:
    engine = engine_of(case)
    found = survey_paths(engine, task_of(case, engine), 10_000, 10_000, 10_000, watch_for(60))
    expected = ways(case)
    assert found.status == FINISHED
    got = sorted(zip(found.keys.tolist(), rows(found.nodes), found.signs.tolist(), strict=True))
    assert got == [(way.key, way.nodes, way.sign) for way in expected]
    assert found.counts.tolist() == [sum(way.sign == code for way in expected) for code in range(4)]
    assert (found.lengths == [len(row) - 1 for row in rows(found.nodes)]).all()


def check_best(case: Case, sample: int) -> None:
    engine = engine_of(case)
    answer = best_paths(engine, task_of(case, engine), case.k, watch_for(60), sample)
    expected = ways(case)[: case.k]
    assert answer.bound is None
    assert answer.keys.tolist() == [way.key for way in expected]
    assert rows(answer.nodes) == [way.nodes for way in expected]
    check_clean(engine)


def check_clean(engine: Engine) -> None:
    with engine.room() as room:
        clean = {"role": 0, "via": 0, "near": 127, "far": 127, "local": -1, "slot": -1, "mark": 0}
        for name, value in clean.items():
            assert (getattr(room.scratch, name) == value).all(), name


@many
@given(cases())
def test_all_paths_are_counted_and_listed(case: Case) -> None:
    check_survey(case)


@many
@given(cases(), st.sampled_from([0, 1, 3]))
def test_best_first_finds_the_best_in_order(case: Case, sample: int) -> None:
    check_best(case, sample)


@some
@given(cases(patterns=True))
def test_patterns_admit_what_backtracking_admits(case: Case) -> None:
    check_survey(case)


@some
@given(cases(patterns=True), st.sampled_from([0, 2]))
def test_best_first_keeps_to_patterns(case: Case, sample: int) -> None:
    check_best(case, sample)


@some
@given(cases())
def test_search_agrees_with_its_parts(case: Case) -> None:
    engine = engine_of(case)
    answer = search(engine, task_of(case, engine), case.k, watch_for(60))
    expected = ways(case)
    assert rows(answer.nodes) == [way.nodes for way in expected[: case.k]]
    assert (answer.total, answer.exact, answer.bound) == (len(expected), True, None)
