"""Hetionet and other hetnets in JSON, as hetnetpy writes them (github.com/hetio/hetnetpy).

A node has `kind`, `identifier`, `name`, `data`; an edge has `source_id` and `target_id`, each a
kind with an identifier, and `kind`, `direction`, `data`. An identifier gets its kind as a prefix:
`Gene::9021` is how Hetionet's own tables write it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from mechkg.kg.readers.files import SourceFile
from mechkg.kg.readers.json_shape import Shape

__all__ = ["fits", "records"]

_EDGE: Final = frozenset(("kind", "source_id", "target_id", "data"))
Items = Iterator[tuple[int | None, Mapping[str, Any]]]


def fits(shape: Shape) -> bool:
    """Say whether a document is a hetnet.

    >>> fits(Shape("{", {"metanode_kinds": "[", "nodes": "["}))
    True
    """
    named = shape.has("metanode_kinds") or shape.has("metaedge_tuples")
    return shape.kind == "{" and "nodes" in shape.keys and named


def records(value: Any, _file: SourceFile) -> Items:
    """Yield nodes and edges in the words of KGX."""
    for node in value["nodes"]:
        rest = {k: v for k, v in node.items() if k not in ("kind", "identifier", "data")}
        yield None, {
            **(node.get("data") or {}), **rest,
            "id": _identifier([node["kind"], node["identifier"]]), "category": node["kind"],
        }  # fmt: skip
    for edge in value.get("edges") or ():
        rest = {
            k: v for k, v in edge.items() if k not in ("kind", "source_id", "target_id", "data")
        }
        yield None, {
            **_marked(edge.get("data") or {}), **rest, "subject": _identifier(edge["source_id"]),
            "predicate": edge["kind"], "object": _identifier(edge["target_id"]),
        }  # fmt: skip


def _identifier(parts: Sequence[Any]) -> str:
    kind, local = parts
    return f"{kind}::{local}"


def _marked(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return further fields of an edge, without names that mean something else in KGX."""
    return {f"{k}_" if k in ("subject", "object", "predicate") else k: v for k, v in data.items()}
