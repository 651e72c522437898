"""Batches of readers -> numbers of a build.

Each distinct identifier, predicate, category and set of particulars is looked at once in Python;
a row of a table never is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from mechkg.kg.build.builder import Build
from mechkg.kg.build.entity_table import NAMED_THING
from mechkg.kg.build.node_conflicts import Described
from mechkg.kg.build.row_annotations import OF_PREDICATE, RowParticulars
from mechkg.kg.build.statement_columns import Columns
from mechkg.kg.columns.interner import Column, Interner, Numbered
from mechkg.kg.columns.npy import constant, is_constant
from mechkg.kg.errors import DataError
from mechkg.kg.model.schema import Schema
from mechkg.kg.model.values import Entity, Sign, Statement
from mechkg.kg.readers.content import Batch, EntityRows, Reading, Records, Said, StatementRows
from mechkg.kg.readers.files import SourceFile
from mechkg.kg.readers.kgx import UNMAPPED, most_specific, term, values
from mechkg.kg.readers.sssom import Equivalences
from mechkg.kg.snapshot.index import UNKNOWN_SIGN

__all__ = ["Collector"]

_PLAIN: Final = {"id", "name", "category"}


class Collector:
    """Feeds batches into a build, one file after the other.

    Memory beside the build's: 60 bytes an entity, and the distinct particulars of one file
    (`RowParticulars`).
    """

    def __init__(self, build: Build, schema: Schema, same: Equivalences) -> None:
        self._build = build
        self._same = same
        self._learn(schema)
        self._curies = _Numbered(self._entity_codes)
        self._predicates = _Numbered(self._predicate_codes)
        self._predicate_signs = np.empty(0, np.int8)
        self._joined: set[str] = set()

    def _learn(self, schema: Schema) -> None:
        self.schema = schema
        self._depths = Reading(schema, "").depths
        self._ids = _predicate_ids(schema)
        self._signs = {predicate.id: predicate.sign for predicate in schema.predicates}

    def _define(self, defined: Schema | None) -> None:
        if defined is not None:
            self._learn(_extended(self.schema, defined))

    def begin(self, file: SourceFile) -> None:
        """Start with the next file, which may use what the files before it defined."""
        self._file = file
        self.entities = 0
        self.statements = 0
        self.evidence = 0
        self._rows_seen = Described()
        self._reader_codes = np.empty(0, np.int32)
        self._reader_predicates = np.empty(0, np.int32)
        self._said = RowParticulars(self._build.statements)

    def take(self, batch: Batch) -> None:
        """Enter a batch; raises `DataError` with the file and, for tables, the line."""
        try:
            if isinstance(batch, EntityRows):
                self._take_entities(batch)
            elif isinstance(batch, StatementRows):
                self._take_statements(batch)
            else:
                self._take_records(batch)
        except DataError as error:
            if error.file == self._file.name or error.line is not None:
                raise
            raise DataError(self._file.name, None, error.reason) from error

    def used_schema(self) -> Schema:
        """Return the schema without terms that neither the graph nor a term below them uses."""
        build = self._build
        return _narrowed(self.schema, build.entities.categories, build.statements.predicates.listed)

    # -- entities ---------------------------------------------------------------------------

    def _take_entities(self, rows: EntityRows) -> None:
        columns = rows.columns
        ids = columns["id"]
        self._rows_seen.check(self._numbers(ids, rows.line), columns, rows.line, self._file)
        self.entities += len(ids)
        categories = self._categories(columns["category"]) if "category" in columns else None
        plain = columns.keys() <= _PLAIN and "name" in columns and not len(self._same)
        if plain:
            named = categories or [NAMED_THING] * len(ids)
            self._build.entities.add_rows(ids, columns["name"], named)
            return
        for row, entity in enumerate(_entities(columns, categories)):
            try:
                self._build.entities.add(self._merged(entity))
            except DataError as error:
                raise self._file.error(rows.line + row, error.reason) from error

    def _numbers(self, column: Column, line: int) -> NDArray[np.int32]:
        """Return a number for each CURIE, equal for equal ones."""
        if len(self._same):
            return self._curies.interner.intern(column)
        return self._ends(column, line)

    def _ends(self, column: Column | Numbered, line: int) -> NDArray[np.int32]:
        """Return the build's code of each CURIE, or of the one that stands for it."""
        if isinstance(column, Numbered):
            self._note_fresh(column, line)
            return self._reader_codes[column.numbers]
        if len(self._same):
            return self._curies.codes(column, line, self._file)
        try:
            return self._build.entities.column_codes(column)
        except DataError as error:
            row = next(i for i, text in enumerate(column.texts()) if not text.isprintable())
            raise self._file.error(line + row, error.reason) from error

    def _note_fresh(self, column: Numbered, line: int) -> None:
        """Take the texts that a reader had not told before; an error names the first row of one.

        A reader tells each once, so that refused ones keep their places too.
        """
        known = len(self._reader_codes)
        fresh = np.zeros(len(column.fresh), np.int32)
        try:
            fresh = self._ends(column.fresh, known)
        except DataError as error:
            row = int(np.argmax(column.numbers == error.line))
            raise self._file.error(line + row, error.reason) from error
        finally:
            self._reader_codes = np.concatenate((self._reader_codes, fresh))

    def _categories(self, column: Column) -> list[str]:
        distinct = Interner()
        numbers = distinct.intern(column)
        names = [most_specific(values(text), self._depths) for text in distinct.column.texts()]
        return [names[number] for number in numbers.tolist()]

    def _merged(self, entity: Entity) -> Entity:
        """Return the entity under the CURIE that stands for it."""
        chosen = self._same.chosen(entity.id)
        if chosen == entity.id:
            return entity
        self._joined.add(entity.id)
        return msgspec.structs.replace(entity, id=chosen, xrefs=(*entity.xrefs, entity.id))

    def _entity_codes(self, texts: list[str]) -> NDArray[np.int32]:
        chosen = self._same.chosen
        add = self._build.entities.add
        for text in texts:
            if chosen(text) != text and text not in self._joined:
                self._joined.add(text)
                add(Entity(id=chosen(text), name="", xrefs=(text,)))
        return self._build.entities.codes(map(chosen, texts))

    # -- statements -------------------------------------------------------------------------

    def _take_statements(self, rows: StatementRows) -> None:
        self._define(rows.defined)
        subject, obj, predicate = self._triples(rows)
        said = self._said.of(rows, self._file)
        count = len(subject)
        self._build.statements.add_columns(
            Columns(
                subject=subject,
                predicate=predicate.astype(np.uint16),
                object=obj,
                sign=self._settled_signs(said["sign"], predicate),
                doubt=said["doubt"],
                inferred=constant(0, np.uint8, count),
                negated=said["negated"],
                claim=said["claim"],
                identifier=self._identifiers(rows, count),
            )
        )
        self.statements += count
        self.evidence += int(said["evidence"].sum(dtype=np.int64))

    def _triples(self, rows: StatementRows) -> list[NDArray[np.int32]]:
        """Return the codes of subjects, objects and predicates.

        All three are looked at before the first refusal is raised: a reader tells a text once,
        and later batches mean it by its number.
        """
        taken: list[NDArray[np.int32]] = []
        refused: list[DataError] = []
        for codes, column in (
            (self._ends, rows.subject), (self._ends, rows.object), (self._relations, rows.predicate)
        ):  # fmt: skip
            try:
                taken.append(codes(column, rows.line))
            except DataError as error:
                refused.append(error)
        if refused:
            raise refused[0]
        return taken

    def _relations(self, column: Column | Numbered, line: int) -> NDArray[np.int32]:
        """Return the build's code of each predicate."""
        if not isinstance(column, Numbered):
            return self._predicates.codes(column, line, self._file)
        fresh = self._predicates.codes(column.fresh, line, self._file)
        self._reader_predicates = np.concatenate((self._reader_predicates, fresh))
        return self._reader_predicates[column.numbers]

    def _settled_signs(
        self, said: NDArray[np.int8], predicate: NDArray[np.int32]
    ) -> NDArray[np.int8]:
        """Return the sign of each row, that of its predicate where it says none itself."""
        if is_constant(said) and said[0] == OF_PREDICATE:
            return self._predicate_signs[predicate]
        return np.where(said == OF_PREDICATE, self._predicate_signs[predicate], said)

    def _identifiers(self, rows: StatementRows, count: int) -> NDArray[np.int32]:
        if rows.id is None:
            return constant(0, np.int32, count)
        enter = self._build.statements.identifier
        return np.fromiter(map(enter, rows.id.texts()), np.int32, count)

    def _predicate_codes(self, texts: list[str]) -> NDArray[np.int32]:
        names = [self._predicate(text) for text in texts]
        codes = [self._build.statements.predicates.code(name) for name in names]
        signs = np.full(max((*codes, len(self._predicate_signs) - 1)) + 1, UNKNOWN_SIGN, np.int8)
        signs[: len(self._predicate_signs)] = self._predicate_signs
        for code, name in zip(codes, names, strict=True):
            sign = self._signs.get(name)
            signs[code] = UNKNOWN_SIGN if sign is None else sign
        self._predicate_signs = signs
        return np.array(codes, np.int32)

    def _predicate(self, text: str) -> str:
        name = term(text)
        return self._ids.get(name, name)

    def _take_records(self, records: Records) -> None:
        self._define(records.defined)
        for entity in records.entities:
            self._build.entities.add(self._merged(entity))
        for said in records.statements:
            self._build.statements.add(self._settled(said))
        self.entities += len(records.entities)
        self.statements += len(records.statements)
        self.evidence += sum(len(statement.evidence) for statement, _ in records.statements)

    def _settled(self, said: Said) -> Statement:
        """Return a statement under the names of this graph, its sign decided."""
        statement, stated = said
        predicate = self._predicate(statement.predicate)
        sign: Sign | None = statement.sign if stated else self._signs.get(predicate)
        return msgspec.structs.replace(
            statement,
            subject=self._same.chosen(statement.subject),
            predicate=predicate,
            object=self._same.chosen(statement.object),
            sign=sign,
        )


def _entities(columns: Mapping[str, Column], categories: list[str] | None) -> Iterator[Entity]:
    texts = {name: column.texts() for name, column in columns.items() if name != "category"}
    if categories is not None:
        texts["category"] = categories
    several = [name for name in ("synonyms", "xrefs", "provided_by") if name in texts]
    for cells in zip(*texts.values(), strict=True):
        fields: dict[str, Any] = {"name": "", **dict(zip(texts, cells, strict=True))}
        for name in several:
            fields[name] = tuple(values(fields[name]))
        yield Entity(**fields)


class _Numbered:
    """An interner whose numbers stand for codes of the build, asked for once a text."""

    def __init__(self, code: Callable[[list[str]], NDArray[np.int32]]) -> None:
        self.interner = Interner()
        self._code = code
        self._codes = np.empty(0, np.int32)

    def codes(self, column: Column, line: int, file: SourceFile) -> NDArray[np.int32]:
        """Return the code of each text; raises `DataError` at the line of a bad one."""
        numbers = self.interner.intern(column)
        known = len(self._codes)
        if len(self.interner) > known:
            texts = self.interner.column.take(slice(known, None)).texts()
            fresh = np.zeros(len(texts), np.int32)
            try:
                fresh = self._code(texts)
            except DataError as error:
                bad = next(i for i, text in enumerate(texts) if not text.isprintable())
                row = int(np.argmax(numbers == known + bad))
                raise file.error(line + row, error.reason) from error
            finally:  # what is refused once keeps its place, and is refused no second time
                self._codes = np.concatenate((self._codes, fresh))
        return self._codes[numbers]


def _predicate_ids(schema: Schema) -> dict[str, str]:
    """Return the predicate for each IRI and mapping that means it and nothing narrower."""
    ids: dict[str, str] = {}
    for predicate in schema.predicates:
        exact = () if predicate.biolink_qualifiers else (term(predicate.biolink),)
        for text in (predicate.iri, *predicate.mappings, *exact):
            ids.setdefault(text, predicate.id)
    return ids | {predicate.id: predicate.id for predicate in schema.predicates}


def _extended(schema: Schema, defined: Schema) -> Schema:
    """Return the schema with what a source defines.

    Its own word counts where it states a sign, and how its predicate is said in Biolink.
    """
    predicates = {predicate.id: predicate for predicate in schema.predicates}
    for predicate in defined.predicates:
        if predicate.id not in predicates or predicate.sign is not None:
            predicates[predicate.id] = predicate
        elif predicate.biolink != UNMAPPED:
            predicates[predicate.id] = msgspec.structs.replace(
                predicates[predicate.id],
                biolink=predicate.biolink,
                biolink_qualifiers=predicate.biolink_qualifiers,
            )
    categories = {category.id: category for category in (*defined.categories, *schema.categories)}
    return msgspec.structs.replace(
        schema,
        categories=tuple(categories[name] for name in sorted(categories)),
        predicates=tuple(predicates[name] for name in sorted(predicates)),
        prefixes=schema.prefixes | defined.prefixes,
    )


def _narrowed(schema: Schema, categories: set[str], predicates: list[str]) -> Schema:
    used_categories = _with_parents(categories, {c.id: c.parents for c in schema.categories})
    used = _with_parents(set(predicates), {p.id: p.parents for p in schema.predicates})
    return msgspec.structs.replace(
        schema,
        categories=tuple(c for c in schema.categories if c.id in used_categories),
        predicates=tuple(p for p in schema.predicates if p.id in used),
    )


def _with_parents(used: set[str], parents: dict[str, tuple[str, ...]]) -> set[str]:
    found = set(used)
    left = list(used)
    while left:
        for parent in parents.get(left.pop(), ()):
            if parent not in found:
                found.add(parent)
                left.append(parent)
    return found
