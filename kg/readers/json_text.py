"""JSON as people write it: numbers keep their text, NaN and Infinity become texts."""

from __future__ import annotations

import json
from typing import Any, Final

import msgspec

from mechkg.kg.readers.files import SourceFile

__all__ = ["decode", "document"]


def _number(text: str) -> msgspec.Raw:
    return msgspec.Raw(text.encode())


_DECODER: Final = msgspec.json.Decoder(float_hook=_number)


def decode(text: bytes) -> Any:
    """Return the value of a JSON text; a number with a fraction or exponent is `msgspec.Raw`.

    `NaN` and `Infinity`, which Python and pandas write though JSON has no such numbers, are texts.
    Raises `ValueError` with the reason.

    >>> found = decode(b'{"p": 1e-400, "q": NaN}')
    >>> bytes(found["p"]), found["q"]
    (b'1e-400', 'NaN')
    """
    try:
        return _DECODER.decode(text.removeprefix(b"\xef\xbb\xbf"))
    except RecursionError as error:
        raise ValueError("it is nested too deep") from error
    except msgspec.DecodeError as error:
        if b"NaN" not in text and b"Infinity" not in text:
            raise ValueError(str(error)) from error
    try:
        return json.loads(text, parse_float=_number, parse_constant=str)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"JSON is malformed: {error}") from error


def document(file: SourceFile) -> Any:
    """Return the value of a whole file, at most 1 GiB; raises `DataError`."""
    text = file.document()
    try:
        return decode(text)
    except ValueError as error:
        raise file.error(None, f"the JSON is broken ({error})") from error
