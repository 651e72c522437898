"""A proxy that breaks the answers of an endpoint in the ways in which networks and servers do."""

import http.client
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

FAULTS = (
    "stall", "stall headers", "drop", "reset", "503", "429", "500", "truncate", "truncate line",
    "lose rows", "garbage", "html", "empty", "wrong columns", "drip", "cancelled", "sql state",
    "redirect", "huge",
)  # fmt: skip


BODIES: Mapping[str, Callable[[bytes], bytes]] = {
    "truncate line": lambda data: data[:-3],
    "lose rows": lambda data: (
        b"\n".join(data.split(b"\n")[: max(1, data.count(b"\n") // 2)]) + b"\n"
    ),
    "garbage": lambda _: bytes(range(256)) * 4,
    "empty": lambda _: b"",
    "wrong columns": lambda data: data.rstrip(b"\r\n") + b",more\r\n",
    "cancelled": lambda data: data[: len(data) // 2] + b"The SPARQL operation has been cancelled\n",
    "huge": lambda data: data + b"x" * 3_000_000 + b"\n",
}
"""What faults make of the body of an answer, under status 200."""


class _Handler(BaseHTTPRequestHandler):
    """Passes a request on, and breaks the answer from the n-th request on."""

    protocol_version = "HTTP/1.1"
    server: "_Proxy"

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        proxy = self.server
        body = self.rfile.read(int(self.headers["Content-Length"]))
        proxy.authorization = self.headers.get("Authorization", "")
        with proxy.lock:
            proxy.requests += 1
            broken = proxy.first <= proxy.requests < proxy.first + proxy.count
        if not broken:
            self.whole(*self.passed_on(body))
            return
        with suppress(OSError):
            self.fault(proxy.fault, body)
        self.close_connection = True

    def passed_on(self, body: bytes) -> tuple[int, str, bytes]:
        parts = urlsplit(self.server.target)
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=20)
        try:
            connection.request("POST", parts.path, body, dict(self.headers))
            answer = connection.getresponse()
            return answer.status, answer.getheader("Content-Type") or "", answer.read()
        finally:
            connection.close()

    def whole(self, status: int, media: str, data: bytes, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", media)
        self.send_header("Content-Length", str(len(data)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)

    def fault(self, fault: str, body: bytes) -> None:
        if fault in ("503", "429", "500"):
            self.whole(int(fault), "text/plain", b"not now", Retry_After="0")
        elif fault == "drop":
            pass
        elif fault == "reset":
            linger = (1).to_bytes(4, "little") + (0).to_bytes(4, "little")
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        elif fault == "stall headers":
            self.server.stopped.wait(30)
        elif fault == "redirect":
            self.whole(302, "text/csv", b"", Location=self.server.target)
        else:
            self.changed(fault, *self.passed_on(body))

    def changed(self, fault: str, status: int, media: str, data: bytes) -> None:
        """Send an answer that is not what the endpoint gave."""
        if fault == "stall":
            self.promised(status, media, len(data) + 10, data)
            self.server.stopped.wait(30)
        elif fault == "truncate":
            self.promised(status, media, len(data), data[: len(data) // 2])
        elif fault == "drip":
            self.drip(status, media, data)
        elif fault == "html":
            self.whole(status, "text/html", b"<html>Please sign in</html>\n")
        elif fault == "sql state":
            self.whole(status, media, data.split(b"\n")[0] + b"\n", X_SQL_State="S1TAT")
        else:
            self.whole(status, media, BODIES[fault](data))

    def promised(self, status: int, media: str, length: int, data: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", media)
        self.send_header("Content-Length", str(length))
        self.end_headers()
        self.wfile.write(data)
        self.wfile.flush()

    def drip(self, status: int, media: str, data: bytes) -> None:
        self.promised(status, media, len(data) + 1000, data[:10])
        while not self.server.stopped.is_set():
            self.wfile.write(b"x")
            self.wfile.flush()
            time.sleep(0.05)


class _Proxy(ThreadingHTTPServer):
    """What is broken: `count` requests from the `first` one on, by a `fault`."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, target: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.target = target
        self.lock = threading.Lock()
        self.stopped = threading.Event()
        self.authorization = ""
        self.set_up("", 0, 0)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/query"

    def set_up(self, fault: str, first: int, count: int) -> None:
        self.stopped.set()
        self.stopped = threading.Event()
        self.fault, self.first, self.count, self.requests = fault, first, count, 0

    def handle_error(self, *_: object) -> None:
        """A client that goes away is no error here."""


@contextmanager
def proxy_of(target: str) -> Iterator[_Proxy]:
    proxy = _Proxy(target)
    thread = threading.Thread(target=proxy.serve_forever, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        proxy.stopped.set()
        proxy.shutdown()
        proxy.server_close()
        thread.join(5)
