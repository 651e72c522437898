"""Paths one after the other, and thinned out, against brute force on random small multigraphs."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mechkg.kg.kernels.order import InOrder
from mechkg.kg.kernels.search import watch_for
from mechkg.kg.search.diverse import ByMediator, ByMetapath, Ordering
from tests.kg.path_tasks import (
    SYMMETRIC,
    Case,
    Way,
    admitted,
    cases,
    crowded,
    engine_of,
    task_of,
    ways,
)
from tests.kg.test_kernels import check_clean, rows

some = settings(max_examples=300, suppress_health_check=list(HealthCheck))
either = cases() | cases(patterns=True)


def drained(order: Ordering) -> list[tuple[int, tuple[int, ...]]]:
    return [pair for nodes, keys in order for pair in zip(keys.tolist(), rows(nodes), strict=True)]


def told(expected: list[Way]) -> list[tuple[int, tuple[int, ...]]]:
    return [(way.key, way.nodes) for way in expected]


def firsts(case: Case, expected: list[Way]) -> list[Way]:
    """The best way of each metapath."""
    hops, found = admitted(case), {}
    for way in expected:
        said = tuple(
            frozenset((f.predicate, t and f.predicate not in SYMMETRIC) for f, t in hops[hop])
            for hop in pairwise(way.nodes)
        )
        found.setdefault((tuple(case.categories[v] for v in way.nodes), said), way)
    return list(found.values())


def apart(expected: list[Way]) -> list[Way]:
    """The best way, then the best that shares no entity between the ends with those before."""
    found: list[Way] = []
    for way in expected:
        used = {v for other in found for v in other.nodes[1:-1]}
        if not used & set(way.nodes[1:-1]):
            found.append(way)
    return found


@some
@given(either, st.sampled_from([0, 2, 5_000]))
def test_paths_come_one_by_one_in_the_order_of_brute_force(case: Case, sample: int) -> None:
    engine, expected = engine_of(case), ways(case)
    order = InOrder(engine, task_of(case, engine), case.k, watch_for(60), sample)
    assert drained(order) == told(expected[: case.k])
    assert order.bound is None
    assert order.exhausted >= (len(expected) < case.k)
    assert not (order.exhausted and len(expected) > case.k)
    if order.total_is_exact:
        assert order.total == len(expected)
    check_clean(engine)


@some
@given(either, st.sampled_from([1, 256]))
def test_one_path_a_metapath_is_its_best(case: Case, stage: int) -> None:
    engine = engine_of(case)
    expected = firsts(case, ways(case))
    order = ByMetapath(engine, task_of(case, engine), case.k, watch_for(60), stage)
    assert drained(order) == told(expected[: case.k])
    assert order.bound is None
    if order.total_is_exact:
        assert order.total == len(expected)
    if len(expected) < case.k:
        assert order.total_is_exact


@some
@given(either)
def test_paths_without_a_common_mediator_are_the_best_left(case: Case) -> None:
    engine = engine_of(case)
    expected = apart(ways(case))
    order = ByMediator(engine, task_of(case, engine), case.k, watch_for(60))
    assert drained(order) == told(expected[: case.k])
    assert order.bound is None
    if order.total_is_exact:
        assert order.total == len(expected)
    if len(expected) < case.k:
        assert order.total_is_exact


@some
@given(cases(), st.integers(1, 3))
def test_leaving_early_leaves_the_engine_as_it_was(case: Case, taken: int) -> None:
    engine = engine_of(case)
    task = task_of(case, engine)
    paths = iter(InOrder(engine, task, 10, watch_for(60), sample=0))
    for _ in zip(range(taken), paths, strict=False):
        pass
    paths.close()  # type: ignore[attr-defined]
    expected = told(ways(case)[: case.k])
    assert drained(InOrder(engine, task, case.k, watch_for(60), 0)) == expected
    check_clean(engine)


@pytest.mark.parametrize("kind", [InOrder, ByMetapath, ByMediator])
def test_a_search_that_is_stopped_says_what_may_be_missing(kind: type[Ordering]) -> None:
    case = crowded(3_000, 90_000, hops=8)
    engine = engine_of(case)
    order = kind(engine, task_of(case, engine), 1_000_000, watch_for(60, np.ones(1, np.uint8)))
    assert len(drained(order)) < 1_000_000
    assert order.bound is not None
    assert not order.total_is_exact
