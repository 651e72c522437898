"""Compiled kernels for processes that tests start with a cache of their own.

Such a process then compiles one kernel, in seconds, where all of them take a minute.
"""

from __future__ import annotations

import pkgutil
import shutil
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from numba.core.caching import _CacheLocator
from numba.core.dispatcher import Dispatcher

from mechkg.kg import build, columns, kernels

__all__ = ["copy_kernels", "install_kernels"]


def copy_kernels(cache: Path, without: str) -> None:
    """Copy the compiled kernels to where `NUMBA_CACHE_DIR=cache` looks, all but one."""
    _copy(lambda file: cache / _CacheLocator.get_suitable_cache_subpath(str(file)), without)


def install_kernels(package: Path, without: str) -> None:
    """Copy the compiled kernels beside the same sources in another place, all but one."""
    _copy(lambda file: package / file.parent.name / "__pycache__", without)


def _copy(place_of: Callable[[Path], Path], without: str) -> None:
    for kernel in _kernels():
        function = kernel.py_func
        place = place_of(Path(function.__code__.co_filename))
        place.mkdir(parents=True, exist_ok=True)
        kept = f"{function.__module__.rpartition('.')[2]}.{function.__qualname__}-*.nb[ic]"
        if function.__name__ != without:
            for file in Path(kernel.stats.cache_path).glob(kept):
                shutil.copy(file, place)


def _kernels() -> Iterator[Any]:
    """Yield what numba keeps on disk, once for each module that names it."""
    for package in (build, columns, kernels):
        for module in pkgutil.iter_modules(package.__path__):
            for kernel in vars(import_module(f"{package.__name__}.{module.name}")).values():
                if isinstance(kernel, Dispatcher) and kernel.stats.cache_path:
                    yield kernel
