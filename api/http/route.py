"""Routes as data: the server answers from them, and the OpenAPI text describes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from mechkg.kg.graph import Graph
from mechkg.kg.model.values import Subgraph
from mechkg.kg.writers import Format, GraphRows

__all__ = ["LINES", "Ask", "Route", "ServiceRoute", "asking"]

Ask = Callable[..., Any]
"""What answers a query of a graph; that of a route that is cancellable takes `cancel`, too."""


def asking(question: str) -> Ask:
    """Return what answers by a method of a graph, whichever kind of graph that is.

    >>> asking("find_paths").__name__
    'find_paths'
    """

    def ask(graph: Graph, *args: Any, **options: Any) -> Any:
        return getattr(graph, question)(*args, **options)

    ask.__name__ = question
    return ask


LINES = "application/x-ndjson"
"""The media type of streams: one JSON object per line."""


@dataclass(frozen=True, kw_only=True)
class Route:
    """A query of the graph at an address.

    `path` is a template (`/api/v1/entities/{entity}`); `query` is the type that addresses and
    bodies are decoded to, beside the `Presentation` that all have, and `answer` the type of the
    JSON answer. `ask` answers, and `draw`, where there is one, turns an answer into the subgraph
    that every other format writes; it takes `cancel`, too. `example` are parameters of a request
    that works on the bundled ontology. A route that `streams` answers with one such object per
    line, and an `answer` as the last. `rows`, where there is one, gives the answer a row at a time,
    for formats that are written as a stream; `tables` are formats that write the answer itself. A
    route that is `light` looks things up: its JSON is written at once, however many searches are
    running. The work of one that is `cancellable` ends when its client goes away; one that is
    `long` is expected to take long until it is known what it takes.
    """

    name: str
    path: str
    summary: str
    description: str
    query: type[msgspec.Struct]
    answer: Any
    ask: Ask
    draw: Callable[..., Subgraph] | None = None
    methods: tuple[str, ...] = ("GET",)
    example: Mapping[str, Any] = field(default_factory=dict)
    streams: type[msgspec.Struct] | None = None
    light: bool = False
    cancellable: bool = False
    long: bool = False
    rows: Callable[[Graph, Any], GraphRows] | None = None
    tables: tuple[Format, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ServiceRoute:
    """An address of the service itself; `parameters` are OpenAPI parameter objects."""

    path: str
    summary: str
    media_type: str
    answer: Any = None
    parameters: tuple[Mapping[str, Any], ...] = ()
