"""An iterator run by a thread of its own, some items in advance."""

from __future__ import annotations

import queue
import threading
from collections.abc import Generator, Iterator
from contextlib import closing, nullcontext
from typing import Final, TypeVar

__all__ = ["ahead"]

Item = TypeVar("Item")

AHEAD: Final = 2
"""Batches that may wait: with two blocks of 16 MiB some 200 MB with their offsets."""


def ahead(items: Iterator[Item]) -> Generator[Item]:
    """Yield the items of an iterator that a thread runs, at most `AHEAD` items in advance.

    An error in the thread is raised here. When the caller closes this early, the thread ends; it
    closes `items` in any case, if that is a generator.

    >>> list(ahead(iter("abc")))
    ['a', 'b', 'c']
    """
    waiting: queue.Queue[tuple[Item | None, BaseException | None]] = queue.Queue(AHEAD)
    stopped = threading.Event()

    def run() -> None:
        end: tuple[None, BaseException | None] = (None, None)
        try:
            with closing(items) if isinstance(items, Generator) else nullcontext():
                for item in items:
                    if not _put(waiting, (item, None), stopped):
                        return
        except BaseException as error:  # noqa: BLE001 - it is raised again in the caller's thread
            end = (None, error)
        _put(waiting, end, stopped)
        # An error knows this frame: a frame that knew it too would keep both, and the items.
        del end

    thread = threading.Thread(target=run, name="mechkg-read-ahead", daemon=True)
    thread.start()
    try:
        while True:
            item, failure = waiting.get()
            if failure is not None:
                try:
                    raise failure
                finally:
                    del failure
            if item is None:
                return
            yield item
    finally:
        stopped.set()
        thread.join()


def _put(
    waiting: queue.Queue[tuple[Item | None, BaseException | None]],
    entry: tuple[Item | None, BaseException | None],
    stopped: threading.Event,
) -> bool:
    while not stopped.is_set():
        try:
            waiting.put(entry, timeout=0.1)
        except queue.Full:
            continue
        return True
    return False
