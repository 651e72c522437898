"""One entity, and what stands around it."""

from __future__ import annotations

import msgspec
from flask import Blueprint

from mechkg.api.http.requests import EntityRequest, NeighbourhoodRequest
from mechkg.api.http.respond import Exchange
from mechkg.api.http.route import Route
from mechkg.kg.graph import Graph
from mechkg.kg.model.queries import NeighbourhoodQuery, NeighbourhoodResult
from mechkg.kg.model.values import Entity, Subgraph

__all__ = ["ROUTES", "entities_blueprint"]


def describe(graph: Graph, asked: EntityRequest) -> Entity:
    """Return the entity with a CURIE or name."""
    return graph.entity(asked.entity)


def draw_entity(graph: Graph, entity: Entity) -> Subgraph:
    """Return an entity with the statements that it takes part in."""
    return graph.around(entity.id)


def look_around(graph: Graph, asked: NeighbourhoodRequest) -> NeighbourhoodResult:
    """Return what stands around an entity."""
    return graph.neighbourhood(msgspec.convert(asked, NeighbourhoodQuery, from_attributes=True))


def draw_neighbourhood(graph: Graph, result: NeighbourhoodResult) -> Subgraph:
    """Return one page of a neighbourhood as a subgraph."""
    return graph.drawn(result)


ROUTES = (
    Route(
        name="neighbourhood",
        path="/api/v1/entities/{entity}/neighbourhood",
        summary="What stands around an entity",
        description=(
            "Groups by predicate and direction with their counts, then members, nearest first; "
            "members are paged by `limit` and `cursor`."
        ),
        request=NeighbourhoodRequest,
        answer=NeighbourhoodResult,
        ask=look_around,
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
        request=EntityRequest,
        answer=Entity,
        ask=describe,
        draw=draw_entity,
        example={"entity": "CL:0000047"},
        light=True,
    ),
)


def entities_blueprint(exchange: Exchange) -> Blueprint:
    """Return the routes of entities."""
    blueprint = Blueprint("entities", __name__)
    for route in ROUTES:
        exchange.add(blueprint, route)
    return blueprint
