"""The arrays of one graph, ready for the kernels, with scratch space for searches side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from mechkg.kg.kernels.packed import pack_scratch
from mechkg.kg.kernels.types import ALL, FAR, LOCAL, MASKED, NONE, SLOT, Scratch, Steps
from mechkg.kg.snapshot.index import Index

__all__ = ["Engine", "Room", "frozen"]

Kind = TypeVar("Kind", bound=np.generic)
Mask = NDArray[np.uint8]

FIRST_POOL: Final = 1 << 16
KEPT_POOL: Final = 1 << 23
"""A pool larger than this (32 MiB) is not kept for the next search."""


def frozen(array: NDArray[Kind]) -> NDArray[Kind]:
    """Return a plain read-only view: one numba type for mapped arrays and those in memory."""
    view = np.asarray(array).view(np.ndarray)
    view.flags.writeable = False
    return view


@dataclass(slots=True)
class Room:
    """What one running search works in: clean scratch and a pool of potential labels (int32).

    `packed` is the scratch as kernels take it (`mechkg.kg.kernels.packed`).
    """

    scratch: Scratch
    pool: NDArray[np.int32]
    packed: NDArray[np.int64]


class Engine:
    """One graph's hot arrays and a stock of room to search in, 32 bytes an entity for each search.

    symmetric and mechanism (uint8 a predicate, 0 or 1) say which predicates are walked both ways,
    and which count where a query names none; `turnable` are those of both. Any number of threads
    may search at once; room is handed back clean and used again.
    """

    def __init__(self, index: Index, symmetric: Mask, mechanism: Mask) -> None:
        self.entities = index.entities
        self.symmetric = symmetric
        self.mechanism = mechanism
        self.turnable = mechanism & symmetric
        self.in_row = frozen(index.in_row)
        self.predicate = frozen(index.predicate)
        self.sign = frozen(index.sign)
        self.doubt = frozen(index.doubt)
        self.inferred = frozen(index.inferred)
        self.category = frozen(index.category)
        self._out = frozen(index.out_ptr), frozen(index.object), self.predicate
        self._in = frozen(index.in_ptr), frozen(index.in_nbr), frozen(index.in_pred)
        self._everything = np.ones(0, np.uint8)
        self._stock: list[Room] = []

    def steps(self, along: Mask | None, against: Mask | None) -> Steps:
        """Return both adjacencies with predicate masks, None for all predicates."""
        everything = self._everything
        ahead = _mode(along)
        return Steps(
            *self._out, *self._in,
            everything if along is None else along,
            everything if against is None else against,
            ahead, ahead if against is along else _mode(against),
            0,
        )

    def entries(self, rows: NDArray[np.int32]) -> int:
        """Return how many entries some entities have in both adjacencies."""
        ptrs = self._out[0], self._in[0]
        return sum(int((ptr[rows + 1] - ptr[rows]).sum()) for ptr in ptrs)

    def borrow(self) -> Room:
        """Return room that no other search uses, clean."""
        try:
            return self._stock.pop()
        except IndexError:
            return _new_room(self.entities)

    def give_back(self, room: Room) -> None:
        """Take room back, clean; that of a failed search is not given back."""
        if len(room.pool) > KEPT_POOL:
            room.pool = np.empty(FIRST_POOL, np.int32)
        self._stock.append(room)


def _new_room(entities: int) -> Room:
    places = np.zeros((7, entities), np.int32)
    places[LOCAL] = places[SLOT] = -1
    scratch = Scratch(
        np.zeros((2, entities), np.uint8), np.full((2, entities), FAR, np.int8), places
    )
    return Room(scratch, np.empty(FIRST_POOL, np.int32), pack_scratch(scratch))


def _mode(mask: Mask | None) -> int:
    admitted = b"\1" if mask is None else mask.tobytes()
    if 0 not in admitted:
        return ALL
    return MASKED if 1 in admitted else NONE
