"""Answers that are sent as their clients take them, without a thread that waits.

What a client has not taken yet stays with its socket, and the event loop of the worker sends it on
when there is room. A stream pauses meanwhile: it is taken up again, by any thread, once all that
was written is taken.
"""

from __future__ import annotations

import os
import socket
import time
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Final

from gunicorn.http import wsgi

__all__ = ["MAX_HELD", "BufferedSocket", "Sending", "largest"]

MAX_HELD: Final = 1 << 28
"""Bytes that a worker keeps for clients that have not taken them, at most: 256 MiB."""

STEP: Final = 1 << 20
"""A client that takes so many bytes within the time for sending has it anew."""


class BufferedSocket(socket.socket):
    """A socket that sends what the system takes at once and keeps the rest in `held`.

    `sent` is when bytes were last sent (monotonic clock). Reading blocks for at most
    `send_seconds`. One thread at a time.
    """

    send_seconds: float = 30.0
    sent: float = 0.0
    waiting: int = 0
    deadline: float = 0.0

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.held: deque[memoryview] = deque()
        self._renewed = 0

    def sendall(self, data: Any, flags: int = 0, /) -> None:
        """Send bytes, or keep what the system does not take; raises `OSError` for a lost client."""
        del flags
        view = memoryview(data).cast("B")
        if not len(view):
            return
        self.held.append(view)
        self.waiting += len(view)
        self.flush()

    def flush(self) -> None:
        """Send as much of what is kept as the system takes now."""
        while self.held:
            view = self.held[0]
            try:
                count = os.write(self.fileno(), view)
            except BlockingIOError:
                return
            self.sent = time.monotonic()
            self.waiting -= count
            self._renewed += count
            if count < len(view):
                self.held[0] = view[count:]
            else:
                self.held.popleft()
        if self._renewed >= STEP:
            self.renew()

    def renew(self) -> None:
        """Begin the time anew in which the client has to take what is kept."""
        self._renewed = 0
        self.deadline = time.monotonic() + self.send_seconds

    def setblocking(self, flag: bool) -> None:
        """Block for at most `send_seconds` when reading, or not at all."""
        self.settimeout(self.send_seconds if flag else 0.0)


class Sending:
    """An answer under way: `write` goes on with it until its client has to take some."""

    def __init__(self, worker: Any, request: Any, conn: Any) -> None:
        self._worker, self._request = worker, request
        self._socket: BufferedSocket = conn.sock
        self._began = datetime.now()  # noqa: DTZ005 - gunicorn's log subtracts it from its own
        self.response, self._environ = wsgi.create(
            request, conn.sock, conn.client, conn.server, worker.cfg
        )
        self._environ["wsgi.multithread"] = True
        self._pieces: Iterable[bytes] = ()
        self._iterator: Iterator[bytes] = iter(())

    def begin(self, *, keep: bool) -> None:
        """Have the application answer; without `keep` the connection closes after it."""
        if not keep:
            self.response.force_close()
        self._pieces = self._worker.wsgi(self._environ, self.response.start_response)
        self._iterator = iter(self._pieces)

    def write(self) -> bool:
        """Write what there is; returns False where a stream waits for its client."""
        for piece in self._iterator:
            self.response.write(piece)
            if self._socket.waiting and self.response.response_length is None:
                return False
        self.response.close()
        return True

    def close(self) -> None:
        """Let go of what the answer holds, and log it."""
        took = datetime.now() - self._began  # noqa: DTZ005
        if self.response.status is not None:
            self._worker.log.access(self.response, self._request, self._environ, took)
        close = getattr(self._pieces, "close", None)
        if close is not None:
            close()


def largest(connections: Iterable[Any]) -> Any:
    """Return the connection that keeps most bytes, of the client that has most kept in all."""
    listed = list(connections)
    held: Counter[str] = Counter()
    for conn in listed:
        held[conn.client[0]] += conn.sock.waiting
    return max(listed, key=lambda conn: (held[conn.client[0]], conn.sock.waiting))
