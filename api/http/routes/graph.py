"""The graph as a whole or in part, and what it is made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from mechkg.api.http.requests import NoQuery
from mechkg.api.http.route import Route, asking
from mechkg.kg.analysis.overview import Overview
from mechkg.kg.errors import TooLarge
from mechkg.kg.graph import Graph
from mechkg.kg.model.queries import SubgraphQuery
from mechkg.kg.model.schema import Schema
from mechkg.kg.model.values import Subgraph
from mechkg.kg.progress import Cancel
from mechkg.kg.snapshot.metagraph import Metagraph
from mechkg.kg.subgraph import whole_graph, whole_rows
from mechkg.kg.writers import GraphRows

__all__ = ["ROUTES", "bounded"]


def _check(graph: Graph, max_statements: int) -> None:
    count = graph.manifest.counts.statements
    if count > max_statements:
        raise TooLarge(
            f"One answer holds at most {max_statements:,} statements, and this graph has "
            f"{count:,}.",
            hint="Ask for a neighbourhood or a subgraph, or export it on the command line.",
        )


def whole_within(max_statements: int) -> Callable[..., Subgraph]:
    """Return a function for the whole graph that raises `TooLarge` above a number of statements."""

    def whole(graph: Graph, _: NoQuery, cancel: Cancel | None = None) -> Subgraph:
        _check(graph, max_statements)
        counts = graph.manifest.counts
        size = max(counts.entities, counts.statements + counts.inferred)
        return whole_graph(graph.snapshot, at_most=size, cancel=cancel)

    return whole


def rows_within(max_statements: int) -> Callable[[Graph, NoQuery], GraphRows]:
    """Return the same for formats that are written as a stream."""

    def rows(graph: Graph, _: NoQuery) -> GraphRows:
        _check(graph, max_statements)
        return whole_rows(graph.snapshot)

    return rows


def schema(graph: Graph, _: NoQuery) -> Schema:
    """Return the categories and predicates of the graph."""
    return graph.schema


def metagraph(graph: Graph, _: NoQuery) -> Metagraph:
    """Return which categories are joined by which predicates."""
    return graph.metagraph()


def overview(graph: Graph, _: NoQuery) -> Overview:
    """Return the graph at a glance."""
    return graph.overview()


def itself(_: Graph, subgraph: Subgraph, cancel: Cancel | None = None) -> Subgraph:  # noqa: ARG001
    """Return the subgraph: it is drawn as it is, and looks at the flag that it was made with."""
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
        query=SubgraphQuery,
        answer=Subgraph,
        ask=asking("subgraph"),
        cancellable=True,
        draw=itself,
        methods=("POST",),
        example={"entities": ["CL:0000047", "GDNF", "neuron"]},
    ),
    Route(
        name="graph",
        path="/api/v1/graph",
        summary="The whole graph",
        description="Every entity and statement, negated and inferred ones included.",
        query=NoQuery,
        answer=Subgraph,
        ask=whole_within(2**63),
        cancellable=True,
        long=True,
        draw=itself,
        rows=rows_within(2**63),
    ),
    Route(
        name="schema",
        path="/api/v1/schema",
        summary="Categories and predicates",
        description="Hierarchy, inverse, sign, valence and mappings of every term of the graph.",
        query=NoQuery,
        answer=Schema,
        ask=schema,
        light=True,
    ),
    Route(
        name="metagraph",
        path="/api/v1/metagraph",
        summary="Which categories are joined by which predicates",
        description="One row per subject category, predicate and object category, with its count.",
        query=NoQuery,
        answer=Metagraph,
        ask=metagraph,
        light=True,
    ),
    Route(
        name="overview",
        path="/api/v1/overview",
        summary="The graph at a glance",
        description="How much it holds, of what and from where: counts by category, the most "
        "frequent relations between categories, sources with their licences, the entities in most "
        "statements, and questions that have an answer. All of it is counted from the graph.",
        query=NoQuery,
        answer=Overview,
        ask=overview,
        light=True,
    ),
)


def bounded(routes: Iterable[Route], max_statements: int) -> tuple[Route, ...]:
    """Return routes of which the whole graph is refused above a number of statements."""
    whole, rows = whole_within(max_statements), rows_within(max_statements)
    return tuple(r if r.rows is None else replace(r, ask=whole, rows=rows) for r in routes)
