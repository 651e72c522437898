"""The nodes of a question, as rows of the graph: who may stand there, and in whose name.

A node with identifiers is pinned: each identifier stands for itself and for everything below it by
`subclass_of`, and an answer names the identifier that was asked for. Categories of a pinned node
filter nothing: the client has said whom it means.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mechkg.api.trapi.biolink import Terms
from mechkg.api.trapi.constraints import attributes_stand, check_attributes
from mechkg.api.trapi.deadline import CHECKED, check_time
from mechkg.api.trapi.edges import Telling
from mechkg.api.trapi.types import AttributeConstraint, Parameters, QNode
from mechkg.kg.errors import QueryError, TooLarge
from mechkg.kg.model.queries import MAX_SET
from mechkg.kg.snapshot.snapshot import Snapshot

__all__ = ["Place", "place_of", "stand", "statements_of"]

Rows = NDArray[np.int32]
Mask = NDArray[np.uint8]

MOST_SCANNED = 2_000_000
"""Adjacency entries that one query edge may look at."""


@dataclass
class Place:
    """A node of the question.

    pins, members (int32, equal length, sorted by member): `members[i]` may stand here in the name
    of `pins[i]`; None where no identifier is given. `candidates` are the distinct rows that are
    still possible in its name (sorted), None for all. `category` says which category codes may
    stand here.
    """

    key: str
    node: QNode
    category: Mask | None
    pins: Rows | None = None
    members: Rows | None = None
    candidates: Rows | None = None
    unknown: list[str] = field(default_factory=list)

    @property
    def of_set(self) -> bool:
        """Whether the identifiers are members of one set."""
        return self.node.set_interpretation in {"ALL", "MANY"}

    def narrow(self, rows: Rows) -> None:
        """Keep those candidates that are among some distinct rows."""
        self.candidates = rows.astype(np.int32)


def place_of(
    key: str, node: QNode, snapshot: Snapshot, terms: Terms, parameters: Parameters
) -> Place:
    """Return the place of a node; raises `QueryError`, `UnknownTerm` or `TooLarge`."""
    where = f"nodes.{key}"
    check_attributes(node.constraints, f"{where}.constraints")
    asked = _identifiers(key, node, where)
    place = Place(key, node, terms.categories(node.categories, f"{where}.categories"))
    if not asked:
        return place
    rows = {text: snapshot.records.entity_row(text) for text in asked}
    place.unknown = [text for text, row in rows.items() if row is None]
    depth = parameters.subclass_depth if parameters.subclass else 0
    pairs = sorted(
        (member, row)
        for row in {row for row in rows.values() if row is not None}
        for member in _below(snapshot, terms, row, depth)
    )
    place.members = np.array([member for member, _ in pairs], np.int32)
    place.pins = np.array([pin for _, pin in pairs], np.int32)
    place.candidates = np.unique(place.pins)
    return place


def _identifiers(key: str, node: QNode, where: str) -> tuple[str, ...]:
    """Return the identifiers of a node; raises `QueryError` where they contradict its set."""
    kind = node.set_interpretation
    if kind in {"ALL", "MANY"}:
        if len(node.ids) != 1 or not node.member_ids:
            raise QueryError(
                where, f"has set_interpretation {kind} and needs one id for the set, and member_ids"
            )
        asked = node.member_ids
    elif node.member_ids:
        raise QueryError(f"{where}.member_ids", f"has no meaning with set_interpretation {kind}")
    else:
        asked = node.ids
    if kind == "COLLATE" and asked:
        raise QueryError(where, "has set_interpretation COLLATE, which takes no ids")
    if len(asked) > MAX_SET:
        raise TooLarge(f"The node {key} names {len(asked):,} identifiers; {MAX_SET:,} is the most.")
    return asked


def _below(snapshot: Snapshot, terms: Terms, root: int, depth: int) -> set[int]:
    """Return an entity and what is below it, at most `depth` statements away."""
    found, edge = {root}, {root}
    for _ in range(depth):
        start = np.array(sorted(edge), np.int32)
        _, rows, others = statements_of(snapshot, start, forward=False)
        index = snapshot.index
        asserted = (terms.subclass[index.predicate[rows]] != 0) & (index.inferred[rows] == 0)
        below = others[asserted]
        edge = set(below.tolist()) - found
        if not edge:
            break
        found |= edge
    return found


def statements_of(
    snapshot: Snapshot, rows: Rows, *, forward: bool
) -> tuple[NDArray[np.int64], NDArray[np.int64], Rows]:
    """Return all statements that begin (or end) in some entities.

    owner (position in `rows`), statement rows, and the entities at their other ends. Raises
    `TooLarge` past `MOST_SCANNED`.
    """
    index = snapshot.index
    ptr = index.out_ptr if forward else index.in_ptr
    first = np.asarray(ptr[rows], np.int64)
    counts = np.asarray(ptr[rows.astype(np.int64) + 1], np.int64) - first
    total = int(counts.sum())
    if total > MOST_SCANNED:
        raise TooLarge(
            f"An edge of the query graph looks at {total:,} statements; {MOST_SCANNED:,} is the "
            "most.",
            hint="Pin a node with ids, or name narrower categories.",
        )
    owner = np.repeat(np.arange(len(rows)), counts)
    entry = np.arange(total) - np.repeat(np.cumsum(counts) - counts, counts)
    entry += np.repeat(first, counts)
    if forward:
        return owner, entry, np.asarray(index.object[entry])
    return owner, np.asarray(index.in_row[entry], np.int64), np.asarray(index.in_nbr[entry])


def stand(
    telling: Telling, rows: Rows, asked: tuple[AttributeConstraint, ...], deadline: float
) -> Rows:
    """Return those of some entities whose attributes stand some comparisons; raises `Late`."""
    curie = telling.snapshot.records.curie
    fits = []
    for number, row in enumerate(rows.tolist()):
        if number % CHECKED == 0:
            check_time(deadline)
        fits.append(attributes_stand(asked, telling.node_of(curie(row)).attributes or ()))
    return rows[np.array(fits, bool)] if len(rows) else rows
