"""Take along: every form of the figure under a name that says what it is; texts to paste."""

import re
import subprocess
import sys

import pytest
from playwright.sync_api import expect

from tests.web.asking import drawn

QUESTION = "/?source=NSC&target=neuron&max_hops=2"

FORMS = {
    "SVG": (".svg", b"<svg"),
    "PNG": (".png", b"\x89PNG"),
    "PDF": (".pdf", b"%PDF"),
    "Turtle": (".ttl", b"@prefix"),
    "KGX TSV": (".kgx.tsv.tar.gz", b"\x1f\x8b"),
    "CX2": (".cx2", b"["),
    "Table of statements": (".tsv", b""),
    "Mermaid": (".mmd", b"flowchart"),
}


@pytest.fixture
def taking(ontology, visit):
    page = visit(ontology, permissions=["clipboard-read", "clipboard-write"]).open(QUESTION)
    drawn(page)
    page.get_by_role("button", name="Take along").click()
    dialog = page.get_by_role("dialog", name="Take along")
    expect(dialog).to_be_visible()
    return page, dialog


def test_every_form_is_saved_under_a_name_that_says_what_it_is(taking):
    page, dialog = taking
    for label, (suffix, start) in FORMS.items():
        button = dialog.get_by_role("button", name=re.compile(f"^{label}"))
        expect(button.first).to_be_enabled()
        with page.expect_download() as got:
            button.first.click()
        name = got.value.suggested_filename
        assert re.fullmatch(
            r"neural-stem-cell--neuron_\d{4}-\d\d-\d\d_[0-9a-f]{8}" + re.escape(suffix), name
        ), name
        assert start in got.value.path().read_bytes()[:200]


def test_a_picture_is_saved_in_grey_without_a_background_and_for_print(taking):
    page, dialog = taking
    for words in ("Shades of grey", "Without a background", "PNG for print (300 dpi)"):
        dialog.get_by_role("checkbox", name=words).check()
    asked = {}
    for label in ("SVG", "PNG"):
        with page.expect_request("**/api/v1/subgraph") as sent, page.expect_download() as got:
            dialog.get_by_role("button", name=re.compile(f"^{label}")).first.click()
        assert got.value.path().stat().st_size > 0
        asked[label] = sent.value.post_data_json
    assert {one["palette"] for one in asked.values()} == {"grey"}
    assert {one["background"] for one in asked.values()} == {"none"}
    assert asked["PNG"]["dpi"] == 300
    assert "dpi" not in asked["SVG"]


def text_of(dialog, name):
    return dialog.get_by_role("textbox", name=re.compile(f"^{name}")).input_value()


def test_the_address_holds_the_view(taking, ontology, visit):
    page, dialog = taking
    dialog.get_by_role("button", name="Copy Address").click()
    expect(dialog.get_by_text("Copied", exact=True)).to_be_visible()
    address = page.evaluate("navigator.clipboard.readText()")
    assert address.startswith(ontology)
    other = visit(ontology).open(address.removeprefix(ontology))
    drawn(other)
    marks = "[data-entity]"
    expect(other.locator(marks)).to_have_count(page.locator(marks).count())


def test_curl_and_python_give_the_same_figure(taking, tmp_path):
    _, dialog = taking
    command = text_of(dialog, "curl")
    subprocess.run(["sh", "-c", command], cwd=tmp_path, check=True, capture_output=True)
    (first,) = tmp_path.glob("*.svg")
    by_curl = first.read_bytes()
    first.unlink()
    program = text_of(dialog, "Python")
    subprocess.run([sys.executable, "-c", program], cwd=tmp_path, check=True, capture_output=True)
    (second,) = tmp_path.glob("*.svg")
    assert by_curl.startswith(b"<svg")
    assert second.read_bytes() == by_curl


def test_the_frame_shows_the_figure_on_another_page(taking, ontology, visit, tmp_path):
    _, dialog = taking
    snippet = text_of(dialog, "Embed")
    assert snippet.startswith("<iframe")
    assert f"{ontology}/embed?" in snippet
    page = tmp_path / "page.html"
    page.write_text(f"<!doctype html><title>A page</title>{snippet}")
    visitor = visit(ontology)
    visitor.page.goto(page.as_uri())
    frame = visitor.page.frame_locator("iframe")
    frame.locator("[data-drawn]").wait_for()
    expect(frame.get_by_role("application")).to_be_visible()


def test_escape_shuts_and_e_opens(taking):
    page, dialog = taking
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    page.keyboard.press("e")
    expect(dialog).to_be_visible()
