"""Subgraphs to and from networkx, for analysis in a notebook.

A node is an entity's identifier, the key of an edge a statement's; attributes are the fields of
`Entity` and `Statement` as plain lists, dicts and scalars, so that nothing is lost on the way
back.
"""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec
import networkx

from mechkg.kg.errors import DataError
from mechkg.kg.model.values import Entity, Statement, Subgraph

__all__ = ["from_networkx", "to_networkx"]

_ENDS = ("id", "subject", "object")

Kind = TypeVar("Kind", Entity, Statement)


def to_networkx(subgraph: Subgraph) -> networkx.MultiDiGraph[str]:
    """Return a multigraph with an edge for each statement, keyed by its identifier. O(n + m).

    Title, snapshot, sources, targets and credits are attributes of the graph.

    >>> a, b = Entity(id="CL:0000047", name="NSC"), Entity(id="HGNC:4232", name="GDNF")
    >>> link = Statement(id="SC061", subject=a.id, predicate="secretes", object=b.id, sign=0)
    >>> graph = to_networkx(Subgraph(entities=(a, b), statements=(link,)))
    >>> graph.edges["CL:0000047", "HGNC:4232", "SC061"]["predicate"]
    'secretes'
    """
    graph: networkx.MultiDiGraph[str] = networkx.MultiDiGraph(
        title=subgraph.title,
        snapshot=subgraph.snapshot,
        sources=list(subgraph.sources),
        targets=list(subgraph.targets),
        credits=list(subgraph.credits),
    )
    for entity in subgraph.entities:
        graph.add_node(entity.id, **_attributes(entity))
    for statement in subgraph.statements:
        graph.add_edge(
            statement.subject, statement.object, key=statement.id, **_attributes(statement)
        )
    return graph


def from_networkx(graph: networkx.MultiDiGraph[str]) -> Subgraph:
    """Return a subgraph of a multigraph that has the attributes of `to_networkx`.

    Attributes that no field has are left out; `name` and `predicate` must be there. Statements
    come in networkx's order of edges, by subject. Raises `DataError` naming the node or edge.

    >>> a = Entity(id="CL:0000047", name="NSC", category="biolink:Cell")
    >>> from_networkx(to_networkx(Subgraph(entities=(a,), statements=()))).entities == (a,)
    True
    """
    entities = [
        _convert({**data, "id": node}, Entity, f"node {node!r}")
        for node, data in graph.nodes(data=True)
    ]
    statements = [
        _convert(
            {**data, "id": key, "subject": subject, "object": object_},
            Statement,
            f"edge {key!r}",
        )
        for subject, object_, key, data in graph.edges(keys=True, data=True)
    ]
    about = graph.graph
    return Subgraph(
        entities=tuple(entities),
        statements=tuple(statements),
        title=about.get("title", ""),
        snapshot=about.get("snapshot", ""),
        sources=tuple(about.get("sources", ())),
        targets=tuple(about.get("targets", ())),
        credits=tuple(about.get("credits", ())),
    )


def _attributes(value: Entity | Statement) -> dict[str, Any]:
    fields: dict[str, Any] = msgspec.to_builtins(value)
    return {name: field for name, field in fields.items() if name not in _ENDS}


def _convert(fields: dict[str, Any], kind: type[Kind], where: str) -> Kind:
    try:
        return msgspec.convert(fields, kind)
    except msgspec.ValidationError as error:
        raise DataError("networkx graph", None, f"{where}: {error}") from error
