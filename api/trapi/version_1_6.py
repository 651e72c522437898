"""TRAPI 1.6 and 2.0: requests on the way in, responses on the way out.

2.0 binds by lists of keys where 1.6 has lists of objects, and gives knowledge level and agent type
fields of their own; it has one place for the constraints of an edge, and no nulls.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from mechkg.api.trapi.remarks import Remarks
from mechkg.kg.errors import QueryError

__all__ = ["from_1_6", "to_1_6"]

Json = dict[str, Any]

VERSION: Final = "1.6.0"

_OWN: Final = "Use attribute_constraints and qualifier_constraints."


def from_1_6(graph: Any, remarks: Remarks) -> None:
    """Turn a query graph of 1.6 into one of 2.0; what is not an object is left for the decoder.

    Raises `QueryError` for edges with constraints of both versions, and for qualifier constraints
    that are not of the form.

    >>> edge = {"subject": "a", "object": "b", "qualifier_constraints":
    ...         [{"qualifier_set": [{"qualifier_type_id": "biolink:x", "qualifier_value": "y"}]}]}
    >>> from_1_6({"nodes": {}, "edges": {"e": edge}}, Remarks())
    >>> edge
    {'subject': 'a', 'object': 'b', 'constraints': {'qualifiers': [{'biolink:x': 'y'}]}}
    """
    edges = graph.get("edges") if isinstance(graph, dict) else None
    for key, edge in edges.items() if isinstance(edges, dict) else ():
        if isinstance(edge, dict):
            _move_constraints(f"edges.{key}", edge, remarks)


def to_1_6(response: Json) -> Json:
    """Return a response of 2.0 as one of 1.6."""
    message = response["message"]
    graph = message["knowledge_graph"]
    for node in graph["nodes"].values():
        node.setdefault("attributes", [])
    graph["edges"] = {key: _edge(edge) for key, edge in graph["edges"].items()}
    message["results"] = [_result(result) for result in message["results"]]
    for auxiliary in message.get("auxiliary_graphs", {}).values():
        auxiliary["attributes"] = []
    return {**response, "schema_version": VERSION, "logs": response.get("logs", [])}


def _move_constraints(where: str, edge: Json, remarks: Remarks) -> None:
    """Move the constraints of an edge to the one place that 2.0 has for them."""
    attributes = edge.pop("attribute_constraints", None)
    sets = edge.pop("qualifier_constraints", None)
    if isinstance(edge.get("constraints"), list):
        raise QueryError(f"{where}.constraints", "is no member of an edge in TRAPI 1.6", hint=_OWN)
    if "constraints" in edge and (attributes or sets):
        raise QueryError(f"{where}.constraints", "stands beside those of TRAPI 1.6", hint=_OWN)
    constraints: Json = {"attributes": attributes} if attributes else {}
    if sets and (qualifiers := _qualifiers(where, sets, remarks)):
        constraints["qualifiers"] = qualifiers
    if constraints:
        edge["constraints"] = constraints


def _qualifiers(where: str, sets: Any, remarks: Remarks) -> list[Json]:
    """Return sets of qualifiers as 2.0 has them; an empty set asks for nothing."""
    where = f"{where}.qualifier_constraints"
    found = []
    try:
        for group in sets:
            if wanted := group.get("qualifier_set"):
                pairs = {q["qualifier_type_id"]: q["qualifier_value"] for q in wanted}
                if len(pairs) < len(wanted):
                    raise QueryError(where, "names a qualifier twice in one qualifier_set")
                found.append(pairs)
            else:
                remarks.warning(
                    "EmptyConstraint", f"{where} has a qualifier_set without qualifiers."
                )
    except (KeyError, TypeError, AttributeError) as error:
        raise QueryError(
            where, "is not of the form", hint="Each has a qualifier_set, a list of objects."
        ) from error
    return found


def _edge(edge: Json) -> Json:
    moved = [
        {"attribute_type_id": f"biolink:{name}", "value": edge[name]}
        for name in ("knowledge_level", "agent_type")
    ]
    kept = {n: v for n, v in edge.items() if n not in {"knowledge_level", "agent_type"}}
    return {**kept, "attributes": [*moved, *edge.get("attributes", [])]}


def _result(result: Json) -> Json:
    nodes = {
        key: [_node_binding(name, binding.get("query_ids", {})) for name in binding["ids"]]
        for key, binding in result["node_bindings"].items()
    }
    return {
        **result,
        "node_bindings": nodes,
        "analyses": [*map(_analysis, result.get("analyses", []))],
    }


def _node_binding(name: str, asked: Mapping[str, str]) -> Json:
    own = {"query_id": asked[name]} if name in asked else {}
    return {"id": name, **own, "attributes": []}


def _analysis(analysis: Json) -> Json:
    extras: dict[str, Json] = {"edge_bindings": {"attributes": []}, "path_bindings": {}}
    for name, extra in extras.items():
        if name in analysis:
            analysis[name] = {
                key: [{"id": one, **extra} for one in binding["ids"]]
                for key, binding in analysis[name].items()
            }
    return analysis
