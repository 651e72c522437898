"""Whether the cells of a table with tabs are in quotation marks, where nothing else says so.

KGX and most resources write cells with tabs as they are, quotation marks and all. Spreadsheets,
pandas and R put those cells into quotation marks that hold a tab, a line break or such a mark,
which they double (RFC 4180, section 2). Both kinds have no quotation marks in their headers.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from io import StringIO
from typing import Final

__all__ = ["are_quoted"]

LOOKED_AT: Final = 1 << 22
"""Bytes of rows that are looked at, 4 MiB."""
_BEGINS: Final = re.compile(rb'(?:\A|[\t\n])"')
_WHOLE: Final = re.compile(rb'(?:\A|(?<=[\t\n]))"((?:[^"]|"")*)"(?=[\t\r\n]|\Z)')


def are_quoted(rows: bytes, columns: int, needed: Sequence[int]) -> bool:
    r"""Say whether the rows of a table with tabs have cells in quotation marks.

    They have where a cell in such marks holds what made them needed, or is an identifier (those of
    the columns `needed`), and all of the rows can be read so. O(`LOOKED_AT`).

    >>> are_quoted(b'A:1\t"a ""b"" c"\n', 2, [0]), are_quoted(b'A:1\t"a" b\n', 2, [0])
    (True, False)
    >>> are_quoted(b'A:1\t"a"\n', 2, [0]), are_quoted(b'"A:1"\ta\n', 2, [0])
    (False, True)
    """
    if _BEGINS.search(rows) is None:
        return False
    sample = rows[:LOOKED_AT]
    inner = [match[1] for match in _WHOLE.finditer(sample)]
    spans = any(b"\t" in text or b"\n" in text for text in inner)
    doubled = any(b'""' in text for text in inner)
    found = _parsed(sample.decode(errors="replace"), whole=len(rows) <= LOOKED_AT)
    if found is None:
        return False
    if spans and all(len(row) == columns for row in found):
        return True
    plain = sample.decode(errors="replace").split("\n")
    names = (row.split("\t") for row in plain)
    marked = any(_is_marked(cells, needed) for cells in names)
    return not spans and (doubled or marked)


def _parsed(text: str, *, whole: bool) -> list[list[str]] | None:
    """Return the rows of a text with quoted cells, None where it cannot be read so."""
    try:
        rows = [
            row
            for row in csv.reader(StringIO(text, newline=""), delimiter="\t", strict=True)
            if any(map(str.strip, row)) and not (len(row) == 1 and row[0].startswith("#"))
        ]
    except csv.Error as error:
        if whole or "unexpected end" not in str(error):
            return None
    return rows if whole else rows[:-1]


def _is_marked(cells: Sequence[str], needed: Sequence[int]) -> bool:
    """Say whether an identifier is in quotation marks, which belong to none."""
    texts = (cells[i].strip() for i in needed if i < len(cells))
    return any(len(text) > 2 and text[0] == text[-1] == '"' for text in texts)
