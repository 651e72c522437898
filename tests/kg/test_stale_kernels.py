"""Compiled code is not used once something that it was compiled with has changed."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.processes import PATIENCE

ROOT = Path(__file__).parents[2]

CALLED = """
from mechkg.kg.jit import inner

@inner
def called():
    return {value}
"""

CALLER = """
from mechkg.kg.jit import entry, is_compiled
from mechkg.kg.kernels.called import called

@entry
def caller():
    return called()

print(is_compiled(caller), caller())
"""


def run(folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "mechkg.kg.kernels.caller"],
        cwd=folder,
        env={"PYTHONPATH": str(folder), "PATH": os.environ["PATH"], "HOME": str(folder)},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_change_in_what_a_kernel_calls_has_it_compiled_again(tmp_path: Path) -> None:
    for folder in ("kg", "mechkg"):
        shutil.copytree(
            ROOT / folder, tmp_path / folder, symlinks=True,
            ignore=shutil.ignore_patterns("__pycache__"),
        )  # fmt: skip
    kernels = tmp_path / "kg" / "kernels"
    (kernels / "called.py").write_text(CALLED.format(value=1))
    (kernels / "caller.py").write_text(CALLER)
    assert run(tmp_path) == "False 1"
    assert run(tmp_path) == "True 1"
    (kernels / "called.py").write_text(CALLED.format(value=2))
    assert run(tmp_path) == "False 2"
