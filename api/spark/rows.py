"""Batches of readers as rows that Spark shuffles: Arrow columns of texts, and back.

A row says all that a record says, so that equal rows are equal records. What a batch of columns
says of all its rows (its header, where it was read) is said by each row.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import IntEnum
from typing import Any, Final

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mechkg.kg.columns.interner import Column
from mechkg.kg.model.annotations import BARE, Annotations
from mechkg.kg.model.values import Statement
from mechkg.kg.readers.content import (
    Batch,
    EntityRows,
    RankedEntity,
    Records,
    StatementRows,
)

__all__ = [
    "COLUMNS", "DDL", "KEYS", "LINE_BITS", "Kind", "array_of", "batch_of", "column_of",
    "encode_header", "table_of",
]  # fmt: skip

LINE_BITS: Final = 36
"""Bits of a line number; those above hold the number of its share."""
NO_FILE: Final = -1
"""The file of rows that are no records."""


class Kind(IntEnum):
    """What a row holds."""

    REPORT = 0
    """What became of the records of a share (`mechkg.api.spark.scan.ShareReport`)."""
    DEFINED = 1
    """Terms and prefixes that a file defines."""
    ENTITY_ROW = 2
    """A row of a node table: its header in `predicate`, its cells in `body`."""
    ENTITY = 3
    """The record of an entity."""
    STATEMENT_ROW = 4
    """A row of an edge table, its annotations in `body`."""
    STATEMENT = 5
    """The record of a statement, and whether it states its sign."""


_TEXTS: Final = ("predicate", "subject", "object", "id", "body")
COLUMNS: Final = pa.schema(
    [("file", pa.int32()), ("kind", pa.int32())]
    + [(name, pa.string()) for name in _TEXTS]
    + [("apart", pa.int64()), ("line", pa.int64())]
)
DDL: Final = (
    "file int, kind int, "
    + "".join(f"{t} string, " for t in _TEXTS)
    + ("apart bigint, line bigint")
)
"""The columns as Spark writes them. `line` has the share above `LINE_BITS`; `apart` keeps rows
apart that are equal otherwise: it is 0 for statements, of which equal ones become one row."""
KEYS: Final = tuple(name for name in COLUMNS.names if name != "line")
"""The columns in which equal rows are equal."""

_ANNOTATIONS: Final = msgspec.json.Decoder(Annotations)
_ENTITY: Final = msgspec.json.Decoder(RankedEntity)
_STATEMENT: Final = msgspec.json.Decoder(tuple[Statement, bool])
_HEADER: Final = msgspec.json.Decoder(tuple[tuple[str, ...], tuple[str, ...]])
_CELLS: Final = msgspec.json.Decoder(tuple[str, ...])


def encode_header(rows: EntityRows) -> str:
    """Return the names of the columns of a node table, and of its further ones, as one text.

    >>> encode_header(EntityRows({"id": Column.of([]), "name": Column.of([])}, 1))
    '[["id","name"],[]]'
    """
    header = tuple(rows.columns), tuple(name for name, _ in rows.further)
    return msgspec.json.encode(header).decode()


def array_of(column: Column) -> pa.Array:
    """Return a column as an Arrow array of texts; O(bytes), and no Python string.

    >>> array_of(Column.of(["CL:1", ""])).to_pylist()
    ['CL:1', '']
    """
    heap, ends = column.packed()
    offsets = np.concatenate(([0], ends)).astype(np.int32)
    return pa.StringArray.from_buffers(len(column), pa.py_buffer(offsets), pa.py_buffer(heap))


def column_of(array: pa.Array) -> Column:
    """Return an Arrow array of texts as a column, on the same memory.

    >>> column_of(pa.array(["CL:1", "", "GO:2"]).slice(1)).texts()
    ['', 'GO:2']
    """
    array = array.cast(pa.string())
    _, offsets, data = array.buffers()
    ends = np.frombuffer(offsets, np.int32)[array.offset : array.offset + len(array) + 1]
    heap = np.empty(0, np.uint8) if data is None else np.frombuffer(data, np.uint8)
    wide = ends.astype(np.int64)
    return Column(heap, wide[:-1], wide[1:])


def table_of(
    kind: Kind, file: int, share: int, lines: NDArray[np.int64], **texts: pa.Array | str
) -> pa.RecordBatch:
    """Return rows of one kind, one for each line; a text that is not given is empty."""
    count = len(lines)
    placed = lines | (share << LINE_BITS)
    deduplicated = kind in (Kind.STATEMENT_ROW, Kind.STATEMENT)
    columns = [_all(file, pa.int32(), count), _all(int(kind), pa.int32(), count)]
    for name in _TEXTS:
        text = texts.get(name, "")
        columns.append(_all(text, pa.string(), count) if isinstance(text, str) else text)
    columns.append(pa.array(np.zeros(count, np.int64) if deduplicated else placed))
    columns.append(pa.array(placed))
    return pa.RecordBatch.from_arrays(columns, schema=COLUMNS)


def _all(value: Any, kind: pa.DataType, count: int) -> pa.Array:
    return pa.repeat(pa.scalar(value, kind), count)


def batch_of(kind: Kind, rows: pa.RecordBatch, lines: NDArray[np.int64]) -> Batch:
    """Return rows of one kind, and for a node table of one header, as their reader gave them."""
    if kind == Kind.STATEMENT_ROW:
        return _statement_rows(rows, lines)
    if kind == Kind.ENTITY_ROW:
        return _entity_rows(rows, lines)
    bodies = rows.column("body").to_pylist()
    if kind == Kind.ENTITY:
        return Records(entities=tuple(map(_ENTITY.decode, bodies)))
    return Records(statements=tuple(map(_STATEMENT.decode, bodies)))


def _statement_rows(rows: pa.RecordBatch, lines: NDArray[np.int64]) -> StatementRows:
    body = rows.column("body")
    one = len(rows) and len(body.unique()) == 1
    identifiers = column_of(rows.column("id"))
    return StatementRows(
        subject=column_of(rows.column("subject")),
        predicate=column_of(rows.column("predicate")),
        object=column_of(rows.column("object")),
        line=int(lines[0]),
        lines=lines,
        id=None if identifiers.empty().all() else identifiers,
        annotations=_ANNOTATIONS.decode(body[0].as_py()) if one else BARE,
        rest=None if one else column_of(body),
        decode=None if one else _ANNOTATIONS.decode,
    )


def _entity_rows(rows: pa.RecordBatch, lines: NDArray[np.int64]) -> EntityRows:
    names, further = _HEADER.decode(rows.column("predicate")[0].as_py())
    columns = _transposed(list(map(_CELLS.decode, rows.column("body").to_pylist())))
    own = dict(zip(names, columns, strict=False))
    own["id"] = column_of(rows.column("subject"))
    others = tuple(zip(further, columns[len(names) :], strict=True))
    return EntityRows(own, int(lines[0]), lines, others)


def _transposed(cells: Sequence[tuple[str, ...]]) -> list[Column]:
    return [Column.of(column) for column in zip(*cells, strict=True)]


def cells_of(rows: EntityRows) -> Iterator[str]:
    """Yield the cells of each row of a node table as one text; that of `id` is left empty."""
    columns = [
        [""] * len(column) if name == "id" else column.texts()
        for name, column in (*rows.columns.items(), *rows.further)
    ]
    encode = msgspec.json.Encoder().encode
    for cells in zip(*columns, strict=True):
        yield encode(cells).decode()
