"""Test the core at the lowest versions that pyproject.toml names: run by `make lowest`.

Usage: python requirements/lowest.py DIRECTORY

Makes a virtual environment in the directory, resolves the dependencies downwards, installs them
with what the tests need, and runs the tests of the core.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
TESTS = (
    "tests/kg/test_metapath.py",
    "tests/kg/test_paths.py",
    "tests/kg/test_writers.py",
    "tests/kg/readers/test_formats.py",
    "tests/ontology/test_bundle.py",
    "tests/api/test_routes.py",
    "tests/cli/test_cli.py",
)
NEEDED = (
    "ndex2",
    "hypothesis",
    "pytest",
    "networkx",
    "jsonschema",
    "packaging",
    "pypdf",
    "bibtexparser",
)


def main(folder: Path) -> None:
    """Install the lowest versions and run the tests; ends with the exit code of pytest."""
    uv = (sys.executable, "-m", "uv")
    python = folder / "bin" / "python"
    run(*uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(folder))
    install = (*uv, "pip", "install", "--quiet", "--python", str(python))
    run(*install, "--resolution", "lowest-direct", "-r", "pyproject.toml")
    lowest = run(*uv, "pip", "freeze", "--python", str(python), keep=True)
    held = folder / "lowest.txt"
    held.write_text(lowest)
    run(*install, "-c", str(held), *NEEDED)
    command = [str(python), "-m", "pytest", "-q", "-p", "no:cacheprovider", *TESTS]
    own = os.environ | {"NUMBA_CACHE_DIR": str(folder / "kernels")}  # of another numba than ours
    sys.exit(subprocess.run(command, cwd=ROOT, env=own, check=False).returncode)


def run(*command: str, keep: bool = False) -> str:
    """Run a command in the checkout; return its output where it is kept."""
    stdout = subprocess.PIPE if keep else None
    return subprocess.run(command, cwd=ROOT, check=True, text=True, stdout=stdout).stdout or ""


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute())
