"""The time that an answer may take, and whether anybody still waits for it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import Final, TypeVar

from mechkg.kg.progress import Cancel

__all__ = ["EVERY", "Deadline", "DeadlineExceeded"]

Item = TypeVar("Item")

EVERY: Final = 256
"""Steps of a loop between two looks at the clock."""


class DeadlineExceeded(Exception):
    """Time ran out before the answer was complete."""


class Deadline:
    """When an answer must be complete; `cancel` is raised when its client has gone.

    >>> deadline = Deadline(60.0)
    >>> list(deadline.watched("ab")), deadline.left > 59
    (['a', 'b'], True)
    >>> Deadline(0.0).check()
    Traceback (most recent call last):
    mechkg.api.trapi.deadline.DeadlineExceeded
    """

    __slots__ = ("_end", "cancel")

    def __init__(self, seconds: float, cancel: Cancel | None = None) -> None:
        self._end = time.monotonic() + seconds
        self.cancel = Cancel() if cancel is None else cancel

    @property
    def left(self) -> float:
        """Seconds until the deadline; negative past it."""
        return self._end - time.monotonic()

    def check(self) -> None:
        """Raise `DeadlineExceeded` past the deadline, `Cancelled` where nobody waits."""
        self.cancel.check()
        if time.monotonic() >= self._end:
            raise DeadlineExceeded

    def watched(self, items: Iterable[Item]) -> Iterator[Item]:
        """Yield items, checking before the first and every `EVERY` of them."""
        for number, item in enumerate(items):
            if number % EVERY == 0:
                self.check()
            yield item
