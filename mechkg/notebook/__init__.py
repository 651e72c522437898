"""Tools for notebooks: data frames of paths and statements, and a figure that can be explored.

`PathWidget` needs the extra `notebook`; the frames need pandas.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from mechkg.kg.interop.pandas import paths_frame, statements_frame
    from mechkg.notebook.widget import PathWidget

__all__ = ["PathWidget", "paths_frame", "statements_frame"]

_MODULES: Final = {
    "PathWidget": "mechkg.notebook.widget",
    "paths_frame": "mechkg.kg.interop.pandas",
    "statements_frame": "mechkg.kg.interop.pandas",
}


def __getattr__(name: str) -> object:
    if name in _MODULES:
        return getattr(import_module(_MODULES[name]), name)
    raise AttributeError(f"module 'mechkg.notebook' has no attribute {name!r}")
