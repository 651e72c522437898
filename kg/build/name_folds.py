"""The index of spellings: hashes of names as `kg.snapshot.spelling` folds them.

One 64-bit entry for each folded name and for each bag of words: 32 bits of hash before 32 bits of
the number of the name. Sorted, an entry is found by bisection and verified by its text.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mechkg.kg.build.name_kernels import NO_BAG, hash_names
from mechkg.kg.columns.interner import Column
from mechkg.kg.snapshot.name_keys import key_of
from mechkg.kg.snapshot.spelling import (
    MAX_BAG,
    bag_hash,
    bag_of,
    fold_of,
    text_hash,
)

__all__ = ["fold_entries"]


def fold_entries(names: Column, first: int) -> NDArray[np.uint64]:
    """Return the entries of n names, the first of which has the number `first`: uint64, unsorted.

    O(bytes); a name that is not printable ASCII takes the time of Python.

    >>> entries = fold_entries(Column.of(["TNF-alpha", "T cell", ""]), 7).tolist()
    >>> [entry & 0xFFFFFFFF for entry in entries], entries[0] >> 32 == text_hash("tnfalpha")
    ([7, 8, 7, 8], True)
    """
    folds = np.zeros(len(names), np.uint32)
    bags = np.full(len(names), NO_BAG, np.int64)
    python = np.zeros(len(names), np.bool_)
    hash_names(names.buffer, names.start, names.end, folds, bags, python)
    for row in np.flatnonzero(python).tolist():
        folds[row], bags[row] = _hashes(names.text(row))
    numbers = np.arange(first, first + len(names), dtype=np.uint64)
    shift = np.uint64(32)
    parts = [
        hashes[some].astype(np.uint64) << shift | numbers[some]
        for hashes, some in ((folds, folds != 0), (bags, bags != NO_BAG))
    ]
    return np.concatenate(parts)


def _hashes(text: str) -> tuple[int, int]:
    """Return both hashes of a name as readers of the index compute them."""
    key = key_of(text)
    words = bag_of(key)
    return text_hash(fold_of(key)), bag_hash(words) if 1 < len(words) <= MAX_BAG else NO_BAG
