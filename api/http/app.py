"""Create the Flask application: the one module that composes the faces."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from uuid import uuid4

import msgspec
from flask import Blueprint, Flask, Response, request
from flask_compress import Compress
from werkzeug.exceptions import HTTPException

from mechkg.api.http import problems
from mechkg.api.http.clients import Clients
from mechkg.api.http.describe_curation import describe_curation
from mechkg.api.http.formats import Formats
from mechkg.api.http.graph_provider import GraphProvider
from mechkg.api.http.headers import ENCODINGS, Guard, compressible, refuse_encodings
from mechkg.api.http.lanes import Lanes
from mechkg.api.http.logs import escape_handlers, identify
from mechkg.api.http.metric_names import STORE_FAILURES
from mechkg.api.http.metrics import Metrics, of_files, of_store
from mechkg.api.http.oidc import issuer_of
from mechkg.api.http.openapi import describe
from mechkg.api.http.problems import Problem
from mechkg.api.http.respond import Responder, mechkg_version
from mechkg.api.http.routes import (
    capabilities,
    comparisons,
    curation,
    documents,
    entities,
    graph,
    open_ends,
    page,
    paths,
    search,
    service,
    statements,
)
from mechkg.api.http.settings import Settings
from mechkg.api.http.tracing import tracing_of
from mechkg.api.sparql import identifiers
from mechkg.api.sparql import routes as sparql
from mechkg.api.sparql.endpoint import Endpoint, endpoint_of
from mechkg.api.sparql.openapi import describe_sparql
from mechkg.api.trapi.description import extend
from mechkg.api.trapi.jobs import jobs_directory
from mechkg.api.trapi.routes import trapi_blueprint
from mechkg.kg.curation.tokens import Tokens
from mechkg.kg.draw.graphviz import Dot
from mechkg.kg.errors import Cancelled, MechKGError
from mechkg.kg.model.decoders import prebuild_decoders
from mechkg.kg.snapshot.catalogue import Catalogue
from mechkg.kg.writers import Format
from mechkg.kg.writers import formats as graph_formats
from mechkg.ontology.rdf.formats import FORMATS as RDF_FORMATS

__all__ = ["create_app"]

ROUTES = (
    *search.ROUTES,
    *entities.ROUTES,
    *paths.ROUTES,
    *open_ends.ROUTES,
    *comparisons.ROUTES,
    *statements.ROUTES,
    *graph.ROUTES,
    *capabilities.ROUTES,
)
SERVICE_ROUTES = (
    *page.ROUTES,
    *documents.ROUTES,
    *service.ROUTES,
)


def create_app(
    settings: Settings, compose_endpoint: Callable[[Responder], Endpoint] = endpoint_of
) -> Flask:
    """Return the application that serves the graph which the settings name.

    The graph is opened at the first request, and again whenever its name points elsewhere.
    `compose_endpoint` may put SPARQL on another store than the graph's own.
    """
    prebuild_decoders("mechkg")
    served = _provider(settings)
    metrics = Metrics(served)
    responder = _responder(settings, served, metrics)
    app = Flask(__name__, static_folder=None)
    app.url_map.merge_slashes = False
    app.jinja_env.auto_reload = True  # the page may be built anew while it is served
    app.extensions |= {"mechkg": responder, "mechkg-counters": metrics.counters}
    metrics.watch(app)
    _guard(app, settings)
    _trace(app, responder)
    _compress(app, responder)
    _answer_errors(app)
    blueprint = Blueprint("graph", __name__)
    for route in graph.bounded(ROUTES, settings.export_statements):
        responder.add(blueprint, route)
    app.register_blueprint(blueprint)
    curators = curation.CurationService(responder)
    app.register_blueprint(curation.curation_blueprint(curators))
    for make in (page.page_blueprint, trapi_blueprint):
        app.register_blueprint(make(responder))
    endpoint = compose_endpoint(responder)
    app.register_blueprint(identifiers.identifiers_blueprint(responder, endpoint))
    app.register_blueprint(sparql.sparql_blueprint(endpoint, curators.update))
    metrics.states += [
        partial(of_files, settings.data, jobs_directory(settings.data)),
        lambda: of_store(endpoint.state()),
    ]
    app.register_blueprint(service.service_blueprint(served, metrics, responder.version))
    description = describe(ROUTES, SERVICE_ROUTES, responder.formats, responder.version)
    description = describe_sparql(describe_curation(description, settings.oidc_issuer))
    description = extend(description, settings)
    app.register_blueprint(documents.documents_blueprint(description))
    return app


def _provider(settings: Settings) -> GraphProvider:
    """Return what gives the graph: the snapshot of a name, or one behind an engine."""
    if not settings.engine:
        return GraphProvider(partial(Catalogue(settings.data).path, settings.graph or None))
    from mechkg.api.http.engine_provider import EngineProvider  # numba, which takes a second

    return EngineProvider(settings)


def _responder(settings: Settings, served: GraphProvider, metrics: Metrics) -> Responder:
    return Responder(
        served=served,
        formats=Formats(_formats()),
        lanes=Lanes(
            settings.threads, settings.queue, settings.queue_seconds, _compiled, metrics.count_lane
        ),
        clients=Clients(Tokens(settings.data), settings.proxies, issuer_of(settings)),
        settings=settings,
        count=metrics.count,
        count_stream=metrics.count_stream,
        count_store_failure=partial(metrics.counters.add, STORE_FAILURES),
        version=mechkg_version(),
        dot=Dot(),
    )


def _trace(app: Flask, responder: Responder) -> None:
    """Send traces, where the settings say whereto."""
    settings = responder.settings
    # An engine would have to be asked for its version with every request.
    snapshot = partial(_hash, responder.served) if not settings.engine else str
    tracing = tracing_of(settings.otel_endpoint, responder.version, snapshot)
    if tracing is not None:
        tracing.watch(app)


def _hash(served: GraphProvider) -> str:
    """Return the hash of what is served, an empty text where nothing is."""
    try:
        return served.graph().manifest.hash
    except MechKGError:
        return ""


def _compiled(seconds: float) -> tuple[int, int]:
    """Wait for the kernels of a first start; returns how many of how many there are."""
    from mechkg.kg.warmup import wait_for_kernels  # numba, which takes most of a second

    return wait_for_kernels(seconds)


def _formats() -> list[Format]:
    """Return JSON, the forms of RDF, and the rest, as a page would offer them."""
    first, *others = graph_formats()
    return [first, *RDF_FORMATS, *others]


def _guard(app: Flask, settings: Settings) -> None:
    identify(app)
    guard = Guard(settings)
    app.before_request(guard.check)
    app.after_request(guard.mark)


def _compress(app: Flask, responder: Responder) -> None:
    app.config["COMPRESS_MIMETYPES"] = compressible(tuple(responder.formats.all))
    app.config["COMPRESS_ALGORITHM"] = list(ENCODINGS)
    app.config["COMPRESS_EVALUATE_CONDITIONAL_REQUEST"] = False
    app.before_request(refuse_encodings)
    Compress(app)


def _answer_errors(app: Flask) -> None:
    escape_handlers(app.logger)

    @app.errorhandler(MechKGError)
    def refused(error: MechKGError) -> Response:
        problem = problems.of_error(error, request.path, request.view_args or {})
        known = isinstance(error, Cancelled) or error.slug in problems.SAID
        if problem.status >= 500 and not known:
            app.logger.error("%s %s: %s", request.method, request.path, error)
        return _problem(problem)

    @app.errorhandler(HTTPException)
    def declined(error: HTTPException) -> Response:
        response = _problem(problems.of_http(error, request.method, request.path))
        for name, value in error.get_headers():
            if name.lower() in {"allow", "retry-after", "www-authenticate"}:
                response.headers[name] = value
        return response

    @app.errorhandler(Exception)
    def failed(error: Exception) -> Response:
        name = uuid4().hex[:12]
        app.logger.error("%s: %s %s", name, request.method, request.path, exc_info=error)
        detail = f"MechKG failed to answer. The cause is in the server's log under {name}."
        return _problem(problems.of_status(500, detail, request.path, id=name))


def _problem(problem: Problem) -> Response:
    return Response(
        msgspec.json.encode(problem), status=problem.status, mimetype=problems.MEDIA_TYPE
    )
