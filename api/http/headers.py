"""Headers that every response carries: what a browser may do with it, and who may read it."""

from __future__ import annotations

from flask import Response, request
from werkzeug.exceptions import BadRequest, HTTPException, UnsupportedMediaType

from mechkg.api.http.settings import Settings
from mechkg.kg.writers import Format

__all__ = ["ENCODINGS", "POLICIES", "Guard", "compressible", "refuse_encodings"]

ENCODINGS = ("br", "zstd", "gzip")
"""The content encodings of answers, the first preferred."""

POLICIES = {
    "image/svg+xml": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "text/html": (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
}
"""Content-Security-Policy by media type; a route may set its own, all else gets `CLOSED`."""

CLOSED = "default-src 'none'; frame-ancestors 'none'; sandbox"

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}

SHARED = {
    "Access-Control-Expose-Headers": "ETag, Content-Disposition, Retry-After, Allow, Not-Held",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
"""What goes with Access-Control-Allow-Origin."""

PREFLIGHT = {
    "Access-Control-Allow-Headers": "Accept, Content-Type, If-None-Match",
    "Access-Control-Max-Age": "86400",
}


class Guard:
    """Checks which names requests use for the server, and tells browsers who may read answers.

    `allow_origins` of the settings are the origins of pages that may read; `allow_hosts` are the
    names under which the server is reached. A page whose own name has been pointed here (DNS
    rebinding) is of the server's origin to a browser, so that only the latter keeps it out.
    """

    def __init__(self, settings: Settings) -> None:
        self._origins = frozenset(_entries(settings.allow_origins))
        self._hosts = frozenset(_entries(settings.allow_hosts))

    def check(self) -> None:
        """Raise for a current request whose Host is none of those that are allowed (421).

        So it does for one of HTTP/1.1 without a Host (RFC 9112, section 3.2), and for a body that
        is encoded, which is not unpacked here.
        """
        if request.environ.get("SERVER_PROTOCOL") == "HTTP/1.1" and not request.headers.get("Host"):
            raise BadRequest("A request of HTTP/1.1 names a Host.")
        if request.headers.get("Content-Encoding", "identity").casefold() != "identity":
            raise UnsupportedMediaType("The body must not be compressed: send it as it is.")
        host = request.host.casefold()
        named = {host, host.rpartition(":")[0] or host}
        if self._hosts and named.isdisjoint(self._hosts):
            raise MisdirectedRequest(f"This server is not reached as {request.host}.")

    def mark(self, response: Response) -> Response:
        """Return the response with the headers of its media type and those for other origins.

        Reading needs no credentials, so no origin may send a cookie along.
        """
        if response.status_code != 304:
            # What a 304 carries replaces what the kept copy came with (RFC 9111, section 3.2).
            response.headers.setdefault(
                "Content-Security-Policy", POLICIES.get(response.mimetype or "", CLOSED)
            )
        for name, value in ALWAYS.items():
            response.headers.setdefault(name, value)
        self._share(response)
        if response.status_code >= 400:
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    def _share(self, response: Response) -> None:
        """Say which origin may read the response."""
        origin = "*" if "*" in self._origins else request.headers.get("Origin", "").casefold()
        if "*" not in self._origins:
            response.vary.add("Origin")
        if origin not in self._origins:
            response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
            return
        response.headers.setdefault("Access-Control-Allow-Origin", origin)
        for name, value in SHARED.items():
            response.headers.setdefault(name, value)
        if request.method == "OPTIONS" and response.status_code < 400:
            response.headers["Access-Control-Allow-Methods"] = response.headers.get("Allow", "")
            for name, value in PREFLIGHT.items():
                response.headers[name] = value


class MisdirectedRequest(HTTPException):
    """A request for another server (RFC 9110, section 15.5.20)."""

    code = 421


def _entries(text: str) -> list[str]:
    return [entry.strip().casefold() for entry in text.split(",") if entry.strip()]


def refuse_encodings() -> None:
    """Leave in Accept-Encoding of the current request what it accepts: nothing of quality 0.

    The compression takes an encoding that is named as one that is accepted (RFC 9110, section
    12.5.3, has it refused with `q=0`), and any with `*`.
    """
    accepted = request.accept_encodings
    if "HTTP_ACCEPT_ENCODING" not in request.environ:
        return
    named = {name.casefold() for name, _ in accepted}
    names = [*ENCODINGS, *({"identity"} & named)]
    rated = [(name, accepted.quality(name)) for name in names]
    request.environ["HTTP_ACCEPT_ENCODING"] = ", ".join(
        f"{name};q={quality:g}" for name, quality in rated if quality > 0
    )


def compressible(formats: tuple[Format, ...]) -> list[str]:
    """Return the media types that shrink: texts, not pictures or archives."""
    texts = {
        "text/html",
        "text/css",
        "text/javascript",
        "application/javascript",
        "text/plain",
        "application/problem+json",
        "application/openapi+json",
    }
    packed = ("image/png", "+gzip")
    return sorted(texts | {f.media_type for f in formats if not f.media_type.endswith(packed)})
