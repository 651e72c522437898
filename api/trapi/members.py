"""Members of a query graph, checked by name: what is not known is refused, never ignored.

TRAPI lets a query graph hold any further members, so that a client of another version gets an
answer to another question: its constraint has no effect, or its pinned node matches everything.
Here a member that no version under this address has is an error that names the member to use. One
that asks for nothing (null, false, an empty list or object) is passed over; a log entry says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from mechkg.api.trapi.remarks import Remarks
from mechkg.api.trapi.types import QEdge, QNode, QPath, QueryGraph
from mechkg.kg.errors import QueryError

__all__ = ["check_members", "without_nulls"]

Json = dict[str, Any]


class Element(NamedTuple):
    """A kind of element of a query graph.

    `known` are its members, `older` those that it has in TRAPI 1.6 besides, `newer` those that 1.6
    does not have, and `advice` says what to use instead of members of other versions.
    """

    name: str
    known: frozenset[str]
    older: frozenset[str]
    newer: frozenset[str]
    advice: Mapping[str, str]


_NOT_OFFERED: Final = "No edge or node can be optional or excluded here; leave it out."
_EDGE_CONSTRAINTS: Final = "TRAPI 2.0 has constraints.{} in its place; /trapi/1.6 takes this one."
_GRAPH: Final = Element(
    "the query graph",
    frozenset(QueryGraph.__struct_fields__),
    frozenset(),
    frozenset(),
    {name: f"TRAPI has {name[:5]}s." for name in ("qnodes", "qedges")},
)
_ELEMENTS: Final[Mapping[str, Element]] = {
    "nodes": Element(
        "a node",
        frozenset(QNode.__struct_fields__),
        frozenset(),
        frozenset(),
        {
            **dict.fromkeys(("id", "curie", "curies", "name"), "Use ids, a list of CURIEs."),
            **dict.fromkeys(("category", "type"), "Use categories, a list."),
            **dict.fromkeys(("is_set", "set"), "Use set_interpretation."),
            **dict.fromkeys(("option_group_id", "exclude"), _NOT_OFFERED),
            "attribute_constraints": "Use constraints, a list.",
        },
    ),
    "edges": Element(
        "an edge",
        frozenset(QEdge.__struct_fields__),
        frozenset(("attribute_constraints", "qualifier_constraints")),
        frozenset(("constraints",)),
        {
            "attribute_constraints": _EDGE_CONSTRAINTS.format("attributes"),
            "qualifier_constraints": _EDGE_CONSTRAINTS.format("qualifiers"),
            "qualifiers": "Use constraints.qualifiers.",
            "sources": "Use constraints.sources.",
            "knowledge_level": "Use constraints.knowledge_level.",
            "agent_type": "Use constraints.agent_type.",
            **dict.fromkeys(("predicate", "type", "relation"), "Use predicates, a list."),
            "source_id": "Use subject.",
            "target_id": "Use object.",
            **dict.fromkeys(("option_group_id", "exclude", "negated"), _NOT_OFFERED),
        },
    ),
    "paths": Element(
        "a path",
        frozenset(QPath.__struct_fields__),
        frozenset(),
        frozenset(),
        {
            "predicate": "Use predicates, a list.",
            "intermediate_categories": "Use constraints, a list of objects that hold it.",
            **dict.fromkeys(("hops", "max_length", "length"), "Use max_hops."),
        },
    ),
}
_SETS_OF_EDGE: Final = ("attributes", "qualifiers")


def without_nulls(value: Any) -> Any:
    """Return a JSON value without members that are null: null is as good as absent.

    The `value` that an attribute is compared with may be null.

    >>> without_nulls({"ids": None, "categories": ["biolink:Gene"], "value": None})
    {'categories': ['biolink:Gene'], 'value': None}
    """
    if isinstance(value, dict):
        return {
            name: without_nulls(member)
            for name, member in value.items()
            if member is not None or name == "value"
        }
    return [*map(without_nulls, value)] if isinstance(value, list) else value


def check_members(graph: Any, version: str, remarks: Remarks) -> None:
    """Check the members of a query graph, and take those out of it that ask for nothing.

    Parameters
    ----------
    graph
        The query graph as JSON values; what is not an object in it is left for the decoder.
    version
        "2.0" or "1.6".

    Raises `QueryError` for a member that is not known. O(members).
    """
    if not isinstance(graph, dict):
        return
    for kind in ("edges", "paths"):
        if graph.get(kind) == {}:
            del graph[kind]
    _check("query_graph", graph, _GRAPH, version, remarks)
    for kind, element in _ELEMENTS.items():
        for key, value in _objects(graph.get(kind)):
            _check(f"{kind}.{key}", value, element, version, remarks)


def _objects(value: Any) -> Iterator[tuple[str, Json]]:
    if isinstance(value, dict):
        yield from ((key, member) for key, member in value.items() if isinstance(member, dict))


def _check(where: str, value: Json, element: Element, version: str, remarks: Remarks) -> None:
    known = element.known | (element.older if version == "1.6" else frozenset())
    newer = element.newer if version == "1.6" else frozenset()
    for name in list(value):
        if name in known and not (name in newer and not value[name]):
            _drop_empty(where, value, name, version, remarks)
        elif value[name] in (None, False, "", [], {}):
            remarks.warning("UnknownMember", f"{where}.{name} is no member of {element.name}.")
            del value[name]
        else:
            advice = element.advice.get(name, f"Known members: {', '.join(sorted(known))}.")
            raise QueryError(
                f"{where}.{name}",
                f"is no member of {element.name} in TRAPI {version}",
                hint=advice,
            )


def _drop_empty(where: str, value: Json, name: str, version: str, remarks: Remarks) -> None:
    """Take out a member that asks for nothing; an empty `ids` of 2.0 is left to be refused."""
    member = value[name]
    if name == "constraints" and isinstance(member, dict):
        for part in _SETS_OF_EDGE:
            if member.get(part) == []:
                del member[part]
    if member in (None, [], {}) and (name != "ids" or member is None or version == "1.6"):
        if name == "ids":
            remarks.warning("NoIdentifiers", f"{where}.ids is empty: the node is not pinned.")
        del value[name]
