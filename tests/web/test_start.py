"""The start page says what the graph holds, by counts of that graph and of no other."""

import re

import pytest
import requests
from playwright.sync_api import expect

from tests.processes import PATIENCE


def said(url):
    return requests.get(f"{url}/api/v1/overview", timeout=PATIENCE).json()


@pytest.mark.parametrize("graph", ["ontology", "wide"])
def test_the_start_page_holds_what_the_graph_holds(request, visit, graph):
    url = request.getfixturevalue(graph)
    overview = said(url)
    page = visit(url).open("/")
    start = page.get_by_role("region", name="Start")
    expect(start).to_contain_text(f"This graph, {overview['graph']}, holds")
    for name in (linked["name"] for linked in overview["linked"]):
        expect(start.get_by_role("link", name=name, exact=True)).to_be_visible()
    for source in overview["sources"]:
        expect(start).to_contain_text(source["licence"] or "licence not stated")


def test_a_category_shows_its_own_relations(ontology, visit):
    page = visit(ontology).open("/")
    buttons = page.get_by_role("list", name="Categories").get_by_role("button")
    buttons.filter(has_text="drug").click()
    relations = page.get_by_role("list", name="Relations").get_by_role("listitem")
    expect(relations.filter(has_not_text="drug")).to_have_count(0)
    counts = [int(text.replace(",", "")) for text in relations.locator(".count").all_inner_texts()]
    assert counts
    assert counts == sorted(counts, reverse=True)
    edges = said(ontology)["relations"]
    of_drugs = [e["statements"] for e in edges if "biolink:Drug" in (e["subject"], e["object"])]
    assert counts == of_drugs[: len(counts)]


def test_a_linked_entity_leads_to_its_page(ontology, visit):
    page = visit(ontology).open("/")
    page.get_by_role("link", name="neural stem cell", exact=True).click()
    expect(page).to_have_url(re.compile("/about/CL(:|%3A)0000047$"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("neural stem cell")


def test_examples_of_another_graph_are_its_own_and_have_an_answer(wide, visit):
    overview = said(wide)
    page = visit(wide).open("/")
    start = page.get_by_role("region", name="Start")
    expect(start).to_contain_text(overview["graph"])
    buttons = start.locator(".examples").get_by_role("button")
    expect(buttons).to_have_count(len(overview["examples"]))
    expect(start).not_to_contain_text("neural stem cell")
    for example in overview["examples"]:
        ends = {side: example[side]["id"] for side in ("source", "target")}
        answer = requests.get(f"{wide}/api/v1/paths", ends, timeout=PATIENCE).json()
        assert answer["total"] > 0
    expect(page.get_by_role("combobox", name="From")).not_to_have_attribute(
        "placeholder", "e.g. neural stem cell"
    )
