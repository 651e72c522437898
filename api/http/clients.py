"""Who sends a request: the holder of a token, or an address.

That is for whom shares of the server are kept, and who may change the graph. A token is one of this
server's, or one of an OpenID Connect issuer.
"""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

import msgspec
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import HTTPException, ServiceUnavailable, Unauthorized
from werkzeug.wrappers import Request

from mechkg.api.http.oidc import InvalidToken, Issuer, KeysUnavailable
from mechkg.kg.curation.tokens import PREFIX, ROLES, Role, Tokens

__all__ = ["Clients", "Holder", "unauthorized"]

_HOLDER: Final = "mechkg.holder"
"""Where a request keeps whose token it has: a signature is verified once."""


class Holder(msgspec.Struct, frozen=True):
    """Whose token a request has, and the highest role that it gives; None where it gives none."""

    name: str
    role: Role | None

    def allows(self, role: Role) -> bool:
        """Say whether the token allows what a role does.

        >>> Holder("ada", "propose").allows("accept"), Holder("oidc:eve", None).allows("read")
        (False, False)
        """
        return self.role is not None and ROLES.index(self.role) >= ROLES.index(role)


class Clients:
    """Names the client of a request.

    `proxies` is how many proxies stand before the server, whose X-Forwarded-For is believed;
    `issuer` is whose tokens are accepted beside those of this server.
    """

    def __init__(self, tokens: Tokens, proxies: int, issuer: Issuer | None = None) -> None:
        self._tokens = tokens
        self._proxies = proxies
        self._issuer = issuer

    def name(self, request: Request) -> str:
        """Return a text that is the same for all requests of a client.

        It is the holder of a valid token, else an address, of IPv6 its network (64 bits), which is
        what one customer has.
        """
        try:
            holder = self.holder(request)
        except HTTPException:
            holder = None
        if holder is not None:
            return f"token {holder.name}"
        return network_of(self._address(request))

    def holder(self, request: Request) -> Holder | None:
        """Return whose token a request has, None where it has none.

        Raises `Unauthorized` for a token that is not accepted, and `ServiceUnavailable` where that
        cannot be said now.
        """
        if _HOLDER not in request.environ:
            try:
                request.environ[_HOLDER] = self._find(bearer(request))
            except HTTPException as error:
                request.environ[_HOLDER] = error
        found: Holder | HTTPException | None = request.environ[_HOLDER]
        if isinstance(found, HTTPException):
            raise found.with_traceback(None)
        return found

    def _find(self, given: str) -> Holder | None:
        if not given:
            return None
        token = self._tokens.find(given)
        if token is not None:
            return Holder(token.name, token.role)
        if self._issuer is None or given.startswith(PREFIX):
            raise unauthorized("The token is not one of this server's.", invalid=True)
        try:
            claims = self._issuer.verify(given)
        except InvalidToken as error:
            raise unauthorized(f"The token is not accepted. {error}", invalid=True) from None
        except KeysUnavailable:
            raise ServiceUnavailable(
                "The token cannot be checked: the keys of its issuer cannot be read. Ask again in "
                "a minute.",
                retry_after=60,
            ) from None
        return Holder(claims.name, claims.role)

    def _address(self, request: Request) -> str:
        if self._proxies:
            listed = request.headers.get("X-Forwarded-For", "").split(",")
            if len(listed) >= self._proxies and (found := listed[-self._proxies].strip()):
                return found
        return request.remote_addr or ""


def unauthorized(detail: str, *, invalid: bool = False) -> Unauthorized:
    """Return the refusal of a request whose token is missing or invalid (RFC 6750, section 3)."""
    challenge: dict[str, str | None] = {"realm": "mechkg"}
    if invalid:
        challenge["error"] = "invalid_token"
    return Unauthorized(detail, www_authenticate=WWWAuthenticate("bearer", challenge))


def bearer(request: Request) -> str:
    """Return the bearer token of a request (RFC 6750), an empty text if it has none."""
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    return secret.strip() if scheme.casefold() == "bearer" else ""


def network_of(address: str) -> str:
    """Return an address, of IPv6 the network that it is in.

    >>> network_of("192.0.2.7"), network_of("2001:db8::7"), network_of("::ffff:192.0.2.7")
    ('192.0.2.7', '2001:db8::/64', '192.0.2.7')
    """
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ip_network((parsed, 64), strict=False))
    return str(parsed)
