"""The recipes of CONTRIBUTING.md lead to files that are there, and to few of them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "CONTRIBUTING.md").read_text()
RECIPES = dict(re.findall(r"^### (Add .+)\n((?:(?!^##).*\n)+)", TEXT, re.MULTILINE))
WANTED = ("an export format", "a reader", "a scorer", "a route", "a predicate", "an option of")
FILE = re.compile(r"(\*)?`((?:kg|ontology|api|docs)/[\w./-]+\.\w+)`\*?")
TEST = re.compile(r"`(tests/[\w./-]+\.py)`")


def test_there_are_six_recipes() -> None:
    assert len(RECIPES) == len(WANTED)
    assert [w for w in WANTED if not any(title.startswith(f"Add {w}") for title in RECIPES)] == []


@pytest.mark.parametrize("recipe", RECIPES)
def test_recipe_touches_few_files_and_these_exist(recipe: str) -> None:
    steps = re.findall(r"^\d\. .+(?:\n   .+)*", RECIPES[recipe], re.MULTILINE)
    files = [file for step in steps for file in FILE.findall(step)]
    assert steps
    assert 1 <= len(files) <= 3
    for new, name in files:
        path = ROOT / name
        assert path.parent.is_dir() if new else path.is_file(), name
        assert ("NAME" in name) == bool(new)
    tests = TEST.findall(RECIPES[recipe])
    assert tests
    assert [name for name in tests if not (ROOT / name).is_file()] == []
