"""Files -> a build, by way of a Spark cluster: scan, shuffle, drop repetitions, sort, assemble.

The cluster reads shares of files (`mechkg.api.spark.scan`), brings what is said of one subject and
object together, makes equal statements of a file one, sorts, and writes Parquet to a staging
directory that both sides see. What is left is entered here into the same build as that of a local
load, by the same code: since nothing in a snapshot depends on the order of its input, its hash is
the same by construction.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Final

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from mechkg.api.spark.rows import DDL, KEYS, LINE_BITS, NO_FILE, Kind, batch_of
from mechkg.api.spark.scan import Formats, Refusal, ShareReport, scanner
from mechkg.api.spark.shares import SHARE, Share, cut
from mechkg.kg.build.collector import Collector
from mechkg.kg.build.load import (
    DEFINING,
    Tally,
    read_files,
    refuse_left,
    refuse_rest,
)
from mechkg.kg.errors import DataError
from mechkg.kg.model.load_report import Example, RecordCount
from mechkg.kg.model.schema import Schema
from mechkg.kg.progress import Cancel, Progress
from mechkg.kg.readers.content import Reading, Records
from mechkg.kg.readers.files import MOST_REFUSALS, SourceFile
from mechkg.kg.readers.formats import Format

__all__ = ["SparkFeed"]

ROWS: Final = 1 << 16
"""Rows that are entered at a time."""
PARTITION: Final = 1 << 26
"""Bytes of input for a partition of the shuffle, 64 MiB."""
_LINE: Final = (1 << LINE_BITS) - 1
_ORDER: Final = ("file", "kind", "predicate", "subject", "object", "line")


@dataclass(frozen=True, slots=True)
class SparkFeed:
    """Reads the files of a load on a cluster (`mechkg.kg.build.load.Feed`).

    `session` is a `pyspark.sql.SparkSession`, `formats` returns all formats there as here,
    `staging` is a directory that the cluster and this process see under one path. Files of formats
    that define predicates, and RDF, are read here, before the others.
    """

    session: Any
    formats: Formats
    staging: Path
    share: int = SHARE
    progress: Progress | None = None
    cancel: Cancel | None = None

    def __call__(
        self,
        collector: Collector,
        files: Sequence[tuple[SourceFile, Format]],
        languages: tuple[str, ...],
    ) -> Iterator[tuple[int, Tally]]:
        """Read files into a build; yields the `id` of each with its tally."""
        apart = [(file, how) for file, how in files if how.together or how.name in DEFINING]
        yield from read_files(collector, apart, languages)
        spread = [(f, how) for f, how in files if not (how.together or how.name in DEFINING)]
        if not spread:
            return
        spread.sort(key=lambda pair: (pair[0].name, str(pair[0].path)))
        shares = cut(spread, self.share)
        reading = Reading(collector.schema, "", languages)
        directory = Path(mkdtemp(prefix="spark-", dir=self.staging))
        try:
            self._shuffle(shares, reading, directory, sum(file.size for file, _ in spread))
            assembly = _Assembly(collector, spread, shares, sorted(directory.rglob("*.parquet")))
            assembly.enter(self._look)
        finally:
            shutil.rmtree(directory, ignore_errors=True)
        for position, (file, how) in enumerate(spread):
            yield id(file), assembly.tally(position, file, how)

    def _look(self, done: int, total: int) -> None:
        if self.cancel is not None:
            self.cancel.check()
        if self.progress is not None:
            self.progress("assembling", done, total)

    def _shuffle(
        self, shares: Sequence[Share], reading: Reading, directory: Path, size: int
    ) -> None:
        """Write the rows of all shares, repeated statements once, sorted within partitions."""
        from pyspark.sql import functions as f  # an extra of its own

        if self.progress is not None:
            self.progress("reading on the cluster", 0, len(shares))
        partitions = max(2, -(-size // PARTITION))
        read = self.session.range(0, len(shares), 1, len(shares)).mapInArrow(
            scanner(shares, reading, self.formats), DDL
        )
        rows = read.repartition(partitions, "subject", "object")
        once = rows.groupBy(*KEYS).agg(
            f.count(f.lit(1)).alias("count"), f.min("line").alias("line")
        )
        once.sortWithinPartitions(*_ORDER).write.mode("append").parquet(directory.as_uri())


class _Assembly:
    """Enters what the cluster wrote into a build."""

    def __init__(
        self,
        collector: Collector,
        files: Sequence[tuple[SourceFile, Format]],
        shares: Sequence[Share],
        parts: Sequence[Path],
    ) -> None:
        self._collector = collector
        self._files = files
        self._shares = shares
        self._parts = parts
        self._reports: dict[int, ShareReport] = {}
        self._ended: set[int] = set()

    def enter(self, look: Any) -> None:
        """Enter all rows; what was refused is in the files. `look` is called with how far it is."""
        defined = self._read_reports()
        self._first = self._first_lines()
        for number in sorted(self._reports):
            self._account(self._reports[number])
        for position, schema in defined:
            self._collector.begin(self._files[position][0])
            self._collector.take(Records(defined=schema))
        total = sum(pq.read_metadata(part).num_rows for part in self._parts)
        done = 0
        for part in self._parts:
            for rows in pq.ParquetFile(part).iter_batches(ROWS):
                for segment in _segments(rows):
                    self._enter(segment)
                done += len(rows)
                look(done, total)
        for position in range(len(self._files)):
            self._settle(position)

    def tally(self, position: int, file: SourceFile, how: Format) -> Tally:
        """Return what a file gave."""
        reports = [r for r in self._reports.values() if self._shares[r.share].file == position]
        named = next((report.format for report in reports if report.format), how.name)
        if named != how.name:
            file.format = named
        return Tally(
            file.name, named, sum(r.entities for r in reports),
            sum(r.statements for r in reports), sum(r.evidence for r in reports),
        )  # fmt: skip

    def _read_reports(self) -> list[tuple[int, Schema]]:
        """Read the reports of all shares; returns what files define, in their order."""
        defined: dict[int, list[Schema]] = {}
        wanted = [("file", "=", NO_FILE)]
        for part in self._parts:
            rows = pq.read_table(part, columns=["kind", "body", "line"], filters=wanted)
            for row in rows.to_pylist():
                if row["kind"] == Kind.REPORT:
                    report = msgspec.json.decode(row["body"], type=ShareReport)
                    self._reports[report.share] = report
                else:
                    schema = msgspec.json.decode(row["body"], type=Schema)
                    defined.setdefault(row["line"] >> LINE_BITS, []).append(schema)
        return list(_first_of_each(defined, self._shares))

    def _first_lines(self) -> NDArray[np.int64]:
        """Return the number of the first line of each share in its file."""
        first = np.ones(len(self._shares), np.int64)
        for share in self._shares:
            before = share.number - 1
            first[share.number] = share.line or first[before] + self._reports[before].lines
        return first

    def _account(self, report: ShareReport) -> None:
        """Add what a share says of its records to its file, under the lines of the file."""
        position = self._shares[report.share].file
        file = self._files[position][0]
        shift = int(self._first[report.share]) - 1
        file.outcomes.join(report.seen, [_moved(count, shift) for count in report.counts])
        refusals = [*report.refusals]
        if report.ended is not None:
            self._ended.add(position)
            refusals += [report.ended] if report.ended not in report.refusals else []
        for refusal in refusals:
            file.refusals.append(_error(file, refusal, shift))
        if report.ended is not None and report.ended not in report.refusals:
            file.refusals.pop()
            refuse_rest(file, _error(file, report.ended, shift))

    def _enter(self, rows: pa.RecordBatch) -> None:
        """Enter rows of one file and kind."""
        position, kind = rows.column("file")[0].as_py(), Kind(rows.column("kind")[0].as_py())
        if position == NO_FILE or position in self._ended:
            return
        file = self._files[position][0]
        placed = rows.column("line").to_numpy()
        lines = self._first[placed >> LINE_BITS] - 1 + (placed & _LINE)
        self._collector.begin(file)
        try:
            self._collector.take(batch_of(kind, rows, lines))
        except DataError as error:
            refuse_rest(file, error)
            self._ended.add(position)
        again = pc.sum(rows.column("count")).as_py() - len(rows)
        if again:
            file.keep("statement", again)

    def _settle(self, position: int) -> None:
        file = self._files[position][0]
        if position in self._ended:
            refuse_left(file)
        file.refusals.sort(key=lambda refusal: refusal.line or 0)
        del file.refusals[MOST_REFUSALS:]


def _first_of_each(
    defined: dict[int, list[Schema]], shares: Sequence[Share]
) -> Iterator[tuple[int, Schema]]:
    """Yield what files define, each predicate of a file as the first of its lines has it."""
    known: set[tuple[int, str]] = set()
    for number in sorted(defined):
        position = shares[number].file
        for schema in defined[number]:
            fresh = tuple(p for p in schema.predicates if (position, p.id) not in known)
            known.update((position, predicate.id) for predicate in fresh)
            yield position, msgspec.structs.replace(schema, predicates=fresh)


def _segments(rows: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """Cut sorted rows where file or kind change, and where the header of a node table does."""
    kind = rows.column("kind").to_numpy()
    changes = np.diff(rows.column("file").to_numpy()) != 0
    changes |= np.diff(kind) != 0
    tables = np.flatnonzero(kind == Kind.ENTITY_ROW)
    if len(tables):
        first, last = int(tables[0]), int(tables[-1]) + 1
        headers = rows.column("predicate").slice(first, last - first).dictionary_encode()
        changes[first : last - 1] |= np.diff(headers.indices.to_numpy()) != 0
    ends = [0, *(np.flatnonzero(changes) + 1).tolist(), len(rows)]
    for begin, end in pairwise(ends):
        if end > begin:
            yield rows.slice(begin, end - begin)


def _moved(count: RecordCount, shift: int) -> RecordCount:
    """Return a count with the lines of its examples moved."""
    return msgspec.structs.replace(
        count,
        reasons=tuple(
            msgspec.structs.replace(
                reason,
                examples=tuple(
                    Example(e.file, None if e.line is None else e.line + shift, e.text)
                    for e in reason.examples
                ),
            )
            for reason in count.reasons
        ),
    )


def _error(file: SourceFile, refusal: Refusal, shift: int) -> DataError:
    line = None if refusal.line is None else refusal.line + shift
    return file.error(line, refusal.reason, hint=refusal.hint)
