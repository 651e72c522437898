"""Records -> numbers: where a build collects entities and statements, in any order.

Texts go to spool files at once; what stays in memory is stated for each table.
"""

from __future__ import annotations

from array import array
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from mechkg.kg.build.bare_statements import BareTable
from mechkg.kg.build.entity_table import EntityTable
from mechkg.kg.build.merge_evidence import united
from mechkg.kg.build.statement_columns import Columns, joined
from mechkg.kg.columns.closing import close_all
from mechkg.kg.columns.strings import Texts, TextWriter
from mechkg.kg.errors import DataError
from mechkg.kg.model.annotations import (
    Annotations,
    Semantics,
    annotations_of,
    is_bare,
    semantics_of,
)
from mechkg.kg.model.values import Statement
from mechkg.kg.ranking.doubt import doubt
from mechkg.kg.snapshot.index import UNKNOWN_SIGN
from mechkg.kg.snapshot.postings import terms_of
from mechkg.kg.snapshot.statement_ids import parts_of

__all__ = ["MAX_TERMS", "SemanticsTable", "StatementTable", "Terms"]

MAX_TERMS = 1 << 16
"""Predicates, categories and semantics that a graph may have: their columns are uint16."""

SEPARATOR = b"~"
"""What every derived identifier holds."""

SHARED_CLAIMS = 1 << 18
"""Claims that are remembered, so that statements with equal evidence share one text."""


class Terms:
    """Distinct texts, numbered in the order of first sight; some 150 bytes each.

    >>> terms = Terms()
    >>> terms.code("a"), terms.code("b"), terms.code("a"), terms.listed
    (0, 1, 0, ['a', 'b'])
    """

    def __init__(self) -> None:
        self._codes: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._codes)

    @property
    def listed(self) -> list[str]:
        """All texts in the order of their numbers."""
        return list(self._codes)

    def code(self, text: str) -> int:
        """Return the number of a text, a new one at first sight."""
        return self._codes.setdefault(text, len(self._codes))

    def ranks(self) -> NDArray[np.int32]:
        """Return for each number its place among the sorted texts: int32."""
        ranks = np.empty(len(self._codes), np.int32)
        texts = self.listed
        ranks[sorted(range(len(texts)), key=texts.__getitem__)] = np.arange(
            len(texts), dtype=np.int32
        )
        return ranks


class SemanticsTable:
    """Distinct semantics, numbered in the order of first sight; 0 is that of a bare statement.

    >>> table = SemanticsTable()
    >>> table.code(Semantics()), table.code(Semantics(hedge="reported"))
    (0, 1)
    """

    def __init__(self) -> None:
        self._codes: dict[Semantics, int] = {Semantics(): 0}

    def code(self, semantics: Semantics) -> int:
        """Return the number of a semantics, a new one at first sight; raises `DataError`."""
        code = self._codes.setdefault(semantics, len(self._codes))
        if code >= MAX_TERMS:
            raise DataError(
                "statements", None,
                f"they have more than {MAX_TERMS:,} combinations of aspects, hedge, action and "
                "weight",
                hint="Use fewer distinct weights.",
            )  # fmt: skip
        return code

    @property
    def listed(self) -> list[Semantics]:
        """All semantics in the order of their numbers."""
        return list(self._codes)

    def ordered(self) -> tuple[Semantics, ...]:
        """Return all semantics in an order that no order of the input shows; the bare one first."""
        bare, *others = self._codes
        return (bare, *sorted(others))

    def ranks(self) -> NDArray[np.uint16]:
        """Return for each number its place in `ordered`: uint16."""
        place = {semantics: i for i, semantics in enumerate(self.ordered())}
        return np.array([place[semantics] for semantics in self._codes], np.uint16)


class StatementTable:
    """Statements as columns, their texts spooled.

    With `unites` set, statements without an identifier that say the same of a triple become one
    with the evidence of all (`mechkg.kg.build.merge_evidence`).

    Memory: 29 bytes a statement, less where it is bare (`kg.build.bare_statements.BareTable`); for
    each distinct text (evidence, qualifiers ...) 40 bytes more, for each distinct publication,
    source or qualifier some 150.
    """

    def __init__(self, directory: Path, entities: EntityTable) -> None:
        self.entities = entities
        self.predicates = Terms()
        self.terms = Terms()
        self.semantics = SemanticsTable()
        self.unites = False
        self._directory = directory
        self._plain = BareTable(directory)
        self._batches: list[Columns] = []
        self._records = _Buffers()
        self._identifiers = TextWriter(directory, "spool_identifiers")
        self._claims = TextWriter(directory, "spool_claims")
        self._claim_terms = TextWriter(directory, "spool_terms")
        self._evidence_counts = array("i", [0])
        for writer in (self._identifiers, self._claims, self._claim_terms):
            writer.append(b"")  # code 0: no text
        self._digests = bytearray(16)
        self._shared: dict[bytes, int] = {}
        self._bare_doubt: dict[tuple[str, object, bool, str], float] = {}
        self._encode = msgspec.msgpack.Encoder(order="deterministic").encode

    def add(self, statement: Statement) -> None:
        """Take a statement; raises `DataError` where a part of it cannot be stored."""
        if not statement.predicate:
            raise DataError("statements", None, f"{statement.id or 'one'} has no predicate")
        try:
            identifier = self.identifier(statement.id)
            claim = 0 if is_bare(statement) else self.claim(annotations_of(statement))
        except UnicodeEncodeError as error:
            raise DataError(
                "statements", None, f"{statement.id!r} holds text that is no Unicode ({error})"
            ) from error
        predicate = self.predicates.code(statement.predicate)
        if predicate >= MAX_TERMS:
            raise DataError("statements", None, f"there are more than {MAX_TERMS:,} predicates")
        code = self.entities.code
        self._records.append(
            code(statement.subject),
            predicate,
            code(statement.object),
            UNKNOWN_SIGN if statement.sign is None else statement.sign,
            doubt(statement) if claim else self._doubt_of_bare(statement),
            bool(statement.derived_from),
            statement.negated,
            self.semantics.code(semantics_of(statement)),
            claim,
            identifier,
        )

    def add_rows(
        self,
        subject: NDArray[np.int32],
        predicate: NDArray[np.uint16],
        obj: NDArray[np.int32],
        sign: NDArray[np.int8],
    ) -> None:
        """Take a batch of bare statements as numbers of `entities` and `predicates`.

        All arrays have one length. No Python object is made for a statement.
        """
        count = len(subject)
        weak = np.empty(count, np.float32)
        names = self.predicates.listed
        for number in np.flatnonzero(np.bincount(predicate)).tolist():
            for value in (-1, 0, 1, UNKNOWN_SIGN):
                bare = Statement(
                    id="",
                    subject="",
                    predicate=names[number],
                    object="",
                    sign=None if value == UNKNOWN_SIGN else value,  # type: ignore[arg-type]
                )
                weak[(predicate == number) & (sign == value)] = self._doubt_of_bare(bare)
        self._batches.append(
            Columns(
                subject,
                predicate,
                obj,
                sign,
                weak,
                inferred=np.zeros(count, np.uint8),
                negated=np.zeros(count, np.uint8),
                semantics=np.zeros(count, np.uint16),
                claim=np.zeros(count, np.int32),
                identifier=np.zeros(count, np.int32),
            )
        )

    def add_columns(self, columns: Columns) -> None:
        """Take a batch of statements as numbers of `entities`, `predicates` and texts."""
        if not self._plain.take(columns):
            self._batches.append(columns)

    def finish(self) -> Columns | BareTable:
        """Close the spools and return all statements, numbered as they came.

        They are a table of bare ones where there are no others.
        """
        self.close()
        records = self._records.columns()
        if len(self._plain) and not len(records) and not self._batches:
            return self._plain
        columns = joined([records, *self._plain.batches(), *self._batches])
        columns = self._without_derived(columns)
        self._records = _Buffers()
        self._batches.clear()
        if self.unites:
            for writer in (self._claims, self._claim_terms):
                writer.reopen()
            columns = united(
                columns, len(self.entities), self.claims, self.semantics.listed, self.claim
            )
            self.close()
        self._shared.clear()
        return columns

    def _without_derived(self, columns: Columns) -> Columns:
        """Drop identifiers that were derived from the triples of their statements.

        They come back with what was exported; each statement gets its own anew.
        """
        rows = np.flatnonzero(columns.identifier)
        predicates, find = self.predicates.listed, self.entities.find
        named = (text for part in self.identifiers.taken(columns.identifier[rows]) for text in part)
        derived = []
        for row, text in zip(rows.tolist(), named, strict=True):
            parts = parts_of(text.decode()) if SEPARATOR in text else None
            if parts is not None and (
                predicates[columns.predicate[row]] == parts.predicate
                and find(parts.subject) == columns.subject[row]
                and find(parts.object) == columns.object[row]
            ):
                derived.append(row)
        if not derived:
            return columns
        identifier = np.array(columns.identifier)
        identifier[derived] = 0
        return replace(columns, identifier=identifier)

    def close(self) -> None:
        """Close the spools."""
        close_all(self._identifiers, self._claims, self._claim_terms)

    @property
    def identifiers(self) -> Texts:
        """The spooled identifiers, by the code in `Columns.identifier`; after `finish`."""
        return Texts.open(self._directory, "spool_identifiers")

    @property
    def claims(self) -> Texts:
        """The spooled claims, by the code in `Columns.claim`; after `finish`."""
        return Texts.open(self._directory, "spool_claims")

    @property
    def claim_terms(self) -> Texts:
        """The numbers in `terms` of each claim, as int32 bytes; after `finish`."""
        return Texts.open(self._directory, "spool_terms")

    def claim_ranks(self) -> NDArray[np.int32]:
        """Return a number for each claim, equal for equal texts, the same in any input order."""
        halves = np.frombuffer(self._digests, np.uint64).reshape(-1, 2)
        order = np.lexsort((halves[:, 1], halves[:, 0]))
        changes = np.any(halves[order][1:] != halves[order][:-1], axis=1)
        ranks = np.empty(len(order), np.int32)
        ranks[order] = np.concatenate(([0], np.cumsum(changes)))
        return ranks

    def evidence_counts(self) -> NDArray[np.int32]:
        """Return how many pieces of evidence each claim holds."""
        return np.frombuffer(self._evidence_counts, np.int32)

    def identifier(self, text: str) -> int:
        """Return the code of an identifier, 0 where the builder is to name the statement."""
        if not text:
            return 0
        if not text.isprintable():
            raise DataError("statements", None, f"{text!r} cannot be an identifier")
        return self._identifiers.append(text.encode())

    def claim(self, annotations: Annotations) -> int:
        """Return the code of what a statement says beyond its columns, 0 for a bare one."""
        if is_bare(annotations):
            return 0
        text = self._encode(annotations.shown)
        digest = blake2b(text, digest_size=16).digest()
        code = self._shared.get(digest)
        if code is not None:
            return code
        if len(self._shared) >= SHARED_CLAIMS:
            self._shared.clear()
        code = self._shared[digest] = self._claims.append(text)
        self._digests += digest
        self._evidence_counts.append(len(annotations.evidence))
        self._claim_terms.append(array("i", map(self.terms.code, terms_of(annotations))).tobytes())
        return code

    def _doubt_of_bare(self, statement: Statement) -> float:
        key = (statement.predicate, statement.sign, statement.negated, statement.hedge)
        if key not in self._bare_doubt:
            self._bare_doubt[key] = doubt(statement)
        return self._bare_doubt[key]


class _Buffers:
    """Growing columns of the statements that came as records."""

    _types = "iHibfBBHii"

    def __init__(self) -> None:
        self._arrays: list[array[Any]] = [array(code) for code in self._types]

    def append(self, *values: float) -> None:
        for column, value in zip(self._arrays, values, strict=True):
            column.append(value)

    def columns(self) -> Columns:
        return Columns(*(np.frombuffer(column, column.typecode) for column in self._arrays))
