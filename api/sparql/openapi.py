"""What SPARQL and linked data add to the OpenAPI description."""

from __future__ import annotations

from typing import Any, Final

from mechkg.api.http.problems import MEDIA_TYPE
from mechkg.api.sparql.formats import GRAPHS, RESULTS
from mechkg.api.sparql.protocol import DIRECT, FORM

__all__ = ["describe_sparql"]

Json = dict[str, Any]

_EXAMPLE: Final = "SELECT ?entity WHERE { ?entity a <https://w3id.org/biolink/vocab/Cell> } LIMIT 5"
_NAMES: Final = ["", *(form.name for form in (*RESULTS, *GRAPHS))]
_REFUSALS: Final = (400, 404, 406, 411, 413, 414, 415, 422, 429, 431, 500, 503)


def describe_sparql(description: Json) -> Json:
    """Return an OpenAPI description with /sparql, /.well-known/void and /id."""
    paths = {
        "/sparql": {"get": _get(), "post": _post()},
        "/.well-known/void": {"get": _void()},
        "/id/{identifier}": {"get": _identifier()},
        "/about/{identifier}": {"get": _about()},
    }
    tags = [*description["tags"], {"name": "sparql"}]
    return {**description, "paths": {**description["paths"], **paths}, "tags": tags}


def _operation(name: str, summary: str, answer: Json, **members: Any) -> Json:
    forbidden = {"description": "The query would write, or reach outside.", "content": _problem()}
    return {
        "operationId": name,
        "summary": summary,
        "tags": ["sparql"],
        **members,
        "responses": {
            "200": answer,
            "403": forbidden,
            **{str(s): {"$ref": f"#/components/responses/{s}"} for s in _REFUSALS},
        },
    }


def _problem() -> Json:
    return {MEDIA_TYPE: {}}


def _answer(*more: str) -> Json:
    types = dict.fromkeys((*(form.media_type for form in (*RESULTS, *GRAPHS)), *more))
    return {"description": "The answer.", "content": {name: {} for name in types}}


def _get() -> Json:
    return _operation(
        "sparql",
        "SPARQL 1.1 queries; without a query, what the endpoint can do",
        _answer("text/html"),
        parameters=[
            _parameter("query", "A SPARQL 1.1 query.", example=_EXAMPLE),
            _parameter("default-graph-uri", "Graphs to ask.", repeated=True),
            _parameter("named-graph-uri", "Graphs that GRAPH can name.", repeated=True),
            _parameter("format", "The format, by name; else Accept chooses.", known=_NAMES),
        ],
    )


def _post() -> Json:
    properties = {"query": {"type": "string"}, "format": {"type": "string", "enum": _NAMES}}
    form = {"type": "object", "properties": properties, "required": ["query"]}
    body = {
        "required": True,
        "content": {
            DIRECT: {"schema": {"type": "string"}, "example": _EXAMPLE},
            FORM: {"schema": form, "example": {"query": _EXAMPLE}},
        },
    }
    return _operation("sparql_post", "SPARQL 1.1 queries in the body", _answer(), requestBody=body)


def _void() -> Json:
    content: Json = {**_graphs(), "text/html": {}}
    return _operation(
        "void",
        "The data: counts, sources, licences, ways in (VoID and DCAT)",
        {"description": "The description.", "content": content},
        parameters=[
            _parameter("format", "The format, by name.", known=["", *(f.name for f in GRAPHS)])
        ],
    )


_NAMED: Final[Json] = {
    "name": "identifier",
    "in": "path",
    "required": True,
    "description": "A CURIE, or an IRI of MechKG's own after its namespace.",
    "schema": {"type": "string", "minLength": 1},
    "example": "CL:0000047",
}


def _identifier() -> Json:
    operation = _operation(
        "identifier",
        "From an identifier to the entity, statement or term that it names",
        {
            "description": "What it leads to, for a client that follows.",
            "content": {"application/json": {}, "text/html": {}, **_graphs()},
        },
        parameters=[_NAMED],
    )
    operation["responses"]["303"] = {"description": "Where it is, in the accepted format."}
    return operation


def _about() -> Json:
    return _operation(
        "about",
        "A page about a statement or a term",
        {"description": "The page.", "content": {"text/html": {}}},
        parameters=[{**_NAMED, "example": "statement/SC061"}],
    )


def _graphs() -> Json:
    return {form.media_type: {} for form in GRAPHS}


def _parameter(
    name: str,
    description: str,
    *,
    repeated: bool = False,
    known: list[str] | None = None,
    example: str = "",
) -> Json:
    kind: Json = {"type": "string"} if known is None else {"type": "string", "enum": known}
    schema = {"type": "array", "items": kind} if repeated else kind
    shown = {"example": example} if example else {}
    return {"name": name, "in": "query", "description": description, "schema": schema, **shown}
