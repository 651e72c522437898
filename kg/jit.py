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
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

from numba import njit
from numba.core.caching import InTreeCacheLocator

__all__ = ["InstalledCacheLocator", "entry", "inlined", "inner", "is_compiled", "leaf"]

_OTHER_SOURCES: Final = (
    "jit.py",
    "columns/text_kernels.py",
    "build/adjacency_kernels.py",
    "build/corroboration_kernels.py",
    "build/name_kernels.py",
    "snapshot/spelling.py",
    "snapshot/spelling_tables.py",
)
"""Files, besides those of the search kernels, whose functions or constants are compiled."""

_WITHOUT_WRAPPERS: Final[dict[str, Any]] = {
    "nogil": True,
    "no_cpython_wrapper": True,
    "no_cfunc_wrapper": True,
    "error_model": "numpy",
}


def entry(function: Callable[..., Any]) -> Any:
    """Compile a function on its first call, to be called from Python without the GIL.

    Compiled code is kept on disk. numba takes it as long as the file of the function is the same,
    but it holds what the function calls from other files, too, so it is kept only as long as no
    file with kernels changes: code of two versions together ends the process.
    """
    kernel = njit(cache=True, nogil=True, error_model="numpy")(function)
    if (kept := _kept(kernel)) is not None:
        kept._source_stamp = _digest_of_sources()  # noqa: SLF001 - numba has no other way
    return kernel


def _kept(kernel: Any) -> Any:
    """Return numba's index of what it keeps of a kernel, None where nothing is compiled at all."""
    return getattr(getattr(kernel, "_cache", None), "_cache_file", None)


@cache
def _digest_of_sources() -> str:
    """Return a digest of all files that hold kernels and of this one; a millisecond, once."""
    here = Path(__file__).parent
    files = [*sorted(here.glob("kernels/*.py")), *(here / name for name in _OTHER_SOURCES)]
    return blake2b(b"\0".join(file.read_bytes() for file in files)).hexdigest()


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
    kept = _kept(kernel)
    return bool(kernel.signatures) or bool(kept is not None and kept._load_index())  # noqa: SLF001


class InstalledCacheLocator(InTreeCacheLocator):
    """Finds what was compiled beside the source, writable or not; leaves the rest to others."""

    @classmethod
    def from_function(cls, py_func: Callable[..., Any], py_file: str) -> InTreeCacheLocator | None:
        """Return a locator for a function that was compiled beside its source, else None."""
        found = cls(py_func, py_file)
        kept = f"{Path(py_file).stem}.{py_func.__qualname__}-*.nbi"
        return found if any(Path(found.get_cache_path()).glob(kept)) else None
