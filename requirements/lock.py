"""Resolve the pinned requirements, with their hashes, for every supported Python: `make lock`.

One resolution serves Python 3.11 to 3.14; markers stand where a version needs another set. What is
pinned stays as it is where that is possible; with `--upgrade`, everything is resolved anew.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
RESOLVE = (
    *(sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--universal", "--generate-hashes"),
    *("--python-version", "3.11", "--fork-strategy", "fewest"),
    *("--custom-compile-command", "make lock"),
)


def lock(name: str, *sources: str, within: tuple[str, ...] = (), wanted: str = "") -> None:
    """Write `requirements/<name>.txt` from source files, or from the names in `wanted`.

    `within` are requirements already resolved, whose versions are kept.
    """
    constraints = [part for done in within for part in ("-c", f"requirements/{done}.txt")]
    written = ("-o", f"requirements/{name}.txt")
    subprocess.run(
        [*RESOLVE, *sys.argv[1:], *constraints, *written, *(sources or ("-",))],
        cwd=HERE.parent,
        input=wanted,
        text=True,
        check=True,
    )


if __name__ == "__main__":
    lock("installer", wanted="uv")
    lock("runtime", "pyproject.toml")
    lock("build", within=("runtime",), wanted="hatchling\neditables\nnodejs-wheel-binaries")
    lock("dev", "pyproject.toml", "--extra", "dev", within=("runtime", "build"))
    lock("docs", "requirements/docs.in", within=("runtime", "dev"))
    lock("sbom", wanted="cyclonedx-bom")
    lock("bench", "requirements/bench.in", within=("runtime", "build", "dev"))
