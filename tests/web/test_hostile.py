"""A graph that means harm, in every view: nothing runs, nothing breaks.

That nothing ran, no other host was asked and no error was logged is held for every visit.
"""

import re

from playwright.sync_api import expect

from tests.web.asking import drawn, entities, evidence, rows
from tests.web.graphs import LONG

QUESTION = "/?source=X:source&target=X:target&limit=200"


NEXT = """(seen) => {
  const open = document.querySelector("dialog[open]") ?? document;
  for (const one of open.querySelectorAll("button, summary, [role=button], [type=checkbox]")) {
    const name = one.getAttribute("aria-label") ?? (one.closest("label") ?? one).textContent;
    const key = (one.closest("section[aria-label]")?.ariaLabel ?? "") + one.tagName + name;
    if (!seen.includes(key) && !one.disabled && one.checkVisibility()) {
      one.dispatchEvent(new MouseEvent("click", {bubbles: true, cancelable: true}));
      return key;
    }
  }
  return null;
}"""


def test_everything_can_be_pressed(hostile, visit):
    visitor = visit(hostile, refused=(404, 413, 422))
    page = visitor.open(QUESTION)
    drawn(page)
    pressed: list[str] = []
    opened = 0
    while len(pressed) < 60 and opened < 3:
        key = page.evaluate(NEXT, pressed)
        if key is not None:
            pressed.append(key)
            opened = 0
        elif page.locator("dialog[open]").count():
            page.keyboard.press("Escape")
        else:  # what was pressed last led elsewhere: go on from the beginning
            opened += 1
            visitor.open(QUESTION)
            drawn(page)
    assert len(pressed) > 25
    assert page.evaluate("document.querySelectorAll('img[onerror], script:not([src])').length") == 0
    links = page.locator("a").evaluate_all("(all) => all.map((one) => one.protocol)")
    assert set(links) <= {"http:", "https:"}


def test_every_view_is_opened(hostile, visit):
    page = visit(hostile).open(QUESTION)
    figure = drawn(page)
    assert entities(page).count() > 5
    for row in rows(page).all()[:8]:
        row.click()
    page.get_by_text("Filters", exact=True).click()
    for grouping in ("mediator", "metapath", "none"):
        page.get_by_label("Group by").select_option(grouping)
    for view in ("One path", "Table", "All paths"):
        figure.get_by_role("radio", name=view).check(force=True)
        page.locator("section[aria-label=Figure][aria-busy=false]").wait_for()
    expect(page.get_by_role("application")).to_be_visible()
    width, room = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert width <= room


def test_five_thousand_parallel_statements_are_read_in_pages(hostile, visit):
    page = visit(hostile).open("/?source=X:source&target=X:target&max_hops=1&path=1")
    drawn(page)
    panel = evidence(page)
    expect(panel).to_contain_text("5,000 statements")
    assert panel.get_by_role("article").count() < 200
    more = panel.get_by_role("button", name=re.compile(r"^Show \d+ more$"))
    before = panel.get_by_role("article").count()
    more.click()
    expect(panel.get_by_role("article").nth(before + 50)).to_be_attached()


def test_thousands_of_pieces_of_evidence_are_read_in_pages(crowded, visit):
    page = visit(crowded).open("/?source=X:source&target=X:target&max_hops=1&path=1")
    drawn(page)
    panel = evidence(page)
    expect(panel).to_contain_text("20 of 2,500 shown")
    expect(panel.get_by_role("button", name="Show 100 more sources")).to_be_visible()
    assert panel.get_by_role("article").count() == 20
    assert panel.get_by_role("link", name=re.compile("^PMID")).count() < 400
    panel.get_by_role("button", name="Show 100 more", exact=True).click()
    expect(panel).to_contain_text("120 of 2,500 shown")
    expect(panel).to_contain_text("100 of 5,000 publications shown")


def test_statements_that_follow_from_one_another_end_somewhere(crowded, visit):
    page = visit(crowded).open("/?source=X:source&target=X:target&evidence=any&max_hops=2")
    drawn(page)
    rows(page).filter(has_text="ring").first.click()
    follows = evidence(page).get_by_role("button", name=re.compile("^Follows from 1"))
    before = follows.count()
    for _ in range(4):
        follows.last.click()
    expect(follows).to_have_count(before + 4)


def test_identifiers_that_addresses_take_apart_open_whole(crowded, visit):
    page = visit(crowded).open("/?source=X:source&target=X:target&evidence=any&max_hops=2")
    drawn(page)
    entities(page).filter(has_text="c=1").press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name=re.compile(r"1 entity$"))).to_have_count(2)
    dialog.get_by_role("link", name="X:a/../b?c=1#50%25&x").click()
    page.wait_for_load_state()
    assert "c=1" in page.content()


# Marks piled on one letter paint over the rows above it.
PILES = r"""() => {
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  while (texts.nextNode()) {
    const {data, parentElement} = texts.currentNode;
    if (/\p{M}{5}/u.test(data) && parentElement.checkVisibility()) found.push(data.slice(0, 20));
  }
  return found;
}"""


def test_marks_piled_on_a_letter_stay_on_their_line(hostile, visit):
    page = visit(hostile).open(QUESTION)
    drawn(page)
    panel = evidence(page)
    rows(page).filter(has_text="g\u0338o").first.click()
    expect(panel).to_contain_text("blocks")
    page.get_by_text("Filters", exact=True).click()
    for more in page.get_by_role("group").get_by_role("button", name=re.compile("more$")).all()[1:]:
        more.click()
    assert page.evaluate(PILES) == []
    page.get_by_role("radio", name="Table").check(force=True)
    expect(page.get_by_role("region", name="Statements of the figure")).to_be_visible()
    assert page.evaluate(PILES) == []


def test_names_stand_inside_their_boxes(hostile, visit):
    page = visit(hostile).open(QUESTION)
    drawn(page)
    wide = page.locator("[data-entity]").evaluate_all(
        """(all) => all.flatMap((one) => {
          const wide = (what) => one.querySelector(what).getBBox().width;
          const [text, box] = [wide("text"), wide(".box")];
          return text > box ? [one.textContent.slice(0, 60)] : [];
        })"""
    )
    assert wide == []


def test_a_source_without_a_name_can_be_ticked(hostile, visit):
    page = visit(hostile).open(QUESTION)
    drawn(page)
    page.get_by_text("Filters", exact=True).click()
    group = page.get_by_role("group", name="Source", exact=True)
    expect(group.get_by_role("checkbox", name=re.compile(r"^\(blank\)"))).to_be_visible()


def test_names_are_shown_as_they_are_written(hostile, visit):
    page = visit(hostile).open(QUESTION)
    drawn(page)
    text = page.get_by_role("region", name="Paths").text_content()
    assert "<img src=x onerror=window.harmed=1>" in text
    assert LONG not in text, "a name of 10,000 characters is cut"
    page.get_by_role("combobox", name="From").fill("<script>")
    option = page.get_by_role("listbox", name="From").get_by_role("option").first
    expect(option).to_contain_text("<script>window.harmed=1</script>")


def test_identifiers_and_addresses_do_no_harm(hostile, visit):
    address = (
        "/?source=javascript:window.harmed%3D1"
        "&target=X:target&edits=%5B%5B%22-%22,%22X%22%5D,7,null%5D&weights=__proto__%3D1,x%3DNaN"
        "&show=1,-3,9e9&path=99999&hide=%3Cb%3E&statement=__proto__,IN0&view=%3Cscript%3E&hubs=-1"
        "&group=constructor"
    )
    page = visit(hostile, refused=(404, 422)).open(address)
    drawn(page)
    expect(page.get_by_role("region", name="Paths")).to_contain_text("identifier", ignore_case=True)
