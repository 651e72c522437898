"""`find_neighbourhood`: the neighbourhood of an entity, counted in full and listed in pages.

A member is an entity at 1 to `depth` steps; its statements are those that reach it from one step
nearer. The groups count just these, by predicate and by the side of the nearer entity.
`predicate` and `context` admit statements, `category` members: what is walked through on the way
may be of any category. Inferred and negated statements make no neighbour; negated ones of the
entity itself are listed apart, up to `limit`.

A symmetric predicate is walked both ways whatever the `direction`; its group is `in` only where
the query wants `in`, otherwise `out`.

Members are ordered: nearest; most statements; least doubt of the best statement; fewest
statements elsewhere (specific before common); identifier.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from mechkg.kg.model.cursor import read_cursor, write_cursor
from mechkg.kg.model.queries import NeighbourhoodQuery
from mechkg.kg.model.results import Neighbour, NeighbourGroup, NeighbourhoodResult
from mechkg.kg.progress import FEW, Cancel, watched
from mechkg.kg.search.closure import close_entity, closures_of, notable
from mechkg.kg.search.context import SearchContext
from mechkg.kg.search.context_filter import admitted_statements
from mechkg.kg.snapshot.index import entries_of

if TYPE_CHECKING:
    from mechkg.kg.snapshot.snapshot import Snapshot

__all__ = ["find_neighbourhood"]

MAX_ENTRIES = 2_000_000
"""Adjacency entries that one step beyond the first looks at: half a second at worst, 100 MB."""

MARKED = 1 << 26
"""Bytes that marking may take where it saves sorting."""

MAX_STATEMENTS = 20_000
"""Statements that one page carries, unless its first neighbour alone has more."""

Rows = NDArray[np.int64]
Mask = NDArray[np.bool_]


def find_neighbourhood(
    snapshot: Snapshot, query: NeighbourhoodQuery, cancel: Cancel | None = None
) -> NeighbourhoodResult:
    """Return groups of the whole neighbourhood and one page of its members, nearest first.

    It is that of the entity with its subclasses for `NAME*`, and for a bare name of which the query
    can use no statement, but some of its subclasses.

    `truncated_by` is `hub` where a step would look at more than `MAX_ENTRIES` entries and so
    left out its most connected entities (counts are lower bounds then), `limit` where members
    stand on other pages. Raises `QueryError` and its kinds, and `Cancelled`. O(entries within
    `depth`), at most `depth` times `MAX_ENTRIES`, but for the entity itself.
    """
    context = SearchContext.of(snapshot)
    row, start, widened = close_entity(context, query.entity, query.predicate)
    begin = read_cursor(query, snapshot.manifest.hash)
    walk = _Walk(snapshot, query, cancel)
    reached, cut = walk.reach(start)
    members = _Members(snapshot, reached)
    page = members.page(begin, query.limit)
    page_read = watched("reading members", page, cancel=cancel, every=FEW)
    negated = walk.negated(row)
    end = begin + len(page)
    complete = begin == 0 and end == len(members) and not cut and len(negated) <= query.limit
    mark = snapshot.manifest.hash
    records = snapshot.records
    return NeighbourhoodResult(
        query=query,
        entity=records.path_entity(row),
        groups=walk.groups(reached),
        neighbours=tuple(_neighbour(snapshot, *member) for member in page_read),
        negated=tuple(map(snapshot.statement, negated[: query.limit])),
        complete=complete,
        truncated_by="hub" if cut else None if complete else "limit",
        total=len(members),
        total_is_exact=not cut,
        cursor=write_cursor(query, mark, end) if end < len(members) else None,
        snapshot=mark,
        groundings=notable([context.named(query.entity, "entity").grounding]),
        closures=closures_of(context, widened, ()),
    )


def _distinct(values: Rows, below: int) -> Rows:
    """Return each value once, sorted; all are less than `below`. O(values) where they are many."""
    if len(values) > below // 32 and below <= MARKED:
        marked = np.zeros(below, np.bool_)
        marked[values] = True
        return np.flatnonzero(marked)
    # numpy's own goes through a hash table, ten times slower.
    ordered = np.sort(values)
    return ordered[np.concatenate(([True], ordered[1:] != ordered[:-1]))[: len(ordered)]]


def _neighbour(snapshot: Snapshot, entity: int, distance: int, statements: list[int]) -> Neighbour:
    return Neighbour(
        entity=snapshot.records.path_entity(entity),
        distance=distance,
        statements=tuple(map(snapshot.statement, statements)),
    )


@dataclass(frozen=True, slots=True)
class _Reached:
    """The statements that reach members, as parallel arrays."""

    member: Rows
    statement: Rows
    distance: NDArray[np.int8]
    forward: Mask


class _Walk:
    """One query's filters over a snapshot."""

    def __init__(
        self, snapshot: Snapshot, query: NeighbourhoodQuery, cancel: Cancel | None
    ) -> None:
        self._cancel = cancel
        schema = snapshot.schema
        self._snapshot = snapshot
        self._index = snapshot.index
        self._query = query
        predicates = {p for text in query.predicate for p in schema.predicates_under(text)}
        categories = {c for text in query.category for c in schema.categories_under(text)}
        admitted = np.array(
            [not query.predicate or p.id in predicates for p in schema.predicates], np.bool_
        )
        self._symmetric = np.array([p.symmetric for p in schema.predicates], np.bool_)
        self._category = np.array(
            [not query.category or c.id in categories for c in schema.categories], np.bool_
        )
        self._context = admitted_statements(snapshot, query.context) if query.context else None
        self._out = admitted & (self._symmetric | (query.direction != "in"))
        self._in = admitted & (self._symmetric | (query.direction != "out"))

    def reach(self, start: NDArray[np.integer]) -> tuple[_Reached, bool]:
        """Return what reaches each member from some rows, and whether a step left entities out."""
        seen = np.zeros(self._index.entities, np.bool_)
        seen[start] = True
        frontier = start.astype(np.int64)
        steps, cut = [], False
        for distance in watched("walking", range(1, self._query.depth + 1), cancel=self._cancel,
                                every=1):  # fmt: skip
            if distance > 1:
                affordable = self._affordable(frontier)
                cut |= len(affordable) < len(frontier)
                frontier = affordable
            member, statement, forward = self._step(frontier, seen)
            frontier = _distinct(member, self._index.entities)
            seen[frontier] = True
            shown = self._category[self._index.category[member]]
            level = np.full(int(shown.sum()), distance, np.int8)
            steps.append((member[shown], statement[shown], level, forward[shown]))
        return _Reached(*map(np.concatenate, zip(*steps, strict=True))), cut

    def groups(self, reached: _Reached) -> tuple[NeighbourGroup, ...]:
        """Count statements and distinct members by predicate and direction, largest first."""
        predicate = self._index.predicate[reached.statement].astype(np.int64)
        mirrored = np.bool_(self._query.direction == "in")
        incoming = np.where(self._symmetric[predicate], mirrored, ~reached.forward)
        kind = predicate * 2 + incoming
        size = self._index.entities
        pairs = _distinct(kind * size + reached.member, (int(kind.max(initial=0)) + 1) * size)
        statements = np.bincount(kind)
        entities = np.bincount(pairs // size)
        sides: tuple[Literal["out", "in"], ...] = ("out", "in")
        found = [
            NeighbourGroup(
                self._snapshot.schema.predicates[code // 2].id,
                sides[code % 2],
                int(statements[code]),
                int(entities[code]),
            )
            for code in np.flatnonzero(statements).tolist()
        ]
        return tuple(sorted(found, key=lambda g: (-g.statements, g.predicate, g.direction)))

    def negated(self, row: int) -> list[int]:
        """Return the rows of admitted statements that deny a relation of the entity, in order."""
        index, first = self._index, self._index.carrying
        subject, obj = index.subject[first:], index.object[first:]
        predicate = index.predicate[first:]
        outward = (subject == row) & self._out[predicate]
        inward = (obj == row) & self._in[predicate]
        other = np.where(subject == row, obj, subject)
        shown = self._category[index.category[other]] & (index.inferred[first:] == 0)
        if self._context is not None:
            shown &= self._context[first:]
        return (np.flatnonzero((outward | inward) & shown) + first).tolist()

    def _step(self, frontier: Rows, seen: Mask) -> tuple[Rows, Rows, Mask]:
        """Return (member, statement, forward) of all admitted entries to unseen entities."""
        index = self._index
        members, statements = [], []
        if self._out.any():
            entry = entries_of(index.out_ptr, frontier)
            entry = entry[self._out[index.predicate[entry]]]
            members.append(index.object[entry].astype(np.int64))
            statements.append(entry)
        if self._in.any():
            entry = entries_of(index.in_ptr, frontier)
            entry = entry[self._in[index.in_pred[entry]]]
            members.append(index.in_nbr[entry].astype(np.int64))
            statements.append(index.in_row[entry].astype(np.int64))
        if not members:
            return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.bool_)
        forward = np.zeros(sum(map(len, members)), np.bool_)
        forward[: len(members[0]) if self._out.any() else 0] = True
        member, statement = np.concatenate(members), np.concatenate(statements)
        new = ~seen[member] & (index.inferred[statement] == 0)
        if self._context is not None:
            new &= self._context[statement]
        return member[new], statement[new], forward[new]

    def _affordable(self, frontier: Rows) -> Rows:
        """Return the entities of a step that can be walked, least connected first if not all."""
        index = self._index
        cost = np.zeros(len(frontier), np.int64)
        for mask, ptr in ((self._out, index.out_ptr), (self._in, index.in_ptr)):
            if mask.any():
                cost += ptr[frontier + 1] - ptr[frontier]
        if cost.sum() <= MAX_ENTRIES:
            return frontier
        order = np.argsort(cost, kind="stable")
        return frontier[order[: np.searchsorted(np.cumsum(cost[order]), MAX_ENTRIES, "right")]]


class _Members:
    """The members of a neighbourhood, best first.

    All is O(statements that reach them): a member's place is looked up, never sorted for.
    """

    def __init__(self, snapshot: Snapshot, reached: _Reached) -> None:
        index = snapshot.index
        entity = _distinct(reached.member, index.entities)
        local = np.empty(index.entities, np.int32)  # only the pages of members are touched
        local[entity] = np.arange(len(entity), dtype=np.int32)
        self._place = local[reached.member]
        self._statement = reached.statement
        distance = np.empty(len(entity), np.int8)
        distance[self._place] = reached.distance
        count = np.bincount(self._place, minlength=len(entity))
        doubt = np.full(len(entity), np.inf, np.float32)
        np.minimum.at(doubt, self._place, index.doubt[reached.statement])
        self._order = np.lexsort((entity, index.degree[entity], doubt, -count, distance))
        self._entity, self._distance, self._count = entity, distance, count

    def __len__(self) -> int:
        return len(self._order)

    def page(self, begin: int, limit: int) -> list[tuple[int, int, list[int]]]:
        """Return (entity, distance, statement rows in order) of up to `limit` members.

        At least one, if any is left; fewer than `limit` where they carry `MAX_STATEMENTS`.
        """
        places = self._order[begin : begin + limit]
        fits = np.searchsorted(np.cumsum(self._count[places]), MAX_STATEMENTS, "right")
        places = places[: max(int(fits), 1)]
        chosen = np.zeros(len(self._order), np.bool_)
        chosen[places] = True
        entries = np.flatnonzero(chosen[self._place])
        rows: dict[int, list[int]] = {place: [] for place in places.tolist()}
        statements = np.sort(self._statement[entries])
        by_row = entries[np.argsort(self._statement[entries])]
        for place, row in zip(self._place[by_row].tolist(), statements.tolist(), strict=True):
            rows[place].append(row)
        return [
            (int(self._entity[place]), int(self._distance[place]), found)
            for place, found in rows.items()
        ]
