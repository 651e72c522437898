"""The best paths over an engine: fetch in batches, search what is known, stop once it is proven.

Each round labels the known part of the graph from both sides, finds the k best of its paths with
the kernels, and bounds what paths through unknown statements can cost (`kg.engine.bound`). Where
that bound is above the k-th key, these are the k best of the whole graph, ties included; else the
cheapest batch that can raise it is fetched. A hub is fetched only where no proof can do without.

Only the statements on walks that may be among the k best are searched, and only the entities of
an answer get names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise, product
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from mechkg.kg.engine.bare_part import Triples, bare_part
from mechkg.kg.engine.bound import (
    FAR,
    Arcs,
    Ends,
    Front,
    behind_of,
    frontier,
    labels,
    lower_bound,
    plan,
    through,
)
from mechkg.kg.engine.contract import (
    BudgetSpent,
    Degree,
    EngineRefusal,
    GraphEngine,
    Meter,
)
from mechkg.kg.engine.known import UNKNOWN, Known
from mechkg.kg.engine.part import part_of
from mechkg.kg.engine.question import EngineQuery
from mechkg.kg.errors import EngineError
from mechkg.kg.kernels.search import search, watch_for
from mechkg.kg.kernels.types import LENGTHS
from mechkg.kg.model.schema import Predicate, Schema
from mechkg.kg.model.values import Entity, Statement
from mechkg.kg.progress import Cancel
from mechkg.kg.ranking import scorer
from mechkg.kg.ranking.costs import Costs, costs_of
from mechkg.kg.ranking.weights import reweighted
from mechkg.kg.search.compile_query import compile_query
from mechkg.kg.search.context import SearchContext
from mechkg.kg.snapshot.index import Index
from mechkg.kg.snapshot.snapshot import Snapshot

__all__ = ["Outcome", "PathSearch"]

NOTHING: Final = int(FAR * LENGTHS)
"""A key that no path has."""

FIRST: Final = 3_000
"""Statements of both ends together that are fetched at once, without weighing one against both."""

MANY: Final = 400
"""Statements that are searched first, those of the least walks; more where they do not suffice."""

LEAST_SECONDS: Final = 0.05
"""Seconds that a search of what is known has in any case."""

GUESS: Final = 50
"""Statements that an entity of unknown degree is taken to have when batches are weighed."""

Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The best known paths (CURIEs) with their keys, and how far they are proven.

    Paths of a key below `bound` are proven to be the best; all are where it is None. `exhausted`
    says that there are no others. `statements` join their entities, `degree` has the degree of
    each, `entities` are those whose names are known. `reason` says what ended the search before
    it was done, `unfetched` who was not fetched.
    """

    paths: tuple[tuple[str, ...], ...]
    keys: tuple[int, ...]
    bound: int | None
    exhausted: bool
    statements: tuple[Statement, ...] = ()
    entities: tuple[Entity, ...] = ()
    degree: Mapping[str, int] = field(default_factory=dict)
    reason: str = ""
    unfetched: tuple[str, ...] = ()


@dataclass(slots=True)
class _Look:
    """What one look at the known part says: its labels, its best paths, and the bound."""

    arcs: Arcs
    origin: Rows
    front: Front
    through: Rows
    bound: int
    paths: list[tuple[str, ...]] = field(default_factory=list)
    keys: list[int] = field(default_factory=list)

    def upper(self, k: int) -> int | None:
        """Return the k-th key, None where there are fewer paths."""
        return self.keys[k - 1] if len(self.keys) >= k else None


class PathSearch:
    """One search for the `k` best paths of a query, and some more for its verdict.

    `extra` is how many are kept beside: those after the k-th are known paths, not proven ones.
    """

    def __init__(
        self,
        engine: GraphEngine,
        question: EngineQuery,
        meter: Meter,
        *,
        k: int,
        extra: int,
        table: Mapping[str, Degree] | None,
        cancel: Cancel | None = None,
    ) -> None:
        self._engine, self._question, self._meter, self._cancel = engine, question, meter, cancel
        self._k, self._extra = k, max(k, extra)
        self._known = Known(engine.schema, table)
        self._sources = self._known.rows(question.sources)
        self._targets = self._known.rows(question.targets)
        self._others = self._known.rows(question.others)
        self._entities: dict[str, Entity] = {}
        self._upper: int | None = None
        self._counts = True
        self._refusal = ""
        weights = question.query.weights
        chosen = scorer(question.query.scorer)
        self._scorer = reweighted(chosen, weights) if weights else chosen

    def run(self) -> Outcome:
        """Fetch until the paths are proven, nothing more helps or the budget is spent.

        Raises `EngineError` where the engine fails before anything is known, and `Cancelled`.
        """
        try:
            while True:
                if self._cancel is not None:
                    self._cancel.check()
                look = self._labelled()
                goal = self._goal(look)
                if look.bound >= NOTHING or (goal is not None and look.bound > goal):
                    look = self._solved(look)
                    if self._is_proven(look):
                        return self._outcome(look, "")
                    goal = look.upper(self._k)
                if not self._fetch_next(look, goal):
                    reason = self._refusal or "What is left cannot be fetched."
                    break
        except BudgetSpent as error:
            reason = str(error)
        except EngineError as error:
            if len(self._known.statements.subject) == 0:
                raise
            reason = str(error)
        return self._outcome(self._last_look(), reason)

    def _is_proven(self, look: _Look) -> bool:
        """Say whether no path with an unknown hop is among the k best."""
        upper = look.upper(self._k)
        return look.bound >= NOTHING or (upper is not None and look.bound > upper)

    def _goal(self, look: _Look) -> int | None:
        """Return the k-th key of known paths, a guess where they were not searched yet.

        None where too few walks are known. A guess decides what is fetched and when to search,
        never what is proven.
        """
        if self._upper is not None:
            return self._upper
        reached = _reached(look)
        return int(reached[self._k]) if len(reached) > self._k else None

    # -- looking at what is known -----------------------------------------------------------

    def _solved(self, look: _Look) -> _Look:
        """Return a look with the best known paths; the k-th key is exact.

        Only statements on walks of a key up to some limit are searched. All paths of such a key
        lie in them, so the k-th best is exact where its key is not above the limit.
        """
        reached = _reached(look)
        if not len(reached):
            return look
        limit = self._upper or int(reached[min(len(reached), MANY) - 1])
        while True:
            look = self._searched(look, limit)
            reached = _reached(look)  # costs may have grown
            upper = look.upper(self._k)
            if upper is not None and upper <= limit:
                self._upper = upper
                return look
            if upper is None and limit >= reached[-1]:
                return look
            limit = upper or self._next_limit(limit, reached)

    def _last_look(self) -> _Look:
        """Return what is known once nothing more can be fetched.

        Paths over entities that were not counted have no score: they are left out, and the bound
        is lowered to the least that they may cost.
        """
        self._counts = False
        look = self._labelled()
        try:
            look = self._solved(look)
        except BudgetSpent:
            look.paths, look.keys, look.bound = [], [], 0
        degree = self._known.degree
        whole = [bool((degree[self._known.rows(path[1:-1])] >= 0).all()) for path in look.paths]
        open_keys = [key for key, counted in zip(look.keys, whole, strict=True) if not counted]
        look.bound = min([look.bound, *open_keys])
        look.paths = [path for path, counted in zip(look.paths, whole, strict=True) if counted]
        look.keys = [key for key, counted in zip(look.keys, whole, strict=True) if counted]
        return look

    def _next_limit(self, limit: int, reached: Rows) -> int:
        """Return the key up to which four times as many statements lie."""
        count = int(np.searchsorted(reached, limit, side="right"))
        return int(reached[min(len(reached), 4 * count + 1) - 1])

    def _labelled(self) -> _Look:
        known, hops = self._known, self._question.query.max_hops
        costs = self._costs()
        arcs, origin = self._arcs(costs)
        ends = self._ends()
        cost = costs.entity.astype(np.int64)
        ahead, behind = labels(arcs, ends, cost, hops), behind_of(arcs, ends, cost, hops)
        least = costs.hop + costs.doubt_units(self._engine.least_doubt)
        front = frontier(ahead, behind, ends, (known.outward, known.inward), least)
        return _Look(arcs, origin, front, through(arcs, ahead, behind), lower_bound(front))

    def _degree(self) -> Rows:
        """Return the degree of each entity, at least its known statements where not counted."""
        known = self._known
        met = np.bincount(known.statements.subject, minlength=len(known))
        met += np.bincount(known.statements.object, minlength=len(known))
        return np.where(known.degree == UNKNOWN, met, known.degree)

    def _costs(self) -> Costs:
        """Return what the scorer charges; an entity that is not counted, the least it may cost."""
        return costs_of(_degrees_alone(self._degree()), self._engine.schema, self._scorer)

    def _ends(self) -> Ends:
        source = np.zeros(len(self._known), np.bool_)
        target = source.copy()
        source[self._sources], target[self._targets] = True, True
        return Ends(source, target)

    def _arcs(self, costs: Costs) -> tuple[Arcs, Rows]:
        """Return the steps that the query may take, and the statement (position) of each."""
        known = self._known
        subject, predicate, obj, doubt = known.statements
        along, against = self._question.walked(self._engine.schema, known.predicates)
        toll = np.zeros(len(known.predicates), np.int64)
        toll[: len(costs.toll)] = costs.toll
        units = np.floor(costs.doubt * doubt.astype(np.float64) + 0.5).astype(np.int64)
        units += costs.hop + toll[predicate]
        ahead, back = np.flatnonzero(along[predicate]), np.flatnonzero(against[predicate])
        origin = np.concatenate([ahead, back])
        tail = np.concatenate([subject[ahead], obj[back]])
        head = np.concatenate([obj[ahead], subject[back]])
        return Arcs(tail, head, units[origin]), origin

    # -- searching what is known ------------------------------------------------------------

    def _searched(self, look: _Look, limit: int) -> _Look:
        """Return a look with the best paths among walks of a key up to `limit`.

        The entities between their ends are counted; that may raise costs, so it looks again then.
        """
        while True:
            chosen = np.unique(look.origin[look.through <= limit])
            with self._part(chosen) as part:
                look.paths, look.keys = self._ranked(part)
            uncounted = self._uncounted(look)
            if not len(uncounted) or not self._counts:
                return look
            self._count(self._filled(uncounted, look, limit))
            look = self._labelled()

    @contextmanager
    def _part(self, chosen: Rows) -> Iterator[Snapshot]:
        """Give a snapshot of some known statements (positions) and the entities of the query."""
        known, statements = self._known, self._known.statements
        ends = self._sources, self._targets, self._others
        rows = np.unique(
            np.concatenate([statements.subject[chosen], statements.object[chosen], *ends])
        )
        rows = np.array(sorted(rows.tolist(), key=known.ids.__getitem__), np.int64)
        ids, degree = [known.ids[row] for row in rows.tolist()], self._degree()[rows]
        entities = self._described(ids)
        if self._engine.is_bare:
            place = np.zeros(len(known), np.int64)
            place[rows] = np.arange(len(rows))
            triples = Triples(
                place[statements.subject[chosen]],
                statements.predicate[chosen],
                place[statements.object[chosen]],
                statements.doubt[chosen],
            )
            yield bare_part(self._schema(), entities, triples, degree)
            return
        content, met = known.content(chosen), dict(zip(ids, degree.tolist(), strict=True))
        with part_of(self._engine.name, self._engine.schema, entities, content, met) as part:
            yield part

    def _schema(self) -> Schema:
        """Return the schema with a bare predicate for each code that it has none for."""
        schema = self._engine.schema
        added = self._known.predicates[len(schema.predicates) :]
        bare = tuple(Predicate(id=name, label=name) for name in added)
        return msgspec.structs.replace(schema, predicates=schema.predicates + bare)

    def _described(self, ids: Sequence[str]) -> list[Entity]:
        """Return entities with their categories where the query depends on them."""
        if not self._question.needs_categories:
            return [Entity(id=curie, name=curie) for curie in ids]
        missing = [curie for curie in ids if curie not in self._entities]
        size = max(1, self._engine.limits.names)
        for start in range(0, len(missing), size):
            batch = missing[start : start + size]
            for entity in self._engine.entities(batch, self._meter):
                self._entities[entity.id] = entity
        return [self._entities[curie] for curie in ids]

    def _ranked(self, part: Snapshot) -> tuple[list[tuple[str, ...]], list[int]]:
        """Return the best paths of a part, by CURIE, and their keys."""
        context, query = SearchContext.of(part), self._question.query
        task = compile_query(context, query, context.costs(query.scorer, query.weights))
        watch = watch_for(max(self._meter.remaining, LEAST_SECONDS))
        answer = search(context.engine, task, self._extra, watch)
        if answer.bound is not None:
            raise BudgetSpent("The known part of the graph could not be searched in time.")
        curie = part.records.curie
        paths = [
            tuple([curie(row) for row in nodes if row >= 0]) for nodes in answer.nodes.tolist()
        ]
        return paths, answer.keys.tolist()

    def _uncounted(self, look: _Look) -> Rows:
        """Return the entities between the ends of the k best paths whose degree is not known."""
        inner = [curie for path in look.paths[: self._k] for curie in path[1:-1]]
        rows = np.unique(self._known.rows(inner))
        return np.compress(self._known.degree[rows] == UNKNOWN, rows)

    def _filled(self, rows: Rows, look: _Look, limit: int) -> Rows:
        """Return entities to count: some that must be, and those of the least walks beside."""
        order = np.argsort(look.through, kind="stable")
        order = order[look.through[order] <= max(limit, int(look.bound))]
        near = np.stack([look.arcs.tail[order], look.arcs.head[order]], axis=1).ravel()
        near = near[self._known.degree[near] == UNKNOWN]
        joined = np.concatenate([rows, near])
        _, first = np.unique(joined, return_index=True)
        size = max(1, self._engine.limits.counts)
        count = max(size, len(rows))
        return joined[np.sort(first)][:count]

    def _count(self, rows: Rows) -> None:
        size = max(1, self._engine.limits.counts)
        for start in range(0, len(rows), size):
            batch = rows[start : start + size]
            ids = [self._known.ids[row] for row in batch.tolist()]
            self._known.count(batch, self._engine.degrees(ids, self._meter))

    # -- fetching ---------------------------------------------------------------------------

    def _fetch_next(self, look: _Look, goal: int | None) -> bool:
        """Fetch the batch that helps most; False where there is none that can be fetched."""
        known = self._known
        both = self._question.walks_both or bool(
            self._question.walked(self._engine.schema, known.predicates)[1].any()
        )
        self._count_ends()
        chosen = self._first(both) if not known.outward.any() and not known.inward.any() else None
        if chosen is None:
            weights = self._weights(both=both)
            planned = plan(look.front, weights, goal, both=both)
            chosen = self._batch(planned, weights, both=both)
        if chosen is None:
            return False
        outward, inward = chosen
        uncounted = np.unique(np.concatenate([outward, inward]))
        uncounted = uncounted[known.degree[uncounted] == UNKNOWN]
        if len(uncounted):
            self._count(self._filled(uncounted, look, look.bound))
            return True
        self._expand(outward, inward)
        return True

    def _count_ends(self) -> None:
        ends = np.unique(np.concatenate([self._sources, self._targets]))
        ends = ends[self._known.degree[ends] == UNKNOWN]
        if len(ends):
            self._count(ends)

    def _first(self, both: bool) -> tuple[Rows, Rows] | None:
        """Return the ends themselves where they have few statements."""
        weights = self._weights(both=both)
        total = weights[0][self._sources].sum() + weights[1][self._targets].sum()
        if total > FIRST or len(self._sources) + len(self._targets) > self._engine.limits.entities:
            return None
        if both:
            joined = np.unique(np.concatenate([self._sources, self._targets]))
            return joined, joined
        return self._sources, self._targets

    def _weights(self, *, both: bool) -> tuple[Rows, Rows]:
        """Return what expanding an entity outward and inward costs, in statements."""
        degrees = np.where(self._known.degrees == UNKNOWN, GUESS, self._known.degrees)
        outward, inward = degrees[:, 0].copy(), degrees[:, 1].copy()
        if both:
            outward = inward = outward + inward
        most = self._engine.limits.max_rows
        if most is not None:
            outward = np.where(outward > most, FAR, outward)
            inward = np.where(inward > most, FAR, inward)
        blocked = self._known.refused
        return np.where(blocked, FAR, outward + 1), np.where(blocked, FAR, inward + 1)

    def _batch(
        self, planned: tuple[Rows, Rows], weights: tuple[Rows, Rows], *, both: bool
    ) -> tuple[Rows, Rows] | None:
        """Return the first of a plan that fit one request, None where there are none."""
        limits = self._engine.limits
        picked: list[list[int]] = [[], []]
        rows = entities = 0
        queues = [
            [row for row in part.tolist() if weight[row] < FAR]
            for part, weight in zip(planned, weights, strict=True)
        ]
        sides = (0,) if both else (0, 1)
        for side in sides:
            for row in queues[side]:
                weight = int(weights[side][row])
                if entities and (entities >= limits.entities or rows + weight > limits.rows):
                    break
                picked[side].append(row)
                rows, entities = rows + weight, entities + 1
        if not entities:
            return None
        outward, inward = (np.array(part, np.int64) for part in picked)
        return (outward, outward) if both else (outward, inward)

    def _expand(self, outward: Rows, inward: Rows) -> None:
        """Fetch the statements of some entities; where that is refused, of half of them."""
        known = self._known
        try:
            found = self._engine.expand(
                [known.ids[row] for row in outward.tolist()],
                [known.ids[row] for row in inward.tolist()],
                self._question.predicates,
                self._meter,
            )
            if self._question.predicates is None:
                self._check_rows(len(found.outward.subject), outward, 0)
                self._check_rows(len(found.inward.subject), inward, 1)
        except EngineRefusal as error:
            self._halve(outward, inward, error)
            return
        known.add(found, outward, inward)

    def _halve(self, outward: Rows, inward: Rows, error: EngineRefusal) -> None:
        rows = np.unique(np.concatenate([outward, inward]))
        if len(rows) == 1:
            self._known.refused[rows] = True
            self._refusal = str(error)
            return
        for part in np.array_split(rows, 2):
            self._expand(outward[np.isin(outward, part)], inward[np.isin(inward, part)])

    def _check_rows(self, count: int, rows: Rows, side: int) -> None:
        """Refuse an answer that has not as many statements as the degrees say."""
        wanted = int(self._known.degrees[rows, side].sum())
        if count != wanted:
            raise EngineRefusal(
                f"An answer of {self._engine.name} has {count:,} statements where its counts say "
                f"{wanted:,}."
            )

    # -- the outcome ------------------------------------------------------------------------

    def _outcome(self, look: _Look, reason: str) -> Outcome:
        """Return the paths of a look with the statements that join their entities."""
        known = self._known
        counted = set(np.flatnonzero(known.degree != UNKNOWN).tolist())
        kept = [
            place
            for place, path in enumerate(look.paths)
            if place < self._k or counted.issuperset(known.rows(path[1:-1]).tolist())
        ]
        paths = tuple([look.paths[place] for place in kept])
        chosen = self._between(paths)
        rows = np.unique(known.rows(curie for path in paths for curie in path))
        ends = np.concatenate([self._sources, self._targets])
        rows = np.union1d(rows, ends[known.degree[ends] != UNKNOWN])
        degrees = np.maximum(known.degree[rows], 0).tolist()
        return Outcome(
            paths=paths,
            keys=tuple([look.keys[place] for place in kept]),
            bound=look.bound if reason else None,
            exhausted=not reason and look.bound >= NOTHING and len(look.keys) < self._k,
            statements=tuple(known.content(chosen)),
            entities=tuple(self._entities.values()),
            degree={known.ids[row]: d for row, d in zip(rows.tolist(), degrees, strict=True)},
            reason=reason,
            unfetched=tuple([known.ids[row] for row in np.flatnonzero(known.refused).tolist()]),
        )

    def _between(self, paths: Sequence[Sequence[str]]) -> Rows:
        """Return the known statements (positions) of the hops of paths, and between the ends."""
        known, statements = self._known, self._known.statements
        size = len(known)
        pairs = np.array(
            [pair for path in paths for pair in pairwise(known.rows(path).tolist())]
            + list(product(self._sources.tolist(), self._targets.tolist())),
            np.int64,
        ).reshape(-1, 2)
        codes = np.concatenate([pairs[:, 0] * size + pairs[:, 1], pairs[:, 1] * size + pairs[:, 0]])
        return np.flatnonzero(np.isin(statements.subject * size + statements.object, codes))


def _reached(look: _Look) -> Rows:
    """Return the keys of the statements that lie on a known walk, ascending."""
    return np.sort(look.through[look.through < NOTHING])


def _degrees_alone(degree: Rows) -> Index:
    """Return an index that has degrees and nothing else: what scorers weigh entities by."""
    none = np.zeros(0, np.int32)
    code, flag = np.zeros(0, np.uint16), np.zeros(0, np.uint8)
    ptr = np.zeros(len(degree) + 1, np.int64)
    return Index(
        out_ptr=ptr, in_ptr=ptr, in_row=none, in_nbr=none, in_pred=code, subject=none,
        predicate=code, object=none, sign=np.zeros(0, np.int8), doubt=np.zeros(0, np.float32),
        inferred=flag, semantics=code, category=code, degree=degree.astype(np.int32),
    )  # fmt: skip
