"""The command line, run in the process of the tests: an interpreter a call would take minutes."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from mechkg.api.cli import main

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def mechkg(
    environment: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> Run:
    """Run a command as its process would: arguments, environment, directory, output, exit code."""

    def run(
        *arguments: str, cwd: Path = tmp_path, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        capfd.readouterr()
        with monkeypatch.context() as patched:
            for name in [name for name in os.environ if name.startswith("MECHKG_")]:
                patched.delenv(name)
            patched.delenv("COLUMNS", raising=False)
            for name in ("MECHKG_DATA", "NO_COLOR"):
                patched.setenv(name, environment[name])
            for name, value in variables.items():
                patched.setenv(name, value)
            patched.chdir(cwd)
            with pytest.raises(SystemExit) as left:
                main(arguments)
        told = capfd.readouterr()
        code = left.value.code
        assert code is None or isinstance(code, int)
        return subprocess.CompletedProcess(arguments, code or 0, told.out, told.err)

    return run
