"""Requests to query types: the same constraints for addresses and for JSON bodies.

An address is read leniently (`max_hops=3` is text on the wire), a body strictly. What is wrong is
said by name: the parameter, its value, the bound, and for unknown names the known ones.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

import msgspec
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import (
    BadRequest,
    LengthRequired,
    RequestEntityTooLarge,
    UnsupportedMediaType,
)
from werkzeug.wrappers import Request

from mechkg.api.http.problems import refuse
from mechkg.kg.errors import QueryError, UnknownParameter, UnknownTerm

__all__ = ["decode_address", "decode_body", "is_repeatable", "read_body", "whole_body"]

Query = TypeVar("Query", bound=msgspec.Struct)


def is_repeatable(kind: type[msgspec.Struct], name: str) -> bool:
    """Say whether a field of a query type holds several values.

    >>> from mechkg.kg.model.queries import PathQuery
    >>> is_repeatable(PathQuery, "source"), is_repeatable(PathQuery, "limit")
    (True, False)
    """
    return _repeatable(kind)[name]


@cache
def _repeatable(kind: type[msgspec.Struct]) -> Mapping[str, bool]:
    """Return the fields of a type and whether each is repeatable; reading types is slow."""
    hints = get_type_hints(kind)
    return {name: get_origin(hints[name]) is tuple for name in kind.__struct_fields__}


def decode_address(
    kind: type[Query], arguments: MultiDict[str, str], address: Mapping[str, str]
) -> Query:
    """Return the query of an address: `arguments` after the question mark, `address` from the path.

    Raises `QueryError`, or its kind `UnknownParameter` for one that the route does not have.

    >>> from mechkg.kg.model.queries import SearchQuery
    >>> decode_address(SearchQuery, MultiDict([("q", "GDNF"), ("category", "Gene")]), {}).category
    ('Gene',)
    """
    repeatable = _repeatable(kind)
    values: dict[str, Any] = dict(address)
    for name, given in arguments.lists():
        if name not in repeatable or name in address:
            raise UnknownParameter(name, [n for n in repeatable if n not in address])
        if repeatable[name]:
            values[name] = given
        elif len(given) == 1:
            values[name] = given[0]
        else:
            raise QueryError(name, f"takes one value and was given {len(given)} times")
    try:
        return msgspec.convert(values, kind, strict=False)
    except msgspec.ValidationError as error:
        raise _explained(error, kind, values) from error


def decode_body(kind: type[Query], request: Request, most_bytes: int) -> Query:
    """Return the query of a JSON body.

    Raises `UnsupportedMediaType`, `LengthRequired` (a chunked body: the framework would cut it
    short without a word), `RequestEntityTooLarge`, `BadRequest` for what is not JSON, and
    `QueryError` for JSON of another form.
    """
    if request.args:
        name = next(iter(request.args))
        raise QueryError(name, "stands in the address; a POST takes its parameters in the body")
    body = read_body(request, most_bytes)
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        raise _explained(error, kind, _plain(body)) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise refuse(
            BadRequest, f"The body is not JSON: {error}.", slug="malformed-json"
        ) from error


def read_body(request: Request, most_bytes: int) -> bytes:
    """Return a JSON body as it came; raises as `decode_body` does for its kind and size."""
    if request.mimetype != "application/json":
        given = request.mimetype or "none"
        raise UnsupportedMediaType(f"The body must be application/json; its type is {given}.")
    return whole_body(request, most_bytes)


def whole_body(request: Request, most_bytes: int) -> bytes:
    """Return a body of any kind; raises `LengthRequired` and `RequestEntityTooLarge`."""
    if request.content_length is None:
        raise LengthRequired("The request must declare Content-Length; chunked bodies are refused.")
    if request.content_length > most_bytes:
        raise refuse(
            RequestEntityTooLarge,
            f"A body holds at most {most_bytes:,} bytes, not {request.content_length:,}.",
            limit=f"{most_bytes} bytes",
        )
    return request.get_data(cache=False)


def _plain(body: bytes) -> Mapping[str, Any]:
    try:
        value = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


_SENTENCES = (
    (r"Expected `(?:int|float)` (<=|>=|>|<) ([\d.]+)", "must be {0} {1}, not {value}"),
    (r"Expected `array` of length >= (\d+)", "needs at least {0} value"),
    (r"Expected `array` of length <= (\d+)", "takes at most {0} values, not {count}"),
    (r"Expected `str` of length >= (\d+)", "must not be empty"),
    (r"Expected `str` of length <= (\d+)", "must be at most {0} characters long"),
    (r"Expected `int`, got .*", "must be a whole number, not {value}"),
    (r"Expected `float`, got .*", "must be a number, not {value}"),
    (r"Expected `array`, got .*", "must be a list, not {value}"),
    (r"Expected `str`, got .*", "must be text, not {value}"),
)
"""What the decoder says, and what a person is told."""

_COMPARED = {"<=": "at most", ">=": "at least", ">": "more than", "<": "less than"}


def _explained(
    error: msgspec.ValidationError, kind: type[msgspec.Struct], values: Mapping[str, Any]
) -> QueryError:
    """Return a decoder's complaint as an error that names the parameter."""
    reason, _, where = str(error).partition(" - at `$.")
    where = where.rstrip("`")
    if missing := re.fullmatch(r"Object missing required field `(.*)`", reason):
        return QueryError(missing[1], "is missing")
    if unknown := re.fullmatch(r"Object contains unknown field `(.*)`", reason, re.DOTALL):
        return UnknownParameter(unknown[1], [f.name for f in msgspec.structs.fields(kind)])
    if not where:
        return QueryError("body", "must be a JSON object")
    if reason.startswith("Invalid enum value"):
        return UnknownTerm(where, str(values.get(where)), get_args(get_type_hints(kind)[where]))
    return QueryError(where, _reason(reason, _value_at(values, where)))


def _value_at(values: Mapping[str, Any], where: str) -> Any:
    """Return the value that was complained of, `...` where the body could not be read whole."""
    name, _, index = where.rstrip("]").partition("[")
    value = values.get(name, ...)
    return value[int(index)] if index and isinstance(value, list) else value


def _reason(reason: str, value: Any) -> str:
    for pattern, sentence in _SENTENCES:
        if found := re.fullmatch(pattern, reason):
            groups = [_COMPARED.get(text, text) for text in found.groups()]
            count = f"{len(value):,}" if isinstance(value, list) else ""
            said = sentence.partition(", not {value}")[0] if value is ... else sentence
            return said.format(*groups, value=_short(value), count=count)
    return f"is not valid: {reason}"


def _short(value: Any) -> str:
    text = "null" if value is None else repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
