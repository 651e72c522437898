"""Subgraphs to and from networkx, for analysis in a notebook.

A node is an entity's identifier, the key of an edge a statement's; attributes are the fields of
`Entity` and `Statement`. All values are text, numbers and booleans, so that networkx can write the
graph as GraphML, GEXF or GML: lists and mappings are JSON texts, and what is empty or unknown is
left out. `from_networkx` reads both forms, so nothing is lost on the way back.
"""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec
import networkx

from mechkg.kg.errors import DataError
from mechkg.kg.model.values import Entity, Statement, Subgraph

__all__ = ["from_networkx", "to_networkx"]

_ENDS = ("id", "subject", "object")
_ABOUT = ("title", "snapshot", "sources", "targets", "credits")

Kind = TypeVar("Kind", Entity, Statement, Subgraph)


def to_networkx(subgraph: Subgraph) -> networkx.MultiDiGraph[str]:
    """Return a multigraph with an edge for each statement, keyed by its identifier. O(n + m).

    Title, snapshot, sources, targets and credits are attributes of the graph, those that are lists
    as JSON.

    >>> a, b = Entity(id="CL:0000047", name="NSC"), Entity(id="HGNC:4232", name="GDNF")
    >>> link = Statement(id="SC061", subject=a.id, predicate="secretes", object=b.id, sign=0)
    >>> graph = to_networkx(Subgraph(entities=(a, b), statements=(link,)))
    >>> graph.edges["CL:0000047", "HGNC:4232", "SC061"]["predicate"]
    'secretes'
    """
    graph: networkx.MultiDiGraph[str] = networkx.MultiDiGraph()
    graph.graph.update(_scalars({name: getattr(subgraph, name) for name in _ABOUT}))
    for entity in subgraph.entities:
        graph.add_node(entity.id, **_scalars(msgspec.structs.asdict(entity)))
    for statement in subgraph.statements:
        fields = _scalars(msgspec.structs.asdict(statement))
        graph.add_edge(statement.subject, statement.object, key=statement.id, **fields)
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
    about = {name: value for name, value in graph.graph.items() if name in _ABOUT}
    empty = _convert({"entities": (), "statements": (), **about}, Subgraph, "its attributes")
    return msgspec.structs.replace(empty, entities=tuple(entities), statements=tuple(statements))


def _scalars(fields: dict[str, Any]) -> dict[str, str | int | float | bool]:
    """Return what fields say as values that every graph format holds; the empty ones left out."""
    return {
        name: value if isinstance(value, str | int | float) else msgspec.json.encode(value).decode()
        for name, value in fields.items()
        if name not in _ENDS and value not in (None, (), {})
    }


def _convert(fields: dict[str, Any], kind: type[Kind], where: str) -> Kind:
    """Return a value of its fields, of which lists and mappings may be JSON texts."""
    nested = {
        field.name
        for field in msgspec.structs.fields(kind)
        if isinstance(field.default, tuple) or field.default_factory is not msgspec.NODEFAULT
    }
    try:
        read = {
            name: msgspec.json.decode(value) if name in nested and isinstance(value, str) else value
            for name, value in fields.items()
        }
        # GML has no booleans: it writes them as 0 and 1.
        return msgspec.convert(read, kind, strict=False)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise DataError("networkx graph", None, f"{where}: {error}") from error
