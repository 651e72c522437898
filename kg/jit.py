"""How loops are compiled: the four decorators, and where compiled code is found.

================  ==========================================================================
``entry``         called from Python, without the GIL; compiled code is kept on disk
``inner``         compiled into its callers only
``leaf``          as ``inner``, for functions that neither make nor return an array
``inlined``       copied into its callers, all of them ``leaf``: for what runs once an entry
================  ==========================================================================

numba keeps compiled code beside the source if it can write there, whether or not it finds there
what it needs; else in the user's home, and with neither it refuses to work. A container with a
read-only file system has neither, but has its kernels compiled when the image is made. It names
`InstalledCacheLocator`, before numba's own, in `NUMBA_CACHE_LOCATOR_CLASSES`, and one processor
for building and running in `NUMBA_CPU_NAME`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from numba import njit
from numba.core.caching import InTreeCacheLocator

__all__ = ["InstalledCacheLocator", "entry", "inlined", "inner", "is_compiled", "leaf"]

_WITHOUT_WRAPPERS: Final[dict[str, Any]] = {
    "nogil": True,
    "no_cpython_wrapper": True,
    "no_cfunc_wrapper": True,
    "error_model": "numpy",
}

entry: Any = njit(cache=True, nogil=True, error_model="numpy")
"""Called from Python, without the GIL; compiled code is kept on disk."""

inner: Any = njit(**_WITHOUT_WRAPPERS)
"""Compiled into its callers only."""

leaf: Any = njit(**(_WITHOUT_WRAPPERS | {"_nrt": False}))
"""As `inner`, for functions that neither make nor return an array.

References are not counted in them, which in loops that hand arrays on costs ten times the work.
"""

inlined: Any = njit(nogil=True, inline="always", error_model="numpy")
"""Copied into its callers, all of them `leaf`: for what runs once an entry."""


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
