"""Plug-ins: readers, writers and scorers of other installed distributions, by entry point.

A distribution names them in its metadata (https://packaging.python.org/specifications/entry-points)
under `mechkg.readers`, `mechkg.writers` or `mechkg.scorers`; each names an object of the type that
the table of our own holds. They come after ours, so that none replaces one of ours.
"""

from __future__ import annotations

from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any, TypeVar

from mechkg.kg.errors import PluginError

__all__ = ["plugins"]

Kind = TypeVar("Kind")


def plugins(group: str, kind: type[Kind]) -> tuple[Kind, ...]:
    """Return the objects that installed distributions name under a group, by distribution.

    `kind` is the type that each must have. Raises `PluginError` where one cannot be imported or is
    of another type. Looked up once a process.

    >>> plugins("mechkg.nothing", str)
    ()
    """
    return tuple(_load(point, kind) for point in _points(group))


@cache
def _points(group: str) -> tuple[EntryPoint, ...]:
    return tuple(sorted(entry_points(group=group), key=lambda point: (_home(point), point.name)))


def _home(point: EntryPoint) -> str:
    return point.dist.name if point.dist else point.module


def _load(point: EntryPoint, kind: type[Kind]) -> Kind:
    try:
        loaded: Any = point.load()
    except Exception as error:  # whatever another's module raises
        raise PluginError(point.group, point.name, _home(point), f"{error}") from error
    if not isinstance(loaded, kind):
        reason = f"it is no {kind.__name__} but {type(loaded).__name__}"
        raise PluginError(point.group, point.name, _home(point), reason)
    return loaded
