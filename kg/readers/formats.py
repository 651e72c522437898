"""What a format is, and how a file's format is recognised."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from mechkg.kg.readers.content import DatasetReader, LineRecords, Reader
from mechkg.kg.readers.files import SourceFile
from mechkg.kg.readers.headers import first_line, nearest, split_cells
from mechkg.kg.readers.json_shape import describe
from mechkg.kg.readers.split_headers import is_rows
from mechkg.kg.readers.unreadable import unreadable

_COLUMNS: Final = (
    "A node table has the columns id and name or category; an edge table subject, predicate and "
    "object."
)

_PART: Final = (
    "Its name says that it is a part of a table: load it together with the file of the header, "
    "whose name ends in -header."
)

_ROOT: Final = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<[?!][^>]*>\s*)*<([A-Za-z_][\w:.-]{0,80})")

__all__ = ["Format", "recognise"]


@dataclass(frozen=True, slots=True)
class Format:
    """A format that can be read.

    `fits` is asked with the first bytes of a file (up to 64 KiB, decompressed) whose name ends
    in one of `suffixes`; the first format of a table that fits is the one. Where a load has several
    files whose formats have the same `together`, that reads them as one. `lines` says of a file
    how shares of its lines are read, None where it cannot be read so.
    """

    name: str
    label: str
    suffixes: tuple[str, ...]
    fits: Callable[[bytes], bool]
    read: Reader
    together: DatasetReader | None = None
    lines: Callable[[SourceFile], LineRecords | None] | None = None


def recognise(file: SourceFile, formats: Sequence[Format]) -> Format:
    r"""Return the format of a file; raises `DataError` where no format fits.

    >>> import tempfile, pathlib
    >>> from mechkg.kg.readers import FORMATS
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "nodes.tsv")
    ...     _ = path.write_text("id\tname\tcategory\n")
    ...     recognise(SourceFile(path), FORMATS).name
    'kgx-tsv'
    """
    head = file.head()
    known = unreadable(head)
    if known is not None:
        raise file.error(None, f"it is {known[0]}, which is not read", hint=known[1])
    name = file.plain_name.lower()
    named = [f for f in formats if name.endswith(f.suffixes)]
    found = next((f for f in named if f.fits(head)), None)
    if found is not None:
        return found
    if not head:
        raise file.error(None, "the file is empty")
    if named:
        labels = " nor ".join(f.label for f in named)
        hint = _PART if is_rows(name) else _described(head)
        raise file.error(1, f"it does not begin as {labels}", hint=hint)
    raise file.error(None, "its name ends in no known suffix", hint=_suffixes(head, formats))


def _described(head: bytes) -> str:
    """Return what a file of no known format looks like."""
    found = describe(head)
    if found:
        return found
    root = _ROOT.match(head)
    if root is not None:
        return f"It is XML, and its root is {root[1].decode(errors='replace')}."
    line = first_line(head)
    separator = max("\t,;|", key=line.count)
    cells = split_cells(line, separator)
    if len(cells) < 2:
        cells = line.split()
        separator = "blank"
    if len(cells) < 2:
        return ""
    if separator == "blank":
        return f"Its cells are parted by blanks: part them by tabs. {nearest(cells)} {_COLUMNS}"
    if "\r" in line.rstrip("\r"):
        return "Some of its lines end in carriage returns alone, others do not: end all alike."
    columns = ", ".join(repr(cell.strip()[:40]) for cell in cells[:12])
    return f"Its first line has {len(cells)} cells: {columns}. {nearest(cells)} {_COLUMNS}"


def _suffixes(head: bytes, formats: Sequence[Format]) -> str:
    """Return which suffix a file should have, by its content where that tells, else all."""
    found = next((f for f in formats if f.fits(head) and not f.fits(_ANY)), None)
    if found is not None:
        return f"It begins as {found.label}: give it the suffix {found.suffixes[0]}."
    known = dict.fromkeys(suffix for f in formats for suffix in f.suffixes)
    return f"Known: {', '.join(known)}."


_ANY: Final = b"one two three four\n"
"""What only a format fits that fits any text, and so tells nothing."""
