"""Paths: ranked sentences, the verdict, weights, groups, pins, more, streaming and stop."""

import re

import requests
from playwright.sync_api import expect

from tests.processes import PATIENCE
from tests.web.asking import drawn, entities, rows

QUESTION = "/?source=NSC&target=Remyelination"
MANY = "/?source=NSC&target=multiple+sclerosis&max_hops=4&direction=undirected"


def sentences(page) -> list[str]:
    return page.locator("button[data-path] > bdi").all_text_contents()


def test_the_verdict_stands_over_sentences_in_the_order_of_the_service(ontology, visit):
    page = visit(ontology).open(QUESTION)
    drawn(page)
    asked = {"source": "NSC", "target": "Remyelination", "limit": 50}
    answer = requests.get(f"{ontology}/api/v1/paths", params=asked, timeout=PATIENCE).json()
    assert sentences(page) == [path["explanation"] for path in answer["paths"]]
    verdict = page.get_by_role("region", name="Net effect")
    claim, sentence = answer["net_effect"]["claim"], answer["net_effect"]["sentence"]
    expect(verdict).to_contain_text(claim)
    grounds = sentence.removeprefix(claim).lstrip(":. ")
    expect(verdict).to_contain_text(grounds, ignore_case=True)
    expect(page.get_by_text(f"All {answer['total']} paths")).to_be_visible()


def test_what_is_left_out_is_said_and_comes_on_demand(ontology, visit):
    page = visit(ontology).open(MANY)
    drawn(page)
    answer = requests.get(f"{ontology}/api/v1/paths{MANY[1:]}&limit=1", timeout=PATIENCE).json()
    total = answer["total"]
    expect(page.get_by_text(f"50 of {total:,}, cut by limit")).to_be_visible()
    page.get_by_role("button", name="Show 50 more").click()
    expect(rows(page)).to_have_count(100)
    expect(page.get_by_text(f"100 of {total:,}, cut by limit")).to_be_visible()
    assert len(set(sentences(page))) > 50


def test_scores_fall_apart_into_parts_that_sum_up(ontology, visit):
    page = visit(ontology).open(QUESTION)
    drawn(page)
    rows(page).nth(1).click()
    expect(rows(page).nth(1)).to_have_attribute("aria-pressed", "true")
    page.get_by_text("Score parts").click()
    table = page.get_by_role("table").filter(has_text="Product")
    products = [row.get_by_role("cell").last for row in table.get_by_role("row").all()[1:]]
    *parts, total = (float(cell.inner_text().replace("−", "-")) for cell in products)
    assert abs(sum(parts) - total) < 0.03
    assert f"{total:.2f}" in rows(page).nth(1).inner_text().replace("−", "-")


def test_what_a_path_assumes_is_said_where_it_is_opened(ontology, visit):
    page = visit(ontology).open(MANY.replace("&direction=undirected", ""))
    drawn(page)
    asked = {"source": "NSC", "target": "multiple sclerosis", "max_hops": 4, "limit": 50}
    answer = requests.get(f"{ontology}/api/v1/paths", params=asked, timeout=PATIENCE).json()
    paths = answer["paths"]
    some = [bool(path["assumptions"]) for path in paths]
    for index in (some.index(True), some.index(False)):
        rows(page).nth(index).click()
        told = page.locator(".assumptions li")
        expect(told).to_have_count(len(paths[index]["assumptions"]))
        for place, one in enumerate(paths[index]["assumptions"]):
            expect(told.nth(place)).to_contain_text(one["reason"])
            expect(told.nth(place)).to_contain_text(
                paths[index]["entities"][one["position"]]["name"]
            )
            expect(told.nth(place)).to_contain_text(f"{one['weight']:.2f}")


def test_weights_put_the_paths_in_another_order_without_a_request(ontology, visit):
    page = visit(ontology).open(MANY)
    drawn(page)
    before = sentences(page)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_text("Ranking", exact=True).click()
    slider = page.get_by_role("slider").first
    slider.focus()
    slider.press("Home")
    expect(page).to_have_url(re.compile("weights="))
    after = sentences(page)
    assert sorted(after) == sorted(before)
    assert after != before
    assert not [url for url in asked if "/api/v1/paths" in url]
    page.get_by_role("button", name="Reset").click()
    assert sentences(page) == before


def test_paths_are_grouped_by_mediator_and_by_metapath(ontology, visit):
    page = visit(ontology).open(QUESTION)
    drawn(page)
    count = rows(page).count()
    for grouping, name in (("mediator", "Through GDNF"), ("metapath", "cell — ")):
        page.get_by_label("Group by").select_option(grouping)
        expect(page.get_by_text(re.compile(f"^{name}")).first).to_be_visible()
        assert rows(page).count() == count
    page.get_by_label("Group by").select_option("none")
    expect(page.get_by_role("list", name="Paths, best first")).to_be_visible()


def test_a_checkbox_shows_a_path_and_a_pin_keeps_it_on_top(ontology, visit):
    page = visit(ontology).open(QUESTION)
    drawn(page)
    boxes = page.get_by_role("checkbox", name=re.compile("^Show in the figure"))
    for box in boxes.all():
        box.uncheck()
    boxes.last.check()
    ends = rows(page).last.text_content()
    expect(entities(page)).to_have_count(int(re.search(r"(\d+) step", ends)[1]) + 1)
    last = sentences(page)[-1]
    page.get_by_role("button", name=re.compile("^Pin on top: path ")).last.click()
    assert sentences(page)[0] == last
    expect(page).to_have_url(re.compile("pin="))
    page.reload()
    drawn(page)
    assert sentences(page)[0] == last


def test_paths_come_as_they_are_proven_and_the_search_can_be_stopped(ontology, visit):
    page = visit(ontology).open(MANY)
    drawn(page)
    slow = {"offline": False, "latency": 0, "downloadThroughput": 3000, "uploadThroughput": -1}
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", slow)
    page.get_by_role("button", name="Find paths").click()
    expect(page.get_by_text("so far…")).to_be_visible()
    expect(rows(page).first).to_be_visible()
    page.get_by_role("button", name="Stop").first.click()
    expect(page.get_by_role("button", name="Find paths")).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="Stopped after")).to_have_count(1)
    expect(page.get_by_text("stopped before all were found")).to_be_visible()
    assert 0 < rows(page).count() < 50
    session.send("Network.emulateNetworkConditions", slow | {"downloadThroughput": -1})
    page.get_by_role("button", name="Find all again").click()
    expect(rows(page)).to_have_count(50)


# A row that is drawn again compares its box with what it should be: whoever reads, was drawn.
REDRAWN = """
() => {
  const own = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "checked");
  window.redrawn_ = new Set();
  Object.defineProperty(HTMLInputElement.prototype, "checked", {...own, get() {
    const path = this.closest(".row")?.querySelector("[data-path]");
    if (path) window.redrawn_.add(Number(path.dataset.path));
    return own.get.call(this);
  }});
}"""


# How many rows stand in the list when the figure first stands beside it.
AT_FIRST = """
new MutationObserver((_, watch) => {
  if (document.querySelector("[data-drawn][aria-busy=false]")) {
    watch.disconnect();
    window.first_ = document.querySelectorAll("button[data-path]").length;
  }
}).observe(document, {subtree: true, childList: true, attributes: true})"""


def test_the_figure_is_drawn_before_what_lies_below_the_first_screen(ontology, visit):
    visitor = visit(ontology)
    visitor.page.add_init_script(AT_FIRST)
    page = visitor.open(MANY)
    drawn(page)
    assert 0 < page.evaluate("window.first_") <= 12
    assert rows(page).count() == 50


def test_rows_out_of_sight_are_not_laid_out_until_they_are_reached(ontology, visit):
    page = visit(ontology).open(f"{MANY}&limit=200")
    drawn(page)
    laid_out = (
        "(all) => all.filter((one) => one.checkVisibility({contentVisibilityAuto: true})).length"
    )
    assert 0 < rows(page).evaluate_all(laid_out) < 100
    page.keyboard.press("k")
    expect(rows(page).last).to_be_focused()
    expect(rows(page).last).to_be_in_viewport()
    assert rows(page).last.evaluate_all(laid_out) == 1


def test_a_pin_moves_a_row_and_draws_no_other_again(ontology, visit):
    page = visit(ontology).open(f"{MANY}&limit=200")
    drawn(page)
    for _ in range(3):
        page.keyboard.press("j")
    expect(rows(page).nth(2)).to_have_attribute("aria-pressed", "true")
    page.evaluate(REDRAWN)
    page.keyboard.press("p")
    expect(rows(page).first).to_have_attribute("aria-pressed", "true")
    assert page.evaluate("window.redrawn_.size") < 12


def test_a_step_redraws_the_row_that_is_left_and_the_one_that_is_reached(ontology, visit):
    page = visit(ontology).open(f"{MANY}&limit=200")
    drawn(page)
    assert rows(page).count() == 200
    page.keyboard.press("j")
    expect(rows(page).first).to_have_attribute("aria-pressed", "true")
    page.evaluate(REDRAWN)
    page.keyboard.press("j")
    expect(rows(page).nth(1)).to_have_attribute("aria-pressed", "true")
    assert page.evaluate("[...window.redrawn_].sort()") == [0, 1]


def test_paths_are_sorted_by_steps_and_by_publications_without_a_request(ontology, visit):
    page = visit(ontology).open(MANY)
    drawn(page)
    best = sentences(page)
    ends = {**dict(part.split("=") for part in MANY[2:].split("&")), "limit": 50}
    ends["target"] = "multiple sclerosis"
    answer = requests.get(f"{ontology}/api/v1/paths", params=ends, timeout=PATIENCE).json()
    paths = {path["explanation"]: path for path in answer["paths"]}
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_label("Sort by").select_option("length")
    lengths = [paths[sentence]["length"] for sentence in sentences(page)]
    assert lengths == sorted(lengths)
    page.get_by_label("Sort by").select_option("publications")
    counts = [len(publications(paths[sentence])) for sentence in sentences(page)]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] > 0
    assert "sort=evidence" in page.url
    page.get_by_label("Sort by").select_option("score")
    assert sentences(page) == best
    assert not [url for url in asked if "/paths" in url]


def publications(path) -> set[str]:
    statements = [statement for hop in path["hops"] for statement in hop["statements"]]
    evidence = [one for statement in statements for one in statement["evidence"]]
    return {publication for one in evidence for publication in one["publications"]}


def test_the_figure_draws_all_paths_or_none_at_one_press(ontology, visit):
    page = visit(ontology).open(QUESTION)
    drawn(page)
    total = rows(page).count()
    extent = page.locator(".drawn")
    expect(extent).to_contain_text(f"The figure draws 8 of {total} paths.")
    page.get_by_role("button", name="Draw all").click()
    expect(extent).to_contain_text(f"The figure draws all {total} paths.")
    expect(
        page.get_by_role("region", name="Paths").get_by_role("checkbox", checked=True)
    ).to_have_count(total)
    page.get_by_role("button", name="Draw none").click()
    expect(extent).to_contain_text(f"The figure draws 0 of {total} paths.")
