"""Whether kernels are compiled, and where they are found where nobody may write.

numba keeps compiled code beside the source if it can write there, whether or not it finds there
what it needs; else in the user's home, and with neither it refuses to work. A container with a
read-only file system has neither, but has its kernels compiled when the image is made. It names
this locator, before numba's own, in `NUMBA_CACHE_LOCATOR_CLASSES`, and one processor for building
and running in `NUMBA_CPU_NAME`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from numba.core.caching import InTreeCacheLocator

__all__ = ["InstalledCacheLocator", "is_compiled"]


def is_compiled(kernel: Any) -> bool:
    """Say whether a kernel was compiled before: it has run here, or numba's cache holds it."""
    function = kernel.py_func
    kept = f"{Path(function.__code__.co_filename).stem}.{function.__qualname__}-*.nbi"
    return bool(kernel.signatures) or any(Path(kernel.stats.cache_path).glob(kept))


class InstalledCacheLocator(InTreeCacheLocator):
    """Finds what was compiled beside the source, writable or not; leaves the rest to others."""

    @classmethod
    def from_function(cls, py_func: Callable[..., Any], py_file: str) -> InTreeCacheLocator | None:
        """Return a locator for a function that was compiled beside its source, else None."""
        found = cls(py_func, py_file)
        kept = f"{Path(py_file).stem}.{py_func.__qualname__}-*.nbi"
        return found if any(Path(found.get_cache_path()).glob(kept)) else None
