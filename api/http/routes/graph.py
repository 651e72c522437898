"""The graph as a whole or in part, and what it is made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import msgspec
from flask import Blueprint

from mechkg.api.http.requests import GraphRequest, SubgraphRequest
from mechkg.api.http.respond import Exchange
from mechkg.api.http.route import Route
from mechkg.kg.errors import TooLarge
from mechkg.kg.graph import Graph
from mechkg.kg.model.queries import SubgraphQuery
from mechkg.kg.model.schema import Schema
from mechkg.kg.model.values import Subgraph
from mechkg.kg.snapshot.metagraph import Metagraph

__all__ = ["ROUTES", "graph_blueprint"]


def join(graph: Graph, asked: SubgraphRequest) -> Subgraph:
    """Return the statements that join some entities, or those that are named."""
    return graph.subgraph(msgspec.convert(asked, SubgraphQuery, from_attributes=True))


def whole_within(most_statements: int) -> Callable[[Graph, GraphRequest], Subgraph]:
    """Return what answers with the whole graph, or raises `TooLarge` above a count."""

    def whole(graph: Graph, _: GraphRequest) -> Subgraph:
        count = graph.manifest.counts.statements
        if count > most_statements:
            raise TooLarge(
                f"One answer holds at most {most_statements:,} statements, and this graph has "
                f"{count:,}.",
                hint="Ask for a neighbourhood or a subgraph, or export it on the command line.",
            )
        return graph.whole()

    return whole


def schema(graph: Graph, _: GraphRequest) -> Schema:
    """Return the categories and predicates of the graph."""
    return graph.schema


def metagraph(graph: Graph, _: GraphRequest) -> Metagraph:
    """Return which categories are joined by which predicates."""
    return graph.metagraph()


def itself(_: Graph, subgraph: Subgraph) -> Subgraph:
    """Return the subgraph: it is drawn as it is."""
    return subgraph


ROUTES = (
    Route(
        name="subgraph",
        path="/api/v1/subgraph",
        summary="The statements that join given entities, or given statements",
        description=(
            "Entities by identifier or name, at most 1,000; inferred statements stay out. With "
            "`statements`, exactly these and the entities, whether or not a statement names them."
        ),
        request=SubgraphRequest,
        answer=Subgraph,
        ask=join,
        draw=itself,
        methods=("POST",),
        example={"entities": ["CL:0000047", "GDNF", "neuron"]},
    ),
    Route(
        name="graph",
        path="/api/v1/graph",
        summary="The whole graph",
        description="Every entity and statement, negated and inferred ones included.",
        request=GraphRequest,
        answer=Subgraph,
        ask=whole_within(2**63),
        draw=itself,
    ),
    Route(
        name="schema",
        path="/api/v1/schema",
        summary="Categories and predicates",
        description="Hierarchy, inverse, sign, valence and mappings of every term of the graph.",
        request=GraphRequest,
        answer=Schema,
        ask=schema,
        light=True,
    ),
    Route(
        name="metagraph",
        path="/api/v1/metagraph",
        summary="Which categories are joined by which predicates",
        description="One row a subject category, predicate and object category, with its count.",
        request=GraphRequest,
        answer=Metagraph,
        ask=metagraph,
        light=True,
    ),
)


def graph_blueprint(exchange: Exchange) -> Blueprint:
    """Return the routes of the graph, its size bounded by the server's settings."""
    blueprint = Blueprint("graph", __name__)
    bounded = whole_within(exchange.settings.export_statements)
    for route in ROUTES:
        exchange.add(blueprint, replace(route, ask=bounded) if route.name == "graph" else route)
    return blueprint
