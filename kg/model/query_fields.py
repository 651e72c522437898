"""Queries made of keywords, as Python writes them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, TypeVar

import msgspec

from mechkg.kg.errors import QueryError

__all__ = ["query_of"]

Query = TypeVar("Query", bound=msgspec.Struct)


def query_of(kind: type[Query], query: Query | None, fields: Mapping[str, Any]) -> Query:
    """Return the query given, or one made of fields, a single text standing for a set of one.

    Raises `QueryError`.

    >>> from mechkg.kg.model.queries import PathQuery
    >>> query_of(PathQuery, None, {"source": "NSC", "target": ["neuron"]}).source
    ('NSC',)
    """
    if query is not None:
        return msgspec.structs.replace(query, **fields) if fields else query
    sets = _set_fields(kind)
    values = {
        name: (value,) if isinstance(value, str) and name in sets else value
        for name, value in fields.items()
    }
    try:
        return msgspec.convert(values, kind)
    except msgspec.ValidationError as error:
        raise _invalid(error) from error


@cache
def _set_fields(kind: type[msgspec.Struct]) -> frozenset[str]:
    return frozenset(f.name for f in msgspec.structs.fields(kind) if "tuple" in str(f.type))


def _invalid(error: msgspec.ValidationError) -> QueryError:
    reason, _, where = str(error).partition(" - at `$.")
    return QueryError(where.rstrip("`") or "query", f"is not valid: {reason}")
