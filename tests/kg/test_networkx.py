"""To networkx and back nothing is lost."""

from pathlib import Path

import networkx
import pytest
from hypothesis import given, settings

from mechkg.kg.errors import DataError
from mechkg.kg.graph import open_graph
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


def written_and_read(graph: networkx.MultiDiGraph, form: str, path: Path) -> networkx.MultiDiGraph:
    file = path / f"graph.{form}"
    if form == "gml":
        networkx.write_gml(graph, file)
        return networkx.read_gml(file)
    if form == "gexf":
        networkx.write_gexf(graph, file)
        return networkx.read_gexf(file)
    networkx.write_graphml(graph, file)
    return networkx.read_graphml(file, force_multigraph=True)


@pytest.mark.parametrize("form", ["graphml", "gexf", "gml"])
def test_networkx_writes_the_whole_graph_in_its_own_formats(
    data_directory: Path, tmp_path: Path, form: str
) -> None:
    graph = open_graph(data_directory / "ms-nsc" / "current")
    own = graph.to_networkx()
    read = written_and_read(own, form, tmp_path)
    assert set(read) == set(own)
    assert read.number_of_edges() == own.number_of_edges()
    counts = graph.manifest.counts
    assert read.number_of_edges() == counts.statements + counts.inferred
    names = networkx.get_node_attributes(own, "name")
    assert networkx.get_node_attributes(read, "name") == names


@pytest.mark.parametrize("form", ["graphml", "gml"])
@pytest.mark.parametrize("subgraph", [SMALL, EMPTY], ids=["small", "empty"])
def test_nothing_is_lost_in_a_file_of_networkx(
    tmp_path: Path, subgraph: Subgraph, form: str
) -> None:
    back = from_networkx(written_and_read(to_networkx(subgraph), form, tmp_path))
    assert by_id(back) == by_id(subgraph)
    assert {e.id: e for e in back.entities} == {e.id: e for e in subgraph.entities}
    assert (back.title, back.sources, back.credits) == (
        subgraph.title,
        subgraph.sources,
        subgraph.credits,
    )


def test_lists_and_mappings_are_read_as_they_are_too() -> None:
    graph: networkx.MultiDiGraph[str] = networkx.MultiDiGraph(sources=["X:1"])
    graph.add_node("X:1", name="one", synonyms=["uno"], attributes={"a": "b"})
    back = from_networkx(graph)
    assert (back.entities[0].synonyms, back.entities[0].attributes) == (("uno",), {"a": "b"})
    assert back.sources == ("X:1",)
    graph.nodes["X:1"]["synonyms"] = "[no JSON"
    with pytest.raises(DataError, match="node 'X:1'"):
        from_networkx(graph)


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
