"""One end open: each end's best paths against brute force, on random multigraphs."""

from dataclasses import replace

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mechkg.kg.kernels.each_end import EachEnd
from mechkg.kg.kernels.engine import Engine
from mechkg.kg.kernels.search import Task, watch_for
from mechkg.kg.kernels.types import INF
from tests.kg.path_tasks import Case, Way, cases, engine_of, task_of, ways
from tests.kg.test_kernels import check_clean, rows
from tests.kg.transition_models import Model, models, task_under, ways_under

some = settings(max_examples=150, suppress_health_check=list(HealthCheck))

plain = cases() | cases(patterns=True)
drawn = plain.flatmap(lambda case: st.tuples(st.just(case), st.none() | models(case)))


def made(case: Case, model: Model | None, engine: Engine) -> Task:
    return task_of(case, engine) if model is None else task_under(case, model, engine)


def expected(case: Case, model: Model | None) -> list[Way]:
    return ways(case) if model is None else ways_under(case, model)


def check_ends(case: Case, model: Model | None, *, open_targets: bool) -> None:
    """Compare the paths of every entity that is none of the fixed side with those of its pair."""
    engine = engine_of(case)
    fixed = case.sources if open_targets else case.targets
    ends = [v for v in range(len(case.categories)) if v not in {*fixed, *case.banned}]
    single = [replace(case, **{"targets" if open_targets else "sources": (end,)}) for end in ends]
    task, named = made(case, model, engine), (1 << len(case.via)) - 1
    open_ends = np.array(ends, np.int32)
    with EachEnd(
        engine, task, open_targets=open_targets, named=named, watch=watch_for(60)
    ) as search:
        keys, in_time = search.keys(open_ends)
        assert in_time
        for one, key in zip(single, keys.tolist(), strict=True):
            best = expected(one, model)
            assert key == min((way.key for way in best), default=INF)
            nodes, found, bound = search.best(made(one, model, engine), case.k)
            assert bound is None
            assert found.tolist() == [way.key for way in best[: case.k]]
            assert rows(nodes) == [way.nodes for way in best[: case.k]]
    check_clean(engine)


@some
@given(drawn)
def test_open_sources_are_the_union_of_single_pairs(drawn: tuple[Case, Model | None]) -> None:
    check_ends(*drawn, open_targets=False)


@some
@given(drawn)
def test_open_targets_are_the_union_of_single_pairs(drawn: tuple[Case, Model | None]) -> None:
    check_ends(*drawn, open_targets=True)
