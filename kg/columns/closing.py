"""Closing several files, whatever closing one of them raises."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Protocol

__all__ = ["close_all"]


class _Open(Protocol):
    def close(self) -> object: ...


def close_all(*parts: _Open) -> None:
    """Close all of some objects, in their order, whatever closing one of them raises.

    On a full disk a file raises as it is closed. The last error is raised, with those before.

    >>> from io import StringIO
    >>> one, other = StringIO(), StringIO()
    >>> close_all(one, other)
    >>> one.closed, other.closed
    (True, True)
    """
    with ExitStack() as held:
        for part in reversed(parts):
            held.callback(part.close)
