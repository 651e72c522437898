"""JSON Graph Format (jsongraphformat.info, schema version 1 and 2): `graph` with nodes and edges.

Nodes are an object by identifier, in version 1 a list. A node has a `label`; edges have `source`,
`relation`, `target`; both may have `metadata`, an object of further fields.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mechkg.kg.readers.cytoscape import edge_fields, node_fields
from mechkg.kg.readers.files import SourceFile
from mechkg.kg.readers.json_shape import Shape

__all__ = ["fits", "records"]

Items = Iterator[tuple[int | None, Mapping[str, Any]]]


def fits(shape: Shape) -> bool:
    """Say whether a document is a graph in this format.

    >>> fits(Shape("{", {"graph": "{"}, {"graph": {"nodes": "{", "edges": "["}}))
    True
    """
    inner = shape.inner.get("graph", {})
    return shape.kind == "{" and shape.keys.get("graph") == "{" and (
        "nodes" in inner or "edges" in inner
    ) and not shape.has("nodes")  # fmt: skip


def records(value: Any, file: SourceFile) -> Items:
    """Yield nodes and edges in the words of KGX; a hyperedge is passed over."""
    graph = value["graph"]
    nodes = graph.get("nodes") or {}
    if isinstance(nodes, dict):
        nodes = [{"id": key, **node} for key, node in nodes.items()]
    for node in nodes:
        yield None, node_fields(_flat(node))
    for _ in graph.get("hyperedges") or ():
        file.see("statement")
        file.pass_over("statement", None, "a hyperedge joins more than two nodes")
    undirected = {} if graph.get("directed", True) else {"directed": "false"}
    for edge in graph.get("edges") or ():
        yield None, edge_fields({**undirected, **_flat(edge)})


def _flat(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record with the fields of its metadata, its own before these."""
    metadata = record.get("metadata")
    if not isinstance(metadata, dict):
        return dict(record)
    return {**metadata, **{key: value for key, value in record.items() if key != "metadata"}}
