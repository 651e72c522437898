"""CX and CX2, the exchange formats of NDEx and Cytoscape: networks as lists of aspects.

CX2: cytoscape.org/cx/cx2/specification; CX: its predecessor, with attributes apart from the nodes
and edges they belong to. What says how a network is drawn is no record.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from mechkg.kg.model.identifiers import registry
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
            elif name == "@context" and isinstance(items, dict):
                found[name].append(items)
    return found


def cx2_records(value: Any, _file: SourceFile) -> Items:
    """Yield the nodes and edges of a CX2 document; a node's identifier is `represents`."""
    aspects = _aspects(value)
    declared: dict[str, dict[str, Any]] = {
        kind: dict(
            item for part in aspects["attributeDeclarations"] for item in part.get(kind, {}).items()
        )
        for kind in ("nodes", "edges")
    }
    nodes = [(node["id"], _long(node.get("v", {}), declared["nodes"])) for node in aspects["nodes"]]
    names = Counter(fields.get("name") for _, fields in nodes)
    ids: dict[Any, str] = {}
    for number, fields in nodes:
        name = fields.get("name") if names[fields.get("name")] == 1 else None
        ids[number] = str(fields.pop("represents", "") or name or number)
        yield None, node_fields({**fields, "id": ids[number]})
    for edge in aspects["edges"]:
        fields = _long(edge.get("v", {}), declared["edges"])
        yield None, edge_fields({**_own(fields), **_ends(edge, ids)})


def _ends(edge: Mapping[str, Any], ids: Mapping[Any, str]) -> dict[str, str]:
    """Return the identifiers of the ends of an edge."""
    unknown = [edge[end] for end in ("s", "t") if edge[end] not in ids]
    if unknown:
        raise ValueError(f"an edge names the node {unknown[0]}, which is not there")
    return {"source": ids[edge["s"]], "target": ids[edge["t"]]}


def _own(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of an edge, with those that mark one that MechKG wrote."""
    if "statement" not in fields or "modality" not in fields:
        return fields
    return {"hedge": "asserted", "label": "", **fields}


def _long(values: Mapping[str, Any], declared: Mapping[str, Any]) -> dict[str, Any]:
    """Return values by the names of their attributes, with the defaults of those left out."""
    names = {said["a"]: name for name, said in declared.items() if "a" in said}
    defaults = {name: said["v"] for name, said in declared.items() if "v" in said}
    return defaults | {names.get(name, name): value for name, value in values.items()}


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
    names = Counter(node.get("n") for node in aspects["nodes"])
    prefixes = {name: iri for item in aspects["@context"] for name, iri in item.items()}
    ids: dict[Any, str] = {}
    for node in aspects["nodes"]:
        own = node["@id"]
        name = node.get("n") if names[node.get("n")] == 1 else None
        meant = _meant(str(node["r"]), prefixes) if node.get("r") else name
        ids[own] = str(meant or own)
        fields = {"name": node.get("n"), **more["node"][own], "id": ids[own]}
        yield None, node_fields(fields)
    for edge in aspects["edges"]:
        fields = {
            "interaction": edge.get("i"), **_support(aspects, edge["@id"]),
            **more["edge"][edge["@id"]], **_ends(edge, ids),
        }  # fmt: skip
        yield None, edge_fields(fields)


def _meant(curie: str, prefixes: Mapping[str, Any]) -> str:
    """Return what a CURIE stands for under the prefixes of a network, which are its own.

    The registry decides about those that it knows.

    >>> _meant("x:1", {"x": "http://a/"}), _meant("hgnc:1", {"hgnc": "http://identifiers.org/hgnc/"})
    ('http://a/1', 'hgnc:1')
    """
    prefix, _, local = curie.partition(":")
    iri = prefixes.get(prefix)
    known = registry().prefix(prefix)
    return curie if known or not local or not isinstance(iri, str) else f"{iri}{local}"


def _support(aspects: Mapping[str, list[Any]], edge: Any) -> dict[str, list[str]]:
    """Return the citations and texts that support an edge of CX."""
    found = {}
    for field, aspect, text in (
        ("publications", "citations", "dc:identifier"), ("supporting_text", "supports", "text")
    ):  # fmt: skip
        known = {item["@id"]: item.get(text) for item in aspects[aspect]}
        owned = aspects[f"edge{aspect.capitalize()}"]
        numbers = [n for item in owned if edge in item["po"] for n in item[aspect]]
        found[field] = [known[number] for number in numbers if known.get(number)]
    return {field: texts for field, texts in found.items() if texts}
