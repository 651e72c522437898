"""GraphML, for Cytoscape, yEd, Gephi, igraph and networkx; an edge's id is its statement's."""

from __future__ import annotations

from io import BytesIO

from networkx import MultiDiGraph
from networkx.readwrite.graphml import GraphMLWriter

from mechkg.kg.draw.text import clean
from mechkg.kg.model.schema import Schema
from mechkg.kg.model.values import Subgraph
from mechkg.kg.writers.texts import entity_fields, ranks_of, statement_fields

__all__ = ["write"]


def write(subgraph: Subgraph, schema: Schema) -> bytes:
    """Return a subgraph as GraphML; attributes are those of `mechkg.kg.writers.texts`.

    Gephi shows `label`, Cytoscape `name`; yEd maps either to its own labels.

    >>> b"<graphml" in write(Subgraph(entities=(), statements=()), Schema())
    True
    """
    graph: MultiDiGraph[str] = MultiDiGraph(
        title=clean(subgraph.title),
        snapshot=clean(subgraph.snapshot),
        sources=clean(" | ".join(subgraph.sources)),
        targets=clean(" | ".join(subgraph.targets)),
    )
    ranks = ranks_of(subgraph)
    for entity in subgraph.entities:
        fields = {"label": clean(entity.name or entity.id), **entity_fields(entity)}
        fields |= ranks.fields(entity)
        graph.add_node(clean(entity.id), **fields)
    for statement in subgraph.statements:
        fields = statement_fields(statement, schema) | ranks.fields(statement)
        key = str(fields.pop("id", ""))
        graph.add_edge(clean(statement.subject), clean(statement.object), key, **fields)
    written = BytesIO()
    GraphMLWriter(graph, encoding="utf-8", prettyprint=True).dump(written)
    # A carriage return as such would be read as a line feed (XML 1.0, section 2.11).
    return written.getvalue().replace(b"\r", b"&#13;")
