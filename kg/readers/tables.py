"""Node and edge tables, recognised by their headers, and three-column tables without one.

A node table has the columns `id` and one of `name`, `category`; an edge table has `subject`,
`predicate` and `object`, or other usual names of these (`kg.readers.headers`). Further columns mean
what KGX says (`kg.readers.kgx`); those that it does not know are kept as attributes. Lines become
slices of a block, never Python strings.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from io import StringIO
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mechkg.kg.columns.interner import Column, Interner
from mechkg.kg.columns.text_kernels import cut_fields, join_slices
from mechkg.kg.model.annotations import Annotations
from mechkg.kg.model.schema import Schema
from mechkg.kg.readers.cells import is_missing, says_nothing
from mechkg.kg.readers.content import Batch, EntityRows, LineRecords, Reading, StatementRows
from mechkg.kg.readers.files import MAX_LINE, Block, SourceFile
from mechkg.kg.readers.headers import Header, find_header, first_line
from mechkg.kg.readers.kgx import (
    ENTITY_FIELDS,
    NODE_FIELDS,
    Mapped,
    edge_annotations,
    written_by_mechkg,
)
from mechkg.kg.readers.quotes import are_quoted

__all__ = [
    "TRIPLE", "quoted_rows", "read_rows", "read_table", "read_triples", "table_lines",
    "triple_lines",
]  # fmt: skip

TRIPLE: Final = ("subject", "predicate", "object")
TAB: Final = 9
SPACE: Final = 32
MAX_COLUMNS: Final = 100_000
"""Columns of a table: a matrix of measurements is none of statements."""

MAX_MISSING: Final = 4
"""Bytes of the longest text that programs write for a missing value."""
_STARTS_MISSING: Final = np.isin(np.arange(256), list(b"nN#<\\"))
_TEXTS: Final = frozenset(("name", "description"))
_KINDS: Final = {"node": "entity", "edge": "statement"}
_RULE: Final = re.compile(r":?-+:?")
HASH: Final = 35
_MARK: Final = b"\xef\xbb\xbf"
_COMMENT: Final = "the line begins with #: it is a comment"
_HEADER_AGAIN: Final = "the header once more"
UNIT: Final = "\0"
"""Parts the further cells of a row; a text that holds it is refused."""
CSV_ROWS: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class _Cut:
    """Rows of a table: a column of texts for each column of the header.

    Without `blanks`, no cell begins or ends with one.
    """

    columns: tuple[Column, ...]
    line: int
    lines: NDArray[np.int64] | None = None
    blanks: bool = True

    def __len__(self) -> int:
        return len(self.columns[0])

    def take(self, rows: NDArray[np.intp]) -> _Cut:
        """Return some of the rows."""
        lines = np.arange(self.line, self.line + len(self)) if self.lines is None else self.lines
        return _Cut(tuple(column.take(rows) for column in self.columns), self.line, lines[rows])


def read_table(file: SourceFile, reading: Reading, *, separators: str) -> Iterator[Batch]:
    """Read a node or edge table under a header; the first of `separators` that fits parts cells.

    Unless a program put cells into quotation marks (`mechkg.kg.readers.quotes`), those of a table
    with tabs mean themselves, as KGX writes them.
    """
    blocks = file.blocks()
    first = next(blocks, Block(b"", 1, 0))
    header = find_header(first.data, separators)
    if header is None:
        raise file.error(
            1, f"the header {first_line(first.data)[:200]!r} is of no known table",
            hint="A node table has the columns id, name, category; an edge table subject, "
            "predicate, object.",
        )  # fmt: skip
    names = _checked(list(header.names), first.line + header.line - 1, file)
    make = _maker(names, file, reading, header.cells)
    start = _line_start(first.data, header.line)
    rest = Block(first.data[start:], first.line + header.line, max(first.lines - header.line, 0))
    found = _chained(rest, blocks)
    kind = _KINDS[header.kind]
    if header.separator == "\t" and not _has_quotes(header, names, rest.data):
        cuts: Iterator[_Cut] = (
            cut for block in found for cut in _cuts(block, len(names), kind, file)
        )
    else:
        rows = quoted_rows(found, header.separator, file, spaced=header.spaced)
        cuts = _quoted_cuts(rows, len(names), kind, file)
    yield from filter(None, map(make, cuts))


def table_lines(file: SourceFile, *, separators: str) -> LineRecords | None:
    """Say how shares of a table's lines are read; None where its cells may span lines."""
    first = next(file.blocks(), Block(b"", 1, 0))
    header = find_header(first.data, separators)
    if header is None or header.separator != "\t":
        return None
    start = _line_start(first.data, header.line)
    if _has_quotes(header, header.names, first.data[start:]):
        return None
    marked = file.head().startswith(_MARK)
    start += len(_MARK) if marked else 0
    return LineRecords(start, header.line + 1, partial(read_rows, header=header))


def read_rows(file: SourceFile, reading: Reading, *, header: Header) -> Iterator[Batch]:
    """Read lines below a header that is known, of a table with tabs whose cells are not quoted."""
    names = _checked(list(header.names), header.line, file)
    make = _maker(names, file, reading, header.cells)
    for block in file.blocks():
        yield from filter(None, map(make, _cuts(block, len(names), _KINDS[header.kind], file)))


def triple_lines(_file: SourceFile) -> LineRecords:
    """Say how shares of three columns without a header are read."""
    return LineRecords(0, 1, read_triples)


def read_triples(file: SourceFile, reading: Reading) -> Iterator[Batch]:
    """Read three tab-separated columns without a header: subject, predicate, object."""
    make = _maker(list(TRIPLE), file, reading)
    for block in file.blocks():
        yield from filter(None, map(make, _cuts(block, 3, "statement", file)))


def _has_quotes(header: Header, names: Sequence[str], data: bytes) -> bool:
    """Say whether the cells of a table with tabs are in quotation marks where need be."""
    if header.quoted or written_by_mechkg(names):
        return header.quoted
    needed = ["id"] if header.kind == "node" else TRIPLE
    return are_quoted(data, len(names), [names.index(name) for name in needed])


def _line_start(data: bytes, line: int) -> int:
    """Return where the line after some lines begins."""
    at = 0
    for _ in range(line):
        at = data.index(b"\n", at) + 1
    return at


def _quoted_cuts(
    rows: Iterator[tuple[int, list[str]]], columns: int, kind: str, file: SourceFile
) -> Iterator[_Cut]:
    """Bring rows whose cells may stand in double quotes, and then span lines, into columns."""
    held: list[list[str]] = []
    lines: list[int] = []
    for line, cells in rows:
        if len(cells) > columns and any(cells[columns:]):
            file.see(kind)
            file.refuse(line, _field_count(len(cells), columns), kind)
            continue
        held.append([*cells[:columns], *[""] * (columns - len(cells))])
        lines.append(line)
        if len(held) == CSV_ROWS:
            yield _rows(held, lines)
            held, lines = [], []
    if held:
        yield _rows(held, lines)


def quoted_rows(
    blocks: Iterator[Block],
    separator: str,
    file: SourceFile,
    *,
    spaced: bool = False,
    quote: str = '"',
) -> Iterator[tuple[int, list[str]]]:
    """Yield line and cells of each row that is neither blank nor a comment.

    `spaced` says that the blank after a separator is no part of a cell.
    """
    first: list[int] = []
    rows = csv.reader(
        _texts(blocks, first), delimiter=separator, quotechar=quote, strict=True,
        skipinitialspace=spaced,
    )  # fmt: skip
    line = None
    csv.field_size_limit(MAX_LINE)
    try:
        for cells in rows:
            line = first[0] if line is None else line
            if not _is_no_row(cells, separator):
                yield line, cells
            line = first[0] + rows.line_num
    except csv.Error as error:
        at = first[0] + max(rows.line_num - 1, 0)
        raise file.error(at, f"the table is broken ({error})") from error


def _is_no_row(cells: Sequence[str], separator: str) -> bool:
    """Say whether cells are those of a blank line, a comment, or the rule of a drawn table."""
    texts = [text for cell in cells if (text := cell.strip())]
    commented = len(cells) == 1 and cells[0].startswith("#")
    return not texts or commented or (separator == "|" and all(map(_RULE.fullmatch, texts)))


def _texts(blocks: Iterator[Block], first: list[int]) -> Iterator[str]:
    """Yield lines; the number of the first one goes into `first`."""
    for block in blocks:
        first.append(block.line)
        yield from StringIO(block.data.decode(), newline="")


def _chained(first: Block, others: Iterator[Block]) -> Iterator[Block]:
    if first.data:
        yield first
    yield from others


def _rows(rows: list[list[str]], lines: list[int]) -> _Cut:
    columns = tuple(Column.of(cells) for cells in zip(*rows, strict=True))
    return _Cut(columns, lines[0], np.array(lines, np.int64))


def _cuts(block: Block, columns: int, kind: str, file: SourceFile) -> Iterator[_Cut]:
    """Cut a block into columns; lines that are too long are refused."""
    buffer = np.frombuffer(block.data, np.uint8)
    start = np.empty((columns, block.lines), np.int64)
    end = np.empty_like(start)
    lines = np.empty(block.lines, np.int64)
    row, line, at, fields = cut_fields(buffer, TAB, (0, block.line, 0), start, end, lines)
    padded: list[tuple[int, list[str]]] = []
    while fields >= 0:
        begin = block.data.rfind(b"\n", 0, at - 1) + 1
        cells = block.data[begin : at - 1].decode().rstrip("\r").split("\t")
        if not any(map(str.strip, cells[columns:])):
            padded.append((line - 1, cells[:columns]))
        else:
            file.see(kind)
            file.refuse(line - 1, _field_count(fields, columns), kind)
        row, line, at, fields = cut_fields(buffer, TAB, (row, line, at), start, end, lines)
    if row:
        found = tuple(Column(buffer, start[i, :row], end[i, :row]) for i in range(columns))
        yield _Cut(found, block.line, lines[:row], b" " in block.data)
    if padded:
        yield _rows([cells for _, cells in padded], [number for number, _ in padded])


def _field_count(found: int, wanted: int) -> str:
    return f"it has {found} field{'' if found == 1 else 's'}, the header has {wanted}"


def _checked(names: list[str], line: int, file: SourceFile) -> list[str]:
    if len(names) > MAX_COLUMNS:
        raise file.error(
            line, f"the header names {len(names):,} columns; a table has at most {MAX_COLUMNS:,}"
        )
    twice = sorted(name for name, count in Counter(names).items() if name and count > 1)
    if twice:
        raise file.error(line, f"the header names the column {twice[0]!r} twice")
    return [name or f"column_{i}" for i, name in enumerate(names, 1)]


def _maker(
    names: list[str], file: SourceFile, reading: Reading, header: Sequence[str] = ()
) -> Callable[[_Cut], Batch | None]:
    if all(name in names for name in TRIPLE):
        return _edge_maker(names, file, reading, header)
    return _node_maker(names, file, header)


def _node_maker(
    names: list[str], file: SourceFile, header: Sequence[str]
) -> Callable[[_Cut], Batch | None]:
    kept: dict[str, int] = {}
    others: list[tuple[str, int]] = []
    for i, name in enumerate(names):
        field = NODE_FIELDS.get(name, name)
        if field in ENTITY_FIELDS and field not in kept:
            kept[field] = i
        else:
            others.append((field, i))

    def make(found: _Cut) -> Batch | None:
        rows = _filled(_stating(found, header, "entity", file), [kept["id"]], names, "entity", file)
        if not len(rows):
            return None
        columns = {name: rows.columns[i] for name, i in kept.items()}
        columns |= {n: _without_nothing(columns[n]) for n in _TEXTS.intersection(columns)}
        further = tuple((name, rows.columns[i]) for name, i in others)
        return EntityRows(columns, rows.line, rows.lines, further)

    return make


def _edge_maker(
    names: list[str], file: SourceFile, reading: Reading, header: Sequence[str]
) -> Callable[[_Cut], Batch | None]:
    own = written_by_mechkg(names)
    relation = "original_predicate" if own else "predicate"
    mappings = _Mappings(names)
    places = [names.index(name) for name in ("subject", relation, "object")]
    identifier = names.index("id") if "id" in names else None
    others = [i for i in range(len(names)) if i not in (*places, identifier)]
    decode = partial(_decoded, tuple(names[i] for i in others), reading)
    listed = reading.listed
    predicates = Interner()

    def make(found: _Cut) -> Batch | None:
        said = _stating(found, header, "statement", file)
        rows = _filled(said, places, names, "statement", file)
        if not len(rows):
            return None
        triple = [rows.columns[i] for i in places]
        return StatementRows(
            subject=triple[0],
            predicate=predicates.numbered(triple[1]),
            object=triple[2],
            line=rows.line,
            annotations=listed,
            id=None if identifier is None else rows.columns[identifier],
            rest=_joined([rows.columns[i] for i in others]) if others else None,
            decode=decode,
            defined=mappings.of(rows) if own else None,
            lines=rows.lines,
        )

    return make


class _Mappings:
    """The Biolink mappings of predicates in a table of MechKG's; each is looked at once."""

    def __init__(self, names: list[str]) -> None:
        self._names = names
        self._known = Interner()
        self._mapped = Mapped()

    def of(self, rows: _Cut) -> Schema | None:
        """Return the mappings of predicates that no row before these has."""
        before = len(self._known)
        predicates = rows.columns[self._names.index("original_predicate")]
        numbers, first = np.unique(self._known.intern(predicates), return_index=True)
        for row in first[numbers >= before].tolist():
            edge = {
                name: column.text(row)
                for name, column in zip(self._names, rows.columns, strict=True)
            }
            self._mapped.add(edge["original_predicate"], edge)
        return self._mapped.taken()


def _decoded(names: tuple[str, ...], reading: Reading, rest: str) -> Annotations:
    if rest.count(UNIT) != len(names) - 1:
        raise ValueError("a cell holds a NUL character")
    return edge_annotations(dict(zip(names, rest.split(UNIT), strict=True)), reading)


def _joined(columns: list[Column]) -> Column:
    """Return the cells of several columns as one text a row, parted by `UNIT`."""
    if any(column.buffer is not columns[0].buffer for column in columns):
        rows = zip(*(column.texts() for column in columns), strict=True)
        return Column.of([UNIT.join(row) for row in rows])
    start = np.stack([column.start for column in columns])
    end = np.stack([column.end for column in columns])
    pointer = np.empty(start.shape[1] + 1, np.int64)
    heap = np.empty(int((end - start).sum()) + start.size, np.uint8)
    join_slices(columns[0].buffer, start, end, ord(UNIT), heap, pointer)
    return Column(heap, pointer[:-1], pointer[1:])


def _stating(rows: _Cut, header: Sequence[str], kind: str, file: SourceFile) -> _Cut:
    """Return the rows that state something; pass over comments, and a header within the table."""
    first = rows.columns[0]
    filled = first.end > first.start
    noted = np.zeros(len(rows), np.bool_)
    noted[filled] = first.buffer[first.start[filled]] == HASH
    again = np.ones(len(rows), np.bool_) if header else np.zeros(len(rows), np.bool_)
    for column, text in zip(rows.columns, header, strict=False):
        if not again.any():
            break
        again &= _equals(column, text)
    for found, reason in ((noted, _COMMENT), (again & ~noted, _HEADER_AGAIN)):
        places = np.flatnonzero(found).tolist()
        if places:
            line = rows.line + places[0] if rows.lines is None else int(rows.lines[places[0]])
            file.see(kind, len(places))
            file.pass_over(kind, line, reason, len(places), first.text(places[0])[:80])
    return rows.take(np.flatnonzero(~(noted | again))) if (noted | again).any() else rows


def _equals(column: Column, text: str) -> NDArray[np.bool_]:
    """Say of each text whether it is a given one; O(texts)."""
    found: NDArray[np.bool_] = (column.end - column.start) == len(text.encode())
    rows = np.flatnonzero(found)
    found[rows] = [each == text for each in column.take(rows).texts()]
    return found


def _without_nothing(column: Column) -> Column:
    """Return a column of texts, empty where a program wrote that there is none."""
    nothing = [i for i in _perhaps_missing(column) if says_nothing(column.text(i))]
    if not nothing:
        return column
    end = column.end.copy()
    end[nothing] = column.start[nothing]
    return Column(column.buffer, column.start, end)


def _perhaps_missing(column: Column) -> list[int]:
    """Return the rows whose text may be what a program writes for a missing one."""
    size = column.end - column.start
    short = np.flatnonzero((size > 1) & (size <= MAX_MISSING))
    found: list[int] = short[_STARTS_MISSING[column.buffer[column.start[short]]]].tolist()
    return found


def _filled(
    rows: _Cut, needed: Sequence[int], names: Sequence[str], kind: str, file: SourceFile
) -> _Cut:
    """Return the rows that have the needed cells, without blanks around them; refuse the others."""
    file.see(kind, len(rows))
    columns = list(rows.columns)
    bad = np.zeros(len(rows), np.bool_)
    for place in needed:
        if rows.blanks and _has_blank_ends(columns[place]):
            columns[place] = _trimmed(columns[place])
        for reason, found in _faults(columns[place], names[place]):
            for row in np.flatnonzero(found & ~bad).tolist():
                line = rows.line + row if rows.lines is None else int(rows.lines[row])
                file.refuse(line, reason, kind)
            bad |= found
    filled = _Cut(tuple(columns), rows.line, rows.lines)
    return filled.take(np.flatnonzero(~bad)) if bad.any() else filled


def _faults(column: Column, name: str) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """Yield what is wrong with cells that name something, and with which."""
    size = column.end - column.start
    shortest = size.min(initial=MAX_MISSING + 1)
    if shortest > MAX_MISSING:
        return
    if shortest <= 0:
        yield f"the column '{name}' is empty", size <= 0
    short = np.array(_perhaps_missing(column), np.intp)
    texts = column.take(short).texts()
    for text in dict.fromkeys(filter(is_missing, texts)):
        found = np.zeros(len(column), np.bool_)
        found[short[[each == text for each in texts]]] = True
        yield f"the column '{name}' is {text!r}, which names nothing", found


def _has_blank_ends(column: Column) -> bool:
    """Say whether any text begins or ends with a space."""
    if not len(column.buffer):
        return False
    last = len(column.buffer) - 1
    begins = column.buffer[np.minimum(column.start, last)]
    ends = column.buffer[np.maximum(column.end - 1, 0)]
    return bool((begins == SPACE).any() or (ends == SPACE).any())


def _trimmed(column: Column) -> Column:
    """Return a column without blanks around its texts; O(rows), once more for each blank."""
    start, end, buffer = column.start, column.end, column.buffer
    if not len(buffer):
        return column
    last = len(buffer) - 1
    while (blank := (start < end) & (buffer[np.minimum(start, last)] <= SPACE)).any():
        start = start + blank
    while (blank := (start < end) & (buffer[np.maximum(end - 1, 0)] <= SPACE)).any():
        end = end - blank
    return column if start is column.start and end is column.end else Column(buffer, start, end)
