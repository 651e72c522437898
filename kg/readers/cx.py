"""CX and CX2, the exchange formats of NDEx and Cytoscape: networks as lists of aspects.

CX2: cytoscape.org/cx/cx2/specification; CX: its predecessor, with attributes apart from the nodes
and edges they belong to. What says how a network is drawn is no record.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from mechkg.kg.readers.cytoscape import edge_fields, node_fields
from mechkg.kg.readers.files import SourceFile
from mechkg.kg.readers.json_shape import Shape

__all__ = ["cx2_records", "cx_records", "fits_cx", "fits_cx2"]

Items = Iterator[tuple[int | None, Mapping[str, Any]]]


def fits_cx2(shape: Shape) -> bool:
    """Say whether a document is CX2."""
    return shape.kind == "[" and "CXVersion" in shape.keys


def fits_cx(shape: Shape) -> bool:
    """Say whether a document is CX."""
    aspects = {"numberVerification", "metaData", "@context", "networkAttributes"}
    return shape.kind == "[" and bool(aspects & shape.keys.keys()) and "@id" not in shape.keys


def _aspects(value: Any) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for fragment in value:
        for name, items in fragment.items():
            if isinstance(items, list):
                found[name] += items
    return found


def cx2_records(value: Any, _file: SourceFile) -> Items:
    """Yield the nodes and edges of a CX2 document; a node's identifier is `represents`."""
    aspects = _aspects(value)
    declared = {
        kind: {
            said["a"]: name
            for part in aspects["attributeDeclarations"]
            for name, said in part.get(kind, {}).items()
            if "a" in said
        }
        for kind in ("nodes", "edges")
    }
    ids: dict[Any, str] = {}
    for node in aspects["nodes"]:
        fields = _long(node.get("v", {}), declared["nodes"])
        ids[node["id"]] = str(fields.pop("represents", "") or fields.get("name") or node["id"])
        yield None, node_fields({**fields, "id": ids[node["id"]]})
    for edge in aspects["edges"]:
        fields = _long(edge.get("v", {}), declared["edges"])
        ends = {"source": ids[edge["s"]], "target": ids[edge["t"]]}
        yield None, edge_fields({**_own(fields), **ends})


def _own(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of an edge, with those that mark one that MechKG wrote."""
    if "statement" not in fields or "modality" not in fields:
        return fields
    return {"hedge": "asserted", "label": "", **fields}


def _long(values: Mapping[str, Any], aliases: Mapping[str, str]) -> dict[str, Any]:
    return {aliases.get(name, name): value for name, value in values.items()}


def cx_records(value: Any, _file: SourceFile) -> Items:
    """Yield the nodes and edges of a CX document with their attributes."""
    aspects = _aspects(value)
    more: dict[str, dict[Any, dict[str, Any]]] = {}
    for kind in ("node", "edge"):
        found = more[kind] = defaultdict(dict)
        for attribute in aspects[f"{kind}Attributes"]:
            owners = attribute["po"]
            for owner in owners if isinstance(owners, list) else [owners]:
                found[owner][attribute["n"]] = attribute.get("v")
    ids: dict[Any, str] = {}
    for node in aspects["nodes"]:
        own = node["@id"]
        ids[own] = str(node.get("r") or node.get("n") or own)
        fields = {"name": node.get("n"), **more["node"][own], "id": ids[own]}
        yield None, node_fields(fields)
    for edge in aspects["edges"]:
        ends = {"source": ids[edge["s"]], "target": ids[edge["t"]]}
        fields = {"interaction": edge.get("i"), **more["edge"][edge["@id"]], **ends}
        yield None, edge_fields(fields)
