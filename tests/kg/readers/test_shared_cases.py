"""The cases that are handed over beside the checkout give the right values."""

import stat
import sys
from pathlib import Path

import pytest

from bench.cases import CASES, run_case


@pytest.mark.slow
@pytest.mark.parametrize("number", CASES)
def test_case_is_right(
    number: str, shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[3]))
    (folder,) = (shared / "cases").glob(f"{number}-*")
    program = tmp_path / "mechkg"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m mechkg "$@"\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    outcome = run_case(folder, program)
    assert outcome.passed, outcome.fault
