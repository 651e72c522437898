"""Whatever a body asks, the work ends: at a bound, at the deadline, or when nobody waits."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mechkg.api.trapi.answer import answer
from mechkg.api.trapi.deadline import DeadlineExceeded
from mechkg.api.trapi.read import read_question
from mechkg.kg.errors import Cancelled
from mechkg.kg.graph import Graph, open_graph
from mechkg.kg.progress import Cancel
from tests.trapi.questions import GDNF, NSC, hop, ids, path

MANY = 18_000
EDGE = {"subject": "a", "object": "b"}


def parallel(graph: dict, edges: dict) -> dict:
    return {**graph, "edges": edges}


def test_equal_edges_are_looked_up_once_and_each_is_bound(trapi):
    graph = parallel(hop(ids(NSC), ids(GDNF)), dict.fromkeys(map(str, range(MANY)), EDGE))
    answer = trapi.post("/trapi/2.0/query", json={"message": {"query_graph": graph}})
    assert answer.status_code == 200, answer.text
    (result,) = answer.json()["message"]["results"]
    bound = result["analyses"][0]["edge_bindings"]
    assert len(bound) == MANY
    assert {tuple(binding["ids"]) for binding in bound.values()} == {("SC061", "XC0407")}


def test_edges_that_all_differ_end_at_the_deadline(trapi):
    edges = {
        str(n): {**EDGE, "constraints": {"sources": {"behavior": "DENY",
                 "values": [f"infores:x{n}"]}}}
        for n in range(MANY // 3)
    }  # fmt: skip
    body = {
        "message": {"query_graph": parallel(hop(ids(NSC), {}), edges)},
        "parameters": {"timeout": 0.5},
    }
    answer = trapi.post("/trapi/2.0/query", json=body)
    assert answer.status_code == 409, answer.text


def test_bindings_are_bounded(trapi):
    graph = parallel(hop(ids(NSC), {}), dict.fromkeys(map(str, range(20_000)), EDGE))
    body = {"message": {"query_graph": graph}, "parameters": {"timeout": -1}}
    answer = trapi.post("/trapi/2.0/query", json=body)
    assert answer.status_code in {409, 413}, answer.text
    few = {"message": {"query_graph": graph}, "parameters": {"limit": 1}}
    assert trapi.post("/trapi/2.0/query", json=few).status_code == 200


QUESTIONS = {
    "edges": hop(ids(NSC), {}),
    "one node": {"nodes": {"a": {}}},
    "a path": path(NSC, GDNF),
    "paths of several ends": {
        **path(NSC, GDNF),
        "nodes": {"s": ids(NSC, "CL:0000134"), "t": ids(GDNF, "CL:0000540")},
    },
}


@pytest.fixture(scope="module")
def graph(data_directory: Path) -> Graph:
    return open_graph(data_directory / "ms-nsc" / "current")


@pytest.mark.parametrize("asked", QUESTIONS.values(), ids=QUESTIONS)
def test_a_client_that_has_gone_ends_the_work(graph: Graph, asked: dict):
    body = json.dumps({"message": {"query_graph": asked}}).encode()
    question = read_question(body, "2.0")
    gone = Cancel()
    gone.cancel()
    with pytest.raises(Cancelled):
        answer(graph.snapshot, question, max_seconds=60, max_edges=1000, cancel=gone)
    with pytest.raises(DeadlineExceeded):
        answer(graph.snapshot, question, max_seconds=0, max_edges=1000)
    assert answer(graph.snapshot, question, max_seconds=60, max_edges=100_000).message.results
