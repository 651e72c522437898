"""A path query in numbers, and what a search over it gives back.

A `Task` holds what a query admits as rows, masks and costs; `Prepared` lends it clean scratch.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

from mechkg.kg.kernels.count_walks import View
from mechkg.kg.kernels.engine import Engine, Room
from mechkg.kg.kernels.types import BANNED, SOURCE, TARGET, Rules, Segment, Steps, Watch

__all__ = ["Answer", "Prepared", "Rows", "Task", "views_of", "watch_for"]

Rows = NDArray[np.int32]


class Task(msgspec.Struct, frozen=True):
    """A path query in rows and masks.

    sources, targets: distinct int32 rows, in ascending order; banned: rows that no path may touch;
    via: one array of rows for each via set (at most 8; those that categories bring stand in
    `rules.class_via`), `sets` = 2 ** (number of via sets); packed: steps and rules as kernels
    take them (`mechkg.kg.kernels.packed`).
    """

    steps: Steps
    rules: Rules
    sources: Rows
    targets: Rows
    max_hops: int
    banned: Rows
    packed: NDArray[np.int64]
    via: tuple[Rows, ...] = ()
    sets: int = 1


@dataclass(frozen=True, slots=True)
class Answer:
    """Paths in order: nodes (k, hops+1; int32, -1 padded) and keys (k, int64).

    `bound` is None where these are proven to be the best, else the least key that any other path
    can have; paths with a key above it may be beaten. `exact` says that `total` is, not only a
    lower bound. counts (4, int64: paths of no direction, raising, lowering, unknown) cover all
    paths where they sum up to an exact total.
    """

    nodes: NDArray[np.int32]
    keys: NDArray[np.int64]
    bound: int | None
    counts: NDArray[np.int64]
    exact: bool

    @property
    def total(self) -> int:
        """The number of paths known of, all there are where `exact`."""
        return max(int(self.counts.sum()), len(self.keys))


def watch_for(seconds: float, flag: NDArray[np.uint8] | None = None) -> Watch:
    """Return a watch that stops a kernel after some time or when `flag[0]` is set."""
    deadline = time.monotonic_ns() + int(seconds * 1e9)
    flag = np.zeros(1, np.uint8) if flag is None else flag
    return Watch(flag, deadline, np.zeros(2, np.int64))


class Prepared:
    """Room of an engine in which a task's roles and via bits are set; clean again after.

    Room of a search that failed is thrown away.
    """

    __slots__ = ("_engine", "_room", "_task")

    def __init__(self, engine: Engine, task: Task) -> None:
        self._engine = engine
        self._task = task

    def __enter__(self) -> Room:
        task, room = self._task, self._engine.borrow()
        role, via = room.scratch.marks
        if len(task.banned):
            role[task.banned] = BANNED
        role[task.sources] |= SOURCE
        role[task.targets] |= TARGET
        for bit, rows in enumerate(task.via):
            via[rows] |= np.uint8(1 << bit)
        self._room = room
        return room

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            return
        task, room = self._task, self._room
        role, via = room.scratch.marks
        for rows in (task.banned, task.sources, task.targets):
            if len(rows):
                role[rows] = 0
        for rows in task.via:
            via[rows] = 0
        self._engine.give_back(room)


def views_of(task: Task) -> tuple[View, View]:
    """Return how a task steps forward from the sources and backward from the targets."""
    s = task.steps
    out, into = (s.out_ptr, s.out_nbr, s.out_pred), (s.in_ptr, s.in_nbr, s.in_pred)
    along, against = (s.along, s.along_mode), (s.against, s.against_mode)
    return (
        View(Segment(*out, *along, 0), Segment(*into, *against, 1)),
        View(Segment(*into, *along, 1), Segment(*out, *against, 0)),
    )
