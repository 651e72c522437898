"""Which questions the graph that is served can answer, and which it cannot."""

from __future__ import annotations

from typing import Literal

import msgspec

from mechkg.api.http.requests import NoQuery
from mechkg.api.http.route import Route
from mechkg.kg.engine.remote_graph import QUESTIONS, RemoteGraph
from mechkg.kg.graph import Graph

__all__ = ["ROUTES", "ServedCapabilities"]


class ServedCapabilities(msgspec.Struct, frozen=True, kw_only=True):
    """What can be asked of a graph.

    `store` says whether it is a snapshot or behind an engine. Questions in `refused` are answered
    501, parameters in `unsupported` and names with `*` (without `subclasses`) 422. `degrees` says
    whether all of them are known (table) or are counted as entities are met; those of a snapshot
    are known. `max_depth` is the most hops of a neighbourhood. `verdict` says what a net effect
    rests on.
    """

    store: Literal["snapshot", "engine"]
    graph: str
    snapshot: str
    questions: tuple[str, ...]
    refused: tuple[str, ...] = ()
    unsupported: tuple[str, ...] = ()
    subclasses: bool = True
    degrees: Literal["table", "counted"] = "table"
    max_depth: int = 3
    verdict: str = "all paths of the query that were weighed"


def capabilities(graph: Graph, _: NoQuery) -> ServedCapabilities:
    """Return what can be asked of a graph."""
    manifest = graph.manifest
    if not isinstance(graph, RemoteGraph):
        return ServedCapabilities(
            store="snapshot",
            graph=manifest.name,
            snapshot=manifest.hash,
            questions=tuple(sorted((*QUESTIONS.answered, *QUESTIONS.refused))),
        )
    known = graph.remote.capabilities
    return ServedCapabilities(
        store="engine",
        graph=manifest.name,
        snapshot=manifest.hash,
        questions=QUESTIONS.answered,
        refused=QUESTIONS.refused,
        unsupported=known.unsupported,
        subclasses=known.subclasses,
        degrees=graph.degrees,
        max_depth=known.max_depth,
        verdict=known.verdict,
    )


ROUTES = (
    Route(
        name="capabilities",
        path="/api/v1/capabilities",
        summary="What can be asked of the graph, and what cannot",
        description=(
            "A snapshot answers everything. A graph behind an engine (`--engine`) answers what can "
            "be had from some of its statements; what would take all of them is refused."
        ),
        query=NoQuery,
        answer=ServedCapabilities,
        ask=capabilities,
        light=True,
    ),
)
