"""Pre-build msgspec decoders before threads start.

msgspec works out what a type holds when it is first decoded or converted, and two threads that do
so at once may bring the process down: one reads what the other has half written (seen with 0.22).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import msgspec

__all__ = ["prebuild_decoders"]


def prebuild_decoders(*packages: str) -> int:
    """Build the decoder of every `msgspec.Struct` that the packages define; return their number.

    To be called before threads start, once the modules are imported. Types that hold what no text
    can, such as arrays, are never decoded and left alone. Some 20 microseconds a type, the second
    time one.

    >>> import mechkg.kg.model.queries
    >>> prebuild_decoders("mechkg") > 10
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
