"""A gunicorn worker that gives a thread only to a request that has arrived whole.

gunicorn's threaded worker reads requests in its threads, so that a few clients who send half a
header, or half a body, hold them all. Here the event loop collects bytes::

    accept -> collecting -> whole? -> a thread -> sending -> kept alive -> collecting ...
                 |                        ^          |  `-> lingering -> closed
                 `-> too slow: 408        `- stream -'

A thread is held by nothing but work: what a client does not take at once is sent by the loop
(`mechkg.api.http.sending`), within a time limit. A worker in which a request has run past `timeout`
stops reporting to the arbiter, which then replaces it.
"""

from __future__ import annotations

import contextlib
import errno
import re
import socket
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from selectors import EVENT_READ, EVENT_WRITE
from typing import Any, Final, cast

import msgspec
from gunicorn.http.errors import LimitRequestHeaders, LimitRequestLine
from gunicorn.workers.gthread import TConn, ThreadWorker

from mechkg.api.http.lanes import LANES
from mechkg.api.http.problems import MEDIA_TYPE, of_status
from mechkg.api.http.sending import MAX_HELD, BufferedSocket, Sending, largest
from mechkg.api.http.settings import Settings

__all__ = ["WholeRequestWorker"]

HEADER_BYTES: Final = 65_536
LINGER_SECONDS: Final = 2.0
EXHAUSTED: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
"""Errors of a system that has no descriptors or memory left for one more connection."""

CONTENT_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,15})[ \t]*\r\n", re.IGNORECASE)
CHUNKED = re.compile(rb"\r\ntransfer-encoding:", re.IGNORECASE)
EXPECTS = re.compile(rb"\r\nexpect:[ \t]*100-continue[ \t]*\r\n", re.IGNORECASE)


PAUSED: Final = object()
"""What comes of a request whose stream waits for its client."""


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
        self.paused: dict[TConn, Sending] = {}
        self.draining: dict[TConn, Future[Any]] = {}

    def get_thread_pool(self) -> ThreadPoolExecutor:
        """Return the threads: those that work, and those that wait in the queue of a lane."""
        limits = self.limits
        return ThreadPoolExecutor(limits.threads + LANES * (limits.queue + 1))

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
        sock = BufferedSocket(fileno=accepted.detach())
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
        """Answer a request, or go on with its stream, in a thread, and remember since when."""
        self.running[conn] = time.monotonic()
        try:
            sending = self.paused.pop(conn, None)
            return super().handle(conn) if sending is None else self.go_on(conn, sending)
        finally:
            del self.running[conn]

    def handle_request(self, req: Any, conn: TConn) -> Any:
        """Answer a request; returns whether its connection stays open, or `PAUSED`."""
        self.nr += 1
        if self.nr >= self.max_requests:
            self.alive = False  # answers what it has begun, and is replaced
        sending = Sending(self, req, conn)
        keep = self.alive and len(self.keepalived_conns) < self.max_keepalived
        return self._written(conn, sending, keep=keep)

    def go_on(self, conn: TConn, sending: Sending) -> Any:
        """Go on with a stream whose client has taken what was written."""
        try:
            return self._keepalive_after(conn, self._written(conn, sending))
        except (OSError, StopIteration):
            return False

    def _written(self, conn: TConn, sending: Sending, *, keep: bool | None = None) -> Any:
        paused = False
        try:
            if keep is not None:
                sending.begin(keep=keep)
            paused = not sending.write()
        except OSError:
            raise
        except (Exception, SystemExit) as error:
            if sending.response.headers_sent:  # a second answer would pass for the rest of it
                self.log.exception("A request failed while it was answered.")
                raise StopIteration from error
            raise
        finally:
            if paused:
                self.paused[conn] = sending
            else:
                sending.close()
        return PAUSED if paused else not sending.response.should_close()

    def _keepalive_after(self, conn: TConn, keepalive: Any) -> Any:
        # All that may be left of a whole request is in memory; nothing is waited for.
        if keepalive is PAUSED:
            return PAUSED
        return keepalive and bool(parser_of(conn).finish_body(deadline=time.monotonic() + 0.05))

    def finish_request(self, conn: TConn, fs: Future[Any]) -> None:
        """Send on what the client of an answer has not taken, then see to its connection."""
        if not held_by(conn).waiting:
            self.sent_all(conn, fs)
            return
        held_by(conn).renew()
        self.draining[conn] = fs
        conn.sock.setblocking(False)
        self.poller.register(conn.sock, EVENT_WRITE, partial(self.on_writable, conn))
        while sum(held_by(other).waiting for other in self.draining) > MAX_HELD:
            self.abandon(largest(self.draining))

    def on_writable(self, conn: TConn, sock: Any) -> None:
        """Send on what is kept for a client."""
        try:
            sock.flush()
        except OSError:
            self.abandon(conn)
            return
        if not sock.waiting:
            self.poller.unregister(sock)
            self.sent_all(conn, self.draining.pop(conn))

    def abandon(self, conn: TConn) -> None:
        """Close the connection of a client that does not take its answer."""
        del self.draining[conn]
        self.poller.unregister(conn.sock)
        sending = self.paused.pop(conn, None)
        if sending is not None:
            self.tpool.submit(sending.close)
        self.nr_conns -= 1
        conn.close()

    def sent_all(self, conn: TConn, fs: Future[Any]) -> None:
        """Go on with a stream; keep the connection, or let it go."""
        if conn in self.paused:
            self.enqueue_req(conn)
        elif fs.cancelled() or fs.exception() is not None or not fs.result():
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
        for conn in [c for c in self.draining if held_by(c).deadline <= now]:
            self.abandon(conn)
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


def held_by(conn: TConn) -> BufferedSocket:
    """Return the socket of a connection, which keeps what its client has not taken."""
    return cast("BufferedSocket", conn.sock)


def sent_at(conn: TConn) -> float:
    """Return when the last bytes of an answer were sent on a connection."""
    return held_by(conn).sent


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
