"""A figure that was taken along stands alone: in a browser, and in a vector editor's parser."""

from xml.etree import ElementTree as ET

import pytest
import requests
import resvg_py

from tests.processes import PATIENCE
from tests.web.visits import visiting

SVG = "{http://www.w3.org/2000/svg}"
QUESTION = {"source": "NSC", "target": "neuron", "max_hops": 2}
HARMFUL = {"source": "X:source", "target": "X:target", "limit": 200}


@pytest.fixture(params=["ontology", "hostile"])
def figure(request) -> bytes:
    url = request.getfixturevalue(request.param)
    asked = QUESTION if request.param == "ontology" else HARMFUL
    return requests.get(f"{url}/api/v1/paths.svg", params=asked, timeout=PATIENCE).content


def test_it_parses_with_legend_and_citation(figure):
    root = ET.fromstring(figure)
    assert root.tag == f"{SVG}svg"
    assert {element.tag for element in root.iter()} <= {
        f"{SVG}{name}"
        for name in ("svg", "title", "desc", "g", "path", "text", "tspan", "rect", "a")
    }
    words = ["".join(text.itertext()) for text in root.iter(f"{SVG}text")]
    assert {"raises", "lowers"} & set(words), "a legend"
    (citation,) = (text for text in words if text.startswith("MechKG · "))
    assert "snapshot" in citation
    assert "sources" in citation
    assert not [a for e in root.iter() for a in e.attrib if a.lower().startswith("on")]
    assert not [a for e in root.iter() for a in e.attrib if a.rpartition("}")[2] == "href"]


def test_a_vector_renderer_draws_it(figure):
    png = bytes(resvg_py.svg_to_bytes(svg_string=figure.decode()))
    assert png.startswith(b"\x89PNG")


def test_a_browser_opens_it_alone(figure, browser, tmp_path):
    path = tmp_path / "figure.svg"
    path.write_bytes(figure)
    with visiting(browser, "") as visit:
        visit.page.goto(path.as_uri())
        box = visit.page.locator("svg").bounding_box()
        assert box["width"] > 200
        assert visit.page.locator("text.citation").is_visible()
