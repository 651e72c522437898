"""A gunicorn worker that gives a thread only to a request that has arrived whole.

gunicorn's threaded worker reads requests in its threads, so that a few clients who send half a
header, or half a body, hold them all. Here the event loop collects bytes::

    accept -> collecting -> whole? -> a thread -> answer -> kept alive -> collecting ...
                 |                                   `-> lingering -> closed
                 `-> too slow: 408, closed

A thread is held by nothing but work, and by sending, which has a time limit as well. A worker in
which a request has run past `timeout` stops reporting to the arbiter, which then replaces it.
"""

from __future__ import annotations

import contextlib
import errno
import re
import socket
import time
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from selectors import EVENT_READ
from typing import Any, Final

import msgspec
from gunicorn.http.errors import LimitRequestHeaders, LimitRequestLine
from gunicorn.workers.gthread import TConn, ThreadWorker

from mechkg.api.http.problems import MEDIA_TYPE, of_status
from mechkg.api.http.settings import Settings

__all__ = ["WholeRequestWorker"]

HEADER_BYTES: Final = 65_536
LINGER_SECONDS: Final = 2.0
EXHAUSTED: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
"""Errors of a system that has no descriptors or memory left for one more connection."""

CONTENT_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,15})[ \t]*\r\n", re.IGNORECASE)
CHUNKED = re.compile(rb"\r\ntransfer-encoding:", re.IGNORECASE)
EXPECTS = re.compile(rb"\r\nexpect:[ \t]*100-continue[ \t]*\r\n", re.IGNORECASE)


class BoundedSocket(socket.socket):
    """A socket whose blocking calls end in time: `send_seconds` stands for "for ever"."""

    send_seconds: float = 30.0
    sent: float = 0.0

    def sendall(self, data: Any, flags: int = 0, /) -> None:
        """Send all bytes within `send_seconds`, and note when that was done."""
        super().sendall(data, flags)
        self.sent = time.monotonic()

    def setblocking(self, flag: bool) -> None:
        """Block for at most `send_seconds`, or not at all."""
        self.settimeout(self.send_seconds if flag else 0.0)


@dataclass(slots=True)
class Collected:
    """What has come in on a connection; a lingering one throws it away."""

    deadline: float
    data: bytearray = field(default_factory=bytearray)
    lingering: bool = False
    continued: bool = False


def is_whole(data: bytes | bytearray, most_body: int) -> bool:
    r"""Say whether a request is complete, or can be refused by its header alone.

    A chunked body counts as complete at its header: it is refused unread.

    >>> is_whole(b"GET / HTTP/1.1\r\nHost: a\r\n", 10)
    False
    >>> is_whole(b"POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\n{", 10)
    False
    >>> is_whole(b"POST / HTTP/1.1\r\nContent-Length: 99\r\n\r\n{", 10)
    True
    """
    end = data.find(b"\r\n\r\n")
    if end < 0:
        return False
    head = bytes(data[: end + 2])
    length = CONTENT_LENGTH.search(head)
    if length is None or CHUNKED.search(head):
        return True
    wanted = int(length[1])
    return wanted > most_body or len(data) >= end + 4 + wanted


class WholeRequestWorker(ThreadWorker):
    """The worker; its limits are the `Settings` of the server that it belongs to."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.limits: Settings = self.app.settings  # type: ignore[attr-defined]
        self.collecting: dict[TConn, Collected] = {}
        self.running: dict[TConn, float] = {}

    def notify(self) -> None:
        """Report to the arbiter, unless a request has run for too long and sent nothing since."""
        since = (max(began, sent_at(conn)) for conn, began in list(self.running.items()))
        oldest = min(since, default=time.monotonic())
        if time.monotonic() - oldest <= self.limits.request_seconds:
            super().notify()

    def accept(self, listener: Any) -> None:
        """Take a connection and begin to collect its request."""
        try:
            accepted, address = listener.accept()
        except OSError as error:
            if error.errno in {errno.EAGAIN, errno.ECONNABORTED, errno.EWOULDBLOCK}:
                return
            if error.errno not in EXHAUSTED:
                raise
            # The loop accepts again once there are fewer connections than this.
            self.worker_connections = max(1, self.nr_conns)
            self.log.warning(
                "%s: at most %d connections are held.", error.strerror, self.worker_connections
            )
            return
        sock = BoundedSocket(fileno=accepted.detach())
        sock.send_seconds = self.limits.send_seconds
        self.nr_conns += 1
        conn = TConn(self.cfg, sock, address, listener.getsockname())
        conn.init()
        self.collect(conn)

    def collect(self, conn: TConn, data: bytes = b"", *, lingering: bool = False) -> None:
        """Wait for a request on a connection, or for the end of a lingering one."""
        seconds = LINGER_SECONDS if lingering else self.limits.arrival_seconds
        collected = Collected(time.monotonic() + seconds, bytearray(data), lingering)
        conn.sock.setblocking(False)
        self.collecting[conn] = collected
        self.poller.register(conn.sock, EVENT_READ, partial(self.on_bytes, conn))
        self.advance(conn, collected)

    def on_bytes(self, conn: TConn, sock: Any) -> None:
        """Take what has come in; hand a whole request to a thread."""
        collected = self.collecting[conn]
        try:
            data = sock.recv(HEADER_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.drop(conn)
        elif not collected.lingering:
            collected.data += data
            self.advance(conn, collected)

    def advance(self, conn: TConn, collected: Collected) -> None:
        """Hand a request to a thread if it is whole; tell a client that waits to go on."""
        if collected.lingering:
            return
        if len(collected.data) > HEADER_BYTES and b"\r\n\r\n" not in collected.data:
            self.release(conn)
            if b"\r\n" in collected.data:
                refuse_raw(conn.sock, 431, f"The headers are longer than {HEADER_BYTES:,} bytes.")
            else:
                refuse_raw(
                    conn.sock, 414, f"The address is too large: over {HEADER_BYTES:,} bytes."
                )
            self.linger(conn)
            return
        if is_whole(collected.data, self.limits.body_bytes):
            self.release(conn)
            parser_of(conn).unreader.unread(bytes(collected.data))
            conn.data_ready = True
            self.enqueue_req(conn)
        elif not collected.continued and EXPECTS.search(collected.data):
            collected.continued = True
            with contextlib.suppress(OSError):
                conn.sock.send(b"HTTP/1.1 100 Continue\r\n\r\n")

    def handle(self, conn: TConn) -> Any:
        """Answer a request, in a thread, and remember since when."""
        self.running[conn] = time.monotonic()
        try:
            return super().handle(conn)
        finally:
            del self.running[conn]

    def _keepalive_after(self, conn: TConn, keepalive: bool) -> bool:
        # All that may be left of a whole request is in memory; nothing is waited for.
        return keepalive and bool(parser_of(conn).finish_body(deadline=time.monotonic() + 0.05))

    def finish_request(self, conn: TConn, fs: Future[Any]) -> None:
        """Keep the connection, go on with what its client has sent already, or let it go."""
        if fs.cancelled() or fs.exception() is not None or not fs.result():
            self.linger(conn)
        elif rest := parser_of(conn).unreader.take_buffered():
            self.collect(conn, rest)
        else:
            super().finish_request(conn, fs)

    def linger(self, conn: TConn) -> None:
        """Say goodbye and wait a little for the client to take the answer and close."""
        with contextlib.suppress(OSError):
            conn.sock.shutdown(socket.SHUT_WR)
        self.collect(conn, lingering=True)

    def on_client_socket_readable(self, conn: TConn, client: Any) -> None:
        """Begin to collect the next request of a kept connection."""
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)
        self.collect(conn)

    def murder_pending(self) -> None:
        """Close connections whose request did not arrive in time, with a word if it had begun."""
        now = time.monotonic()
        late = [conn for conn, collected in self.collecting.items() if collected.deadline <= now]
        for conn in late:
            collected = self.collecting[conn]
            if collected.data and not collected.lingering:
                detail = f"The request was not whole after {self.limits.arrival_seconds:g} seconds."
                refuse_raw(conn.sock, 408, detail)
            self.drop(conn)

    def _cap_keepalive(self, deadline: float) -> None:
        super()._cap_keepalive(deadline)  # type: ignore[misc]
        for collected in self.collecting.values():
            collected.deadline = min(collected.deadline, deadline)

    def release(self, conn: TConn) -> None:
        """Stop watching a connection."""
        del self.collecting[conn]
        self.poller.unregister(conn.sock)

    def drop(self, conn: TConn) -> None:
        """Close a connection that is being watched."""
        self.release(conn)
        self.nr_conns -= 1
        conn.close()

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """Answer what is not proper HTTP with a problem, as everything else is answered."""
        del req
        status = 400
        if isinstance(exc, LimitRequestLine):
            status = 414
        elif isinstance(exc, LimitRequestHeaders):
            status = 431
        elif not type(exc).__module__.startswith("gunicorn.http"):
            status = 500
            self.log.error("A request from %s failed.", addr[0], exc_info=exc)
        detail = "The server failed." if status == 500 else f"{exc}".rstrip(".") + "."
        refuse_raw(client, status, detail)


def parser_of(conn: TConn) -> Any:
    """Return the parser of a connection, which is there from its acceptance on."""
    return conn.parser


def sent_at(conn: TConn) -> float:
    """Return when the last bytes of an answer were sent on a connection."""
    return float(getattr(conn.sock, "sent", 0.0))


def refuse_raw(sock: Any, status: int, detail: str) -> None:
    """Write a problem to a connection that no request object exists for."""
    problem = of_status(status, detail, "")
    body = msgspec.json.encode(problem)
    head = (
        f"HTTP/1.1 {status} {problem.title}\r\nConnection: close\r\n"
        f"Content-Type: {MEDIA_TYPE}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with contextlib.suppress(OSError):
        sock.sendall(head.encode("ascii") + body)
