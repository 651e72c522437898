"""Cytoscape.js JSON (https://js.cytoscape.org/#notation/elements-json)."""

from __future__ import annotations

from typing import Any

import msgspec

from mechkg.kg.draw.words import predicate_label
from mechkg.kg.model.schema import Schema
from mechkg.kg.model.values import Subgraph
from mechkg.kg.writers.texts import ranks_of

__all__ = ["write"]


def write(subgraph: Subgraph, schema: Schema) -> bytes:
    """Return `{"data": ..., "elements": {"nodes": [...], "edges": [...]}}`.

    Each `data` holds the fields of the entity or statement, `source` and `target` for the ends.
    Ids are unique over nodes and edges, as Cytoscape.js asks: a statement whose id is also an
    entity's gets the prefix `statement:`, its own id staying in `statement`.

    >>> write(Subgraph(entities=(), statements=()), Schema()).startswith(b'{"data":')
    True
    """
    taken = {entity.id for entity in subgraph.entities}
    ranked = ranks_of(subgraph).lists
    nodes = [
        {
            "data": {
                **msgspec.to_builtins(entity), "label": entity.name or entity.id, **ranked(entity),
            }
        }
        for entity in subgraph.entities
    ]  # fmt: skip
    edges: list[dict[str, Any]] = []
    for statement in subgraph.statements:
        fields = msgspec.to_builtins(statement)
        own = statement.id
        ends = {"source": fields.pop("subject"), "target": fields.pop("object")}
        label = predicate_label(statement.predicate, schema)
        fields |= {"id": f"statement:{own}" if own in taken else own, "statement": own}
        edges.append({"data": {**fields, **ends, "label": label, **ranked(statement)}})
    about = {
        "name": subgraph.title,
        "snapshot": subgraph.snapshot,
        "sources": subgraph.sources,
        "targets": subgraph.targets,
    }
    return msgspec.json.encode({"data": about, "elements": {"nodes": nodes, "edges": edges}})
