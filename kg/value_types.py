"""Value types, worked out before threads share them.

msgspec works out what a type holds when it is first decoded or converted, and two threads that do
so at once may bring the process down: one reads what the other has half written (seen with 0.22).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import msgspec

__all__ = ["work_out"]


def work_out(*packages: str) -> int:
    """Work out every `msgspec.Struct` that some packages define; returns how many there are.

    To be called before threads start, once the modules are imported. Types that hold what no text
    can, such as arrays, are never decoded and left alone. Some 20 microseconds a type, the second
    time one.

    >>> import kg.queries
    >>> work_out("kg") > 10
    True
    """
    chosen = [
        kind for kind in _below(msgspec.Struct) if kind.__module__.partition(".")[0] in packages
    ]
    for kind in chosen:
        with suppress(TypeError):
            msgspec.json.Decoder(kind)
    return len(chosen)


def _below(kind: type[Any]) -> Iterator[type[Any]]:
    """Yield the subclasses of a class, theirs included."""
    for one in kind.__subclasses__():
        yield one
        yield from _below(one)
