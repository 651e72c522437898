"""What the routes of curators add to the OpenAPI description."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from mechkg.api.http.routes.curation import (
    ChangesetList,
    ChangesetRequest,
    DiffAnswer,
    DiffQuery,
    History,
    HistoryQuery,
    ListQuery,
    NoBody,
    Reason,
    Undo,
    UploadQuery,
)
from mechkg.kg.curation.changes import Changeset
from mechkg.kg.model.queries import parameters
from mechkg.ontology.uploads import MEDIA_TYPES

__all__ = ["describe_curation"]

Json = dict[str, Any]

_KINDS: Final = (
    ChangesetRequest, Reason, Undo, NoBody, Changeset, ChangesetList, History, DiffAnswer,
)  # fmt: skip
_QUERIES: Final = (ListQuery, HistoryQuery, DiffQuery, UploadQuery)
_READING: Final = (400, 401, 403, 404, 410, 422, 500, 503)
_WRITING: Final = (400, 401, 403, 404, 409, 410, 411, 412, 413, 415, 422, 500, 503)
_CHANGES: Final = [
    {
        "op": "correct_statement",
        "id": "SC061",
        "set": {"hedge": "reported"},
        "evidence": [
            {"kind": "literature", "source": "infores:pubmed", "publications": ["PMID:1"]}
        ],
    }
]


_TURTLE: Final = """@prefix CL: <http://purl.obolibrary.org/obo/CL_> .
@prefix HGNC: <http://identifiers.org/hgnc/> .
@prefix mechkg: <https://w3id.org/mechkg/vocab/> .
CL:0000047 mechkg:secretes HGNC:4232 .
"""

_AT_ONE: Final = "/api/v1/changesets/{changeset}"
_ONE: Final[Json] = {
    "name": "changeset",
    "in": "path",
    "required": True,
    "example": "1",
    "description": "The identifier of a changeset.",
    "schema": {"type": "string", "pattern": "^[0-9]{1,18}$"},
}


def describe_curation(description: Json, issuer: str = "") -> Json:
    """Return an OpenAPI description with changesets, history and diff.

    `issuer` is whose tokens are accepted beside those of the server (OpenID Connect).
    """
    _, components = msgspec.json.schema_components(
        (*_KINDS, *_QUERIES), ref_template="#/components/schemas/{name}"
    )
    parts = description["components"]
    queries = {kind.__name__ for kind in _QUERIES}
    schemas = {**{k: v for k, v in components.items() if k not in queries}, **parts["schemas"]}
    schemes: Json = {
        "token": {"type": "http", "scheme": "bearer", "description": "A token of mechkg token."}
    }
    paths = {**_reading(components), **_reviewing()}
    if issuer:
        announced = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
        schemes["issuer"] = {"type": "openIdConnect", "openIdConnectUrl": announced}
        for operation in (one for item in paths.values() for one in item.values()):
            if "security" in operation:
                operation["security"] = [*operation["security"], {"issuer": []}]
    return {
        **description,
        "paths": {**description["paths"], **paths},
        "tags": [*description["tags"], {"name": "curation"}],
        "components": {**parts, "schemas": schemas, "securitySchemes": schemes},
    }


def _reading(components: Json) -> Json:
    """Return the addresses that are read; changesets are proposed at one of them."""
    listed = _get("changesets", "The changesets of the graph, the latest first", ChangesetList,
                  components, ListQuery)  # fmt: skip
    proposed = _post("propose_changes", "Propose changes, or make them", ChangesetRequest,
                     {"reason": "Seen in rats only.", "changes": _CHANGES})  # fmt: skip
    history = _get("history", "What was done to a statement or entity", History, components,
                   HistoryQuery)  # fmt: skip
    diff = _get("diff", "What differs between two versions", DiffAnswer, components, DiffQuery)
    return {
        "/api/v1/changesets": {"get": listed, "post": proposed},
        "/api/v1/changesets/upload": {"post": _upload(components)},
        _AT_ONE: {"get": _get("changeset", "A changeset", Changeset, components, None, _ONE)},
        "/api/v1/history": {"get": history},
        "/api/v1/diff": {"get": diff},
    }


def _reviewing() -> Json:
    """Return the addresses at which a changeset is reviewed and taken back."""
    accept = _post("accept_changeset", "Apply a proposed changeset", NoBody, {}, [_ONE])
    reject = _post("reject_changeset", "Close a proposed changeset", Reason,
                   {"reason": "The source says otherwise."}, [_ONE])  # fmt: skip
    undo = _post("undo_changeset", "Take an accepted changeset back", Undo,
                 {"reason": "A slip.", "accept": True}, [_ONE])  # fmt: skip
    return {
        f"{_AT_ONE}/accept": {"post": accept},
        f"{_AT_ONE}/reject": {"post": reject},
        f"{_AT_ONE}/undo": {"post": undo},
    }


def _upload(components: Json) -> Json:
    """Return the operation that takes a file as a changeset."""
    entered = _post("upload_changes", "Propose or make the changes of a file", NoBody, {},
                    _in_query(UploadQuery, components))  # fmt: skip
    schema = {"type": "string", "minLength": 1}
    types = {
        kind: {"schema": schema, **({"example": _TURTLE} if kind == "text/turtle" else {})}
        for kind in MEDIA_TYPES
    }
    return {**entered, "requestBody": {"required": True, "content": types}}


def _get(
    name: str,
    summary: str,
    answer: type,
    components: Json,
    query: type[msgspec.Struct] | None = None,
    *fixed: Json,
) -> Json:
    return {
        "operationId": name,
        "summary": summary,
        "tags": ["curation"],
        "parameters": [
            *fixed,
            *([] if query is None else _in_query(query, components)),
        ],
        "security": [{}, {"token": []}],
        "responses": _responses(answer, _READING),
    }


def _in_query(query: type[msgspec.Struct], components: Json) -> list[Json]:
    schemas = components[query.__name__]["properties"]
    return [
        {
            "name": parameter.name,
            "in": "query",
            "required": parameter.required,
            "description": parameter.meaning,
            "schema": schemas[parameter.name],
            **({"example": "SC061"} if parameter.name == "id" else {}),
        }
        for parameter in parameters(query)
    ]


def _post(
    name: str, summary: str, body: type, example: Json, fixed: list[Json] | None = None
) -> Json:
    keys = [
        {"name": "If-Match", "in": "header", "required": False, "schema": {"type": "string"},
         "description": "The ETag of an answer: the graph must still be of its version."},
        {"name": "Idempotency-Key", "in": "header", "required": False,
         "schema": {"type": "string", "maxLength": 200},
         "description": "A text of the client's: a request that is repeated with it is done once."},
    ]  # fmt: skip
    return {
        "operationId": name,
        "summary": summary,
        "tags": ["curation"],
        "parameters": [*(fixed or []), *keys],
        "security": [{"token": []}],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {"$ref": f"#/components/schemas/{body.__name__}"},
                    "example": example,
                }
            },
        },
        "responses": _responses(Changeset, _WRITING),
    }


def _responses(answer: type, statuses: tuple[int, ...]) -> Json:
    schema = {"$ref": f"#/components/schemas/{answer.__name__}"}
    ok = {"description": "The answer.", "content": {"application/json": {"schema": schema}}}
    refusals = {str(status): {"$ref": f"#/components/responses/{status}"} for status in statuses}
    return {"200": ok, **refusals}
