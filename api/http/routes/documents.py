"""The machine-readable description, and pages to try it from, with nothing from another host."""

from __future__ import annotations

from hashlib import blake2b
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import msgspec
from flask import Blueprint, Response, render_template, send_file
from werkzeug.exceptions import NotFound

from mechkg.api.http.respond import confirmed, fresh
from mechkg.api.http.route import ServiceRoute

__all__ = ["ROUTES", "documents_blueprint"]

ROUTES = (
    ServiceRoute(path="/openapi.json", summary="This description", media_type="application/json"),
    ServiceRoute(path="/docs", summary="Interactive documentation", media_type="text/html"),
)

ASSETS = {
    "swagger-ui.css": "text/css",
    "swagger-ui-bundle.js": "text/javascript",
    "favicon-32x32.png": "image/png",
}
"""The files of Swagger UI that the page needs."""

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
"""Swagger UI sets style attributes and draws icons from data addresses."""


def documents_blueprint(description: dict[str, Any]) -> Blueprint:
    """Return the routes that describe the interface."""
    blueprint = Blueprint("documents", __name__, template_folder="../pages")
    text = msgspec.json.encode(description)
    tag = blake2b(text, digest_size=12).hexdigest()
    pages = Path(__file__).parent.parent / "pages"

    @blueprint.get("/openapi.json")
    def openapi() -> Response:
        if copy := confirmed(tag):
            return copy
        response = Response(text, mimetype="application/json")
        response.set_etag(tag)
        return fresh(response)

    @blueprint.get("/docs")
    def docs() -> Response:
        response = Response(render_template("docs.html"), mimetype="text/html")
        response.headers["Content-Security-Policy"] = POLICY
        return response

    @blueprint.get("/docs/<name>")
    def asset(name: str) -> Response:
        if name == "docs.js":
            return send_file(pages / name, mimetype="text/javascript", max_age=3600)
        if name not in ASSETS:
            raise NotFound(f"The documentation has no file {name}.")
        with as_file(files("flask_swagger_ui") / "dist" / name) as path:
            return send_file(path, mimetype=ASSETS[name], max_age=86_400)

    @blueprint.get("/page.css")
    def style() -> Response:
        return send_file(pages / "page.css", mimetype="text/css", max_age=3600)

    return blueprint
