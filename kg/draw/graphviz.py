"""Graphviz' `dot`, through the library in the pygraphviz wheel, in a process of its own.

The library ends its process on some graphs (an assertion about labels of edges within a layer, in
14.1) and cannot be stopped once it works, so that it must not run where requests are served.
Starting the process takes ten times as long as a figure. So whoever draws again and again keeps
one (`Dot`); without, each figure has a process to itself. Either way memory and time are bounded.
"""

from __future__ import annotations

import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import IO, Any, Final, cast
from weakref import finalize

import msgspec

from mechkg.kg.draw.graphviz_worker import LENGTH_BYTES, arguments

__all__ = ["SECONDS", "Dot", "place_by_dot"]

Check = Callable[[], None]

SECONDS: Final = 5
"""The longest that one graph may take."""

_BYTES: Final = 1 << 30
"""The most memory (address space) that a process may take."""

_GRAPHS: Final = 1_000
"""Graphs that one process places before another takes its turn, whatever Graphviz does not free."""

_LOOK_SECONDS: Final = 0.2
"""Between two looks at whether anybody waits for a figure."""

_TURN: Final = 0.03
"""How long a figure waits for another, in seconds: less than a process takes to start."""


def place_by_dot(graph: str, seconds: float = SECONDS) -> dict[str, Any] | None:
    """Return Graphviz' `json0` of a graph in DOT, or None where it failed or took too long.

    >>> place_by_dot("digraph {}")["directed"], place_by_dot("digraph {") is None
    (True, True)
    """
    kept = _IN_USE.get()
    if kept is not None:
        return kept.place(graph, seconds)
    process = _started()
    if process is None:
        return None
    try:
        return _placed(process, graph, time.monotonic() + seconds)
    finally:
        _end(process)


class Dot:
    """A process that is kept from one figure to the next, for as long as this object lives.

    It starts with the first figure, or with `start`, once for each process that uses the object.
    Whatever goes wrong ends it, and the next figure starts another. While it works for one thread,
    others wait a moment, then start processes of their own: no figure waits for a slow one.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: list[_Process] = []
        finalize(self, _end_all, self._kept)

    @contextmanager
    def in_use(self, check: Check | None = None) -> Iterator[None]:
        """Place all figures that this thread draws meanwhile.

        `check` is called now and then, and raises where nobody waits for them any more.

        >>> dot = Dot()
        >>> with dot.in_use():
        ...     place_by_dot("digraph {}")["directed"]
        True
        >>> dot.close()
        """
        before, flag = _IN_USE.set(self), _CHECK.set(check)
        try:
            yield
        finally:
            _IN_USE.reset(before)
            _CHECK.reset(flag)

    def start(self) -> None:
        """Start the process if none runs, without waiting until it can place a graph."""
        if self._lock.acquire(blocking=False):
            try:
                # Without room for a process now, the first figure tries again.
                with suppress(OSError):
                    self._ready()
            finally:
                self._lock.release()

    def place(self, graph: str, seconds: float = SECONDS) -> dict[str, Any] | None:
        """Return what `place_by_dot` returns."""
        if not self._lock.acquire(timeout=_TURN):
            with _alone():
                return place_by_dot(graph, seconds)
        try:
            return self._place(graph, time.monotonic() + seconds)
        finally:
            self._lock.release()

    def close(self) -> None:
        """End the process, if one runs."""
        with self._lock:
            _end_all(self._kept)

    def _place(self, graph: str, until: float) -> dict[str, Any] | None:
        while process := self._ready():
            used = process.graphs > 0
            placed = None
            try:
                placed = _placed(process, graph, until)
            finally:
                # Whatever broke in between, what may still come back belongs to this graph alone.
                if placed is None:
                    _end_all(self._kept)
            if placed is not None:
                return placed
            # One that worked before may have been ended by something else than this graph.
            if not used or time.monotonic() >= until:
                break
        return None

    def _ready(self) -> _Process | None:
        for kept in self._kept:
            if kept.owner == os.getpid() and kept.graphs < _GRAPHS and kept.popen.poll() is None:
                return kept
        _end_all(self._kept)
        made = _started()
        self._kept += [] if made is None else [made]
        return made


@dataclass(eq=False, slots=True)
class _Process:
    """A process that places graphs: its pipes, who started it, how many it has placed."""

    popen: subprocess.Popen[bytes]
    feed: IO[bytes]
    back: IO[bytes]
    owner: int = field(default_factory=os.getpid)
    graphs: int = 0


_IN_USE: Final[ContextVar[Dot | None]] = ContextVar("dot in use", default=None)
_CHECK: Final[ContextVar[Check | None]] = ContextVar("what ends figures", default=None)


@contextmanager
def _alone() -> Iterator[None]:
    before = _IN_USE.set(None)
    try:
        yield
    finally:
        _IN_USE.reset(before)


def _started() -> _Process | None:
    """Start a process; None without Graphviz."""
    found = find_spec("pygraphviz")
    if found is None or found.origin is None:
        return None
    packages = str(Path(found.origin).parents[1])
    program = [sys.executable, "-I", "-S", *arguments(packages, _BYTES, SECONDS)]
    popen = subprocess.Popen(  # noqa: S603 - our own program, in the Python that runs already
        program,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        bufsize=0,
    )
    return _Process(popen, cast(IO[bytes], popen.stdin), cast(IO[bytes], popen.stdout))


def _end_all(kept: list[_Process]) -> None:
    """End processes and forget them; one from before a fork is not ours to end."""
    for process in kept:
        if process.owner == os.getpid():
            _end(process)
    kept.clear()


def _end(process: _Process) -> None:
    process.popen.kill()
    process.popen.wait()
    process.feed.close()
    process.back.close()


def _placed(process: _Process, graph: str, until: float) -> dict[str, Any] | None:
    """Send a graph and take what comes back; None where nothing whole came in time."""
    process.graphs += 1
    data = graph.encode()
    if not _sent(process.feed, len(data).to_bytes(LENGTH_BYTES, "big") + data, until):
        return None
    head = _received(process.back, LENGTH_BYTES, until)
    body = head and _received(process.back, int.from_bytes(head, "big"), until)
    if not body:
        return None
    placed: dict[str, Any] = msgspec.json.decode(body)
    return placed


def _sent(pipe: IO[bytes], data: bytes, until: float) -> bool:
    left = memoryview(data)
    while left:
        if not _open(pipe, select.POLLOUT, until):
            return False
        try:
            # A pipe that has room takes this much without waiting (POSIX).
            left = left[os.write(pipe.fileno(), left[: select.PIPE_BUF]) :]
        except BrokenPipeError:
            return False
    return True


def _received(pipe: IO[bytes], size: int, until: float) -> bytes | None:
    parts = []
    while size:
        if not _open(pipe, select.POLLIN, until):
            return None
        part = os.read(pipe.fileno(), size)
        if not part:
            return None
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def _open(pipe: IO[bytes], way: int, until: float) -> bool:
    """Wait until a pipe can be read or written, or has ended; False where the time ran out."""
    waiting, check = select.poll(), _CHECK.get()
    waiting.register(pipe, way)
    while (left := until - time.monotonic()) > 0:
        if check is not None:
            check()
        if waiting.poll(min(left, _LOOK_SECONDS) * 1e3):
            return True
    return False
