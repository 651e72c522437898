"""Constraints on the edges and nodes of an answer: TRAPI 2.0's constraints.

Every list means AND, but for sets of qualifiers (OR between sets, AND within one). Comparisons are
those of the specification: a list on either side compares each with each, `===` compares as a
whole, an attribute that is absent satisfies no comparison.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

import re2
from msgspec import UNSET

from mechkg.api.trapi.biolink import AGENT_TYPES, KNOWLEDGE_LEVELS, values_under
from mechkg.api.trapi.edges import Attribute, Edge
from mechkg.api.trapi.types import AllowDeny, AttributeConstraint, QEdgeConstraints
from mechkg.kg.errors import QueryError, UnknownTerm

__all__ = ["Test", "match_attributes", "check_attributes", "edge_test", "has_qualifiers"]

Test = Callable[[Edge], bool]

MAX_PATTERN: Final = 1_000
"""Characters of a regular expression; RE2 takes time linear in the text, whatever it says."""


def edge_test(asked: QEdgeConstraints, where: str) -> Test:
    """Return a predicate that tests an edge; raises `QueryError`."""
    check_attributes(asked.attributes, f"{where}.attributes")
    for number, one in enumerate(asked.qualifiers):
        if not one or not all(kind.startswith("biolink:") for kind in one):
            raise QueryError(
                f"{where}.qualifiers[{number}]", "must name qualifiers of Biolink, one at least"
            )
    if asked == QEdgeConstraints():
        raise QueryError(where, "must hold one constraint at least")
    for text in asked.sources.values if asked.sources else ():
        if not text.startswith("infores:"):
            raise QueryError(
                f"{where}.sources.values", f"must be infores identifiers, not {text!r}"
            )
    if asked.knowledge_level:
        _check_values(asked.knowledge_level, KNOWLEDGE_LEVELS, f"{where}.knowledge_level")
    if asked.agent_type:
        _check_values(asked.agent_type, AGENT_TYPES, f"{where}.agent_type")

    def satisfies(edge: Edge) -> bool:
        return (
            (not asked.knowledge_level or _permits(asked.knowledge_level, {edge.knowledge_level}))
            and (not asked.agent_type or _permits(asked.agent_type, {edge.agent_type}))
            and _sources_match(asked, edge)
            and (
                not asked.qualifiers
                or any(has_qualifiers(edge, wanted) for wanted in asked.qualifiers)
            )
            and (not asked.attributes or match_attributes(asked.attributes, _attributes_of(edge)))
        )

    return satisfies


def check_attributes(asked: Iterable[AttributeConstraint], where: str) -> None:
    """Raise `QueryError` for comparisons that make no sense."""
    for number, one in enumerate(asked):
        values = one.value if isinstance(one.value, list) else [one.value]
        parameter = f"{where}[{number}].value"
        if one.operator in {">", "<"} and any(
            isinstance(v, str) or _number(v) is None for v in values
        ):
            raise QueryError(parameter, f"must be a number for the operator {one.operator}")
        if one.operator == "matches":
            for value in values:
                _check_pattern(value, parameter)


def match_attributes(asked: Iterable[AttributeConstraint], attributes: Sequence[Attribute]) -> bool:
    """Say whether some attributes satisfy all of some comparisons."""
    return all(_satisfies(one, attributes) != one.negated for one in asked)


def _check_values(asked: AllowDeny, known: Iterable[str], where: str) -> None:
    known = sorted(known)
    for value in asked.values:
        if value not in known:
            raise UnknownTerm(f"{where}.values", value, known)


def _check_pattern(value: Any, parameter: str) -> None:
    if not isinstance(value, str) or len(value) > MAX_PATTERN:
        raise QueryError(parameter, f"must be a pattern of at most {MAX_PATTERN} characters")
    try:
        re2.compile(value, _quiet())
    except re2.error as error:
        raise QueryError(parameter, f"is no regular expression (RE2): {error}") from error


def _quiet() -> Any:
    options = re2.Options()
    options.log_errors = False
    return options


def _permits(asked: AllowDeny, present: set[str]) -> bool:
    found = not present.isdisjoint(asked.values)
    return found if asked.behavior == "ALLOW" else not found


def _sources_match(asked: QEdgeConstraints, edge: Edge) -> bool:
    if not asked.sources:
        return True
    primary_only = asked.sources.primary_only
    present = {
        source.resource_id
        for source in edge.sources
        if not primary_only or source.resource_role == "primary_knowledge_source"
    }
    return _permits(asked.sources, present)


def has_qualifiers(edge: Edge, wanted: Mapping[str, str]) -> bool:
    """Say whether an edge has all of some qualifiers, each with the value or one below it."""
    present = {(q.qualifier_type_id, q.qualifier_value) for q in edge.qualifiers or ()}
    return all(
        any((kind, below) in present for below in values_under(kind, value))
        for kind, value in wanted.items()
    )


def _attributes_of(edge: Edge) -> list[Attribute]:
    """Return an edge's attributes, with what TRAPI 1 had among them."""
    return [
        *(edge.attributes or ()),
        Attribute(attribute_type_id="biolink:knowledge_level", value=edge.knowledge_level),
        Attribute(attribute_type_id="biolink:agent_type", value=edge.agent_type),
    ]


def _satisfies(asked: AttributeConstraint, attributes: Iterable[Attribute]) -> bool:
    for attribute in attributes:
        names = {attribute.attribute_type_id}
        if (own := attribute.original_attribute_name) is not UNSET:
            names |= {own, f"biolink:{own}"}
        if asked.id in names and _compare(asked.operator, attribute.value, asked.value):
            return True
    return False


def _compare(operator: str, value: Any, wanted: Any) -> bool:
    if operator == "===":
        if isinstance(value, tuple):
            value = list(value)
        return type(value) is type(wanted) and bool(value == wanted)
    if isinstance(wanted, list):
        return any(_compare(operator, value, one) for one in wanted)
    if isinstance(value, list | tuple):
        return any(_compare(operator, one, wanted) for one in value)
    return _COMPARED[operator](value, wanted)


def _equal(value: Any, wanted: Any) -> bool:
    if value == wanted:
        return True
    number = None if isinstance(wanted, str) else _number(wanted)
    return number is not None and _number(value) == number


def _greater(value: Any, wanted: Any) -> bool:
    left, right = _number(value), _number(wanted)
    return left is not None and right is not None and left > right


def _less(value: Any, wanted: Any) -> bool:
    return _greater(wanted, value)


def _matches(value: Any, wanted: Any) -> bool:
    return isinstance(value, str) and re2.search(wanted, value) is not None


_COMPARED: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "==": _equal,
    ">": _greater,
    "<": _less,
    "matches": _matches,
}


def _number(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        return None
