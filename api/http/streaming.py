"""NDJSON streaming responses.

A line is one JSON object: first the paths, best first, then what a stream ends with: its summary,
or the problem that cut it. A client that goes away stops the work, also while nothing is being
sent: its connection is looked at several times a second.
"""

from __future__ import annotations

import logging
import select
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

import msgspec
from flask import Response
from werkzeug.exceptions import TooManyRequests

from mechkg.api.http.lanes import Turn
from mechkg.api.http.problems import of_error, of_http, of_status
from mechkg.api.http.route import LINES
from mechkg.kg.errors import MechKGError
from mechkg.kg.progress import Cancel

if TYPE_CHECKING:
    from mechkg.kg.search.stream_paths import (
        PathStream,  # numba, which a starting server need not wait for
    )

__all__ = ["Lines", "WatchedClient", "is_gone", "respond"]

LOOK_SECONDS: Final = 0.1
"""Between two looks at whether the client is there."""

Ended = Callable[[str, int], None]


class Lines(Iterator[bytes]):
    """The lines of a stream of paths; `close` stops it at any point.

    `ended` is told once what ended it (complete, limit, time, client or error) and how many paths
    were sent.
    """

    def __init__(
        self, paths: PathStream, instance: str, ended: Ended, turn: Turn | None = None
    ) -> None:
        self._paths = paths
        self._turn = turn
        self._cancel = paths.cancel
        self._instance = instance
        self._ended: Ended | None = ended
        self._last = False

    def __next__(self) -> bytes:
        """Return the next line; the one after the last path is the summary, or a problem."""
        if self._last:
            raise StopIteration
        try:
            if self._turn is not None:
                self._turn.resume()
            return self._next()
        except TooManyRequests as error:
            self._end("error")
            return _line(of_http(error, "GET", self._instance))
        finally:
            if self._turn is not None:
                self._turn.rest()

    def _next(self) -> bytes:
        try:
            return _line(next(self._paths))
        except StopIteration:
            summary = self._paths.summary
            self._end(summary.truncated_by or "complete")
            return _line(summary)
        except MechKGError as error:
            self._end("client" if self._cancel.cancelled else "error")
            return _line(of_error(error, self._instance, {}))
        except Exception:
            name = uuid4().hex[:12]
            logging.getLogger("mechkg.api.http.app").exception("%s: a stream broke", name)
            self._end("error")
            detail = f"MechKG failed to go on. The cause is in the server's log under {name}."
            return _line(of_status(500, detail, self._instance, id=name))

    def close(self) -> None:
        """Stop the work; without the last line sent, it was the client that went away."""
        if not self._last:
            self._cancel.cancel()
        self._paths.close()
        self._end("client")

    def _end(self, how: str) -> None:
        self._last = True
        if self._ended is not None:
            self._ended(how, self._paths.returned)
            self._ended = None


def respond(
    paths: PathStream, turn: Turn, environ: Mapping[str, Any], ended: Ended, held: ExitStack
) -> Response:
    """Return the response that streams some paths; `held` is released at its end.

    `turn` rests while the client takes a line.
    """
    turn.rest()
    lines = Lines(paths, environ.get("PATH_INFO", ""), ended, turn)
    held.callback(lines.close)
    held.enter_context(WatchedClient(environ.get("gunicorn.socket"), paths.cancel))
    response = Response(lines, mimetype=LINES)
    response.call_on_close(held.close)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"
    return response


class WatchedClient:
    """While it is entered, raises the flag of some work when a client closes its connection.

    A client that has gone before, while its request waited, is seen at once.
    """

    def __init__(self, client: socket.socket | None, cancel: Cancel) -> None:
        self._client = client
        self._cancel = cancel
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, name="watching a client", daemon=True)

    def __enter__(self) -> None:
        if is_gone(self._client):
            self._cancel.cancel()
        elif self._client is not None:
            self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        if self._thread.is_alive():
            self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(LOOK_SECONDS):
            if is_gone(self._client):
                self._cancel.cancel()
                return


def is_gone(client: socket.socket | None) -> bool:
    """Say whether a client has closed its connection; no bytes are taken from it."""
    if client is None:
        return False
    poll = select.poll()
    poll.register(client, select.POLLIN | select.POLLHUP | select.POLLERR)
    if not poll.poll(0):  # a socket with a timeout would be waited for
        return False
    try:
        return client.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


def _line(value: msgspec.Struct) -> bytes:
    return msgspec.json.encode(value) + b"\n"
