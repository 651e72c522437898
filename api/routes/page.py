"""A start page that works without JavaScript: a form, and the paths that it asks for."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import msgspec
from flask import Blueprint, Response, render_template, request

from api.decoding import decode_address
from api.exchange import Exchange
from api.problems import Problem, of_error
from api.route import Plain
from kg.errors import MechKGError
from kg.graph import Graph
from kg.queries import MAX_HOPS, PathQuery

__all__ = ["ROUTES", "page_blueprint"]

ROUTES = (
    Plain(
        path="/",
        summary="A page to ask from",
        media_type="text/html",
        parameters=(
            {"name": "source", "in": "query", "schema": {"type": "string"}},
            {"name": "target", "in": "query", "schema": {"type": "string"}},
            {
                "name": "max_hops",
                "in": "query",
                "schema": {"type": "integer", "minimum": 1, "maximum": MAX_HOPS},
            },
        ),
    ),
)

EXAMPLES = (
    ("neural stem cell", "neuron"),
    ("NSC", "multiple sclerosis"),
    ("MSC", "Remyelination"),
    ("GDNF", "Remyelination"),
    ("hostile inflammatory CNS microenvironment", "Graft Survival"),
)


def page_blueprint(exchange: Exchange) -> Blueprint:
    """Return the start page."""
    blueprint = Blueprint("page", __name__, template_folder="../pages")

    @blueprint.get("/")
    def start() -> Response:
        asked = {name: request.args.get(name, "") for name in ("source", "target")}
        asked["max_hops"] = request.args.get("max_hops", "3")
        shown: dict[str, Any] = {}
        status = 200
        try:
            graph = exchange.served.graph()
            shown["manifest"] = graph.manifest
            if asked["source"] or asked["target"]:
                shown |= _found(exchange, graph)
        except MechKGError as error:
            problem = of_error(error, request.path, {})
            status, shown["problem"] = problem.status, _linked(problem, asked)
        examples = [
            {"source": source, "target": target, "query": _address(source=source, target=target)}
            for source, target in EXAMPLES
        ]
        page = render_template("start.html", **asked, examples=examples, **shown)
        response = Response(page, status=status, mimetype="text/html")
        response.headers["Cache-Control"] = "no-cache"
        return response

    return blueprint


def _found(exchange: Exchange, graph: Graph) -> dict[str, Any]:
    query = decode_address(PathQuery, request.args, {})
    seconds = min(query.timeout, exchange.settings.query_seconds)
    with exchange.places.taken():
        result = graph.find_paths(msgspec.structs.replace(query, timeout=seconds))
    return {
        "result": result,
        "query": urlencode(list(request.args.items(multi=True))),
        "formats": exchange.formats.all,
    }


def _linked(problem: Problem, asked: dict[str, str]) -> dict[str, Any]:
    """Return a problem whose offered entities carry the address that asks with them."""
    offered = problem.candidates or problem.suggestions or ()
    links = [
        {**entity, "link": "/?" + _address(**{**asked, problem.parameter or "q": entity["id"]})}
        for entity in offered
    ]
    return {"title": problem.title, "detail": problem.detail, "candidates": links}


def _address(**values: str) -> str:
    return urlencode(values)
