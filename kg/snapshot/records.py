"""The texts of a snapshot: entities and statements by row, rows by identifier.

Everything is mapped and decoded only when needed. Entities are in the order of their CURIEs,
so a CURIE is found by bisection; statement identifiers are found through a sorted array of their
64-bit hashes and verified by their text.

A statement that says no more than subject, predicate, object and sign has no text at all. Where a
source gave no identifier, it is derived from what the statement says
(`mechkg.kg.snapshot.statement_ids`), and found by bisection in the adjacency.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import blake2b
from itertools import repeat
from pathlib import Path
from threading import Lock
from typing import Final, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from mechkg.kg.columns.npy import open_array
from mechkg.kg.columns.strings import Texts
from mechkg.kg.errors import SnapshotError
from mechkg.kg.model.annotations import BARE, Annotations, Semantics
from mechkg.kg.model.identifiers import registry
from mechkg.kg.model.schema import Predicate, Schema
from mechkg.kg.model.values import (
    EFFECT_OF_SIGN,
    Effect,
    Entity,
    PathEntity,
    Sign,
    Statement,
    SynonymKind,
    effect_of,
)
from mechkg.kg.snapshot.index import UNKNOWN_SIGN, Index
from mechkg.kg.snapshot.statement_ids import (
    content_digest,
    derived_identifier,
    distinctive,
    parts_of,
)

__all__ = [
    "SEMANTICS",
    "Description",
    "Known",
    "Records",
    "StatementDetails",
    "identifier_hash",
]

MAX_CLAIMS_READ: Final = 1_000
"""Distinct claims that are read, at most, to see whether any names a context."""

SEMANTICS: Final = "semantics.json"
"""The file that lists what each code of the column `semantics` means, a `Semantics` each."""

FIRST_KNOWN: Final = 1 << 10
"""Entities of paths that there is room for at first."""

MAX_RUNS: Final = 4
"""Triples of several statements whose derived identifiers are remembered."""

MAX_DIGESTS: Final = 1 << 16
"""Digests of statements that are remembered, each for all statements that say the same."""

MOST_KNOWN: Final = 1 << 18
"""Entities of paths that are remembered between answers: some 50 MB."""


class Description(msgspec.Struct, frozen=True, array_like=True):
    """What an entity has beyond identifier, name and category, as it is stored."""

    synonyms: tuple[str, ...] = ()
    description: str = ""
    xrefs: tuple[str, ...] = ()
    provided_by: tuple[str, ...] = ()
    iri: str = ""
    synonym_kinds: dict[str, SynonymKind] = msgspec.field(default_factory=dict)
    attributes: dict[str, str] = msgspec.field(default_factory=dict)


BARE_DESCRIPTION = Description()

_SIGNS: dict[int, Sign | None] = {-1: -1, 0: 0, 1: 1, UNKNOWN_SIGN: None}


def identifier_hash(identifier: bytes) -> int:
    """Return the 64 bits by which a statement's identifier is looked up (BLAKE2b).

    >>> 0 <= identifier_hash(b"SC061") < 2**64
    True
    """
    return int.from_bytes(blake2b(identifier, digest_size=8).digest(), "little")


def read_semantics(directory: Path) -> tuple[Semantics, ...]:
    """Return what each code of the column `semantics` means. Raises `SnapshotError`."""
    path = directory / SEMANTICS
    try:
        return msgspec.json.decode(path.read_bytes(), type=tuple[Semantics, ...])
    except (OSError, msgspec.DecodeError) as error:
        raise SnapshotError(
            f"{path} cannot be read ({error}).", hint="Load the graph again."
        ) from error


def _resolved(semantics: Semantics, predicate: Predicate, *, bare: bool) -> Semantics:
    return msgspec.structs.replace(
        semantics,
        both=semantics.both or (bare and predicate.effect == "both"),
        subject_aspect=semantics.subject_aspect or predicate.subject_aspect,
        object_aspect=semantics.object_aspect or predicate.object_aspect,
    )


class StatementDetails(msgspec.Struct, frozen=True, gc=False):
    """What a path shows of a statement beyond the columns of the index."""

    id: str
    annotations: Annotations
    semantics: Semantics
    effect: Effect


class _Run(NamedTuple):
    """The statements of one triple, on one side of the index, with their derived identifiers."""

    rows: range
    names: dict[int, str]
    row_of: dict[str, int]


class Known:
    """Entities as paths show them: `values[place[row]]`, where the place is not 0.

    `values` are objects; 4 bytes an entity of the graph, of which only those that are looked at
    take memory.
    """

    def __init__(self, entities: int) -> None:
        self.place = np.zeros(entities, np.int32)
        self.values = np.empty(FIRST_KNOWN, np.object_)
        self.used = 1
        self._lock = Lock()

    def enter(self, row: int, entity: PathEntity) -> None:
        """Remember an entity; those that are known keep their places.

        A larger array takes the place of `values` where it is full: whoever reads it holds it.
        """
        with self._lock:
            if self.place[row]:
                return
            if self.used == len(self.values):
                self.values = np.concatenate((self.values, np.empty(self.used, np.object_)))
            self.values[self.used] = entity
            self.place[row] = self.used
            self.used += 1


class Records:
    """The entities and statements of a snapshot, by row.

    Safe under threads, and in a fork that was made while no other thread asked.
    """

    def __init__(self, directory: Path, index: Index, schema: Schema) -> None:
        self._index = index
        self._labels = Texts.open(directory, "entity_labels")
        self._descriptions = Texts.open(directory, "entity_descriptions")
        self._description = open_array(directory / "entity_description.npy")
        self._identifiers = Texts.open(directory, "statement_identifiers")
        self._claims = Texts.open(directory, "statement_claims")
        self._claim = open_array(directory / "statement_claim.npy")
        self._hashes = open_array(directory / "identifier_hash.npy")
        self._hash_rows = open_array(directory / "identifier_row.npy")
        self._categories = tuple(category.id for category in schema.categories)
        self._predicates = schema.predicates
        self._semantics = read_semantics(directory)
        self._resolved: dict[tuple[int, int], Semantics] = {}
        self._codes = {predicate.id: code for code, predicate in enumerate(schema.predicates)}
        self._digests: dict[tuple[int, ...], str] = {}
        self._runs: tuple[_Run, ...] = ()
        self._to_annotations = msgspec.msgpack.Decoder(Annotations)
        self._last: tuple[int, Annotations] = (0, BARE)
        self._known = Known(index.entities)
        self._to_description = msgspec.msgpack.Decoder(Description)
        fits = (
            len(self._labels) == 2 * index.entities
            and len(self._description) == index.entities
            and len(self._claim) in {0, index.statements}
            and len(self._identifiers) in {0, index.statements}
            and len(self._hashes) == len(self._hash_rows)
        )
        if not fits:
            raise SnapshotError(
                f"The texts in {directory} do not fit its index.", hint="Load the graph again."
            )

    def curie(self, row: int) -> str:
        """Return the identifier of an entity; well under a microsecond."""
        return self._labels.text(2 * row)

    def name(self, row: int) -> str:
        """Return the name of an entity; well under a microsecond."""
        return self._labels.text(2 * row + 1)

    def path_entity(self, row: int) -> PathEntity:
        """Return identifier, name and category of an entity; about a microsecond."""
        row = int(row)
        labels = self._labels
        first, middle, last = labels.ptr[2 * row : 2 * row + 3].tolist()
        return PathEntity(
            str(labels.data[first:middle], "utf-8"),
            str(labels.data[middle:last], "utf-8"),
            self._categories[self._index.category[row]],
        )

    def path_entities(self, rows: NDArray[np.int32]) -> NDArray[np.object_]:
        """Return some entities as paths show them; equal rows give the same object."""
        known = self.known(rows)
        place = known.place[rows]  # before `values`, which may grow meanwhile
        entities: NDArray[np.object_] = known.values[place]
        return entities

    def known(self, rows: NDArray[np.int32] | None = None) -> Known:
        """Return what is remembered of entities, those of some rows included.

        More than `MOST_KNOWN` are forgotten before others are entered.
        """
        known = self._known
        missing = () if rows is None else rows[known.place[rows] == 0].tolist()
        if missing and known.used > MOST_KNOWN:
            known = self._known = Known(self._index.entities)
            missing = rows.tolist() if rows is not None else ()
        for row in dict.fromkeys(missing):
            known.enter(row, self.path_entity(row))
        return known

    def entity(self, row: int) -> Entity:
        """Return an entity with all that is known about it; some microseconds."""
        row = int(row)
        code = int(self._description[row])
        more = self._to_description.decode(self._descriptions[code]) if code else BARE_DESCRIPTION
        return Entity(
            id=self._labels.text(2 * row),
            name=self._labels.text(2 * row + 1),
            category=self._categories[self._index.category[row]],
            synonyms=more.synonyms,
            description=more.description,
            xrefs=more.xrefs,
            provided_by=more.provided_by,
            iri=more.iri or registry().address(self._labels.text(2 * row)),
            synonym_kinds=more.synonym_kinds,
            attributes=more.attributes,
        )

    def entity_row(self, curie: str) -> int | None:
        """Return the row of an entity, None if there is none of this CURIE; O(log n)."""
        try:
            wanted = curie.encode()
        except UnicodeEncodeError:
            return None
        low = self._first_from(wanted)
        labels = self._labels
        return low if 2 * low < len(labels) and labels[2 * low] == wanted else None

    def has_prefix(self, start: str) -> bool:
        """Say whether the identifier of an entity begins with a text; O(log n)."""
        wanted = start.encode("utf-8", "replace")
        low = self._first_from(wanted)
        return 2 * low < len(self._labels) and self._labels[2 * low].startswith(wanted)

    def _first_from(self, wanted: bytes) -> int:
        """Return the first row whose identifier is not less than a text."""
        labels = self._labels
        low, high = 0, len(labels) // 2
        while low < high:
            middle = (low + high) // 2
            if labels[2 * middle] < wanted:
                low = middle + 1
            else:
                high = middle
        return low

    def statement_id(self, row: int) -> str:
        """Return the identifier of a statement: its source's, or one derived from what it says.

        Some microseconds, and as much for each statement of the same triple.
        """
        row = int(row)
        return self._own_id(row) or self._derived_id(row)

    def _own_id(self, row: int) -> str:
        return self._identifiers.text(row) if len(self._identifiers) else ""

    def _derived_id(self, row: int) -> str:
        for run in self._runs:
            if row in run.rows:
                return run.names[row]
        rows = self._parallel(row)
        if len(rows) > 1:
            return self._run(rows).names[row]
        return derived_identifier(*self._triple(row), self._digest(row))

    def _triple(self, row: int) -> tuple[str, str, str]:
        index = self._index
        subject, obj = self.curie(int(index.subject[row])), self.curie(int(index.object[row]))
        return subject, self._predicates[index.predicate[row]].id, obj

    def _run(self, rows: range) -> _Run:
        """Return the derived identifiers of the statements of one triple.

        The last few are remembered, as whoever looks at one statement looks at those beside it.
        """
        for run in self._runs:
            if run.rows == rows:
                return run
        triple = self._triple(rows.start)
        names, counts = dict[int, str](), dict[str, int]()
        for row in rows:
            if not self._own_id(row):
                digest = self._digest(row)
                counts[digest] = counts.get(digest, 0) + 1
                names[row] = derived_identifier(*triple, digest, counts[digest])
        made = _Run(rows, names, {name: row for row, name in names.items()})
        self._runs = (made, *self._runs[: MAX_RUNS - 1])  # swapped at once, whatever threads
        return made

    def _parallel(self, row: int) -> range:
        """Return the rows of a statement's triple on its side of the index: those next to it."""
        index = self._index
        columns = index.subject, index.predicate, index.object
        least, end = (0, index.carrying) if row < index.carrying else (
            index.carrying, index.statements,
        )  # fmt: skip

        def same(other: int) -> bool:
            return all(column[other] == column[row] for column in columns)

        first = last = row
        while first > least and same(first - 1):
            first -= 1
        while last + 1 < end and same(last + 1):
            last += 1
        return range(first, last + 1)

    def _digest(self, row: int) -> str:
        """Return the digest of what a statement says, that of equal ones remembered."""
        index = self._index
        key = (
            int(self._claim[row]) if len(self._claim) else 0,
            int(index.semantics[row]) if len(index.semantics) else 0,
            int(index.predicate[row]),
            int(index.sign[row]),
            int(row >= index.carrying),
        )
        found = self._digests.get(key)
        if found is None:
            if len(self._digests) >= MAX_DIGESTS:
                self._digests.clear()
            said = self.statement_content(row)
            found = content_digest(distinctive(said, self._predicates[key[2]]))
            self._digests[key] = found
        return found

    def statement_content(self, row: int) -> Annotations:
        """Return what a statement says beside its triple, its effect stated; some microseconds."""
        row = int(row)
        semantics = self.semantics(row)
        return msgspec.structs.replace(
            self.annotations(row),
            effect=self.effect(row),
            subject_aspect=semantics.subject_aspect,
            object_aspect=semantics.object_aspect,
            action=semantics.action,
            weight=semantics.weight,
            hedge=semantics.hedge,
            negated=row >= self._index.carrying,
        )

    def statement(self, row: int) -> Statement:
        """Return a statement with its evidence; some microseconds."""
        row = int(row)
        index = self._index
        predicate = self._predicates[index.predicate[row]]
        semantics = self.semantics(row)
        said = self.annotations(row)
        return Statement(
            id=self.statement_id(row),
            subject=self.curie(int(index.subject[row])),
            predicate=predicate.id,
            object=self.curie(int(index.object[row])),
            sign=_SIGNS[int(index.sign[row])],
            effect=self.effect(row),
            subject_aspect=semantics.subject_aspect,
            object_aspect=semantics.object_aspect,
            action=semantics.action,
            weight=semantics.weight,
            negated=row >= index.carrying,
            hedge=semantics.hedge,
            modality=said.modality,
            context=said.context,
            qualifiers=said.qualifiers,
            evidence=said.evidence,
            derived_from=said.derived_from,
            note=said.note,
            attributes=said.attributes,
        )

    @property
    def semantics_table(self) -> tuple[Semantics, ...]:
        """What each code of the column `semantics` means; code 0 is `Semantics()`."""
        return self._semantics

    def effect(self, row: int) -> Effect:
        """Return the effect of a statement; well under a microsecond."""
        sign = _SIGNS[int(self._index.sign[row])]
        if sign is None and self.semantics(row).both:
            return "both"
        return effect_of(sign)

    def semantics(self, row: int) -> Semantics:
        """Return aspects, hedge and action of a statement, its predicate's where it has none."""
        index = self._index
        code = int(index.semantics[row]) if len(index.semantics) else 0
        return self._semantics_of(code, int(index.predicate[row]))

    def _semantics_of(self, code: int, predicate: int) -> Semantics:
        key = code, predicate
        found = self._resolved.get(key)
        if found is None:
            found = self._resolved[key] = _resolved(
                self._semantics[code], self._predicates[predicate], bare=not code
            )
        return found

    def annotations(self, row: int) -> Annotations:
        """Return what a statement says beyond the columns of the index."""
        code = int(self._claim[row]) if len(self._claim) else 0
        # A table's statements often share one; a tuple is swapped at once, whatever threads.
        last, said = self._last
        if code != last:
            said = self._to_annotations.decode(self._claims[code]) if code else BARE
            self._last = (code, said)
        return said

    def may_have_contexts(self) -> bool:
        """Say whether a statement names a context; True, too, where there is much to read."""
        count = len(self._claims)
        if count > MAX_CLAIMS_READ:
            return True
        texts = self._claims.at(range(count))
        claims = (self._to_annotations.decode(text) for text in texts if text)
        return any(claim.context or any(e.context for e in claim.evidence) for claim in claims)

    def claim_codes(self, start: int, stop: int) -> NDArray[np.int64]:
        """Return a code for what each of some statement rows says beyond its columns.

        Statements of equal code say the same (`claim`); O(rows).
        """
        if not len(self._claim):
            return np.zeros(stop - start, np.int64)
        return np.asarray(self._claim[start:stop], np.int64)

    @property
    def labels(self) -> Texts:
        """CURIE and name of each entity in turns, by twice its row."""
        return self._labels

    def described(self) -> NDArray[np.bool_]:
        """Return for each entity whether more is known of it than name and category."""
        found: NDArray[np.bool_] = self._description != 0
        return found

    def claims_of(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return for some statements the code of what each says beyond its columns (`claim`)."""
        if not len(self._claim):
            return np.zeros(len(rows), np.int64)
        return np.asarray(self._claim[rows], np.int64)

    def claim(self, code: int) -> Annotations:
        """Return what statements of a code say beyond the columns of the index."""
        return self._to_annotations.decode(self._claims[code]) if code else BARE

    def own_ids(self, rows: NDArray[np.int64]) -> list[str]:
        """Return the identifiers that sources gave to some statements, empty where they did not."""
        if not len(self._identifiers):
            return [""] * len(rows)
        return list(map(bytes.decode, self._identifiers.at(rows.tolist())))

    def details(self, rows: Sequence[int]) -> list[StatementDetails]:
        """Return what paths show of some statements beyond the columns of the index.

        O(texts of the statements); each text table is read once for all of them.
        """
        own: Iterable[str] = repeat("", len(rows))
        if len(self._identifiers):
            own = map(bytes.decode, self._identifiers.at(rows))
        codes = [int(code) for code in self._claim[rows]] if len(self._claim) else [0] * len(rows)
        distinct = [code for code in dict.fromkeys(codes) if code]
        texts = map(self._to_annotations.decode, self._claims.at(distinct))
        annotations = {0: BARE, **dict(zip(distinct, texts, strict=True))}
        index = self._index
        kinds = index.semantics[rows].tolist() if len(index.semantics) else repeat(0)
        predicates = index.predicate[rows].tolist()
        semantics = [self._semantics_of(*pair) for pair in zip(kinds, predicates, strict=False)]
        signs = [_SIGNS[sign] for sign in self._index.sign[rows].tolist()]
        return [
            StatementDetails(
                id=name or self._derived_id(int(row)),
                annotations=annotations[code],
                semantics=said,
                effect="both" if sign is None and said.both else EFFECT_OF_SIGN[sign],
            )
            for row, name, code, said, sign in zip(rows, own, codes, semantics, signs, strict=True)
        ]

    def statement_row(self, identifier: str) -> int | None:
        """Return the row of a statement, None if there is none of this identifier.

        O(log n), and some microseconds for each statement of a derived identifier's triple.
        """
        try:
            wanted = identifier.encode()
        except UnicodeEncodeError:
            return None
        key = np.uint64(identifier_hash(wanted))
        place = int(np.searchsorted(self._hashes, key))
        while place < len(self._hashes) and self._hashes[place] == key:
            row = int(self._hash_rows[place])
            if self._identifiers[row] == wanted:
                return row
            place += 1
        return self._derived_row(identifier)

    def _derived_row(self, identifier: str) -> int | None:
        parts = parts_of(identifier)
        if parts is None:
            return None
        subject, obj = self.entity_row(parts.subject), self.entity_row(parts.object)
        predicate = self._codes.get(parts.predicate)
        if subject is None or obj is None or predicate is None:
            return None
        for rows in self._runs_of(subject, predicate, obj):
            found = self._run(rows).row_of.get(identifier) if rows else None
            if found is not None:
                return found
        return None

    def _runs_of(self, subject: int, predicate: int, obj: int) -> tuple[range, range]:
        """Return the rows of the statements of a triple, and of those that deny it; O(log n)."""
        index = self._index
        m = index.carrying
        begin, end = (int(value) for value in index.out_ptr[subject : subject + 2])
        first, last = np.searchsorted(index.subject[m:], (subject, subject + 1)) + m
        found = []
        for start, stop in ((begin, end), (int(first), int(last))):
            rows = range(start, stop)
            for column, value in ((index.predicate, predicate), (index.object, obj)):
                low, high = np.searchsorted(column[rows.start : rows.stop], (value, value + 1))
                rows = rows[int(low) : int(high)]
            found.append(rows)
        return found[0], found[1]
