"""Whether the service lives, is ready, what it is, and what it has done."""

from __future__ import annotations

import platform

import msgspec
from flask import Blueprint, Response

from mechkg.api.http.graph_provider import GraphProvider
from mechkg.api.http.metrics import CONTENT_TYPE_LATEST, Metrics
from mechkg.api.http.route import ServiceRoute

__all__ = ["ROUTES", "Health", "Version", "service_blueprint"]


class Health(msgspec.Struct, frozen=True, omit_defaults=True):
    """The state of the service in a word, and what is wrong where an earlier version is served."""

    status: str
    detail: str = ""


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """Which software answers from which graph."""

    mechkg: str
    python: str
    graph: str
    snapshot: str
    entities: int
    statements: int


ROUTES = (
    ServiceRoute(
        path="/healthz", summary="The process lives", media_type="application/json", answer=Health
    ),
    ServiceRoute(
        path="/readyz",
        summary="The service has a graph to answer from",
        media_type="application/json",
        answer=Health,
    ),
    ServiceRoute(
        path="/version",
        summary="Software and snapshot",
        media_type="application/json",
        answer=Version,
    ),
    ServiceRoute(path="/metrics", summary="Prometheus metrics", media_type="text/plain"),
)


def service_blueprint(served: GraphProvider, metrics: Metrics, version: str) -> Blueprint:
    """Return the routes that operators and their machines ask."""
    blueprint = Blueprint("service", __name__)

    @blueprint.get("/healthz")
    def live() -> Response:
        return _json(Health("ok"))

    @blueprint.get("/readyz")
    def ready() -> Response:
        return _json(Health("ready", served.check()))

    @blueprint.get("/version")
    def say_version() -> Response:
        manifest = served.graph().manifest
        return _json(
            Version(
                mechkg=version,
                python=platform.python_version(),
                graph=manifest.name,
                snapshot=manifest.hash,
                entities=manifest.counts.entities,
                statements=manifest.counts.statements,
            )
        )

    @blueprint.get("/metrics")
    def measure() -> Response:
        return Response(metrics.text(), content_type=CONTENT_TYPE_LATEST)

    return blueprint


def _json(answer: msgspec.Struct) -> Response:
    response = Response(msgspec.json.encode(answer), mimetype="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response
