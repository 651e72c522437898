"""The snapshot that answers a question: the graph's own, or of a graph behind an engine a part.

A part holds all statements that a query graph can bind: of each edge, one end lies among entities
all of whose statements are fetched. For a path it holds all walks between the ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

import msgspec
from msgspec import UNSET

from mechkg.api.trapi.types import QEdge, QNode, QPath, Question
from mechkg.kg.engine.remote_graph import RemoteGraph
from mechkg.kg.errors import QueryError
from mechkg.kg.graph import Graph
from mechkg.kg.model.queries import PathQuery
from mechkg.kg.progress import Cancel
from mechkg.kg.snapshot.snapshot import Snapshot

__all__ = ["snapshot_for"]

DEFAULT_HOPS = 3
"""Hops of a path whose question does not say."""


@contextmanager
def snapshot_for(
    graph: Graph, question: Question, cancel: Cancel | None = None
) -> Iterator[tuple[Snapshot, Question]]:
    """Give a snapshot that answers a question, and the question that it is asked.

    Over an engine subclasses are not taken in. Raises `TooCostly` where the part is too large, and
    `QueryError` for a query graph that pins no node.
    """
    if not isinstance(graph, RemoteGraph):
        yield graph.snapshot, question
        return
    alone = msgspec.structs.replace(question.parameters, subclass=False)
    asked = msgspec.structs.replace(question, parameters=alone)
    wanted = question.graph
    if wanted.paths is not UNSET:
        ((_, path),) = wanted.paths.items()
        with graph.part_between(_walks(wanted.nodes, path, question), cancel) as part:
            yield part, asked
        return
    edges = {} if wanted.edges is UNSET else wanted.edges
    pinned = {key: _texts(node) for key, node in wanted.nodes.items() if _texts(node)}
    depth = _depth(pinned, edges.values())
    texts = list(dict.fromkeys(text for some in pinned.values() for text in some))
    with graph.part_around(texts, depth, cancel) as part:
        yield part, asked


def _texts(node: QNode) -> tuple[str, ...]:
    """Return the identifiers that a node names, those of its set where it is one."""
    return node.member_ids or node.ids


def _depth(pinned: Mapping[str, object], edges: Iterable[QEdge]) -> int:
    """Return how far from pinned nodes entities are whose statements an edge may need, and one."""
    waiting = list(edges)
    distance = dict.fromkeys(pinned, 0)
    step = 0
    while len(distance) < len(
        {end for e in waiting for end in (e.subject, e.object)} | distance.keys()
    ):
        near = {
            other
            for e in waiting
            for one, other in ((e.subject, e.object), (e.object, e.subject))
            if one in distance and other not in distance
        }
        if not near:
            raise QueryError(
                "query_graph",
                "pins no node that others are joined to",
                hint="Give ids of a node: this graph is behind an engine.",
            )
        step += 1
        distance |= dict.fromkeys(near, step)
    return max((min(distance[e.subject], distance[e.object]) + 1 for e in waiting), default=0)


def _walks(nodes: Mapping[str, QNode], path: QPath, question: Question) -> PathQuery:
    """Return the query whose walks a path of a question may take."""
    ends = [nodes[end].ids if end in nodes else () for end in (path.subject, path.object)]
    if not all(ends):
        raise QueryError("query_graph.paths", "joins a node that is not there or has no ids")
    fields = {}
    for name in ("max_hops", "via", "avoid"):
        own, general = getattr(path, name), getattr(question.parameters, name)
        if (value := general if own is UNSET else own) is not UNSET:
            fields[name] = value
    fields.setdefault("max_hops", DEFAULT_HOPS)
    return PathQuery(source=ends[0], target=ends[1], direction="undirected", **fields)
