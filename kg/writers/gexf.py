"""GEXF 1.3, for Gephi (https://gexf.net/schema.html).

Written here and not by networkx, whose writer dates the file and so never gives the same bytes
twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final
from xml.etree import ElementTree

from mechkg.kg.draw.text import clean
from mechkg.kg.model.schema import Schema
from mechkg.kg.model.values import Subgraph
from mechkg.kg.writers.texts import Scalar, entity_fields, ranks_of, statement_fields

__all__ = ["write"]

_NAMESPACE: Final = "http://gexf.net/1.3"
_TYPES: Final = {bool: "boolean", int: "integer", float: "double", str: "string"}


def write(subgraph: Subgraph, schema: Schema) -> bytes:
    """Return a subgraph as GEXF; parallel statements are edges of different ids.

    >>> b"gexf.net/1.3" in write(Subgraph(entities=(), statements=()), Schema())
    True
    """
    root = ElementTree.Element("gexf", xmlns=_NAMESPACE, version="1.3")
    meta = ElementTree.SubElement(root, "meta")
    ElementTree.SubElement(meta, "creator").text = "MechKG"
    ElementTree.SubElement(meta, "description").text = clean(subgraph.title)
    ElementTree.SubElement(meta, "keywords").text = clean(f"snapshot {subgraph.snapshot}")
    graph = ElementTree.SubElement(root, "graph", defaultedgetype="directed", mode="static")
    ranks = ranks_of(subgraph)
    nodes = [entity_fields(entity) | ranks.fields(entity) for entity in subgraph.entities]
    edges = [statement_fields(s, schema) | ranks.fields(s) for s in subgraph.statements]
    node_columns = _declare(graph, "node", nodes)
    edge_columns = _declare(graph, "edge", edges)
    within = ElementTree.SubElement(graph, "nodes", count=str(len(nodes)))
    for entity, fields in zip(subgraph.entities, nodes, strict=True):
        label = clean(entity.name or entity.id)
        node = ElementTree.SubElement(within, "node", id=clean(entity.id), label=label)
        _describe(node, fields, node_columns)
    within = ElementTree.SubElement(graph, "edges", count=str(len(edges)))
    for statement, fields in zip(subgraph.statements, edges, strict=True):
        edge = ElementTree.SubElement(
            within,
            "edge",
            id=clean(statement.id),
            source=clean(statement.subject),
            target=clean(statement.object),
            kind=clean(statement.predicate),
            label=str(fields["label"]),
        )
        _describe(edge, fields, edge_columns)
    ElementTree.indent(root)
    text: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return text + b"\n"


def _declare(
    graph: ElementTree.Element, kind: str, rows: Iterable[Mapping[str, Scalar]]
) -> Sequence[str]:
    """Declare the attributes that some row has; an attribute's place in the answer is its id."""
    types = {name: type(value) for row in rows for name, value in row.items()}
    attributes = ElementTree.SubElement(graph, "attributes", {"class": kind, "mode": "static"})
    for place, (name, type_) in enumerate(types.items()):
        ElementTree.SubElement(
            attributes, "attribute", id=str(place), title=name, type=_TYPES[type_]
        )
    return list(types)


def _describe(
    element: ElementTree.Element, fields: Mapping[str, Scalar], columns: Sequence[str]
) -> None:
    values = ElementTree.SubElement(element, "attvalues")
    for place, name in enumerate(columns):
        if name in fields:
            value = fields[name]
            text = str(value).lower() if isinstance(value, bool) else str(value)
            ElementTree.SubElement(values, "attvalue", {"for": str(place), "value": text})
