"""Query graphs with edges: every way to bind the nodes so that each edge has statements.

Two nodes may be bound to the same entity, as the specification leaves open. Statements between the
same two entities are bound together; they never multiply results.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mechkg.api.trapi.biolink import terms_of
from mechkg.api.trapi.edges import INFORES
from mechkg.api.trapi.join import join
from mechkg.api.trapi.knowledge_graph import Knowledge
from mechkg.api.trapi.query_edges import Relation, relate
from mechkg.api.trapi.query_nodes import Place, Rows, place_of
from mechkg.api.trapi.set_interpretation import Bound, put_together
from mechkg.api.trapi.types import Analysis, Binding, Parameters, QEdge, QNode, Result
from mechkg.kg.errors import QueryError, TooLarge

__all__ = ["MOST_RESULTS", "Found", "look_up"]

MOST_RESULTS: Final = 10_000
"""Results of one answer, where the client has not asked for fewer."""

METHOD: Final = (
    "mechkg support: the mean, over the query's edges, of how firm the firmest bound statement is "
    "(0 to 1), times the share of members where a set asks for MANY"
)


@dataclass
class Found:
    """Results with their knowledge; `total` counts those that were not returned as well."""

    results: list[Result]
    knowledge: Knowledge
    total: int
    unknown: dict[str, list[str]]
    total_is_exact: bool = True
    cut_by_time: bool = False


def look_up(
    knowledge: Knowledge,
    nodes: Mapping[str, QNode],
    edges: Mapping[str, QEdge],
    parameters: Parameters,
    deadline: float,
) -> Found:
    """Return the results of a query graph with edges, best first.

    Raises `QueryError` and its kinds for what is wrong with the question, `TooLarge` for more than
    one answer can hold, `mechkg.api.trapi.deadline.Late` where time runs out.
    """
    _check_shape(nodes, edges)
    snapshot = knowledge.snapshot
    terms = terms_of(snapshot)
    places = {key: place_of(key, node, snapshot, terms, parameters) for key, node in nodes.items()}
    relations = relate(snapshot, edges, places, deadline)
    keys, table, score = join(relations, snapshot.index.entities, deadline)
    limit = parameters.limit or None
    if all(place.node.set_interpretation == "BATCH" for place in places.values()):
        bound, total = _best_rows(table, score, limit), len(table)
    else:
        joined = [(edge.subject, edge.object) for edge in edges.values()]
        every = put_together(keys, table, score, places, joined, deadline=deadline)
        bound, total = sorted(every, key=lambda b: (-b.score, b.entities))[:limit], len(every)
    if len(bound) > MOST_RESULTS and limit is None:
        raise TooLarge(
            f"The query graph has {total:,} results; {MOST_RESULTS:,} is the most.",
            hint="Give parameters.limit to have the best, or pin more nodes.",
        )
    writing = _Writing(knowledge, keys, places, relations)
    return Found(
        results=[writing.result(one) for one in bound],
        knowledge=knowledge,
        total=total,
        unknown={key: place.unknown for key, place in places.items() if place.unknown},
    )


def _best_rows(table: Rows, score: NDArray[np.float64], limit: int | None) -> list[Bound]:
    """Return the rows of a join as results, best first."""
    order = np.lexsort((*table.T[::-1], -score))[:limit]
    rows = zip(table[order].tolist(), score[order].tolist(), strict=True)
    return [Bound(tuple((v,) for v in row), mean) for row, mean in rows]


def _check_shape(nodes: Mapping[str, QNode], edges: Mapping[str, QEdge]) -> None:
    """Raise `QueryError` unless the edges join nodes that there are, all in one piece."""
    for key, edge in edges.items():
        for end in ("subject", "object"):
            if getattr(edge, end) not in nodes:
                raise QueryError(f"edges.{key}.{end}", f"names no node: {getattr(edge, end)!r}")
    reached: set[str] = set()
    waiting = [next(iter(edges.values())).subject]
    while waiting:
        node = waiting.pop()
        reached.add(node)
        for edge in edges.values():
            ends = {edge.subject, edge.object}
            if node in ends:
                waiting += ends - reached
    if apart := sorted(nodes.keys() - reached):
        raise QueryError("query_graph", f"is not in one piece: no edge leads to {apart[0]!r}")


class _Writing:
    """Results of one lookup, put into words."""

    def __init__(
        self,
        knowledge: Knowledge,
        keys: Sequence[str],
        places: Mapping[str, Place],
        relations: Sequence[Relation],
    ) -> None:
        self._snapshot, self._knowledge = knowledge.snapshot, knowledge
        self._keys, self._places, self._relations = keys, places, relations
        self._column = {key: number for number, key in enumerate(keys)}
        self._curies: dict[int, str] = {}
        self._edges: dict[tuple[str, int], list[str]] = {}

    def result(self, bound: Bound) -> Result:
        """Return one result; its nodes and edges go to the knowledge graph."""
        bindings = {
            key: Binding(self._names(self._places[key], entities))
            for key, entities in zip(self._keys, bound.entities, strict=True)
        }
        edges = {r.key: Binding(self._bound(r, bound)) for r in self._relations}
        analysis = Analysis(
            resource_id=INFORES,
            edge_bindings=edges,
            score=round(bound.score, 6),
            scoring_method=METHOD,
        )
        return Result(bindings, [analysis])

    def _names(self, place: Place, entities: tuple[int, ...]) -> list[str]:
        names = [self._curie(row) for row in entities]
        for name in names:
            self._knowledge.add_node(name)
        if place.of_set:
            (name,) = place.node.ids
            if name not in self._knowledge.nodes:
                self._knowledge.add_set(name, self._members(place))
            return [name]
        return names

    def _members(self, place: Place) -> list[str]:
        return [text for text in place.node.member_ids if text not in place.unknown]

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
