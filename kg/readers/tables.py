"""Node and edge tables, recognised by their headers, and three-column tables without one.

A node table has the columns `id` and one of `name`, `category`; an edge table has `subject`,
`predicate` and `object`. Further columns mean what KGX says (`kg.readers.kgx`); those that it does
not know are kept as attributes. Lines become slices of a block, never Python strings.
"""

from __future__ import annotations

import csv
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
from mechkg.kg.readers.content import Batch, EntityRows, Reading, StatementRows
from mechkg.kg.readers.files import Block, SourceFile
from mechkg.kg.readers.kgx import (
    ENTITY_FIELDS,
    NODE_FIELDS,
    Mapped,
    edge_annotations,
    written_by_mechkg,
)

__all__ = ["TRIPLE", "header_of", "is_edge_header", "is_node_header", "read_csv", "read_tsv",
           "read_triples"]  # fmt: skip

TRIPLE: Final = ("subject", "predicate", "object")
TAB: Final = 9
UNIT: Final = "\x1f"
"""Parts the further cells of a row; no text of a table holds it (it is a control character)."""
CSV_ROWS: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class _Cut:
    """Rows of a table: a column of texts for each column of the header."""

    columns: tuple[Column, ...]
    line: int
    lines: NDArray[np.int64] | None = None

    def __len__(self) -> int:
        return len(self.columns[0])

    def take(self, rows: NDArray[np.intp]) -> _Cut:
        """Return some of the rows."""
        lines = np.arange(self.line, self.line + len(self)) if self.lines is None else self.lines
        return _Cut(tuple(column.take(rows) for column in self.columns), self.line, lines[rows])


def header_of(head: bytes, separator: str = "\t") -> list[str]:
    r"""Return the cells of a first line.

    >>> header_of(b"id\tname\tcategory\r\nCL:1\t")
    ['id', 'name', 'category']
    """
    line = head.removeprefix(b"\xef\xbb\xbf").partition(b"\n")[0].decode(errors="replace")
    return next(csv.reader([line.rstrip("\r")], delimiter=separator), [])


def is_node_header(names: Sequence[str]) -> bool:
    """Say whether a header is that of a node table.

    >>> is_node_header(["id", "category"]), is_node_header(["id", "subject", "object"])
    (True, False)
    """
    return "id" in names and ("name" in names or "category" in names) and "subject" not in names


def is_edge_header(names: Sequence[str]) -> bool:
    """Say whether a header is that of an edge table.

    >>> is_edge_header(["subject", "predicate", "object", "publications"])
    True
    """
    return all(name in names for name in TRIPLE)


def read_tsv(file: SourceFile, reading: Reading) -> Iterator[Batch]:
    """Read a node or edge table with tabs; quotes mean themselves, as KGX writes them."""
    blocks = file.blocks()
    first = next(blocks, Block(b"", 1, 0))
    names = _checked(header_of(first.data), file)
    start = first.data.find(b"\n") + 1
    make = _maker(names, file, reading)
    rest = Block(first.data[start:], 2, max(first.lines - 1, 0))
    for block in _chained(rest, blocks):
        yield from filter(None, map(make, _cuts(block, len(names), file)))


def read_triples(file: SourceFile, reading: Reading) -> Iterator[Batch]:
    """Read three tab-separated columns without a header: subject, predicate, object."""
    make = _maker(list(TRIPLE), file, reading)
    for block in file.blocks():
        yield from filter(None, map(make, _cuts(block, 3, file)))


def read_csv(file: SourceFile, reading: Reading) -> Iterator[Batch]:
    """Read a node or edge table with commas and, where a cell needs them, double quotes."""
    lines = _lines(file)
    rows = csv.reader(lines, strict=True)
    try:
        names = _checked(next(rows, []), file)
        make = _maker(names, file, reading)
        held: list[list[str]] = []
        lines_of: list[int] = []
        line = rows.line_num + 1
        for row in rows:
            if len(row) != len(names):
                file.refuse(line, _field_count(len(row), len(names)))
            else:
                held.append(row)
                lines_of.append(line)
            line = rows.line_num + 1
            if len(held) == CSV_ROWS:
                yield from filter(None, [make(_rows(held, lines_of))])
                held, lines_of = [], []
    except csv.Error as error:
        raise file.error(rows.line_num, f"the table is broken ({error})") from error
    if held:
        yield from filter(None, [make(_rows(held, lines_of))])


def _lines(file: SourceFile) -> Iterator[str]:
    for block in file.blocks():
        yield from StringIO(block.data.decode(), newline="")


def _chained(first: Block, others: Iterator[Block]) -> Iterator[Block]:
    if first.data:
        yield first
    yield from others


def _rows(rows: list[list[str]], lines: list[int]) -> _Cut:
    columns = tuple(Column.of(cells) for cells in zip(*rows, strict=True))
    return _Cut(columns, lines[0], np.array(lines, np.int64))


def _cuts(block: Block, columns: int, file: SourceFile) -> Iterator[_Cut]:
    """Cut a block into columns, parted where a line is refused.

    Blank lines are let go at the end of a file only.
    """
    data, line = block.data, block.line
    while data:
        buffer = np.frombuffer(data, np.uint8)
        start = np.empty((columns, block.lines), np.int64)
        end = np.empty_like(start)
        lines, fields, stop = cut_fields(buffer, TAB, start, end)
        if lines:
            yield _Cut(
                tuple(Column(buffer, start[i, :lines], end[i, :lines]) for i in range(columns)),
                line,
            )
        if fields < 0 or not data[stop:].strip():
            return
        file.refuse(line + lines, _field_count(fields, columns))
        data = data[data.index(b"\n", stop) + 1 :]
        line += lines + 1


def _field_count(found: int, wanted: int) -> str:
    return f"it has {found} field{'' if found == 1 else 's'}, the header has {wanted}"


def _checked(names: list[str], file: SourceFile) -> list[str]:
    if not (is_node_header(names) or is_edge_header(names)):
        raise file.error(
            1, f"the header {', '.join(names)[:200]!r} is of no known table",
            hint="A node table has the columns id, name, category; an edge table subject, "
            "predicate, object.",
        )  # fmt: skip
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise file.error(1, f"the header names the column {twice[0]!r} twice")
    return names


def _maker(names: list[str], file: SourceFile, reading: Reading) -> Callable[[_Cut], Batch | None]:
    if is_edge_header(names):
        return _edge_maker(names, file, reading)
    return _node_maker(names, file)


def _node_maker(names: list[str], file: SourceFile) -> Callable[[_Cut], Batch | None]:
    kept: dict[str, int] = {}
    others: list[tuple[str, int]] = []
    for i, name in enumerate(names):
        field = NODE_FIELDS.get(name, name)
        if field in ENTITY_FIELDS and field not in kept:
            kept[field] = i
        else:
            others.append((field, i))

    def make(found: _Cut) -> Batch | None:
        rows = _filled(found, [kept["id"]], names, "entity", file)
        if not len(rows):
            return None
        columns = {name: rows.columns[i] for name, i in kept.items()}
        further = tuple((name, rows.columns[i]) for name, i in others)
        return EntityRows(columns, rows.line, rows.lines, further)

    return make


def _edge_maker(
    names: list[str], file: SourceFile, reading: Reading
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
        rows = _filled(found, places, names, "statement", file)
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


def _filled(
    rows: _Cut, needed: Sequence[int], names: Sequence[str], kind: str, file: SourceFile
) -> _Cut:
    """Return the rows that have the needed cells, and refuse the others."""
    file.see(kind, len(rows))
    empty = np.zeros(len(rows), np.bool_)
    for place in needed:
        found = rows.columns[place].empty() & ~empty
        for row in np.flatnonzero(found).tolist():
            line = rows.line + row if rows.lines is None else int(rows.lines[row])
            file.refuse(line, f"the column '{names[place]}' is empty", kind)
        empty |= found
    return rows.take(np.flatnonzero(~empty)) if empty.any() else rows
