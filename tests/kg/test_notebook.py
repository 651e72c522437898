"""Values show themselves in a notebook as well-formed tables, every text escaped."""

from __future__ import annotations

from xml.etree import ElementTree

import msgspec
import pytest

from mechkg.kg.graph import Graph, open_graph
from mechkg.kg.model.values import Entity, Evidence, Statement, Subgraph

HOSTILE = "<script>alert('x')</script> & \"more\""


@pytest.fixture(scope="module")
def graph(data_directory) -> Graph:
    return open_graph(data_directory / "ms-nsc" / "current")


def shown(html: str | None) -> str:
    """The text of well-formed HTML without a script in it."""
    assert html is not None
    tree = ElementTree.fromstring(f"<div>{html}</div>")
    assert not list(tree.iter("script"))
    return " ".join(tree.itertext())


def test_what_a_value_shows(graph: Graph):
    found = graph.find_paths(source="NSC", target="neuron", via="GDNF")
    around = graph.neighbourhood(entity="GDNF")
    assert "HGNC:4232" in shown(graph.entity("GDNF")._repr_html_())
    assert "P4S3" in shown(graph.statement("SC061")._repr_html_())
    assert "MK001" in shown(found.paths[0]._repr_html_())
    assert found.net_effect.sentence in shown(found._repr_html_())
    assert "secretes" in shown(around._repr_html_())
    assert f"of {around.total}" in shown(around._repr_html_())
    drawn = graph.drawn(found)
    assert "SC061" in shown(drawn._repr_html_())
    picture = drawn._repr_svg_()
    assert picture is not None
    assert ElementTree.fromstring(picture).tag.endswith("svg")


def test_a_neighbourhood_that_was_cut_is_counted_from_below(graph: Graph):
    around = graph.neighbourhood(entity="GDNF", limit=2)
    assert f"2 of {around.total} neighbours" in around._repr_html_()
    cut = msgspec.structs.replace(around, truncated_by="hub", total_is_exact=False)
    assert f"2 of at least {around.total} neighbours" in cut._repr_html_()


def test_hostile_text_is_escaped():
    entity = Entity(id="X:1", name=HOSTILE, synonyms=(HOSTILE,), description=HOSTILE)
    evidence = Evidence(kind="literature", source=HOSTILE, titles=(HOSTILE,))
    said = Statement(
        id=HOSTILE, subject="X:1", predicate=HOSTILE, object="X:1", evidence=(evidence,)
    )
    part = Subgraph(entities=(entity,), statements=(said,), title=HOSTILE)
    for value in (entity, said, part):
        assert "alert" in shown(value._repr_html_())


def test_a_graph_too_large_to_draw_is_shown_as_a_table():
    entities = tuple(Entity(id=f"X:{n}", name=str(n)) for n in range(5_001))
    part = Subgraph(entities=entities, statements=())
    assert part._repr_svg_() is None
    assert "<table>" in part._repr_html_()
