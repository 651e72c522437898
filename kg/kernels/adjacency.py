"""The loops of a build: sort keys taken apart, the reverse adjacency by counting, first places."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["fill_reverse", "note_first", "unpack_keys"]


@njit(cache=True, nogil=True)
def unpack_keys(
    key: NDArray[np.int64],
    wide: int,
    narrow: int,
    subject: NDArray[np.int32],
    predicate: NDArray[np.uint16],
    obj: NDArray[np.int32],
) -> None:
    """Take keys of (subject, predicate, object) apart: `narrow` bits of predicate, `wide` else."""
    low = (1 << wide) - 1
    middle = (1 << narrow) - 1
    for i in range(len(key)):
        subject[i] = key[i] >> (wide + narrow)
        predicate[i] = (key[i] >> wide) & middle
        obj[i] = key[i] & low


@njit(cache=True, nogil=True)
def fill_reverse(
    subject: NDArray[np.int32],
    predicate: NDArray[np.uint16],
    obj: NDArray[np.int32],
    predicates: int,
    in_ptr: NDArray[np.int64],
    in_row: NDArray[np.int32],
    in_nbr: NDArray[np.int32],
    in_pred: NDArray[np.uint16],
) -> None:
    """Fill the reverse adjacency of m statements in the order of the forward one.

    A stable counting sort by predicate, then by object: entries of one object stand sorted by
    (predicate, row), so within a run of one predicate by subject. `in_ptr` (n + 1) is given, the
    other three arrays are filled. O(m + n); 4 bytes a statement beside the result.
    """
    m = len(subject)
    place = np.zeros(predicates + 1, np.int64)
    for row in range(m):
        place[predicate[row] + 1] += 1
    for number in range(predicates):
        place[number + 1] += place[number]
    by_predicate = np.empty(m, np.int32)
    for row in range(m):
        by_predicate[place[predicate[row]]] = row
        place[predicate[row]] += 1
    free = in_ptr[:-1].copy()
    for k in range(m):
        row = by_predicate[k]
        at = free[obj[row]]
        free[obj[row]] += 1
        in_row[at] = row
        in_nbr[at] = subject[row]
        in_pred[at] = predicate[row]


@njit(cache=True, nogil=True)
def note_first(values: NDArray[np.int32], first: NDArray[np.int64]) -> None:
    """Lower `first[v]` to where `v` first stands among the values; O(values)."""
    for i in range(len(values)):
        first[values[i]] = min(first[values[i]], i)
