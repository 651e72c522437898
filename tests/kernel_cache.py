"""Compiled kernels for processes that tests start with a cache of their own.

Such a process then compiles one kernel, in seconds, where all of them take a minute.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from numba.core.caching import _CacheLocator

from mechkg.kg.warmup import search_kernels

__all__ = ["copy_kernels", "install_kernels"]


def copy_kernels(cache: Path, without: str) -> None:
    """Copy the compiled search kernels to where `NUMBA_CACHE_DIR=cache` looks, all but one."""
    _copy(lambda file: cache / _CacheLocator.get_suitable_cache_subpath(str(file)), without)


def install_kernels(package: Path, without: str) -> None:
    """Copy the compiled search kernels beside the same sources in another place, all but one."""
    _copy(lambda file: package / file.parent.name / "__pycache__", without)


def _copy(place_of: Callable[[Path], Path], without: str) -> None:
    for kernel in search_kernels():
        function = kernel.py_func
        place = place_of(Path(function.__code__.co_filename))
        place.mkdir(parents=True, exist_ok=True)
        kept = f"{function.__module__.rpartition('.')[2]}.{function.__qualname__}-*.nb[ic]"
        if function.__name__ != without:
            for file in Path(kernel.stats.cache_path).glob(kept):
                shutil.copy(file, place)
