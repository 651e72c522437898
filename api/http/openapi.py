"""The OpenAPI 3.1 description, assembled from the routes that answer and the types they read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from mechkg.api.http.formats import JSON, Formats
from mechkg.api.http.problems import MEDIA_TYPE, PROBLEMS, Problem
from mechkg.api.http.requests import Presentation
from mechkg.api.http.route import LINES, Route, ServiceRoute
from mechkg.kg.model.queries import parameters
from mechkg.kg.writers import Format

__all__ = ["describe"]

Json = dict[str, Any]

REFUSALS = {
    "GET": (404, 406, 410, 413, 414, 422, 429, 431, 500, 503),
    "POST": (400, 404, 406, 410, 411, 413, 414, 415, 422, 429, 431, 500, 503),
}


def describe(
    routes: Sequence[Route], plains: Sequence[ServiceRoute], formats: Formats, version: str
) -> Json:
    """Return the description of some routes, as JSON values."""
    kinds = [Problem, Presentation, *(kind for r in routes for kind in (r.query, r.answer))]
    kinds += [r.streams for r in routes if r.streams is not None]
    kinds += [p.answer for p in plains if p.answer is not None]
    schemas = _schemas(kinds)
    for route in routes:
        if "POST" in route.methods:
            schemas[_body_name(route)] = _body_schema(route, schemas)
    paths: Json = {}
    for route in routes:
        offered = Formats([*(formats.all if route.draw else [JSON]), *route.tables])
        item = {m.lower(): _operation(route, m, offered, schemas) for m in route.methods}
        paths[route.path] = item
        if not route.path.endswith("}") and route.streams is None:
            paths[f"{route.path}.{{suffix}}"] = _suffixed(item, offered)
    for plain in plains:
        paths[plain.path] = {"get": _plain(plain)}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "MechKG",
            "version": version,
            "summary": "Mechanism paths in a biomedical knowledge graph.",
            "description": _PREFACE,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": "graph"}, {"name": "service"}],
        "paths": paths,
        "components": {"schemas": schemas, "responses": _refusals(), "headers": _HEADERS},
    }


_PREFACE = (
    "Every list says what was left out (`complete`, `truncated_by`, `total`, `cursor`). Errors are "
    "RFC 9457 problems. A format is chosen by `?format=`, else by a suffix of the address "
    "(`/api/v1/graph.ttl`, `/api/v1/entities/CL:0000047.ttl`), else by Accept. Answers carry an "
    "ETag of snapshot, question and format."
)

_HEADERS: Json = {
    "ETag": {
        "description": "Snapshot, question and format; send it back in If-None-Match.",
        "schema": {"type": "string"},
    },
    "Link": {
        "description": "The permalink: this address, pinned to the version that answered it.",
        "schema": {"type": "string"},
    },
}


def _schemas(kinds: Iterable[Any]) -> Json:
    named = list(dict.fromkeys(kinds))
    _, components = msgspec.json.schema_components(
        named, ref_template="#/components/schemas/{name}"
    )
    return dict(components)


def _operation(route: Route, method: str, formats: Formats, schemas: Mapping[str, Any]) -> Json:
    reads = method == "GET"
    tagged = reads and route.streams is None
    operation: Json = {
        "operationId": route.name if reads else f"{route.name}_{method.lower()}",
        "summary": route.summary,
        "description": route.description,
        "tags": ["graph"],
        "responses": {
            "200": {
                "description": "The answer.",
                "headers": {n: {"$ref": f"#/components/headers/{n}"} for n in _HEADERS if tagged},
                "content": _contents(route, formats),
            },
            **({"304": {"description": "The client's copy is current."}} if tagged else {}),
            **{str(s): {"$ref": f"#/components/responses/{s}"} for s in REFUSALS[method]},
        },
    }
    if reads:
        kinds = (route.query, Presentation)
        operation["parameters"] = [
            _parameter(route, p.name, p.meaning, _properties(kind, schemas)[p.name])
            for kind in kinds
            for p in parameters(kind)
        ]
        _name_formats(operation["parameters"], formats)
    else:
        operation["requestBody"] = _request_body(route)
    return operation


def _properties(kind: type[msgspec.Struct], schemas: Mapping[str, Any]) -> Json:
    properties: Json = schemas[kind.__name__]["properties"]
    return properties


def _body_name(route: Route) -> str:
    """Return the name of the schema of a body: `PathRequest` for a `PathQuery`."""
    return f"{route.query.__name__.removesuffix('Query')}Request"


def _body_schema(route: Route, schemas: Mapping[str, Any]) -> Json:
    """Return the schema of a body: a query and how its answer is wanted."""
    query = schemas[route.query.__name__]
    properties = {**query["properties"], **_properties(Presentation, schemas)}
    return {**query, "title": _body_name(route), "properties": properties}


def _parameter(route: Route, name: str, meaning: str, schema: Json) -> Json:
    in_path = f"{{{name}}}" in route.path
    required = in_path or "default" not in schema
    parameter: Json = {
        "name": name,
        "in": "path" if in_path else "query",
        "required": required,
        "description": meaning,
        "schema": {key: value for key, value in schema.items() if key != "description"},
    }
    if name in route.example:
        example = route.example[name]
        parameter["example"] = [example] if schema.get("type") == "array" else example
    return parameter


def _name_formats(parameters: list[Json], formats: Formats) -> None:
    """Put the names of the formats that a route offers into its `format` parameter."""
    for parameter in parameters:
        if parameter["name"] == "format":
            names = ["", *(one.name for one in formats.all)]
            parameter["schema"] = {"type": "string", "enum": names, "default": ""}


def _request_body(route: Route) -> Json:
    sets = {p.name for p in parameters(route.query) if p.repeatable}
    example = {
        name: [value] if name in sets and isinstance(value, str) else value
        for name, value in route.example.items()
    }
    return {
        "required": True,
        "content": {
            JSON.media_type: {
                "schema": {"$ref": f"#/components/schemas/{_body_name(route)}"},
                "example": example,
            }
        },
    }


def _contents(route: Route, formats: Formats) -> Json:
    if route.streams is not None:
        return _lines(route)
    contents: Json = {}
    for one in formats.all:
        contents.setdefault(one.media_type, _content(route, one))
    return contents


def _content(route: Route, one: Format) -> Json:
    if one is JSON:
        return {"schema": {"$ref": f"#/components/schemas/{route.answer.__name__}"}}
    return {"schema": {"description": f"{one.label} ({one.name})"}}


def _lines(route: Route) -> Json:
    """Return the content of a stream: what a line may hold (OpenAPI 3.2 would say itemSchema)."""
    kinds = (route.streams, route.answer, Problem)
    return {
        LINES: {
            "schema": {
                "type": "string",
                "description": "One JSON object a line: "
                + ", ".join(f"`{kind.__name__}`" for kind in kinds if kind is not None)
                + ". The last line is one of the two latter.",
            }
        }
    }


def _suffixed(item: Json, formats: Formats) -> Json:
    """Return the operations of an address with a suffix: the same, under other names."""
    suffix = {
        "name": "suffix",
        "in": "path",
        "required": True,
        "description": "The format of the answer.",
        "schema": {"type": "string", "enum": list(formats.by_suffix)},
    }
    return {
        method: {
            **operation,
            "operationId": f"{operation['operationId']}_as",
            "parameters": [suffix, *operation.get("parameters", [])],
        }
        for method, operation in item.items()
    }


def _plain(plain: ServiceRoute) -> Json:
    content: Json = {}
    if plain.answer is not None:
        content["schema"] = {"$ref": f"#/components/schemas/{plain.answer.__name__}"}
    return {
        "operationId": plain.path.strip("/").replace(".", "_") or "start",
        "summary": plain.summary,
        "tags": ["service"],
        "parameters": list(plain.parameters),
        "responses": {
            "200": {"description": "The answer.", "content": {plain.media_type: content}},
            **{str(s): _refusal_of(plain, s) for s in (422, 500, 503)},
        },
    }


def _refusal_of(plain: ServiceRoute, status: int) -> Json:
    """Return how an address refuses: a page tells in its own form what a person did wrong."""
    if plain.media_type != "text/html" or status == 500:
        return {"$ref": f"#/components/responses/{status}"}
    return {
        "description": "The page says what is wrong.",
        "content": {"text/html": {}, MEDIA_TYPE: {}},
    }


def _refusals() -> Json:
    """Return one response a status, naming the problems that have it."""
    responses: Json = {}
    for status in sorted({row.status for row in PROBLEMS.values()}):
        rows = [row for row in PROBLEMS.values() if row.status == status]
        lines = "\n".join(f"- `{row.slug}`: {row.title}. {row.meaning}" for row in rows)
        responses[str(status)] = {
            "description": lines,
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    return responses
