"""Public names and module docstrings use the words of the glossary."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
EXCEPTIONS = Path(__file__).with_name("glossary-exceptions")
BANNED = re.compile(
    r"(?<![a-z])(admission|asked|dear|particulars|stands?|taken along|telling|told"
    r"|uniting|workplace)(?![a-z])"
)


def words(path: Path) -> Iterator[str]:
    """Yield the banned words of a module: in its docstring, and in names that others can use."""
    tree = ast.parse(path.read_text())
    yield from BANNED.findall((ast.get_docstring(tree) or "").lower())
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            spaced = re.sub(r"(?<=[a-z])(?=[A-Z])|_", " ", node.name)
            yield from BANNED.findall(spaced.lower())


def found() -> set[str]:
    return {
        f"{path.relative_to(ROOT)}: {word}"
        for folder in ("kg", "ontology", "api", "mechkg")
        for path in (ROOT / folder).rglob("*.py")
        for word in words(path)
    }


def test_words_outside_the_glossary_only_become_fewer() -> None:
    known = set(EXCEPTIONS.read_text().splitlines())
    assert found() - known == set(), "say it with a word of docs/glossary.md"


def test_exceptions_are_still_needed() -> None:
    known = EXCEPTIONS.read_text().splitlines()
    assert known == sorted(set(known))
    assert set(known) - found() == set(), "take these lines out of the list"
