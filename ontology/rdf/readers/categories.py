"""Find the categories of entities line by line: by a type, a namespace, the prefix of a CURIE."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from mechkg.kg.columns.interner import Column, Interner
from mechkg.kg.model.values import Entity
from mechkg.kg.readers.content import EntityRows, Reading, Records
from mechkg.kg.readers.kgx import most_specific
from mechkg.kg.readers.obo import term_category

__all__ = ["Categories"]

NONE, PLAIN = 0, 1
"""The codes of an entity of which nothing is known, and of one of the most general category."""

AT_ONCE: Final = 1 << 13
"""Entities in a batch."""


class Categories:
    """The category of each entity that has one.

    Of several types the deepest counts, of several as deep the first by name: the order of lines
    says nothing. A type outweighs an OBO namespace, and that the prefix of a CURIE. Memory: 80
    bytes and its CURIE twice an entity that has a category, nothing for another. `iri_of` gives the
    IRI of a CURIE, which an entity gets of which a line tells its category.

    >>> from mechkg.kg.model.schema import Schema
    >>> categories = Categories(Reading(Schema(), "graph.nt"))
    >>> categories.see(["CL:0000540", "ex:1", "CL:0000047"])
    >>> categories.add(["CL:0000540", "CL:0000540"], ["biolink:Neuron", "biolink:Cell"])
    >>> [(e.id, e.category) for batch in categories.batches() for e in batch.entities]
    [('CL:0000540', 'biolink:Cell'), ('CL:0000047', 'biolink:Cell')]
    """

    def __init__(self, reading: Reading, iri_of: Callable[[str], str] = str) -> None:
        self._reading = reading
        self._iri_of = iri_of
        self._names = ["", "biolink:NamedThing"]
        self._codes = {name: code for code, name in enumerate(self._names)}
        self._of_prefix: dict[str, int] = {}
        self._of_type: dict[str, int] = {}
        self._entities = Interner()
        self._told = array("i")
        self._placed = array("i")

    def see(self, curies: Sequence[str]) -> None:
        """Take entities, of which those are kept whose prefix tells a category."""
        known, told = self._of_prefix, []
        for curie in dict.fromkeys(curies):
            code = known.get(curie[: curie.find(":") + 1])
            if code is None:
                code = self._by_prefix(curie)
            if code:
                told.append(curie)
        self._numbers(told)

    def add(self, curies: Sequence[str], types: Sequence[str]) -> None:
        """Say of entities of which type each is, by the CURIE or name of the type."""
        for number, name in zip(self._numbers(curies), types, strict=True):
            code = self._of_type.get(name)
            if code is None:
                code = self._code(most_specific([name], self._reading.depths))
                self._of_type[name] = code
            known = self._told[number]
            if known == NONE or self._rank(code) < self._rank(known):
                self._told[number] = code

    def place(self, curies: Sequence[str], namespaces: Sequence[str]) -> None:
        """Say of entities in which namespace of an OBO ontology each is."""
        for number, curie, namespace in zip(self._numbers(curies), curies, namespaces, strict=True):
            code = self._code(term_category(curie, namespace, self._reading))
            self._placed[number] = code

    def batches(self) -> Iterator[EntityRows | Records]:
        """Yield the entities with their categories, nothing else said of them.

        They are columns where no entity needs an IRI beside its identifier.
        """
        for begin in range(0, len(self._told), AT_ONCE):
            some = slice(begin, begin + AT_ONCE)
            ids = self._entities.column.take(some)
            curies = ids.texts()
            told, placed = self._told[some], self._placed[some]
            names = list(map(self._name, curies, told, placed))
            iris = list(map(self._iri, curies, told, placed))
            if not any(iris) and all(map(_is_plain, names)) and all(map(str.isprintable, curies)):
                unnamed = Column.of([""] * len(curies))
                columns = {"id": ids, "name": unnamed, "category": Column.of(names)}
                yield EntityRows(columns, 1)
                continue
            yield Records(
                entities=tuple(
                    Entity(id=curie, name="", category=name, iri=iri)
                    for curie, name, iri in zip(curies, names, iris, strict=True)
                )
            )

    def _iri(self, curie: str, told: int, placed: int) -> str:
        return self._iri_of(curie) if told or placed else ""

    def _name(self, curie: str, told: int, placed: int) -> str:
        code = next((c for c in (told, placed) if c > PLAIN), self._by_prefix(curie) or PLAIN)
        return self._names[code]

    def _numbers(self, curies: Sequence[str]) -> Sequence[int]:
        if not curies:
            return []
        numbers: list[int] = self._entities.intern(Column.of(list(curies))).tolist()
        fresh = [NONE] * (len(self._entities) - len(self._told))
        self._told.extend(fresh)
        self._placed.extend(fresh)
        return numbers

    def _by_prefix(self, curie: str) -> int:
        prefix = curie[: curie.find(":") + 1]
        code = self._of_prefix.get(prefix)
        if code is None:
            code = self._code(term_category(curie, "", self._reading))
            code = self._of_prefix[prefix] = NONE if code == PLAIN else code
        return code

    def _code(self, name: str) -> int:
        code = self._codes.setdefault(name, len(self._names))
        if code == len(self._names):
            self._names.append(name)
        return code

    def _rank(self, code: int) -> tuple[int, str]:
        name = self._names[code]
        return -self._reading.depths.get(name, -1), name


def _is_plain(category: str) -> bool:
    """Say whether a category is one value in a cell that may hold several."""
    return not any(sign in category for sign in "|[{")
