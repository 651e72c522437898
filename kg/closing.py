"""Objects that are closed when a `with` block ends, one or several."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import ExitStack
from typing import Protocol, TypeVar

__all__ = ["Closing", "close_all"]


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


Self = TypeVar("Self", bound="Closing")


class Closing(ABC):
    """A base of classes with a method `close`: `with` closes them, whatever happened within.

    >>> class Door(Closing):
    ...     def close(self) -> None:
    ...         print("closed")
    >>> with Door():
    ...     print("open")
    open
    closed
    """

    __slots__ = ()

    def __enter__(self: Self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @abstractmethod
    def close(self) -> None:
        """Release what the object holds; may be called again."""
