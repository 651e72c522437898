"""The keyboard alone: every key of the list, a focus that is seen, a region that tells."""

import re

from playwright.sync_api import expect

from tests.web.asking import drawn, entities, field, rows

QUESTION = "/?source=NSC&target=Remyelination"


def test_keys_lead_through_the_answer(ontology, visit):
    page = visit(ontology).open(QUESTION)
    drawn(page)
    page.keyboard.press("j")
    expect(rows(page).nth(0)).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("j")
    expect(rows(page).nth(1)).to_be_focused()
    page.keyboard.press("k")
    expect(rows(page).nth(0)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="Evidence", exact=True)).to_be_focused()
    page.keyboard.press("/")
    expect(field(page, "From")).to_be_focused()
    page.keyboard.type("j?e")
    expect(field(page, "From")).to_have_value(re.compile(r"j\?e"))
    expect(page.get_by_role("dialog")).to_have_count(0)


def focused(page):
    return page.evaluate("document.activeElement.tagName")


def test_the_list_is_one_tab_stop_that_arrows_walk(ontology, visit):
    page = visit(ontology).open(QUESTION)
    drawn(page)
    stops = page.locator(".rows :is(button, input)").evaluate_all(
        "(all) => all.filter((one) => one.tabIndex === 0).length"
    )
    assert stops == 1
    rows(page).first.focus()
    page.keyboard.press("ArrowDown")
    expect(rows(page).nth(1)).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("button", name=re.compile("^Pin on top: path ")).nth(1)).to_be_focused()
    page.keyboard.press("End")
    expect(rows(page).last).to_be_focused()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    expect(rows(page).last).to_be_focused()


def test_the_focus_never_falls_to_the_body(ontology, visit):
    page = visit(ontology).open("/")
    page.get_by_role("region", name="Start").get_by_role("listitem").get_by_role(
        "button"
    ).first.press("Enter")
    drawn(page)
    assert focused(page) != "BODY"
    between = entities(page).filter(has_text="BDNF")
    between.press("Enter")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name=re.compile(r"^Add \d+ entit")).first.press("Enter")
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    drawn(page)
    assert focused(page) != "BODY"
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    page.get_by_role("button", name="Undo").press("Enter")
    drawn(page)
    assert focused(page) != "BODY"
    between.press("Enter")
    dialog.get_by_role("button", name="Avoid").press("Enter")
    expect(page).to_have_url(re.compile("avoid="))
    drawn(page)
    assert focused(page) != "BODY"


def test_single_keys_are_turned_off(ontology, visit):
    page = visit(ontology).open(QUESTION)
    drawn(page)
    page.keyboard.press("?")
    page.get_by_role("checkbox", name="Single letters are shortcuts").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(rows(page).and_(page.locator("[aria-pressed=true]"))).to_have_count(0)


def test_what_a_key_does_is_announced(ontology, visit):
    page = visit(ontology).open(QUESTION)
    drawn(page)
    for key, words in (("j", "Path 1 selected."), ("x", "Path 1 no longer drawn."),
                       ("p", "Path 1 pinned on top.")):  # fmt: skip
        page.keyboard.press(key)
        expect(page.get_by_role("status").filter(has_text=words)).to_have_count(1)


def test_a_question_mark_lists_the_keys(ontology, visit):
    page = visit(ontology).open("/")
    page.get_by_role("heading", level=1).click()
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Help")
    for key in ("/", "j", "k", "Enter", "e", "?"):
        expect(dialog.get_by_text(key, exact=True).first).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def test_everything_is_reached_by_tab_and_the_focus_is_seen(ontology, visit):
    page = visit(ontology).open(QUESTION)
    drawn(page)
    page.locator("body").press("Home")
    seen = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        name, outlined = page.evaluate(
            """() => {
              const one = document.activeElement;
              const ring = (node) => {
                const {outlineStyle, outlineWidth, boxShadow} = getComputedStyle(node);
                return (outlineStyle !== "none" && parseFloat(outlineWidth) >= 2)
                  || boxShadow !== "none";
              };
              const nodes = [one, ...one.querySelectorAll("*"),
                ...(one.nextElementSibling ? [one.nextElementSibling] : [])];
              const label = one.getAttribute("aria-label") || one.textContent || one.tagName;
              return [label.slice(0, 60), nodes.some(ring) || one.classList.contains("entity")];
            }"""
        )
        seen.add(name)
        assert outlined or name.startswith("BODY"), name
    assert len(seen) > 25


def test_the_skip_link_leads_to_the_answer(ontology, visit):
    page = visit(ontology).open(QUESTION)
    drawn(page)
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the answer")
    expect(skip).to_be_focused()
    page.keyboard.press("Enter")
    assert page.url.endswith("#answer")


def test_results_are_announced(ontology, visit):
    page = visit(ontology).open(QUESTION)
    drawn(page)
    told = page.get_by_role("status").filter(
        has_text=re.compile(r"^\d+ of \d+ paths\. Neural stem")
    )
    expect(told).to_have_count(1)
