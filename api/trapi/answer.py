"""From one question to one response."""

from __future__ import annotations

from typing import Final

from msgspec import UNSET

from mechkg.api.trapi.biolink import BIOLINK_VERSION
from mechkg.api.trapi.deadline import Deadline, DeadlineExceeded
from mechkg.api.trapi.edges import INFORES
from mechkg.api.trapi.knowledge_graph import KnowledgeGraphBuilder
from mechkg.api.trapi.lookup import Found, look_up
from mechkg.api.trapi.pathfinder import find
from mechkg.api.trapi.remarks import Remarks
from mechkg.api.trapi.types import Message, Question, Response
from mechkg.kg.progress import Cancel
from mechkg.kg.snapshot.snapshot import Snapshot

__all__ = ["SCHEMA_VERSION", "answer"]

SCHEMA_VERSION: Final = "2.0.0"


def answer(
    snapshot: Snapshot,
    question: Question,
    *,
    max_seconds: float,
    max_edges: int,
    cancel: Cancel | None = None,
) -> Response:
    """Return the response to a question, in TRAPI 2.0.

    Raises what `look_up` and `find` raise; `DeadlineExceeded` says in words that time ran out.
    """
    graph, parameters = question.graph, question.parameters
    seconds = max_seconds
    if parameters.timeout is not UNSET and parameters.timeout >= 0:
        seconds = min(seconds, parameters.timeout)
    remarks = Remarks(parameters.log_level)
    remarks.entries.extend(question.remarks)
    knowledge = KnowledgeGraphBuilder(snapshot, max_edges, Deadline(seconds, cancel), remarks)
    try:
        found = _find(knowledge, question)
    except DeadlineExceeded as error:
        raise DeadlineExceeded(f"No answer was complete within {seconds:g} seconds.") from error
    _report(found, remarks, seconds)
    return Response(
        message=Message(
            query_graph=question.echoed,
            knowledge_graph=knowledge.graph,
            results=found.results,
            auxiliary_graphs=knowledge.auxiliary or UNSET,
        ),
        parameters=question.given,
        workflow=question.workflow,
        status="Timeout" if found.cut_by_time else "Success",
        description=_description(found, is_path=graph.paths is not UNSET),
        logs=remarks.entries or UNSET,
        schema_version=SCHEMA_VERSION,
        biolink_version=BIOLINK_VERSION,
        data_release_versions={INFORES: f"{snapshot.manifest.name} {snapshot.manifest.hash}"},
    )


def _find(knowledge: KnowledgeGraphBuilder, question: Question) -> Found:
    knowledge.deadline.check()
    graph, parameters = question.graph, question.parameters
    if graph.paths is not UNSET:
        return find(knowledge, graph.nodes, graph.paths, parameters)
    return look_up(knowledge, graph.nodes, graph.edges or {}, parameters)


def _returned(found: Found) -> int:
    return sum(
        len(result.analyses)
        if result.analyses and result.analyses[0].path_bindings is not UNSET
        else 1
        for result in found.results
    )


def _description(found: Found, *, is_path: bool) -> str:
    noun = "paths" if is_path else "results"
    returned = _returned(found)
    if found.cut_by_time:
        return f"Time ran out: {returned:,} {noun}, which need not be the best there are."
    if returned < found.total:
        least = "" if found.total_is_exact else "at least "
        return f"The best {returned:,} of {least}{found.total:,} {noun}."
    return f"All {returned:,} {noun}." if found.total_is_exact else f"{returned:,} {noun}."


def _report(found: Found, remarks: Remarks, seconds: float) -> None:
    """Remarks what keeps the answer from being all that was asked for."""
    for node, texts in found.unknown.items():
        for text in texts:
            remarks.warning("UnknownIdentifier", f"{node}: this graph has no {text}.")
    returned = _returned(found)
    if found.cut_by_time:
        remarks.warning("Timeout", f"The search was stopped after {seconds:g} seconds.")
    elif returned < found.total:
        remarks.warning("Truncated", f"{returned:,} of {found.total:,} are returned.")
