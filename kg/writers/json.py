"""JSON: the subgraph itself, field by field as in `mechkg.kg.model.values`."""

from __future__ import annotations

import msgspec

from mechkg.kg.model.schema import Schema
from mechkg.kg.model.values import Subgraph

__all__ = ["write"]


def write(subgraph: Subgraph, schema: Schema) -> bytes:  # noqa: ARG001 - every writer takes one
    """Return a subgraph as one JSON object, which `msgspec.json.decode` reads back.

    >>> graph = Subgraph(entities=(), statements=(), title="Nothing")
    >>> msgspec.json.decode(write(graph, Schema()), type=Subgraph) == graph
    True
    """
    return msgspec.json.encode(subgraph)
