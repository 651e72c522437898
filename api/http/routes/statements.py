"""One statement with everything that is known about the claim."""

from __future__ import annotations

from flask import Blueprint

from mechkg.api.http.requests import StatementRequest
from mechkg.api.http.respond import Exchange
from mechkg.api.http.route import Route
from mechkg.kg.graph import Graph
from mechkg.kg.model.values import Statement, Subgraph

__all__ = ["ROUTES", "statements_blueprint"]


def cite(graph: Graph, asked: StatementRequest) -> Statement:
    """Return a statement by its identifier."""
    return graph.statement(asked.statement)


def draw_statement(graph: Graph, statement: Statement) -> Subgraph:
    """Return a statement with its entities and what it was derived from."""
    return graph.about(statement.id)


ROUTES = (
    Route(
        name="statement",
        path="/api/v1/statements/{statement}",
        summary="A statement with its evidence",
        description="Statements keep the identifiers of their sources, such as SC061.",
        request=StatementRequest,
        answer=Statement,
        ask=cite,
        draw=draw_statement,
        example={"statement": "SC061"},
        light=True,
    ),
)


def statements_blueprint(exchange: Exchange) -> Blueprint:
    """Return the routes of statements."""
    blueprint = Blueprint("statements", __name__)
    for route in ROUTES:
        exchange.add(blueprint, route)
    return blueprint
