"""Who sends a request, as far as shares of the server go: the holder of a token, or an address."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address, ip_network

from werkzeug.wrappers import Request

from mechkg.kg.curation.tokens import Token, Tokens

__all__ = ["Clients", "bearer"]


class Clients:
    """Names the client of a request.

    `proxies` is how many proxies stand before the server, whose X-Forwarded-For is believed.
    """

    def __init__(self, tokens: Tokens, proxies: int) -> None:
        self._tokens = tokens
        self._proxies = proxies

    def name(self, request: Request) -> str:
        """Return a text that is the same for all requests of a client.

        It is the holder of a valid token, else an address, of IPv6 its network (64 bits), which is
        what one customer has.
        """
        token = self.token(request)
        if token is not None:
            return f"token {token.name}"
        return network_of(self._address(request))

    def token(self, request: Request) -> Token | None:
        """Return the token of a request, None where it has none or an unknown one."""
        given = bearer(request)
        return self._tokens.find(given) if given else None

    def _address(self, request: Request) -> str:
        if self._proxies:
            listed = request.headers.get("X-Forwarded-For", "").split(",")
            if len(listed) >= self._proxies and (found := listed[-self._proxies].strip()):
                return found
        return request.remote_addr or ""


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
