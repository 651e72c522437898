"""What a reader hands on: typed records of a rich format, or columns of a big plain table.

A batch is bounded (a block of a table, some thousand records), so a load never holds a file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from mechkg.kg.columns.interner import Column, Numbered
from mechkg.kg.errors import UnknownTerm
from mechkg.kg.model.annotations import Annotations
from mechkg.kg.model.schema import Schema
from mechkg.kg.model.values import Entity, Evidence, Statement
from mechkg.kg.readers.cells import is_missing
from mechkg.kg.readers.files import SourceFile

__all__ = [
    "DATABASE",
    "LANGUAGES",
    "Batch",
    "DatasetReader",
    "EntityRows",
    "LineRecords",
    "RankedEntity",
    "Reader",
    "Reading",
    "Records",
    "Said",
    "StatementRows",
    "gathered",
]

NAMED_THING: Final = "biolink:NamedThing"
_VOCABULARY: Final = re.compile(r"(?:https?://w3id\.org/biolink/(?:vocab/)?|biolink:)")
DATABASE: Final = "database"
"""The kind of evidence that a source gives by listing a statement, and no more."""

LANGUAGES: Final = ("en",)
"""Languages of names, the preferred first, where nothing else is said."""

Said = tuple[Statement, bool]
"""A statement, and whether it states its sign; if not, the sign is that of its predicate."""


@dataclass(frozen=True)
class Reading:
    """What a reader may know beside its file.

    `source` is the name by which the file is cited where it does not name its own sources;
    `schema` holds the categories and predicates known before; `languages` are those of names, the
    preferred first.

    >>> Reading(Schema(), "edges.tsv").listed.evidence[0].source
    'edges.tsv'
    """

    schema: Schema
    source: str
    languages: tuple[str, ...] = LANGUAGES

    @cached_property
    def listed(self) -> Annotations:
        """The annotations of a statement that the file lists without any."""
        return Annotations(evidence=(Evidence(kind=DATABASE, source=self.source),))

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

    @cached_property
    def above(self) -> Mapping[str, frozenset[str]]:
        """All categories above each category of the schema."""
        parents = {category.id: category.parents for category in self.schema.categories}
        found: dict[str, frozenset[str]] = {}
        for name in parents:
            seen: set[str] = set()
            left = [name]
            while left:
                fresh = [up for up in parents.get(left.pop(), ()) if up not in seen]
                seen.update(fresh)
                left += fresh
            found[name] = frozenset(seen)
        return found

    def category(self, texts: Sequence[str]) -> tuple[str, str]:
        """Return the most specific of some categories, and the others that say more than it.

        Those that stand above it say nothing more. The others are joined by `|`.

        >>> from mechkg.kg.model.biolink import biolink_schema
        >>> reading = Reading(biolink_schema(), "nodes.tsv")
        >>> reading.category(["biolink:NamedThing", "gene", "Protein"])
        ('biolink:Protein', 'biolink:Gene')
        """
        named = [category_id(text, self.depths) for text in texts if not is_missing(text)]
        chosen = max(named, key=lambda name: self.depths.get(name, -1), default=NAMED_THING)
        over = self.above.get(chosen, frozenset()) | {chosen, NAMED_THING}
        return chosen, "|".join(sorted(set(named) - over))

    def predicate(self, text: str) -> str | None:
        """Return the id of the predicate that the schema has under a name, IRI or mapping."""
        try:
            return self.schema.predicate(text).id
        except UnknownTerm:
            return None


class RankedEntity(Entity, frozen=True, kw_only=True, omit_defaults=True):
    """A record of an entity, with how wanted its name and description are, 0 before all others.

    Of several records the name of the least rank names the entity, the others become synonyms.
    """

    name_rank: int = 0
    description_rank: int = 0


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

    `category`, `synonyms` and `xrefs` may hold several values (`kg.readers.kgx.values`).
    `further` holds the other columns: second ones of these fields, and attributes by name.
    """

    columns: Mapping[str, Column]
    line: int
    lines: NDArray[np.int64] | None = None
    further: tuple[tuple[str, Column], ...] = ()

    def line_of(self, row: int) -> int:
        """Return the line of a row."""
        return self.line + row if self.lines is None else int(self.lines[row])


@dataclass(frozen=True, slots=True)
class StatementRows:
    """Rows of an edge table; one line each, from `line` on or, where some are blank, `lines`.

    `rest` holds the further cells of each row, as one text for equal rows; `decode` makes
    annotations of it and raises `ValueError` with the reason. Without `rest` all rows have the
    same `annotations`. `defined` is as for `Records`. A reader may hand on numbers of the
    predicates of its file, and of the ends, of subjects before those of objects.
    """

    subject: Column | Numbered
    predicate: Column | Numbered
    object: Column | Numbered
    line: int
    annotations: Annotations
    id: Column | None = None
    rest: Column | None = None
    decode: Callable[[str], Annotations] | None = None
    defined: Schema | None = None
    lines: NDArray[np.int64] | None = None

    def line_of(self, row: int) -> int:
        """Return the line of a row."""
        return self.line + row if self.lines is None else int(self.lines[row])


Batch = Records | EntityRows | StatementRows


class Reader(Protocol):
    """Reads one file: a generator of batches, in the order of the file.

    Raises `DataError` with file, line and reason for anything that it cannot keep.
    """

    def __call__(self, file: SourceFile, reading: Reading) -> Iterator[Batch]:
        """Read a file."""
        ...


@dataclass(frozen=True, slots=True)
class LineRecords:
    """A file whose lines are records of their own, so that shares of them can be read apart.

    The first record is in line `line`, at the byte `start`. `read` reads a share
    (`mechkg.kg.readers.files.SourceFile` with `start` and `stop`); it can be pickled.
    """

    start: int
    line: int
    read: Reader


class DatasetReader(Protocol):
    """Reads several files that mean something together, whatever their order.

    `files` come with the names of their formats. Yields each file with its batches, which are
    to be read before the next file is taken.
    """

    def __call__(
        self, files: Sequence[tuple[SourceFile, str]], reading: Reading
    ) -> Iterator[tuple[SourceFile, Iterator[Batch]]]:
        """Read the files."""
        ...


def category_id(text: str, depths: Mapping[str, int]) -> str:
    """Return the id of a category written in one of the usual ways: `Gene`, `gene`, its IRI.

    A name that the schema does not have is kept as it is.

    >>> depths = {"biolink:PhenotypicFeature": 4}
    >>> for text in ("phenotypic feature", "biolink:phenotypic_feature", "PhenotypicFeature"):
    ...     assert category_id(text, depths) == "biolink:PhenotypicFeature"
    >>> category_id("Wizard", depths)
    'Wizard'
    """
    name = _VOCABULARY.sub("", text)
    words = re.split(r"[\s_]+", name)
    camel = "".join(word[:1].upper() + word[1:] for word in words)
    for form in (name, camel, "".join(word.capitalize() for word in words)):
        if f"biolink:{form}" in depths:
            return f"biolink:{form}"
    return text if text.startswith("biolink:") or name == text else f"biolink:{name}"


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
