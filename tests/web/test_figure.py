"""Graph: merged, one path, table; lines that differ; neighbours, undo, legend, arrow keys."""

import re

import requests
from playwright.sync_api import expect

from tests.processes import PATIENCE
from tests.web.asking import ask, drawn, entities, rows, status

QUESTION = "/?source=NSC&target=Remyelination"


def view(page, name):
    page.get_by_role("radio", name=name).check(force=True)
    return drawn(page)


def test_the_figure_leads_from_left_to_right(ontology, visit):
    page = visit(ontology).open(QUESTION)
    drawn(page)
    at = {one.get_attribute("aria-label"): one.bounding_box()["x"] for one in entities(page).all()}
    source = next(x for name, x in at.items() if name.startswith("neural stem cell,"))
    target = next(x for name, x in at.items() if name.startswith("Remyelination,"))
    assert source == min(at.values())
    assert target > source
    assert page.get_by_role("application").locator("text").first.text_content()


def inside(page, name):
    """Whether the box of an entity stands wholly in the view."""
    view = page.get_by_role("application").bounding_box()
    box = page.get_by_role("application").get_by_role("button", name=name).bounding_box()
    return view["x"] <= box["x"] and box["x"] + box["width"] <= view["x"] + view["width"]


def test_a_figure_opens_with_both_ends_or_says_that_it_is_larger(ontology, visit):
    page = visit(ontology, viewport={"width": 1300, "height": 850}).open(QUESTION)
    drawn(page)
    target = re.compile("^Remyelination,")
    larger = page.get_by_role("button", name="Larger than the view: show all")
    assert inside(page, re.compile("^neural stem cell,"))
    assert inside(page, target)
    expect(larger).to_have_count(0)
    page = visit(ontology, viewport={"width": 360, "height": 740}).open(QUESTION)
    drawn(page)
    larger = page.get_by_role("button", name="Larger than the view: show all")
    assert not inside(page, target)
    scale = page.evaluate(
        "new DOMMatrix(getComputedStyle(document.querySelector('svg.canvas > g')).transform).a"
    )
    assert scale >= 0.7, "names can be read"
    larger.click()
    expect(larger).to_have_count(0)
    page.wait_for_timeout(400)
    assert inside(page, target)


def centred(page):
    """How far the middle of the drawing lies from the middle of the view, in pixels."""
    return page.evaluate(
        """() => {
          const [drawing, view] = ["svg.canvas > g", "svg.canvas"].map((one) => {
            const {x, y, width, height} = document.querySelector(one).getBoundingClientRect();
            return [x + width / 2, y + height / 2];
          });
          return Math.max(...drawing.map((place, i) => Math.abs(place - view[i])));
        }"""
    )


def test_a_figure_fits_a_view_of_another_size_until_the_reader_moves_it(ontology, visit):
    page = visit(ontology).open(QUESTION)
    drawn(page)
    target = re.compile("^Remyelination,")
    assert centred(page) < 12
    for width in (1200, 1900):
        page.set_viewport_size({"width": width, "height": 850})
        page.wait_for_function("(width) => innerWidth === width", arg=width)
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
        assert inside(page, target)
        assert centred(page) < 12
    page.get_by_role("button", name="Zoom in").click()
    where = "document.querySelector('svg.canvas > g').getAttribute('transform')"
    moved = page.evaluate(where)
    page.set_viewport_size({"width": 1300, "height": 850})
    page.wait_for_function("() => innerWidth === 1300")
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
    assert page.evaluate(where) == moved


# Whoever asks for the size of what was just written makes the browser lay the page out at once.
SIZES_ASKED = """
window.asked_ = 0;
for (const name of ["clientWidth", "clientHeight"]) {
  const own = Object.getOwnPropertyDescriptor(Element.prototype, name);
  Object.defineProperty(Element.prototype, name, {...own, get() {
    window.asked_ += this instanceof SVGElement;
    return own.get.call(this);
  }});
}
for (const name of ["width", "height"]) {
  const own = Object.getOwnPropertyDescriptor(SVGSVGElement.prototype, name);
  Object.defineProperty(SVGSVGElement.prototype, name, {...own, get() {
    window.asked_ += 1;
    return own.get.call(this);
  }});
}"""


def test_a_figure_opens_without_the_page_being_laid_out_twice(ontology, visit):
    visitor = visit(ontology)
    visitor.page.add_init_script(SIZES_ASKED)
    page = visitor.open("/")
    ask(page, "NSC", "Remyelination")
    assert page.evaluate("window.asked_") == 0
    assert inside(page, re.compile("^Remyelination,"))


def test_one_path_merged_paths_and_a_table(ontology, visit):
    page = visit(ontology).open(QUESTION)
    drawn(page)
    merged = entities(page).count()
    rows(page).nth(1).click()
    view(page, "One path")
    expect(page).to_have_url(re.compile("view=one"))
    expect(entities(page)).to_have_count(3)
    view(page, "All paths")
    expect(entities(page)).to_have_count(merged)
    page.get_by_role("radio", name="Table").check(force=True)
    table = page.get_by_role("region", name="Statements of the figure").get_by_role("table")
    expect(table.get_by_role("columnheader")).to_have_text(
        ["Subject", "Predicate", "Object", "Effect", "Modality", "Context", "Evidence"]
    )
    assert table.get_by_role("row").count() > 8


def test_a_table_on_a_phone_cuts_no_cell_off(ontology, visit):
    page = visit(ontology, viewport={"width": 360, "height": 740}).open(f"{QUESTION}&view=table")
    table = page.get_by_role("region", name="Statements of the figure").get_by_role("table")
    expect(table.get_by_role("columnheader")).to_have_count(7)
    expect(page.locator("body")).not_to_have_attribute("aria-busy", "true")
    page.evaluate("() => document.fonts.ready")
    row = table.get_by_role("row").filter(has_text="oligodendrocyte precursor cell").first
    expect(row.get_by_role("cell")).to_have_count(6)
    boxes = [cell.bounding_box() for cell in row.get_by_role("cell").all()]
    evidence = boxes.pop()
    for box in boxes:
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= evidence["x"]
    assert evidence["x"] + evidence["width"] <= 360
    assert page.evaluate("(row) => row.scrollWidth <= row.clientWidth", row.element_handle())


def test_a_selected_path_is_drawn_whole_though_it_is_not_among_the_best(ontology, visit):
    page = visit(ontology).open(QUESTION)
    drawn(page)
    node = entities(page).filter(has_text="NCAM1")
    expect(node).to_have_count(0)
    row = rows(page).filter(has_text="NCAM1").first
    row.click()
    expect(node).to_have_count(1)
    row.click()
    expect(node).to_have_count(0)


def test_figures_that_are_asked_for_in_haste_come_two_at_a_time(ontology, visit):
    page = visit(ontology).open(
        "/?source=NSC&target=multiple+sclerosis&max_hops=4&direction=undirected&limit=200"
    )
    drawn(page)
    asked, most, failed = [], [], []
    page.on("request", lambda one: asked.append(one) if one.url.endswith("subgraph") else None)
    page.on("request", lambda _: most.append(len(asked)))
    page.on("requestfinished", lambda one: asked.remove(one) if one in asked else None)
    page.on("requestfailed", lambda one: failed.append(one.url))
    for _ in range(40):
        page.keyboard.press("j")
    drawn(page)
    assert failed == []
    assert 0 < max(most) <= 2
    chosen = rows(page).and_(page.locator("[aria-pressed=true]"))
    expect(chosen).to_have_count(1)
    told = page.evaluate("new URL(location).searchParams.get('path')")
    assert told == "40"
    expect(page.get_by_role("alert")).to_have_count(0)


def test_the_selected_path_stands_out(ontology, visit):
    page = visit(ontology).open(QUESTION)
    drawn(page)
    beside = entities(page).filter(has_text="GDNF")
    on = page.locator('[data-entity="CL:0002453"]')  # the oligodendrocyte precursor cell
    before = [on.screenshot(), beside.screenshot()]
    rows(page).nth(1).click()
    expect(rows(page).nth(1)).to_have_attribute("aria-pressed", "true")
    after = [on.screenshot(), beside.screenshot()]
    assert after[0] != before[0]
    assert after[1] != before[1]


def test_what_is_pointed_at_is_marked_in_the_figure_and_in_the_list(ontology, visit):
    page = visit(ontology).open(QUESTION)
    drawn(page)
    paths = rows(page).filter(has_text="GDNF")
    paths.first.hover()
    on = page.locator(".entity.on")
    expect(on.filter(has_text="GDNF")).to_have_count(1)
    expect(on.filter(has_text="BDNF")).to_have_count(0)
    entities(page).filter(has_text="GDNF").hover()
    expect(page.locator(".row.touched")).to_have_count(paths.count())
    expect(page.locator(".row.touched").filter(has_text="GDNF")).to_have_count(paths.count())
    page.get_by_role("button", name="Take along").hover()
    expect(page.locator(".row.touched")).to_have_count(0)


def test_paper_holds_the_whole_figure_and_nothing_to_press(ontology, visit):
    page = visit(ontology).open(QUESTION)
    drawn(page)
    page.get_by_role("button", name="Zoom in").click()
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.set_viewport_size({"width": 750, "height": 1050})
    assert inside(page, re.compile("^neural stem cell,"))
    assert inside(page, re.compile("^Remyelination,"))
    expect(page.get_by_role("button", name="Take along")).to_be_hidden()
    expect(page.get_by_role("region", name="References")).to_be_visible()
    needed = page.evaluate("document.documentElement.scrollWidth")
    assert needed <= 750


def test_parallel_statements_are_one_line_with_a_count(hostile, visit):
    page = visit(hostile).open("/?source=X:source&target=X:target&max_hops=1")
    drawn(page)
    assert entities(page).count() == 2
    lines = page.locator("[data-edge]")
    assert 1 <= lines.count() < 20
    expect(page.get_by_role("application")).to_contain_text("×")


def test_effects_differ_without_colour(ontology, visit):
    page = visit(ontology).open("/?source=NSC&target=neuron&evidence=any")
    drawn(page)
    legend = page.get_by_role("list", name=re.compile("^Legend"))
    words = legend.inner_text()
    assert "raises" in words
    assert "inferred" in words
    dashes = page.locator("[data-edge]").evaluate_all(
        "(all) => all.map((one) => getComputedStyle(one.querySelector('.line')).strokeDasharray)"
    )
    assert len(set(dashes)) > 1


def test_the_legend_hides_what_it_names(ontology, visit):
    page = visit(ontology).open(QUESTION)
    drawn(page)
    before = entities(page).count()
    legend = page.get_by_role("list", name=re.compile("^Legend"))
    button = legend.get_by_role("button", name="gene or protein")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")
    assert entities(page).count() < before
    expect(page).to_have_url(re.compile("hide="))
    button.click()
    assert entities(page).count() == before


def test_neighbours_are_counted_then_fetched_and_undone(ontology, visit):
    page = visit(ontology).open("/?source=NSC&target=neuron&max_hops=2")
    drawn(page)
    before = entities(page).count()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    entities(page).first.press("Enter")
    dialog = page.get_by_role("dialog")
    group = dialog.get_by_role("button", name=re.compile(r"\d+ entit(y|ies)$")).first
    expect(group).to_be_visible()
    add = dialog.get_by_role("button", name=re.compile(r"^Add \d+ entit")).first
    add.click()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    drawn(page)
    expect(entities(page)).not_to_have_count(before)
    page.wait_for_timeout(300)
    drawn(page)
    grown = entities(page).count()
    page.reload()
    drawn(page)
    expect(entities(page)).to_have_count(grown)
    page.get_by_role("button", name="Undo").click()
    expect(entities(page)).to_have_count(before)


def test_what_was_added_round_an_entity_is_collapsed_again(ontology, visit):
    page = visit(ontology).open("/?source=NSC&target=neuron&max_hops=2")
    drawn(page)
    before = entities(page).count()
    first = entities(page).first.get_attribute("data-entity")
    mark = page.locator(f'[data-entity="{first}"]')
    mark.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Collapse")).to_have_count(0)
    dialog.get_by_role("button", name=re.compile(r"^Add \d+ entit")).last.click()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    drawn(page)
    expect(entities(page)).not_to_have_count(before)
    page.keyboard.press("Escape")
    mark.press("Enter")
    dialog.get_by_role("button", name="Collapse").click()
    expect(entities(page)).to_have_count(before)


def test_an_entity_is_removed_and_brought_back(ontology, visit):
    page = visit(ontology).open(QUESTION)
    drawn(page)
    before = entities(page).count()
    between = entities(page).filter(has_text="GDNF")
    between.press("Enter")
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(between).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(entities(page)).to_have_count(before)
    page.get_by_role("button", name="Redo").click()
    expect(between).to_have_count(0)
    expect(page.get_by_role("button", name="Redo")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(entities(page)).to_have_count(before)


def test_what_no_path_joins_any_more_goes_with_what_is_removed(ontology, visit):
    body = {"source": ["NSC"], "target": ["Remyelination"], "limit": 50}
    paths = requests.post(f"{ontology}/api/v1/paths", json=body, timeout=PATIENCE).json()["paths"]
    walks = [[entity["id"] for entity in path["entities"]] for path in paths]

    def left_without(removed):
        return {one for walk in walks if removed not in walk[1:-1] for one in walk}

    drawn_first = {one for walk in walks for one in walk}
    inner = sorted({one for walk in walks for one in walk[1:-1]})
    removed = min(inner, key=lambda one: len(left_without(one)))
    assert len(left_without(removed)) < len(drawn_first) - 1, "another entity goes with it"
    page = visit(ontology).open(QUESTION)
    drawn(page)
    page.get_by_role("button", name="Draw all").click()
    expect(entities(page)).to_have_count(len(drawn_first))
    page.locator(f'[data-entity="{removed}"]').press("Enter")
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(entities(page)).to_have_count(len(left_without(removed)))
    seen = {one.get_attribute("data-entity") for one in entities(page).all()}
    assert seen == left_without(removed)
    broken = sum(removed in walk[1:-1] for walk in walks)
    said = page.get_by_role("region", name="Paths").get_by_text("Not drawn: it leads through")
    expect(said).to_have_count(broken)
    expect(page.locator(".drawn")).to_contain_text(f"{len(walks) - broken} of {len(walks)} paths")


def test_an_entity_is_found_by_its_name_and_led_to(ontology, visit):
    page = visit(ontology).open(QUESTION)
    drawn(page)
    page.get_by_role("button", name="Zoom in").click()
    find = page.get_by_role("searchbox", name="Find in the figure")
    find.fill("cell")
    names = [one.get_attribute("aria-label").partition(",")[0] for one in entities(page).all()]
    total = sum("cell" in name for name in names)
    assert total > 1
    marked = page.get_by_role("application").locator(".entity.found")
    expect(marked).to_have_count(total)
    for place in range(1, total + 2):
        one = (place - 1) % total
        expect(status(page).first).to_contain_text(f"{one + 1} of {total}.")
        page.wait_for_timeout(300)
        view = page.get_by_role("application").bounding_box()
        box = marked.nth(one).bounding_box()
        assert abs(box["x"] + box["width"] / 2 - view["x"] - view["width"] / 2) < 12
        find.press("Enter")
    find.fill("nothing has this name")
    expect(marked).to_have_count(0)
    expect(status(page).first).to_contain_text("No entity of the figure has this name.")


def test_arrow_keys_walk_and_enter_opens(ontology, visit):
    page = visit(ontology).open(QUESTION)
    drawn(page)
    page.keyboard.press("g")
    first = page.locator("[data-entity]:focus").get_attribute("data-entity")
    page.keyboard.press("ArrowRight")
    second = page.locator("[data-entity]:focus").get_attribute("data-entity")
    assert second != first
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator("[data-entity]:focus")).to_have_count(1)


def test_it_is_zoomed_and_panned(ontology, visit):
    page = visit(ontology).open(QUESTION)
    drawn(page)
    place = entities(page).first.bounding_box
    before = place()
    page.get_by_role("button", name="Zoom in").click()
    assert place()["width"] > before["width"]
    page.get_by_role("button", name="Fit the figure").click()
    box = page.get_by_role("application").bounding_box()
    page.mouse.move(box["x"] + 5, box["y"] + 5)
    start = place()
    page.mouse.down()
    page.mouse.move(box["x"] + 65, box["y"] + 45)
    page.mouse.up()
    assert abs(place()["x"] - start["x"] - 60) < 3


def test_the_page_and_the_file_show_one_figure(ontology, visit):
    """The coordinates come from the server: what stands left of what is the same in both."""
    page = visit(ontology).open("/?source=NSC&target=neuron&max_hops=2")
    drawn(page)
    places = page.locator("[data-entity]").evaluate_all(
        """(all) => all.map((one) => {
          const {e, f} = new DOMMatrix(getComputedStyle(one).transform);
          return [one.dataset.entity, e, f];
        })"""
    )
    page.keyboard.press("e")
    with page.expect_download() as got:
        page.get_by_role("dialog").get_by_role("button", name=re.compile("^SVG")).click()
    text = got.value.path().read_text()
    marks = re.findall(r'data-id="([^"]+)".*?<tspan x="([\d.]+)"', text)
    filed = {one: float(x) for one, x in marks}
    assert filed.keys() == {one for one, _, _ in places}
    shifts = [filed[one] - x for one, x, _ in places]
    assert max(shifts) - min(shifts) < 1
