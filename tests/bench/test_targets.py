"""Targets: met, missed and not measured are three different things."""

from __future__ import annotations

import pytest

from bench.results import GraphResult, Outcome, Plan, Results, Series
from bench.run import this_machine
from bench.targets import verdicts
from bench.workloads import WORKLOADS, Query


def outcomes(*milliseconds):
    return [
        Outcome(state="answered", seconds=[m / 1e3], cpu=[m / 1e3]) if m else Outcome()
        for m in milliseconds
    ]


def verdicts_of(name: str, **series) -> dict[str, tuple[float | None, bool]]:
    query = Query(source=(0,), target=(1,), source_ids=("a",), target_ids=("b",), label="")
    graph = GraphResult(
        name=name,
        entities=2,
        statements=1,
        highest_degree=1,
        peers={},
        loaders={},
        series=[
            Series(
                workload=next(w for w in WORKLOADS if w.name == workload),
                queries=(query,) * 2,
                sizes=[1, 1],
                outcomes=asked,
            )
            for workload, asked in series.items()
        ],
    )
    plan = Plan(graphs=(name,), peers=(), rounds=1, seconds=1, budget=1)
    results = Results(machine=this_machine(), plan=plan, graphs=[graph])
    return {verdict.target: (verdict.value, verdict.met) for verdict in verdicts(results)}


def test_the_best_general_peer_is_what_counts():
    found = verdicts_of(
        "hetio",
        W1={
            "mechkg": outcomes(1, 2),
            "duckdb": outcomes(150, 300),
            "igraph": outcomes(120, 240),
            "networkit": outcomes(5, 10),
            "prototype": outcomes(0.5, 1),
        },
    )
    assert found["W1: times faster than the best general peer, at least 100"] == (120, True)
    assert found["W1: times the prototype's time, at most 1.5"] == (pytest.approx(2), False)


def test_what_was_not_measured_is_not_met():
    found = verdicts_of("hetio", W3={"mechkg": outcomes(1.5, 1.7), "igraph": outcomes(0, 0)})
    assert found["W3: median ms, at most 2"] == (pytest.approx(1.6), True)
    assert found["W3: times faster than igraph's k shortest, at least 300"] == (None, False)


def test_a_graph_that_was_not_measured_has_no_targets():
    assert not [target for target in verdicts_of("hetio") if "10M" in target]
    large = verdicts_of("synthetic-10M", W3={"mechkg": outcomes(10, 100)})
    assert large["W3 on 10M statements: median ms, at most 20"] == (pytest.approx(55), False)
