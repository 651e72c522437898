"""Nothing that a user can set, ask or meet is left out of the documentation."""

import json
import re
import urllib.request
from pathlib import Path
from urllib.error import HTTPError

import click
import pytest

import mechkg
from mechkg.api.cli import COMMANDS
from mechkg.api.http.app import ROUTES, SERVICE_ROUTES
from mechkg.api.http.problems import BASE, PROBLEMS
from mechkg.api.http.settings import SETTINGS
from mechkg.kg import writers
from mechkg.kg.model.queries import (
    CompareQuery,
    NeighbourhoodQuery,
    OpenEndsQuery,
    PathConstraints,
    PathQuery,
    SearchQuery,
    SignificanceQuery,
    SubgraphQuery,
)
from mechkg.kg.model.score_words import PART_WORDS
from mechkg.kg.ranking import SCORERS
from mechkg.ontology.rdf import formats as rdf_formats
from tests.docs.grammar import aspect_rows, step_rows
from tests.docs.parameters import cli_rows, http_rows

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.rglob("*.md"), ROOT / "README.md", ROOT / "CHANGELOG.md"])
HTTP = (DOCS / "reference" / "http.md").read_text()
CLI = (DOCS / "reference" / "cli.md").read_text()


def section(text: str, title: str) -> str:
    found = re.search(rf"(?ms)^(#+) {re.escape(title)}$(.*?)(?=^#{{1,3}} |\Z)", text)
    assert found, f"no section {title!r}"
    return found[2]


def test_every_page_is_in_the_navigation_of_the_site() -> None:
    listed = (ROOT / "mkdocs.yml").read_text().partition("\nnav:")[2].partition("not_in_nav")[0]
    named = set(re.findall(r"[\w/.-]+\.md", listed))
    there = {str(page.relative_to(DOCS)) for page in DOCS.rglob("*.md")}
    assert named == {page for page in there if not page.startswith(("decisions/0", "examples/"))}


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda s: s.name)
def test_setting_is_documented_as_it_is(setting) -> None:
    page = (DOCS / "reference" / "settings.md").read_text()
    default = f"`{setting.default}`" if setting.default else ""
    option = f"--{setting.name.replace('_', '-')}"
    row = f"| `{option}` | `{setting.env}` | {default} | {setting.meaning} |"
    assert row in page


@pytest.mark.parametrize("route", ROUTES, ids=lambda r: r.name)
def test_route_and_its_parameters_are_documented(route) -> None:
    text = section(HTTP, f"{', '.join(route.methods)} {route.path}")
    fields = set(route.query.__struct_fields__)
    missing = {f for f in fields if f"`{f}`" not in text and f"{{{f}}}" not in route.path}
    assert missing == set()


@pytest.mark.parametrize("scorer", SCORERS)
def test_scorer_is_documented(scorer: str) -> None:
    rows = section((DOCS / "ranking.md").read_text(), "Scorers")
    assert f"| `{scorer}` | " in rows


def test_every_part_of_a_score_is_said_in_words() -> None:
    parts = {part.name for one in SCORERS.values() for part in (*one.parts, *one.optional)}
    assert parts - PART_WORDS.keys() == set()


HTTP_TABLES = {
    "GET /api/v1/search": http_rows(SearchQuery),
    "GET /api/v1/entities/{entity}/neighbourhood": http_rows(NeighbourhoodQuery, "entity"),
    "GET, POST /api/v1/paths": http_rows(PathQuery),
    "GET, POST /api/v1/open-ends": http_rows(OpenEndsQuery, *PathConstraints.__struct_fields__),
    "GET, POST /api/v1/compare": http_rows(CompareQuery, *PathConstraints.__struct_fields__),
    "GET, POST /api/v1/significance": http_rows(
        SignificanceQuery, *PathConstraints.__struct_fields__
    ),
    "POST /api/v1/subgraph": http_rows(SubgraphQuery),
}


@pytest.mark.parametrize(("title", "rows"), HTTP_TABLES.items(), ids=HTTP_TABLES)
def test_parameters_are_documented_as_their_fields_say(title: str, rows: list[str]) -> None:
    text = section(HTTP, title)
    assert [row for row in rows if row not in text] == []


def test_options_are_documented_as_their_fields_say() -> None:
    text = section(CLI, "mechkg paths")
    assert [row for row in cli_rows(PathQuery) if row not in text] == []


@pytest.mark.parametrize("plain", SERVICE_ROUTES, ids=lambda p: p.path)
def test_address_of_the_service_is_documented(plain) -> None:
    assert f"`GET {plain.path}`" in HTTP


def test_every_served_address_is_documented(server: str) -> None:
    with urllib.request.urlopen(f"{server}/openapi.json") as answer:
        paths = json.load(answer)["paths"]
    documented = {path.removesuffix(".{suffix}") for path in paths}
    assert [path for path in documented if path not in HTTP] == []


@pytest.mark.parametrize("problem", PROBLEMS.values(), ids=lambda p: p.slug)
def test_problem_is_documented(problem) -> None:
    assert f"| `{problem.slug}` | {problem.status} | {problem.title}. {problem.meaning} |" in HTTP


def test_grammar_of_composition_is_documented_as_it_is() -> None:
    page = (DOCS / "composition.md").read_text()
    rows = [line for line in page.splitlines() if line.startswith("| ")]
    steps, aspects = step_rows(), aspect_rows()
    assert [row for row in rows if row in steps] == steps
    assert [row for row in rows if row in aspects] == aspects


def test_permalinks_are_documented() -> None:
    assert "`snapshot`" in section(HTTP, "Permalinks")


def test_formats_are_documented() -> None:
    text = section(HTTP, "Formats")
    missing = [
        f.name
        for f in (*rdf_formats.FORMATS, *writers.FORMATS, *writers.PATH_TABLES)
        if f"| `{f.name}` | `.{f.suffix}` | `{f.media_type}` |" not in text
    ]
    assert missing == []


BAD_INPUT = re.findall(r"^\| `(/api/\S+)` \| (\d+) \| `(\S+)` \|$", HTTP, re.MULTILINE)


@pytest.mark.parametrize(("address", "status", "slug"), BAD_INPUT, ids=[r[0] for r in BAD_INPUT])
def test_bad_input_gives_what_is_documented(
    server: str, address: str, status: str, slug: str
) -> None:
    with pytest.raises(HTTPError) as refused:
        urllib.request.urlopen(server + address)
    with refused.value as answer:
        problem = json.load(answer)
    assert (refused.value.code, problem["type"]) == (int(status), BASE + slug)
    assert problem["detail"].endswith((".", "?"))


@pytest.mark.parametrize("command", COMMANDS, ids=lambda c: c.name)
def test_command_and_its_options_are_documented(command: click.Command) -> None:
    text = section(CLI, f"mechkg {command.name}")
    others = {"export": ["paths"], "draw": ["paths", "export"], "spark": ["load", "paths"]}
    for other in others.get(str(command.name), []):
        text += section(CLI, f"mechkg {other}")
    common = "--data --graph --json"
    if command.name == "serve":
        text += (DOCS / "reference" / "settings.md").read_text()
    commands = command.commands.values() if isinstance(command, click.Group) else [command]
    params = [p for c in commands for p in c.params]
    options = [o for p in params if isinstance(p, click.Option) for o in p.opts]
    assert [option for option in options if option not in text + common] == []


def test_public_names_of_the_library_are_documented() -> None:
    text = section((DOCS / "reference" / "python.md").read_text(), "Names")
    assert [n for n in mechkg.__all__ if f"`{n}`" not in text] == []


LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    dead = []
    for link in (a or b for a, b in LINK.findall(page.read_text())):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            dead.append(link)
    assert dead == []


def anchors(page: Path) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_every_page_is_reached_from_the_index() -> None:
    index = (DOCS / "index.md").read_text()
    pages = [str(p.relative_to(DOCS)) for p in DOCS.rglob("*.md") if p != DOCS / "index.md"]
    decisions = (DOCS / "decisions" / "index.md").read_text()
    lost = [p for p in pages if f"({p})" not in index and f"({Path(p).name})" not in decisions]
    assert lost == []
