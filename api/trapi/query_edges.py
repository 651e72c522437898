"""What each edge of a question joins: all statements that answer it, as arrays.

Edges are taken one by one, from the end with the fewest possible entities; each narrows the
candidates of its ends, so that the next looks at less.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

import msgspec
import numpy as np
from msgspec import UNSET
from numpy.typing import NDArray

from mechkg.api.trapi.biolink import terms_of
from mechkg.api.trapi.constraints import Test, edge_test, has_qualifiers
from mechkg.api.trapi.deadline import Deadline
from mechkg.api.trapi.edges import EdgeEncoder
from mechkg.api.trapi.entailed_edges import entailed
from mechkg.api.trapi.identifiers import Identifiers
from mechkg.api.trapi.query_nodes import Candidates, Mask, Rows, filter_by_attributes, statements_of
from mechkg.api.trapi.types import QEdge
from mechkg.kg.errors import TooLarge
from mechkg.kg.snapshot.snapshot import Snapshot

__all__ = ["Relation", "relate"]

MAX_HELD: Final = 10_000_000
"""Statements that the edges of one query graph may have together."""

LOGICAL: Final = "logical_entailment"
BENEATH: Final = 1
TURNED: Final = 2


@dataclass(frozen=True)
class Relation:
    """The statements that answer one query edge, sorted by pair of ends.

    subjects, objects (int32) are entities in whose name a statement answers, rows (int64) its
    statement row; `beneath` (bool) says that it is about something below one of them, `turned`
    (bool) that its subject stands at the query edge's object. Pair p of
    `pairs` (distinct, ascending: subject * entities + object) has ptr[p]:ptr[p+1] of these, and
    `support[p]` (float64) is how firm the firmest is, 0 to 1.
    """

    key: str
    subject: str
    object: str
    subjects: Rows
    objects: Rows
    beneath: NDArray[np.bool_]
    turned: NDArray[np.bool_]
    rows: NDArray[np.int64]
    pairs: NDArray[np.int64]
    ptr: NDArray[np.int64]
    support: NDArray[np.float64]


def relate(
    identifiers: Identifiers,
    edges: Mapping[str, QEdge],
    by_node: Mapping[str, Candidates],
    deadline: Deadline,
) -> list[Relation]:
    """Return the relations of all edges, in an order in which each meets one before it.

    Edges that ask the same are answered once. Raises `QueryError`, `UnknownTerm`, `TooLarge`, and
    `DeadlineExceeded`. O(statements at the ends looked from); those are all of the graph where
    nothing is pinned.
    """
    snapshot, remarks = identifiers.snapshot, identifiers.remarks
    waiting: dict[tuple[str, str], list[str]] = {}
    for key, edge in edges.items():
        waiting.setdefault((edge.subject, edge.object), []).append(key)
    found: list[Relation] = []
    same: dict[bytes, Relation] = {}
    met: set[str] = set()
    while waiting:
        ends = min(waiting, key=lambda pair: _rank(snapshot, by_node, pair, met))
        for key in waiting.pop(ends):
            deadline.check()
            question = msgspec.json.encode(edges[key])
            if question not in same:
                seek = _Seek(identifiers, key, edges[key], by_node, deadline)
                same[question] = seek.relation()
                _check_held(same.values())
            found.append(replace(same[question], key=key))
            remarks.debug("EdgeLookup", f"edges.{key}: {len(found[-1].rows):,} statements.")
        met |= {*ends}
    return found


def _rank(
    snapshot: Snapshot, by_node: Mapping[str, Candidates], ends: tuple[str, str], met: set[str]
) -> tuple[bool, int]:
    """Return how soon an edge should be answered: connected ones first, small ones first."""
    connected = not met or not met.isdisjoint(ends)
    return not connected, min(by_node[end].size(snapshot) for end in ends)


def _check_held(relations: Iterable[Relation]) -> None:
    held = sum(len(relation.rows) for relation in relations)
    if held > MAX_HELD:
        raise TooLarge(
            f"The edges of the query graph have more than {MAX_HELD:,} statements together.",
            hint="Pin more nodes, or name narrower predicates and categories.",
        )


_NOTHING: Final = (
    np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0, np.uint8), np.empty(0, np.int64),
)  # fmt: skip


class _Seek:
    """One query edge, about to be answered."""

    def __init__(
        self,
        identifiers: Identifiers,
        key: str,
        edge: QEdge,
        by_node: Mapping[str, Candidates],
        deadline: Deadline,
    ) -> None:
        snapshot = identifiers.snapshot
        self._snapshot, self._key, self._edge = snapshot, key, edge
        self._encoder = EdgeEncoder.of(snapshot)
        self._deadline = deadline
        self._ends = by_node[edge.subject], by_node[edge.object]
        where = f"edges.{key}"
        self._matches = terms_of(snapshot).predicates(
            edge.predicates, f"{where}.predicates", identifiers.remarks
        )
        self._masks = (
            np.bitwise_or.reduce([match.along for match in self._matches]),
            np.bitwise_or.reduce([match.against for match in self._matches]),
        )
        constraints = edge.constraints
        self._test: Test | None = None
        self._inferred = edge.knowledge_type == "inferred"
        if constraints is not UNSET:
            self._test = edge_test(constraints, f"{where}.constraints")
            level = constraints.knowledge_level
            if level is not UNSET and level.behavior == "ALLOW":
                self._inferred = self._inferred or LOGICAL in level.values

    def relation(self) -> Relation:
        """Return the relation, and narrow both ends to it."""
        first, other = self._ends
        from_subject = first.size(self._snapshot) <= other.size(self._snapshot)
        near, far = (first, other) if from_subject else (other, first)
        start, names = self._start(near)
        parts = [
            self._walk(far, start, names, from_subject=from_subject, turned=turned)
            for turned in (False, True)
            if self._masks[turned].any()
        ]
        near_rows, far_rows, flags, rows = (
            np.concatenate([part[i] for part in (_NOTHING, *parts)]) for i in range(4)
        )
        ends = (near_rows, far_rows) if from_subject else (far_rows, near_rows)
        return self._sorted(ends[0], ends[1], flags.astype(np.uint8), rows)

    def _start(self, candidates: Candidates) -> tuple[Rows, Rows]:
        """Return the entities to look from, each beside the one in whose name it stands."""
        if (
            candidates.members is not None
            and candidates.pins is not None
            and candidates.rows is not None
        ):
            kept = np.isin(candidates.pins, candidates.rows)
            return candidates.members[kept], candidates.pins[kept]
        rows = candidates.possible(self._snapshot)
        return rows, rows

    def _walk(
        self, far: Candidates, start: Rows, names: Rows, *, from_subject: bool, turned: bool
    ) -> tuple[Rows, Rows, Mask, NDArray[np.int64]]:
        """Return near and far names, flags (`BENEATH`, `TURNED`), and rows."""
        index = self._snapshot.index
        owner, rows, others = statements_of(
            self._snapshot, start, forward=from_subject is not turned
        )
        kept = self._masks[turned][index.predicate[rows]] != 0
        if not self._inferred:
            kept &= index.inferred[rows] == 0
        owner, rows, others = owner[kept], rows[kept], others[kept]
        entry, far_names = _named(far, others, np.asarray(index.category))
        owner, rows, others = owner[entry], rows[entry], others[entry]
        near_names = names[owner]
        beneath = (near_names != start[owner]) | (far_names != others)
        fits = ~(beneath & (near_names == far_names))
        flags = (beneath * BENEATH + turned * TURNED).astype(np.uint8)
        return near_names[fits], far_names[fits], flags[fits], rows[fits]

    def _sorted(
        self, subjects: Rows, objects: Rows, flags: Mask, rows: NDArray[np.int64]
    ) -> Relation:
        kept = self._satisfying(subjects, objects, flags, rows)
        subjects, objects, flags, rows = subjects[kept], objects[kept], flags[kept], rows[kept]
        key = subjects.astype(np.int64) * self._snapshot.index.entities + objects
        order = np.lexsort((flags, rows, key))
        once = np.ones(len(order), bool)
        if len(order) > 1:
            same = (np.diff(key[order]) == 0) & (np.diff(rows[order]) == 0)
            once[1:] = ~same
        order = order[once]
        pairs, first = np.unique(key[order], return_index=True)
        support = 1.0 - self._snapshot.index.doubt[rows[order]].astype(np.float64)
        edge = self._edge
        return Relation(
            key=self._key, subject=edge.subject, object=edge.object,
            subjects=subjects[order], objects=objects[order],
            beneath=(flags[order] & BENEATH) != 0, turned=(flags[order] & TURNED) != 0,
            rows=rows[order], pairs=pairs, ptr=np.append(first, len(order)),
            support=np.maximum.reduceat(support, first) if len(first) else np.empty(0),
        )  # fmt: skip

    def _satisfying(
        self, subjects: Rows, objects: Rows, flags: Mask, rows: NDArray[np.int64]
    ) -> NDArray[np.bool_]:
        """Return what satisfies the constraints on nodes and edge, and narrow the ends to it."""
        kept = np.ones(len(rows), bool)
        for candidates, names in zip(self._ends, (subjects, objects), strict=True):
            if candidates.node.constraints:
                distinct = np.unique(names)
                fits = filter_by_attributes(
                    self._encoder, distinct, candidates.node.constraints, self._deadline
                )
                kept &= np.isin(names, fits)
        if self._test is not None or any(match.qualifiers for match in self._matches):
            kept[kept] = self._edges_satisfying(flags[kept], rows[kept])
        for candidates, names in zip(self._ends, (subjects, objects), strict=True):
            candidates.narrow(np.unique(names[kept]))
        return kept

    def _edges_satisfying(self, flags: Mask, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return which statements satisfy the edge's constraints and its predicates' qualifiers."""
        verdicts: dict[tuple[int, int], bool] = {}
        fits = []
        pairs = zip(rows.tolist(), flags.tolist(), strict=True)
        for row, flag in self._deadline.watched(pairs):
            verdict = verdicts.get((row, flag))
            if verdict is None:
                verdict = verdicts[row, flag] = self._satisfies(row, flag)
            fits.append(verdict)
        return np.array(fits, bool)

    def _satisfies(self, row: int, flag: int) -> bool:
        edge = self._encoder.edge(self._snapshot.records.statement(row))
        code = int(self._snapshot.index.predicate[row])
        if not any(
            (match.against if flag & TURNED else match.along)[code]
            and has_qualifiers(edge, match.qualifiers)
            for match in self._matches
        ):
            return False
        if self._test is None:
            return True
        return self._test(entailed(edge, "", "", "", "") if flag & BENEATH else edge)


def _named(
    candidates: Candidates, others: Rows, category: NDArray[np.integer]
) -> tuple[NDArray[np.int64], Rows]:
    """Return which of some entities are candidates (one entry per name), and their names."""
    if candidates.members is not None and candidates.pins is not None:
        low = np.searchsorted(candidates.members, others, "left")
        counts = np.searchsorted(candidates.members, others, "right") - low
        entry = np.repeat(np.arange(len(others)), counts)
        offset = np.arange(len(entry)) - np.repeat(np.cumsum(counts) - counts, counts)
        names = candidates.pins[np.repeat(low, counts) + offset]
        if candidates.rows is not None:
            kept = np.isin(names, candidates.rows)
            return entry[kept], names[kept]
        return entry, names
    kept = np.ones(len(others), bool)
    if candidates.category is not None:
        kept = candidates.category[category[others]] != 0
    if candidates.rows is not None:
        kept &= np.isin(others, candidates.rows)
    return np.flatnonzero(kept), others[kept]
