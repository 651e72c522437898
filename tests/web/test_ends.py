"""One end open: the entities of a category, ranked; a press opens the paths of one."""

import re

import requests
from playwright.sync_api import expect

from tests.processes import PATIENCE
from tests.web.asking import drawn, field, options

ASKED = {"source": ["biolink:Drug"], "target": ["neuroinflammation"], "limit": 20}


def test_the_ends_of_a_category_are_ranked_and_opened(ontology, visit):
    told = requests.post(
        f"{ontology}/api/v1/open-ends", json=ASKED | {"effect": "lowers"}, timeout=PATIENCE
    ).json()
    page = visit(ontology).open("/")
    field(page, "To").fill("neuroinflammation")
    field(page, "From").fill("drug")
    options(page, "From").filter(has_text="any drug").click()
    ends = page.get_by_role("region", name="Ends")
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("^Which drug leads to"))
    expect(page).to_have_url(re.compile("open=source"))
    ends.get_by_label("Verdict").select_option("lowers")
    expect(ends).to_contain_text(told["sentence"])
    expect(ends.get_by_role("listitem")).to_have_count(len(told["ends"]))
    for row, end in zip(ends.get_by_role("listitem").all(), told["ends"], strict=True):
        expect(row).to_contain_text(end["entity"]["name"])
        expect(row).to_contain_text((end["supporting"] or end["path"])["explanation"])
    first = told["ends"][0]["entity"]
    ends.get_by_role("button", name=first["name"]).first.click()
    drawn(page)
    expect(page).to_have_url(re.compile(f"source={re.escape(first['id']).replace(':', '(:|%3A)')}"))
    page.go_back()
    expect(ends).to_contain_text(told["sentence"])
    page.reload()
    expect(ends).to_contain_text(told["sentence"])
