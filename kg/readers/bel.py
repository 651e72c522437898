"""BEL graphs in node-link JSON, as PyBEL writes them (github.com/pybel/pybel, io/nodelink.py).

A node has a `function`, and a `concept` (older: its fields in the node itself) with namespace, name
and identifier, or a `bel` term; a link has a `relation`, `citation`, `evidence` and `annotations`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from mechkg.kg.readers.files import SourceFile
from mechkg.kg.readers.json_shape import Shape

__all__ = ["fits", "records"]

Items = Iterator[tuple[int | None, Mapping[str, Any]]]

_CATEGORIES: Final[Mapping[str, str]] = {
    "Protein": "Protein", "Gene": "Gene", "RNA": "Transcript", "miRNA": "MicroRNA",
    "Abundance": "ChemicalEntity", "BiologicalProcess": "BiologicalProcess",
    "Pathology": "Disease", "Complex": "MacromolecularComplex",
}  # fmt: skip
_EFFECTS: Final[Mapping[str, str]] = {
    "increases": "increased", "directlyIncreases": "increased", "decreases": "decreased",
    "directlyDecreases": "decreased",
}  # fmt: skip


def fits(shape: Shape) -> bool:
    """Say whether a document is a BEL graph: nodes with a BEL function, and links."""
    nodes = shape.inner.get("nodes", {})
    return shape.kind == "{" and "nodes" in shape.keys and ("function" in nodes or "bel" in nodes)


def records(value: Any, _file: SourceFile) -> Items:
    """Yield terms and relations in the words of KGX."""
    nodes: Sequence[Mapping[str, Any]] = value["nodes"]
    ids = [_identifier(node) for node in nodes]
    keys = {str(node.get("id", place)): place for place, node in enumerate(nodes)}
    for node, identifier in zip(nodes, ids, strict=True):
        yield None, _node(node, identifier)
    for link in value.get("links") or value.get("edges") or ():
        ends = [
            ids[end] if isinstance(end, int) else ids[keys[str(end)]]
            for end in (link["source"], link["target"])
        ]
        yield None, _edge(link, ends[0], ends[1])


def _concept(node: Mapping[str, Any]) -> Mapping[str, Any]:
    return node.get("concept") or node


def _identifier(node: Mapping[str, Any]) -> str:
    concept = _concept(node)
    namespace, local = concept.get("namespace"), concept.get("identifier") or concept.get("name")
    plain = not any(node.get(key) for key in ("variants", "members", "reactants", "fusion"))
    if namespace and local and plain:
        return f"{namespace}:{local}"
    return str(node.get("bel") or node.get("id") or f"{namespace}:{local}")


def _node(node: Mapping[str, Any], identifier: str) -> dict[str, Any]:
    function = str(node.get("function", ""))
    known = {"concept", "function", "id", "namespace", "identifier", "name"}
    rest = {key: value for key, value in node.items() if key not in known}
    return {
        **rest, "id": identifier, "name": _concept(node).get("name") or node.get("bel") or "",
        "category": _CATEGORIES.get(function, ""), "bel_function": function,
    }  # fmt: skip


def _edge(link: Mapping[str, Any], subject: str, target: str) -> dict[str, Any]:
    known = {"source", "target", "relation", "citation", "evidence", "key"}
    rest = {key: value for key, value in link.items() if key not in known}
    citation = link.get("citation") or {}
    reference = citation.get("identifier") or citation.get("reference") or citation.get("db_id")
    namespace = str(citation.get("namespace") or citation.get("type") or citation.get("db") or "")
    publication = f"{'PMID' if 'pubmed' in namespace.lower() else namespace}:{reference}"
    relation = str(link["relation"])
    return {
        **rest,
        "subject": subject,
        "predicate": relation,
        "object": target,
        "object_direction_qualifier": _EFFECTS.get(relation, ""),
        "publications": [publication] if reference else [],
        "supporting_text": link.get("evidence") or "",
    }
