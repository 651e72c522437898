"""The arrays of a task as numbers: where each begins and how long it is.

Handing thirty arrays to compiled code costs more than a short search, as each is looked at and
counted on the way in and out. Their addresses travel as one int64 array instead. Whoever packs
arrays keeps them alive for as long as the packed form is in use; a `Task` and a `Room` do.

One table (`_TABLES`) names every field with its dtype and rank. Both sides are made from it: the
Python side writes the numbers, the compiled side reads them back into the same named tuples.
"""

from __future__ import annotations

from itertools import accumulate
from typing import Any, Final, NamedTuple

import numba
import numpy as np
from numba.core import cgutils
from numba.extending import intrinsic
from numba.np.numpy_support import carray
from numpy.typing import NDArray

from mechkg.kg.jit import inner
from mechkg.kg.kernels.types import (
    Columns,
    Filter,
    Pattern,
    Rules,
    Scratch,
    Steps,
    Transitions,
)

__all__ = [
    "SIGNS", "pack", "pack_scratch", "pointer", "unpack_rules", "unpack_scratch", "unpack_steps",
]


class _Field(NamedTuple):
    """A field of a packed tuple: its name, its dtype, its number of dimensions (0: a number)."""

    name: str
    dtype: Any
    rank: int


_STEPS: Final = (
    _Field("out_ptr", np.int64, 1),
    # Neighbours are read as uint32: an index that might be negative is tested at each entry,
    # which takes as long as the rest.
    _Field("out_nbr", np.uint32, 1),
    _Field("out_pred", np.uint16, 1),
    _Field("in_ptr", np.int64, 1),
    _Field("in_nbr", np.uint32, 1),
    _Field("in_pred", np.uint16, 1),
    _Field("along", np.uint8, 1),
    _Field("against", np.uint8, 1),
    _Field("along_mode", np.int64, 0),
    _Field("against_mode", np.int64, 0),
    _Field("reverse", np.int64, 0),
)

_FILTER: Final = (
    _Field("in_row", np.int32, 1),
    _Field("rows", np.uint8, 1),
    _Field("hide", np.int64, 0),
    _Field("category", np.uint16, 1),
    _Field("classes", np.uint8, 1),
)

_COLUMNS: Final = (
    _Field("predicate", np.uint16, 1),
    _Field("sign", np.int8, 1),
    _Field("doubt", np.float32, 1),
    _Field("symmetric", np.uint8, 1),
    _Field("cost", np.int32, 1),
    _Field("toll", np.int32, 1),
    _Field("hop", np.int64, 0),
    _Field("scale", np.float64, 0),
)

_PATTERN: Final = (
    _Field("on", np.int64, 0),
    _Field("size", np.int64, 0),
    _Field("first", np.int64, 0),
    _Field("last", np.int64, 0),
    _Field("next", np.int64, 2),
    _Field("hop", np.int64, 2),
    _Field("arrive", np.int64, 1),
)

_TRANSITIONS: Final = (
    _Field("on", np.int64, 0),
    _Field("enters", np.int64, 0),
    _Field("leaves", np.int64, 0),
    _Field("kind", np.uint16, 1),
    _Field("option", np.int32, 2),
    _Field("enter", np.uint16, 1),
    _Field("leave", np.uint16, 1),
    _Field("units", np.int32, 1),
    _Field("effect", np.uint8, 1),
    _Field("group", np.uint8, 1),
    _Field("step", np.int32, 3),
    _Field("back", np.int32, 3),
    _Field("gate", np.int64, 2),
    _Field("opens", np.int64, 3),
)

_OWN: Final = (
    _Field("class_via", np.uint8, 1),
    _Field("need", np.int64, 0),
    _Field("min_hops", np.int64, 0),
)
"""The fields of `Rules` that are no tuples themselves."""

_SCRATCH: Final = (
    _Field("marks", np.uint8, 2),
    _Field("distance", np.int8, 2),
    _Field("places", np.int32, 2),
)

_TABLES: Final = (_STEPS, _FILTER, _COLUMNS, _PATTERN, _TRANSITIONS, _OWN)
"""What a packed task holds, in this order; a packed scratch holds `_SCRATCH` alone."""


def _words(field: _Field) -> int:
    """Return how many numbers a field takes: an address and each dimension, or itself."""
    return 1 + field.rank


def _starts(tables: tuple[tuple[_Field, ...], ...]) -> list[dict[str, int]]:
    """Return where each field of each table begins."""
    fields = [field for table in tables for field in table]
    places = iter([0, *accumulate(map(_words, fields))])
    return [{field.name: next(places) for field in table} for table in tables]


_AT: Final = _starts(_TABLES)

SIGNS: Final = _AT[2]["sign"] + 1
"""Where the length of the signs stands; 0 there means that nobody asks for them."""


def pack(steps: Steps, rules: Rules) -> NDArray[np.int64]:
    """Return steps and rules as int64: addresses and dimensions of arrays, and numbers."""
    tuples = steps, rules.filter, rules.columns, rules.pattern, rules.transitions, rules
    return np.array(
        [n for t, table in zip(tuples, _TABLES, strict=True) for n in _packed(t, table)], np.int64
    )


def pack_scratch(scratch: Scratch) -> NDArray[np.int64]:
    """Return the arrays of a scratch as `pack` does."""
    return np.array(_packed(scratch, _SCRATCH), np.int64)


def _packed(values: Any, table: tuple[_Field, ...]) -> list[int]:
    """Return the numbers of one tuple."""
    numbers: list[int] = []
    for field in table:
        value = getattr(values, field.name)
        if field.rank:
            numbers += (value.__array_interface__["data"][0], *_dimensions(value, field.rank))
        elif field.dtype is np.float64:
            numbers.append(int(np.float64(value).view(np.int64)))
        else:
            numbers.append(int(value))
    return numbers


def _dimensions(array: NDArray[Any], rank: int) -> tuple[int, ...]:
    """Return an array's shape; an empty line stands for an empty table of any rank."""
    return array.shape if array.ndim == rank else (0,) * rank


def _as_pointer(context: Any, address: Any) -> Any:  # noqa: ARG001 - numba's signature
    """Return an address as a pointer."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:  # noqa: ARG001
        return builder.inttoptr(values[0], cgutils.voidptr_t)

    return numba.types.voidptr(numba.types.int64), generate


pointer: Any = intrinsic(_as_pointer)


def _reader(field: _Field, at: int) -> Any:
    """Return a compiled function that reads a field of packed numbers back."""
    kind = field.dtype

    def number(plan: Any) -> Any:
        return plan[at]

    def real(plan: Any) -> Any:
        return plan[at : at + 1].view(np.float64)[0]

    def line(plan: Any) -> Any:
        return carray(pointer(plan[at]), plan[at + 1], kind)

    def table(plan: Any) -> Any:
        return carray(pointer(plan[at]), (plan[at + 1], plan[at + 2]), kind)

    def cube(plan: Any) -> Any:
        return carray(pointer(plan[at]), (plan[at + 1], plan[at + 2], plan[at + 3]), kind)

    read = real if kind is np.float64 else (number, line, table, cube)[field.rank]
    return _compiled(read, f"{field.name}_{at}")


def _compiled(function: Any, name: str) -> Any:
    """Compile a function made here under a name that no other has.

    The names of functions in compiled code are numbered in the order of compiling. Kernels that
    were compiled in several processes are loaded into one, where the first function of a name
    stands for all, so that what is made of one source line must not share its name.
    """
    function.__qualname__ = f"{function.__qualname__}_{name}"
    return inner(function)


def _unpacker(fields: tuple[_Field, ...], at: dict[str, int]) -> Any:
    """Return a compiled function that reads some fields back as a tuple."""
    name = f"{fields[0].name}_{at[fields[0].name]}"
    read = _reader(fields[0], at[fields[0].name])
    if len(fields) == 1:

        def last(plan: Any) -> Any:
            return (read(plan),)

        return _compiled(last, name)
    rest = _unpacker(fields[1:], at)

    def more(plan: Any) -> Any:
        return (read(plan), *rest(plan))

    return _compiled(more, name)


_steps, _filter, _columns, _pattern, _transitions, _own = (
    _unpacker(table, at) for table, at in zip(_TABLES, _AT, strict=True)
)
_scratch = _unpacker(_SCRATCH, _starts((_SCRATCH,))[0])


@inner
def unpack_steps(plan: Any) -> Steps:
    """Return the steps that were packed."""
    return Steps(*_steps(plan))


@inner
def unpack_rules(plan: Any) -> Rules:
    """Return the rules that were packed."""
    return Rules(
        Filter(*_filter(plan)), Columns(*_columns(plan)), Pattern(*_pattern(plan)),
        Transitions(*_transitions(plan)), *_own(plan),
    )


@inner
def unpack_scratch(room: Any) -> Scratch:
    """Return the scratch that was packed."""
    return Scratch(*_scratch(room))
