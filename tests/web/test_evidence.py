"""Evidence: by source, asserted before inferred, with links and citations to copy."""

import json
import re

from playwright.sync_api import expect

from tests.web.asking import drawn, entities, evidence, rows

QUESTION = "/?source=NSC&target=Remyelination"


def test_a_path_shows_what_each_step_rests_on(ontology, visit):
    page = visit(ontology).open(QUESTION)
    drawn(page)
    expect(evidence(page)).to_contain_text("of the best path")
    rows(page).filter(has_text="GDNF").first.click()
    panel = evidence(page)
    expect(panel.get_by_role("article").first).to_contain_text("neural stem cell secretes GDNF")
    rows(page).nth(1).click()
    link = panel.get_by_role("link", name=re.compile(r"^PMID:\d+$")).first
    expect(link).to_have_attribute(
        "href", re.compile(r"^https://pubmed\.ncbi\.nlm\.nih\.gov/\d+/$")
    )
    expect(link).to_have_attribute("rel", re.compile("noopener"))
    headings = panel.get_by_role("heading", level=3).all_inner_texts()
    assert len(headings) == len(set(headings)) >= 1


def test_the_place_in_the_article_is_said(ontology, visit):
    page = visit(ontology).open("/?source=NSC&target=GDNF&max_hops=1")
    drawn(page)
    rows(page).first.click()
    place = evidence(page).get_by_title(re.compile(r"^paragraph \d+, sentence \d+$"))
    expect(place.first).to_have_text(re.compile(r"P\d+S\d+"))


def test_a_statement_says_its_model_modality_and_sign(ontology, visit):
    page = visit(ontology).open(f"{QUESTION}&path=1")
    drawn(page)
    direct = evidence(page).get_by_role("article").first
    for words in ("multiple sclerosis", "potential", "raises"):
        expect(direct).to_contain_text(words)
    rows(page).filter(has_text="CXCR4").first.click()
    expect(evidence(page)).to_contain_text("JHMV-induced demyelination")


def test_a_line_and_an_entity_open_their_own_statements(ontology, visit):
    page = visit(ontology).open(QUESTION)
    drawn(page)
    entities(page).filter(has_text="BDNF").press("Enter")
    expect(evidence(page)).to_contain_text("BDNF")
    expect(page).to_have_url(re.compile("statement="))
    page.keyboard.press("Escape")
    expect(evidence(page).get_by_role("article")).to_have_count(2)


def test_asserted_stands_before_inferred_which_opens_what_it_follows_from(ontology, visit):
    page = visit(ontology).open(f"{QUESTION}&evidence=any&path=1")
    drawn(page)
    panel = evidence(page)
    follows = panel.get_by_role("button", name=re.compile("^Follows from"))
    for row in rows(page).all():
        row.click()
        if follows.count():
            break
    kinds = [
        heading[: len("Asserted")]
        for heading in panel.get_by_role("heading", level=3).all_inner_texts()
        if heading.startswith(("Asserted", "Inferred"))
    ]
    assert kinds[-1] == "Inferred"
    assert kinds == sorted(kinds)
    before = panel.get_by_role("article").count()
    follows.first.click()
    expect(panel.get_by_role("article").nth(before)).to_be_visible()


def test_citations_are_copied(ontology, visit):
    visitor = visit(ontology, permissions=["clipboard-read", "clipboard-write"])
    page = visitor.open(f"{QUESTION}&path=2")
    drawn(page)
    panel = evidence(page)
    panel.get_by_role("button", name=re.compile("^Cite PMID")).first.click()
    expect(panel.get_by_text("Citation copied")).to_be_visible()
    text = page.evaluate("navigator.clipboard.readText()")
    assert re.search(r"\. PMID:\d+ https://pubmed", text)
    panel.get_by_role("button", name=re.compile("^BibTeX of PMID")).first.click()
    expect(panel.get_by_text("BibTeX copied")).to_be_visible()
    text = page.evaluate("navigator.clipboard.readText()")
    assert re.match(r"@misc\{PMID\d+,\n  title = \{\{.+\}\},", text)


def numbers_in(text):
    """The numbers of references in a text: `[1, 3–5]` names four."""
    found = set()
    for inner in re.findall(r"\[(\d[\d, –]*)\]", text):
        for part in inner.split(", "):
            first, _, last = part.partition("–")
            found.update(range(int(first), int(last or first) + 1))
    return found


def test_one_numbering_serves_list_caption_and_references_and_is_copied_whole(ontology, visit):
    visitor = visit(ontology, permissions=["clipboard-read", "clipboard-write"])
    page = visitor.open(QUESTION)
    drawn(page)
    references = evidence(page).get_by_role("region", name="References")
    count = references.get_by_role("listitem").count()
    cited = numbers_in(" ".join(page.locator("button[data-path] .numbers").all_text_contents()))
    assert cited == set(range(1, count + 1))
    page.get_by_text("Caption", exact=True).click()
    caption = page.locator(".caption .words p").text_content()
    assert numbers_in(caption) == cited
    assert "GDNF promotes Remyelination" in caption
    assert re.search(r"snapshot [0-9a-f]{12}\.$", caption)
    marked = page.locator(".evidence .cited").all_text_contents()
    assert numbers_in(" ".join(marked)) <= cited
    assert marked
    copies = {}
    for form in ("RIS", "CSL-JSON", "BibTeX"):
        references.get_by_role("button", name=form).click()
        expect(references.get_by_text(f"references copied as {form}")).to_be_visible()
        copies[form] = page.evaluate("navigator.clipboard.readText()")
    assert copies["RIS"].count("\nER  - ") == count
    items = json.loads(copies["CSL-JSON"])
    shown = references.get_by_role("listitem").all_text_contents()
    assert len(items) == count
    for item, text in zip(items, shown, strict=True):
        assert (item.get("title") or item["id"]).rstrip(".")[:40] in text
    assert copies["BibTeX"].count("@misc{") == count
