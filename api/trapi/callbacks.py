"""Where the answer of a job may be sent: nowhere, but to hosts that the server's owner has listed.

A listed host is `name`, `name:port` or an address. The name is resolved once, every address it has
is checked, and the connection goes to that very address, so that a name cannot turn private in
between. Private, loopback and link-local addresses are refused, unless the list names the address
itself. Redirects are not followed, and no proxy is asked.
"""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Collection
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

__all__ = ["Refused", "Target", "send", "target_of"]

ATTEMPTS: Final = 2
SECONDS: Final = 10.0
_PORTS: Final = {"http": 80, "https": 443}


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
    if not port or not host or parts.username is not None:
        raise Refused("The callback must be http or https, with a host and without a user name.")
    listed = {entry.strip().casefold() for entry in allowed}
    standard = port == _PORTS[parts.scheme]
    if f"{host}:{port}" not in listed and not (standard and host in listed):
        raise Refused(f"This server sends nothing to {host}:{port}.")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if not path.isascii() or any(c.isspace() or not c.isprintable() for c in path):
        raise Refused("The path of the callback holds what an address cannot hold.")
    return Target(parts.scheme, host, port, path)


def send(target: Target, body: bytes) -> str:
    """Send an answer, twice if need be; returns in words how it went."""
    told = ""
    for _ in range(ATTEMPTS):
        try:
            status = _post(target, body)
        except Refused as refusal:
            return str(refusal)
        except (OSError, http.client.HTTPException) as error:
            told = f"The callback failed: {type(error).__name__}."
            continue
        if 200 <= status < 300:
            return f"The callback returned {status}."
        told = f"The callback returned {status}."
    return told


def _post(target: Target, body: bytes) -> int:
    connection = _Connection(target)
    try:
        connection.request("POST", target.path, body, {"Content-Type": "application/json"})
        return connection.getresponse().status
    finally:
        connection.close()


class _Connection(http.client.HTTPConnection):
    """A connection to an address that was checked."""

    def __init__(self, target: Target) -> None:
        super().__init__(target.host, target.port, timeout=SECONDS)
        self._target = target

    def connect(self) -> None:
        """Resolve, check, connect; raises `Refused` or `OSError`."""
        target = self._target
        address = _address_of(target)
        sock = socket.create_connection((address, target.port), timeout=SECONDS)
        if target.scheme == "https":
            sock = ssl.create_default_context().wrap_socket(sock, server_hostname=target.host)
        self.sock = sock


def _address_of(target: Target) -> str:
    found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(info[4][0]) for info in found))
    for address in addresses:
        # An address that is written out in the callback has been listed as such.
        if not ip_address(address.partition("%")[0]).is_global and address != target.host:
            raise Refused(f"{target.host} has an address that is not public.")
    return addresses[0]
