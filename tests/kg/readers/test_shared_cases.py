"""The cases that are handed over beside the checkout give the right values."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.cases import CASES, run_case
from tests.command_server import forked_command


@pytest.fixture(scope="module")
def command(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with forked_command(tmp_path_factory.mktemp("command")) as program:
        yield program


@pytest.mark.parametrize("number", CASES)
def test_case_is_right(number: str, shared: Path, command: Path) -> None:
    (folder,) = (shared / "cases").glob(f"{number}-*")
    outcome = run_case(folder, command)
    assert outcome.passed, outcome.fault
