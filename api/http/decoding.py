"""Requests to query types: the same constraints for addresses and for JSON bodies.

An address is read leniently (`max_hops=3` is text on the wire), a body strictly. What is wrong is
said by name: the parameter, its value, the bound, and for unknown names the known ones.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cache
from typing import Any, Final, Literal, TypeVar, get_args, get_origin, get_type_hints

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
from mechkg.api.http.requests import Presentation
from mechkg.kg.errors import QueryError, UnknownParameter, UnknownTerm
from mechkg.kg.model.queries import parameters

__all__ = ["decode_address", "decode_body", "decode_request", "read_body",
           "refuse_duplicate_keys", "whole_body"]  # fmt: skip

Query = TypeVar("Query", bound=msgspec.Struct)

_COMMON: Final = Presentation.__struct_fields__


@cache
def _repeatable(kind: type[msgspec.Struct]) -> Mapping[str, bool]:
    """Return the parameters of a query type and whether each is repeatable; reading it is slow."""
    return {parameter.name: parameter.repeatable for parameter in parameters(kind)}


def decode_request(
    kind: type[Query], request: Request, address: Mapping[str, str], max_bytes: int
) -> tuple[Query, Presentation]:
    """Return the query of a request and how its answer is wanted.

    A POST has both in a JSON body, others in their address. Raises what `decode_address` does, and
    for bodies `UnsupportedMediaType`, `LengthRequired` (a chunked body: the framework would cut it
    short without a word), `RequestEntityTooLarge`, and `BadRequest` for what is not JSON.
    """
    if request.method == "POST":
        values, strict = _body_values(request, max_bytes), True
    else:
        values, strict = _address_values((kind, Presentation), request.args, address), False
    common = {name: values.pop(name) for name in _COMMON if name in values}
    query = _converted(kind, values, _COMMON, strict=strict)
    return query, _converted(Presentation, common, strict=strict)


def decode_address(
    kind: type[Query], arguments: MultiDict[str, str], address: Mapping[str, str]
) -> Query:
    """Return the query of an address: `arguments` after the question mark, `address` from the path.

    Raises `QueryError`, or its kind `UnknownParameter` for one that the route does not have.

    >>> from mechkg.kg.model.queries import SearchQuery
    >>> decode_address(SearchQuery, MultiDict([("q", "GDNF"), ("category", "Gene")]), {}).category
    ('Gene',)
    """
    return _converted(kind, _address_values((kind,), arguments, address), strict=False)


def decode_body(kind: type[Query], request: Request, max_bytes: int) -> Query:
    """Return the value that the JSON body of a request is; raises as `decode_request` does."""
    return _converted(kind, _body_values(request, max_bytes), strict=True)


def _address_values(
    kinds: tuple[type[msgspec.Struct], ...],
    arguments: MultiDict[str, str],
    address: Mapping[str, str],
) -> dict[str, Any]:
    """Return the texts of an address by parameter, lists where it is repeatable."""
    known = {name: several for kind in kinds for name, several in _repeatable(kind).items()}
    values: dict[str, Any] = dict(address)
    for name, given in arguments.lists():
        if name not in known or name in address:
            raise UnknownParameter(name, [n for n in known if n not in address])
        if known[name]:
            values[name] = given
        elif len(given) == 1:
            values[name] = given[0]
        else:
            raise QueryError(name, f"takes one value and was given {len(given)} times")
    return values


def _body_values(request: Request, max_bytes: int) -> dict[str, Any]:
    if request.args:
        name = next(iter(request.args))
        raise QueryError(name, "belongs in the body: a POST takes no parameters in its address")
    body = read_body(request, max_bytes)
    try:
        refuse_duplicate_keys(body)
        values = msgspec.json.decode(body)
    except RecursionError as error:
        reason = "The body is not JSON that can be read: it is nested too deeply."
        raise refuse(BadRequest, reason, slug="malformed-json") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise refuse(
            BadRequest, f"The body is not JSON: {error}.", slug="malformed-json"
        ) from error
    if not isinstance(values, dict):
        raise QueryError("body", "must be a JSON object")
    return values


def _converted(
    kind: type[Query], values: Mapping[str, Any], beside: Iterable[str] = (), *, strict: bool
) -> Query:
    """Return a query of some values; `beside` are parameters that are read apart from it."""
    try:
        return msgspec.convert(values, kind, strict=strict)
    except msgspec.ValidationError as error:
        raise _explained(error, (*_repeatable(kind), *beside), kind, values) from error


def read_body(request: Request, max_bytes: int) -> bytes:
    """Return a JSON body as it came; raises as `decode_request` does for its kind and size."""
    if request.mimetype != "application/json":
        given = request.mimetype or "none"
        raise UnsupportedMediaType(f"The body must be application/json; its type is {given}.")
    return whole_body(request, max_bytes)


def refuse_duplicate_keys(body: bytes) -> None:
    """Raise `BadRequest` for JSON in which an object has a member twice.

    RFC 8259, section 4: what such an object means is not defined, and a decoder would take the
    last one without a word. What is not JSON at all is left for the decoder. O(body).

    >>> refuse_duplicate_keys(b'{"a": 1, "b": {"a": 2}}')
    >>> refuse_duplicate_keys(b'[{"a": 1, "a": 2}]')
    Traceback (most recent call last):
    werkzeug.exceptions.BadRequest: 400 Bad Request: The member 'a' occurs twice in one object.
    """
    with suppress(ValueError, RecursionError):
        json.loads(
            body, object_pairs_hook=_once, parse_int=str, parse_float=str, parse_constant=str
        )


def _once(pairs: list[tuple[str, Any]]) -> None:
    seen: set[str] = set()
    for name, _ in pairs:
        if name in seen:
            detail = f"The member {_short(name)} occurs twice in one object."
            raise refuse(BadRequest, detail, slug="malformed-json")
        seen.add(name)


def whole_body(request: Request, max_bytes: int) -> bytes:
    """Return a body of any kind; raises `LengthRequired` and `RequestEntityTooLarge`."""
    if request.content_length is None:
        raise LengthRequired("The request must declare Content-Length; chunked bodies are refused.")
    if request.content_length > max_bytes:
        raise refuse(
            RequestEntityTooLarge,
            f"A body holds at most {max_bytes:,} bytes, not {request.content_length:,}.",
            limit=f"{max_bytes} bytes",
        )
    return request.get_data(cache=False)


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
"""Messages of the decoder, and the sentences that users get instead."""

_PLACE: Final = re.compile(r"(?P<name>\w+)(?:\[(?P<index>\d+)\])?")
_COMPARED = {"<=": "at most", ">=": "at least", ">": "more than", "<": "less than"}


def _explained(
    error: msgspec.ValidationError,
    known: Sequence[str],
    kind: type[msgspec.Struct],
    values: Mapping[str, Any],
) -> QueryError:
    """Return a decoder's complaint as an error that names the parameter."""
    reason, _, where = str(error).partition(" - at `$.")
    where = where.rstrip("`")
    if missing := re.fullmatch(r"Object missing required field `(.*)`", reason):
        return QueryError(missing[1], "is missing")
    if unknown := re.fullmatch(r"Object contains unknown field `(.*)`", reason, re.DOTALL):
        return UnknownParameter(unknown[1], known)
    if reason.startswith("Invalid enum value") and where in values:
        return UnknownTerm(where, str(values.get(where)), _choices(get_type_hints(kind)[where]))
    return QueryError(where, _reason(reason, _value_at(values, where)))


def _choices(annotation: Any) -> list[str]:
    """Return the texts that a type admits, also where it is one of several.

    >>> _choices(Literal["a", "b"] | None)
    ['a', 'b']
    """
    parts = get_args(annotation)
    if get_origin(annotation) is Literal:
        return [str(part) for part in parts]
    return [choice for part in parts for choice in _choices(part)]


def _value_at(values: Mapping[str, Any], where: str) -> Any:
    """Return the value that was complained of, `...` where it is not among `values`."""
    found = _PLACE.fullmatch(where)
    if found is None:  # within an object of the body
        return ...
    value = values.get(found["name"], ...)
    return value[int(found["index"])] if found["index"] and isinstance(value, list) else value


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
