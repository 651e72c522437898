"""The loop that hashes the spellings of names: bytes in, CRC-32 out, no Python string made."""

from __future__ import annotations

from typing import Any, Final
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from mechkg.kg.jit import entry, inner
from mechkg.kg.snapshot.spelling import MAX_BAG
from mechkg.kg.snapshot.spelling_tables import LINKING_WORDS, SEPARATORS

__all__ = ["NO_BAG", "hash_names"]

Bytes = NDArray[np.uint8]

LETTER, DIGIT, SIGN, SEPARATOR, DASH, APOSTROPHE, OTHER = range(7)
NO_BAG: Final = 1 << 32
"""Stands for a name whose words are too few or too many to have an order."""

SPACE, DASH_CODE, PLURAL = b" -s"
START: Final = 0xFFFFFFFF


def _classes() -> Bytes:
    """Return the kind of each byte; one that is not printable ASCII is `OTHER`."""
    kinds = np.full(256, OTHER, np.uint8)
    signs = {"-": DASH, "'": APOSTROPHE} | dict.fromkeys(SEPARATORS - {"-"}, SEPARATOR)
    for code in range(32, 127):
        char = chr(code)
        plain = DIGIT if char.isdigit() else LETTER if char.isalpha() else SIGN
        kinds[code] = signs.get(char, plain)
    return kinds


_KINDS: Final = _classes()
_TABLE: Final = np.array([crc32(bytes([i ^ 255])) ^ 0xFF000000 for i in range(256)], np.uint32)
"""The table of CRC-32 (IEEE 802.3, reflected), taken from its values for one byte."""
_LINKING: Final = np.array([crc32(word.encode()) for word in sorted(LINKING_WORDS)], np.uint32)
_LINKING_LENGTHS: Final = np.array([len(word) for word in sorted(LINKING_WORDS)], np.int64)


@entry
def hash_names(
    buffer: Bytes,
    start: NDArray[np.int64],
    end: NDArray[np.int64],
    folds: NDArray[np.uint32],
    bags: NDArray[np.int64],
    python: NDArray[np.bool_],
) -> None:
    """Fill in both hashes of n names (shape n each); O(bytes).

    `python` marks the names that are not printable ASCII, whose hashes mean nothing. Mirrors
    `kg.snapshot.spelling`: `fold_of` with `text_hash`, `bag_of` with `bag_hash`.
    """
    for row in range(len(start)):
        first, last = start[row], end[row]
        fold: Any = np.uint32(START)
        word = shorter = fold
        total = np.int64(0)
        words = length = last_code = code_before = 0
        digit_before = False
        for at in range(first, last + 1):
            code: Any = np.int64(buffer[at]) if at < last else SPACE
            kind = _KINDS[code]
            if kind == OTHER:
                python[row] = True
                break
            if _is_part(buffer, at, first, last, kind):
                code += 32 * (65 <= code <= 90)
                if length == 0:
                    if digit_before and kind == DIGIT:
                        fold = _step(fold, SPACE)
                    word = np.uint32(START)
                shorter, word = word, _step(word, code)
                fold = _step(fold, code)
                code_before, last_code = last_code, code
                length += 1
            elif length and kind != APOSTROPHE:
                plural = length > 3 and last_code == PLURAL and code_before not in (115, 117, 105)
                bag = np.uint32(~(shorter if plural else word))
                if not _is_linking(bag, length):
                    total += np.int64(bag)
                    words += 1
                digit_before = 48 <= last_code <= 57
                length = 0
        folds[row] = np.uint32(~fold)
        if 1 < words <= MAX_BAG:
            bags[row] = (total * np.int64(0x9E3779B1) + words) & np.int64(START)


@inner
def _is_part(buffer: Bytes, at: int, first: int, last: int, kind: int) -> bool:
    """Say whether a byte is part of a word, as `spelling.words_of` does."""
    if kind == APOSTROPHE:
        return at > first and _KINDS[buffer[at - 1]] == DIGIT
    if kind == DASH:  # a minus, where nothing follows that it could join
        if at == first or buffer[at - 1] == SPACE or buffer[at - 1] == DASH_CODE:
            return False
        return at + 1 >= last or _KINDS[buffer[at + 1]] > DIGIT
    return kind <= SIGN


@inner
def _step(crc: Any, code: Any) -> Any:
    """Return a CRC-32 one byte on."""
    return np.uint32(crc >> np.uint32(8)) ^ _TABLE[(crc ^ np.uint32(code)) & np.uint32(0xFF)]


@inner
def _is_linking(crc: Any, length: int) -> bool:
    for i in range(len(_LINKING)):  # noqa: SIM110 (numba compiles no generator)
        if crc == _LINKING[i] and length == _LINKING_LENGTHS[i]:
            return True
    return False
