"""Curation on the page: a token, a correction, its checks, review, undo and history."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from mechkg.kg.curation.store import fork
from mechkg.kg.curation.tokens import Tokens
from mechkg.ontology.curation import conclusions
from tests.web.asking import drawn, evidence, rows

QUESTION = "/?source=NSC&target=GDNF&max_hops=1"


@pytest.fixture(scope="module")
def curated(serve, data_directory: Path, tmp_path_factory) -> tuple[str, str]:
    """The address of a server on a copy of the bundled ontology, and a reviewer's token."""
    data = tmp_path_factory.mktemp("curated")
    (data / "ms-nsc").symlink_to(data_directory / "ms-nsc")
    fork(data, "ms-nsc", "ours", infer=conclusions)
    return serve(data, "ours"), Tokens(data).add("ada", "accept")


def dialog(page):
    return page.get_by_role("dialog")


def enter_token(page, token: str) -> None:
    page.get_by_role("button", name="Changes", exact=True).click()
    dialog(page).get_by_label("Token").fill(token)
    dialog(page).get_by_role("button", name="Use it").click()
    expect(dialog(page).get_by_role("button", name="Add a statement")).to_be_visible()
    page.keyboard.press("Escape")


def card(page, statement: str):
    link = page.get_by_role("link", name=statement, exact=True)
    return page.get_by_role("article").filter(has=link).first


def test_a_statement_is_corrected_reviewed_undone_and_its_history_read(curated, visit, tmp_path):
    url, token = curated
    visitor = visit(url)
    page = visitor.open(QUESTION)
    drawn(page)
    rows(page).first.click()
    evidence(page)  # opened, if it is not
    statement = card(page, "SC061")
    expect(statement).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("^Dispute"))).to_have_count(0)
    enter_token(page, token)

    statement.get_by_role("button", name="Correct SC061").click()
    form = dialog(page)
    expect(form).to_contain_text("neural stem cell secretes")  # names, not identifiers alone
    form.get_by_label("Effect").select_option("lowers")
    form.get_by_label("Publication").fill("PMID:34242705")
    form.get_by_label("Quote").fill("<b>less</b> GDNF")
    form.get_by_label("Reason").fill("seen in rats <script>window.harmed = 1</script>")
    assert visitor.violations() == []
    form.get_by_label("Publication").fill("34242705")  # of which registry?
    form.get_by_role("button", name="Propose").click()
    assert form.get_by_label("Publication").evaluate("field => field.validity.patternMismatch")
    form.get_by_label("Publication").fill("PMID:34242705")
    form.get_by_role("button", name="Propose").click()
    expect(form.get_by_role("heading", name="Changeset 1")).to_be_visible()
    expect(form).to_contain_text("contradicts XC0407")
    expect(form).to_contain_text("proposed")
    expect(form).to_contain_text('other glial cells"; “<b>less</b> GDNF”')
    expect(form.locator("ins", has_text="literature · PMID:34242705")).to_be_visible()
    expect(form.locator("ins", has_text="lowers")).to_be_visible()
    assert visitor.violations() == []
    page.screenshot(path=tmp_path / "review.png")

    form.get_by_role("button", name="Accept").click()
    expect(form.get_by_role("status")).to_contain_text("Changeset 1 is applied")
    page.keyboard.press("Escape")
    expect(card(page, "SC061")).to_contain_text("lowers")

    card(page, "SC061").get_by_role("button", name="History SC061").click()
    expect(dialog(page)).to_contain_text("seen in rats <script>")
    expect(dialog(page).get_by_role("status")).to_be_empty()  # what was applied before is not said
    assert visitor.violations() == []
    dialog(page).get_by_role("button", name="1", exact=True).click()
    dialog(page).get_by_label("Reason").fill("a slip")
    dialog(page).get_by_role("button", name="Undo").click()
    expect(dialog(page).get_by_role("status")).to_contain_text("Changeset 2 is applied")
    page.keyboard.press("Escape")
    expect(card(page, "SC061")).to_contain_text("raises")
    assert page.evaluate("window.harmed") is None


def test_errors_of_the_checks_are_listed_and_nothing_is_kept(curated, visit):
    url, token = curated
    visitor = visit(url, refused=(422,))
    page = visitor.open(QUESTION)
    drawn(page)
    enter_token(page, token)
    page.get_by_role("button", name="Changes", exact=True).click()
    form = dialog(page)
    form.get_by_role("button", name="Add a statement").click()
    for label, text in (
        ("Subject", "HGNC:4232"), ("Predicate", "secretes"), ("Object", "CL:0000047"),
        ("Publication", "PMID:1"), ("Reason", "the wrong way round"),
    ):  # fmt: skip
        form.get_by_role("textbox", name=label).fill(text)
    form.get_by_role("button", name="Apply").click()
    expect(form.get_by_role("alert")).to_contain_text("2 errors in the changeset")
    listed = form.get_by_role("region", name="Findings of the checks")
    expect(listed).to_contain_text("has a subject of a category that its predicate does not admit")
    assert visitor.violations() == []
    form.get_by_role("button", name="All changes").click()
    expect(form).not_to_contain_text("the wrong way round")


def test_drafts_are_for_those_who_hold_a_token_of_the_server(curated, visit):
    url, token = curated
    page = visit(url, refused=(401,)).open(QUESTION)
    drawn(page)
    page.get_by_role("button", name="Changes", exact=True).click()
    dialog(page).get_by_label("Token").fill("mechkg_guess")
    dialog(page).get_by_role("button", name="Use it").click()
    expect(dialog(page).get_by_role("alert")).to_contain_text("not one of this server's")
    dialog(page).get_by_role("button", name="Forget the token").click()
    expect(dialog(page).get_by_label("Token")).to_be_visible()
    page.keyboard.press("Escape")
    enter_token(page, token)
    page.reload()
    page.locator("html[data-ready]").wait_for()
    page.get_by_role("button", name="Changes", exact=True).click()
    expect(dialog(page).get_by_role("button", name="Forget the token")).to_be_visible()
    assert page.evaluate("localStorage.length") == 0
