"""Rewired graphs: every entity keeps its number of statements of each type, partners are random.

The *type* of a statement is its predicate and the categories of its ends. Within a type, objects
are dealt anew among the statements, each deal equally likely: the configuration model of a directed
multigraph (Newman, Strogatz & Watts 2001), type by type as in hetnets (Himmelstein et al. 2017).
Statements keep subject, predicate, sign and everything else that is said of them. Several may come
to join the same two entities, which then are one hop, and one may join an entity to itself, which
no path takes.

Only what paths between the ends may walk is dealt: partners are drawn when an entity is met,
from those still free (deferred decisions, Motwani & Raghavan 1995), so that a rewired graph costs
what lies about the ends, not what the whole graph holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from mechkg.kg.kernels.engine import Engine, frozen
from mechkg.kg.kernels.packed import pack
from mechkg.kg.kernels.search import Task
from mechkg.kg.kernels.types import ALL, BANNED, NONE, SOURCE, TARGET
from mechkg.kg.snapshot.index import Index, entries_of

__all__ = ["Rewiring", "StatementTypes", "walkable"]

ROUNDS: Final = 8
"""Times that a partner is drawn again where it is taken; then free ones are listed."""

Rows = NDArray[np.int64]
Places = NDArray[np.int32]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class StatementTypes:
    """The statements that a task may walk, by type.

    kind (m, int32) is the type of each statement that can carry a path, -1 for one that the task
    may not walk. Those of type g are rows[ptr[g]:ptr[g+1]] (int64 rows). predicate, subject and
    object (int64) say which predicate and which categories make the type.
    """

    kind: NDArray[np.int32]
    rows: Rows
    ptr: Rows
    predicate: Rows
    subject: Rows
    object: Rows

    @classmethod
    def of(cls, index: Index, task: Task, categories: int, predicates: int) -> StatementTypes:
        """Return the types of what a task may walk; O(statements * log statements)."""
        used = np.flatnonzero(_admitted(index, task, predicates))
        category = np.asarray(index.category).astype(np.int64)
        first, last = np.asarray(index.subject)[used], np.asarray(index.object)[used]
        code = category[first] * predicates + np.asarray(index.predicate)[used]
        code = code * categories + category[last]
        distinct, place, count = np.unique(code, return_inverse=True, return_counts=True)
        kind = np.full(index.carrying, -1, np.int32)
        kind[used] = place.ravel()
        return cls(
            kind=kind,
            rows=used[np.argsort(place.ravel(), kind="stable")],
            ptr=np.concatenate(([0], np.cumsum(count))),
            predicate=distinct // categories % predicates,
            subject=distinct // (categories * predicates),
            object=distinct % categories,
        )


def walkable(task: Task, predicates: int) -> tuple[Mask, Mask]:
    """Return which predicates (code) a task may walk along and against their statements."""
    steps = task.steps
    return (
        _open(steps.along, steps.along_mode, predicates),
        _open(steps.against, steps.against_mode, predicates),
    )


def _open(mask: NDArray[np.uint8], mode: int, predicates: int) -> Mask:
    if mode in (ALL, NONE):
        return np.full(predicates, mode == ALL, np.bool_)
    return mask.astype(np.bool_)


def _admitted(index: Index, task: Task, predicates: int) -> Mask:
    """Return which statements that can carry a path the task may walk at all."""
    along, against = walkable(task, predicates)
    admitted: Mask = (along | against)[np.asarray(index.predicate)[: index.carrying]]
    chosen = task.rules.filter
    if len(chosen.rows):
        admitted &= chosen.rows[: index.carrying] != chosen.hide
    return admitted


class _Deal:
    """Which statement of a type gets the object of which, as far as that was asked.

    `given[r]` is the statement whose object r gets, `taken[q]` the one that gets the object of q,
    -1 where that is open.
    """

    def __init__(self, types: StatementTypes, rng: np.random.Generator) -> None:
        self._types = types
        self._rng = rng
        self.given, self.taken = np.full((2, len(types.kind)), -1, np.int32)
        self._used = np.zeros(len(types.ptr) - 1, np.int64)
        self._size = np.diff(types.ptr)

    def objects(self, rows: Rows) -> None:
        """Deal an object to each of some statements that has none."""
        self._match(rows, self.given, self.taken)

    def subjects(self, rows: Rows) -> None:
        """Deal the object of each of some statements to one that has none."""
        self._match(rows, self.taken, self.given)

    def dealt(self) -> Rows:
        """Return the statements that have an object."""
        return np.flatnonzero(self.given >= 0)

    def _match(self, rows: Rows, mine: Places, theirs: Places) -> None:
        waiting = np.unique(rows[mine[rows] < 0])
        kind = self._types.kind[waiting].astype(np.int64)
        self._used += np.bincount(kind, minlength=len(self._used))
        for _ in range(ROUNDS):
            kind = self._types.kind[waiting].astype(np.int64)
            sparse = 2 * self._used[kind] <= self._size[kind]
            if not sparse.any():
                break
            drawing = waiting[sparse]
            drawn = self._drawn(kind[sparse])
            free = theirs[drawn] < 0
            theirs[drawn[free]] = drawing[free]  # of several that drew one, the last gets it
            won = theirs[drawn] == drawing
            mine[drawing[won]] = drawn[won]
            waiting = waiting[mine[waiting] < 0]
        if len(waiting):
            self._match_all(waiting, mine, theirs)

    def _drawn(self, kind: Rows) -> Rows:
        """Return a random statement of each of some types."""
        places = (self._rng.random(len(kind)) * self._size[kind]).astype(np.int64)
        drawn: Rows = self._types.rows[self._types.ptr[kind] + places]
        return drawn

    def _match_all(self, waiting: Rows, mine: Places, theirs: Places) -> None:
        """Deal from a list of all that are free, in random order."""
        kind = self._types.kind[waiting].astype(np.int64)
        waiting = waiting[np.argsort(kind, kind="stable")]
        kinds, count = np.unique(kind, return_counts=True)
        every = self._types.rows[entries_of(self._types.ptr, kinds)]
        free = every[theirs[every] < 0]
        of_kind = self._types.kind[free]
        order = np.lexsort((self._rng.random(len(free)), of_kind))
        first = np.searchsorted(of_kind[order], kinds)
        chosen = free[order[np.repeat(first - (np.cumsum(count) - count), count)
                            + np.arange(len(waiting))]]  # fmt: skip
        mine[waiting] = chosen
        theirs[chosen] = waiting


class Rewiring:
    """Draws rewired graphs about the ends of a task, each as a task of its own."""

    def __init__(
        self, index: Index, engine: Engine, task: Task, types: StatementTypes, predicates: int
    ) -> None:
        self._index = index
        self._task = task
        self._types = types
        along, against = walkable(task, predicates)
        predicate = np.asarray(index.predicate)[: index.carrying]
        used = types.kind >= 0
        self._along, self._against = used & along[predicate], used & against[predicate]
        self._columns = _Columns.of(engine, task)
        self._kept_out = np.zeros(index.entities, np.uint8)
        self._kept_out[task.sources] = SOURCE
        self._kept_out[task.targets] = TARGET
        self._kept_out[task.banned] = BANNED
        classes = task.rules.filter.classes
        if len(classes):
            self._kept_out[classes[np.asarray(index.category)] == 0] = BANNED

    def draw(self, rng: np.random.Generator) -> Task:
        """Return the same task over a rewired graph.

        O(statements about the ends, `max_hops` / 2 steps deep, + entities), the former with a
        logarithm. It holds no other statements.
        """
        deal = _Deal(self._types, rng)
        near = _Front(self, deal, self._task.sources.astype(np.int64), self._along, self._against)
        far = _Front(self, deal, self._task.targets.astype(np.int64), self._against, self._along)
        for _ in range(self._task.max_hops):
            (near if near.cost <= far.cost else far).advance()
        rows = deal.dealt()
        return self._rewired(rows, deal.given[rows])

    @property
    def may_lie_between(self) -> Mask:
        """Which entities (row) may lie between the ends of a path."""
        free: Mask = self._kept_out == 0
        return free

    def entries(self, entities: Rows, *, of_subject: bool) -> Rows:
        """Return the statements that some entities are subject of, or object of."""
        index = self._index
        if of_subject:
            return entries_of(np.asarray(index.out_ptr), entities)
        return np.asarray(index.in_row)[entries_of(np.asarray(index.in_ptr), entities)].astype(
            np.int64
        )

    def ends(self, rows: Places, *, subject: bool) -> Rows:
        """Return the subjects or the objects of statements that may lie between the ends."""
        column = self._index.subject if subject else self._index.object
        met = np.unique(np.asarray(column)[rows].astype(np.int64))
        found: Rows = met[self._kept_out[met] == 0]
        return found

    def _rewired(self, rows: Rows, of: Places) -> Task:
        """Return the task over some statements, each with the object of another."""
        subject = np.asarray(self._index.subject)[rows]
        obj = np.asarray(self._index.object)[of]
        predicate = np.asarray(self._index.predicate)[rows]
        ahead = np.lexsort((obj, predicate, subject))
        rows, subject, obj, predicate = rows[ahead], subject[ahead], obj[ahead], predicate[ahead]
        back = np.lexsort((subject, predicate, obj))
        n, task = self._index.entities, self._task
        steps = task.steps._replace(
            out_ptr=_ptr(subject, n), out_nbr=frozen(obj), out_pred=frozen(predicate),
            in_ptr=_ptr(obj, n), in_nbr=frozen(subject[back]), in_pred=frozen(predicate[back]),
        )  # fmt: skip
        rules = task.rules._replace(
            filter=task.rules.filter._replace(
                in_row=frozen(back.astype(np.int32)), rows=np.empty(0, np.uint8)
            ),
            columns=task.rules.columns._replace(
                predicate=frozen(predicate), sign=self._columns.sign[rows],
                doubt=self._columns.doubt[rows],
            ),
            transitions=task.rules.transitions._replace(kind=self._columns.kind_of(rows)),
        )  # fmt: skip
        return msgspec.structs.replace(task, steps=steps, rules=rules, packed=pack(steps, rules))


def _ptr(rows: NDArray[np.int32], entities: int) -> Rows:
    return np.concatenate(([0], np.cumsum(np.bincount(rows, minlength=entities))))


@dataclass(frozen=True, slots=True)
class _Columns:
    """What a task knows of each statement beside its ends and its predicate."""

    sign: NDArray[np.int8]
    doubt: NDArray[np.float32]
    kind: NDArray[np.uint16]

    @classmethod
    def of(cls, engine: Engine, task: Task) -> _Columns:
        columns = task.rules.columns
        sign = columns.sign if len(columns.sign) else engine.sign
        return cls(sign, columns.doubt, task.rules.transitions.kind)

    def kind_of(self, rows: Rows) -> NDArray[np.uint16]:
        """Return the kinds of some statements; none where predicates decide."""
        return self.kind[rows] if len(self.kind) else self.kind


class _Front:
    """How far a rewired graph is dealt from one side: the entities that were met last.

    `out` says which statements are walked from their subject on from this side, `back` which from
    their object.
    """

    def __init__(
        self, rewiring: Rewiring, deal: _Deal, entities: Rows, out: Mask, back: Mask
    ) -> None:
        self._rewiring = rewiring
        self._deal = deal
        self._out = out
        self._back = back
        self._met = entities
        self._meet(entities)

    @property
    def cost(self) -> int:
        """How many statements the next step deals."""
        return len(self._ahead) + len(self._behind)

    def _meet(self, entities: Rows) -> None:
        ahead = self._rewiring.entries(entities, of_subject=True)
        behind = self._rewiring.entries(entities, of_subject=False)
        self._ahead, self._behind = ahead[self._out[ahead]], behind[self._back[behind]]

    def advance(self) -> None:
        """Deal all statements of the entities met last, and meet those at their other ends."""
        self._deal.objects(self._ahead)
        self._deal.subjects(self._behind)
        heads = self._rewiring.ends(self._deal.given[self._ahead], subject=False)
        tails = self._rewiring.ends(self._deal.taken[self._behind], subject=True)
        fresh = np.setdiff1d(np.union1d(heads, tails), self._met)
        self._met = np.union1d(self._met, fresh)
        self._meet(fresh)
