"""The kernels against brute force on random small multigraphs."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mechkg.kg.kernels.engine import Engine
from mechkg.kg.kernels.search import (
    best_paths,
    hop_statements,
    search,
    survey_paths,
    watch_for,
)
from mechkg.kg.kernels.types import FAR, FINISHED, FULL, LOCAL, MARK, SLOT, STOPPED
from tests.kg.path_tasks import Case, Fact, cases, engine_of, task_of, ways

many = settings(max_examples=1000, suppress_health_check=list(HealthCheck))
some = settings(max_examples=300, suppress_health_check=list(HealthCheck))


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
    room = engine.borrow()
    assert (room.scratch.marks == 0).all()
    assert (room.scratch.distance == FAR).all()
    assert (room.scratch.places[[LOCAL, SLOT]] == -1).all()
    assert (room.scratch.places[MARK] == 0).all()
    engine.give_back(room)


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


def hops_of(case: Case, tail: int, head: int) -> list[int]:
    engine = engine_of(case)
    task = task_of(case, engine)
    ends = np.array([tail], np.int32), np.array([head], np.int32)
    return hop_statements(task, *ends)[1].tolist()


@some
@given(cases(), st.integers(0, 6), st.integers(0, 6))
def test_hops_hold_all_their_admitted_statements(case: Case, tail: int, head: int) -> None:
    n = len(case.categories)
    tail, head = tail % n, head % n
    if tail == head:
        return
    order = sorted(
        (f for f in case.facts if not f.negated),
        key=lambda f: (f.subject, f.predicate, f.object),
    )
    expected = []
    for fact in order:
        if (case.filtered and fact.hidden) or (case.along and not case.along[fact.predicate]):
            continue
        if (fact.subject, fact.object) == (tail, head):
            expected.append((fact.predicate, False))
        either = case.undirected or fact.predicate == 3
        if (fact.subject, fact.object) == (head, tail) and either:
            expected.append((fact.predicate, True))
    refs = hops_of(case, tail, head)
    found = [(order[ref if ref >= 0 else ~ref].predicate, ref < 0) for ref in refs]
    assert sorted(found) == sorted(expected)
    assert len(set(refs)) == len(refs)


def complete(n: int, hops: int) -> Case:
    """Every entity leads to every other: more paths than anybody can list."""
    facts = [Fact(a, 0, b, 1, 0.0, False, False) for a in range(n) for b in range(n) if a != b]
    return case_of(facts, n, 0, n - 1, hops)


def chain_with_hub(leaves: int) -> Case:
    """0 -> 1 -> 2, and a hub 3 beside it that 0 does not reach."""
    facts = [Fact(0, 0, 1, 1, 0.0, False, False), Fact(1, 0, 2, 1, 0.0, False, False)]
    facts += [Fact(3, 0, 4 + i, 1, 0.0, False, False) for i in range(leaves)]
    return case_of(facts, 4 + leaves, 0, 2, 3)


def case_of(facts: list[Fact], n: int, source: int, target: int, hops: int) -> Case:
    return Case(
        facts=tuple(facts),
        categories=(0,) * n,
        costs=(1,) * n,
        sources=(source,),
        targets=(target,),
        min_hops=1,
        max_hops=hops,
        undirected=False,
        along=None,
        filtered=False,
        classes=None,
        banned=(),
        via=(),
        class_via=(0, 0, 0),
        hop=1,
        doubt=0.0,
        toll=(),
        steps=(),
        k=5,
    )


def test_only_what_lies_near_the_ends_is_looked_at() -> None:
    case = chain_with_hub(5_000)
    engine = engine_of(case)
    found = survey_paths(engine, task_of(case, engine), 10, 10, 100, watch_for(60))
    assert (found.status, found.counts.sum()) == (FINISHED, 1)
    assert found.work <= 4


def test_a_survey_past_its_work_says_so() -> None:
    case = complete(60, 4)
    engine = engine_of(case)
    found = survey_paths(engine, task_of(case, engine), 10, 10, 50, watch_for(60))
    assert (found.status, len(found.keys)) == (FULL, 0)


def test_a_survey_past_its_paths_counts_a_lower_bound() -> None:
    case = complete(12, 4)
    engine = engine_of(case)
    found = survey_paths(engine, task_of(case, engine), 7, 100, 10_000, watch_for(60))
    total = 1 + 10 + 10 * 9 + 10 * 9 * 8
    assert found.status == FULL
    assert 100 < found.counts.sum() <= total
    assert len(found.keys) == 7
    whole = survey_paths(engine, task_of(case, engine), 7, 10_000, 10_000, watch_for(60))
    assert (whole.status, whole.counts.sum()) == (FINISHED, total)


def test_time_stops_a_survey_with_what_it_has() -> None:
    case = complete(40, 8)
    engine = engine_of(case)
    found = survey_paths(engine, task_of(case, engine), 5, 1 << 60, 1 << 40, watch_for(0.02))
    assert found.status == STOPPED
    assert found.counts.sum() > 0
    check_clean(engine)


def test_a_raised_flag_stops_a_survey() -> None:
    case = complete(40, 8)
    engine = engine_of(case)
    watch = watch_for(600, np.ones(1, np.uint8))
    assert survey_paths(engine, task_of(case, engine), 5, 1 << 60, 1 << 40, watch).status == STOPPED


def test_best_first_stopped_by_time_tells_its_bound() -> None:
    case = complete(600, 8)
    engine = engine_of(case)
    answer = best_paths(engine, task_of(case, engine), 5, watch_for(0.0), sample=0)
    assert answer.bound is not None
    assert all(key >= 0 for key in answer.keys)
    check_clean(engine)


def test_ties_come_row_by_row() -> None:
    case = complete(9, 3)
    engine = engine_of(case)
    answer = best_paths(engine, task_of(case, engine), 5, watch_for(60), sample=0)
    assert rows(answer.nodes) == [(0, 8), (0, 1, 8), (0, 2, 8), (0, 3, 8), (0, 4, 8)]


@pytest.mark.parametrize("threads", [4])
def test_threads_share_an_engine(threads: int) -> None:
    case = complete(14, 4)
    engine = engine_of(case)
    task = task_of(case, engine)
    expected = best_paths(engine, task, 50, watch_for(60), sample=0).keys.tolist()
    with ThreadPoolExecutor(threads) as pool:
        jobs = [
            pool.submit(best_paths, engine, task, 50, watch_for(60), sample)
            for sample in (0, 10) * 20
        ]
        assert all(job.result().keys.tolist() == expected for job in jobs)
    check_clean(engine)
