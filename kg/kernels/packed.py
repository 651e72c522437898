"""The arrays of a task as numbers: where each begins and how long it is.

Handing thirty arrays to compiled code costs more than a short search, as each is looked at and
counted on the way in and out. Their addresses travel as one array instead. Whoever packs arrays
keeps them alive for as long as the packed form is in use; a `Task` and a `Room` do.
"""

from __future__ import annotations

from typing import Any, Final

import numba
import numpy as np
from numba.core import cgutils
from numba.extending import intrinsic
from numba.np.numpy_support import carray
from numpy.typing import NDArray

from mechkg.kg.kernels.types import Columns, Filter, Pattern, Rules, Scratch, Steps, inner

__all__ = [
    "SIGNS", "pack", "pack_scratch", "pointer", "unpack_rules", "unpack_scratch", "unpack_steps",
]

SIGNS: Final = 27
"""Where the length of the signs stands; 0 there means that nobody asks for them."""


def pack(steps: Steps, rules: Rules) -> NDArray[np.int64]:
    """Return both as int64: (address, length) of each array, then the numbers."""
    filt, columns, pattern = rules.filter, rules.columns, rules.pattern
    arrays = (
        *steps[:8],
        filt.in_row, filt.rows, filt.category, filt.classes,
        *columns[:5],
        pattern.next, pattern.hop, pattern.arrive,
        rules.class_via,
    )  # fmt: skip
    numbers = (
        steps.along_mode, steps.against_mode, filt.hide, columns.hop,
        int(np.float64(columns.scale).view(np.int64)),
        pattern.on, pattern.size, pattern.first, pattern.last, rules.need, rules.min_hops,
    )  # fmt: skip
    return np.array([*_places(arrays), *numbers], np.int64)


def pack_scratch(scratch: Scratch) -> NDArray[np.int64]:
    """Return (address, entities) of each of its arrays."""
    return np.array(_places(scratch), np.int64)


def _places(arrays: tuple[NDArray[Any], ...]) -> list[int]:
    return [
        number
        for array in arrays
        for number in (array.__array_interface__["data"][0], array.shape[-1])
    ]


def _as_pointer(context: Any, address: Any) -> Any:  # noqa: ARG001 - numba's signature
    """Return an address as a pointer."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:  # noqa: ARG001
        return builder.inttoptr(values[0], cgutils.voidptr_t)

    return numba.types.voidptr(numba.types.int64), generate


pointer: Any = intrinsic(_as_pointer)


@inner
def _line(plan: Any, i: int, kind: Any) -> Any:
    return carray(pointer(plan[i]), plan[i + 1], kind)


@inner
def _lines(plan: Any, i: int, rows: int, kind: Any) -> Any:
    return carray(pointer(plan[i]), (rows, plan[i + 1]), kind)


@inner
def unpack_steps(plan: Any) -> Steps:
    """Return the steps that were packed; neighbours as uint32.

    An index that might be negative is tested at each entry, which takes as long as the rest.
    """
    return Steps(
        _line(plan, 0, np.int64), _line(plan, 2, np.uint32), _line(plan, 4, np.uint16),
        _line(plan, 6, np.int64), _line(plan, 8, np.uint32), _line(plan, 10, np.uint16),
        _line(plan, 12, np.uint8), _line(plan, 14, np.uint8), plan[42], plan[43],
    )


@inner
def unpack_rules(plan: Any) -> Rules:
    """Return the rules that were packed."""
    return Rules(
        Filter(
            _line(plan, 16, np.int32), _line(plan, 18, np.uint8), plan[44],
            _line(plan, 20, np.uint16), _line(plan, 22, np.uint8),
        ),
        Columns(
            _line(plan, 24, np.uint16), _line(plan, 26, np.int8), _line(plan, 28, np.float32),
            _line(plan, 30, np.uint8), _line(plan, 32, np.int32), plan[45],
            plan[46:47].view(np.float64)[0],
        ),
        Pattern(
            plan[47], plan[48], plan[49], plan[50], _lines(plan, 34, 2, np.int64),
            _lines(plan, 36, 2, np.int64), _line(plan, 38, np.int64),
        ),
        _line(plan, 40, np.uint8), plan[51], plan[52],
    )


@inner
def unpack_scratch(room: Any) -> Scratch:
    """Return the scratch that was packed."""
    return Scratch(
        _lines(room, 0, 2, np.uint8), _lines(room, 2, 2, np.int8), _lines(room, 4, 7, np.int32)
    )
