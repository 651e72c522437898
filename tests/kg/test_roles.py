"""In a figure every end of a path has the side that the query gave it."""

import json
from collections.abc import Iterator
from itertools import combinations, product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mechkg.kg.graph import Graph, open_graph
from mechkg.kg.model.results import PathResult
from mechkg.kg.writers.layout import write


@pytest.fixture(scope="module")
def graph(data_directory: Path) -> Graph:
    return open_graph(data_directory / "ms-nsc" / "current")


def answers(graph: Graph, direction: str) -> Iterator[tuple[PathResult, dict[str, Any]]]:
    """Yield the paths between well connected entities, two sources each, and their figures."""
    index, curie = graph.snapshot.index, graph.snapshot.records.curie
    # Without the classes below them, so that the ends of a path are those that were asked for.
    known = [f"{curie(int(row))}!" for row in np.argsort(-index.degree, kind="stable")[:14]]
    for sources, target in product(combinations(known[:8], 2), known[8:]):
        for max_hops in (1, 2):
            found = graph.find_paths(
                source=sources, target=target, direction=direction, max_hops=max_hops, limit=6
            )
            if found.paths:
                yield found, json.loads(write(graph.drawn(found), graph.schema))


def expected(found: PathResult) -> dict[str, str]:
    firsts = {path.entities[0].id for path in found.paths}
    lasts = {path.entities[-1].id for path in found.paths}
    assert {f"{end}!" for end in firsts} <= set(found.query.source)
    assert {f"{end}!" for end in lasts} <= set(found.query.target)
    return dict.fromkeys(firsts, "source") | dict.fromkeys(lasts, "target")


@pytest.mark.parametrize("direction", ["directed", "undirected"])
def test_roles_are_as_asked_in_200_two_source_figures(graph: Graph, direction: str) -> None:
    figures = 0
    for found, figure in answers(graph, direction):
        figures += 1
        roles = {entity["id"]: entity["role"] for entity in figure["entities"]}
        assert {name: role for name, role in roles.items() if role != "none"} == expected(found)
        focus = {entity["id"] for entity in figure["entities"] if entity["focus"]}
        assert focus == set(expected(found))
        sides: dict[str, list[float]] = {"source": [], "target": [], "none": []}
        for entity in figure["entities"]:
            sides[entity["role"]].append(entity["x"])
        assert max(sides["source"]) < min(sides["target"])
    assert figures >= {"directed": 40, "undirected": 200}[direction]


def test_an_entity_that_is_source_and_target_has_both_sides(graph: Graph) -> None:
    ends = ("NSC", "neuron")
    found = graph.find_paths(source=ends, target=ends, direction="undirected", max_hops=2)
    both = {p.entities[0].id for p in found.paths} & {p.entities[-1].id for p in found.paths}
    figure = json.loads(write(graph.drawn(found), graph.schema))
    assert both
    assert {e["id"] for e in figure["entities"] if e["role"] == "both"} == both


def test_a_neighbourhood_has_no_sides_and_a_statement_has(graph: Graph) -> None:
    around = json.loads(write(graph.drawn(graph.neighbourhood(entity="GDNF")), graph.schema))
    assert {entity["role"] for entity in around["entities"]} == {"none"}
    statement = graph.statement("SC061")
    about = json.loads(write(graph.about("SC061"), graph.schema))
    roles = {entity["id"]: entity["role"] for entity in about["entities"]}
    assert (roles[statement.subject], roles[statement.object]) == ("source", "target")


def test_a_subgraph_takes_the_sides_of_its_query(graph: Graph) -> None:
    for statements in (None, ("SC061", "MK001")):
        part = graph.subgraph(entities=("GDNF", "NSC"), targets="neuron", statements=statements)
        figure = json.loads(write(part, graph.schema))
        roles = {entity["name"]: entity["role"] for entity in figure["entities"]}
        assert roles["neuron"] == "target"
        assert sorted(roles.values()).count("source") == 2
