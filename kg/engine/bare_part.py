"""A part of a graph whose statements say no more than their triple, as a snapshot in memory.

It has what compiling a query and the kernels look at (index, schema, counts, metagraph, names by
identifier) and no texts: far cheaper than a directory, for the rounds of a search. Filters on
what statements say, and answers, need a part of `kg.engine.part`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray

from mechkg.kg.build.statement_columns import Columns, index_of
from mechkg.kg.errors import UnknownEntity
from mechkg.kg.model.grounding import Grounding
from mechkg.kg.model.schema import Schema
from mechkg.kg.model.values import Entity
from mechkg.kg.snapshot.metagraph import Statements, count_metagraph, read_metagraph
from mechkg.kg.snapshot.names import Names
from mechkg.kg.snapshot.postings import Postings
from mechkg.kg.snapshot.records import Records
from mechkg.kg.snapshot.snapshot import Counts, Manifest, Snapshot

__all__ = ["Triples", "bare_part"]


@dataclass(frozen=True, slots=True)
class Triples:
    """Distinct statements: subject, object (positions of entities), predicate (code), doubt."""

    subject: NDArray[np.int64]
    predicate: NDArray[np.int64]
    object: NDArray[np.int64]
    doubt: NDArray[np.float32]


class _Curies(Records):
    """The identifiers of entities, by row."""

    def __init__(self, ids: Sequence[str]) -> None:
        self._ids = ids

    def curie(self, row: int) -> str:
        """Return the identifier of an entity."""
        return self._ids[row]

    def entity_row(self, curie: str) -> int | None:
        """Return the row of an identifier, None where the part lacks it; O(log entities)."""
        row = bisect_left(self._ids, curie)
        return row if row < len(self._ids) and self._ids[row] == curie else None


class _Identifiers(Names):
    """Entities by identifier."""

    def __init__(self, ids: Sequence[str]) -> None:
        self._rows = {curie: row for row, curie in enumerate(ids)}

    def resolve(self, text: str, parameter: str = "entity") -> tuple[int, Grounding]:
        """Return the row of an identifier; raises `UnknownEntity`."""
        row = self._rows.get(text)
        if row is None:
            raise UnknownEntity(parameter, text)
        return row, Grounding(
            parameter=parameter, given=text, id=text, name=text, match="identifier", matched=text
        )


def bare_part(
    schema: Schema, entities: Sequence[Entity], triples: Triples, degree: NDArray[np.int64]
) -> Snapshot:
    """Return a snapshot in memory of some entities, in the order of their identifiers.

    `degree` (one an entity, int64) is that of the whole graph. O(statements log statements).
    """
    schema = schema.completed([entity.category for entity in entities], ())
    code = {category.id: number for number, category in enumerate(schema.categories)}
    category = np.array([code[entity.category] for entity in entities], np.uint16)
    ids = [entity.id for entity in entities]
    order = np.lexsort((triples.object, triples.predicate, triples.subject))
    size = len(order)
    nothing, number = np.zeros(size, np.uint8), np.zeros(size, np.int32)
    columns = Columns(
        subject=triples.subject[order].astype(np.int32),
        predicate=triples.predicate[order].astype(np.uint16),
        object=triples.object[order].astype(np.int32),
        sign=np.zeros(size, np.int8),
        doubt=triples.doubt[order],
        inferred=nothing,
        negated=nothing,
        semantics=np.zeros(size, np.uint16),
        claim=number,
        identifier=number,
    )
    index = replace(index_of(columns, category), degree=degree.astype(np.int32))
    counts = Counts(
        entities=len(ids), statements=size, inferred=0, negated=0, evidence=0,
        categories=len(schema.categories), predicates=len(schema.predicates),
    )  # fmt: skip
    carrying = Statements(columns.subject, columns.predicate, columns.object, nothing)
    return Snapshot(
        path=Path(),
        manifest=Manifest(format_version=0, name="part", hash="", sha256="", counts=counts),
        schema=schema,
        index=index,
        records=_Curies(ids),
        postings=cast("Postings", None),  # nothing is filtered by what statements say
        names=_Identifiers(ids),
        _cache={read_metagraph: count_metagraph(category, [carrying], schema)},
    )
