"""Query graphs with edges: every way to bind the nodes so that each edge has statements.

Two nodes may be bound to the same entity, as the specification leaves open. Statements between the
same two entities are bound together; they never multiply results.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from msgspec import UNSET
from numpy.typing import NDArray

from mechkg.api.trapi.edges import INFORES, EdgeEncoder
from mechkg.api.trapi.identifiers import Identifiers
from mechkg.api.trapi.join import join
from mechkg.api.trapi.knowledge_graph import KnowledgeGraphBuilder
from mechkg.api.trapi.query_edges import Relation, relate
from mechkg.api.trapi.query_nodes import (
    Candidates,
    Rows,
    candidates_of,
    filter_by_attributes,
)
from mechkg.api.trapi.set_interpretation import Bound, collate
from mechkg.api.trapi.types import Analysis, Binding, Parameters, QEdge, QNode, Result
from mechkg.kg.errors import QueryError, TooLarge

__all__ = ["MAX_RESULTS", "Found", "look_up"]

MAX_RESULTS: Final = 10_000
"""Results of one answer, where the client has not asked for fewer."""

MAX_BINDINGS: Final = 1_000_000
"""Edges that the results of one answer bind, each counted once per result."""

METHOD: Final = (
    "mechkg support: the mean, over the query's edges, of how firm the firmest bound statement is "
    "(0 to 1), times the share of members where a set asks for MANY"
)


@dataclass
class Found:
    """Results; `total` counts those that were not returned as well."""

    results: list[Result]
    total: int
    unknown: dict[str, list[str]]
    total_is_exact: bool = True
    cut_by_time: bool = False


def look_up(
    knowledge: KnowledgeGraphBuilder,
    nodes: Mapping[str, QNode],
    edges: Mapping[str, QEdge],
    parameters: Parameters,
) -> Found:
    """Return the results of a query graph with edges, best first.

    Raises `QueryError` and its kinds for what is wrong with the question, `TooLarge` for more than
    one answer can hold, `mechkg.api.trapi.deadline.DeadlineExceeded` where time runs out.
    """
    _check_shape(nodes, edges)
    snapshot, deadline = knowledge.snapshot, knowledge.deadline
    identifiers = Identifiers(snapshot, knowledge.remarks)
    by_node = {
        key: candidates_of(key, node, identifiers, parameters)
        for key, node in deadline.watched(nodes.items())
    }
    relations = relate(identifiers, edges, by_node, deadline)
    keys, table, score = _table(knowledge, by_node, relations)
    knowledge.remarks.debug("Join", f"{len(table):,} combinations of entities.")
    limit = parameters.limit or None
    if all(c.node.set_interpretation == "BATCH" for c in by_node.values()):
        bound, total = _best_rows(table, score, limit), len(table)
    else:
        joined = [(edge.subject, edge.object) for edge in edges.values()]
        every = collate(keys, table, score, by_node, joined, deadline=deadline)
        bound, total = sorted(every, key=lambda b: (-b.score, b.entities))[:limit], len(every)
    if len(bound) > MAX_RESULTS and limit is None:
        raise TooLarge(
            f"The query graph has {total:,} results; {MAX_RESULTS:,} is the most.",
            hint="Give parameters.limit to have the best, or pin more nodes.",
        )
    encoding = _ResultEncoder(knowledge, keys, by_node, relations)
    return Found(
        results=[encoding.result(one) for one in deadline.watched(bound)],
        total=total,
        unknown={key: c.unknown for key, c in by_node.items() if c.unknown},
    )


def _table(
    knowledge: KnowledgeGraphBuilder,
    by_node: Mapping[str, Candidates],
    relations: Sequence[Relation],
) -> tuple[list[str], Rows, NDArray[np.float64]]:
    """Return the nodes' keys, a table (rows, nodes; int32) of entities, and each row's score."""
    if relations:
        return join(relations, knowledge.snapshot.index.entities, knowledge.deadline)
    ((key, candidates),) = by_node.items()
    rows = candidates.possible(knowledge.snapshot)
    if candidates.node.constraints:
        encoder = EdgeEncoder.of(knowledge.snapshot)
        rows = filter_by_attributes(encoder, rows, candidates.node.constraints, knowledge.deadline)
    return [key], rows[:, None], np.ones(len(rows))


def _best_rows(table: Rows, score: NDArray[np.float64], limit: int | None) -> list[Bound]:
    """Return the rows of a join as results, best first."""
    order = np.lexsort((*table.T[::-1], -score))[:limit]
    rows = zip(table[order].tolist(), score[order].tolist(), strict=True)
    return [Bound(tuple((v,) for v in row), mean) for row, mean in rows]


def _check_shape(nodes: Mapping[str, QNode], edges: Mapping[str, QEdge]) -> None:
    """Raise `QueryError` unless the edges join nodes that exist, all in one piece."""
    for key, edge in edges.items():
        for end in ("subject", "object"):
            if getattr(edge, end) not in nodes:
                raise QueryError(f"edges.{key}.{end}", f"names no node: {getattr(edge, end)!r}")
    beside: dict[str, set[str]] = {key: set() for key in nodes}
    for edge in edges.values():
        beside[edge.subject].add(edge.object)
        beside[edge.object].add(edge.subject)
    reached: set[str] = set()
    waiting = [next(iter(edges.values())).subject if edges else next(iter(nodes))]
    while waiting:
        node = waiting.pop()
        if node not in reached:
            reached.add(node)
            waiting += beside[node] - reached
    if apart := sorted(nodes.keys() - reached):
        raise QueryError("query_graph", f"is not in one piece: no edge leads to {apart[0]!r}")


class _ResultEncoder:
    """The results of one lookup as TRAPI's."""

    def __init__(
        self,
        knowledge: KnowledgeGraphBuilder,
        keys: Sequence[str],
        by_node: Mapping[str, Candidates],
        relations: Sequence[Relation],
    ) -> None:
        self._snapshot, self._knowledge = knowledge.snapshot, knowledge
        self._keys, self._places, self._relations = keys, by_node, relations
        self._column = {key: number for number, key in enumerate(keys)}
        self._bindings = 0
        self._curies: dict[int, str] = {}
        self._edges: dict[tuple[str, int], list[str]] = {}

    def result(self, bound: Bound) -> Result:
        """Return one result; its nodes and edges go to the knowledge graph."""
        bindings = {
            key: self._binding(self._places[key], entities)
            for key, entities in zip(self._keys, bound.entities, strict=True)
        }
        edges = {
            relation.key: Binding(self._bound(relation, bound))
            for relation in self._knowledge.deadline.watched(self._relations)
        }
        self._bindings += sum(len(binding.ids) for binding in edges.values())
        if self._bindings > MAX_BINDINGS:
            raise TooLarge(
                f"The results bind more than {MAX_BINDINGS:,} edges.",
                hint="Give parameters.limit, or ask with fewer edges.",
            )
        if not edges:
            return Result(bindings)
        analysis = Analysis(
            resource_id=INFORES,
            edge_bindings=edges,
            score=round(bound.score, 6),
            scoring_method=METHOD,
        )
        return Result(bindings, [analysis])

    def _binding(self, candidates: Candidates, entities: tuple[int, ...]) -> Binding:
        names = [self._curie(row) for row in entities]
        for name in names:
            self._knowledge.add_node(name)
        if candidates.of_set:
            (name,) = candidates.node.ids
            if name not in self._knowledge.nodes:
                self._knowledge.add_set(name, self._members(candidates))
            return Binding([name])
        spelled = candidates.spelled
        asked = {self._curie(row): spelled[row] for row in entities if row in spelled}
        return Binding(names, asked or UNSET)

    def _members(self, candidates: Candidates) -> list[str]:
        return [text for text in candidates.node.member_ids if text not in candidates.unknown]

    def _curie(self, row: int) -> str:
        curie = self._curies.get(row)
        if curie is None:
            curie = self._curies[row] = self._snapshot.records.curie(row)
        return curie

    def _bound(self, relation: Relation, bound: Bound) -> list[str]:
        """Return the keys of all edges of a relation between a result's entities."""
        subjects = bound.entities[self._column[relation.subject]]
        objects = bound.entities[self._column[relation.object]]
        names: list[str] = []
        for subject in subjects:
            for obj in objects:
                key = subject * self._snapshot.index.entities + obj
                found = self._edges.get((relation.key, key))
                if found is None:
                    found = self._edges[relation.key, key] = self._between(relation, key)
                names += found
        return names

    def _between(self, relation: Relation, key: int) -> list[str]:
        pair = int(np.searchsorted(relation.pairs, key))
        if pair == len(relation.pairs) or relation.pairs[pair] != key:
            return []
        names = []
        for entry in range(int(relation.ptr[pair]), int(relation.ptr[pair + 1])):
            row = int(relation.rows[entry])
            if relation.beneath[entry]:
                ends = int(relation.subjects[entry]), int(relation.objects[entry])
                if relation.turned[entry]:
                    ends = ends[1], ends[0]
                names.append(self._knowledge.add_entailed(ends[0], row, ends[1]))
            else:
                names.append(self._knowledge.add_edge(self._snapshot.records.statement_id(row)))
        return names
