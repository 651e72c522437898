"""The loops of a build: keys made, parted and taken apart, the reverse adjacency by counting."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mechkg.kg.jit import entry

__all__ = [
    "find_buckets",
    "fill_reverse",
    "fill_reverse_keys",
    "group",
    "note_first",
    "pack_keys",
    "take_forward",
]


@entry
def pack_keys(
    subject: NDArray[np.int32],
    predicate: NDArray[np.uint16],
    obj: NDArray[np.int32],
    rows: NDArray[np.int32],
    numbers: NDArray[np.uint16],
    wide: int,
    narrow: int,
    key: NDArray[np.int64],
) -> None:
    """Make keys that sort by subject, predicate, object: `narrow` bits of predicate, `wide` else.

    `rows` gives the row of each entity, `numbers` the number of each predicate. O(k).
    """
    for i in range(len(key)):
        upper = (np.int64(rows[subject[i]]) << narrow) | np.int64(numbers[predicate[i]])
        key[i] = (upper << wide) | np.int64(rows[obj[i]])


@entry
def find_buckets(
    key: NDArray[np.int64],
    bounds: NDArray[np.int64],
    bucket: NDArray[np.int32],
    counts: NDArray[np.int64],
) -> None:
    """Say of each key how many of the sorted `bounds` are not above it, and count these numbers.

    O(k log b), without a branch that depends on the keys.
    """
    for i in range(len(key)):
        low = 0
        size = len(bounds)
        while size > 0:
            half = (size + 1) >> 1
            low += half * (bounds[low + half - 1] <= key[i])
            size -= half
        bucket[i] = low
        counts[low] += 1


@entry
def group(
    values: NDArray[np.int64],
    bucket: NDArray[np.int32],
    free: NDArray[np.int64],
    grouped: NDArray[np.int64],
) -> None:
    """Put values of one bucket side by side, in the order in which they come; O(k).

    `free` holds where each bucket begins, and after it where it ends.
    """
    for i in range(len(values)):
        at = free[bucket[i]]
        free[bucket[i]] = at + 1
        grouped[at] = values[i]


@entry
def take_forward(
    key: NDArray[np.int64],
    wide: int,
    narrow: int,
    subject: NDArray[np.int32],
    predicate: NDArray[np.uint16],
    obj: NDArray[np.int32],
    reverse: NDArray[np.int64],
    out_count: NDArray[np.int64],
    in_count: NDArray[np.int64],
    loops: NDArray[np.int32],
) -> int:
    """Take sorted keys apart, equal ones once; returns how many differ.

    Fills columns and the keys that sort by object, predicate, subject; counts the statements of
    each subject and object, and of each entity about itself. O(k).
    """
    low = (np.int64(1) << wide) - 1
    middle = (np.int64(1) << narrow) - 1
    count = 0
    for i in range(len(key)):
        if i > 0 and key[i] == key[i - 1]:
            continue
        s = key[i] >> (wide + narrow)
        p = (key[i] >> wide) & middle
        o = key[i] & low
        subject[count] = s
        predicate[count] = p
        obj[count] = o
        reverse[count] = (((o << narrow) | p) << wide) | s
        out_count[s] += 1
        in_count[o] += 1
        if s == o:
            loops[s] += 1
        count += 1
    return count


@entry
def fill_reverse_keys(
    reverse: NDArray[np.int64],
    row: NDArray[np.int32],
    wide: int,
    narrow: int,
    first: int,
    count: NDArray[np.int64],
    in_row: NDArray[np.int32],
    in_nbr: NDArray[np.int32],
    in_pred: NDArray[np.uint16],
) -> None:
    """Fill the reverse adjacency of some neighbouring objects, from `first` on.

    `reverse` are keys of (object, predicate, subject) in the order of the rows `row`, `count` says
    how many each object has. The order is that of `fill_reverse`, and so is the sorting. O(k).
    """
    low = (np.int64(1) << wide) - 1
    middle = (np.int64(1) << narrow) - 1
    place = np.zeros(middle + 2, np.int64)
    for k in range(len(reverse)):
        place[((reverse[k] >> wide) & middle) + 1] += 1
    for number in range(middle + 1):
        place[number + 1] += place[number]
    by_predicate = np.empty(len(reverse), np.int32)
    for k in range(len(reverse)):
        number = (reverse[k] >> wide) & middle
        by_predicate[place[number]] = k
        place[number] += 1
    free = np.cumsum(count) - count
    for n in range(len(reverse)):
        k = by_predicate[n]
        entry = (reverse[k] >> (wide + narrow)) - first
        at = free[entry]
        free[entry] += 1
        in_row[at] = row[k]
        in_nbr[at] = reverse[k] & low
        in_pred[at] = (reverse[k] >> wide) & middle


@entry
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


@entry
def note_first(values: NDArray[np.int32], first: NDArray[np.int64]) -> None:
    """Lower `first[v]` to where `v` first stands among the values; O(values)."""
    for i in range(len(values)):
        first[values[i]] = min(first[values[i]], i)
