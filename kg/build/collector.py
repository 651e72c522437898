"""Batches of readers -> numbers of a build.

Each distinct identifier, predicate, category and set of annotations is looked at once in Python;
a row of a table never is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from mechkg.kg.build.builder import Build
from mechkg.kg.build.entity_table import NAMED_THING
from mechkg.kg.build.node_conflicts import NodeConflicts
from mechkg.kg.build.row_annotations import OF_PREDICATE, RowAnnotations
from mechkg.kg.build.row_refusals import Codes, Refusals, identifier_faults
from mechkg.kg.build.statement_columns import Columns
from mechkg.kg.columns.interner import Column, Interner, Numbered
from mechkg.kg.columns.npy import constant, is_constant
from mechkg.kg.errors import DataError
from mechkg.kg.model.annotations import context_order, qualifier_order
from mechkg.kg.model.identifiers import VOCABULARIES, registry
from mechkg.kg.model.load_report import Outcome
from mechkg.kg.model.schema import Schema
from mechkg.kg.model.values import Entity, Statement, sign_of
from mechkg.kg.readers.cells import identifiers, values
from mechkg.kg.readers.content import Batch, EntityRows, Reading, Records, Said, StatementRows
from mechkg.kg.readers.files import SourceFile
from mechkg.kg.readers.kgx import UNMAPPED, attributes_of, synonym_kinds, term
from mechkg.kg.readers.sssom import Equivalences
from mechkg.kg.snapshot.index import UNKNOWN_SIGN

__all__ = ["Collector"]

_PLAIN: Final = {"id", "name", "category"}
_LISTS: Final = frozenset(("synonyms", "xrefs", "provided_by"))


class Collector:
    """Feeds batches into a build, one file after the other.

    Memory beside the build's: 60 bytes an entity, and the distinct annotations of one file
    (`RowAnnotations`). `cited` are the names of the files that a statement names as its source.
    """

    def __init__(self, build: Build, schema: Schema, same: Equivalences) -> None:
        self._build = build
        self._same = same
        self._learn(schema)
        self._curies = Codes(self._entity_codes)
        self._predicates = Codes(self._predicate_codes)
        self._predicate_signs = np.empty(0, np.int8)
        self._joined: set[str] = set()
        self.cited: set[str] = set()

    def _learn(self, schema: Schema) -> None:
        self.schema = schema
        self._reading = Reading(schema, "")
        self._build.entities.above = self._reading.above
        self._ids = _predicate_ids(schema)
        self._effects = {predicate.id: predicate.effect for predicate in schema.predicates}

    def _define(self, defined: Schema | None) -> None:
        if defined is not None:
            self._learn(_extended(self.schema, defined))

    def begin(self, file: SourceFile) -> None:
        """Start with the next file, which may use what the files before it defined."""
        self._file = file
        self.entities = 0
        self.statements = 0
        self.evidence = 0
        self._rows_seen = NodeConflicts()
        self._reader_codes = np.empty(0, np.int32)
        self._reader_predicates = np.empty(0, np.int32)
        self._said = RowAnnotations(self._build.statements)

    def take(self, batch: Batch) -> None:
        """Enter a batch; what cannot be entered is refused with file and, for tables, line."""
        if isinstance(batch, EntityRows):
            self._take_entities(batch)
        elif isinstance(batch, StatementRows):
            self._take_statements(batch)
        else:
            self._take_records(batch)

    def used_schema(self) -> Schema:
        """Return the schema without terms that neither the graph nor a term below them uses."""
        build = self._build
        known = build.statements.predicates.listed
        schema = _narrowed(self.schema, build.entities.categories, known)
        namespaces = {*schema.prefixes.values(), *VOCABULARIES.values()}
        own = {p: start for p, start in build.entities.prefixes.items() if start not in namespaces}
        return msgspec.structs.replace(schema, prefixes=own | schema.prefixes)

    # -- entities ---------------------------------------------------------------------------

    def _take_entities(self, rows: EntityRows) -> None:
        columns = rows.columns
        ids = columns["id"]
        refused = Refusals(self._file, rows, "entity")
        codes = self._numbers(ids, refused)
        for row, line in self._rows_seen.unlike(codes, rows):
            self._file.merge(
                "entity", rows.line_of(row), "it is described differently on another line",
                count=0, example=f"{ids.text(row)}, see line {line}",
            )  # fmt: skip
        self.entities += len(ids)
        categories, further = None, None
        if "category" in columns:
            categories, further = self._categories(columns["category"])
        plain = columns.keys() <= _PLAIN and "name" in columns and not (further or rows.further)
        if plain and not len(self._same):
            names = columns["name"]
            new = self._build.entities.add_rows(ids, names, categories or [NAMED_THING] * len(ids))
            self._file.keep("entity", new - len(refused))
            self._file.merge("entity", None, count=len(ids) - new)
            return
        for row, entity in enumerate(_entities(rows, categories, further)):
            if row not in refused:
                self._add(entity, rows.line_of(row))

    def _add(self, entity: Entity, line: int | None) -> None:
        """Enter one entity and count it."""
        try:
            new = self._build.entities.add(self._merged(entity))
        except DataError as error:
            self._file.refuse(line, error.reason, "entity")
            return
        replaced = self._same.chosen(entity.id) != entity.id
        outcome: Outcome = "replaced" if replaced else "kept" if new else "merged"
        self._file.outcomes.add("entity", outcome)

    def _add_all(self, entities: Sequence[Entity]) -> None:
        """Enter entities without lines, and count them together."""
        if len(self._same):
            for entity in entities:
                self._add(entity, None)
            return
        add, kept, refused = self._build.entities.add, 0, 0
        for entity in entities:
            try:
                kept += add(entity)
            except DataError as error:
                refused += 1
                self._file.refuse(None, error.reason, "entity")
        self._file.keep("entity", kept)
        self._file.merge("entity", None, count=len(entities) - kept - refused)

    def _numbers(self, column: Column, refused: Refusals) -> NDArray[np.int32]:
        """Return a number for each CURIE, equal for equal ones."""
        if len(self._same):
            return self._curies.interner.intern(column)
        return self._ends(column, refused)

    def _ends(self, column: Column | Numbered, refused: Refusals) -> NDArray[np.int32]:
        """Return the build's code of each CURIE, or of the one that stands for it."""
        if isinstance(column, Numbered):
            fresh, bad = self._end_codes(column.fresh)
            known = len(self._reader_codes)
            self._reader_codes = np.concatenate((self._reader_codes, fresh))
            for code, reason in bad.items():
                refused.add(np.flatnonzero(column.numbers == known + code), reason)
            return self._reader_codes[column.numbers]
        codes, bad = self._end_codes(column)
        for row, reason in bad.items():
            refused.add(np.array([row]), reason)
        return codes

    def _end_codes(self, column: Column) -> tuple[NDArray[np.int32], dict[int, str]]:
        """Return the build's code of each CURIE, and why some of them cannot be one."""
        if len(self._same):
            return self._curies.codes(column)
        try:
            return self._build.entities.column_codes(column), {}
        except DataError:
            texts = column.texts()
        # All are interned by now, so that the second call looks at none of them again.
        return self._build.entities.column_codes(column), identifier_faults(texts)

    def _categories(self, column: Column) -> tuple[list[str], list[str] | None]:
        """Return the category of each row, and its further ones where any row has some."""
        distinct = Interner()
        numbers = distinct.intern(column).tolist()
        found = [self._reading.category(values(text)) for text in distinct.column.texts()]
        categories = [found[number][0] for number in numbers]
        if not any(further for _, further in found):
            return categories, None
        return categories, [found[number][1] for number in numbers]

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
        refused = Refusals(self._file, rows, "statement")
        subject = self._ends(rows.subject, refused)
        obj = self._ends(rows.object, refused)
        predicate = self._relations(rows.predicate, refused)
        said, faults = self._said.of(rows)
        for faulty, reason in faults:
            refused.add(faulty, reason)
        identifier = self._identifiers(rows, refused)
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
                semantics=said["semantics"],
                claim=said["claim"],
                identifier=identifier,
            )
        )
        self.cited.add(self._file.name)
        self.statements += count
        self.evidence += int(said["evidence"].sum(dtype=np.int64))
        self._file.keep("statement", count - len(refused))

    def _relations(self, column: Column | Numbered, refused: Refusals) -> NDArray[np.int32]:
        """Return the build's code of each predicate."""
        if isinstance(column, Numbered):
            fresh, bad = self._predicates.codes(column.fresh)
            known = len(self._reader_predicates)
            self._reader_predicates = np.concatenate((self._reader_predicates, fresh))
            for code, reason in bad.items():
                refused.add(np.flatnonzero(column.numbers == known + code), reason)
            return self._reader_predicates[column.numbers]
        codes, bad = self._predicates.codes(column)
        for row, reason in bad.items():
            refused.add(np.array([row]), reason)
        return codes

    def _settled_signs(
        self, said: NDArray[np.int8], predicate: NDArray[np.int32]
    ) -> NDArray[np.int8]:
        """Return the sign of each row, that of its predicate where it says none itself."""
        if is_constant(said) and said[0] == OF_PREDICATE:
            return self._predicate_signs[predicate]
        return np.where(said == OF_PREDICATE, self._predicate_signs[predicate], said)

    def _identifiers(self, rows: StatementRows, refused: Refusals) -> NDArray[np.int32]:
        if rows.id is None:
            return constant(0, np.int32, len(rows.subject))
        codes = np.zeros(len(rows.subject), np.int32)
        enter = self._build.statements.identifier
        for row, text in enumerate(rows.id.texts()):
            try:
                codes[row] = enter(text)
            except DataError as error:
                refused.add(np.array([row]), error.reason)
        return codes

    def _predicate_codes(self, texts: list[str]) -> NDArray[np.int32]:
        names = [self._predicate(text) for text in texts]
        codes = [self._build.statements.predicates.code(name) for name in names]
        signs = np.full(max((*codes, len(self._predicate_signs) - 1)) + 1, UNKNOWN_SIGN, np.int8)
        signs[: len(self._predicate_signs)] = self._predicate_signs
        for code, name in zip(codes, names, strict=True):
            sign = sign_of(self._effects.get(name, "unknown"))
            signs[code] = UNKNOWN_SIGN if sign is None else sign
        self._predicate_signs = signs
        return np.array(codes, np.int32)

    def _predicate(self, text: str) -> str:
        name = term(text)
        known = self._ids.get(name)
        if known is not None or "://" not in name:
            return known or name
        # An IRI is the CURIE that stands for it, in every format.
        form = term(registry().canonical(name))
        return self._ids.get(form, form)

    def _take_records(self, records: Records) -> None:
        self._define(records.defined)
        self._add_all(records.entities)
        for said in records.statements:
            try:
                self._build.statements.add(self._settled(said))
            except DataError as error:
                self._file.refuse(None, error.reason, "statement")
            else:
                self._file.keep("statement")
        if self._file.name not in self.cited:
            found = (e.source for s, _ in records.statements for e in s.evidence)
            self.cited.update(source for source in found if source == self._file.name)
        self.entities += len(records.entities)
        self.statements += len(records.statements)
        self.evidence += sum(len(statement.evidence) for statement, _ in records.statements)

    def _settled(self, said: Said) -> Statement:
        """Return a statement under the names of this graph, its sign decided."""
        statement, stated = said
        predicate = self._predicate(statement.predicate)
        effect = statement.effect if stated else self._effects.get(predicate, "unknown")
        return msgspec.structs.replace(
            statement,
            subject=self._same.chosen(statement.subject),
            predicate=predicate,
            object=self._same.chosen(statement.object),
            sign=sign_of(effect),
            effect=effect,
            **_ordered_sets(statement),
        )


def _ordered_sets(statement: Statement) -> dict[str, Any]:
    """Return the sets of a statement of which some are not in their order, by field."""
    if not (statement.context or statement.qualifiers or statement.derived_from):
        return {}
    return {
        "context": tuple(sorted(statement.context, key=context_order)),
        "qualifiers": tuple(sorted(statement.qualifiers, key=qualifier_order)),
        "derived_from": tuple(sorted(statement.derived_from)),
    }


def _entities(
    rows: EntityRows, categories: list[str] | None, further: list[str] | None
) -> Iterator[Entity]:
    """Yield the entities of rows."""
    texts = {name: column.texts() for name, column in rows.columns.items() if name != "category"}
    fields = [(name, column.texts()) for name, column in rows.further if name in _LISTS]
    others = [(name, column.texts()) for name, column in rows.further if name not in _LISTS]
    others.sort(key=lambda column: column[0])
    lists = _LISTS.intersection((*texts, *(name for name, _ in fields)))
    for row in range(len(rows.columns["id"])):
        known: dict[str, Any] = {"name": "", **{name: cells[row] for name, cells in texts.items()}}
        for name in lists:
            parted = identifiers if name == "xrefs" else values
            found = parted(known.get(name, ""))
            found += [text for of, cells in fields if of == name for text in parted(cells[row])]
            known[name] = tuple(dict.fromkeys(found))
        attributes = attributes_of({name: cells[row] for name, cells in others})
        if further is not None and further[row]:
            attributes["category"] = further[row]
        if categories is not None:
            known["category"] = categories[row]
        yield Entity(**known, synonym_kinds=synonym_kinds(attributes), attributes=attributes)


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
