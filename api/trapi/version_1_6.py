"""TRAPI 1.6 and 2.0: requests on the way in, responses on the way out.

2.0 binds by lists of keys where 1.6 has lists of objects, and gives knowledge level and agent type
fields of their own; it has one place for the constraints of an edge, and no nulls.
"""

from __future__ import annotations

from typing import Any, Final

__all__ = ["from_1_6", "to_1_6"]

Json = dict[str, Any]

VERSION: Final = "1.6.0"


def from_1_6(request: Any) -> Any:
    """Return a request of 1.6 as one of 2.0; what is not an object is left for the decoder.

    >>> edge = {"subject": "a", "object": "b", "predicates": None, "qualifier_constraints":
    ...         [{"qualifier_set": [{"qualifier_type_id": "biolink:x", "qualifier_value": "y"}]}]}
    >>> from_1_6({"message": {"query_graph": {"nodes": {}, "edges": {"e": edge}}}})["message"]
    {'query_graph': {'nodes': {}, 'edges': {'e': {'subject': 'a', 'object': 'b',
     'constraints': {'qualifiers': [{'biolink:x': 'y'}]}}}}}
    """
    asked = _without_nulls(request)
    if not isinstance(asked, dict):
        return asked
    general = {n: asked.pop(n) for n in ("log_level", "bypass_cache") if n in asked}
    if general:
        given = asked.get("parameters", {})
        asked["parameters"] = {**general, **given} if isinstance(given, dict) else given
    message = asked.get("message")
    graph = message.get("query_graph") if isinstance(message, dict) else None
    if isinstance(graph, dict):
        for kind in ("edges", "paths"):
            if graph.get(kind) == {}:
                del graph[kind]
        for node in _objects(graph.get("nodes")):
            _drop_empty(node, ("constraints", "member_ids", "ids", "categories"))
        for edge in _objects(graph.get("edges")):
            _drop_empty(edge, ("predicates",))
            _constrain(edge)
        for path in _objects(graph.get("paths")):
            _drop_empty(path, ("constraints", "predicates"))
    return asked


def to_1_6(response: Json, query_graph: Any) -> Json:
    """Return a response of 2.0 as one of 1.6, with the question as it was asked."""
    message = response["message"]
    message["query_graph"] = query_graph
    graph = message["knowledge_graph"]
    for node in graph["nodes"].values():
        node.setdefault("attributes", [])
    graph["edges"] = {key: _edge(edge) for key, edge in graph["edges"].items()}
    message["results"] = [_result(result) for result in message["results"]]
    for auxiliary in message.get("auxiliary_graphs", {}).values():
        auxiliary["attributes"] = []
    return {**response, "schema_version": VERSION, "logs": response.get("logs", [])}


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_nulls(one) for name, one in value.items() if one is not None}
    if isinstance(value, list):
        return [_without_nulls(one) for one in value]
    return value


def _objects(value: Any) -> list[Json]:
    return [v for v in value.values() if isinstance(v, dict)] if isinstance(value, dict) else []


def _drop_empty(value: Json, names: tuple[str, ...]) -> None:
    for name in names:
        if value.get(name) == []:
            del value[name]


def _constrain(edge: Json) -> None:
    """Move the constraints of an edge to the one place that 2.0 has for them."""
    attributes = edge.pop("attribute_constraints", None)
    sets = edge.pop("qualifier_constraints", None)
    constraints: Json = {"attributes": attributes} if attributes else {}
    if sets:
        constraints["qualifiers"] = [
            {q["qualifier_type_id"]: q["qualifier_value"] for q in one["qualifier_set"]}
            for one in sets
            if one.get("qualifier_set")
        ]
    if constraints:
        edge["constraints"] = constraints


def _edge(edge: Json) -> Json:
    moved = [
        {"attribute_type_id": f"biolink:{name}", "value": edge[name]}
        for name in ("knowledge_level", "agent_type")
    ]
    kept = {n: v for n, v in edge.items() if n not in {"knowledge_level", "agent_type"}}
    return {**kept, "attributes": [*moved, *edge.get("attributes", [])]}


def _result(result: Json) -> Json:
    nodes = {
        key: [{"id": one, "attributes": []} for one in binding["ids"]]
        for key, binding in result["node_bindings"].items()
    }
    return {**result, "node_bindings": nodes, "analyses": [*map(_analysis, result["analyses"])]}


def _analysis(analysis: Json) -> Json:
    extras: dict[str, Json] = {"edge_bindings": {"attributes": []}, "path_bindings": {}}
    for name, extra in extras.items():
        if name in analysis:
            analysis[name] = {
                key: [{"id": one, **extra} for one in binding["ids"]]
                for key, binding in analysis[name].items()
            }
    return analysis
