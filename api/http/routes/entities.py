"""One entity, and its neighbourhood."""

from __future__ import annotations

from mechkg.api.http.requests import EntityQuery
from mechkg.api.http.route import Route, asking
from mechkg.kg.graph import Graph
from mechkg.kg.model.queries import NeighbourhoodQuery
from mechkg.kg.model.results import NeighbourhoodResult
from mechkg.kg.model.values import Entity, Subgraph
from mechkg.kg.progress import Cancel

__all__ = ["ROUTES"]


def describe(graph: Graph, query: EntityQuery) -> Entity:
    """Return the entity with a CURIE or name."""
    return graph.entity(query.entity)


def draw_entity(graph: Graph, entity: Entity, cancel: Cancel | None = None) -> Subgraph:
    """Return an entity with the statements that it takes part in."""
    return graph.around(entity.id, cancel=cancel)


def draw_neighbourhood(
    graph: Graph, result: NeighbourhoodResult, cancel: Cancel | None = None
) -> Subgraph:
    """Return one page of a neighbourhood as a subgraph."""
    return graph.drawn(result, cancel=cancel)


ROUTES = (
    Route(
        name="neighbourhood",
        path="/api/v1/entities/{entity}/neighbourhood",
        summary="The neighbourhood of an entity",
        description=(
            "Groups by predicate and direction with their counts, then members, nearest first; "
            "members are paged by `limit` and `cursor`."
        ),
        query=NeighbourhoodQuery,
        answer=NeighbourhoodResult,
        ask=asking("neighbourhood"),
        cancellable=True,
        draw=draw_neighbourhood,
        example={"entity": "CL:0000047"},
    ),
    Route(
        name="entity",
        path="/api/v1/entities/{entity}",
        summary="An entity by identifier or name",
        description=(
            "JSON describes the entity; every other format holds it with the statements that it "
            "takes part in."
        ),
        query=EntityQuery,
        answer=Entity,
        ask=describe,
        draw=draw_entity,
        example={"entity": "CL:0000047"},
        light=True,
    ),
)
