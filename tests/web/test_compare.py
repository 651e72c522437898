"""Compare: two sources side by side, what they share and what is one's own."""

import re

import requests
from playwright.sync_api import expect

from tests.processes import PATIENCE
from tests.web.asking import drawn, field, rows

QUESTION = "/?source=NSC&target=Remyelination"


def test_two_sources_are_compared_side_by_side(ontology, visit):
    page = visit(ontology).open(QUESTION)
    drawn(page)
    page.get_by_role("button", name="Compare with another source").click()
    field(page, "Compare with").fill("MSC")
    field(page, "Compare with").press("Enter")
    comparison = page.get_by_role("region", name="Comparison")
    expect(comparison).to_be_visible()
    expect(page).to_have_url(re.compile("compare=MSC"))
    sides = comparison.get_by_role("article")
    expect(sides).to_have_count(2)
    expect(sides.nth(0)).to_contain_text("neural stem cell")
    expect(sides.nth(1)).to_contain_text("mesenchymal stem cell")
    body = {"left": ["NSC"], "right": ["MSC"], "target": ["Remyelination"]}
    told = requests.post(f"{ontology}/api/v1/compare", json=body, timeout=PATIENCE).json()
    effects = [told[side]["net_effect"] for side in ("left", "right")]
    lead = told["sentence"].partition(effects[0]["sentence"])[0].strip()
    assert lead
    text = comparison.text_content()
    assert text.count(lead) == 1, "what both share is said once"
    for side, effect in enumerate(effects):
        expect(sides.nth(side)).to_contain_text(effect["claim"])
        rest = effect["sentence"].removeprefix(effect["claim"]).strip(": .")
        assert text.count(rest) == 1, "what a side does is said on its card only"
    mediators = comparison.get_by_role("region", name="Mediators")
    shared = [m["entity"]["name"] for m in told["mediators"] if m["origin"] == "both"]
    own = [m["entity"]["name"] for m in told["mediators"] if m["origin"] == "left"]
    assert own
    first = mediators.get_by_role("region", name=re.compile("^Only")).first
    for name in own[:5]:
        expect(first).to_contain_text(name)
    for name in shared[:5]:
        expect(mediators.get_by_role("region", name="Shared")).to_contain_text(name)


def test_a_side_and_a_mediator_open_their_paths(ontology, visit):
    page = visit(ontology).open(f"{QUESTION}&compare=MSC")
    comparison = page.get_by_role("region", name="Comparison")
    through = re.compile(r"^\d+ paths? from .* through GDNF$")
    comparison.get_by_role("button", name=through).first.click()
    drawn(page)
    for row in rows(page).all():
        assert "GDNF" in row.text_content()
    page.go_back()
    expect(comparison).to_be_visible()
    comparison.get_by_role("article").first.get_by_role("button", name=re.compile("^Open")).click()
    drawn(page)
    assert rows(page).count() > 0
    page.go_back()
    page.get_by_role("button", name="Compare no more").click()
    drawn(page)
    assert "compare=" not in page.url


def test_both_sides_are_drawn_with_what_they_share_in_the_middle(ontology, visit):
    page = visit(ontology).open(f"{QUESTION}&compare=MSC")
    figure = page.get_by_role("region", name="Paths of both sides")
    expect(figure.get_by_role("application")).to_be_visible()
    box = {}
    for one in figure.get_by_role("application").get_by_role("button").all():
        name = one.get_attribute("aria-label").partition(",")[0]
        box[name] = one.bounding_box()["x"], "off" in one.get_attribute("class").split()
    body = {"left": ["NSC"], "right": ["MSC"], "target": ["Remyelination"]}
    told = requests.post(f"{ontology}/api/v1/compare", json=body, timeout=PATIENCE).json()
    shared = [m["entity"]["name"] for m in told["mediators"] if m["origin"] == "both"][:8]
    assert shared
    for name in shared:
        x, set_back = box[name]
        assert box["neural stem cell"][0] < x < box["Remyelination"][0]
        assert box["mesenchymal stem cell"][0] < x
        assert not set_back
    assert any(set_back for _, set_back in box.values()), "what one side has alone is set back"
    with page.expect_download() as saved:
        figure.get_by_role("button", name="Save as SVG").click()
    assert "mesenchymal" in saved.value.path().read_text()
