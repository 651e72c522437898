"""Size: the Hetionet part, and a figure of 300 entities and 800 statements."""

import re

from playwright.sync_api import expect

from tests.web.asking import ask, drawn, entities, evidence, field, options, rows

WIDE = "/?source=W:0&target=W:299&max_hops=4&limit=1000&show=" + ",".join(map(str, range(1, 1000)))


def test_the_hetionet_part_is_asked_like_any_graph(hetionet, visit):
    visitor = visit(hetionet)
    page = visitor.open("/")
    field(page, "From").fill("acetylsal")
    expect(options(page, "From").first).to_contain_text("Acetylsalicylic acid")
    page.get_by_label("Direction").select_option("undirected")
    ask(page, "Acetylsalicylic acid", "multiple sclerosis")
    expect(page.get_by_text(re.compile(r"\d+ of (at least )?[\d,]+, cut by limit"))).to_be_visible()
    assert rows(page).count() == 50
    rows(page).nth(3).click()
    expect(evidence(page)).to_contain_text("statement")
    assert visitor.violations() == []


def test_a_hub_shows_counts_first(hetionet, visit):
    page = visit(hetionet).open("/?source=Acetylsalicylic+acid&target=multiple+sclerosis")
    drawn(page)
    entities(page).filter(has_text="multiple sclerosis").press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name=re.compile(r": [\d,]+ entit")).first).to_be_visible()
    expect(dialog.get_by_title(re.compile("^Adds the first 40 of")).first).to_be_visible()


def test_a_wide_figure_is_drawn_whole(wide, visit):
    page = visit(wide).open(WIDE)
    figure = drawn(page)
    assert entities(page).count() == 300
    assert page.locator("g[data-edge]").count() == 800
    # Of the figure: to compare the names of two thousand buttons of the list takes a browser long.
    figure.get_by_role("button", name="Fit the figure").click()
    box = page.get_by_role("application").bounding_box()
    page.mouse.move(box["x"] + 200, box["y"] + 200)
    page.mouse.down()
    page.mouse.move(box["x"] + 260, box["y"] + 240, steps=8)
    page.mouse.up()
    expect(page.get_by_role("application")).to_be_visible()
