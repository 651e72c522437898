"""Mechanism paths: how a source leads to a target."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import msgspec
from flask import Blueprint

from api.exchange import Exchange
from api.requests import PathRequest
from api.route import Route
from kg.graph import Graph
from kg.model import Subgraph
from kg.queries import PathQuery, PathResult

__all__ = ["ROUTES", "find_within", "paths_blueprint"]


def find_within(most_seconds: float) -> Callable[[Graph, PathRequest], PathResult]:
    """Return a search whose time is at most `most_seconds`, whatever a query asks for."""

    def find(graph: Graph, asked: PathRequest) -> PathResult:
        query = msgspec.convert(asked, PathQuery, from_attributes=True)
        seconds = min(query.timeout, most_seconds)
        return graph.find_paths(msgspec.structs.replace(query, timeout=seconds))

    return find


def draw_paths(graph: Graph, result: PathResult) -> Subgraph:
    """Return the entities and statements of some paths as one subgraph."""
    return graph.drawn(result)


ROUTES = (
    Route(
        name="paths",
        path="/api/v1/paths",
        summary="Mechanism paths from a source to a target, best first",
        description=(
            "The `limit` best of all admissible paths, each with its statements, evidence, sign, "
            "score parts and a sentence, and the net effect of all of them. Identifiers and names "
            "are both taken; an ambiguous name is answered with its candidates. `complete`, "
            "`truncated_by` and `total` say what was left out. A GET serves the common case, a "
            "POST takes the same names in JSON, lists where repeatable. Formats other than JSON "
            "hold the entities and statements of the returned paths as one graph."
        ),
        request=PathRequest,
        answer=PathResult,
        ask=find_within(300.0),
        draw=draw_paths,
        methods=("GET", "POST"),
        example={"source": "neural stem cell", "target": "neuron", "max_hops": 3},
    ),
)


def paths_blueprint(exchange: Exchange) -> Blueprint:
    """Return the routes of path search, bounded by the server's settings."""
    blueprint = Blueprint("paths", __name__)
    bounded = find_within(exchange.settings.query_seconds)
    for route in ROUTES:
        exchange.add(blueprint, replace(route, ask=bounded))
    return blueprint
