"""Recognise a JSON document by its first bytes: the keys near its top."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

__all__ = ["Shape", "describe", "shape_of"]

_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:,]|[^\s{}\[\]:,"]+')
LOOKED_AT: Final = 1 << 16
"""Bytes that are looked at, 64 KiB."""
COLON: Final = ":"
_OPENING: Final = frozenset("{[")
_CLOSING: Final = frozenset("}]")


@dataclass(slots=True)
class Shape:
    """The top of a document: `kind` is `{`, `[` or "".

    `keys` are those of the object, or of the first object of the array, each with the first
    character of its value; `inner` those of the first object below each key.

    >>> shape_of(b'{"nodes": [{"id": "a"}]}').keys
    {'nodes': '['}
    """

    kind: str = ""
    keys: dict[str, str] = field(default_factory=dict)
    inner: dict[str, dict[str, str]] = field(default_factory=dict)

    def has(self, *names: str) -> bool:
        """Say whether all of some keys are there."""
        return all(name in self.keys for name in names)


def shape_of(head: bytes) -> Shape:
    """Return the shape of the document that some bytes begin; O(bytes)."""
    text = head[:LOOKED_AT].removeprefix(b"\xef\xbb\xbf").decode(errors="replace")
    tokens = (match[0] for match in _TOKEN.finditer(text))
    kind = next(tokens, "")
    if kind not in _OPENING:
        return Shape()
    found = Shape(kind)
    level = 1 if kind == "{" else 2
    if level == 2 and next(tokens, "") != "{":
        return found
    _read_keys(tokens, level, found)
    return found


def _read_keys(tokens: Iterator[str], level: int, found: Shape) -> None:
    """Fill the keys of the object at a level, and of the first objects below it."""
    depth, above, last = level, "", ""
    closed: set[str] = set()
    for token in tokens:
        if token == COLON and last.startswith('"'):
            value = next(tokens, "")
            name = last[1:-1]
            if depth == level:
                above = name
                found.keys.setdefault(name, value[:1])
            elif above not in closed and depth <= level + 2:
                found.inner.setdefault(above, {}).setdefault(name, value[:1])
            token = value  # noqa: PLW2901 - the value is the next token to be looked at
        if token in _OPENING:
            depth += 1
        elif token in _CLOSING:
            depth -= 1
            if above in found.inner and depth <= level + 1:
                closed.add(above)
            if depth < level:
                return
        last = token


def describe(head: bytes) -> str:
    """Return what an unknown JSON document has at its top, in one sentence; "" for other text.

    >>> describe(b'{"a": 1}')
    'It is JSON, an object with the keys a.'
    """
    shape = shape_of(head)
    keys = ", ".join(list(shape.keys)[:8])
    what = "a list of objects" if shape.kind == "[" else "an object"
    return f"It is JSON, {what} with the keys {keys}." if keys else ""
