"""Cytoscape.js JSON and node-link JSON: nodes and edges whose ends are `source` and `target`.

Cytoscape.js (js.cytoscape.org/#notation/elements-json) keeps the fields of an element in `data`;
node-link JSON (networkx `node_link_data`, D3) keeps them in the record itself, and calls the edges
`links` or `edges`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from mechkg.kg.readers.files import SourceFile
from mechkg.kg.readers.json_shape import Shape

__all__ = [
    "RELATION_KEYS", "edge_fields", "edge_list_records", "fits", "node_fields", "node_link_records",
    "records",
]  # fmt: skip

Items = Iterator[tuple[int | None, Mapping[str, Any]]]

RELATIONS: Final = ("predicate", "interaction", "relation", "edge_label", "type", "label", "kind")
"""Keys that name the relation of an edge, the usual ones first."""
RELATION_KEYS: Final = frozenset(RELATIONS)
CATEGORIES: Final = ("category", "type", "kind", "labels", "node_type")
_WRITTEN: Final = frozenset(("predicate", "hedge", "modality", "label", "source", "target"))
"""Keys by which an edge that MechKG wrote is known."""
_DERIVED: Final = frozenset(
    (
        "label", "evidence_kinds", "sources", "publications", "titles", "locations", "inferred",
        "knowledge_levels", "agent_types", "kind", "name", "interaction", "statement", "id",
        "evidence_json", "context_json", "attributes_json", "qualifiers", "context",
        "derived_from", "evidence", "qualifiers_json", "derived_from_json",
    )
)  # fmt: skip
"""Keys of such an edge that repeat others, or are taken on their own."""
_WHOLE: Final = ("attributes", "synonym_kinds", "synonyms", "xrefs", "provided_by")
"""Fields of a node that MechKG wrote of which there may be the whole in JSON."""
_LAYOUT: Final = frozenset(
    ("x", "y", "z", "selected", "SUID", "shared_name", "viz", "position", "path_rank", "path_ranks")
)
"""Keys that say where an element is drawn, or on which paths of an answer of MechKG it lies."""


def fits(shape: Shape) -> bool:
    """Say whether a document is Cytoscape.js JSON: an object with `elements`, or a list of them.

    >>> fits(Shape("{", {"elements": "{"})), fits(Shape("[", {"data": "{", "group": '"'}))
    (True, True)
    """
    return "elements" in shape.keys or (shape.kind == "[" and shape.keys.get("data") == "{")


def records(value: Any, _file: SourceFile) -> Items:
    """Yield nodes and edges in the words of KGX; positions and styles are passed over."""
    elements = value["elements"] if isinstance(value, dict) else value
    if isinstance(elements, dict):
        elements = [*elements.get("nodes", ()), *elements.get("edges", ())]
    data = [element["data"] for element in elements]
    nodes = [fields for fields in data if "source" not in fields]
    for fields in nodes:
        yield None, node_fields(fields)
    for fields in data:
        if "source" in fields:
            yield None, edge_fields(fields)


def node_link_records(value: Any, _file: SourceFile) -> Items:
    """Yield nodes and links in the words of KGX; ends may be places in the list of nodes."""
    nodes: Sequence[Mapping[str, Any]] = value["nodes"]
    ids = [node.get("id", node.get("key", place)) for place, node in enumerate(nodes)]
    for node, identifier in zip(nodes, ids, strict=True):
        yield None, node_fields({**node, "id": _text(identifier)})
    known = set(map(_text, ids))
    for link in value.get("links") or value.get("edges") or ():
        ends = {end: _end(link[end], ids, known) for end in ("source", "target")}
        yield None, edge_fields({**link, **ends})


def edge_list_records(value: Any, _file: SourceFile) -> Items:
    """Yield the edges of a list of edges in the words of KGX."""
    for edge in value:
        ends = {end: _end(edge[end], (), set()) for end in ("source", "target")}
        yield None, edge_fields({**edge, **ends})


def _end(end: Any, ids: Sequence[Any], known: set[str]) -> str:
    if isinstance(end, Mapping):
        end = end["id"]
    if isinstance(end, int) and _text(end) not in known and 0 <= end < len(ids):
        end = ids[end]
    return _text(end)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else str(value)


def node_fields(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return a node in the words of KGX.

    >>> node_fields({"id": "A:1", "label": "a", "type": "Gene", "x": 1})
    {'id': 'A:1', 'name': 'a', 'category': 'Gene'}
    """
    rest = {key: value for key, value in fields.items() if key not in _LAYOUT}
    for key in _WHOLE:
        if f"{key}_json" in rest:
            rest[key] = rest.pop(f"{key}_json")
    found: dict[str, Any] = {"id": _text(rest.pop("id"))}
    name = next((key for key in ("name", "label", "title") if rest.get(key)), None)
    if name is not None:
        found["name"] = _text(rest.pop(name))
        if _text(rest.get("label", "")) == found["name"]:
            rest.pop("label")
    kind = next((key for key in CATEGORIES if rest.get(key)), None)
    if kind is not None:
        found["category"] = rest.pop(kind)
    return found | rest


def edge_fields(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return an edge in the words of KGX.

    >>> edge_fields({"source": "A:1", "target": "A:2", "interaction": "binds", "p": 1})
    {'subject': 'A:1', 'object': 'A:2', 'predicate': 'binds', 'p': 1}
    """
    if fields.keys() >= _WRITTEN:
        return _own_edge(fields)
    rest = {key: value for key, value in fields.items() if key not in _LAYOUT}
    found: dict[str, Any] = {
        "subject": _text(rest.pop("source")),
        "object": _text(rest.pop("target")),
    }
    relation = next((key for key in RELATIONS if rest.get(key)), None)
    if relation is not None:
        found["predicate"] = _text(rest.pop(relation))
    if "id" in rest:
        found["id"] = _text(rest.pop("id"))
    return found | {key: value for key, value in rest.items() if key not in {"subject", "object"}}


def _own_edge(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return an edge that MechKG wrote, in the words of the KGX that it writes."""
    rest = {key: value for key, value in fields.items() if key not in _DERIVED | _LAYOUT}
    evidence = fields.get("evidence_json", fields.get("evidence", []))
    whole = fields.get("context_json")
    context = whole or [
        {"type": kind, "value": value} if isinstance(item, str) else item
        for item in _several(fields.get("context", []))
        for kind, _, value in [item.partition("=") if isinstance(item, str) else ("", "", "")]
    ]
    return {
        **{key: value for key, value in rest.items() if key not in {"source", "target"}},
        "id": _text(fields.get("statement") or fields.get("id") or ""),
        "subject": _text(fields["source"]),
        "object": _text(fields["target"]),
        "original_predicate": fields["predicate"],
        "evidence": evidence if isinstance(evidence, (str, list)) and evidence else "[]",
        "attributes": fields.get("attributes_json", fields.get("attributes", {})),
        "context": context,
        "derived_from": _several(_whole(fields, "derived_from")),
        "qualifiers": [
            item if isinstance(item, str) else f"{item['type']}={item['value']}"
            for item in _several(_whole(fields, "qualifiers"))
        ],
    }


def _whole(fields: Mapping[str, Any], key: str) -> Any:
    """Return a list that a flat format holds in JSON where its texts want it, else as it is."""
    text = fields.get(f"{key}_json")
    return fields.get(key, []) if text is None else msgspec.json.decode(text, type=list[str])


def _several(value: Any) -> list[Any]:
    """Return the items of a list, which flat formats write with ` | ` between them."""
    return value.split(" | ") if isinstance(value, str) else list(value)
