"""Headers that every response carries: what a browser may do with it, and who may read it."""

from __future__ import annotations

from flask import Response, request

from mechkg.kg.writers import Format

__all__ = ["POLICIES", "compressible", "guard"]

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
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Content-Disposition, Retry-After, Allow",
}

PREFLIGHT = {
    "Access-Control-Allow-Headers": "Accept, Content-Type, If-None-Match",
    "Access-Control-Max-Age": "86400",
}


def guard(response: Response) -> Response:
    """Return the response with the headers of its media type and those for other origins.

    Reading needs no credentials, so any origin may read, and none may send a cookie along.
    """
    if response.status_code != 304:
        # What a 304 carries replaces what the kept copy came with (RFC 9111, section 3.2).
        response.headers.setdefault(
            "Content-Security-Policy", POLICIES.get(response.mimetype or "", CLOSED)
        )
    for name, value in ALWAYS.items():
        response.headers.setdefault(name, value)
    if request.method == "OPTIONS" and response.status_code < 400:
        response.headers["Access-Control-Allow-Methods"] = response.headers.get("Allow", "")
        for name, value in PREFLIGHT.items():
            response.headers[name] = value
    if response.status_code >= 400:
        response.headers.setdefault("Cache-Control", "no-store")
    return response


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
