"""TRAPI messages: the knowledge graph of an answer (github.com/NCATSTranslator/ReasonerAPI).

`message.knowledge_graph` holds `nodes` and `edges` by identifier; attributes carry publications,
knowledge level and agent type under their Biolink names. Query graph and results are answers to a
question, no statements, and are passed over.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mechkg.kg.readers.files import SourceFile
from mechkg.kg.readers.json_shape import Shape

__all__ = ["fits", "records"]


def fits(shape: Shape) -> bool:
    """Say whether a document is a TRAPI message or its knowledge graph.

    >>> fits(Shape("{", {"message": "{"})), fits(Shape("{", {"nodes": "["}))
    (True, False)
    """
    graph = shape.keys.get("nodes") == "{" and shape.keys.get("edges") == "{"
    return shape.kind == "{" and (
        shape.keys.get("message") == "{" or "knowledge_graph" in shape.keys or graph
    )


def records(value: Any, file: SourceFile) -> Iterator[tuple[int | None, Mapping[str, Any]]]:
    """Yield the nodes and edges of the knowledge graph in the words of KGX."""
    message = value.get("message") or value
    for part in ("results", "auxiliary_graphs"):
        found = message.get(part)
        if found:
            reason = f"'{part}' answers a question and states nothing"
            file.see("answer", len(found))
            file.pass_over("answer", None, reason, len(found))
    graph = message.get("knowledge_graph", message if "nodes" in message else None)
    if not graph:
        raise ValueError("the message has no knowledge_graph")
    if not all(isinstance(graph.get(part) or {}, dict) for part in ("nodes", "edges")):
        raise ValueError("the nodes and edges of TRAPI before 1.0 are lists, which are not read")
    for curie, node in (graph.get("nodes") or {}).items():
        yield None, _node(curie, node)
    for identifier, edge in (graph.get("edges") or {}).items():
        yield None, _edge(identifier, edge)


def _node(curie: str, node: Mapping[str, Any]) -> dict[str, Any]:
    fields = {key: value for key, value in node.items() if key != "categories"}
    return {**fields, "id": curie, "category": node.get("categories") or node.get("category") or ()}


def _edge(identifier: str, edge: Mapping[str, Any]) -> dict[str, Any]:
    return {**{key: value for key, value in edge.items() if value}, "id": identifier}
