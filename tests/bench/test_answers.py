"""When two answers agree: order and parallel statements do not matter, anything else does."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from bench.answers import Answer, agree, answer_of_paths
from bench.run import outvoted

paths = st.lists(st.lists(st.integers(0, 5), min_size=2, max_size=5).map(tuple), max_size=12)


@given(paths, st.randoms(use_true_random=False))
def test_order_does_not_matter(listed, random):
    shuffled = list(listed)
    random.shuffle(shuffled)
    assert agree(answer_of_paths(listed), answer_of_paths(shuffled))


@given(paths)
def test_a_product_stands_for_parallel_statements(listed):
    counted = Counter(listed)
    folded = answer_of_paths(list(counted), counted.values())
    assert folded == answer_of_paths(listed)
    assert folded.walks == len(listed)
    assert folded.paths == len(counted)


@given(paths, paths)
def test_other_paths_disagree(one, other):
    same = Counter(one) == Counter(other)
    assert agree(answer_of_paths(one), answer_of_paths(other)) == same
    bare = answer_of_paths(one, parallel=False)
    assert agree(bare, answer_of_paths(other)) == (set(one) == set(other))


def test_the_direction_of_a_path_counts():
    assert not agree(answer_of_paths([(1, 2, 3)]), answer_of_paths([(3, 2, 1)]))


def test_costs_agree_up_to_rounding_and_only_if_as_many():
    costs = Answer(costs=(1.0, 2.0))
    assert agree(costs, Answer(costs=(1.0, 2.0 + 1e-9)))
    assert not agree(costs, Answer(costs=(1.0, 2.01)))
    assert not agree(costs, Answer(costs=(1.0,)))


def test_the_largest_group_is_right():
    assert outvoted([Answer(paths=n) for n in (4, 3, 3, 5)]) == {0, 3}
    assert outvoted([Answer(entities=2), Answer(entities=2)]) == set()
    assert outvoted([]) == set()
