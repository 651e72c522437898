"""The explorer, and the table that answers the same questions without JavaScript."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import msgspec
from flask import Blueprint, Response, render_template, request, send_file

from mechkg.api.http.built import built_asset, built_page, is_built
from mechkg.api.http.decoding import decode_address
from mechkg.api.http.problems import Problem, of_error
from mechkg.api.http.respond import Responder
from mechkg.api.http.route import ServiceRoute
from mechkg.kg.errors import MechKGError
from mechkg.kg.graph import Graph
from mechkg.kg.model.queries import MAX_HOPS, PathQuery

__all__ = ["ROUTES", "page_blueprint"]

HTML = "text/html"

ASKED = (
    {
        "name": "source",
        "in": "query",
        "description": "Where paths start: a name or a CURIE.",
        "schema": {"type": "string"},
    },
    {
        "name": "target",
        "in": "query",
        "description": "Where paths end: a name or a CURIE.",
        "schema": {"type": "string"},
    },
    {
        "name": "max_hops",
        "in": "query",
        "description": "How many hops a path has at most.",
        "schema": {"type": "integer", "minimum": 1, "maximum": MAX_HOPS},
    },
)

SHOWN = tuple(asked | {"schema": {"type": "string"}} for asked in ASKED)
"""The same of pages that themselves say what is wrong with a question: no text is refused."""

ROUTES = (
    ServiceRoute(
        path="/", summary="The explorer, a page to ask from", media_type=HTML, parameters=SHOWN
    ),
    ServiceRoute(
        path="/embed",
        summary="The explorer's figure, for a frame on another site's page",
        media_type=HTML,
        parameters=SHOWN,
    ),
    ServiceRoute(
        path="/table",
        summary="The same answers as a table, without JavaScript",
        media_type=HTML,
        parameters=ASKED,
    ),
)

ENTITIES = ("source", "target", "via", "avoid")

EXAMPLES = (
    ("neural stem cell", "neuron"),
    ("NSC", "multiple sclerosis"),
    ("MSC", "Remyelination"),
    ("GDNF", "Remyelination"),
    ("hostile inflammatory CNS microenvironment", "Graft Survival"),
)


def page_blueprint(responder: Responder) -> Blueprint:
    """Return the explorer, its assets and its table."""
    blueprint = Blueprint("page", __name__, template_folder="../static")
    icon = Path(__file__).parents[1] / "pages" / "icon.svg"

    # Who opens the page will ask for a figure next.
    blueprint.before_request(responder.dot.start)

    @blueprint.get("/")
    def start() -> Response:
        return _explorer(framed=False) if is_built("index.html") else _table(responder)

    @blueprint.get("/embed")
    def embed() -> Response:
        return _explorer(framed=True) if is_built("index.html") else _table(responder)

    @blueprint.get("/table")
    def table() -> Response:
        return _table(responder)

    @blueprint.get("/assets/<name>")
    def asset(name: str) -> Response:
        return built_asset(name)

    @blueprint.get("/icon.svg")
    def picture() -> Response:
        return send_file(icon, mimetype="image/svg+xml", max_age=86_400)

    return blueprint


def _explorer(*, framed: bool) -> Response:
    """Return the built page; without JavaScript it leads to the table with the same question.

    The page writes an entity with its name (`CL:0000047~neural stem cell`); the identifier counts.
    """
    known = PathQuery.__struct_fields__
    asked = [
        (name, text.partition("~")[0] if name in ENTITIES else text)
        for name, text in request.args.items(multi=True)
        if name in known
    ]
    address = f"/table?{urlencode(asked)}" if asked else "/table"
    return built_page("index.html", framed=framed, table=address)


def _table(responder: Responder) -> Response:
    asked = {name: request.args.get(name, "") for name in ("source", "target")}
    asked["max_hops"] = request.args.get("max_hops", "3")
    shown: dict[str, Any] = {}
    status = 200
    try:
        graph = responder.served.graph()
        shown["manifest"] = graph.manifest
        if asked["source"] or asked["target"]:
            shown |= _found(responder, graph)
    except MechKGError as error:
        problem = of_error(error, request.path, {})
        status, shown["problem"] = problem.status, _linked(problem, asked)
    examples = [
        {"source": source, "target": target, "query": _address(source=source, target=target)}
        for source, target in EXAMPLES
    ]
    page = render_template("table.html", **asked, examples=examples, **shown)
    response = Response(page, status=status, mimetype=HTML)
    response.headers["Cache-Control"] = "no-cache"
    return response


def _found(responder: Responder, graph: Graph) -> dict[str, Any]:
    query = decode_address(PathQuery, request.args, {})
    seconds = min(query.timeout, responder.settings.query_seconds)
    with responder.turn("search") as turn:
        result = graph.find_paths(msgspec.structs.replace(query, timeout=seconds), cancel=turn)
    return {
        "result": result,
        "query": urlencode(list(request.args.items(multi=True))),
        "formats": responder.formats.all,
    }


def _linked(problem: Problem, asked: dict[str, str]) -> dict[str, Any]:
    """Return a problem whose offered entities carry the address that asks with them."""
    offered = problem.candidates or problem.suggestions or ()
    links = [
        {
            **entity,
            "link": "/table?" + _address(**{**asked, problem.parameter or "q": entity["id"]}),
        }
        for entity in offered
    ]
    return {"title": problem.title, "detail": problem.detail, "candidates": links}


def _address(**values: str) -> str:
    return urlencode(values)
