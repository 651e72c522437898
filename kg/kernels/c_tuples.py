"""Rows of Python objects, made where their codes are: one tuple a path.

To make the tuples of a long answer takes Python longer than to find its paths, and for a short one
each pass over its columns costs as much as the search. Here Python's own functions make them
(https://docs.python.org/3/c-api/tuple.html), called from compiled code that holds the interpreter's
lock. Objects are addresses; arrays of objects, which the caller keeps, own them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit, types
from numba.np.numpy_support import carray
from numpy.typing import NDArray

from mechkg.kg.jit import inner
from mechkg.kg.kernels.packed import pointer

__all__ = ["MADE", "NO_MEMORY", "UNKNOWN", "address_of", "fill_rows"]

_word = types.intp
_new_tuple: Any = types.ExternalFunction("PyTuple_New", _word(_word))
_set_in_tuple: Any = types.ExternalFunction("PyTuple_SetItem", types.int32(_word, _word, _word))
_set_in_list: Any = types.ExternalFunction("PyList_SetItem", types.int32(_word, _word, _word))
_hold: Any = types.ExternalFunction("Py_IncRef", types.void(_word))
_forget_error: Any = types.ExternalFunction("PyErr_Clear", types.void())

MADE, UNKNOWN, NO_MEMORY = 0, 1, 2


def address_of(objects: NDArray[np.object_]) -> int:
    """Return where an array of objects stands; it must outlive all use of the address."""
    address: int = objects.__array_interface__["data"][0]
    return address


@inner
def _put(row: int, place: int, thing: int) -> None:
    """Put an object into a tuple that nobody has seen yet; the tuple holds it from now on."""
    _hold(thing)
    _set_in_tuple(row, place, thing)


@njit(cache=True)
def fill_rows(
    rows: int, many: Any, entities: Any, labels: Any, place: Any, things: int, size: int,
    words: int,
) -> int:
    """Fill a list with one tuple a path: (entity, label, entity, ...); MADE where all went well.

    many, entities and labels are those of `kg.kernels.list_columns.Cells`. rows: address of a list
    (`id`) that has as many elements. place (int32 an entity): where its object stands in the array
    of `size` objects at the address `things`, 0 where it has none: then, and where the array is an
    older one, nothing is made, UNKNOWN. Labels stand for themselves in the array at `words`.
    NO_MEMORY where Python had none. O(cells).
    """
    for v in entities:
        if place[v] == 0 or place[v] >= size:
            return UNKNOWN
    thing = carray(pointer(things), size, np.intp)
    word = carray(pointer(words), 1 << 40, np.intp)
    at = by = made = 0
    for length in range(len(many)):
        wide = many[length]
        for i in range(wide):
            row = _new_tuple(2 * length + 1)
            if row == 0:
                _forget_error()
                return NO_MEMORY
            for j in range(length):
                _put(row, 2 * j, thing[place[entities[at + j * wide + i]]])
                _put(row, 2 * j + 1, word[labels[by + j * wide + i]])
            _put(row, 2 * length, thing[place[entities[at + length * wide + i]]])
            _set_in_list(rows, made, row)
            made += 1
        at += (length + 1) * wide
        by += length * wide
    return MADE
