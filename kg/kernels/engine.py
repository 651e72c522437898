"""The arrays of one graph, ready for the kernels, with scratch space for searches side by side."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from kg.index import Index
from kg.kernels.arrays import ALL, FAR, MASKED, NONE, Scratch, Segment, View

__all__ = ["Engine", "Room", "frozen"]

Array = NDArray[np.generic]

FIRST_POOL: Final = 1 << 16
KEPT_POOL: Final = 1 << 23
"""A pool larger than this (32 MiB) is not kept for the next search."""

_SCRATCH: Final = {
    "role": (np.uint8, 0), "via": (np.uint8, 0), "near": (np.int8, FAR), "far": (np.int8, FAR),
    "local": (np.int32, -1), "slot": (np.int32, -1), "ahead": (np.int32, 0),
    "behind": (np.int32, 0), "queue": (np.int32, 0), "spare": (np.int32, 0),
    "mark": (np.int32, 0),
}


def frozen(array: NDArray[np.generic]) -> NDArray[np.generic]:
    """Return a plain read-only view: one numba type for mapped arrays and those in memory."""
    view = np.asarray(array).view(np.ndarray)
    view.flags.writeable = False
    return view


@dataclass(slots=True)
class Room:
    """What one running search works in: clean scratch and a pool of potential labels (int32)."""

    scratch: Scratch
    pool: NDArray[np.int32]


class Engine:
    """One graph's hot arrays and a stock of room to search in: 32 bytes an entity for each
    running search.

    symmetric and mechanism (uint8 a predicate) say which predicates are walked both ways, and
    which count where a query names none.

    Any number of threads may search at once; room is handed back clean and used again.
    """

    def __init__(
        self, index: Index, symmetric: NDArray[np.uint8], mechanism: NDArray[np.uint8]
    ) -> None:
        self.entities = index.entities
        self.out = tuple(map(frozen, (index.out_ptr, index.object, index.predicate)))
        self.into = tuple(map(frozen, (index.in_ptr, index.in_nbr, index.in_pred)))
        self.symmetric = symmetric
        self.mechanism = mechanism
        self.inferred = frozen(index.inferred)
        self.degree = frozen(index.degree)
        self.in_row = frozen(index.in_row)
        self.category = frozen(index.category)
        self.statement = tuple(map(frozen, (index.predicate, index.sign, index.doubt)))
        self._stock: list[Room] = []

    def views(
        self, along: NDArray[np.uint8] | None, against: NDArray[np.uint8] | None
    ) -> tuple[View, View]:
        """Return how to step forward and backward, given predicate masks (None: all of them)."""
        return (
            View(_segment(self.out, along, 0), _segment(self.into, against, 1)),
            View(_segment(self.into, along, 1), _segment(self.out, against, 0)),
        )

    @contextmanager
    def room(self) -> Iterator[Room]:
        """Lend room that no other search uses; that of a failed search is thrown away."""
        try:
            lent = self._stock.pop()
        except IndexError:
            scratch = Scratch(
                **{name: np.full(self.entities, v, kind) for name, (kind, v) in _SCRATCH.items()}
            )
            lent = Room(scratch, np.empty(FIRST_POOL, np.int32))
        yield lent
        if len(lent.pool) > KEPT_POOL:
            lent.pool = np.empty(FIRST_POOL, np.int32)
        self._stock.append(lent)


_NO_MASK: Final = np.zeros(0, np.uint8)


def _segment(
    adjacency: tuple[Array, ...], mask: NDArray[np.uint8] | None, inward: int
) -> Segment:
    if mask is None:
        return Segment(*adjacency, _NO_MASK, ALL, inward)  # type: ignore[arg-type]
    mode = MASKED if mask.any() else NONE
    if mask.all():
        mode = ALL
    return Segment(*adjacency, mask, mode, inward)  # type: ignore[arg-type]
