"""What TRAPI adds to the OpenAPI description; NCATSTranslator/ReasonerAPI has the full schemas.

`x-trapi` and `x-translator` are read by Translator's registry. MechKG is registered nowhere: the
infores is its own. A registry takes the description of one version, with paths from its server's
address.
"""

from __future__ import annotations

from typing import Any, Final

from mechkg.api.http.openapi import describe
from mechkg.api.http.problems import MEDIA_TYPE, PROBLEMS
from mechkg.api.http.respond import Responder
from mechkg.api.http.settings import Settings
from mechkg.api.trapi.answer import SCHEMA_VERSION
from mechkg.api.trapi.biolink import BIOLINK_VERSION
from mechkg.api.trapi.edges import INFORES
from mechkg.api.trapi.read import OPERATIONS
from mechkg.api.trapi.refusals import REFUSAL, schemas_of_refusals
from mechkg.api.trapi.version_1_6 import VERSION as OLDER_VERSION
from mechkg.kg.model.queries import MAX_SET

__all__ = ["VERSIONS", "describe_version", "extend"]

Json = dict[str, Any]

_TAGS: Final = (
    "trapi", "translator", "query", "asyncquery", "asyncquery_status", "meta_knowledge_graph"
)  # fmt: skip
_SPECIFICATION: Final = "https://github.com/NCATSTranslator/ReasonerAPI"
_EXTENSIONS: Final = "https://github.com/NCATSTranslator/translator_extensions/blob/production"

_GRAPH: Final = {
    "nodes": {"n0": {"ids": ["CL:0000047"]}, "n1": {"categories": ["biolink:Gene"]}},
    "edges": {"e0": {"subject": "n0", "object": "n1", "predicates": ["biolink:produces"]}},
}


VERSIONS: Final = ("2.0", "1.6")
"""Versions of TRAPI, each under an address of its own."""

_RELEASES: Final = {"2.0": SCHEMA_VERSION, "1.6": OLDER_VERSION}


def describe_version(version: str, address: str, exchange: Responder) -> Json:
    """Return the OpenAPI description of one version alone, in the form that registries take.

    `version` is "2.0" or "1.6"; `address` is where its paths begin, such as
    `https://kg.example.org/trapi/2.0`.
    """
    whole = _with_refusals(describe((), (), exchange.formats, exchange.version))
    info = {
        **whole["info"],
        "title": f"MechKG TRAPI {version}",
        "x-translator": _translator(),
        "x-trapi": _trapi(exchange.settings, version),
    }
    return {
        **whole,
        "info": info,
        "servers": [{"url": address, "description": "This server."}],
        "tags": [{"name": name} for name in _TAGS],
        "paths": {f"/{name}": item for name, item in _items(version).items()},
    }


def extend(description: Json, settings: Settings) -> Json:
    """Return an OpenAPI description with TRAPI's paths and extensions."""
    info = {
        **description["info"],
        "x-translator": _translator(),
        "x-trapi": _trapi(settings, "2.0"),
    }
    paths = dict(description["paths"])
    for version in VERSIONS:
        for name, item in _items(version).items():
            paths[f"/trapi/{version}/{name}"] = item
    tags = [*description["tags"], *({"name": name} for name in _TAGS)]
    return _with_refusals({**description, "info": info, "paths": paths, "tags": tags})


def _with_refusals(description: Json) -> Json:
    """Return a description that has the schema of a refusal."""
    components = description["components"]
    schemas = {**components["schemas"], **schemas_of_refusals()}
    return {**description, "components": {**components, "schemas": schemas}}


def _translator() -> Json:
    return {
        "component": "KP",
        "team": ["MechKG"],
        "biolink-version": BIOLINK_VERSION,
        "infores": INFORES,
        "externalDocs": {
            "description": "What these values mean.",
            "url": f"{_EXTENSIONS}/x-translator/",
        },
    }


def _trapi(settings: Settings, version: str) -> Json:
    return {
        "version": _RELEASES[version],
        "multicuriequery": True,
        "asyncquery": True,
        "pathfinderquery": True,
        "operations": sorted(OPERATIONS),
        "batch_size_limit": MAX_SET,
        **({"rate_limit": settings.trapi_per_minute} if settings.trapi_per_minute else {}),
        "externalDocs": {
            "description": "What these values mean.",
            "url": f"{_EXTENSIONS}/x-trapi/",
        },
    }


def _items(version: str) -> dict[str, Json]:
    asked = {"message": {"query_graph": _GRAPH}}
    later = {**asked, "callback": "https://ars.example.org/answer"}
    found: dict[str, Json] = {
        "meta_knowledge_graph": {"get": _meta(version)},
        "openapi.json": {"get": _operation("openapi", version, "This description", ())},
    }
    for name, summary, example in (
        ("query", "Answer a query graph or a path", asked),
        ("asyncquery", "Answer a question later", later),
    ):
        operation = _operation(name, version, summary, _ASKING)
        found[name] = {"post": {**operation, "requestBody": _body(example)}}
    for name, summary in (
        ("asyncquery_status", "How a job goes"),
        ("asyncquery_response", "The answer of a job"),
    ):
        operation = _operation(name, version, summary, (404,))
        found[f"{name}/{{job_id}}"] = {"get": {**operation, "parameters": [_JOB]}}
    return found


def _meta(version: str) -> Json:
    return _operation("meta_knowledge_graph", version, "What can be asked", ())


_JOB: Final = {
    "name": "job_id",
    "in": "path",
    "required": True,
    "description": "The `job_id` that /asyncquery answered with.",
    "schema": {"type": "string"},
}

_ASKING: Final = (400, 409, 411, 413, 414, 415, 429, 431, 501)


def _operation(name: str, version: str, summary: str, refusals: tuple[int, ...]) -> Json:
    return {
        "operationId": f"{name}_{version.replace('.', '_')}",
        "summary": f"{summary} (TRAPI {version})",
        "tags": ["trapi"],
        "externalDocs": {"description": "The specification.", "url": _SPECIFICATION},
        "responses": {
            "200": {
                "description": "The answer, in TRAPI's form.",
                "content": {"application/json": {"schema": {"type": "object"}}},
            },
            **{str(s): _refusal(s) for s in (*refusals, 500, 503)},
        },
    }


def _refusal(status: int) -> Json:
    titles = [row.title for row in PROBLEMS.values() if row.status == status]
    if status == 400:
        titles = ["The body is not JSON, not TRAPI, or names what there is not"]
    return {
        "description": f"{'; '.join(titles)}. A problem that is a TRAPI Response as well.",
        "content": {MEDIA_TYPE: {"schema": {"$ref": f"#/components/schemas/{REFUSAL}"}}},
    }


def _body(example: Json) -> Json:
    schema: Json = {
        "type": "object",
        "required": list(example),
        "properties": {
            "message": {
                "type": "object",
                "required": ["query_graph"],
                "properties": {"query_graph": {"type": "object"}},
            },
            "parameters": {"type": ["object", "null"]},
        },
    }
    if "callback" in example:
        schema["properties"]["callback"] = {
            "type": "string",
            "maxLength": 2000,
            "description": "Where the answer is sent: http or https, of a host that the server "
            "allows. Else the answer is kept, and the reply says why.",
        }
    return {
        "required": True,
        "content": {"application/json": {"schema": schema, "example": example}},
    }
