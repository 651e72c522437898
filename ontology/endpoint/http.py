"""HTTP for the client of an endpoint: one POST within a hard deadline and a number of bytes.

`http.client` alone bounds each read of a socket, not the whole: a server that sends a byte now and
then could hold a thread for hours. So a watchdog closes the socket when the time is up, whether
headers or a body were under way. Connections are kept open and used again.
"""

from __future__ import annotations

import http.client
import os
import re
import socket
import ssl
import threading
from base64 import b64encode
from collections.abc import Mapping
from contextlib import suppress
from hashlib import md5, sha256
from typing import Final, Literal, NamedTuple
from urllib.parse import urlsplit

import msgspec

from mechkg.kg.errors import EngineError

__all__ = ["Answer", "Connections", "Credentials", "Dropped", "TooLong", "TooMuch", "checked_url"]

CONNECT_SECONDS: Final = 5.0
CHUNK: Final = 1 << 16
LOOPBACK: Final = frozenset(("localhost", "127.0.0.1", "::1"))
_CHALLENGE: Final = re.compile(r'(\w+)=(?:"([^"]*)"|([^\s,]+))')


class Credentials(msgspec.Struct, frozen=True, kw_only=True):
    """Who queries: a user and a password (basic, digest), or a token (bearer).

    >>> Credentials(kind="bearer", token="t")
    Credentials(kind='bearer')
    """

    kind: Literal["", "basic", "digest", "bearer"] = ""
    user: str = ""
    password: str = ""
    token: str = ""

    def __repr__(self) -> str:
        return f"Credentials(kind={self.kind!r})"


class Answer(NamedTuple):
    """Status, headers by lower-case name, and body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class _Ended(Exception):
    """A request has ended without an answer, after some bytes."""

    def __init__(self, received: int, reason: str = "") -> None:
        super().__init__(reason)
        self.received = received


class TooLong(_Ended):
    """The time of the request was up."""


class TooMuch(_Ended):
    """The answer had more bytes than were allowed."""


class Dropped(_Ended):
    """No connection, or one that ended before the answer did."""


def checked_url(url: str, credentials: Credentials) -> str:
    """Return the address of an endpoint; raises `EngineError` for one that is never called.

    >>> checked_url("https://sparql.example.org/sparql", Credentials())
    'https://sparql.example.org/sparql'
    >>> checked_url("file:///etc/passwd", Credentials())
    Traceback (most recent call last):
    mechkg.kg.errors.EngineError: The engine 'file:///etc/passwd' is no address of HTTP. ...
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or parts.scheme not in ("http", "https") or re.search(r"[\x00-\x20\x7f]", url):
        raise EngineError(
            f"The engine {url!r} is no address of HTTP.", hint="Write https://host/sparql."
        )
    if parts.username or parts.password:
        raise EngineError(
            "The address of the engine holds a user or a password.",
            hint="Set MECHKG_ENGINE_USER and MECHKG_ENGINE_PASSWORD instead.",
        )
    if credentials.kind and parts.scheme == "http" and host not in LOOPBACK:
        raise EngineError(f"Credentials are not sent to {host} without TLS.", hint="Write https.")
    return url


class Connections:
    """Connections to one address, kept open and used again. Safe under threads.

    Certificates are verified against those of the system, or of a file `ca`.
    """

    def __init__(self, url: str, credentials: Credentials, ca: str | None = None) -> None:
        parts = urlsplit(checked_url(url, credentials))
        self._credentials = credentials
        self._host, self._port = parts.hostname or "", parts.port
        self._path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._tls = ssl.create_default_context(cafile=ca) if parts.scheme == "https" else None
        self._idle: list[http.client.HTTPConnection] = []
        self._challenge: dict[str, str] = {}
        self._count = 0
        self._process = os.getpid()

    def close(self) -> None:
        """Close the connections that are idle."""
        while self._idle:
            self._idle.pop().close()

    def post(
        self, body: bytes, headers: Mapping[str, str], seconds: float, most_bytes: int
    ) -> Answer:
        """Return the answer to a POST within some seconds and bytes, with the credentials.

        Raises `TooLong`, `TooMuch` or `Dropped`.
        """
        answer = self._post(body, {**headers, **self._authorization()}, seconds, most_bytes)
        if answer.status == 401 and self._credentials.kind == "digest":
            self._challenge = _challenge(answer.headers.get("www-authenticate", ""))
            answer = self._post(body, {**headers, **self._authorization()}, seconds, most_bytes)
        return answer

    def _post(
        self, body: bytes, headers: Mapping[str, str], seconds: float, most_bytes: int
    ) -> Answer:
        if self._process != os.getpid():  # a fork must not share the connections of its parent
            self._process, self._idle = os.getpid(), []
        while True:
            try:
                connection, is_new = self._idle.pop(), False
            except IndexError:
                connection, is_new = self._connection(seconds), True
            try:
                return self._exchange(connection, body, headers, seconds, most_bytes)
            except Dropped as error:
                # A connection that idled may have been closed at the other end meanwhile.
                if is_new or error.received:
                    raise

    def _connection(self, seconds: float) -> http.client.HTTPConnection:
        wait = min(CONNECT_SECONDS, seconds)
        if self._tls is None:
            return http.client.HTTPConnection(self._host, self._port, timeout=wait)
        return http.client.HTTPSConnection(self._host, self._port, timeout=wait, context=self._tls)

    def _exchange(
        self,
        connection: http.client.HTTPConnection,
        body: bytes,
        headers: Mapping[str, str],
        seconds: float,
        most_bytes: int,
    ) -> Answer:
        """Send one request and read its answer, with a watchdog beside."""
        late = threading.Event()
        watchdog = threading.Timer(seconds, _abort, (connection, late))
        watchdog.daemon = True
        watchdog.start()
        parts: list[bytes] = []
        try:
            if connection.sock is None:
                connection.connect()
            connection.sock.settimeout(seconds)
            connection.request("POST", self._path, body, dict(headers))
            response = connection.getresponse()
            received = _read(response, parts, most_bytes)
            if response.length:
                raise http.client.IncompleteRead(b"", response.length)
        except (OSError, http.client.HTTPException, ValueError) as error:
            connection.close()
            received = sum(map(len, parts))
            if late.is_set() or isinstance(error, TimeoutError):
                raise TooLong(received) from error
            raise Dropped(received, _reason(error)) from error
        except TooMuch:
            connection.close()
            raise
        finally:
            watchdog.cancel()
        if response.will_close or late.is_set():
            connection.close()
        else:
            self._idle.append(connection)
        named = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, named, b"".join(parts))

    def _authorization(self) -> dict[str, str]:
        given = self._credentials
        if given.kind == "bearer":
            return {"Authorization": f"Bearer {given.token}"}
        if given.kind == "basic":
            pair = f"{given.user}:{given.password}".encode()
            return {"Authorization": "Basic " + b64encode(pair).decode()}
        if given.kind == "digest" and self._challenge:
            self._count += 1
            return {"Authorization": _digest(given, self._challenge, self._path, self._count)}
        return {}


def _read(response: http.client.HTTPResponse, parts: list[bytes], most: int) -> int:
    received = 0
    while part := response.read1(CHUNK):
        parts.append(part)
        received += len(part)
        if received > most:
            raise TooMuch(received)
    return received


def _abort(connection: http.client.HTTPConnection, late: threading.Event) -> None:
    """End what a connection is waiting for."""
    late.set()
    sock = connection.sock
    if sock is not None:
        with suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)


def _reason(error: Exception) -> str:
    return re.sub(r"[^\x20-\x7e]+", " ", str(error) or type(error).__name__)[:200].rstrip(".")


def _challenge(header: str) -> dict[str, str]:
    """Return the parameters of a digest challenge, empty for another scheme."""
    scheme, _, rest = header.partition(" ")
    if scheme.casefold() != "digest":
        return {}
    return {name.lower(): quoted or bare for name, quoted, bare in _CHALLENGE.findall(rest)}


def _digest(given: Credentials, challenge: Mapping[str, str], path: str, count: int) -> str:
    """Return the header of HTTP Digest Authentication (RFC 7616, section 3.4), qop `auth`.

    MD5 is what the scheme has where a server does not offer SHA-256; the nonce is used once.
    """
    algorithm = challenge.get("algorithm", "MD5").upper()

    def hashed(text: str) -> str:
        if algorithm == "SHA-256":
            return sha256(text.encode()).hexdigest()
        return md5(text.encode(), usedforsecurity=False).hexdigest()

    realm, nonce = challenge.get("realm", ""), challenge.get("nonce", "")
    own, number = os.urandom(8).hex(), f"{count:08x}"
    secret = hashed(f"{given.user}:{realm}:{given.password}")
    target = hashed(f"POST:{path}")
    values = {"username": given.user, "realm": realm, "nonce": nonce, "uri": path}
    if "auth" in re.split(r"[\s,]+", challenge.get("qop", "")):
        response = hashed(f"{secret}:{nonce}:{number}:{own}:auth:{target}")
        extra = f', qop=auth, nc={number}, cnonce="{own}"'
    else:
        response, extra = hashed(f"{secret}:{nonce}:{target}"), ""
    if "opaque" in challenge:
        values["opaque"] = challenge["opaque"]
    listed = ", ".join(f'{name}="{value}"' for name, value in values.items())
    return f'Digest {listed}, response="{response}", algorithm={algorithm}{extra}'
