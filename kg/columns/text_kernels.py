"""The loops over text: cut blocks of bytes into fields and give equal texts equal numbers.

Arrays in, arrays out; compiled once, kept on disk, and free of the interpreter's lock, so that a
loader cuts one block while it numbers the fields of another. Texts are never Python strings here:
a *slice* is a start and an end in a buffer of UTF-8 bytes.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from mechkg.kg.jit import entry, inlined, inner

__all__ = [
    "cut_fields",
    "cut_prefixes",
    "cut_triples",
    "hash_slices",
    "intern_slices",
    "join_slices",
    "pack_words",
    "place_hashes",
]

Bytes = NDArray[np.uint8]
Positions = NDArray[np.int64]
Hashes = NDArray[np.uint64]

SPACE, QUOTE, HASH, DOT, SLASH, COLON, OPEN, CLOSE, UNDERSCORE = b' "#./:<>_'

_ENDS_IRI: Final = np.zeros(256, np.bool_)
_ENDS_IRI[list(b'<>"{}|^`\\')] = True
_ENDS_IRI[: SPACE + 1] = True
"""The closing bracket, and what no IRI holds; a backslash begins an escape, which is left to a
full parser."""
_ENDS_SCHEME: Final = _ENDS_IRI.copy()
_ENDS_SCHEME[ord(":")] = True

_TAG: Final = np.uint64(0xFFFFFFFF00000000)
_NUMBER: Final = np.uint64(0x00000000FFFFFFFF)
_CHUNK: Final = 256


@entry
def cut_fields(  # noqa: C901 - one pass over bytes: each branch is a kind of byte
    buffer: Bytes,
    separator: int,
    position: tuple[int, int, int],
    start: NDArray[np.int64],
    end: NDArray[np.int64],
    lines: Positions,
) -> tuple[int, int, int, int]:
    """Cut whole lines into fields: one pass, O(bytes).

    `position` is the number of rows cut so far, the number of the next line, and where it begins
    in `buffer`. `start` and `end` (int64, columns x lines) get the slice of each cell, `lines` the
    number of each row's line. A short line gets empty cells; a line of blanks, and one that begins
    with `#` and has another number of fields, is no row. A carriage return before a line's end is
    dropped. A line with more fields than columns stops the pass unless the surplus is empty.

    Returns the new position, and the number of fields of the line that stopped the pass (-1: none
    did), which the position is behind; its number is that of the next line less one.
    """
    columns = start.shape[0]
    row, line, first = position
    column = 0
    begin = first
    surplus = False
    for at in range(first, len(buffer)):
        byte = buffer[at]
        if byte == separator:
            if column < columns:
                start[column, row] = begin
                end[column, row] = at
            elif at > begin:
                surplus = True
            column += 1
            begin = at + 1
        elif byte == 10:
            last = at
            if last > begin and buffer[last - 1] == 13:
                last -= 1
            if column < columns:
                start[column, row] = begin
                end[column, row] = last
            elif last > begin:
                surplus = True
            short = column + 1 != columns
            line += 1
            if not (short and _is_no_row(buffer, first, last)):
                if surplus:
                    return row, line, at + 1, column + 1
                for k in range(column + 1, columns):
                    start[k, row] = last
                    end[k, row] = last
                lines[row] = line - 1
                row += 1
            column = 0
            begin = at + 1
            first = begin
            surplus = False
    return row, line, len(buffer), -1


@inner
def _is_no_row(buffer: Bytes, begin: int, end: int) -> bool:
    """Say whether a line is a comment or blank."""
    if begin < end and buffer[begin] == HASH:
        return True
    at = begin
    while at < end and buffer[at] <= SPACE:
        at += 1
    return at == end


@inlined
def _word(buffer: Bytes, at: int) -> np.uint64:
    """Return 8 bytes as one number; the compiler makes a single load of it."""
    word = np.uint64(0)
    for k in range(8):
        word |= np.uint64(buffer[at + k]) << np.uint64(8 * k)
    return word


@entry
def hash_slices(buffer: Bytes, start: Positions, end: Positions, out: Hashes) -> None:
    """Hash each slice into `out`; O(bytes).

    FNV-1a over words of 8 bytes and then over the rest by bytes, each step folded, and the first
    half of MurmurHash3's finaliser, so that low bits spread.
    """
    for i in range(len(start)):
        h = np.uint64(14695981039346656037)
        at = start[i]
        while at + 8 <= end[i]:
            h = (h ^ _word(buffer, at)) * np.uint64(0x9E3779B97F4A7C15)
            h ^= h >> np.uint64(29)
            at += 8
        while at < end[i]:
            h = (h ^ np.uint64(buffer[at])) * np.uint64(1099511628211)
            at += 1
        h ^= h >> np.uint64(33)
        h *= np.uint64(0xFF51AFD7ED558CCD)
        h ^= h >> np.uint64(33)
        out[i] = h


@entry
def place_hashes(hashes: Hashes, count: int, slots: Hashes) -> None:
    """Enter the first `count` texts into an empty table of slots (0: free); see `intern_slices`."""
    mask = np.uint64(len(slots) - 1)
    for i in range(count):
        slot = hashes[i] & mask
        while slots[slot] != 0:
            slot = (slot + np.uint64(1)) & mask
        slots[slot] = (hashes[i] & _TAG) | np.uint64(i + 1)


@inner
def _look_up(
    wanted: Hashes, slots: Hashes, pointer: Positions, heap: Bytes, seen: Hashes, base: Positions,
    first: Bytes,
) -> None:
    """Fill `seen` with the slots of some hashes, 0 where there is none.

    `base` and `first` get where their texts begin, and the first byte there.
    """
    mask = np.uint64(len(slots) - 1)
    for k in range(len(wanted)):
        seen[k] = slots[wanted[k] & mask]
    for k in range(len(wanted)):
        slot = wanted[k] & mask
        while seen[k] != 0 and (seen[k] ^ wanted[k]) & _TAG != 0:
            slot = (slot + np.uint64(1)) & mask
            seen[k] = slots[slot]
        base[k] = pointer[np.int64(seen[k] & _NUMBER) - 1] if seen[k] != 0 else 0
    for k in range(len(wanted)):
        first[k] = heap[min(base[k], len(heap) - 1)]


@inner
def _keep(
    text: Bytes,
    hashed: np.uint64,
    slot: np.uint64,
    slots: Hashes,
    hashes: Hashes,
    heap: Bytes,
    pointer: Positions,
    number: int,
) -> None:
    """Put a new text on the heap under a number, and the number into its slot."""
    at = pointer[number]
    heap[at : at + len(text)] = text
    pointer[number + 1] = at + len(text)
    hashes[number] = hashed
    slots[slot] = (hashed & _TAG) | np.uint64(number + 1)


@entry
def intern_slices(
    buffer: Bytes,
    start: Positions,
    end: Positions,
    wanted: Hashes,
    slots: Hashes,
    hashes: Hashes,
    heap: Bytes,
    pointer: Positions,
    count: int,
    grow: bool,
    begin: int,
    out: NDArray[np.int32],
) -> tuple[int, int]:
    """Give each slice from `begin` on a number: equal texts the same, a new one the next.

    `heap`, `pointer` and `hashes` hold the `count` texts known so far; a slot holds the upper half
    of a hash and, in the lower half, the number + 1 (linear probing). Without `grow` an unknown
    text gets -1. Fills `out`; returns the new count and the position of the first slice that
    found no room (the number of slices, where all did). O(bytes) expected.

    The look-ups of a chunk are made before its comparisons: their cache misses overlap.
    """
    room = min(len(hashes), len(slots) // 2)
    seen = np.empty(_CHUNK, np.uint64)
    base = np.empty(_CHUNK, np.int64)
    first = np.empty(_CHUNK, np.uint8)
    for chunk in range(begin, len(start), _CHUNK):
        some = min(_CHUNK, len(start) - chunk)
        _look_up(wanted[chunk : chunk + some], slots, pointer, heap, seen, base, first)
        for k in range(some):
            i = chunk + k
            size = end[i] - start[i]
            number = np.int64(seen[k] & _NUMBER) - 1
            known = number >= 0 and pointer[number + 1] - base[k] == size
            known = known and (size == 0 or first[k] == buffer[start[i]])
            if not (known and _equal(heap, base[k], buffer, start[i], size)):
                number, slot = _probe(buffer, start[i], size, wanted[i], slots, heap, pointer)
                if number < 0 and grow:
                    at = pointer[count]
                    if count >= room or at + size > len(heap):
                        return count, i
                    text = buffer[start[i] : end[i]]
                    _keep(text, wanted[i], slot, slots, hashes, heap, pointer, count)
                    number = np.int64(count)
                    count += 1
            out[i] = number
    return count, len(start)


@inner
def _probe(
    buffer: Bytes,
    begin: int,
    size: int,
    wanted: np.uint64,
    slots: Hashes,
    heap: Bytes,
    pointer: Positions,
) -> tuple[np.int64, np.uint64]:
    """Return the number of a text, -1 for an unknown one, and the slot where the search ended."""
    mask = np.uint64(len(slots) - 1)
    slot = wanted & mask
    while slots[slot] != 0:
        if (slots[slot] ^ wanted) & _TAG == 0:
            known = np.int64(slots[slot] & _NUMBER) - 1
            at = pointer[known]
            if pointer[known + 1] - at == size and _equal(heap, at, buffer, begin, size):
                return known, slot
        slot = (slot + np.uint64(1)) & mask
    return np.int64(-1), slot


@inlined
def _equal(heap: Bytes, at: int, buffer: Bytes, begin: int, size: int) -> bool:
    k = 0
    while k + 8 <= size:
        if _word(heap, at + k) != _word(buffer, begin + k):
            return False
        k += 8
    while k < size:
        if heap[at + k] != buffer[begin + k]:
            return False
        k += 1
    return True


@entry
def join_slices(
    buffer: Bytes,
    start: NDArray[np.int64],
    end: NDArray[np.int64],
    separator: int,
    heap: Bytes,
    pointer: Positions,
) -> None:
    """Write the fields of each line behind each other, parted by a byte.

    `start` and `end` have the shape (columns, lines); `heap` has room for all; `pointer`, of
    lines + 1, gets the ends. O(bytes).
    """
    columns, lines = start.shape
    at = 0
    pointer[0] = 0
    for line in range(lines):
        for column in range(columns):
            if column > 0:
                heap[at] = separator
                at += 1
            for k in range(start[column, line], end[column, line]):
                heap[at] = buffer[k]
                at += 1
        pointer[line + 1] = at


@entry
def cut_triples(
    buffer: Bytes, start: NDArray[np.int64], end: NDArray[np.int64], kind: NDArray[np.uint8]
) -> int:
    """Cut lines of N-Triples or N-Quads into terms: one pass, O(bytes).

    `start` and `end` have the shape (3, lines), `kind` the length of lines. A line of kind 1 has
    three IRIs, of kind 2 a literal as its object: their slices are what stands between the angle
    brackets, and the whole literal. Kind 0 is blank or a comment. Kind 3 is everything else
    (blank nodes, triple terms, escapes in IRIs, errors), which only a full parser should judge;
    its third slice is the line. Returns the number of lines.
    """
    line = 0
    at = 0
    while at < len(buffer):
        stop = at
        while buffer[stop] != 10:
            stop += 1
        begin = _past_blanks(buffer, at, stop)
        if begin == stop or buffer[begin] == HASH:
            kind[line] = 0
        else:
            kind[line] = _cut_line(buffer, begin, stop, start[:, line], end[:, line])
        if kind[line] == 3:
            start[2, line] = at
            end[2, line] = stop
        line += 1
        at = stop + 1
    return line


@inner
def _cut_line(buffer: Bytes, at: int, stop: int, start: Positions, end: Positions) -> int:
    """Cut one line into three terms; returns its kind."""
    kind = 1
    for term in range(3):
        if buffer[at] == OPEN:
            close = _iri_end(buffer, at + 1, stop)
            start[term] = at + 1
            end[term] = close
            close += close >= 0
        elif term == 2 and buffer[at] == QUOTE:
            close = _literal_end(buffer, at, stop)
            start[term] = at
            end[term] = close
            kind = 2
        else:
            return 3
        if close < 0:
            return 3
        at = _past_blanks(buffer, close, stop)
    if buffer[at] == OPEN:  # the graph of a quad
        close = _iri_end(buffer, at + 1, stop)
        if close < 0:
            return 3
        at = _past_blanks(buffer, close + 1, stop)
    if buffer[at] != DOT:
        return 3
    at = _past_blanks(buffer, at + 1, stop)
    return kind if at == stop or buffer[at] == HASH else 3


@inner
def _past_blanks(buffer: Bytes, at: int, stop: int) -> int:
    while at < stop and (buffer[at] == SPACE or buffer[at] == 9 or buffer[at] == 13):
        at += 1
    return at


@inner
def _iri_end(buffer: Bytes, at: int, stop: int) -> int:
    """Return the position of the closing bracket, -1 where the text is no plain IRI."""
    if at < stop and buffer[at] == COLON:
        at += 1
    while at < stop and not _ENDS_SCHEME[buffer[at]]:
        at += 1
    if at == stop or buffer[at] != COLON:
        return -1
    while at < stop and not _ENDS_IRI[buffer[at]]:
        at += 1
    return at if at < stop and buffer[at] == CLOSE else -1


@inner
def _literal_end(buffer: Bytes, at: int, stop: int) -> int:
    """Return the position behind a literal with its language or datatype, -1 where it is none."""
    at += 1
    while at < stop and buffer[at] != QUOTE:
        at += 2 if buffer[at] == 92 else 1
    at += 1
    if at > stop:
        return -1
    if at < stop and buffer[at] == 64:
        begin = at
        while at < stop and buffer[at] != SPACE and buffer[at] != 9 and buffer[at] != DOT:
            at += 1
        return at if at > begin + 1 else -1
    if at + 2 < stop and buffer[at] == 94 and buffer[at + 1] == 94 and buffer[at + 2] == OPEN:
        close = _iri_end(buffer, at + 3, stop)
        return -1 if close < 0 else close + 1
    return at


@entry
def cut_prefixes(
    buffer: Bytes, start: Positions, end: Positions, stop: Positions, again: NDArray[np.bool_]
) -> None:
    """Find where the prefix of each identifier ends: one pass, O(bytes).

    `stop` is set behind the first colon; of an IRI, behind its last `/` or `#`; without a colon,
    behind the first underscore; to `start` where there is none of these. `again` says whether the
    rest of a CURIE has a colon, too.
    """
    for i in range(len(start)):
        begin, finish = start[i], end[i]
        at = begin
        low = begin
        while at < finish and buffer[at] != COLON:
            if buffer[at] == UNDERSCORE and low == begin:
                low = at + 1
            at += 1
        again[i] = False
        stop[i] = low
        if at == finish:
            continue
        stop[i] = at + 1
        is_iri = at + 2 < finish and buffer[at + 1] == SLASH and buffer[at + 2] == SLASH
        for place in range(at + 1, finish):
            byte = buffer[place]
            if is_iri and byte in (SLASH, HASH):
                stop[i] = place + 1
            elif byte == COLON and not is_iri:
                again[i] = True
                break


@entry
def pack_words(buffer: Bytes, start: Positions, end: Positions, out: NDArray[np.uint64]) -> None:
    """Write each slice as big-endian numbers of 8 bytes, zeros behind its end, into a column.

    `out` has the shape (words, slices) and is zero. Of texts without a zero byte, the columns
    sort as the bytes do.
    """
    for i in range(len(start)):
        for at in range(start[i], end[i]):
            place = at - start[i]
            shift = np.uint64(8 * (7 - place % 8))
            out[place // 8, i] |= np.uint64(buffer[at]) << shift
