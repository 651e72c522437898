"""Every state of the page, in light and dark, on a phone and magnified: axe finds nothing."""

import re

import pytest
import requests
from playwright.sync_api import expect

from tests.processes import PATIENCE
from tests.web.asking import drawn, entities, evidence, rows

QUESTION = "/?source=NSC&target=Remyelination"

LOOKS = {
    "light": ("light", 1440, 900),
    "dark": ("dark", 1440, 900),
    "phone": ("light", 360, 740),
    "dark phone": ("dark", 360, 740),
    "at 200 percent": ("light", 720, 450),
}


def filters(page):
    drawn(page)
    page.get_by_text("Filters", exact=True).click()
    page.get_by_text("Ranking", exact=True).click()


def chosen(page):
    drawn(page)
    rows(page).nth(1).click()
    page.get_by_text("Score parts").click()
    expect(evidence(page).get_by_role("link", name=re.compile("^PMID")).first).to_be_attached()


def opened(page):
    drawn(page)
    entities(page).first.press("Enter")
    dialog = page.get_by_role("dialog")
    opener = dialog.get_by_role("button", name=re.compile(r"entit(y|ies)$")).first
    opener.click()
    expect(dialog.get_by_text("Fetching…")).to_have_count(0)


def typed(page):
    page.get_by_role("combobox", name="From").fill("neural")
    expect(page.get_by_role("listbox", name="From").get_by_role("option").first).to_be_visible()


def taken(page):
    drawn(page)
    page.get_by_role("button", name="Take along").click()
    expect(
        page.get_by_role("dialog").get_by_role("button", name=re.compile("^SVG"))
    ).to_be_visible()


STATES = {
    "start": ("/", lambda page: expect(page.get_by_text("For example")).to_be_visible()),
    "typing": ("/", typed),
    "results": (QUESTION, drawn),
    "filters": (QUESTION, filters),
    "evidence": (QUESTION, chosen),
    "inferred": (f"{QUESTION}&evidence=any&path=9", drawn),
    "neighbours": (QUESTION, opened),
    "one": (f"{QUESTION}&view=one&path=3", drawn),
    "table": (
        f"{QUESTION}&view=table",
        lambda page: expect(page.get_by_role("table").first).to_be_visible(),
    ),
    "grouped": (f"{QUESTION}&group=mediator&pin=3", drawn),
    "many": (
        "/?source=NSC&target=multiple+sclerosis&max_hops=4&direction=undirected&limit=200"
        "&show=" + ",".join(map(str, range(1, 101))),
        drawn,
    ),
    "empty": (
        "/?source=neuron&target=NSC&max_hops=1",
        lambda page: expect(page.get_by_role("button", name="Ask the other way")).to_be_visible(),
    ),
    "unknown": (
        "/?source=neural+stem+cel&target=neuron",
        lambda page: expect(page.get_by_text("No entity is called")).to_be_visible(),
    ),
    "ambiguous": (
        "/?source=interferon&target=neuron",
        lambda page: expect(page.get_by_text("fits several")).to_be_visible(),
    ),
    "compare": (
        f"{QUESTION}&compare=MSC",
        lambda page: expect(page.get_by_role("region", name="Comparison")).to_be_visible(),
    ),
    "take along": (QUESTION, taken),
    "help": ("/", lambda page: page.get_by_role("button", name=re.compile("^Help")).click()),
    "embed": ("/embed" + QUESTION[1:], drawn),
}


@pytest.mark.parametrize("state", STATES)
def test_axe_finds_nothing(ontology, visit, state):
    path, settle = STATES[state]
    visitor = visit(ontology, refused=(422,))
    page = visitor.open(path)
    settle(page)
    found, markup = {}, {}
    for look, (scheme, width, height) in LOOKS.items():
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": height})
        fit = page.get_by_role("button", name="Fit the figure")
        if fit.is_visible() and not page.get_by_role("dialog").count():
            fit.click()  # axe takes what the figure's frame cuts off for what stands beside it
        needed, room = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        # In other colours, the same markup at the same size can only break the rules about colours.
        same = markup.setdefault((width, height), page.content()) == page.content()
        colours = ("cat.color",) if scheme == "dark" and same else ()
        found[look] = [
            *visitor.violations(*colours),
            *(["scrolls sideways"] if needed > room else []),
        ]
    assert found == {look: [] for look in LOOKS}


@pytest.mark.parametrize("path", ["/", QUESTION, f"{QUESTION}&compare=MSC"])
def test_it_works_on_a_phone(ontology, visit, path):
    phone = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True}
    visitor = visit(ontology, **phone)
    page = visitor.open(path)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    if path == QUESTION:
        drawn(page)
        rows(page).nth(1).tap()
        expect(page.get_by_role("region", name="Evidence", exact=True)).to_contain_text("PMID")
        drawn(page)  # with the selected path
        entities(page).first.tap()
        expect(page.get_by_role("dialog")).to_be_visible()
    needed, room = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert needed <= room


def test_the_footer_names_graph_snapshot_and_version(ontology, visit):
    page = visit(ontology).open(QUESTION)
    drawn(page)
    told = requests.get(f"{ontology}/version", timeout=PATIENCE).json()
    foot = page.get_by_role("contentinfo")
    for words in (told["graph"], told["snapshot"][:12], told["mechkg"]):
        expect(foot).to_contain_text(words)


def test_a_service_that_is_gone_is_told_accessibly(ontology, visit):
    visitor = visit(ontology)
    page = visitor.open("/")
    page.context.set_offline(True)
    page.get_by_role("region", name="Start").get_by_role("listitem").get_by_role(
        "button"
    ).first.click()
    expect(page.get_by_role("button", name="Try again").first).to_be_visible()
    visitor.errors = [e for e in visitor.errors if "ERR_INTERNET_DISCONNECTED" not in e]
    assert visitor.violations() == []


def test_nothing_moves_for_those_who_ask_for_less_motion(ontology, visit):
    page = visit(ontology, reduced_motion="reduce").open(QUESTION)
    drawn(page)
    rows(page).nth(2).click()
    page.get_by_role("button", name="Zoom in").click()
    assert (
        page.evaluate("document.getAnimations().filter((a) => a.playState === 'running').length")
        == 0
    )
