"""Where compiled kernels are found in an installation that nobody may write to.

numba keeps compiled code beside the source, or, where it cannot write there, in the user's home;
with neither it refuses to work. A container with a read-only file system has neither, but has
its kernels compiled when the image is made. It names this locator in
`NUMBA_CACHE_LOCATOR_CLASSES`, and one processor for building and running in `NUMBA_CPU_NAME`.
"""

from __future__ import annotations

from numba.core.caching import InTreeCacheLocator

__all__ = ["InstalledCacheLocator"]


class InstalledCacheLocator(InTreeCacheLocator):  # type: ignore[misc]  # numba is untyped
    """Takes the cache beside the source as it is, writable or not."""

    def ensure_cache_path(self) -> None:
        """Accept the directory: what is needed was compiled into it before."""
