"""Progress out of long work, and a flag to stop it: the two things a caller may hand in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from mechkg.kg.errors import Cancelled

__all__ = ["FEW", "Cancel", "Progress", "Watch", "WatchedTuple", "watched"]

Item = TypeVar("Item")

EVERY = 4096
"""Items between two reports: some milliseconds of work."""

FEW = 64
"""Items between two looks where the work for one is large."""


class Progress(Protocol):
    """Anything that takes reports of how far a piece of work has come.

    `stage` is a short phrase ("reading statements"), `done` and `total` count items of that
    stage; `total` is None where it is not known beforehand.

    >>> def show(stage: str, done: int, total: int | None) -> None:
    ...     print(stage, done, total)
    >>> list(watched("counting", "abc", show))
    counting 0 None
    counting 3 3
    ['a', 'b', 'c']
    """

    def __call__(self, stage: str, done: int, total: int | None) -> None:
        """Take a report; it is called from the working thread and should return at once."""


class Cancel:
    """A flag that one thread raises and the working one looks at.

    `flag` is a uint8 array of one element, so that a compiled loop can poll it without Python.

    >>> cancel = Cancel()
    >>> cancel.cancel()
    >>> cancel.cancelled, int(cancel.flag[0])
    (True, 1)
    """

    __slots__ = ("flag",)

    def __init__(self) -> None:
        self.flag: NDArray[np.uint8] = np.zeros(1, np.uint8)

    @property
    def cancelled(self) -> bool:
        """Whether the caller has cancelled."""
        return bool(self.flag[0])

    def cancel(self) -> None:
        """Ask the work to stop; it ends with `Cancelled` at its next look."""
        self.flag[0] = 1

    def check(self) -> None:
        """Raise `Cancelled` once the caller has cancelled.

        >>> Cancel().check()
        """
        if self.flag[0]:
            raise Cancelled("The work was stopped; nothing was changed.")

    def expect_long(self) -> None:
        """Take note that what follows may take long: a server has it wait for its turn.

        >>> Cancel().expect_long()
        """


class Watch:
    """Between a thread that works and one that waits for it: how far it is, and a word to stop.

    Called by the working thread as a `Progress` is; `seen` is what it told last.

    >>> watch = Watch()
    >>> watch("sorting", 1, 2)
    >>> watch.seen
    ('sorting', 1, 2)
    """

    __slots__ = ("_cancel", "_stopped", "seen")

    def __init__(self, cancel: Cancel | None = None) -> None:
        self._cancel = cancel
        self._stopped = False
        self.seen: tuple[str, int, int | None] | None = None

    def __call__(self, stage: str, done: int, total: int | None) -> None:
        """Tell how far the work is; raises `Cancelled` where it is to stop."""
        if self._stopped:
            raise Cancelled("The work was stopped; nothing was changed.")
        if self._cancel is not None:
            self._cancel.check()
        self.seen = (stage, done, total)

    def close(self) -> None:
        """Have the work end at its next word, if it has not ended."""
        self._stopped = True


def watched(
    stage: str,
    items: Iterable[Item],
    progress: Progress | None = None,
    cancel: Cancel | None = None,
    total: int | None = None,
    *,
    every: int = EVERY,
) -> Iterator[Item]:
    """Yield the items; report and look at the flag at the start, after `every` one, at the end.

    Raises `Cancelled`.

    >>> list(watched("counting", range(3)))
    [0, 1, 2]
    """
    done = 0
    _look(stage, 0, total, progress, cancel)
    for done, item in enumerate(items, 1):
        yield item
        if done % every == 0:
            _look(stage, done, total, progress, cancel)
    _look(stage, done, done, progress, cancel)


class WatchedTuple(tuple[Item, ...]):  # noqa: SLOT001 - it has an attribute
    """A tuple that looks at a flag while it is read, for work that reads it and takes no flag.

    >>> items, cancel = WatchedTuple("abc"), Cancel()
    >>> items.cancel = cancel
    >>> cancel.cancel()
    >>> list(items)
    Traceback (most recent call last):
    mechkg.kg.errors.Cancelled: The work was stopped; nothing was changed.
    """

    cancel: Cancel | None = None

    def __iter__(self) -> Iterator[Item]:
        """Yield the items; raises `Cancelled`."""
        for number, item in enumerate(super().__iter__()):
            if number % FEW == 0 and self.cancel is not None:
                self.cancel.check()
            yield item


def _look(
    stage: str, done: int, total: int | None, progress: Progress | None, cancel: Cancel | None
) -> None:
    if cancel is not None:
        cancel.check()
    if progress is not None:
        progress(stage, done, total)
