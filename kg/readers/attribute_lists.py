"""Attributes as TRAPI lists them: objects with a type, a value, and what supports it.

`Attribute` of github.com/NCATSTranslator/ReasonerAPI, TranslatorReasonerAPI.yaml; KGX files of the
Translator programme have such a list in the field `attributes` of a node or edge.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from mechkg.kg.readers.cells import compact, plain_value, values

__all__ = ["DETAILS", "with_attributes"]

DETAILS: Final = "attribute_details"
"""The attribute that keeps, as JSON, what a list says of an attribute beside its value."""
_TYPE: Final = "attribute_type_id"
_NAME: Final = "original_attribute_name"
_GENERIC: Final = frozenset(
    ("attribute", "Attribute", "has_attribute", "NA", "not_provided", "EDAM:data_0006", "")
)
"""Types that say no more than that it is an attribute: its own name says what it is."""


def _named(listed: Any) -> dict[str, Any]:
    """Return the values of a list of attributes by name; raises `ValueError` for another list.

    An attribute of a generic type has the name that its source gave it. Several of one name are
    a list. What else is said of them (source, unit, nested attributes) is kept under `DETAILS`.

    >>> _named([{"attribute_type_id": "biolink:publications", "value": ["PMID:1"]}])
    {'publications': 'PMID:1'}
    >>> _named([{"attribute_type_id": "biolink:Attribute", "value": 5,
    ...          "original_attribute_name": "weight", "value_type_id": None}])
    {'weight': 5}
    """
    found: dict[str, list[Any]] = {}
    details = []
    for attribute in listed or ():
        if not isinstance(attribute, Mapping) or _TYPE not in attribute:
            raise ValueError(f"an entry of 'attributes' has no {_TYPE}")
        name = _name(attribute)
        value = attribute.get("value")
        found.setdefault(name, []).extend(value if isinstance(value, list) else [value])
        more = {k: v for k, v in attribute.items() if k not in (_TYPE, "value") and v}
        if more.get(_NAME) == name:
            del more[_NAME]
        if more:
            details.append({"name": name, **more})
    single = {name: parts[0] if len(parts) == 1 else parts for name, parts in found.items()}
    return {**single, DETAILS: compact(details)} if details else single


def _name(attribute: Mapping[str, Any]) -> str:
    name = str(attribute[_TYPE]).removeprefix("biolink:")
    own = attribute.get(_NAME)
    return own if name in _GENERIC and isinstance(own, str) and own else name or "attribute"


def with_attributes(fields: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the fields of a node or edge with those that a list of attributes names.

    A field of the record itself counts before one of its list, which is kept under its name with a
    mark where it says something else; publications are joined.

    >>> with_attributes({"attributes": [{"attribute_type_id": "biolink:p_value", "value": 0.1}]})
    {'p_value': 0.1}
    >>> with_attributes({"attributes": {"a": "b"}})
    {'attributes': {'a': 'b'}}
    """
    written = fields.get("attributes")
    listed = plain_value(written) if isinstance(written, str) else written
    if not isinstance(listed, list) or not any(
        isinstance(item, Mapping) and _TYPE in item for item in listed
    ):
        return fields
    found = {key: value for key, value in fields.items() if key != "attributes"}
    for name, value in _named(listed).items():
        if found.get(name) in (None, "", []):
            found[name] = value
        elif name == "publications":
            found[name] = [*values(found[name]), *values(value)]
        elif not _alike(found[name], value):
            found[f"{name}_"] = value
    return found


def _alike(first: Any, second: Any) -> bool:
    return msgspec.json.encode(first) == msgspec.json.encode(second)
