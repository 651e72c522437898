"""RFC 9457 problems: every error as `application/problem+json`, from one table.

A problem has a stable `type` address, a `title` of the type, the `status`, a `detail` sentence
of this occurrence, the `instance` of the request, and members that a program can use:
`parameter`, `suggestions`, `candidates`, `known`, `limit`, `id`, `findings`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

import msgspec
from werkzeug.exceptions import HTTPException

from mechkg.kg import errors
from mechkg.kg.errors import MechKGError

__all__ = [
    "BASE",
    "MEDIA_TYPE",
    "PROBLEMS",
    "SAID",
    "Problem",
    "ProblemType",
    "of_error",
    "of_http",
    "of_status",
    "refuse",
]

BASE = "https://w3id.org/mechkg/problem/"
MEDIA_TYPE = "application/problem+json"


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What went wrong with one request.

    >>> of_status(404, "Nothing is at /x.", "/x").type
    'https://w3id.org/mechkg/problem/not-found'
    """

    type: str
    title: str
    status: int
    detail: str
    instance: str = ""
    parameter: str | None = None
    suggestions: tuple[dict[str, str], ...] | None = None
    candidates: tuple[dict[str, Any], ...] | None = None
    known: tuple[str, ...] | None = None
    limit: str | None = None
    id: str | None = None
    findings: tuple[errors.Finding, ...] | None = None


class ProblemType(msgspec.Struct, frozen=True):
    """A row of the table: the end of the type's address, its status, title and meaning.

    >>> PROBLEMS["unknown-entity"].status
    422
    """

    slug: str
    status: int
    title: str
    meaning: str


def _raised(kind: type[MechKGError], status: int, meaning: str) -> ProblemType:
    return ProblemType(kind.slug, status, kind.title, meaning)


PROBLEMS: Mapping[str, ProblemType] = {
    row.slug: row
    for row in (
        _raised(
            errors.QueryError,
            422,
            "A parameter is missing, given twice, or has a value out of its range.",
        ),
        _raised(
            errors.UnknownParameter,
            422,
            "The route has no such parameter; `known` lists those that it has.",
        ),
        _raised(
            errors.UnknownEntity,
            422,
            "A parameter names no entity; `suggestions` are near names. Where the address itself "
            "names the entity, the status is 404.",
        ),
        _raised(
            errors.AmbiguousName,
            422,
            "A name fits several entities, or is known to mean other things, too; `candidates` are "
            "those of the graph with category, number of statements and what they are linked to. "
            "None is guessed.",
        ),
        _raised(
            errors.UnknownTerm,
            422,
            "No such predicate, category, modality, scorer or format; `known` lists some. Where "
            "the address itself names the thing, the status is 404.",
        ),
        _raised(
            errors.StaleCursor, 422, "The cursor was issued for another query or another snapshot."
        ),
        _raised(
            errors.SnapshotGone,
            410,
            "The version of the graph that `snapshot` pins is not kept; `known` has the one that "
            "is served now.",
        ),
        _raised(
            errors.TooLarge,
            413,
            "The answer is past what the format can carry; `detail` says the limit.",
        ),
        _raised(
            errors.TooCostly,
            422,
            "The question is too long, too deep, or needs too much time or memory; `limit` says "
            "which bound was met. Asking again does not help, asking for less does.",
        ),
        _raised(errors.MalformedQuery, 400, "The text is no query of its language."),
        _raised(
            errors.ForbiddenQuery,
            403,
            "The query would write, or reach outside the graph; that is never done.",
        ),
        _raised(
            errors.EditConflict,
            409,
            "A change cannot be made to the graph as it is; `detail` says why. Nothing was "
            "changed.",
        ),
        _raised(
            errors.ChangesRefused,
            422,
            "Checks of a changeset found errors; `findings` has each, with the warnings. Nothing "
            "was changed.",
        ),
        _raised(
            errors.StaleBase,
            412,
            "What a change is about was edited after the version that it names. Nothing was "
            "changed.",
        ),
        _raised(errors.Cancelled, 503, "The server stopped the work, for instance to shut down."),
        _raised(errors.SnapshotError, 503, "The server has no graph that it can open."),
        _raised(
            errors.LogError,
            503,
            "The log of changes is damaged or cannot be written; the server's log says why. The "
            "graph is served as it is.",
        ),
        _raised(errors.ValidationError, 500, "The graph breaks its own shapes."),
        _raised(errors.PluginError, 500, "An installed plug-in of the server is broken."),
        _raised(errors.EngineError, 502, "An endpoint with the graph is down or cuts its answers."),
        _raised(
            errors.NotSupported,
            501,
            "The graph is behind an engine, and the question takes a snapshot. "
            "`/api/v1/capabilities` lists what can be asked.",
        ),
        _raised(errors.DataError, 500, "The data of the graph cannot be read."),
        _raised(errors.MechKGError, 500, "The request could not be completed."),
        ProblemType("bad-request", 400, "The request cannot be read", "It is not proper HTTP."),
        ProblemType(
            "malformed-json", 400, "The body is not JSON", "`detail` says where reading stopped."
        ),
        ProblemType(
            "unauthorized",
            401,
            "A token is needed",
            "Send Authorization: Bearer TOKEN, with a token of this server.",
        ),
        ProblemType("forbidden", 403, "This is not allowed", "The server refuses the request."),
        ProblemType("not-found", 404, "Nothing is at this address", "The route is unknown."),
        ProblemType(
            "method-not-allowed",
            405,
            "This method is not for this address",
            "The header Allow lists those that are.",
        ),
        ProblemType(
            "not-acceptable",
            406,
            "No format that the client accepts",
            "Nothing in Accept can be written; `known` lists what can.",
        ),
        ProblemType(
            "request-timeout", 408, "The request came too slowly", "It was not whole in time."
        ),
        ProblemType(
            "time-conflict",
            409,
            "The answer takes longer than it may",
            "TRAPI only: nothing was found within the timeout; ask with more time, or for less.",
        ),
        ProblemType(
            "length-required",
            411,
            "The body has no declared length",
            "Chunked bodies are refused: send Content-Length.",
        ),
        ProblemType(
            "request-too-large", 413, "The request body is too large", "`limit` is in bytes."
        ),
        ProblemType("uri-too-long", 414, "The address is too long", "Send a POST instead."),
        ProblemType(
            "unsupported-media-type", 415, "The body is not JSON by type", "Send application/json."
        ),
        ProblemType(
            "misdirected-request",
            421,
            "The request is for another server",
            "Its Host is none of those that the server's operator has allowed.",
        ),
        ProblemType(
            "jobs-unavailable",
            503,
            "Jobs cannot be kept",
            "TRAPI only: the data directory cannot be written to; `detail` says why. Ask with "
            "/query instead.",
        ),
        ProblemType(
            "changes-unavailable",
            503,
            "Changes cannot be written",
            "The disk is full or cannot be written to; `detail` says why. Nothing was changed.",
        ),
        ProblemType(
            "too-many-requests",
            429,
            "Too many requests",
            "As many requests of a kind are under way, and waiting, as may be, or a client has its "
            "share; Retry-After says when to ask again.",
        ),
        ProblemType(
            "headers-too-large", 431, "The headers are too large", "Send fewer or shorter ones."
        ),
        ProblemType(
            "internal-error", 500, "MechKG failed", "The server's log has the cause under `id`."
        ),
        ProblemType(
            "not-implemented",
            501,
            "This is not offered",
            "TRAPI only: a workflow operation that the service does not have.",
        ),
        ProblemType(
            "rdf-store-unavailable",
            503,
            "The RDF store is not there",
            "SPARQL needs a store beside the graph. It is being made, or cannot be made; `detail` "
            "says which and why, Retry-After when to ask again. All else answers.",
        ),
        ProblemType(
            "busy",
            503,
            "The server is busy",
            "Kernels are being compiled, or another changeset is being applied: try again.",
        ),
    )
}
"""Every problem that the service can answer with, by the end of its type's address."""

_SLUG_OF_STATUS = {
    400: "bad-request",
    401: "unauthorized",
    403: "forbidden",
    404: "not-found",
    405: "method-not-allowed",
    406: "not-acceptable",
    408: "request-timeout",
    409: "time-conflict",
    411: "length-required",
    412: "stale-base",
    413: "request-too-large",
    414: "uri-too-long",
    415: "unsupported-media-type",
    421: "misdirected-request",
    422: "invalid-parameter",
    429: "too-many-requests",
    431: "headers-too-large",
    500: "internal-error",
    501: "not-implemented",
    503: "busy",
}


SAID: Final = frozenset((errors.NotSupported.slug,))
"""Kinds of a status of 500 or more that are no fault of the server, whose sentence is said."""


def of_error(error: MechKGError, instance: str, address: Mapping[str, Any]) -> Problem:
    """Return the problem of a MechKG error; `address` are the values in the route's path.

    What the path itself names and is not there is 404, as for any address. A fault of the server
    is told by its kind alone: the sentence may name files, and stands in the log.
    """
    row = PROBLEMS[error.slug]
    missing = isinstance(error, errors.UnknownEntity | errors.UnknownTerm)
    in_path = missing and getattr(error, "parameter", None) in address
    return Problem(
        type=BASE + row.slug,
        title=row.title,
        status=404 if in_path else row.status,
        detail=str(error) if row.status < 500 or row.slug in SAID else row.meaning,
        instance=quote(instance),
        parameter=getattr(error, "parameter", None),
        suggestions=_entities(getattr(error, "suggestions", None)),
        candidates=_candidates(error),
        known=getattr(error, "known", None) or None,
        limit=getattr(error, "limit", None),
        findings=error.findings if isinstance(error, errors.ChangesRefused) else None,
    )


def of_status(status: int, detail: str, instance: str, **members: Any) -> Problem:
    """Return the problem of an HTTP status; one that has no row of its own is a bad request.

    `slug`, among the members, chooses another type of the same status.
    """
    slug = members.pop("slug", None) or _SLUG_OF_STATUS.get(
        status, "bad-request" if status < 500 else "internal-error"
    )
    row = PROBLEMS[slug]
    return Problem(
        type=BASE + slug,
        title=row.title,
        status=status,
        detail=detail,
        instance=quote(instance),
        **members,
    )


def of_http(error: HTTPException, method: str, instance: str) -> Problem:
    """Return the problem of an exception of the web framework."""
    members = getattr(error, "members", {})
    status = error.code or 500
    detail = error.description
    if not detail or detail == type(error).description:
        detail = _OWN_WORDS.get(status, "{title}.").format(
            method=method, path=instance, title=error.name
        )
    return of_status(status, detail, instance, **members)


_OWN_WORDS = {
    404: "There is no {path} here; /openapi.json and /docs list what there is.",
    405: "{method} is not allowed at {path}; the header Allow lists what is.",
}


def refuse(kind: type[HTTPException], detail: str, **members: Any) -> HTTPException:
    """Return an HTTP exception that carries members of its problem."""
    error = kind(detail)
    error.members = members  # type: ignore[attr-defined]
    return error


def _candidates(error: MechKGError) -> tuple[dict[str, Any], ...] | None:
    """Return what a name may mean, each with its category and what it is linked to."""
    details: Sequence[errors.Candidate] = getattr(error, "details", ())
    if details:
        return tuple(candidate._asdict() for candidate in details)
    return _entities(getattr(error, "candidates", None))


def _entities(pairs: Any) -> tuple[dict[str, str], ...] | None:
    return tuple({"id": curie, "name": name} for curie, name in pairs) if pairs else None
