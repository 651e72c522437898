"""Ask: fields that complete, a question in words, filters, and errors that help."""

import re

import pytest
from playwright.sync_api import expect

from tests.web.asking import ask, drawn, entities, field, options, rows

QUESTION = "/?source=NSC&target=Remyelination"


def test_an_empty_page_offers_questions_to_begin_with(ontology, visit):
    page = visit(ontology).open("/")
    page.get_by_role("region", name="Start").get_by_role("listitem").get_by_role(
        "button"
    ).first.click()
    drawn(page)
    expect(rows(page).first).to_be_visible()
    assert "source=" in page.url


def test_names_synonyms_and_identifiers_are_completed(ontology, visit):
    page = visit(ontology).open("/")
    for typed, found in (
        ("neural stem", "neural stem cell"),
        ("NSC", "neural stem cell"),
        ("CL:0000047", "neural stem cell"),
    ):
        field(page, "From").fill(typed)
        option = options(page, "From").filter(has_text=found).first
        expect(option).to_be_visible()
        expect(option).to_contain_text("cell")
        expect(option).to_contain_text("CL:0000047")
    field(page, "From").fill("xqzzv")
    expect(page.get_by_text("No entity has a name like this.")).to_be_visible()


def test_a_question_is_asked_with_the_keyboard_alone(ontology, visit):
    page = visit(ontology).open("/")
    field(page, "From").press_sequentially("neural stem c")
    expect(options(page, "From").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(options(page, "From").first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(field(page, "To")).to_be_focused()
    field(page, "To").press_sequentially("remyelin")
    expect(options(page, "To").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    drawn(page)
    expect(page.get_by_text("How does neural stem cell lead to Remyelination")).to_be_visible()


def test_escape_closes_what_completes(ontology, visit):
    page = visit(ontology).open("/")
    field(page, "From").fill("neural")
    expect(options(page, "From").first).to_be_visible()
    field(page, "From").press("Escape")
    expect(options(page, "From")).to_have_count(0)
    expect(field(page, "From")).to_have_value("neural")


def test_ends_are_swapped(ontology, visit):
    page = visit(ontology).open("/")
    field(page, "From").fill("GDNF")
    field(page, "To").fill("NSC")
    page.get_by_role("button", name="Swap from and to").click()
    expect(field(page, "From")).to_have_value(re.compile("NSC|neural stem cell"))
    expect(field(page, "To")).to_have_value(re.compile("GDNF|glial cell"))


def test_the_title_names_the_question(ontology, visit):
    visitor = visit(ontology)
    page = visitor.open("/")
    assert page.title() == "MechKG"
    page = visitor.open(QUESTION)
    drawn(page)
    sentence = page.get_by_role("heading", level=1).inner_text()
    expect(page).to_have_title(f"{sentence} · MechKG")


def test_an_answer_to_another_question_is_marked(ontology, visit):
    page = visit(ontology).open(QUESTION)
    drawn(page)
    mark = page.get_by_text("Below is the answer to another question")
    expect(mark).to_have_count(0)
    before = page.get_by_role("region", name="Figure").bounding_box()
    field(page, "To").fill("neuron")
    expect(mark).to_be_visible()
    box, figure = mark.bounding_box(), page.get_by_role("region", name="Figure").bounding_box()
    assert box["y"] + box["height"] <= figure["y"]
    assert figure["width"] == before["width"]
    field(page, "To").press("Enter")
    drawn(page)
    expect(mark).to_have_count(0)


def test_steps_and_direction_change_the_question(ontology, visit):
    page = visit(ontology).open(QUESTION)
    drawn(page)
    page.get_by_label("Steps").select_option("2")
    expect(page.get_by_text("in at most 2 steps")).to_be_visible()
    page.get_by_label("Direction").select_option("undirected")
    expect(page.get_by_text(re.compile("What connects .* either way"))).to_be_visible()
    drawn(page)
    expect(page).to_have_url(re.compile(r"max_hops=2.*direction=undirected"))
    for row in rows(page).all():
        assert re.search(r"[12] steps?\b", row.text_content())


def test_an_ambiguous_name_is_offered_not_guessed(ontology, visit):
    page = visit(ontology, refused=(422,)).open("/")
    field(page, "From").fill("interferon")
    field(page, "To").fill("neuron")
    field(page, "To").press("Enter")
    expect(page.get_by_text("fits several")).to_be_visible()
    assert rows(page).count() == 0
    offered = page.get_by_role("listitem").get_by_role("button", name=re.compile(r"\w+:\d+"))
    for one in offered.all():
        expect(one).to_contain_text(re.compile(r"(drug|gene) · \w+:\w+$"))
    offered.first.click()
    expect(page.get_by_text("fits several")).to_have_count(0)
    expect(page).to_have_url(re.compile("source="))


def test_the_page_says_what_it_took_a_name_for(ontology, hetionet, visit):
    page = visit(ontology).open(QUESTION)
    drawn(page)
    taken = page.locator(".taken")
    expect(taken).to_contain_text("neural stem cell cell · CL:0000047")
    expect(taken).to_contain_text("Remyelination biological process · MESH:")
    page = visit(hetionet).open("/?source=Warfarin&target=HYPERTENSION&direction=undirected")
    drawn(page)
    expect(page.locator(".taken")).to_contain_text("hypertension disease · DOID:10763")


def test_one_end_alone_leads_to_what_has_paths_to_it(ontology, visit):
    page = visit(ontology).open("/")
    field(page, "To").fill("Remyelination")
    page.get_by_role("button", name="Find paths").click()
    start = page.get_by_role("region", name="What leads to Remyelination?")
    start.get_by_role("button", name="any drug").click()
    ends = page.get_by_role("region", name="Ends")
    expect(ends.get_by_role("listitem").first).to_be_visible()
    expect(page).to_have_url(re.compile("source=biolink%3ADrug|source=biolink:Drug"))
    page.goto(f"{ontology}/about/CL:0000047")
    page.get_by_role("link", name="What does neural stem cell lead to?").click()
    start = page.get_by_role("region", name="What does neural stem cell lead to?")
    start.get_by_role("button", name="anything").press("Enter")
    expect(ends.get_by_role("listitem").first).to_be_visible()


def test_an_unknown_name_is_said_with_near_ones(ontology, visit):
    page = visit(ontology, refused=(422,)).open("/?source=neural+stem+cel&target=neuron")
    expect(page.get_by_text("No entity is called “neural stem cel”.")).to_be_visible()
    expect(field(page, "From")).to_have_attribute("aria-invalid", "true")
    page.get_by_role("button", name=re.compile("^neural stem cell")).first.click()
    drawn(page)


@pytest.mark.parametrize(
    ("facet", "changes"),
    [
        ("Predicate", "predicate="),
        ("Category between the ends", "category="),
        ("Source", "evidence="),
        ("Kind of evidence", "evidence="),
        ("Modality", "modality="),
        ("Context", "context="),
    ],
)
def test_a_search_by_a_filter_admits_only_what_is_ticked(ontology, visit, facet, changes):
    page = visit(ontology).open(QUESTION)
    drawn(page)
    page.get_by_text("Filters", exact=True).click()
    page.get_by_label("Search again: every step of it").check()
    group = page.get_by_role("group", name=facet, exact=True)
    first = group.get_by_role("checkbox").first
    first.check()
    expect(page).to_have_url(re.compile(changes))
    lift = page.get_by_role("button", name=re.compile("^Lift: only"))
    expect(lift).to_be_visible()
    page.locator("section[aria-label=Paths][aria-busy=false]").wait_for()
    lift.click()
    drawn(page)
    assert changes not in page.url


def test_routes_that_support_each_step_are_asked_for(ontology, visit):
    page = visit(ontology).open(f"{QUESTION}")
    drawn(page)
    page.get_by_text("Filters", exact=True).click()
    page.get_by_text("Search again: every step of it").click()
    with page.expect_response(re.compile("/api/v1/paths")) as asked:
        page.get_by_label("Independent routes that support each step").select_option("5")
    assert asked.value.request.post_data_json["min_routes"] == 5
    assert "min_routes=5" in page.url
    expect(page.get_by_text("each step supported by at least 5 independent routes")).to_be_visible()
    page.get_by_role("button", name="Lift: only steps with at least 5 routes").click()
    expect(page.get_by_role("button", name="Lift: only steps")).to_have_count(0)


@pytest.mark.parametrize("mode", ["Show paths with it", "Hide paths with it"])
def test_a_facet_counts_the_paths_that_are_left_once_it_is_ticked(ontology, visit, mode):
    page = visit(ontology).open("/?source=NSC&target=neuron&max_hops=2")
    drawn(page)
    total = rows(page).count()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_text("Filters", exact=True).click()
    page.get_by_label(mode).check()
    for group in page.locator(".facets fieldset:has(.tick)").all():
        for label in group.locator("label").all():
            said = int(re.search(r"(\d+)\s*$", label.inner_text())[1])
            assert 0 <= said <= total
            label.get_by_role("checkbox").check()
            expect(rows(page)).to_have_count(said)
            label.get_by_role("checkbox").uncheck()
            expect(rows(page)).to_have_count(total)
    assert not [url for url in asked if "/paths" in url]


def test_facets_narrow_together_and_an_address_keeps_them(ontology, visit):
    page = visit(ontology).open(
        "/?source=NSC&target=neuron&max_hops=2"
        "&with=predicate:secretes&without=effect:lowers&with=no-such:facet&find=protect"
    )
    page.locator("section[aria-label=Paths][aria-busy=false]").wait_for()
    sentences = rows(page).all_inner_texts()
    assert sentences
    assert all("protect" in text.lower() for text in sentences)
    expect(page.locator(".paths .extent")).to_contain_text("hidden by filters")
    page.get_by_role("button", name="Lift: with secretes").click()
    page.get_by_role("button", name=re.compile("^Lift: without")).click()
    expect(page).to_have_url(re.compile("find=protect"))
    assert "with" not in page.url


def test_hubs_are_hidden_without_a_request_and_said_to_be(ontology, visit):
    page = visit(ontology).open("/?source=NSC&target=multiple+sclerosis")
    drawn(page)
    before = rows(page).count()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_text("Filters", exact=True).click()
    page.get_by_label("Hide paths through entities of many relations").select_option("15")
    expect(page.get_by_text("hidden as through hubs")).to_be_visible()
    assert rows(page).count() < before
    assert not [url for url in asked if "/paths" in url]


def test_hubs_are_looked_for_in_what_is_loaded_and_more_can_be(ontology, visit):
    page = visit(ontology).open(
        "/?source=NSC&target=multiple+sclerosis&max_hops=4&direction=undirected&hubs=15"
    )
    drawn(page)
    page.get_by_text(re.compile("^Filters")).click()
    hubs = page.get_by_role("group", name="Hubs", exact=True)
    expect(hubs).to_contain_text("of 50 loaded paths hidden")
    expect(hubs).to_contain_text("Paths that are not loaded are not looked at.")
    hubs.get_by_role("button", name="Load more").click()
    expect(hubs).to_contain_text("of 100 loaded paths hidden")


def test_open_filters_leave_the_answer_its_room(ontology, visit):
    page = visit(ontology).open(QUESTION)
    drawn(page)
    page.get_by_text("Filters", exact=True).click()
    expect(page.get_by_role("group", name="Hubs", exact=True)).to_be_visible()
    answer = page.locator(".columns").bounding_box()
    legend = page.get_by_role("list", name=re.compile("^Legend")).bounding_box()
    foot = page.get_by_role("contentinfo").bounding_box()
    assert legend["y"] + legend["height"] <= answer["y"] + answer["height"]
    assert answer["y"] + answer["height"] <= foot["y"] + 1
    assert page.locator("svg.canvas").bounding_box()["height"] > 280


def test_an_entity_of_the_figure_becomes_via_or_avoid(ontology, visit):
    page = visit(ontology).open(QUESTION)
    drawn(page)
    names = [one.get_attribute("aria-label") for one in entities(page).all()]
    between = next(n for n in names if "neural stem cell" not in n and "Remyelination" not in n)
    mark = page.get_by_role("application").get_by_role("button", name=between, exact=True)
    mark.press("Enter")
    page.get_by_role("dialog").get_by_role("button", name="Avoid").click()
    expect(page).to_have_url(re.compile("avoid="))
    expect(page.get_by_role("button", name=re.compile("^Lift: avoiding"))).to_be_visible()
    drawn(page)
    expect(mark).to_have_count(0)
    page.get_by_role("button", name=re.compile("^Lift: avoiding")).click()
    expect(mark).to_be_visible()
    mark.press("Enter")
    page.get_by_role("dialog").get_by_role("button", name="Via").click()
    expect(page).to_have_url(re.compile("via="))
    drawn(page)
    name = between.split(",")[0]
    for row in rows(page).all():
        assert name in row.text_content()


def test_no_paths_is_explained_and_mended(ontology, visit):
    page = visit(ontology).open("/?source=neuron&target=NSC&max_hops=1")
    why = page.get_by_role("region", name="Why not")
    expect(why).to_contain_text("No paths")
    why.get_by_role("button", name=re.compile(r"^Show (at least )?[\d,]+ paths?$")).first.click()
    drawn(page)
    assert rows(page).count() > 0


def test_a_service_that_is_gone_is_said_with_a_retry(ontology, visit):
    visitor = visit(ontology)
    page = visitor.open("/")
    page.context.set_offline(True)
    field(page, "From").fill("NSC")
    field(page, "To").fill("Remyelination")
    field(page, "To").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("does not answer")
    page.context.set_offline(False)
    visitor.errors = [e for e in visitor.errors if "ERR_INTERNET_DISCONNECTED" not in e]
    page.get_by_role("button", name="Try again").click()
    drawn(page)


def test_the_page_is_asked_from_its_address_and_back_works(ontology, visit):
    page = visit(ontology).open("/")
    ask(page, "NSC", "neuron")
    ask(page, "MSC", "Remyelination")
    assert "target=" in page.url
    page.go_back()
    expect(field(page, "To")).to_have_value("neuron")
    drawn(page)
    page.go_forward()
    expect(field(page, "To")).to_have_value(re.compile("Remyelination", re.IGNORECASE))
    drawn(page)
    first = rows(page).first.inner_text()
    page.reload()
    drawn(page)
    assert rows(page).first.inner_text() == first


def test_contexts_are_left_out_and_held_together(ontology, visit):
    page = visit(ontology).open("/?source=NSC&target=Remyelination")
    drawn(page)
    total = rows(page).count()
    page.get_by_text("Filters", exact=True).click()
    page.get_by_label("Search again: every step of it").check()
    group = page.get_by_role("group", name="Context", exact=True)
    group.get_by_label("all steps in one context").focus()
    page.keyboard.press("Space")
    expect(page).to_have_url(re.compile("context=consistent"))
    page.locator("section[aria-label=Paths][aria-busy=false]").wait_for()
    assert 0 < rows(page).count() < total
    group.get_by_role("button", name="Leave out species: mouse").press("Enter")
    expect(page).to_have_url(re.compile("species%21%3Dmouse|species!%3Dmouse|species!=mouse"))
    expect(
        page.get_by_role("button", name=re.compile("^Lift: .*species: not mouse"))
    ).to_be_visible()
