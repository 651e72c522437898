"""Entities on their way into a snapshot: numbered by identity, their texts spooled.

Spellings of one identifier (`mechkg.kg.build.spellings`) get one number. Entities come as records,
one by one, or as columns of a table. Those of a table stay columns until they are written: for a
million plain nodes, that is most of the time of a load.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple, get_args

import msgspec
import numpy as np
from numpy.typing import NDArray

from mechkg.kg.build.spellings import Spellings
from mechkg.kg.columns.closing import close_all
from mechkg.kg.columns.interner import Column, Interner
from mechkg.kg.columns.strings import Texts, TextWriter
from mechkg.kg.errors import DataError
from mechkg.kg.model.values import Entity, SynonymKind
from mechkg.kg.readers.content import RankedEntity

__all__ = ["Chunk", "EntityTable", "merged", "text_column"]

NAMED_THING = "biolink:NamedThing"
CHUNK = 1 << 13


def text_column(texts: Texts, positions: NDArray[np.int64]) -> Column:
    """Return some texts of a snapshot as a column, without making strings of them."""
    ptr = np.asarray(texts.ptr)
    return Column(np.frombuffer(texts.data, np.uint8), ptr[positions], ptr[positions + 1])


def merged(
    records: Sequence[Entity], above: Mapping[str, frozenset[str]] = MappingProxyType({})
) -> Entity:
    """Return one entity for several records of the same identifier, whatever their order.

    The record that says most goes first: one with a name, of names the one of the least rank
    (`mechkg.kg.readers.content.RankedEntity`), then with a category, then by text. The first value
    found is kept, of categories the first that is not `above` another; further names become
    synonyms, lists are joined and sorted; further categories and descriptions are kept as
    attributes, so that nothing of a record is lost.

    >>> merged([Entity(id="CL:1", name="CL:1"),
    ...         Entity(id="CL:1", name="nerve cell", category="biolink:Cell"),
    ...         Entity(id="CL:1", name="neuron", description="A cell.",
    ...                category="biolink:Cell")]).synonyms
    ('neuron',)
    """
    if len(records) == 1:
        return records[0]
    ordered = _ordered(records)
    best = ordered[0]
    plain = _named_and_classified(ordered)
    if plain is not None:
        return plain
    described = sorted({(_ranks(e)[1], e.description) for e in ordered if e.description})
    category, *others = _categories([e.category for e in ordered], above)
    names = (e.name for e in ordered if e.name != e.id)
    synonyms = (text for e in ordered for text in e.synonyms)
    return Entity(
        id=best.id,
        name=best.name,
        category=category,
        synonyms=tuple(sorted({*names, *synonyms} - {best.name})),
        description=described[0][1] if described else "",
        xrefs=tuple(sorted({text for e in ordered for text in e.xrefs})),
        provided_by=tuple(sorted({text for e in ordered for text in e.provided_by})),
        iri=next((e.iri for e in ordered if e.iri), ""),
        synonym_kinds=_synonym_kinds(ordered),
        attributes=_joined_attributes(ordered, others, [text for _, text in described]),
    )


def _ordered(records: Sequence[Entity]) -> list[Entity]:
    """Return records, the one that says most first; by their text only where nothing else tells."""
    keys = [(e.name == e.id, _ranks(e)[0], e.category == NAMED_THING, e.name) for e in records]
    if len(set(keys)) == len(keys):
        return [entity for _, entity in sorted(zip(keys, records, strict=True), key=_first_of)]
    texts = map(_sort_text, records)
    pairs = zip(zip(keys, texts, strict=True), records, strict=True)
    return [entity for _, entity in sorted(pairs, key=_first_of)]


def _first_of(pair: tuple[Any, Entity]) -> Any:
    return pair[0]


def _named_and_classified(ordered: Sequence[Entity]) -> Entity | None:
    """Return what records say that have one name, category and IRI in all, None for any other.

    Most entities of RDF have a record for their label and one for their type.
    """
    category, iri = NAMED_THING, ""
    for place, e in enumerate(ordered):
        if place and e.name != e.id:
            return None
        if e.synonyms or e.description or e.xrefs or e.provided_by or e.attributes:
            return None
        if e.category != NAMED_THING:
            if category not in (NAMED_THING, e.category):
                return None
            category = e.category
        if e.iri:
            if iri not in ("", e.iri):
                return None
            iri = e.iri
    best = ordered[0]
    return Entity(id=best.id, name=best.name, category=category, iri=iri)


def _ranks(entity: Entity) -> tuple[int, int]:
    """Return how wanted the name and the description of a record are, least first."""
    if isinstance(entity, RankedEntity):
        return entity.name_rank, entity.description_rank
    return 0, 0


def _synonym_kinds(records: Sequence[Entity]) -> dict[str, SynonymKind]:
    """Return the kinds of all synonyms; of two kinds of one text the last in their order holds."""
    kinds: dict[str, SynonymKind] = {}
    order: tuple[SynonymKind, ...] = get_args(SynonymKind)
    for entity in records:
        for text, kind in entity.synonym_kinds.items():
            known = kinds.get(text)
            kinds[text] = kind if known is None else max(known, kind, key=order.index)
    return dict(sorted(kinds.items()))


def _sort_text(entity: Entity) -> bytes:
    return msgspec.json.encode(entity, order="deterministic")


def _categories(names: Sequence[str], above: Mapping[str, frozenset[str]]) -> list[str]:
    """Return the distinct categories of which none is above another, `NAMED_THING` for none."""
    distinct = dict.fromkeys(name for name in names if name != NAMED_THING)
    general = frozenset().union(*(above.get(name, ()) for name in distinct))
    return [name for name in distinct if name not in general] or [NAMED_THING]


def _joined_attributes(
    records: Sequence[Entity], categories: Sequence[str], descriptions: Sequence[str]
) -> dict[str, str]:
    """Return the attributes of all records, and the fields of which one entity holds one value."""
    values: dict[str, dict[str, None]] = {}
    if categories:
        values["category"] = dict.fromkeys(categories)
    for field, found in (("description", descriptions), ("iri", [e.iri for e in records if e.iri])):
        _, *further = dict.fromkeys(found) or ("",)
        if further:
            values[field] = dict.fromkeys(further)
    for key in sorted({key for e in records for key in e.attributes}):
        texts = dict.fromkeys(e.attributes[key] for e in records if key in e.attributes)
        values[key] = values.get(key, {}) | texts
    return {key: "|".join(texts) for key, texts in values.items()}


class Chunk(NamedTuple):
    """n entities in row order, from row `first` on.

    labels: CURIE and name in turns, 2n texts; categories (n, uint16): numbers in
    `EntityTable.listed`. `records` is None where all have no more than that.
    """

    first: int
    labels: Column
    categories: NDArray[np.uint16]
    records: list[Entity] | None


class EntityTable:
    """Entities by CURIE, numbered in the order of first sight.

    Memory: some 60 bytes an entity and its CURIE; 110 more where records name it one by one.
    """

    def __init__(self, directory: Path) -> None:
        self.above: Mapping[str, frozenset[str]] = {}
        self._directory = directory
        self._curies = Interner()
        self._codes: dict[str, int] = {}
        self._spellings = Spellings()
        self._other_codes: dict[str, int] = {}
        self._order: NDArray[np.int64] | None = None
        self._first = array("i")
        self._more: dict[int, list[int]] = {}
        self._spool = TextWriter(directory, "spool_entities")
        self._plain_names = TextWriter(directory, "spool_names")
        self._plain = np.full(1024, -1, np.int32)
        self._plain_category = np.zeros(1024, np.uint16)
        self._category_codes: dict[str, int] = {}
        self._encode = msgspec.msgpack.Encoder().encode

    def __len__(self) -> int:
        """Return the number of entities; until `finish`, spellings of one may count twice."""
        return self._numbered if self._order is None else len(self._order)

    @property
    def _numbered(self) -> int:
        return max(len(self._codes), len(self._curies))

    @property
    def categories(self) -> set[str]:
        """The categories of all entities so far."""
        return set(self._category_codes)

    @property
    def prefixes(self) -> dict[str, str]:
        """Namespaces of prefixes that are shown otherwise than the registry spells them."""
        return self._spellings.prefixes

    @property
    def listed(self) -> list[str]:
        """The categories in the order of their numbers; entities without one have the last."""
        return [*self._category_codes, NAMED_THING]

    def add(self, entity: Entity) -> bool:
        """Take an entity; one with a CURIE seen before is merged with it (see `merged`).

        Returns whether it is the first record of its entity. Raises `DataError` for an identifier
        that cannot be one.
        """
        code = self.code(entity.id)
        known = self._codes.get(entity.id) == code  # then it is in its canonical form
        form = entity.id if known else self._spellings.form(entity.id)
        if form != entity.id or not entity.name or not entity.category:
            name = form if entity.name in ("", entity.id) else entity.name
            entity = msgspec.structs.replace(
                entity, id=form, name=name, category=entity.category or NAMED_THING
            )
        try:
            place = self._spool.append(self._encode(entity))
        except UnicodeEncodeError as error:
            raise DataError(
                "entities", None, f"{entity.id!r} holds text that is no Unicode ({error})"
            ) from error
        self._category_codes.setdefault(entity.category, len(self._category_codes))
        if code >= len(self._first):
            self._first.extend([-1] * (len(self) - len(self._first)))
        described = code < len(self._plain) and self._plain[code] >= 0
        if self._first[code] < 0:
            self._first[code] = place
            return not described
        self._more.setdefault(code, []).append(place)
        return False

    def add_rows(self, curies: Column, names: Column, categories: Sequence[str]) -> int:
        """Take entities as columns of CURIEs and names, and a list of categories.

        Returns how many of them are the first records of their entities.
        """
        codes = self.column_codes(curies)
        numbers = self._category_codes
        for text in dict.fromkeys(categories):
            numbers.setdefault(text, len(numbers))
        category = np.fromiter(map(numbers.__getitem__, categories), np.uint16, len(codes))
        self._make_room()
        _, firsts = np.unique(codes, return_index=True)
        fresh = np.zeros(len(codes), np.bool_)
        fresh[firsts] = True
        fresh &= self._plain[codes] < 0
        chosen = np.flatnonzero(fresh)
        first = np.frombuffer(self._first, np.int32)
        known = codes[chosen]
        known = known[known < len(first)]
        new = len(chosen) - int(np.count_nonzero(first[known] >= 0))
        del first  # the array may grow again
        begin = len(self._plain_names)
        self._plain_names.extend_column(names.take(chosen))
        self._plain[codes[chosen]] = np.arange(begin, begin + len(chosen), dtype=np.int32)
        self._plain_category[codes[chosen]] = category[chosen]
        for row in np.flatnonzero(~fresh).tolist():  # described before: a matter for `merged`
            self.add(Entity(id=curies.text(row), name=names.text(row), category=categories[row]))
        return new

    @property
    def described(self) -> int:
        """The number of entities that a record describes; the others are only named."""
        count = len(self)
        flags = np.zeros(count, np.bool_)
        flags[: len(self._first)] |= np.frombuffer(self._first, np.int32) >= 0
        plain = self._plain[:count]
        flags[: len(plain)] |= plain >= 0
        return int(np.count_nonzero(flags))

    def code(self, curie: str) -> int:
        """Return the number of an entity; one never added gets a bare entry."""
        found = self.find(curie)
        if found is not None:
            return found
        if not curie or not curie.isprintable():
            raise DataError("entities", None, f"{curie!r} cannot be an identifier")
        form = self._spellings.take(curie)
        code = self._codes.setdefault(form, len(self._codes))
        if form != curie:
            self._other_codes[curie] = code
        return self._spellings.number(code)

    def find(self, curie: str) -> int | None:
        """Return the number of an entity, None for an identifier that was not seen yet."""
        codes = self._codes
        code = codes.get(curie)
        if code is None and len(codes) < len(self._curies):
            fresh = self._curies.column.take(slice(len(codes), None)).texts()
            codes.update(zip(fresh, range(len(codes), len(self._curies)), strict=True))
            code = codes.get(curie)
        if code is None:
            code = self._other_codes.get(curie)
        return None if code is None else self._spellings.number(code)

    def codes(self, curies: Iterable[str]) -> NDArray[np.int32]:
        """Return the numbers of many entities, int32: for batches of `StatementTable.add_rows`."""
        return np.fromiter(map(self.code, curies), np.int32)

    def column_codes(self, curies: Column) -> NDArray[np.int32]:
        """Return the numbers of a column of CURIEs; no Python string is made of any.

        Raises `DataError` for an identifier that cannot be one.
        """
        self._catch_up()
        known = len(self._curies)
        codes = self._curies.intern(curies)
        _refuse_unprintable(self._curies.column.take(slice(known, None)))
        for number, form in self._spellings.take_column(self._curies.column, known):
            self._spellings.join(number, self._curies.number(form))
        return self._spellings.numbers(codes)

    def finish(self) -> NDArray[np.int32]:
        """Close the spools and return for each number its row: rows stand in order of CURIEs."""
        self._catch_up()
        self.close()
        count = self._numbered
        self._first.extend([-1] * (count - len(self._first)))
        self._make_room()
        described = (np.frombuffer(self._first, np.int32) >= 0) | (self._plain[:count] >= 0)
        target = self._spellings.numbers(np.arange(count, dtype=np.int32))
        own = target == np.arange(count)
        if not described[own].all():
            self._category_codes.setdefault(NAMED_THING, len(self._category_codes))
        self._curies.seal()
        self._shown = self._spellings.shown(self._curies.column)
        order = self._shown.sorted_order()
        self._order = order if own.all() else order[own[order]]
        rows = np.empty(count, np.int32)
        rows[self._order] = np.arange(len(self._order), dtype=np.int32)
        return rows[target]

    @property
    def _ordered(self) -> NDArray[np.int64]:
        if self._order is None:
            raise ValueError("the table of entities is not finished")
        return self._order

    def close(self) -> None:
        """Close the spools."""
        close_all(self._spool, self._plain_names)

    def chunks(self) -> Iterator[Chunk]:
        """Yield the entities in row order, records merged, read back from the spools.

        Their lists are sorted, so that the order in which a format gives them says nothing.
        """
        spool = Texts.open(self._directory, "spool_entities")
        names = Texts.open(self._directory, "spool_names")
        first = np.frombuffer(self._first, np.int32)
        bare = len(self._category_codes)
        for begin in range(0, len(self), CHUNK):
            codes = self._ordered[begin : begin + CHUNK]
            places = self._plain[codes]
            labels = _labels(self._shown.take(codes), names, places)
            categories = np.where(places >= 0, self._plain_category[codes], np.uint16(bare))
            if (first[codes] < 0).all():
                yield Chunk(begin, labels, categories, None)
                continue
            records = self._records(codes, labels, categories, spool)
            texts = [text for entity in records for text in (entity.id, entity.name)]
            numbers = [self._category_codes.get(entity.category, bare) for entity in records]
            yield Chunk(begin, Column.of(texts), np.array(numbers, np.uint16), records)

    def _records(
        self,
        codes: NDArray[np.int64],
        labels: Column,
        categories: NDArray[np.uint16],
        spool: Texts,
    ) -> list[Entity]:
        """Return entities of which some came as records, each with all that was said of it."""
        decode = msgspec.msgpack.Decoder(RankedEntity).decode
        listed, texts, records = self.listed, labels.texts(), []
        plain = zip(codes.tolist(), texts[::2], texts[1::2], categories.tolist(), strict=True)
        for code, curie, name, category in plain:
            own = []
            if self._plain[code] >= 0:
                own.append(Entity(id=curie, name=name, category=listed[category]))
            if self._first[code] >= 0:
                spooled = (self._first[code], *self._more.get(code, ()))
                own += [decode(spool[place]) for place in spooled]
            entity = _shown(merged(own, self.above), curie) if own else Entity(id=curie, name=curie)
            records.append(entity)
        return records

    def _make_room(self) -> None:
        if len(self) > len(self._plain):
            self._plain = _grown(self._plain, 2 * len(self), -1)
            self._plain_category = _grown(self._plain_category, 2 * len(self), 0)

    def _catch_up(self) -> None:
        """Give the interner the CURIEs that came one by one, so that both number alike."""
        if len(self._curies) < len(self._codes):
            fresh = list(self._codes)[len(self._curies) :]
            self._curies.intern(Column.of(fresh))


def _shown(entity: Entity, curie: str) -> Entity:
    """Return an entity under the spelling of its identifier that the graph shows, lists sorted."""
    lists: dict[str, tuple[str, ...]] = {}
    if entity.synonyms or entity.xrefs or entity.provided_by:
        lists = {
            field: found
            for field in ("synonyms", "xrefs", "provided_by")
            if (given := getattr(entity, field))
            and (found := tuple(sorted({text for text in given if text}))) != given
        }
    if lists:
        entity = msgspec.structs.replace(entity, **lists)
    if entity.id == curie:
        return entity
    name = curie if entity.name == entity.id else entity.name
    return msgspec.structs.replace(entity, id=curie, name=name)


def _labels(curies: Column, names: Texts, places: NDArray[np.int32]) -> Column:
    """Return CURIEs and names in turns; the CURIE again where there is no name."""
    ptr = np.asarray(names.ptr)
    place = np.maximum(places, 0)
    named = (places >= 0) & (ptr[place + 1] > ptr[place]) if len(names) else places >= 0
    own = np.flatnonzero(named)
    buffer, ends = curies.packed()
    start = np.repeat(np.concatenate(([0], ends[:-1])), 2)
    end = np.repeat(ends, 2)
    if len(own):
        data = np.frombuffer(names.data, np.uint8)
        more, stops = Column(data, ptr[place[own]], ptr[place[own] + 1]).packed()
        start[2 * own + 1] = len(buffer) + np.concatenate(([0], stops[:-1]))
        end[2 * own + 1] = len(buffer) + stops
        buffer = np.concatenate((buffer, more))
    return Column(buffer, start, end)


def _refuse_unprintable(column: Column) -> None:
    """Raise `DataError` for an empty text and for one with characters that do not show."""
    if not len(column):
        return
    data = column.buffer[column.start[0] : column.end[-1]]
    visible = not len(data) or (data.min() >= 0x20 and data.max() < 0x7F)
    if visible and not column.empty().any():
        return
    for text in column.texts():
        if not text or not text.isprintable():
            raise DataError("entities", None, f"{text!r} cannot be an identifier")


def _grown(column: NDArray[Any], length: int, fill: int) -> NDArray[Any]:
    larger = np.full(length, fill, column.dtype)
    larger[: len(column)] = column
    return larger
