"""Arrange: entities moved by a pointer or a key, layouts, lines reached by keys, fingers."""

import json
import re

import pytest
from playwright.sync_api import expect

from tests.web.asking import drawn, entities, evidence, status

QUESTION = "/?source=NSC&target=Remyelination"
PHONE = {"viewport": {"width": 390, "height": 740}, "is_mobile": True, "has_touch": True}


def places(page):
    """Return where each entity is in the figure, whatever part of it is in view."""
    return dict(
        page.locator("[data-entity]").evaluate_all(
            """(all) => all.map((one) => {
              const {e, f} = new DOMMatrix(getComputedStyle(one).transform);
              return [one.dataset.entity, [e, f]];
            })"""
        )
    )


def lines(page):
    return page.locator("[data-edge] .line").evaluate_all(
        "(all) => Object.fromEntries(all.map((one) => "
        "[one.parentNode.dataset.edge, one.getAttribute('d')]))"
    )


def centre(box):
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag(page, mark, dx, dy):
    x, y = centre(mark.locator(".box").bounding_box())
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + dx / 2, y + dy / 2)
    page.mouse.move(x + dx, y + dy)
    page.mouse.up()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    drawn(page)


def named(page, name):
    return entities(page).filter(has_text=name)


def test_an_entity_is_dragged_undone_redone_shared_and_saved(ontology, visit):
    page = visit(ontology).open(QUESTION)
    drawn(page)
    gdnf = named(page, "GDNF")
    before, lines_before = places(page), lines(page)
    at = centre(gdnf.locator(".box").bounding_box())
    drag(page, gdnf, 60, -90)
    now = centre(gdnf.locator(".box").bounding_box())
    assert abs(now[0] - at[0] - 60) < 2
    assert abs(now[1] - at[1] + 90) < 2
    expect(page.get_by_role("dialog")).to_have_count(0)
    moved = gdnf.get_attribute("data-entity")
    after, lines_after = places(page), lines(page)
    shift = {(round(after[n][0] - x), round(after[n][1] - y)) for n, (x, y) in before.items()
             if n != moved}  # fmt: skip
    assert len(shift) == 1, "the others keep their places"
    if shift == {(0, 0)}:
        changed = {key for key in lines_before if lines_before[key] != lines_after[key]}
        assert 0 < len(changed) < len(lines_before), "only its lines run anew"
    page.get_by_role("button", name="Undo").click()
    drawn(page)
    assert places(page) == before
    page.get_by_role("button", name="Redo").click()
    drawn(page)
    assert places(page) == after
    page.reload()
    drawn(page)
    assert places(page) == after
    page.keyboard.press("e")
    with page.expect_download() as got:
        page.get_by_role("dialog").get_by_role("button", name=re.compile("^SVG")).click()
    text = got.value.path().read_text()
    marks = re.findall(r'data-id="([^"]+)".*?<tspan x="([\d.]+)"', text)
    shifts = [float(x) - after[one][0] for one, x in marks]
    assert max(shifts) - min(shifts) < 1, "the file shows the figure as it was moved"


def test_keys_move_an_entity(ontology, visit):
    page = visit(ontology).open(QUESTION)
    drawn(page)
    before = places(page)
    gdnf = named(page, "GDNF")
    gdnf.focus()
    page.keyboard.press("Control+ArrowUp")
    expect(status(page).filter(has_text="is moved.")).to_have_count(1)
    drawn(page)
    one = gdnf.get_attribute("data-entity")
    assert before[one][1] - places(page)[one][1] == pytest.approx(20, abs=1)
    expect(gdnf).to_be_focused()


def test_a_radial_layout_has_the_source_in_the_middle(ontology, visit):
    page = visit(ontology).open(QUESTION)
    drawn(page)
    before = places(page)
    page.get_by_label("Layout").select_option("radial")
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    drawn(page)
    after = places(page)
    assert after.keys() == before.keys()
    source = named(page, "neural stem cell").first.get_attribute("data-entity")
    x, y = after[source]
    assert min(one[0] for one in after.values()) < x < max(one[0] for one in after.values())
    assert min(one[1] for one in after.values()) < y < max(one[1] for one in after.values())
    drag(page, named(page, "GDNF"), 30, 30)
    page.get_by_label("Layout").select_option("layered")
    drawn(page)
    expect(page.get_by_label("Layout")).to_have_value("layered")
    page.wait_for_function("!location.search.includes('put')")
    drawn(page)
    assert places(page) == before, "arranging anew puts back what was moved"
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_label("Layout")).to_have_value("radial")


def test_keys_reach_lines_which_say_what_they_mean_and_open(ontology, visit):
    page = visit(ontology).open(QUESTION)
    drawn(page)
    named(page, "GDNF").focus()
    page.keyboard.press("Shift+ArrowRight")
    line = page.locator("[data-edge]:focus")
    expect(line).to_have_attribute("aria-label", re.compile(r"^GDNF .*Remyelination: .*statement"))
    expect(line).to_have_role("link")
    page.keyboard.press("Shift+ArrowDown")
    other = page.locator("[data-edge]:focus")
    expect(other).not_to_have_attribute("aria-label", re.compile("^GDNF promotes Remyelination"))
    page.keyboard.press("Enter")
    expect(evidence(page)).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(page.locator("[data-entity]:focus")).to_have_count(1)
    stops = page.get_by_role("application").locator("[tabindex='0']")
    expect(stops).to_have_count(1)


def test_the_legend_leaves_the_ends_and_no_orphans(ontology, visit):
    page = visit(ontology).open(QUESTION)
    drawn(page)
    legend = page.get_by_role("list", name=re.compile("^Legend"))
    buttons = legend.get_by_role("button").all()
    assert len(buttons) > 3
    for button in buttons:
        button.click()
        expect(button).to_have_attribute("aria-pressed", "false")
        expect(named(page, "neural stem cell").first).to_be_visible()
        expect(named(page, "Remyelination").first).to_be_visible()
        joined, seen = page.evaluate(
            """() => {
              const keys = [...document.querySelectorAll("[data-edge]")].map((one) =>
                one.getAttribute("aria-label"));
              const names = [...document.querySelectorAll("[data-entity]:not(.focus)")].map((one) =>
                one.getAttribute("aria-label").split(",")[0]);
              return [keys.join("\\n"), names];
            }"""
        )
        assert [name for name in seen if name not in joined] == []
        button.click()


def touches(page, *points):
    """Touch, move along the points, let go, as one finger does."""
    session = page.context.new_cdp_session(page)
    first, *rest = [[{"x": x, "y": y}] for x, y in points]
    session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": first})
    for one in rest:
        session.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": one})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_one_finger_scrolls_the_page_and_moves_the_view_sideways(ontology, visit):
    page = visit(ontology, **PHONE).open(QUESTION)
    drawn(page)
    canvas = page.get_by_role("application")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    x, y = box["x"] + box["width"] / 2, min(box["y"] + box["height"], 700) - 40
    scrolled = page.evaluate("scrollY")
    way = 1 if scrolled > 150 else -1
    touches(page, *[(x, y - 100 + way * step) for step in range(0, 160, 16)])
    page.wait_for_function("(before) => Math.abs(scrollY - before) > 40", arg=scrolled)
    canvas.scroll_into_view_if_needed()
    before = canvas.locator("> g").get_attribute("transform")
    box = canvas.bounding_box()
    y = box["y"] + 30
    touches(page, *[(x - step, y) for step in range(0, 160, 16)])
    expect(canvas.locator("> g")).not_to_have_attribute("transform", before)


def test_a_wheel_scrolls_a_page_that_can_be_scrolled(ontology, visit):
    page = visit(ontology, viewport={"width": 700, "height": 500}).open(QUESTION)
    drawn(page)
    canvas = page.get_by_role("application")
    canvas.scroll_into_view_if_needed()
    before, scrolled = canvas.locator("> g").get_attribute("transform"), page.evaluate("scrollY")
    page.mouse.move(*centre(canvas.bounding_box()))
    way = -1 if scrolled > 150 else 1
    page.mouse.wheel(0, 120 * way)
    page.wait_for_function("(before) => scrollY !== before", arg=scrolled)
    assert canvas.locator("> g").get_attribute("transform") == before


def test_a_picture_is_made_for_a_column_and_copied(ontology, visit):
    page = visit(ontology, permissions=["clipboard-read", "clipboard-write"]).open(QUESTION)
    drawn(page)
    page.get_by_role("button", name="Take along").click()
    dialog = page.get_by_role("dialog", name="Take along")
    dialog.get_by_label("Made for").select_option("two-column")
    expect(dialog.get_by_role("checkbox", name="PNG for print (300 dpi)")).to_be_checked()
    expect(dialog.get_by_text(re.compile(r"Letters of about \d+\.\d points"))).to_be_visible()
    with page.expect_request("**/api/v1/subgraph") as sent:
        dialog.get_by_role("button", name="Copy as a picture").click()
    body = json.loads(sent.value.post_data)
    assert (body["size"], body["dpi"]) == ("two-column", 300)
    expect(dialog.get_by_text("The picture is on the clipboard")).to_be_visible()
    kinds = page.evaluate(
        "navigator.clipboard.read().then((all) => all.flatMap((one) => one.types))"
    )
    assert kinds == ["image/png"]


@pytest.mark.parametrize("name", ["BDNF", "Remyelination"])
def test_a_panel_leaves_the_figure_in_view(ontology, visit, name):
    page = visit(ontology, viewport={"width": 1280, "height": 800}).open(QUESTION)
    drawn(page)
    named(page, name).click()
    panel = page.get_by_role("dialog").bounding_box()
    for mark in page.locator("[data-entity] .box").all():
        box = mark.bounding_box()
        assert box["x"] + box["width"] <= panel["x"]
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("button", name="Zoom in").click()
    page.get_by_role("button", name="Zoom in").click()
    named(page, name).press("Enter")
    panel = page.get_by_role("dialog").bounding_box()
    page.wait_for_timeout(300)
    box = named(page, name).locator(".box").bounding_box()
    assert box["x"] + box["width"] / 2 <= panel["x"]
