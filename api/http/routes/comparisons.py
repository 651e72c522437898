"""Analyses of all paths of a query: two sources compared, choke points, significance."""

from __future__ import annotations

from mechkg.api.http.route import Route, asking
from mechkg.kg.graph import Graph
from mechkg.kg.model.queries import CompareQuery, PathQuery, SignificanceQuery
from mechkg.kg.model.results import Chokepoints, Comparison, Significance
from mechkg.kg.model.values import Subgraph
from mechkg.kg.progress import Cancel

__all__ = ["ROUTES"]


def draw(graph: Graph, result: Comparison, cancel: Cancel | None = None) -> Subgraph:
    """Return the best paths of both sides as one subgraph."""
    return graph.drawn(result, cancel=cancel)


ROUTES = (
    Route(
        name="compare",
        path="/api/v1/compare",
        summary="What two sources share on their way to a target, and what only one has",
        description=(
            "Shared and distinct mediators and metapaths over all admissible paths of each side, "
            "each mediator with the number of its paths by sign and the best of them; each side "
            "with its best paths and its net effect. Without a target, shared and distinct "
            "neighbours by predicate. Formats other than JSON hold the best paths of both sides "
            "as one graph."
        ),
        query=CompareQuery,
        answer=Comparison,
        ask=asking("compare"),
        cancellable=True,
        long=True,
        draw=draw,
        methods=("GET", "POST"),
        example={"left": "neural stem cell", "right": "MSC", "target": "neuron"},
    ),
    Route(
        name="chokepoints",
        path="/api/v1/chokepoints",
        summary="Which entities and statements most paths lead through",
        description=(
            "Counted over all admissible paths where they can be listed, else over the best of "
            "them, and then it says so. What has `cut` lies on every path."
        ),
        query=PathQuery,
        answer=Chokepoints,
        ask=asking("chokepoints"),
        cancellable=True,
        long=True,
        methods=("GET", "POST"),
        example={"source": "neural stem cell", "target": "neuron", "max_hops": 3},
    ),
    Route(
        name="significance",
        path="/api/v1/significance",
        summary="Whether there are more paths than the degrees alone lead to expect",
        description=(
            "The paths of a query, those through each mediator and those of each metapath, held "
            "against rewired graphs, in which every entity keeps its number of statements of each "
            "type (predicate and categories of both ends) and partners are random. What is "
            "expected is exact where `closed`, else a mean of sampled graphs with its standard "
            "error. All paths must be few enough to be listed."
        ),
        query=SignificanceQuery,
        answer=Significance,
        ask=asking("significance"),
        cancellable=True,
        long=True,
        methods=("GET", "POST"),
        example={
            "source": "neural stem cell",
            "target": "neuron",
            "max_hops": 2,
            "samples": 100,
        },
    ),
)
