"""Declared equivalences: an SSSOM table says which identifiers name the same thing.

SSSOM (mapping-commons.github.io/sssom) is a table with tabs under a commented YAML header, whose
`curie_map` says what its prefixes mean. Rows with the predicate `skos:exactMatch`,
`owl:equivalentClass` or `owl:sameAs` that are not negated count; the subject is merged into the
object. `sssom:NoTermFound` says that there is no match, so such a row joins nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from mechkg.kg.model.identifiers import registry
from mechkg.kg.readers.cells import values
from mechkg.kg.readers.files import SourceFile

__all__ = ["Equivalences", "read"]

KIND: Final = "mapping"
_EXACT: Final = frozenset(
    (
        "skos:exactMatch", "http://www.w3.org/2004/02/skos/core#exactMatch",
        "owl:equivalentClass", "http://www.w3.org/2002/07/owl#equivalentClass",
        "owl:sameAs", "http://www.w3.org/2002/07/owl#sameAs",
    )
)  # fmt: skip
_NO_TERM: Final = "NoTermFound"
_NO_TERM_IRI: Final = "https://w3id.org/sssom/NoTermFound"
_NEEDED: Final = ("subject_id", "predicate_id", "object_id")
_PREFIX: Final = re.compile(r"#\s+[\"']?([\w.-]*)[\"']?:\s+[\"']?([^\s\"']+)[\"']?\s*")
_LITERAL: Final = "rdfs literal"


@dataclass(frozen=True, slots=True)
class _Mapping:
    """An exact match as a row of a file says it."""

    file: SourceFile
    line: int
    subject: str
    object: str


class Equivalences:
    """Sets of identifiers for the same thing, each with one that stands for all (union-find).

    >>> same = Equivalences()
    >>> same.join("UMLS:C1", "MONDO:1")
    >>> same.join("MESH:D1", "UMLS:C1")
    >>> same.chosen("MESH:D1"), same.chosen("GO:1"), len(same)
    ('MONDO:1', 'GO:1', 2)
    """

    def __init__(self) -> None:
        self._into: dict[str, str] = {}
        self._named: set[str] = set()
        self._met: set[str] = set()
        self._aliases: dict[str, str] = {}
        self._mappings: list[_Mapping] = []

    def __len__(self) -> int:
        return len(self._into)

    @property
    def replaced(self) -> int:
        """The number of identifiers that were looked up and for which another stands."""
        return len(self._met.intersection(self._into))

    def join(self, curie: str, into: str) -> None:
        """Say that both name the same thing, and that `into` is the one to keep."""
        self._named.update((curie, into))
        curie, into = self._root(curie), self._root(into)
        if curie != into:
            self._into[curie] = into

    def add(self, mapping: _Mapping) -> None:
        """Take an exact match; what becomes of it shows once the graph is read."""
        self.join(mapping.subject, mapping.object)
        self._mappings.append(mapping)

    def alias(self, iri: str, written: str) -> None:
        """Say that a mapping writes an IRI of an unknown namespace as a CURIE.

        A CURIE that mappings write for two IRIs means neither.
        """
        known = self._aliases.setdefault(written, iri)
        if known != iri:
            self._aliases[written] = written

    def chosen(self, curie: str) -> str:
        """Return the identifier that stands for this one, itself where nothing was declared."""
        if not self._into:
            return curie
        spelt = registry().canonical(curie)
        key = self._aliases.get(spelt, spelt)
        if key not in self._named:
            return curie
        self._met.add(key)
        root = self._root(key)
        return curie if root == spelt else root

    def report(self) -> None:
        """Count the mappings that name an entity of the graph, and those that name nothing."""
        for mapping in self._mappings:
            if self._met.isdisjoint((mapping.subject, mapping.object)):
                mapping.file.pass_over(
                    KIND, mapping.line, "it names nothing in the files",
                    example=f"{mapping.subject} {mapping.object}",
                )  # fmt: skip
            else:
                mapping.file.keep(KIND)

    def _root(self, curie: str) -> str:
        root = curie
        while root in self._into:
            root = self._into[root]
        while curie != root:
            self._into[curie], curie = root, self._into[curie]
        return root


def read(file: SourceFile, same: Equivalences) -> int:
    """Add the exact matches of a file to `same`; returns how many rows were others.

    Rows with an empty identifier are refused. Raises `DataError` for a missing column.
    """
    names: list[str] = []
    prefixes: dict[str, str] = {}
    others = 0
    for block in file.blocks():
        for line, text in enumerate(block.data.decode().split("\n")[:-1], block.line):
            if text.startswith("#"):
                found = _PREFIX.fullmatch(text.rstrip())
                if found:
                    prefixes[found[1]] = found[2]
            elif text.strip():
                cells = [_unquoted(cell) for cell in text.rstrip("\r").split("\t")]
                if names:
                    others += not _joined(_row(names, cells), prefixes, line, file, same)
                else:
                    names = _checked(cells, line, file)
    if not names:
        raise file.error(None, "it holds no SSSOM table")
    return others


def _checked(cells: list[str], line: int, file: SourceFile) -> list[str]:
    names = [cell.strip().casefold() for cell in cells]
    missing = [name for name in _NEEDED if name not in names]
    if missing:
        raise file.error(line, f"the column '{missing[0]}' is missing")
    return names


def _row(names: list[str], cells: list[str]) -> dict[str, str]:
    filled = [*cells, *[""] * (len(names) - len(cells))]
    return dict(zip(names, map(str.strip, filled), strict=False))


def _unquoted(cell: str) -> str:
    if len(cell) > 1 and cell[0] == cell[-1] == '"':
        return cell[1:-1].replace('""', '"')
    return cell


def _joined(
    row: dict[str, str], prefixes: dict[str, str], line: int, file: SourceFile, same: Equivalences
) -> bool:
    """Take a row; says whether it is an exact match."""
    file.see(KIND)
    if _LITERAL in (row.get("subject_type"), row.get("object_type")):
        return _passed_over(file, line, "a literal is no entity")
    for name in _NEEDED:
        if not row[name]:
            file.refuse(line, f"the column '{name}' is empty", KIND)
            return True
    ends = [values(row[name]) for name in ("subject_id", "object_id")]
    ids = [[_expanded(text, prefixes, same) for text in texts] for texts in ends]
    if any(_is_no_term(text) for texts in (*ends, *ids) for text in texts):
        return _passed_over(file, line, "sssom:NoTermFound says that there is no match")
    if row.get("predicate_modifier", "").casefold() == "not":
        return _passed_over(file, line, "the mapping is negated")
    predicates = {_iri(text, prefixes) for text in values(row["predicate_id"])}
    if not predicates & _EXACT and row["predicate_id"] not in _EXACT:
        reason = f"{row['predicate_id'][:60]} is no exact match"
        return _passed_over(file, line, reason)
    pairs = [(subject, into) for subject in ids[0] for into in ids[1]]
    file.see(KIND, len(pairs) - 1)
    for subject, into in pairs:
        same.add(_Mapping(file, line, subject, into))
    return True


def _passed_over(file: SourceFile, line: int, reason: str) -> bool:
    file.pass_over(KIND, line, reason)
    return False


def _is_no_term(text: str) -> bool:
    return text == _NO_TERM_IRI or text.casefold() == f"sssom:{_NO_TERM}".casefold()


def _iri(text: str, prefixes: dict[str, str]) -> str:
    prefix, colon, local = text.partition(":")
    return prefixes[prefix] + local if colon and prefix in prefixes else text


def _expanded(text: str, prefixes: dict[str, str], same: Equivalences) -> str:
    """Return the canonical form of an identifier under the prefixes of the file."""
    iri = _iri(text, prefixes)
    found = registry().canonical(iri)
    if found == iri != text:
        same.alias(iri, text)
    return found
