"""One statement with everything that is known about the claim."""

from __future__ import annotations

from mechkg.api.http.requests import StatementQuery
from mechkg.api.http.route import Route
from mechkg.kg.graph import Graph
from mechkg.kg.model.values import Statement, Subgraph
from mechkg.kg.progress import Cancel

__all__ = ["ROUTES"]


def cite(graph: Graph, query: StatementQuery) -> Statement:
    """Return a statement by its identifier."""
    return graph.statement(query.statement)


def draw_statement(graph: Graph, statement: Statement, cancel: Cancel | None = None) -> Subgraph:
    """Return a statement with its entities and what it was derived from."""
    return graph.about(statement.id, cancel=cancel)


ROUTES = (
    Route(
        name="statement",
        path="/api/v1/statements/{statement}",
        summary="A statement with its evidence",
        description="Statements keep the identifiers of their sources, such as SC061. Others are "
        "named by what they say, SUBJECT~PREDICATE~OBJECT and a digest where that is more than the "
        "triple, so that a citation means the same after the graph is loaded again.",
        query=StatementQuery,
        answer=Statement,
        ask=cite,
        draw=draw_statement,
        example={"statement": "SC061"},
        light=True,
    ),
)
