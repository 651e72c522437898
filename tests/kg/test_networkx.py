"""To networkx and back nothing is lost."""

import networkx
import pytest
from hypothesis import given, settings

from mechkg.kg.errors import DataError
from mechkg.kg.interop.networkx import from_networkx, to_networkx
from mechkg.kg.model.values import Statement, Subgraph
from tests.kg.subgraphs import EMPTY, GDNF, HOSTILE, NSC, SMALL, subgraphs


def by_id(subgraph: Subgraph) -> dict[str, Statement]:
    return {statement.id: statement for statement in subgraph.statements}


@settings(max_examples=60)
@given(subgraphs())
def test_round_trip(subgraph: Subgraph) -> None:
    back = from_networkx(to_networkx(subgraph))
    assert back.entities == subgraph.entities
    assert by_id(back) == by_id(subgraph)
    assert (back.title, back.snapshot) == (subgraph.title, subgraph.snapshot)
    assert (back.sources, back.targets) == (subgraph.sources, subgraph.targets)


@pytest.mark.parametrize("subgraph", [SMALL, HOSTILE, EMPTY], ids=["small", "hostile", "empty"])
def test_round_trip_of_known_subgraphs(subgraph: Subgraph) -> None:
    assert by_id(from_networkx(to_networkx(subgraph))) == by_id(subgraph)


def test_parallel_statements_stay_apart() -> None:
    graph = to_networkx(SMALL)
    assert set(graph[NSC.id][GDNF.id]) == {"SC061", "XC0001"}
    assert networkx.has_path(graph, NSC.id, "CL:0000540")


def test_a_graph_of_other_attributes_is_refused_by_name() -> None:
    graph: networkx.MultiDiGraph[str] = networkx.MultiDiGraph()
    graph.add_node("X:1", category="biolink:Cell")
    with pytest.raises(DataError, match=r"node 'X:1'.*name"):
        from_networkx(graph)
    graph.add_node("X:1", name="one")
    graph.add_edge("X:1", "X:1", key="s", predicate="p", sign=7)
    with pytest.raises(DataError, match="edge 's'"):
        from_networkx(graph)
