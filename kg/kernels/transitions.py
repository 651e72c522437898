"""Transitions as the kernels take them, made from a table of steps."""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mechkg.kg.kernels.types import INF, Transitions

__all__ = ["make_transitions", "no_transitions"]

GATES: Final = 64


def make_transitions(
    *,
    kind: NDArray[np.uint16],
    option: NDArray[np.int32],
    enter: NDArray[np.uint16],
    leave: NDArray[np.uint16],
    units: NDArray[np.int32],
    effect: NDArray[np.uint8],
    group: NDArray[np.uint8],
    step: NDArray[np.int32],
) -> Transitions:
    """Return transitions with what the kernels look up beside the table of steps.

    Parameters
    ----------
    kind : uint16, (statements,) or (0,)
        The kind of each statement; empty where it is the statement's predicate.
    option : int32, (2, kinds + 1)
        The classes of a kind by direction: option[turned, kind] up to option[turned, kind + 1].
    enter, leave : uint16, (classes,)
        Column and row of each class in `step`; 0 is kept for the end and the begin of a path.
    units : int32, (classes,)
        Cost of a class in units, 0 or more.
    effect : uint8, (classes,)
        0 where the sign is that of the statement, else bits of signs.
    group : uint8, (entities,)
        Group of each entity.
    step : int32, (groups, enters, leaves)
        Key of each step, a multiple of `LENGTHS`; `INF` forbids it.

    Returns
    -------
    Transitions
        O(groups * enters * leaves).
    """
    groups, enters, leaves = step.shape
    wide = max(enters, leaves)
    gate = np.zeros((2, wide), np.int64)
    opens = np.zeros((2, groups, wide), np.int64)
    back = np.ascontiguousarray(step.transpose(0, 2, 1))
    for side, table in enumerate((step, back)):
        gate[side, : table.shape[1]] = _gates(table)
        allowed = table[:, 1:, :] < INF
        bits = np.where(allowed, gate[side, 1 : table.shape[1], None], 0)
        opens[side, :, : table.shape[2]] = np.bitwise_or.reduce(bits, axis=1)
    return Transitions(
        1, enters, leaves, kind, option, enter, leave, units, effect, group,
        np.ascontiguousarray(step), back, gate, opens,
    )


def _gates(table: NDArray[np.int32]) -> NDArray[np.int64]:
    """Return a bit for each column of a table; columns that forbid the same steps share one."""
    forbids = (table >= INF).transpose(1, 0, 2).reshape(table.shape[1], -1)
    _, alike = np.unique(forbids, axis=0, return_inverse=True)
    bits: NDArray[np.int64] = np.left_shift(np.int64(1), (alike.ravel() % GATES).astype(np.int64))
    return bits


@cache
def no_transitions() -> Transitions:
    """Return the transitions of a search in which any hop may follow any other."""
    none = np.empty(0, np.uint16)
    cube = np.zeros((1, 1, 1), np.int32)
    return Transitions(
        0, 1, 1, none, np.zeros((2, 1), np.int32), none, none, np.empty(0, np.int32),
        np.empty(0, np.uint8), np.empty(0, np.uint8), cube, cube, np.zeros((2, 1), np.int64),
        np.zeros((2, 1, 1), np.int64),
    )
