"""Every example in the documentation runs, against a real server and a real data directory."""

import doctest
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, parse

from tests.command_server import forked_command
from tests.processes import PATIENCE

ROOT = Path(__file__).parents[2]
PAGES = sorted([*(ROOT / "docs").rglob("*.md"), ROOT / "README.md"])

FENCE = re.compile(
    r"(?:^<!-- not run: (?P<reason>.+?) -->\n)?^```(?P<language>\w*)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
NOT_RUN = re.compile(
    r"the test suite starts its own server|a server runs until it is stopped"
    r"|needs a container engine|.*network.*"
)
CHECK = doctest.OutputChecker()
LENIENT = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


@dataclass(frozen=True)
class Block:
    """One fenced block of a page; `reason` says why it is not run."""

    page: Path
    line: int
    language: str
    text: str
    reason: str | None


def blocks(page: Path) -> list[Block]:
    text = page.read_text()
    return [
        Block(page, text.count("\n", 0, m.start()) + 1, m["language"], m["text"], m["reason"])
        for m in FENCE.finditer(text)
    ]


ALL = {page: blocks(page) for page in PAGES}


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.fixture(scope="module")
def command(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of the program `mechkg`."""
    folder = tmp_path_factory.mktemp("bin")
    with forked_command(folder):
        yield folder


@pytest.fixture
def bench_of_page(
    tmp_path: Path,
    data_directory: Path,
    environment: dict[str, str],
    server: str,
    command: Path,
) -> Iterator[dict[str, str]]:
    """A directory as a reader has it in a clone: `ontology/` and `data/`; the server runs."""
    shutil.copytree(data_directory, tmp_path / "data", symlinks=True)
    # A copy, for pages edit it; and not importable, for `python -m` looks here first.
    shutil.copytree(
        ROOT / "ontology", tmp_path / "ontology", ignore=shutil.ignore_patterns("*.py*")
    )
    own = {k: v for k, v in environment.items() if k != "MECHKG_DATA"}
    before = Path.cwd()
    os.chdir(tmp_path)
    yield own | {
        "PATH": f"{command}{os.pathsep}{own['PATH']}",
        "PYTHONPATH": str(ROOT),
        "SERVER": server,
    }
    os.chdir(before)


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_examples_run(page: Path, bench_of_page: dict[str, str]) -> None:
    scope: dict[str, object] = {}
    printed = ""
    for block in ALL[page]:
        if block.reason is not None:
            continue
        if block.language == "sh":
            printed = run_shell(block, bench_of_page)
        elif block.language == "python":
            run_python(block, scope, bench_of_page)
        elif block.language == "text" and printed:
            assert CHECK.check_output(block.text, printed, LENIENT), (
                f"{name(page)}:{block.line} shows\n{block.text}\nbut it is\n{printed}"
            )
            printed = ""
        elif block.language == "turtle":
            list(parse(block.text.encode(), format=RdfFormat.TURTLE))
            if "coffee.ttl" in page.read_text():
                Path("coffee.ttl").write_text(block.text)
        elif block.language == "json":
            json.loads(block.text)


def run_shell(block: Block, environment: dict[str, str]) -> str:
    text = block.text.replace("http://127.0.0.1:8000", environment["SERVER"])
    text = re.sub(r"\bcurl -s\b", "curl --silent --show-error --fail-with-body", text)
    ran = subprocess.run(
        ["bash", "-eu", "-c", text],
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    where = f"{name(block.page)}:{block.line}"
    assert ran.returncode == 0, f"{where}\n{text}\n{ran.stdout[-2000:]}\n{ran.stderr[-2000:]}"
    return ran.stdout


def run_python(block: Block, scope: dict[str, object], environment: dict[str, str]) -> None:
    text = block.text.replace("http://127.0.0.1:8000", environment["SERVER"])
    if ">>>" not in text:
        exec(compile(text, f"{name(block.page)}:{block.line}", "exec"), scope)
        return
    example = doctest.DocTestParser().get_doctest(
        text, scope, name(block.page), str(block.page), block.line
    )
    told: list[str] = []
    options = LENIENT | doctest.IGNORE_EXCEPTION_DETAIL
    doctest.DocTestRunner(optionflags=options).run(example, out=told.append, clear_globs=False)
    scope.update(example.globs)
    assert not told, "".join(told)


def test_what_is_not_run_says_why() -> None:
    found = [block for page in PAGES for block in ALL[page]]
    skipped = [block for block in found if block.reason is not None]
    assert [b for b in skipped if not NOT_RUN.fullmatch(str(b.reason))] == []
    assert len(skipped) * 4 < len([b for b in found if b.language in {"sh", "python"}])


def test_blocks_name_their_language() -> None:
    known = {"sh", "python", "text", "turtle", "json", "sparql", "html", "nginx", "haproxy"}
    odd = [(name(b.page), b.line) for page in PAGES for b in ALL[page] if b.language not in known]
    assert odd == []
