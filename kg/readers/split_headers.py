"""Tables whose header is a file of its own: `Gene-header.csv` for `Gene-part000.csv`.

The bulk import of Neo4j takes a header and any number of files of rows (neo4j.com/docs,
operations manual, `neo4j-admin database import`); BioCypher writes such files for every class.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

from mechkg.kg.readers import known_tables
from mechkg.kg.readers.files import SourceFile
from mechkg.kg.readers.headers import find_header

__all__ = ["Headers", "give_headers", "header_name", "is_rows", "is_under"]

SEPARATORS: Final = "\t,;|"
_SUFFIX: Final = r"(?P<suffix>\.(?:csv|tsv|tab|txt))"
_HEADER: Final = re.compile(rf"(?P<stem>.+?)[-_.]headers?{_SUFFIX}", re.IGNORECASE)
_ROWS: Final = re.compile(
    rf"(?:[-_.]?(?:part|data|rows|chunk|nodes|edges|\d+)(?:[-_.]?\d+)?)?{_SUFFIX}", re.IGNORECASE
)
"""The end of the name of a file of rows, after its stem."""
_PART: Final = re.compile(rf"[-_.]part[-_.]?\d+{_SUFFIX}$", re.IGNORECASE)


def header_name(name: str) -> tuple[str, str] | None:
    """Return stem and suffix of the name of a file of a header, None for another name.

    >>> header_name("Gene-header.csv"), header_name("genes.csv")
    (('gene', '.csv'), None)
    """
    found = _HEADER.fullmatch(name)
    return (found["stem"].casefold(), found["suffix"].casefold()) if found else None


def is_under(name: str, header: tuple[str, str]) -> bool:
    """Say whether a file has the rows of a header by its name.

    >>> [is_under(n, ("gene", ".csv")) for n in ("Gene-part000.csv", "Gene.csv", "Genetic.csv")]
    [True, True, False]
    """
    stem, suffix = header
    if header_name(name) is not None or not name.casefold().startswith(stem):
        return False
    found = _ROWS.fullmatch(name, len(stem))
    return found is not None and found["suffix"].casefold() == suffix


def is_rows(name: str) -> bool:
    """Say whether a file calls itself a part of a table.

    >>> is_rows("Gene-part000.csv"), is_rows("genes.csv")
    (True, False)
    """
    return _PART.search(name) is not None


def _one_line(head: bytes) -> bytes:
    """Return the line of a file that has no other, ended by a newline; nothing for another file."""
    lines = [line for line in re.split(rb"[\r\n]+", head.removeprefix(b"\xef\xbb\xbf")) if line]
    return lines[0] + b"\n" if len(lines) == 1 else b""


class Headers:
    """The headers among some files, and which file of rows each is for; folders keep them apart."""

    def __init__(self) -> None:
        self._lines: dict[tuple[str, tuple[str, str]], bytes] = {}

    def take(self, name: str, folder: str, head: Callable[[], bytes]) -> None:
        """Take a file, which may be one of a header; `head` returns its first bytes."""
        key = header_name(name)
        line = _one_line(head()) if key is not None else b""
        if key is not None and line:
            self._lines[folder, key] = line

    def of(self, name: str, folder: str, head: Callable[[], bytes]) -> bytes:
        """Return the header of a file of rows, ended by a newline; nothing where it has its own.

        `head` returns its first bytes.
        """
        found = [
            (len(key[0]), line)
            for (where, key), line in self._lines.items()
            if where == folder and is_under(name, key)
        ]
        line = max(found, default=(0, b""))[1]
        return line if line and not _has_header(head()) else b""


def give_headers(files: Sequence[SourceFile]) -> None:
    """Give files of rows the header that another of the files has for them, by their names."""
    headers = Headers()
    named = [(file, file.plain_name, str(file.path.parent)) for file in files]
    for file, name, folder in named:
        headers.take(name, folder, file.head)
    for file, name, folder in named:
        file.header = headers.of(name, folder, file.head)


def _has_header(head: bytes) -> bool:
    return known_tables.fits(head) or find_header(head, SEPARATORS) is not None
