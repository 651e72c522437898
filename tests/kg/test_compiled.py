"""An installation that nobody may write to finds the kernels that were compiled into it."""

import os
import subprocess
import sys
from itertools import chain
from pathlib import Path

from mechkg.kg.warmup import GROUPS, search_kernels

KERNELS = """
from numba import njit

@njit(cache=True)
def doubled(n):
    return 2 * n
"""


def call(where: Path, home: Path, **variables: str) -> str:
    ran = subprocess.run(
        [
            sys.executable,
            "-c",
            "from kernels import doubled as d; print(d(21), d._cache.cache_path)",
        ],
        cwd=where,
        env=os.environ
        | {"PYTHONPATH": str(Path(__file__).parents[2]), "XDG_CACHE_HOME": str(home)}
        | variables,
        capture_output=True,
        text=True,
        check=True,
    )
    return ran.stdout.strip()


def test_compiled_kernels_are_found_and_others_are_kept_elsewhere(tmp_path: Path) -> None:
    where, home = tmp_path / "package", tmp_path / "home"
    for path in (where, home):
        path.mkdir()
    (where / "kernels.py").write_text(KERNELS)
    read_only = {
        "NUMBA_CACHE_LOCATOR_CLASSES": ("mechkg.kg.jit.InstalledCacheLocator,UserWideCacheLocator")
    }
    told = call(where, home, **read_only)
    assert told.startswith(f"42 {home}")
    assert call(where, home) == f"42 {where / '__pycache__'}"
    assert call(where, home, **read_only) == f"42 {where / '__pycache__'}"


GROUP = """
import sys
from mechkg.kg.warmup import compile_group, search_kernels

compile_group(sys.argv[1], sys.argv[2])
print(*(kernel.py_func.__name__ for kernel in search_kernels() if kernel.signatures))
"""


def test_no_kernel_is_compiled_by_two_processes_and_each_by_one(data_directory: Path) -> None:
    path = str(data_directory / "ms-nsc" / "current")
    called = [
        subprocess.run(
            [sys.executable, "-c", GROUP, path, group],
            env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split()
        for group in GROUPS
    ]
    kernels = [kernel.py_func.__name__ for kernel in search_kernels()]
    assert sorted(chain.from_iterable(called)) == sorted(kernels)
