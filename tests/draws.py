"""Strategies of hypothesis that draw little: a record is one number, not one draw a field."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any, Final

from hypothesis import strategies as st

__all__ = ["records", "several"]

EVEN: Final = 1 << 24
"""Numbers below it are drawn evenly; beyond it hypothesis prefers small ones."""


def records(*fields: Sequence[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    """Draw a value of each field, as `st.tuples` of `st.sampled_from` does, in one draw.

    The first values are the simplest. A draw costs as much as ten of these records' checks.
    """
    sizes = [len(field) for field in fields]
    if (size := prod(sizes)) > EVEN:
        raise ValueError(f"{size} records are more than {EVEN}; draw them in parts")

    def record(number: int) -> tuple[Any, ...]:
        values = []
        for field in fields:
            number, at = divmod(number, len(field))
            values.append(field[at])
        return tuple(values)

    return st.integers(0, size - 1).map(record)


def several(values: Sequence[Any], count: int) -> st.SearchStrategy[tuple[Any, ...]]:
    """Draw a tuple of values, in as few draws as are even."""
    fields = [values] * count
    part = next(n for n in range(max(count, 1), 0, -1) if len(values) ** n <= EVEN)
    parts = [records(*fields[at : at + part]) for at in range(0, count, part)]
    return st.tuples(*parts).map(lambda drawn: sum(drawn, ()))
