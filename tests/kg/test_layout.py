"""The figure as coordinates: the numbers of the SVG picture, and every text as it is."""

import json
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings

from mechkg.kg.draw import draw_svg
from mechkg.kg.draw.marks import box_mark
from mechkg.kg.draw.style import Family
from mechkg.kg.errors import TooLarge
from mechkg.kg.model.values import Entity, Statement, Subgraph
from mechkg.kg.writers.layout import write
from tests.kg.subgraphs import EMPTY, HOSTILE, NEURON, NSC, SCHEMA, SMALL, subgraphs

SVG = "{http://www.w3.org/2000/svg}"


def figure(subgraph: Subgraph) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(write(subgraph, SCHEMA))
    return found


def drawn(subgraph: Subgraph, kind: str) -> Iterator[ElementTree.Element]:
    root = ElementTree.fromstring(draw_svg(subgraph, SCHEMA))
    return (group for group in root.iter(f"{SVG}g") if group.get("class") == kind)


def check_against_the_picture(subgraph: Subgraph) -> None:
    told = figure(subgraph)
    for entity, group in zip(told["entities"], drawn(subgraph, "entity"), strict=True):
        family = Family("", entity["fill"], entity["stroke"], entity["shape"])
        centre, size = (entity["x"], entity["y"]), (entity["width"], entity["height"])
        mark = ElementTree.fromstring(box_mark(family, centre, size, focus=entity["focus"]))
        path = group.find(f"{SVG}path")
        assert path is not None
        assert path.attrib == mark.attrib
        assert [row.text or "" for row in group.iter(f"{SVG}tspan")] == entity["lines"]
    for edge, group in zip(told["edges"], drawn(subgraph, "statement"), strict=True):
        line, *_ = group.iter(f"{SVG}path")
        assert line.attrib["d"] == edge["path"]
        assert line.attrib.get("stroke-dasharray", "") == edge["dashes"]
    root = ElementTree.fromstring(draw_svg(subgraph, SCHEMA))
    labels = [t for t in root.iter(f"{SVG}text") if t.get("class") == "predicate"]
    labelled = [edge for edge in told["edges"] if edge["labels"]]
    for edge, text in zip(labelled, labels, strict=True):
        first = next(iter(text))
        assert first.text == edge["labels"][0]["text"]
        assert float(first.attrib["x"]) == pytest.approx(edge["label_x"], abs=0.06)


def test_coordinates_are_those_of_the_picture() -> None:
    check_against_the_picture(SMALL)
    check_against_the_picture(EMPTY)


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(subgraphs())
def test_coordinates_are_those_of_any_picture(subgraph: Subgraph) -> None:
    check_against_the_picture(subgraph)


def test_it_says_who_is_who_and_what_stands_behind_a_line() -> None:
    told = figure(SMALL)
    assert {e["id"]: e["role"] for e in told["entities"]} == {
        NSC.id: "source", "HGNC:4232": "none", NEURON.id: "target"
    }  # fmt: skip
    assert [category["category"] for category in told["legend"]] == [
        "biolink:Cell", "biolink:Gene", "biolink:Neuron"
    ]  # fmt: skip
    edges = {edge["key"]: edge for edge in told["edges"]}
    assert edges["SC061"]["statements"] == ["SC061", "XC0001"]
    assert (edges["SC061"]["evidence"], edges["SC061"]["marker"]) == (3, "open")
    assert (edges["MK001"]["hedged"], edges["MK001"]["marker"]) == (True, "arrow")
    assert (edges["N1"]["negated"], edges["N1"]["sign"], edges["N1"]["marker"]) == (True, -1, "bar")
    assert (edges["INF-1"]["inferred"], edges["INF-1"]["sign"]) == (True, None)


def test_hostile_texts_stay_texts() -> None:
    told = figure(HOSTILE)
    assert [entity["name"] for entity in told["entities"]] == [e.name for e in HOSTILE.entities]
    assert told["title"] == HOSTILE.title.strip()
    assert all(edge["path"].strip("MC0123456789.- e") == "" for edge in told["edges"])


def test_an_overview_says_that_it_has_no_labels_and_a_larger_graph_is_refused() -> None:
    many = tuple(Entity(id=f"X:{i}", name=f"entity {i}") for i in range(1_501))
    links = tuple(
        Statement(id=f"s{i}", subject=f"X:{i}", predicate="promotes", object=f"X:{i + 1}", sign=1)
        for i in range(150)
    )
    told = figure(Subgraph(entities=many[:200], statements=links))
    assert not told["labelled"]
    assert not any(edge["labels"] for edge in told["edges"])
    with pytest.raises(TooLarge):
        write(Subgraph(entities=many, statements=()), SCHEMA)
