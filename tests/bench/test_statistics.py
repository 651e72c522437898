"""Medians, ratios and laws, on figures that can be reckoned by hand."""

from __future__ import annotations

import pytest

from bench.results import Outcome, Series
from bench.statistics import exponent, misjudged, ratio, summary
from bench.workloads import WORKLOADS, Query

QUERY = Query(source=(0,), target=(1,), source_ids=("a",), target_ids=("b",), label="")


def answered(*seconds):
    return Outcome(state="answered", seconds=list(seconds), cpu=list(seconds))


def series(**outcomes):
    count = len(next(iter(outcomes.values())))
    return Series(
        workload=WORKLOADS[0], queries=(QUERY,) * count, sizes=[None] * count, outcomes=outcomes
    )


def test_a_summary_takes_the_median_of_the_medians_after_the_first_round():
    found = summary([answered(0.001, 0.003, 0.002), answered(0.004), answered(0.010, 0.020)])
    assert found.median == pytest.approx(4.0)
    assert (found.ended, found.asked, found.slowest) == (3, 3, 2)
    assert found.p95 == pytest.approx(4 + 0.9 * (20 - 4))


def test_only_answered_questions_have_a_time():
    outcomes = [answered(0.5), Outcome(state="unfinished"), Outcome(), Outcome(state="wrong")]
    found = summary(outcomes)
    assert (found.ended, found.asked, found.wrong) == (1, 4, 1)
    assert summary(outcomes[1:]) is None


def test_ratios_are_taken_pair_by_pair():
    found = ratio(
        series(
            mechkg=[answered(0.001), answered(0.010), answered(0.100)],
            other=[answered(0.100), answered(0.100), answered(0.100)],
        ),
        "other",
        "mechkg",
        seconds=10,
    )
    assert (found.value, found.bound, found.questions) == (pytest.approx(10), False, 3)


def test_an_unfinished_question_bounds_the_ratio_and_one_not_asked_says_nothing():
    found = ratio(
        series(
            mechkg=[answered(0.001), answered(0.001), answered(0.001)],
            other=[answered(0.002), Outcome(state="unfinished"), Outcome()],
        ),
        "other",
        "mechkg",
        seconds=10,
    )
    assert (found.value, found.bound, found.questions) == (pytest.approx(5001), True, 2)
    assert ratio(series(mechkg=[Outcome()], other=[answered(1)]), "other", "mechkg", 10) is None
    assert ratio(series(mechkg=[answered(1)]), "other", "mechkg", 10) is None


def test_a_power_law_is_found():
    assert exponent([1e6, 1e7, 1e8], [3.0, 3.0 * 10**0.5, 30.0]) == pytest.approx(0.5)


def test_a_preview_is_judged_by_paths_or_by_time():
    outcomes = [answered(0.002) for _ in range(5)]
    for outcome, told in zip(
        outcomes, [(30, 1.0), (5, 8.0), (0, 2.0), None, (9, 2.0)], strict=True
    ):
        outcome.foretold = told
    outcomes[4].state = "unfinished"
    found = series(mechkg=outcomes)
    found.sizes = [10, 10, 1, 10, 10]
    assert misjudged(found, "mechkg") == [3.0, 2.0, 1.0]
    found.workload = next(workload for workload in WORKLOADS if workload.kind == "best")
    assert misjudged(found, "mechkg") == pytest.approx([2.0, 4.0, 1.0])
    assert misjudged(found, "other") == []
