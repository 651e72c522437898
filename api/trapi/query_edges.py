"""What each edge of a question joins: all statements that answer it, as arrays.

Edges are taken one by one, from the end with the fewest possible entities; each narrows what may
stand at its ends, so that the next looks at less.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from msgspec import UNSET
from numpy.typing import NDArray

from mechkg.api.trapi.biolink import terms_of
from mechkg.api.trapi.constraints import Test, edge_test
from mechkg.api.trapi.deadline import CHECKED, check_time
from mechkg.api.trapi.edges import Telling
from mechkg.api.trapi.entailed_edges import entailed
from mechkg.api.trapi.query_nodes import Mask, Place, Rows, stand, statements_of
from mechkg.api.trapi.types import QEdge
from mechkg.kg.snapshot.snapshot import Snapshot

__all__ = ["Relation", "relate"]

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
    snapshot: Snapshot, edges: Mapping[str, QEdge], places: Mapping[str, Place], deadline: float
) -> list[Relation]:
    """Return the relations of all edges, in an order in which each meets one before it.

    Raises `QueryError`, `UnknownTerm`, `TooLarge`, and `Late`. O(statements at the ends looked
    from); those are all of the graph where nothing is pinned.
    """
    seek = {key: _Seek(snapshot, key, edge, places, deadline) for key, edge in edges.items()}
    found: list[Relation] = []
    met: set[str] = set()
    while seek:
        check_time(deadline)
        key = min(seek, key=lambda k: seek[k].rank(met))
        relation = seek.pop(key).relation()
        met |= {relation.subject, relation.object}
        found.append(relation)
    return found


_NOTHING: Final = (
    np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0, np.uint8), np.empty(0, np.int64),
)  # fmt: skip


class _Seek:
    """One query edge, about to be answered."""

    def __init__(
        self,
        snapshot: Snapshot,
        key: str,
        edge: QEdge,
        places: Mapping[str, Place],
        deadline: float,
    ) -> None:
        self._snapshot, self._key, self._edge = snapshot, key, edge
        self._telling = Telling.of(snapshot)
        self._deadline = deadline
        self._ends = places[edge.subject], places[edge.object]
        self._masks = terms_of(snapshot).walked(edge.predicates, f"edges.{key}.predicates")
        constraints = edge.constraints
        self._test: Test | None = None
        self._inferred = edge.knowledge_type == "inferred"
        if constraints is not UNSET:
            self._test = edge_test(constraints, f"edges.{key}.constraints")
            level = constraints.knowledge_level
            if level is not UNSET and level.behavior == "ALLOW":
                self._inferred = self._inferred or LOGICAL in level.values

    def rank(self, met: set[str]) -> tuple[bool, int]:
        """Return how soon it should be answered: connected ones first, small ones first."""
        subject, obj = self._ends
        connected = not met or subject.key in met or obj.key in met
        return not connected, min(self._size(subject), self._size(obj))

    def relation(self) -> Relation:
        """Return the relation, and narrow both ends to it."""
        first, other = self._ends
        from_subject = self._size(first) <= self._size(other)
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

    def _size(self, place: Place) -> int:
        if place.candidates is not None:
            return len(place.candidates)
        if place.category is None:
            return self._snapshot.index.entities
        return int(np.count_nonzero(place.category[self._snapshot.index.category]))

    def _start(self, place: Place) -> tuple[Rows, Rows]:
        """Return the entities to look from, each beside the one in whose name it stands."""
        if place.members is not None and place.pins is not None and place.candidates is not None:
            kept = np.isin(place.pins, place.candidates)
            return place.members[kept], place.pins[kept]
        rows = place.candidates
        if rows is None:
            category = np.asarray(self._snapshot.index.category)
            every = np.ones(len(category), bool)
            fits = every if place.category is None else place.category[category] != 0
            rows = np.flatnonzero(fits).astype(np.int32)
        return rows, rows

    def _walk(
        self, far: Place, start: Rows, names: Rows, *, from_subject: bool, turned: bool
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
        kept = self._standing(subjects, objects, (flags & BENEATH) != 0, rows)
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

    def _standing(
        self, subjects: Rows, objects: Rows, beneath: NDArray[np.bool_], rows: NDArray[np.int64]
    ) -> NDArray[np.bool_]:
        """Return what stands the constraints on nodes and edge, and narrow the ends to it."""
        kept = np.ones(len(rows), bool)
        for place, names in zip(self._ends, (subjects, objects), strict=True):
            if place.node.constraints:
                distinct = np.unique(names)
                fits = stand(self._telling, distinct, place.node.constraints, self._deadline)
                kept &= np.isin(names, fits)
        if self._test is not None:
            kept[kept] = self._edges_standing(self._test, beneath[kept], rows[kept])
        for place, names in zip(self._ends, (subjects, objects), strict=True):
            place.narrow(np.unique(names[kept]))
        return kept

    def _edges_standing(
        self, test: Test, beneath: NDArray[np.bool_], rows: NDArray[np.int64]
    ) -> NDArray[np.bool_]:
        verdicts: dict[tuple[int, bool], bool] = {}
        fits = []
        for number, (row, below) in enumerate(zip(rows.tolist(), beneath.tolist(), strict=True)):
            if number % CHECKED == 0:
                check_time(self._deadline)
            verdict = verdicts.get((row, below))
            if verdict is None:
                edge = self._telling.edge(self._snapshot.records.statement(row))
                verdict = test(entailed(edge, "", "", "", "") if below else edge)
                verdicts[row, below] = verdict
            fits.append(verdict)
        return np.array(fits, bool)


def _named(
    place: Place, others: Rows, category: NDArray[np.integer]
) -> tuple[NDArray[np.int64], Rows]:
    """Return which of some entities may stand at a place (one entry a name), and their names."""
    if place.members is not None and place.pins is not None:
        low = np.searchsorted(place.members, others, "left")
        counts = np.searchsorted(place.members, others, "right") - low
        entry = np.repeat(np.arange(len(others)), counts)
        offset = np.arange(len(entry)) - np.repeat(np.cumsum(counts) - counts, counts)
        names = place.pins[np.repeat(low, counts) + offset]
        if place.candidates is not None:
            kept = np.isin(names, place.candidates)
            return entry[kept], names[kept]
        return entry, names
    kept = np.ones(len(others), bool)
    if place.category is not None:
        kept = place.category[category[others]] != 0
    if place.candidates is not None:
        kept &= np.isin(others, place.candidates)
    return np.flatnonzero(kept), others[kept]
