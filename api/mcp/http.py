"""Streamable HTTP that only those reach who are meant to.

A web page can have a browser send requests to any address, that of this service among them, also
under a name of its own that it has pointed here (DNS rebinding). So a request must name a host that
is served, and one that a page sends must come from an origin that is allowed. Whoever else can
reach a public address is recognised by a token (RFC 6750); without one, only loopback is served.
"""

from __future__ import annotations

import hmac
import socket
from collections.abc import Awaitable, Callable, Sequence
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Final

import uvicorn
from mcp.server.transport_security import TransportSecuritySettings

from mechkg.kg.errors import QueryError

if TYPE_CHECKING:
    from mcp.server.mcpserver import MCPServer

__all__ = ["TOKEN_VARIABLE", "is_loopback", "security", "serve"]

TOKEN_VARIABLE: Final = "MECHKG_MCP_TOKEN"  # noqa: S105  # the name of a variable
MIN_TOKEN: Final = 16
"""Characters of a token, fewer of which could be guessed."""

_LOOPBACK: Final = ("127.0.0.1", "localhost", "[::1]")

Scope = dict[str, Any]
App = Callable[[Scope, Any, Any], Awaitable[None]]


def is_loopback(host: str) -> bool:
    """Say whether an address to listen on is one that only this machine reaches.

    >>> is_loopback("127.0.0.2"), is_loopback("::1"), is_loopback("0.0.0.0"), is_loopback("kg")
    (True, True, False, False)
    """
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def security(
    host: str, allowed_hosts: Sequence[str], allowed_origins: Sequence[str]
) -> TransportSecuritySettings:
    """Return which Host and Origin headers are answered, besides those of loopback.

    `host` is the address that is listened on; one that means all addresses stands for this
    machine's name.

    >>> security("192.0.2.1", [], ["https://app.example"]).allowed_hosts[-2:]
    ['192.0.2.1', '192.0.2.1:*']
    """
    own = socket.gethostname() if host in {"0.0.0.0", "::"} else _bracketed(host)  # noqa: S104
    hosts = [*_LOOPBACK, *map(_bracketed, allowed_hosts), own]
    return TransportSecuritySettings(
        enable_dns_rebinding_protection=True,
        allowed_hosts=[form for name in hosts for form in (name, f"{name}:*")],
        allowed_origins=[*(f"http://{name}:*" for name in _LOOPBACK), *allowed_origins],
    )


def serve(
    server: MCPServer, host: str, port: int, settings: TransportSecuritySettings, token: str
) -> None:
    """Serve at `/mcp` until the process is stopped.

    Raises `QueryError` for a token that is too short, and where the address is not loopback and
    there is no token.
    """
    if token and len(token) < MIN_TOKEN:
        raise QueryError(TOKEN_VARIABLE, f"must have at least {MIN_TOKEN} characters")
    if not token and not is_loopback(host):
        raise QueryError(
            "host",
            f"is {host}, which others reach: that needs a token",
            hint=f"Set {TOKEN_VARIABLE}, or listen on 127.0.0.1.",
        )
    app: App = server.streamable_http_app(
        stateless_http=True, transport_security=settings, host=host
    )
    uvicorn.run(_Guard(app, token) if token else app, host=host, port=port, log_level="info")


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host and not host.startswith("[") and host.count(":") > 1 else host


class _Guard:
    """An application that answers only requests with a bearer token."""

    def __init__(self, app: App, token: str) -> None:
        self._app = app
        self._wanted = f"Bearer {token}".encode()

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        """Answer a request, or refuse it with 401."""
        if scope["type"] == "http" and not self._admits(scope["headers"]):
            headers = [(b"www-authenticate", b'Bearer realm="mechkg"'), (b"content-length", b"0")]
            await send({"type": "http.response.start", "status": 401, "headers": headers})
            await send({"type": "http.response.body", "body": b""})
            return
        await self._app(scope, receive, send)

    def _admits(self, headers: Sequence[tuple[bytes, bytes]]) -> bool:
        given = [value for name, value in headers if name.lower() == b"authorization"]
        return len(given) == 1 and hmac.compare_digest(given[0], self._wanted)
