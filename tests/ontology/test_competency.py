"""The questions of ontology/queries, each with the answer that its file expects."""

import re
from pathlib import Path

import pytest
from pyoxigraph import Store

from mechkg.ontology.bundle import bundled_files

FILES = sorted((bundled_files()[0].parent / "queries").glob("*.rq"))
FORM = re.compile(
    r"# Question: (?P<question>.+\?)\n"
    r"# Article: (?P<article>P\d(?:, P\d)*)\n"
    r"# Answer:\n(?P<answer>(?:#   .+\n)+)\n(?P<query>PREFIX .*)\Z",
    re.DOTALL,
)


def read(path: Path) -> re.Match[str]:
    match = FORM.match(path.read_text())
    assert match, f"{path.name} has not the form question, article, answer, query"
    return match


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_question_has_its_answer(path: Path, store: Store) -> None:
    match = read(path)
    expected = [line.removeprefix("#   ") for line in match["answer"].splitlines()]
    solutions = store.query(match["query"])
    rows = [" | ".join(value.value for value in solution) for solution in solutions]
    assert sorted(rows) == expected


def test_questions_cover_every_paragraph() -> None:
    asked = {paragraph for path in FILES for paragraph in read(path)["article"].split(", ")}
    assert asked == {f"P{n}" for n in range(1, 10)}
    assert len(FILES) >= 40
    assert len({read(path)["question"] for path in FILES}) == len(FILES)
