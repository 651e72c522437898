"""A share of a file -> rows: what a task of Spark does, by the readers of a load.

What a load refuses of columns (`mechkg.kg.build.collector`) is refused here, before equal rows
become one, so that each is counted with its line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mechkg.api.spark.rows import NO_FILE, Kind, array_of, cells_of, encode_header, table_of
from mechkg.api.spark.shares import Share, count_lines
from mechkg.kg.build.row_refusals import Refusals, identifier_faults
from mechkg.kg.columns.interner import Column, Interner, Numbered
from mechkg.kg.errors import DataError
from mechkg.kg.model.load_report import RecordCount
from mechkg.kg.readers.content import (
    Batch,
    EntityRows,
    Reading,
    Records,
    StatementRows,
)
from mechkg.kg.readers.formats import Format

__all__ = ["Formats", "ShareReport", "scanner"]

Formats = Callable[[], Sequence[Format]]
"""Returns all formats; a function of a module, so that tasks find the same one there."""

_ENCODE: Final = msgspec.json.Encoder(order="deterministic").encode


class Refusal(msgspec.Struct, frozen=True):
    """A refusal at a line of a share; see `mechkg.kg.errors.DataError`."""

    line: int | None
    reason: str
    hint: str = ""


class ShareReport(msgspec.Struct, frozen=True, kw_only=True):
    """What a share gave: its lines, the records of each kind, and what became of them.

    `ended` is the error that ended its reading.
    """

    share: int
    lines: int
    entities: int
    statements: int
    evidence: int
    format: str
    seen: dict[str, int]
    counts: tuple[RecordCount, ...]
    refusals: tuple[Refusal, ...]
    ended: Refusal | None


def scanner(
    shares: Sequence[Share], reading: Reading, formats: Formats
) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """Return what reads the shares whose numbers stand in batches with one column."""

    def scan(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for number in batch.column(0).to_pylist():
                yield from _Scan(shares[number], reading).rows(formats)

    return scan


class _Scan:
    """The reading of one share."""

    def __init__(self, share: Share, reading: Reading) -> None:
        self._share = share
        self._file = share.opened()
        self._reading = Reading(reading.schema, share.name, reading.languages)
        self._ends = _Texts()
        self._predicates = _Texts()
        self._bodies = _Bodies()
        self._entities = self._statements = self._evidence = 0

    def rows(self, formats: Formats) -> Iterator[pa.RecordBatch]:
        """Yield all records of the share, and a report on them."""
        share, ended = self._share, None
        read = share.read or next(f for f in formats() if f.name == share.format).read
        try:
            for batch in read(self._file, self._reading):
                yield from self._packed(batch)
        except DataError as error:
            ended = _refusal(error)
        report = ShareReport(
            share=share.number,
            lines=count_lines(share),
            entities=self._entities,
            statements=self._statements,
            evidence=self._evidence,
            format=self._file.format,
            seen=self._file.outcomes.seen,
            counts=self._file.outcomes.counts(share.name, share.format),
            refusals=tuple(map(_refusal, self._file.refusals)),
            ended=ended,
        )
        yield self._single(Kind.REPORT, _ENCODE(report).decode())

    def _single(self, kind: Kind, body: str) -> pa.RecordBatch:
        return table_of(kind, NO_FILE, self._share.number, np.zeros(1, np.int64), body=body)

    def _table(self, kind: Kind, lines: NDArray[np.int64], **texts: Any) -> pa.RecordBatch:
        return table_of(kind, self._share.file, self._share.number, lines, **texts)

    def _packed(self, batch: Batch) -> Iterator[pa.RecordBatch]:
        if isinstance(batch, EntityRows):
            yield self._entity_rows(batch)
            return
        if batch.defined is not None:
            yield self._single(Kind.DEFINED, _ENCODE(batch.defined).decode())
        if isinstance(batch, StatementRows):
            yield self._statement_rows(batch)
        else:
            yield from self._records(batch)

    # -- tables ---------------------------------------------------------------------------------

    def _entity_rows(self, rows: EntityRows) -> pa.RecordBatch:
        refused = Refusals(self._file, rows, "entity")
        ids = rows.columns["id"]
        _refuse_faults(ids, refused)
        self._entities += len(ids)
        found = self._table(
            Kind.ENTITY_ROW, _lines_of(rows, len(ids)), subject=array_of(ids),
            predicate=encode_header(rows), body=pa.array(cells_of(rows), pa.string()),
        )  # fmt: skip
        return _without(found, refused)

    def _statement_rows(self, rows: StatementRows) -> pa.RecordBatch:
        refused = Refusals(self._file, rows, "statement")
        subject = self._ends.of(rows.subject, refused)
        obj = self._ends.of(rows.object, refused)
        predicate = self._predicates.of(rows.predicate, refused)
        body, evidence = self._bodies.of(rows, refused)
        if rows.id is not None:
            _refuse_faults(rows.id, refused, may_be_empty=True)
        self._statements += len(subject)
        self._evidence += evidence
        found = self._table(
            Kind.STATEMENT_ROW, _lines_of(rows, len(subject)), subject=subject,
            predicate=predicate, object=obj, body=body,
            id="" if rows.id is None else array_of(rows.id),
        )  # fmt: skip
        return _without(found, refused)

    # -- records --------------------------------------------------------------------------------

    def _records(self, records: Records) -> Iterator[pa.RecordBatch]:
        self._entities += len(records.entities)
        self._statements += len(records.statements)
        self._evidence += sum(len(statement.evidence) for statement, _ in records.statements)
        entities = self._encoded([(e, e.id) for e in records.entities], "entity")
        if entities:
            at = np.arange(len(entities), dtype=np.int64) + self._entities  # keeps them apart
            ids = pa.array([entity.id for entity, _ in entities], pa.string())
            bodies = pa.array([body for _, body in entities], pa.string())
            yield self._table(Kind.ENTITY, at, subject=ids, body=bodies)
        said = self._encoded([(s, s[0].id) for s in records.statements], "statement")
        if said:
            yield self._table(
                Kind.STATEMENT, np.zeros(len(said), np.int64),
                subject=pa.array([statement.subject for (statement, _), _ in said], pa.string()),
                object=pa.array([statement.object for (statement, _), _ in said], pa.string()),
                body=pa.array([body for _, body in said], pa.string()),
            )  # fmt: skip

    def _encoded(self, records: Sequence[tuple[Any, str]], kind: str) -> list[tuple[Any, str]]:
        """Return records with their texts; one that is no Unicode is refused."""
        found = []
        for record, identifier in records:
            try:
                found.append((record, _ENCODE(record).decode()))
            except UnicodeEncodeError as error:
                reason = f"{identifier!r} holds text that is no Unicode ({error})"
                self._file.refuse(None, reason, kind)
        return found


class _Texts:
    """Identifiers of a share as Arrow texts, those that a reader numbers by their numbers."""

    def __init__(self) -> None:
        self._known = pa.array([], pa.string())
        self._faults: dict[int, str] = {}

    def of(self, column: Column | Numbered, refused: Refusals) -> pa.Array:
        """Return the texts of a batch; rows with what cannot be an identifier are refused."""
        if isinstance(column, Column):
            _refuse_faults(column, refused)
            return array_of(column)
        before = len(self._known)
        if len(column.fresh):
            fresh = identifier_faults(column.fresh.texts())
            self._faults |= {before + number: reason for number, reason in fresh.items()}
            self._known = pa.concat_arrays([self._known, array_of(column.fresh)])
        for number, reason in self._faults.items():
            refused.add(np.flatnonzero(column.numbers == number), reason)
        return self._known.take(pa.array(column.numbers))


class _Bodies:
    """Annotations of a share as texts, each distinct one decoded once."""

    def __init__(self) -> None:
        self._rest = Interner()
        self._texts: list[str] = []
        self._evidence: list[int] = []
        self._faults: dict[int, str] = {}

    def of(self, rows: StatementRows, refused: Refusals) -> tuple[pa.Array | str, int]:
        """Return the annotations of each row, or those of all, and their pieces of evidence."""
        if rows.rest is None or rows.decode is None:
            said = rows.annotations
            return _ENCODE(said).decode(), len(rows.subject) * len(said.evidence)
        numbers = self._rest.intern(rows.rest)
        known = len(self._texts)
        for number, text in enumerate(self._rest.column.take(slice(known, None)).texts(), known):
            try:
                said = rows.decode(text)
                body, evidence = _ENCODE(said).decode(), len(said.evidence)
            except ValueError as error:
                self._faults[number] = str(error)
                body, evidence = "", 0
            self._texts.append(body)
            self._evidence.append(evidence)
        for number, reason in self._faults.items():
            refused.add(np.flatnonzero(numbers == number), reason)
        counts = np.array(self._evidence, np.int64)[numbers]
        return pa.array(self._texts, pa.string()).take(pa.array(numbers)), int(counts.sum())


def _refuse_faults(column: Column, refused: Refusals, *, may_be_empty: bool = False) -> None:
    """Refuse the rows whose text cannot be an identifier; no strings are made of sound ASCII."""
    empty = column.empty()
    data, _ = column.packed()
    is_sound = not len(data) or (data.min() >= 0x20 and data.max() < 0x7F)
    if is_sound and (may_be_empty or not empty.any()):
        return
    for row, reason in identifier_faults(column.texts()).items():
        if not (may_be_empty and empty[row]):
            refused.add(np.array([row]), reason)


def _lines_of(rows: EntityRows | StatementRows, count: int) -> NDArray[np.int64]:
    if rows.lines is not None:
        return np.asarray(rows.lines, np.int64)
    return np.arange(rows.line, rows.line + count, dtype=np.int64)


def _without(rows: pa.RecordBatch, refused: Refusals) -> pa.RecordBatch:
    if not len(refused):
        return rows
    return rows.filter(pa.array([row not in refused for row in range(len(rows))]))


def _refusal(error: DataError) -> Refusal:
    return Refusal(error.line, error.reason, error.hint)
