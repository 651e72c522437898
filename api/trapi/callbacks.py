"""Where the answer of a job may be sent: nowhere, but to hosts that the server's owner has listed.

A listed host is `name`, `name:port` or an address. The name is resolved once, every address it has
is checked, and the connection goes to that very address, so that a name cannot turn private in
between. Addresses that are not public are refused (`is_public`), unless the list names the address
itself. Redirects are not followed, no proxy is used, and however slowly a host answers, all
attempts together end after `SECONDS`.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import time
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from threading import Timer
from typing import Final
from urllib.parse import urlsplit

__all__ = ["Refused", "Target", "is_public", "send", "target_of"]

ATTEMPTS: Final = 2
SECONDS: Final = 20.0
"""Of all attempts together, from resolving the name to the status of the answer."""
_PORTS: Final = {"http": 80, "https": 443}
_UNICAST: Final = IPv6Network("2000::/3")
_RELAYS: Final = (ip_network("2002::/16"), ip_network("192.88.99.0/24"))
"""6to4 (RFC 3056, 7526): beyond these stands an IPv4 address of anybody's choice."""


class Refused(Exception):
    """The callback is not sent, and why."""


@dataclass(frozen=True)
class Target:
    """A callback that may be asked for: parts of its address."""

    scheme: str
    host: str
    port: int
    path: str


def target_of(callback: str, allowed: Collection[str]) -> Target:
    """Return the target of a callback; raises `Refused` unless the list has its host.

    >>> target_of("https://ars.example.org/answer?id=1", ["ars.example.org"]).path
    '/answer?id=1'
    >>> target_of("http://127.0.0.1/", ["ars.example.org"])
    Traceback (most recent call last):
    api.trapi.callbacks.Refused: This server sends nothing to 127.0.0.1:80.
    """
    try:
        parts = urlsplit(callback)
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError as error:
        raise Refused("The callback is no address.") from error
    host = (parts.hostname or "").rstrip(".")
    if parts.scheme not in _PORTS or not port or not host or parts.username is not None:
        raise Refused("The callback must be http or https, with a host and without a user name.")
    listed = {entry.strip().casefold() for entry in allowed}
    standard = port == _PORTS[parts.scheme]
    if f"{host}:{port}" not in listed and not (standard and host in listed):
        raise Refused(f"This server sends nothing to {host}:{port}.")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if not path.isascii() or any(c.isspace() or not c.isprintable() for c in path):
        raise Refused("The path of the callback holds what an address cannot hold.")
    return Target(parts.scheme, host, port, path)


def is_public(address: str) -> bool:
    """Say whether an address is one host's on the open network.

    Of IPv6 that is the range that is given out (RFC 4291): what stands for an IPv4 address, in
    whatever notation (mapped, NAT64, 6to4, Teredo), is not, nor is multicast.

    >>> is_public("8.8.8.8"), is_public("224.0.0.1"), is_public("64:ff9b::a00:1")
    (True, False, False)
    """
    parsed: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    if not parsed.is_global or parsed.is_multicast or any(parsed in relay for relay in _RELAYS):
        return False
    return isinstance(parsed, IPv4Address) or parsed in _UNICAST


def send(target: Target, body: bytes, seconds: float = SECONDS) -> str:
    """Send an answer, twice if need be, within `seconds`; returns in words how it went."""
    told = ""
    deadline = time.monotonic() + seconds
    for _ in range(ATTEMPTS):
        try:
            status = _post(target, body, deadline)
        except Refused as refusal:
            return str(refusal)
        except (OSError, http.client.HTTPException) as error:
            if time.monotonic() >= deadline:
                return f"The callback did not end within {seconds:g} seconds."
            told = f"The callback failed: {type(error).__name__}."
            continue
        if 200 <= status < 300:
            return f"The callback returned {status}."
        told = f"The callback returned {status}."
    return told


def _post(target: Target, body: bytes, deadline: float) -> int:
    connection = _Connection(target, deadline)
    # A timeout of a socket is one of each wait: a host that sends byte after byte never meets it.
    end = Timer(deadline - time.monotonic(), connection.abort)
    end.start()
    try:
        connection.request("POST", target.path, body, {"Content-Type": "application/json"})
        status = connection.getresponse().status
        if time.monotonic() >= deadline:
            raise TimeoutError  # ended by us in the midst of it
        return status
    finally:
        end.cancel()
        connection.close()


class _Connection(http.client.HTTPConnection):
    """A connection to an address that was checked."""

    def __init__(self, target: Target, deadline: float) -> None:
        super().__init__(target.host, target.port)
        self._target = target
        self._deadline = deadline

    def connect(self) -> None:
        """Resolve, check, connect; raises `Refused` or `OSError`."""
        target = self._target
        address = _address_of(target)
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self.sock = socket.create_connection((address, target.port), timeout=left)
        if target.scheme == "https":
            self.sock = secured = ssl.create_default_context().wrap_socket(
                self.sock, server_hostname=target.host, do_handshake_on_connect=False
            )
            secured.do_handshake()

    def abort(self) -> None:
        """End whatever another thread waits for."""
        if self.sock is not None:
            with suppress(OSError):
                # That of TLS would take its state from under the thread that reads.
                socket.socket.shutdown(self.sock, socket.SHUT_RDWR)


def _address_of(target: Target) -> str:
    found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(info[4][0]) for info in found))
    for address in addresses:
        # An address that is written out in the callback has been listed as such.
        if not is_public(address) and address != target.host:
            raise Refused(f"{target.host} has an address that is not public.")
    return addresses[0]
