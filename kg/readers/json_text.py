"""JSON as people write it: numbers keep their text, NaN and Infinity become texts.

Names of an object are to be unique (RFC 8259, section 4). Parsers take the last of two in silence;
here it is an error where their values differ.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

import msgspec

from mechkg.kg.readers.files import SourceFile

__all__ = ["decode", "document", "refuse_repeated_keys"]

_STRINGS: Final = re.compile(rb'"(?:[^"\\]|\\.)*"(\s*:)?', re.DOTALL)
"""Strings of JSON, and the colon that makes one a key."""
_SPACED: Final = re.compile(rb'"\s+:')
COLON: Final = b'":'
MAX_ENCODED: Final = 1 << 20
"""Bytes of a text whose value is encoded again to count its keys, 1 MiB."""


def _number(text: str) -> msgspec.Raw:
    return msgspec.Raw(text.encode())


_DECODER: Final = msgspec.json.Decoder(float_hook=_number)


def decode(text: bytes) -> Any:
    """Return the value of a JSON text; a number with a fraction or exponent is `msgspec.Raw`.

    `NaN` and `Infinity`, which Python and pandas write though JSON has no such numbers, are texts.
    Raises `ValueError` with the reason, for a key with two different values, too.

    >>> found = decode(b'{"p": 1e-400, "q": NaN}')
    >>> bytes(found["p"]), found["q"]
    (b'1e-400', 'NaN')
    """
    try:
        found = _DECODER.decode(text.removeprefix(b"\xef\xbb\xbf"))
    except RecursionError as error:
        raise ValueError("it is nested too deep") from error
    except msgspec.DecodeError as error:
        if b"NaN" not in text and b"Infinity" not in text:
            raise ValueError(str(error)) from error
    else:
        refuse_repeated_keys(text, found)
        return found
    try:
        return json.loads(text, parse_float=_number, parse_constant=str, object_pairs_hook=_object)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"JSON is malformed: {error}") from error


def refuse_repeated_keys(text: bytes, value: Any) -> None:
    """Raise `ValueError` where an object of a JSON text has a key twice, with different values.

    `value` is what was decoded. Keys are counted in both; only where they differ is the text parsed
    once more. O(bytes).

    >>> refuse_repeated_keys(b'{"a": 1, "a": 2}', {"a": 2})
    Traceback (most recent call last):
    ValueError: the key 'a' is there twice, with different values
    """
    colons = text.count(COLON)
    if not _SPACED.search(text):
        if isinstance(value, dict) and len(value) == colons:
            return
        if len(text) < MAX_ENCODED and msgspec.json.encode(value).count(COLON) == colons:
            return
    keys = _count_keys(value)
    if sum(match[1] is not None for match in _STRINGS.finditer(text)) != keys:
        json.loads(text, object_pairs_hook=_object)


def _count_keys(value: Any) -> int:
    """Return how many keys the objects of a decoded value have."""
    count, left = 0, [value]
    while left:
        item = left.pop()
        if isinstance(item, dict):
            count += len(item)
            left += [part for part in item.values() if isinstance(part, (dict, list))]
        elif isinstance(item, list):
            left += [part for part in item if isinstance(part, (dict, list))]
    return count


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object of JSON; raises `ValueError` for a key with two different values."""
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: dict[str, Any] = {}
        for key, value in pairs:
            if seen.setdefault(key, value) != value:
                raise ValueError(f"the key {key!r} is there twice, with different values")
    return found


def document(file: SourceFile) -> Any:
    """Return the value of a whole file, at most 1 GiB; raises `DataError`."""
    text = file.document()
    try:
        return decode(text)
    except ValueError as error:
        raise file.error(None, f"the JSON is broken ({error})") from error
