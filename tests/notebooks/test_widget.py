"""The widget in a real browser: choosing a path dims the rest, and hostile text stays text."""

from __future__ import annotations

import json

import pytest

from mechkg.kg.build.builder import build_snapshot
from mechkg.kg.graph import Graph, open_graph
from mechkg.kg.model.schema import Predicate, Schema
from mechkg.kg.model.values import Entity, Statement
from mechkg.notebook.widget import PathWidget
from tests.web.visits import browsing

HOST = """
const traits = %s, changed = {};
const model = {
  get: (name) => traits[name],
  set: (name, value) => { traits[name] = value; (changed[name] || []).forEach((tell) => tell()); },
  on: (event, tell) => (changed[event.slice(7)] ||= []).push(tell),
  save_changes: () => { window.saved = traits.selected; },
};
const widget = await import(URL.createObjectURL(new Blob([%s], { type: "text/javascript" })));
widget.default.render({ model, el: document.body });
"""
"""What a notebook is to a widget: its traits, and an element to fill."""


@pytest.fixture(scope="module")
def graph(data_directory) -> Graph:
    return open_graph(data_directory / "ms-nsc" / "current")


def page_of(widget: PathWidget) -> str:
    traits = {name: getattr(widget, name) for name in ("svg", "paths", "selected")}
    script = HOST % (json.dumps(traits), json.dumps(str(widget._esm)))
    return script.replace("</", "<\\/")


def test_choosing_a_path_dims_the_rest(graph: Graph):
    widget = PathWidget(graph, graph.find_paths(source="NSC", target="neuron"))
    assert widget.path is None
    with browsing() as browser:
        page = browser.new_page()
        page.set_content(f"<script type=module>{page_of(widget)}</script>")
        buttons = page.get_by_role("button")
        buttons.first.wait_for()
        assert buttons.count() == len(widget.found.paths)
        buttons.nth(1).click()
        assert page.evaluate("window.saved") == 1
        widget.selected = 1
        faded = page.locator('[style*="opacity: 0.15"]').count()
        kept = page.locator('[style*="opacity: 1"]').count()
        assert faded > 0
        assert kept == 2 * widget.path.length + 1
        browser.close()


def test_hostile_names_stay_text(tmp_path):
    name = "<img src=x onerror='window.broken=1'><script>window.broken=1</script>"
    ends = (Entity(id="X:1", name=name), Entity(id="X:2", name="plain"))
    said = Statement(id="S1", subject="X:1", predicate="joins", object="X:2", sign=1)
    schema = Schema(predicates=(Predicate(id="joins", label="joins", iri="urn:joins"),))
    path = build_snapshot(
        tmp_path, name="hostile", entities=ends, statements=(said,), schema=schema
    )
    graph = open_graph(path)
    widget = PathWidget(graph, graph.find_paths(source="X:1", target="X:2"))
    with browsing() as browser:
        page = browser.new_page()
        page.set_content(f"<script type=module>{page_of(widget)}</script>")
        page.get_by_role("button").first.wait_for()
        assert page.evaluate("window.broken") is None
        assert page.locator("img").count() == 0
        browser.close()
