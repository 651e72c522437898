"""Entities by name, for people who type and for boxes that complete."""

from __future__ import annotations

import msgspec
from flask import Blueprint

from mechkg.api.http.requests import SearchRequest
from mechkg.api.http.respond import Exchange
from mechkg.api.http.route import Route
from mechkg.kg.graph import Graph
from mechkg.kg.model.queries import SearchQuery, SearchResult

__all__ = ["ROUTES", "search_blueprint"]


def search(graph: Graph, asked: SearchRequest) -> SearchResult:
    """Return the entities with a name like `asked.q`, best first."""
    return graph.search(msgspec.convert(asked, SearchQuery, from_attributes=True))


ROUTES = (
    Route(
        name="search",
        path="/api/v1/search",
        summary="Entities by name, synonym or identifier",
        description=(
            "Prefixes match, so the same route completes what is being typed. Exact names come "
            "first, then exact synonyms, prefixes and words."
        ),
        request=SearchRequest,
        answer=SearchResult,
        ask=search,
        example={"q": "neural stem"},
        light=True,
    ),
)


def search_blueprint(exchange: Exchange) -> Blueprint:
    """Return the routes of searching."""
    blueprint = Blueprint("search", __name__)
    for route in ROUTES:
        exchange.add(blueprint, route)
    return blueprint
