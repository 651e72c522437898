"""The search under transitions against brute force: every choice of statements and classes."""

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mechkg.kg.analysis.preview import Effort, estimate
from mechkg.kg.kernels.choose import choose
from mechkg.kg.kernels.engine import Engine
from mechkg.kg.kernels.enumerate_by_class import outcome_of
from mechkg.kg.kernels.list_columns import listed
from mechkg.kg.kernels.order import InOrder
from mechkg.kg.kernels.search import best_paths, hop_statements, search, survey_paths, watch_for
from mechkg.kg.kernels.types import FINISHED
from tests.kg.path_tasks import Case, Way, cases, engine_of, ways
from tests.kg.test_kernels import check_clean, rows
from tests.kg.transition_models import (
    Model,
    free_model,
    models,
    ordered,
    paths_under,
    task_under,
    ways_under,
)

many = settings(max_examples=1000, deadline=None, suppress_health_check=list(HealthCheck))
some = settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))

drawn = cases().flatmap(lambda case: st.tuples(st.just(case), models(case)))
patterned = cases(patterns=True).flatmap(lambda case: st.tuples(st.just(case), models(case)))


def check_survey(case: Case, model: Model, expected: list[Way]) -> None:
    engine = engine_of(case)
    task = task_under(case, model, engine)
    found = survey_paths(engine, task, 10_000, 10_000, 10_000, watch_for(60))
    assert found.status == FINISHED
    got = sorted(zip(found.keys.tolist(), rows(found.nodes), found.signs.tolist(), strict=True))
    assert got == [(way.key, way.nodes, way.sign) for way in expected]
    assert found.counts.tolist() == [sum(way.sign == code for way in expected) for code in range(4)]
    check_clean(engine)


def check_best(case: Case, model: Model, sample: int, expected: list[Way]) -> None:
    engine = engine_of(case)
    answer = best_paths(engine, task_under(case, model, engine), case.k, watch_for(60), sample)
    assert answer.bound is None
    assert answer.keys.tolist() == [way.key for way in expected[: case.k]]
    assert rows(answer.nodes) == [way.nodes for way in expected[: case.k]]
    check_clean(engine)


@many
@given(drawn)
def test_all_paths_with_an_admissible_choice_are_counted(drawn: tuple[Case, Model]) -> None:
    check_survey(*drawn, ways_under(*drawn))


@many
@given(drawn, st.sampled_from([0, 1, 3]))
def test_best_first_finds_the_best_choices_in_order(drawn: tuple[Case, Model], sample: int) -> None:
    check_best(*drawn, sample, ways_under(*drawn))


@some
@given(patterned, st.sampled_from([0, 2]))
def test_patterns_and_transitions_hold_for_one_choice(
    drawn: tuple[Case, Model], sample: int
) -> None:
    expected = ways_under(*drawn)
    check_survey(*drawn, expected)
    check_best(*drawn, sample, expected)


@some
@given(cases(), st.sampled_from([0, 2]))
def test_transitions_that_refuse_nothing_change_no_path(case: Case, sample: int) -> None:
    # Signs are those of choices, so they may differ from those of whole hops.
    expected = ways(case)
    engine = engine_of(case)
    task = task_under(case, free_model(case), engine)
    found = survey_paths(engine, task, 10_000, 10_000, 10_000, watch_for(60))
    assert sorted(zip(found.keys.tolist(), rows(found.nodes), strict=True)) == [
        (way.key, way.nodes) for way in expected
    ]
    check_best(case, free_model(case), sample, expected)


@some
@given(drawn)
def test_search_and_order_agree_with_brute_force(drawn: tuple[Case, Model]) -> None:
    case, model = drawn
    engine = engine_of(case)
    task = task_under(case, model, engine)
    expected = ways_under(case, model)
    answer = search(engine, task, case.k, watch_for(60))
    assert rows(answer.nodes) == [way.nodes for way in expected[: case.k]]
    assert (answer.total, answer.exact, answer.bound) == (len(expected), True, None)
    order = InOrder(engine, task, case.k, watch_for(60), sample=0)
    seen = [row for nodes, _ in order for row in rows(nodes)]
    assert seen == [way.nodes for way in expected[: case.k]]


@some
@given(drawn)
def test_statements_take_part_where_a_choice_has_them(drawn: tuple[Case, Model]) -> None:
    case, model = drawn
    engine = engine_of(case)
    task = task_under(case, model, engine)
    number = {row: i for row, (i, _) in enumerate(ordered(case))}
    expected = ways_under(case, model)
    for nodes, choices in paths_under(case, model):
        ends = np.array(nodes, np.int32)
        bounds, refs = hop_statements(task, ends[:-1].copy(), ends[1:].copy())
        best, chosen, signs = choose(task.packed, ends, bounds, refs)
        hop_of = np.searchsorted(bounds, np.arange(len(refs)), side="right") - 1
        for x, (hop, ref) in enumerate(zip(hop_of.tolist(), refs.tolist(), strict=True)):
            turned = ref < 0
            fact = (number[~ref if turned else ref], turned)
            keys = [choice.key for choice in choices if choice.facts[hop] == fact]
            inner = sum(case.costs[v] for v in nodes[1:-1]) * 16
            assert (best[x, 0] >= 0) == bool(keys)
            if keys:
                assert best[x, 1] + inner == min(keys)
        picked = tuple(
            (number[~refs[x] if refs[x] < 0 else refs[x]], bool(refs[x] < 0))
            for x in chosen[:-1, 0].tolist()
        )
        assert outcome_of.py_func(signs) == next(way.sign for way in expected if way.nodes == nodes)
        least = min(choice.key for choice in choices)
        assert picked in {choice.facts for choice in choices if choice.key == least}


@some
@given(drawn)
def test_lists_name_a_statement_that_takes_part(drawn: tuple[Case, Model]) -> None:
    case, model = drawn
    engine: Engine = engine_of(case)
    task = task_under(case, model, engine)
    facts = ordered(case)
    room = engine.borrow()
    for bit, via in enumerate(task.via):
        room.scratch.marks[1, via] |= np.uint8(1 << bit)
    ends = task.sources, task.targets, task.banned
    bounds = 10_000, 10_000, 10_000
    status, total, lengths, entities, labels = listed(
        task.packed, room.packed, ends, case.max_hops, 4, bounds, (*watch_for(60),)
    )
    expected = dict(paths_under(case, model))
    assert (status, total) == (FINISHED, len(expected))
    at = by = 0
    for length, count in enumerate(lengths.tolist()):
        nodes = entities[at : at + (length + 1) * count].reshape(length + 1, count).T
        names = labels[by : by + length * count].reshape(length, count).T
        at, by = at + (length + 1) * count, by + length * count
        for path, words in zip(nodes.tolist(), names.tolist(), strict=True):
            said = {
                tuple(case.facts[i].predicate + (4 if turned else 0) for i, turned in choice.facts)
                for choice in expected[tuple(path)]
            }
            assert tuple(words) in said
    assert len(facts) == len(case.facts)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(drawn)
def test_estimates_are_of_paths_that_compose(drawn: tuple[Case, Model]) -> None:
    case, model = drawn
    engine = engine_of(case)
    task = task_under(case, model, engine)
    found = estimate(engine, task, watch_for(60), Effort(count=0))
    expected = len(ways_under(case, model))
    assert abs(found.total - expected) <= 6 * found.error + 1e-9
