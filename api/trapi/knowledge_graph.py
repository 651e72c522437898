"""The knowledge graph of one answer: each node and edge once, with what supports it."""

from __future__ import annotations

import msgspec
from msgspec import Raw

from mechkg.api.trapi.deadline import EVERY, Deadline
from mechkg.api.trapi.edges import Attribute, EdgeEncoder, Node, support_name
from mechkg.api.trapi.entailed_edges import entailed, entailed_name
from mechkg.api.trapi.remarks import Remarks
from mechkg.api.trapi.types import AuxiliaryGraph, KnowledgeGraph
from mechkg.kg.errors import TooLarge
from mechkg.kg.snapshot.snapshot import Snapshot

__all__ = ["KnowledgeGraphBuilder"]


class KnowledgeGraphBuilder:
    """Gathers nodes, edges and auxiliary graphs; raises `TooLarge` past `max_edges` edges."""

    def __init__(
        self, snapshot: Snapshot, max_edges: int, deadline: Deadline, remarks: Remarks
    ) -> None:
        self.snapshot = snapshot
        self.deadline = deadline
        self.remarks = remarks
        self._encoder = EdgeEncoder.of(snapshot)
        self._max_edges = max_edges
        self.nodes: dict[str, Raw] = {}
        self.edges: dict[str, Raw] = {}
        self.auxiliary: dict[str, AuxiliaryGraph] = {}

    @property
    def graph(self) -> KnowledgeGraph:
        """The knowledge graph so far."""
        return KnowledgeGraph(self.nodes, self.edges)

    def add_node(self, curie: str) -> None:
        """Add an entity."""
        if curie not in self.nodes:
            self.nodes[curie] = self._encoder.node(curie)

    def add_set(self, name: str, members: list[str]) -> None:
        """Add a node that stands for several entities."""
        parts = [self._encoder.node_of(curie) for curie in members]
        categories = dict.fromkeys(c for node in parts for c in node.categories)
        node = Node(
            categories=list(categories) or ["biolink:NamedThing"],
            is_set=True,
            attributes=[Attribute(attribute_type_id="mechkg:member_ids", value=members)],
        )
        self.nodes[name] = Raw(msgspec.json.encode(node))

    def add_edge(self, identifier: str) -> str:
        """Add a statement with its ends and what it was derived from; returns its key."""
        if identifier in self.edges:
            return identifier
        if len(self.edges) >= self._max_edges:
            raise TooLarge(
                f"The answer has more than {self._max_edges:,} edges.",
                hint="Give parameters.limit, pin more nodes, or name narrower predicates.",
            )
        if len(self.edges) % EVERY == 0:
            self.deadline.check()
        edge = self._encoder.encoded_edge(identifier)
        self.edges[identifier] = edge.text
        self.add_node(edge.subject)
        self.add_node(edge.object)
        if edge.support:
            names = [self.add_edge(one) for one in edge.support]
            self.auxiliary[support_name(identifier)] = AuxiliaryGraph(names)
        return identifier

    def add_entailed(self, subject: int, row: int, obj: int) -> str:
        """Add what a statement entails for entities at or above its ends; returns its key."""
        records = self.snapshot.records
        statement = records.statement(row)
        ends = records.curie(subject), records.curie(obj)
        name = entailed_name(ends[0], statement.id, ends[1])
        if name not in self.edges:
            edge = entailed(self._encoder.edge(statement), name, *ends, statement.id)
            support = [self.add_edge(statement.id)]
            index = self.snapshot.index
            for top, end in ((subject, int(index.subject[row])), (obj, int(index.object[row]))):
                support += [self.add_edge(one) for one in self._way_up(end, top)]
            self.edges[name] = Raw(msgspec.json.encode(edge))
            self.auxiliary[support_name(name)] = AuxiliaryGraph(list(dict.fromkeys(support)))
            for curie in ends:
                self.add_node(curie)
        return name

    def _way_up(self, start: int, top: int) -> list[str]:
        """Return the `subclass_of` statements that lead from an entity up to a class."""
        index, records = self.snapshot.index, self.snapshot.records
        subclass = self._encoder.terms.subclass
        came: dict[int, tuple[int, int]] = {start: (-1, -1)}
        waiting = [start]
        while waiting and top not in came:
            fresh = []
            for row in waiting:
                for entry in range(int(index.out_ptr[row]), int(index.out_ptr[row + 1])):
                    above = int(index.object[entry])
                    said = subclass[index.predicate[entry]] and not index.inferred[entry]
                    if said and above not in came:
                        came[above] = (row, entry)
                        fresh.append(above)
            waiting = fresh
        names = []
        while top in came and came[top][0] >= 0:
            top, entry = came[top]
            names.append(records.statement_id(entry))
        return names
