"""What a reader hands on: typed records of a rich format, or columns of a big plain table.

A batch is bounded (a block of a table, some thousand records), so a load never holds a file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Protocol

import msgspec

from mechkg.kg.columns.interner import Column, Numbered
from mechkg.kg.errors import UnknownTerm
from mechkg.kg.model.schema import Schema
from mechkg.kg.model.values import Entity, Evidence, Statement
from mechkg.kg.readers.annotations import Particulars
from mechkg.kg.readers.files import SourceFile

__all__ = [
    "DATABASE",
    "Batch",
    "EntityRows",
    "Reader",
    "Reading",
    "Records",
    "Said",
    "StatementRows",
    "compact",
    "gathered",
]

DATABASE: Final = "database"
"""The kind of evidence that a source gives by listing a statement, and no more."""

Said = tuple[Statement, bool]
"""A statement, and whether it states its sign; if not, the sign is that of its predicate."""


@dataclass(frozen=True)
class Reading:
    """What a reader may know beside its file.

    `source` is the name by which the file is cited where it does not name its own sources;
    `schema` holds the categories and predicates known before.

    >>> Reading(Schema(), "edges.tsv").listed.evidence[0].source
    'edges.tsv'
    """

    schema: Schema
    source: str

    @cached_property
    def listed(self) -> Particulars:
        """The particulars of a statement that the file lists without any."""
        return Particulars(evidence=(Evidence(kind=DATABASE, source=self.source),))

    @cached_property
    def depths(self) -> Mapping[str, int]:
        """The depth of each category of the schema below `biolink:NamedThing`."""
        above = {category.id: category.parents for category in self.schema.categories}
        depths = {"biolink:NamedThing": 0}
        left = [name for name in above if name not in depths]
        while left:
            found = {
                name: 1 + max((depths[up] for up in above[name] if up in depths), default=0)
                for name in left
                if not above[name] or any(up in depths for up in above[name])
            }
            if not found:
                break
            depths.update(found)
            left = [name for name in left if name not in depths]
        return depths

    def predicate(self, text: str) -> str | None:
        """Return the id of the predicate that the schema has under a name, IRI or mapping."""
        try:
            return self.schema.predicate(text).id
        except UnknownTerm:
            return None


@dataclass(frozen=True, slots=True)
class Records:
    """Some entities and statements; `line` is that of the first, None where there are no lines.

    Several records of one entity are merged. A statement with the identifier `""` is named by
    the builder. `defined` holds the terms and prefixes that the source defines itself.
    """

    entities: tuple[Entity, ...] = ()
    statements: tuple[Said, ...] = ()
    defined: Schema | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class EntityRows:
    """Rows of a node table: `columns` are fields of `kg.model.values.Entity`, `id` among them.

    `category`, `synonyms` and `xrefs` may hold several values, parted by `|`.
    """

    columns: Mapping[str, Column]
    line: int


@dataclass(frozen=True, slots=True)
class StatementRows:
    """Rows of an edge table; one line each, from `line` on.

    `rest` holds the further cells of each row, as one text for equal rows; `decode` makes
    particulars of it and raises `ValueError` with the reason. Without `rest` all rows have the
    same `particulars`. `defined` is as for `Records`. A reader may hand on numbers of the
    predicates of its file, and of the ends, of subjects before those of objects.
    """

    subject: Column | Numbered
    predicate: Column | Numbered
    object: Column | Numbered
    line: int
    particulars: Particulars
    id: Column | None = None
    rest: Column | None = None
    decode: Callable[[str], Particulars] | None = None
    defined: Schema | None = None


Batch = Records | EntityRows | StatementRows


class Reader(Protocol):
    """Reads one file: a generator of batches, in the order of the file.

    Raises `DataError` with file, line and reason for anything that it cannot keep.
    """

    def __call__(self, file: SourceFile, reading: Reading) -> Iterator[Batch]:
        """Read a file."""
        ...


def compact(value: object) -> str:
    """Return a value of JSON as the text of an attribute: strings bare, the rest as JSON.

    >>> compact("a"), compact(1.5), compact(["a", "b"])
    ('a', '1.5', '["a","b"]')
    """
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def gathered(batches: Iterable[Batch], size: int = 4096) -> Iterator[Batch]:
    """Yield batches with neighbouring small records joined, up to about `size` statements.

    >>> one = Records(entities=(Entity(id="a:1", name="a"),))
    >>> [len(batch.entities) for batch in gathered([one, one, one])]
    [3]
    """
    held: list[Records] = []
    count = 0
    for batch in batches:
        if not isinstance(batch, Records) or batch.defined is not None or count >= size:
            if held:
                yield _joined(held)
            held, count = [], 0
        if isinstance(batch, Records) and batch.defined is None:
            held.append(batch)
            count += len(batch.statements) + len(batch.entities)
        else:
            yield batch
    if held:
        yield _joined(held)


def _joined(records: Sequence[Records]) -> Records:
    return Records(
        entities=tuple(e for r in records for e in r.entities),
        statements=tuple(s for r in records for s in r.statements),
        line=records[0].line,
    )
