"""The questions: reproducible, of the distance that they are drawn for, checked by networkx."""

from __future__ import annotations

import networkx as nx
import pytest

from bench.graphs import Graph, make_graph
from bench.peers.nx import Networkx
from bench.queries import MOST_WALKS, View, draw_queries
from bench.workloads import CHAINS, WORKLOADS


@pytest.fixture(scope="module")
def undirected(small: Graph):
    pairs = zip(small.column("subject").tolist(), small.column("object").tolist(), strict=True)
    return nx.MultiGraph(pairs)


def test_the_same_questions_are_drawn_again(small: Graph, questions, tmp_path):
    assert draw_queries(small) == questions
    assert draw_queries(make_graph("synthetic-20k", tmp_path)) == questions


def test_every_workload_has_questions_with_hub_pairs_among_them(questions):
    assert set(questions) == {workload.name for workload in (*WORKLOADS, *CHAINS)}
    assert len(questions["W1"]) == 60
    assert set(questions["W3"]) > set(questions["W1"])
    for name in ("W1", "W2", "W3"):
        assert sum(query.label == "hubs" for query in questions[name]) >= 3


def test_labels_say_the_distance(questions, undirected):
    for query in questions["W1"]:
        if query.label.startswith("distance"):
            found = nx.shortest_path_length(undirected, query.source[0], query.target[0])
            assert query.label == f"distance {found}"


def test_walks_are_counted_and_bounded(small: Graph, questions):
    view = View.of(small, undirected=True)
    peer = Networkx()
    workload = WORKLOADS[0]
    peer.open(small, small.nodes, [workload])
    for query in questions["W1"][:20]:
        walks = view.walks(query.source[0], query.target[0], 3)
        assert len(peer.ask(workload, query, 60)) <= walks <= MOST_WALKS


def test_identifiers_belong_to_rows(small: Graph, questions):
    for query in questions["CS"] + questions["N1"]:
        assert tuple(map(small.row, query.source_ids)) == query.source
        assert tuple(map(small.row, query.target_ids)) == query.target
