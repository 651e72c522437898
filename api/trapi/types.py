"""Requests and responses of TRAPI 2.0.0-beta (NCATSTranslator/ReasonerAPI), as values.

Field for field what its OpenAPI text says. What the text leaves open is closed where ignoring it
would answer another question: a constraint that is not known here is refused. `QPath` and
`QueryParameters` allow properties of an implementation's own; those of MechKG are named in
`docs/reference/trapi.md`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, Raw, UnsetType

from mechkg.kg.model.queries import MAX_HOPS, MAX_LIMIT, MAX_SET

__all__ = [
    "AllowDeny",
    "Analysis",
    "AttributeConstraint",
    "AuxiliaryGraph",
    "Binding",
    "KnowledgeGraph",
    "LogEntry",
    "Message",
    "Parameters",
    "PathConstraint",
    "QEdge",
    "QEdgeConstraints",
    "QNode",
    "QPath",
    "QueryGraph",
    "Question",
    "Request",
    "Response",
    "Result",
    "SourcesConstraint",
]

Text = Annotated[str, Meta(max_length=500)]
Some = Annotated[tuple[Text, ...], Meta(min_length=1)]
Hops = Annotated[int, Meta(ge=1, le=MAX_HOPS)]
Limit = Annotated[int, Meta(ge=1, le=MAX_LIMIT)]
Places = Annotated[tuple[Text, ...], Meta(max_length=MAX_SET)]


class AttributeConstraint(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A comparison that an attribute of an edge or node must satisfy."""

    id: Text
    name: Text
    operator: Literal["==", ">", "<", "matches", "==="]
    value: Any
    negated: bool = msgspec.field(name="not", default=False)
    unit_id: Any = UNSET
    unit_name: Any = UNSET


class AllowDeny(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Values of which one must be present, or none may be."""

    behavior: Literal["ALLOW", "DENY"]
    values: Some


class SourcesConstraint(AllowDeny, frozen=True, kw_only=True):
    """Sources that are allowed or denied, among all of an edge or its primary one."""

    primary_only: bool = False


class QEdgeConstraints(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every edge bound to a query edge must satisfy."""

    knowledge_level: AllowDeny | UnsetType = UNSET
    agent_type: AllowDeny | UnsetType = UNSET
    sources: SourcesConstraint | UnsetType = UNSET
    attributes: Annotated[tuple[AttributeConstraint, ...], Meta(min_length=1)] = ()
    qualifiers: Annotated[tuple[dict[str, Text], ...], Meta(min_length=1)] = ()


class QNode(msgspec.Struct, frozen=True, kw_only=True):
    """A node of a question."""

    ids: Some = ()
    categories: Some = ()
    set_interpretation: Literal["BATCH", "ALL", "MANY", "COLLATE"] = "BATCH"
    member_ids: Some = ()
    constraints: Annotated[tuple[AttributeConstraint, ...], Meta(min_length=1)] = ()


class QEdge(msgspec.Struct, frozen=True, kw_only=True):
    """An edge of a question."""

    subject: Text
    object: Text
    knowledge_type: Literal["lookup", "inferred"] = "lookup"
    predicates: Some = ()
    constraints: QEdgeConstraints | UnsetType = UNSET


class PathConstraint(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Categories that must all occur between the ends; under the newer and the older name."""

    required_intermediate_categories: Some = ()
    intermediate_categories: Some = ()


class Search(msgspec.Struct, frozen=True, kw_only=True):
    """MechKG's own properties of a path search: in a `QPath`, or in `parameters` for all."""

    min_hops: Hops | UnsetType = UNSET
    max_hops: Hops | UnsetType = UNSET
    limit: Limit | UnsetType = UNSET
    via: Places | UnsetType = UNSET
    avoid: Places | UnsetType = UNSET
    scorer: Text | UnsetType = UNSET
    composition: Literal["off", "default", "strict"] | UnsetType = UNSET
    context: Places | UnsetType = UNSET
    generic: bool | UnsetType = UNSET


class QPath(Search, frozen=True, kw_only=True):
    """A path of a question; `predicates` says what is wanted of it and filters nothing.

    `subject_subclass` and `object_subclass` say whether all below an end stands for it (true), or
    none does (false); otherwise subclasses are taken in as everywhere else.
    """

    subject: Text
    object: Text
    subject_subclass: bool | UnsetType = UNSET
    object_subclass: bool | UnsetType = UNSET
    predicates: Some = ()
    constraints: Annotated[tuple[PathConstraint, ...], Meta(min_length=1)] = ()


class QueryGraph(msgspec.Struct, frozen=True, kw_only=True):
    """A question: nodes with edges, or with one path."""

    nodes: Annotated[dict[str, QNode], Meta(min_length=1)]
    edges: Annotated[dict[str, QEdge], Meta(min_length=1)] | UnsetType = UNSET
    paths: Annotated[dict[str, QPath], Meta(min_length=1, max_length=1)] | UnsetType = UNSET


class Parameters(Search, frozen=True, kw_only=True):
    """What a client may say beside its question; others are echoed, logged and have no effect."""

    timeout: float | UnsetType = UNSET
    log_level: Literal["ERROR", "WARNING", "INFO", "DEBUG"] = "WARNING"
    bypass_cache: bool = False
    subclass: bool = True
    subclass_depth: Annotated[int, Meta(ge=0, le=100)] = 100


class RequestMessage(msgspec.Struct, frozen=True, kw_only=True):
    """The message of a request; knowledge and results that it may hold are not used."""

    query_graph: QueryGraph


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """The body of a request, in TRAPI 2.0."""

    message: RequestMessage
    workflow: list[dict[str, Any]] | UnsetType = UNSET
    callback: Annotated[str, Meta(max_length=2000)] | UnsetType = UNSET


class Binding(msgspec.Struct, frozen=True, gc=False):
    """What a node, edge or path of the question is bound to.

    `query_ids` has the identifiers of the question by those of the graph, where they differ.
    """

    ids: list[str]
    query_ids: dict[str, str] | UnsetType = UNSET


class Analysis(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What one service says about a result."""

    resource_id: str
    edge_bindings: dict[str, Binding] | UnsetType = UNSET
    path_bindings: dict[str, Binding] | UnsetType = UNSET
    score: float
    scoring_method: str
    attributes: list[Any] | UnsetType = UNSET


class Result(msgspec.Struct, frozen=True, gc=False):
    """An answer: what the question's nodes are bound to; without edges there is no analysis."""

    node_bindings: dict[str, Binding]
    analyses: list[Analysis] | UnsetType = UNSET


class AuxiliaryGraph(msgspec.Struct, frozen=True, gc=False):
    """Edges that make up a path, or support an edge."""

    edges: list[str]


class KnowledgeGraph(msgspec.Struct, frozen=True):
    """Nodes and edges, as encoded texts."""

    nodes: dict[str, Raw]
    edges: dict[str, Raw]


class LogEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A remark on how an answer came about."""

    timestamp: str
    level: str
    code: str
    message: str


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What a request asks, read and checked.

    `echoed` is the query graph as the client sent it, in 2.0 without what asks for nothing; `given`
    are the parameters as they were sent; `remarks` are those on how the request was read.
    """

    version: str
    echoed: Raw
    graph: QueryGraph
    parameters: Parameters
    given: dict[str, Any] | UnsetType = UNSET
    workflow: list[dict[str, Any]] | UnsetType = UNSET
    callback: str | UnsetType = UNSET
    remarks: tuple[LogEntry, ...] = ()


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """Question, knowledge and results."""

    query_graph: Raw
    knowledge_graph: KnowledgeGraph
    results: list[Result]
    auxiliary_graphs: dict[str, AuxiliaryGraph] | UnsetType = UNSET


class Response(msgspec.Struct, frozen=True, kw_only=True):
    """The whole answer."""

    message: Message
    parameters: dict[str, Any] | UnsetType = UNSET
    workflow: list[dict[str, Any]] | UnsetType = UNSET
    status: str
    description: str
    logs: list[LogEntry] | UnsetType = UNSET
    schema_version: str
    biolink_version: str
    data_release_versions: dict[str, str]
