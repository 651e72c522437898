"""Queries: every parameter has a meaning, and a new one reaches every face by itself."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from mechkg.api.http.app import ROUTES
from mechkg.api.http.requests import Presentation
from mechkg.kg.model.queries import CompareQuery, PathConstraints, PathQuery, parameters
from mechkg.kg.model.results import Result
from tests.processes import PATIENCE

ROOT = Path(__file__).parents[2]
QUERIES = list(dict.fromkeys([route.query for route in ROUTES] + [Presentation]))


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.__name__)
def test_every_parameter_has_a_meaning(query: type[msgspec.Struct]) -> None:
    for parameter in parameters(query):
        assert parameter.meaning.endswith("."), parameter


def test_a_comparison_takes_the_constraints_of_paths() -> None:
    assert issubclass(CompareQuery, PathConstraints)
    assert issubclass(PathQuery, PathConstraints)
    query = CompareQuery(left=("a",), right=("b",), target=("c",), via=("d",), timeout=3.0)
    side = query.side(("a",))
    for name in PathConstraints.__struct_fields__:
        assert getattr(side, name) == getattr(query, name)


def test_every_answer_with_a_query_says_what_it_leaves_out() -> None:
    answers = {route.answer for route in ROUTES if "query" in route.answer.__struct_fields__}
    assert len(answers) >= 7
    assert all(issubclass(answer, Result) for answer in answers)


FIELDS = """
    loops: bool = False
    most: Annotated[int, Meta(ge=1, description="Most loops.")] = 3
    beside: Annotated[Names, Meta(description="Names beside.")] = ()
    kind: Literal["one", "two"] = "one"
"""

DESCRIBE = """
import json
from mechkg.api.http.app import create_app
from mechkg.api.http.settings import Settings
from mechkg.kg.model.queries import PathQuery
client = create_app(Settings()).test_client()
print(json.dumps(client.get("/openapi.json").json["paths"]["/api/v1/paths"]["get"]["parameters"]))
"""


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the code in which `PathQuery` has four more fields, one without a meaning."""
    copy = tmp_path_factory.mktemp("changed")
    for folder in ("kg", "ontology", "api"):
        shutil.copytree(
            ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__", "static")
        )
    shutil.copytree(ROOT / "mechkg", copy / "mechkg", symlinks=True)
    file = copy / "kg" / "model" / "queries.py"
    text = file.read_text("utf-8")
    place = '    cursor: Cursor = ""\n\n    def checked(self) -> PathQuery:'
    assert text.count(place) == 1
    file.write_text(text.replace(place, FIELDS + place), "utf-8")
    return copy


def run(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={"PYTHONPATH": str(folder), "PATH": "", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_new_field_is_an_option(changed: Path) -> None:
    assert "paths" in run(changed, "-m", "mechkg", "--help")
    text = run(changed, "-m", "mechkg", "paths", "--help")
    for option in ("--loops / --no-loops", "--most INTEGER", "--beside TEXT", "--kind [one|two]"):
        assert option in text
    assert "Most loops." in text
    assert "Names beside. May be repeated." in text


def test_a_new_field_is_a_parameter(changed: Path) -> None:
    described = json.loads(run(changed, "-c", DESCRIBE).splitlines()[-1])
    known = {parameter["name"]: parameter for parameter in described}
    assert known["most"]["description"] == "Most loops."
    assert known["beside"]["schema"]["type"] == "array"
    assert known["loops"]["schema"] == {"type": "boolean", "default": False}
