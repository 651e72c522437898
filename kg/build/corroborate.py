"""Corroborate statements: how many other ways of three steps join the two ends of each.

What a real statement joins is linked to each other in other ways, too. The score of a statement of
u and v is the degree-weighted number of routes u-x-y-v, each route counting 1 / sqrt(neighbours of
x * neighbours of y) (L3, Kovacs et al. 2019, Nat Commun 10:1240). Routes are walked both ways over
any relation but those of taxonomy, identity and mapping. `routes` counts routes that share no
entity with each other, at most `MAX_ROUTES`, taken as they come in the order of rows; none can be
added, so that they are at least half as many as can be. No route leads through u or v, so none
rests on the statement itself or on one beside it. An entity of more than `MOST_NEIGHBOURS` lies on
no route: it is linked to everything, and leaving it out bounds the work by that many steps a
statement.

Where the work exceeds `MOST_WORK`, a share of the hops x-y is left out by a hash of their ends. The
score is then an estimate, and the routes that are found are fewer. How far scores are off on
average is measured on a sample of statements that is looked at in full.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mechkg.kg.build.corroboration_kernels import (
    Ends,
    Found,
    Near,
    Room,
    corroborate_range,
    count_neighbours,
    fill_neighbours,
)
from mechkg.kg.kernels.engine import frozen
from mechkg.kg.model.load_report import CorroborationMethod
from mechkg.kg.model.values import MAX_ROUTES
from mechkg.kg.snapshot.corroboration import Corroborations
from mechkg.kg.snapshot.index import Index

__all__ = ["MOST_NEIGHBOURS", "MOST_WORK", "corroborate"]

MOST_NEIGHBOURS: Final = 300
"""Neighbours of an entity that lies on a route, at most."""

MOST_WORK: Final = 20_000_000_000
"""Steps that are taken, at most: some minutes."""

CONTROLS: Final = 2_000
"""Statements whose sampled score is compared with the whole one."""

ENTITIES_AT_ONCE: Final = 1 << 14
"""Entities between two reports."""


def corroborate(
    index: Index,
    counted: NDArray[np.bool_],
    *,
    most_neighbours: int = MOST_NEIGHBOURS,
    most_work: int = MOST_WORK,
    report: Callable[[int], None] = lambda _done: None,
) -> Corroborations:
    """Corroborate all statements of a graph that can carry a path.

    Parameters
    ----------
    index : Index
        The graph.
    counted : (statements that can carry a path,) bool
        Those that routes are made of.
    most_neighbours, most_work : int
        See the module.
    report : callable
        Gets how many entities are done; what it raises ends the work.

    Returns
    -------
    Corroborations
        The same whatever the order in which the graph was read. O(300 * statements) steps, at most
        `most_work` by hops x-y that are looked at; 8 bytes a statement and 60 an entity.
    """
    ends = Ends(
        frozen(index.out_ptr), frozen(index.object), frozen(index.in_ptr), frozen(index.in_nbr),
        frozen(index.in_row),
    )  # fmt: skip
    near, work = _near(ends, counted.view(np.uint8), most_neighbours)
    mask = 0
    while work > most_work * (mask + 1):
        mask = 2 * mask + 1
    found = _found(index.carrying, np.ones(index.carrying, np.uint8))
    _run(ends, near, mask, found, report)
    method = CorroborationMethod(
        most_neighbours=most_neighbours, share=1 / (mask + 1), error=_error(ends, near, mask, found)
    )
    return Corroborations(found.routes, found.score, method)


def _near(ends: Ends, counted: NDArray[np.uint8], most: int) -> tuple[Near, int]:
    """Return the neighbours that routes lead through, and how many two-step routes there are."""
    entities = len(ends.out_ptr) - 1
    degree = np.zeros(entities, np.int32)
    count_neighbours(*ends, counted, np.full(entities, -1, np.int32), degree)
    ptr = np.zeros(entities + 1, np.int64)
    np.cumsum(degree, out=ptr[1:])
    of = np.empty(int(ptr[-1]), np.int32)
    total = fill_neighbours(*ends, counted, degree, most, np.full(entities, -1, np.int32), ptr, of)
    through = np.where(degree <= most, degree, 0)
    weight = 1.0 / np.sqrt(np.maximum(degree, 1))
    return Near(ptr, of[:total], weight), int(through @ np.diff(ptr))


def _found(statements: int, wanted: NDArray[np.uint8]) -> Found:
    return Found(wanted, np.zeros(statements, np.uint8), np.zeros(statements, np.float32))


def _run(ends: Ends, near: Near, mask: int, found: Found, report: Callable[[int], None]) -> None:
    entities = len(near.weight)
    room = Room.of(entities)
    for begin in range(0, entities, ENTITIES_AT_ONCE):
        report(begin)
        end = min(begin + ENTITIES_AT_ONCE, entities)
        corroborate_range(
            *ends,
            found.wanted,
            *near,
            *room,
            begin,
            end,
            mask,
            MAX_ROUTES,
            found.routes,
            found.score,
        )


def _error(ends: Ends, near: Near, mask: int, sampled: Found) -> float:
    """Return the root mean square error of sampled scores, as a share of that of the whole ones."""
    if not mask:
        return 0.0
    statements = len(sampled.score)
    some = np.unique(np.linspace(0, statements - 1, CONTROLS).astype(np.int64))
    wanted = np.zeros(statements, np.uint8)
    wanted[some] = 1
    whole = _found(statements, wanted)
    _run(ends, near, 0, whole, lambda _done: None)
    right = whole.score[some].astype(np.float64)
    off = sampled.score[some] - right
    return math.sqrt(float(off @ off) / max(float(right @ right), 1e-12))
