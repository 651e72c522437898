"""Entities by name, and autocompletion."""

from __future__ import annotations

from mechkg.api.http.route import Route, asking
from mechkg.kg.model.queries import SearchQuery
from mechkg.kg.model.results import SearchResult

__all__ = ["ROUTES"]


ROUTES = (
    Route(
        name="search",
        path="/api/v1/search",
        summary="Entities by name, synonym or identifier",
        description=(
            "Prefixes match, so the same route completes what is being typed. Exact names come "
            "first, then exact synonyms, prefixes and words."
        ),
        query=SearchQuery,
        answer=SearchResult,
        ask=asking("search"),
        example={"q": "neural stem"},
        light=True,
    ),
)
