"""Candidate entities of each query node, subclasses expanded.

A node with identifiers is pinned: each identifier means its entity and everything below that by
`subclass_of`, and an answer names the entity that was pinned. Categories of a pinned node filter
nothing: the client has said which entity it means.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mechkg.api.trapi.biolink import Terms, terms_of
from mechkg.api.trapi.constraints import check_attributes, match_attributes
from mechkg.api.trapi.deadline import Deadline
from mechkg.api.trapi.edges import EdgeEncoder
from mechkg.api.trapi.identifiers import Identifiers
from mechkg.api.trapi.types import AttributeConstraint, Parameters, QNode
from mechkg.kg.errors import QueryError, TooLarge
from mechkg.kg.model.queries import MAX_SET
from mechkg.kg.snapshot.snapshot import Snapshot

__all__ = ["Candidates", "candidates_of", "filter_by_attributes", "statements_of"]

Rows = NDArray[np.int32]
Mask = NDArray[np.uint8]

MAX_SCANNED = 2_000_000
"""Adjacency entries that one query edge may look at."""


@dataclass
class Candidates:
    """A node of the question.

    pins, members (int32, equal length, sorted by member): `members[i]` may stand here in the name
    of `pins[i]`; None where no identifier is given. `rows` are the distinct rows that are
    still possible in its name (sorted), None for all. `category` says which category codes may
    stand here. `spelled` has the identifiers that were asked for where the graph has others.
    """

    key: str
    node: QNode
    category: Mask | None
    pins: Rows | None = None
    members: Rows | None = None
    rows: Rows | None = None
    unknown: list[str] = field(default_factory=list)
    spelled: dict[int, str] = field(default_factory=dict)

    @property
    def of_set(self) -> bool:
        """Whether the identifiers are members of one set."""
        return self.node.set_interpretation in {"ALL", "MANY"}

    def size(self, snapshot: Snapshot) -> int:
        """Return how many entities are possible here, before anything is looked up."""
        if self.rows is not None:
            return len(self.rows)
        if self.category is None:
            return snapshot.index.entities
        return int(np.count_nonzero(self.category[snapshot.index.category]))

    def possible(self, snapshot: Snapshot) -> Rows:
        """Return the entities that are possible in its name, sorted."""
        if self.rows is not None:
            return self.rows
        category = np.asarray(snapshot.index.category)
        every = np.ones(len(category), bool)
        fits = every if self.category is None else self.category[category] != 0
        return np.flatnonzero(fits).astype(np.int32)

    def narrow(self, rows: Rows) -> None:
        """Keep those candidates that are among some distinct rows."""
        self.rows = rows.astype(np.int32)


def candidates_of(
    key: str, node: QNode, identifiers: Identifiers, parameters: Parameters
) -> Candidates:
    """Return the candidates of a node; raises `QueryError`, `UnknownTerm` or `TooLarge`."""
    where = f"nodes.{key}"
    snapshot, remarks = identifiers.snapshot, identifiers.remarks
    terms = terms_of(snapshot)
    check_attributes(node.constraints, f"{where}.constraints")
    texts = _identifiers(key, node, where)
    category = terms.categories(node.categories, f"{where}.categories", remarks)
    candidates = Candidates(key, node, category)
    if not texts:
        return candidates
    rows = {text: identifiers.row(text, where) for text in texts}
    candidates.unknown = [text for text, row in rows.items() if row is None]
    candidates.spelled = {
        row: text
        for text, row in rows.items()
        if row is not None and snapshot.records.curie(row) not in texts
    }
    depth = parameters.subclass_depth if parameters.subclass else 0
    known = dict.fromkeys(row for row in rows.values() if row is not None)
    below = {row: _below(snapshot, terms, row, depth) for row in known}
    for row, members in below.items():
        if len(members) > 1:
            curie, count = snapshot.records.curie(row), len(members) - 1
            remarks.info("SubclassExpansion", f"{where}: {curie} with {count:,} subclasses.")
    pairs = sorted((member, row) for row, members in below.items() for member in members)
    candidates.members = np.array([member for member, _ in pairs], np.int32)
    candidates.pins = np.array([pin for _, pin in pairs], np.int32)
    candidates.rows = np.unique(candidates.pins)
    remarks.debug("NodeCandidates", f"{where}: {len(known):,} entities pinned.")
    return candidates


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
    `TooLarge` past `MAX_SCANNED`.
    """
    index = snapshot.index
    ptr = index.out_ptr if forward else index.in_ptr
    first = np.asarray(ptr[rows], np.int64)
    counts = np.asarray(ptr[rows.astype(np.int64) + 1], np.int64) - first
    total = int(counts.sum())
    if total > MAX_SCANNED:
        raise TooLarge(
            f"An edge of the query graph looks at {total:,} statements; {MAX_SCANNED:,} is the "
            "most.",
            hint="Pin a node with ids, or name narrower categories.",
        )
    owner = np.repeat(np.arange(len(rows)), counts)
    entry = np.arange(total) - np.repeat(np.cumsum(counts) - counts, counts)
    entry += np.repeat(first, counts)
    if forward:
        return owner, entry, np.asarray(index.object[entry])
    return owner, np.asarray(index.in_row[entry], np.int64), np.asarray(index.in_nbr[entry])


def filter_by_attributes(
    encoder: EdgeEncoder, rows: Rows, asked: tuple[AttributeConstraint, ...], deadline: Deadline
) -> Rows:
    """Return the entities whose attributes satisfy all comparisons; raises `DeadlineExceeded`."""
    curie = encoder.snapshot.records.curie
    fits = [
        match_attributes(asked, encoder.node_of(curie(row)).attributes or ())
        for row in deadline.watched(rows.tolist())
    ]
    return rows[np.array(fits, bool)] if len(rows) else rows
