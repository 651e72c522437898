"""A request's body as a question of TRAPI 2.0, whatever version it was sent in."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from msgspec import UNSET

from mechkg.api.http.decoding import refuse_duplicate_keys
from mechkg.api.trapi.members import check_members, without_nulls
from mechkg.api.trapi.remarks import Remarks
from mechkg.api.trapi.types import Parameters, Question, Request
from mechkg.api.trapi.version_1_6 import from_1_6
from mechkg.kg.errors import QueryError

__all__ = ["OPERATIONS", "NotOffered", "read_question"]

OPERATIONS: Final = ("lookup", "lookup_and_score", "score")
"""Operations of a workflow that are offered; `score` only after `lookup`, which scores anyway."""

_BOM: Final = b"\xef\xbb\xbf"
_GENERAL: Final = ("log_level", "bypass_cache")
"""Members that TRAPI 1.6 has at the top and 2.0 among the parameters; either place is read."""


class NotOffered(Exception):
    """An operation that TRAPI knows and this service does not offer."""


def read_question(body: bytes, version: str) -> Question:
    """Return the question of a request.

    Parameters
    ----------
    body
        The body as it came, JSON in UTF-8.
    version
        "2.0" or "1.6".

    Raises `msgspec.DecodeError` and `UnicodeDecodeError` for what is not JSON, its kind
    `msgspec.ValidationError` for JSON that is not TRAPI, `QueryError` for members that are not
    known and graphs of no shape, `NotOffered` for other workflows.
    """
    body = body.removeprefix(_BOM)
    body.decode()  # what is echoed must be text
    refuse_duplicate_keys(body)
    given = msgspec.json.decode(body)
    remarks = Remarks("DEBUG")
    asked = without_nulls(given)
    graph = _query_graph(asked)
    check_members(graph, version, remarks)
    # What asks for nothing cannot be echoed in 2.0, whose schema has neither nulls nor empty lists.
    echoed = msgspec.json.encode(_query_graph(given) if version == "1.6" else graph)
    if version == "1.6":
        from_1_6(graph, remarks)
    request = msgspec.json.decode(msgspec.json.encode(asked), type=Request)
    _check_workflow(request)
    if request.message.query_graph.edges is not UNSET and (
        request.message.query_graph.paths is not UNSET
    ):
        raise QueryError("query_graph", "has edges and paths; it takes one of them")
    parameters = _parameters(asked, remarks)
    return Question(
        version=version,
        echoed=msgspec.Raw(echoed),
        graph=request.message.query_graph,
        given=asked.get("parameters", UNSET),
        parameters=parameters,
        workflow=request.workflow or UNSET,
        callback=request.callback,
        remarks=tuple(remarks.at(parameters.log_level).entries),
    )


def _query_graph(asked: Any) -> Any:
    message = asked.get("message") if isinstance(asked, dict) else None
    return message.get("query_graph") if isinstance(message, dict) else None


def _check_workflow(request: Request) -> None:
    steps = [step.get("id") for step in request.workflow or ()]
    for number, name in enumerate(steps):
        if name not in OPERATIONS or (name == "score" and not number):
            raise NotOffered(
                f"The workflow operation {name!r} is not offered at place {number + 1}; "
                f"{', '.join(OPERATIONS[:2])} are, and score after them."
            )


def _parameters(asked: dict[str, Any], remarks: Remarks) -> Parameters:
    given = asked.get("parameters", {})
    if not isinstance(given, dict):
        raise QueryError("parameters", "must be an object")
    general = {name: asked[name] for name in _GENERAL if name in asked}
    parameters = msgspec.convert({**general, **given}, Parameters)
    for name in given.keys() - set(Parameters.__struct_fields__):
        remarks.warning("UnknownParameter", f"parameters.{name} is not known and has no effect.")
    return parameters
