"""One question to one response."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Final

import msgspec
from msgspec import UNSET

from mechkg.api.trapi.biolink import BIOLINK_VERSION
from mechkg.api.trapi.deadline import Late
from mechkg.api.trapi.edges import INFORES
from mechkg.api.trapi.knowledge_graph import Knowledge
from mechkg.api.trapi.lookup import Found, look_up
from mechkg.api.trapi.pathfinder import find
from mechkg.api.trapi.types import Asked, LogEntry, Message, Parameters, QueryGraph, Response
from mechkg.kg.errors import QueryError
from mechkg.kg.snapshot.snapshot import Snapshot

__all__ = ["SCHEMA_VERSION", "NotOffered", "answer", "parameters_of", "read"]

SCHEMA_VERSION: Final = "2.0.0"

OPERATIONS: Final = frozenset(("lookup",))

_LEVELS: Final = ("ERROR", "WARNING", "INFO", "DEBUG")


class NotOffered(Exception):
    """An operation that TRAPI knows and this service does not offer."""


def read(body: bytes) -> tuple[Asked, QueryGraph, Parameters]:
    """Return a request's parts; raises `msgspec.DecodeError`, `QueryError` or `NotOffered`."""
    asked = msgspec.json.decode(body, type=Asked)
    parameters = parameters_of(asked)
    graph = msgspec.json.decode(asked.message.query_graph, type=QueryGraph)
    for operation in asked.workflow or ():
        if operation.get("id") not in OPERATIONS:
            raise NotOffered(
                f"The workflow operation {operation.get('id')!r} is not offered; "
                f"{', '.join(OPERATIONS)} is."
            )
    if (graph.edges is UNSET) is (graph.paths is UNSET):
        raise QueryError("query_graph", "needs either edges or one path, not both")
    return asked, graph, parameters


def parameters_of(asked: Asked) -> Parameters:
    """Return the parameters of a request."""
    if asked.parameters is UNSET:
        return Parameters()
    return msgspec.json.decode(asked.parameters, type=Parameters)


def answer(
    snapshot: Snapshot,
    asked: Asked,
    graph: QueryGraph,
    parameters: Parameters,
    *,
    most_seconds: float,
    most_edges: int,
) -> Response:
    """Return the response to a question.

    Raises what `look_up` and `find` raise; `Late` says in words that time ran out.
    """
    seconds = most_seconds
    if parameters.timeout is not UNSET and parameters.timeout >= 0:
        seconds = min(seconds, parameters.timeout)
    knowledge = Knowledge(snapshot, most_edges)
    try:
        found = _find(knowledge, graph, parameters, seconds)
    except Late as late:
        raise Late(f"Nothing was found for certain within {seconds:g} seconds.") from late
    return Response(
        message=Message(
            query_graph=asked.message.query_graph,
            knowledge_graph=knowledge.graph,
            results=found.results,
            auxiliary_graphs=knowledge.auxiliary or UNSET,
        ),
        parameters=asked.parameters,
        workflow=asked.workflow,
        status="Timeout" if found.cut_by_time else "Success",
        description=_description(found, graph),
        logs=_logs(found, parameters, seconds) or UNSET,
        schema_version=SCHEMA_VERSION,
        biolink_version=BIOLINK_VERSION,
        data_release_versions={INFORES: f"{snapshot.manifest.name} {snapshot.manifest.hash}"},
    )


def _find(knowledge: Knowledge, graph: QueryGraph, parameters: Parameters, seconds: float) -> Found:
    if seconds <= 0:
        raise Late
    if graph.paths is not UNSET:
        return find(knowledge, graph.nodes, graph.paths, parameters, seconds)
    deadline = time.monotonic() + seconds
    return look_up(knowledge, graph.nodes, graph.edges or {}, parameters, deadline)


def _returned(found: Found) -> int:
    return sum(
        len(result.analyses) if result.analyses[0].path_bindings is not UNSET else 1
        for result in found.results
    )


def _description(found: Found, graph: QueryGraph) -> str:
    noun = "results" if graph.paths is UNSET else "paths"
    returned = _returned(found)
    if found.cut_by_time:
        return f"Time ran out: {returned:,} {noun}, which need not be the best there are."
    if returned < found.total:
        least = "" if found.total_is_exact else "at least "
        return f"The best {returned:,} of {least}{found.total:,} {noun}."
    return f"All {returned:,} {noun}." if found.total_is_exact else f"{returned:,} {noun}."


def _logs(found: Found, parameters: Parameters, seconds: float) -> list[LogEntry]:
    remarks: list[tuple[str, str, str]] = [
        ("WARNING", "UnknownIdentifier", f"{node}: this graph has no {text}.")
        for node, texts in found.unknown.items()
        for text in texts
    ]
    if found.cut_by_time:
        remarks.append(("WARNING", "Timeout", f"The search was stopped after {seconds:g} seconds."))
    if not found.cut_by_time and (returned := _returned(found)) < found.total:
        remarks.append(("WARNING", "Truncated", f"{returned:,} of {found.total:,} are returned."))
    now = datetime.now(UTC).isoformat()
    most = _LEVELS.index(parameters.log_level)
    return [
        LogEntry(timestamp=now, level=level, code=code, message=message)
        for level, code, message in remarks
        if _LEVELS.index(level) <= most
    ]
