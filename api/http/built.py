"""The pages that are built from web/: where they lie, and what a browser may do with them."""

from __future__ import annotations

from hashlib import blake2b
from pathlib import Path

from flask import Response, render_template, request
from werkzeug.exceptions import NotFound

from mechkg.api.http.respond import confirmed, fresh

__all__ = ["STATIC", "built_asset", "built_page", "is_built"]

STATIC = Path(__file__).parent / "static"
"""What web/build.py wrote; absent from a checkout in which nobody built the page."""

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'"
)
ALONE = "; frame-ancestors 'none'"

FOR_EVER = "public, max-age=31536000, immutable"


def is_built(name: str) -> bool:
    """Return whether there is a built page of this name (`index.html`)."""
    return (STATIC / name).is_file()


def built_page(name: str, *, framed: bool = False, **values: object) -> Response:
    """Return a built page as a template filled with the values, or 304 if the client has it.

    One that may be `framed` may be shown by any other page, a file or a notebook among them.
    Pages are kept by caches and asked about each time; the assets that they name never change.
    """
    text = render_template(name, **values)
    tag = blake2b(f"{framed}{text}".encode(), digest_size=12).hexdigest()
    if copy := confirmed(tag):
        return copy
    response = Response(text, mimetype="text/html")
    response.headers["Content-Security-Policy"] = POLICY if framed else POLICY + ALONE
    response.set_etag(tag)
    return fresh(response)


def built_asset(name: str) -> Response:
    """Return a script or style of the built pages, compressed when it was built where that helps.

    The name holds a hash of the content. Raises `NotFound` for any other.
    """
    assets = {path.name: path for path in (STATIC / "assets").glob("*")}
    path = assets.get(name)
    if path is None or path.suffix == ".br":
        raise NotFound(f"The page has no file {name}.")
    packed = assets.get(f"{name}.br") if request.accept_encodings.quality("br") else None
    response = Response((packed or path).read_bytes(), mimetype=TYPES.get(path.suffix))
    response.headers["Cache-Control"] = FOR_EVER
    response.headers["Vary"] = "Accept-Encoding"
    if packed:
        response.headers["Content-Encoding"] = "br"
    return response


TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
