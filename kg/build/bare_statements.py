"""Bare statements, which differ in their triples only: numbered, sorted, written as an index.

A graph from a plain table: signs follow from predicates, all else is one value. While there are at
most `MOST_HELD`, nothing but the result goes to disk. More are spooled as they come, parted by
ranges of their sort key, sorted part by part and appended to the arrays of the index, and the same
for the reverse adjacency. Up to some 10^9 statements a part is no larger than what is kept in
memory; beyond that parts grow, as there are at most `kg.build.external_sort.MOST_BUCKETS`: to 34
million, some 40 bytes each, for the `MOST_STATEMENTS` that a graph may have.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import DTypeLike, NDArray

from mechkg.kg.build.adjacency_kernels import fill_reverse_keys, pack_keys, take_forward
from mechkg.kg.build.external_sort import Buckets, bounds_of
from mechkg.kg.build.statement_columns import Columns, joined, key_widths
from mechkg.kg.columns.npy import (
    ArrayWriter,
    constant,
    is_constant,
    read_back,
    write_all,
    write_array,
    write_constant,
)
from mechkg.kg.errors import DataError
from mechkg.kg.progress import Watch
from mechkg.kg.snapshot.staging import Parts

__all__ = ["MOST_HELD", "MOST_STATEMENTS", "BareRows", "BareTable", "write_bare"]

MOST_HELD: Final = 1 << 24
"""Statements that are kept and sorted in memory, 16.8 million: some 40 bytes each."""
MOST_STATEMENTS: Final = (1 << 31) - 1
"""Statements that a graph may have: their rows are int32."""
EVERY: Final = 128
"""One statement of so many is looked at to learn where the parts should end."""


@dataclass(frozen=True, slots=True)
class BareRows:
    """What the rest of a build must know of bare statements that are written: see `Columns`."""

    count: int
    claim: int
    predicates: int

    def __len__(self) -> int:
        return self.count


class BareTable:
    """Batches of bare statements of one kind, in memory or, if many, in a spool file.

    Memory: 10 bytes a statement up to `MOST_HELD`, beyond that 10 bytes for `EVERY` statements;
    disk: 10 bytes a statement.
    """

    def __init__(self, directory: Path) -> None:
        self._path = directory / "spool_triples"
        self._held: list[Columns] = []
        self._lengths: list[int] = []
        self._sample: list[Columns] = []
        self._signs = np.empty(0, np.int8)
        self._known = np.empty(0, np.bool_)
        self._like: Columns | None = None
        self._spooled = False

    def __len__(self) -> int:
        return sum(self._lengths)

    @property
    def signs(self) -> NDArray[np.int8]:
        """The sign of each predicate number up to the highest that was seen."""
        return self._signs

    @property
    def spooled(self) -> bool:
        """Whether there are too many for the memory that is allowed."""
        return self._spooled

    @property
    def like(self) -> Columns:
        """One of the statements, which stands for all in what they have in common."""
        if self._like is None:
            raise ValueError("an empty table has no statement")
        return self._like

    def take(self, columns: Columns) -> bool:
        """Take a batch if it is plain and of the kind of those before; says whether it was.

        Raises `DataError` where there are more than `MOST_STATEMENTS`, equal ones counted again.
        """
        if not len(columns) or not self._is_alike(columns) or not self._has_its_signs(columns):
            return False
        if len(self) + len(columns) > MOST_STATEMENTS:
            raise DataError(
                "statements", None, f"there are more than {MOST_STATEMENTS:,} statements",
                hint="Load a part of them, or several parts as graphs of their own.",
            )  # fmt: skip
        self._lengths.append(len(columns))
        self._sample.append(columns.taken(np.arange(0, len(columns), EVERY)))
        self._held.append(columns)
        if self._spooled or len(self) > MOST_HELD:
            self._spool()
        return True

    def columns(self) -> Columns:
        """Return all statements at once, and let go of them."""
        return joined(list(self.batches()))

    def sample(self) -> Columns:
        """Return some of the statements, evenly drawn."""
        return joined(self._sample)

    def batches(self) -> Iterator[Columns]:
        """Yield the statements as they came and let go of them.

        Raises `OSError` where the spool has lost some of them.
        """
        if not self._spooled:
            while self._held:
                yield self._held.pop(0)
            return
        with self._path.open("rb") as file:
            for length in self._lengths:
                subject = read_back(file, np.int32, length)
                predicate = read_back(file, np.uint16, length)
                yield self._completed(subject, predicate, read_back(file, np.int32, length))
        self._path.unlink()

    def _completed(
        self, subject: NDArray[np.int32], predicate: NDArray[np.uint16], obj: NDArray[np.int32]
    ) -> Columns:
        like, count = self.like, len(subject)
        return Columns(
            subject, predicate, obj, self._signs[predicate],
            constant(float(like.doubt[0]), np.float32, count),
            constant(0, np.uint8, count), constant(0, np.uint8, count),
            constant(0, np.uint16, count),
            constant(int(like.claim[0]), np.int32, count), constant(0, np.int32, count),
        )  # fmt: skip

    def _spool(self) -> None:
        with self._path.open("ab" if self._spooled else "wb", buffering=0) as file:
            for batch in self._held:
                for column in (batch.subject, batch.predicate, batch.object):
                    write_all(file, np.ascontiguousarray(column).view(np.uint8).data)
        self._held.clear()
        self._spooled = True

    def _is_alike(self, columns: Columns) -> bool:
        common = (columns.doubt, columns.claim)
        zero = (columns.inferred, columns.negated, columns.semantics, columns.identifier)
        held: tuple[NDArray[Any], ...] = (*common, *zero)
        if not all(map(is_constant, held)) or any(column[0] for column in zero):
            return False
        if self._like is None:
            self._like = columns.taken(np.zeros(1, np.int64))
        return all(
            column[0] == known[0]
            for column, known in zip(common, (self._like.doubt, self._like.claim), strict=True)
        )

    def _has_its_signs(self, columns: Columns) -> bool:
        """Say whether signs follow from predicates, as they did before."""
        count = max(int(columns.predicate.max()) + 1, len(self._signs))
        signs, known = np.zeros(count, np.int8), np.zeros(count, np.bool_)
        signs[columns.predicate] = columns.sign
        known[columns.predicate] = True
        before = len(self._signs)
        agree = not (known[:before] & self._known & (signs[:before] != self._signs)).any()
        if not agree or (signs[columns.predicate] != columns.sign).any():
            return False
        signs[:before][self._known] = self._signs[self._known]
        known[:before] |= self._known
        self._signs, self._known = signs, known
        return True


def write_bare(
    path: Path,
    table: BareTable,
    rows: NDArray[np.int32],
    numbers: NDArray[np.uint16],
    *,
    parts: Parts,
    watch: Watch,
) -> BareRows:
    """Write the index of plain statements but for the categories; equal statements are one.

    `rows` gives the row of each entity number, `numbers` that of each predicate number; together
    they must fit into a key (`row_key`). O(k log k); memory 28 bytes an entity, and up to
    `MOST_HELD` statements some 40 bytes each. Of more than these only a part stands in memory, one
    of 64 at least, which holds all statements about one object; they take 22 bytes each of disk.
    """
    writer = _Writer(path, table, rows, numbers, parts=parts, watch=watch)
    with closing(writer.by_subject()) as forward, closing(writer.by_object()) as reverse:
        writer.part(table, forward)
        writer.forward(forward, reverse)
        writer.reverse(reverse)
    claim = int(table.like.claim[0])
    return BareRows(writer.count, claim, int(np.count_nonzero(writer.used)))


class _Writer:
    """Takes statements through their two orders, bucket by bucket, and keeps count."""

    def __init__(
        self,
        path: Path,
        table: BareTable,
        rows: NDArray[np.int32],
        numbers: NDArray[np.uint16],
        *,
        parts: Parts,
        watch: Watch,
    ) -> None:
        self._path, self._rows, self._numbers = path, rows, numbers
        self._parts, self._watch = parts, watch
        self._total = len(table)
        self._doubt = float(table.like.doubt[0])
        self._spool = path if table.spooled else None
        self._entities = int(rows.max(initial=-1)) + 1
        self._wide, self._narrow = key_widths(self._entities, int(numbers.max()) + 1)
        self._signs = np.zeros(int(numbers.max()) + 1, np.int8)
        self._signs[numbers[: len(table.signs)]] = table.signs
        self._sample = self._keys(table.sample())
        self._out, self._in = np.zeros((2, self._entities), np.int64)
        self._loops = np.zeros(self._entities, np.int32)
        self.used = np.zeros(len(self._signs), np.bool_)
        self.count = 0

    def by_subject(self) -> Buckets:
        """Return buckets for keys of subject, predicate and object."""
        return Buckets((np.int64,), bounds_of(self._sample, self._total), self._spool, "forward")

    def by_object(self) -> Buckets:
        """Return buckets for keys of object, predicate and subject, with the row of each."""
        objects = (self._sample & ((1 << self._wide) - 1)) << (self._wide + self._narrow)
        bounds = bounds_of(objects, self._total)
        return Buckets((np.int64, np.int32), bounds, self._spool, "reverse")

    def part(self, table: BareTable, forward: Buckets) -> None:
        """Part the statements of a table."""
        done = 0
        for columns in table.batches():
            forward.add(self._keys(columns))
            done += len(columns)
            self._watch("sorting statements", done, self._total)

    def forward(self, forward: Buckets, reverse: Buckets) -> None:
        """Write the statements in row order, and part them by object."""
        with self._writers(_FORWARD) as writers:
            for number in range(len(forward)):
                (key,) = forward.taken(number)
                key.sort()
                columns, turned = self._apart(key)
                for writer, column in zip(writers, columns, strict=True):
                    writer.add(column)
                row = np.arange(self.count, self.count + len(turned), dtype=np.int32)
                reverse.add(turned, row)
                self.count += len(turned)
                self._watch("writing the index", self.count, 2 * self._total)
        write_constant(self._path / "doubt.npy", self._doubt, np.float32, self.count)
        write_constant(self._path / "inferred.npy", 0, np.uint8, self.count)
        write_constant(self._path / "semantics.npy", 0, np.uint16, 0)
        names = (*_FORWARD, "doubt", "inferred", "semantics")
        self._parts.done(*(f"{name}.npy" for name in names))

    def reverse(self, buckets: Buckets) -> None:
        """Write the reverse adjacency, and where that of each entity begins, both ways."""
        shift = self._wide + self._narrow
        firsts = [0, *(buckets.bounds >> shift).tolist(), self._entities]
        done = 0
        with self._writers(_REVERSE) as writers:
            for number in range(len(buckets)):
                key, row = buckets.taken(number)
                in_row, in_nbr = np.empty((2, len(key)), np.int32)
                in_pred = np.empty(len(key), np.uint16)
                first, end = firsts[number : number + 2]
                fill_reverse_keys(
                    key, row, self._wide, self._narrow, first, self._in[first:end],
                    in_row, in_nbr, in_pred,
                )  # fmt: skip
                writers[0].add(in_row)
                writers[1].add(in_nbr)
                writers[2].add(in_pred)
                done += len(key)
                self._watch("writing the index", self.count + done, 2 * self.count)
        for name, count in (("out_ptr", self._out), ("in_ptr", self._in)):
            write_array(self._path / f"{name}.npy", np.concatenate(([0], np.cumsum(count))))
        degree = (self._out + self._in - self._loops).astype(np.int32)
        write_array(self._path / "degree.npy", degree)
        self._parts.done(*(f"{name}.npy" for name in (*_REVERSE, "out_ptr", "in_ptr", "degree")))

    @contextmanager
    def _writers(self, kinds: Mapping[str, DTypeLike]) -> Iterator[list[ArrayWriter]]:
        with ExitStack() as files:
            yield [
                files.enter_context(ArrayWriter(self._path / f"{name}.npy", kind))
                for name, kind in kinds.items()
            ]

    def _keys(self, columns: Columns) -> NDArray[np.int64]:
        key = np.empty(len(columns), np.int64)
        triple = columns.subject, columns.predicate, columns.object
        pack_keys(*triple, self._rows, self._numbers, self._wide, self._narrow, key)
        return key

    def _apart(self, key: NDArray[np.int64]) -> tuple[list[NDArray[Any]], NDArray[np.int64]]:
        """Return the columns of sorted keys, each once, and their keys by object."""
        subject, obj = np.empty((2, len(key)), np.int32)
        predicate, reverse = np.empty(len(key), np.uint16), np.empty(len(key), np.int64)
        count = take_forward(
            key, self._wide, self._narrow, subject, predicate, obj, reverse,
            self._out, self._in, self._loops,
        )  # fmt: skip
        predicate = predicate[:count]
        self.used[predicate] = True
        columns: list[NDArray[Any]] = [subject[:count], predicate, obj[:count]]
        return [*columns, self._signs[predicate]], reverse[:count]


_FORWARD: Final = {
    "subject": np.int32, "predicate": np.uint16, "object": np.int32, "sign": np.int8
}  # fmt: skip
_REVERSE: Final = {"in_row": np.int32, "in_nbr": np.int32, "in_pred": np.uint16}
