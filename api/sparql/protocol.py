"""The SPARQL 1.1 Protocol: from a request to a query and its dataset.

A query comes by GET, as a form, or as the body itself; what follows the question mark of the
address counts in all three. The dataset of the protocol goes before FROM in the text (section
2.1.4).
"""

from __future__ import annotations

from urllib.parse import parse_qsl

import msgspec
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest, UnsupportedMediaType
from werkzeug.wrappers import Request

from mechkg.api.http.clients import bearer
from mechkg.api.http.decoding import whole_body
from mechkg.kg.errors import ForbiddenQuery, MalformedQuery, UnknownParameter

__all__ = ["PARAMETERS", "SparqlRequest", "read_request"]

FORM = "application/x-www-form-urlencoded"
DIRECT = "application/sparql-query"
UPDATE = "application/sparql-update"

MOST_FIELDS = 100

PARAMETERS = ("query", "default-graph-uri", "named-graph-uri", "format", "output", "results")
"""The last two are other clients' names for `format`."""


class SparqlRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A query as it came: its text, the graphs of the protocol, the name of a format.

    Of an update it is the text, and why it is made.
    """

    query: str = ""
    update: str = ""
    reason: str = ""
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    format: str = ""


def read_request(request: Request, most_bytes: int) -> SparqlRequest:
    """Return what a request asks; `query` is empty where a GET has none.

    Raises `MalformedQuery` for a query that is missing, given twice, or not in UTF-8,
    `ForbiddenQuery` for an update without a token, `UnknownParameter`, and the HTTP errors of a
    body.
    """
    given = _pairs(request.query_string)
    if request.method == "POST":
        kind = request.mimetype
        if kind == UPDATE:
            given.add("update", _text(_body(request, most_bytes)))
        elif kind == DIRECT:
            given.add("query", _text(_body(request, most_bytes)))
        elif kind == FORM:
            given.update(_pairs(_body(request, most_bytes)))
        else:
            raise UnsupportedMediaType(
                f"A query is sent as {DIRECT} or {FORM}, not as {kind or 'a body without a type'}."
            )
    if "update" in given:
        return _update(given, is_post=request.method == "POST", known=bool(bearer(request)))
    for name in given:
        if name not in PARAMETERS:
            raise UnknownParameter(name, PARAMETERS)
    return _asked(given, is_post=request.method == "POST")


def _asked(given: MultiDict[str, str], *, is_post: bool) -> SparqlRequest:
    queries = given.getlist("query")
    if len(queries) > 1:
        raise MalformedQuery(f"takes one value and was given {len(queries)} times")
    if is_post and not queries:
        raise MalformedQuery("is missing")
    text = queries[0] if queries else ""
    if queries and not text.strip():
        raise MalformedQuery("is empty")
    return SparqlRequest(
        query=text,
        default_graphs=tuple(given.getlist("default-graph-uri")),
        named_graphs=tuple(given.getlist("named-graph-uri")),
        format=given.get("format") or given.get("output") or given.get("results") or "",
    )


def _body(request: Request, most_bytes: int) -> bytes:
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if charset not in {"utf-8", "utf8", "us-ascii"}:
        raise UnsupportedMediaType(f"The body must be in UTF-8; its type says {charset}.")
    return whole_body(request, most_bytes)


def _pairs(encoded: bytes) -> MultiDict[str, str]:
    """Return the names and values of an address or a form; `query` must be in UTF-8."""
    try:
        pairs = parse_qsl(
            encoded.decode(), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS
        )
    except UnicodeDecodeError as error:
        raise BadRequest(f"A parameter is not in UTF-8: {error.reason}.") from error
    except ValueError as error:
        raise BadRequest(f"There are more than {MOST_FIELDS} parameters.") from error
    return MultiDict(pairs)


def _text(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise BadRequest(f"The query is not in UTF-8 (byte {error.start}).") from error


def _update(given: MultiDict[str, str], *, is_post: bool, known: bool) -> SparqlRequest:
    """Return an update; only POST, with a token, may send one (SPARQL 1.1 Protocol, 2.2)."""
    if not is_post or not known:
        raise ForbiddenQuery(
            "may not be an update",
            hint="Those who may accept changes send one by POST, with their token.",
        )
    for name in given:
        if name not in {"update", "reason"}:
            raise UnknownParameter(name, ("update", "reason"))
    texts = given.getlist("update")
    if len(texts) > 1:
        raise MalformedQuery(f"takes one value and was given {len(texts)} times")
    if not texts[0].strip():
        raise MalformedQuery("is empty")
    return SparqlRequest(update=texts[0], reason=given.get("reason", ""))
