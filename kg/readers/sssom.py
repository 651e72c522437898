"""Declared equivalences: an SSSOM table says which identifiers name the same thing.

SSSOM (mapping-commons.github.io/sssom) is a table with tabs or commas under a commented YAML
header, whose `curie_map` says what its prefixes mean, or a JSON object of both. Rows with the
predicate `skos:exactMatch`, `owl:equivalentClass` or `owl:sameAs` that are not negated count; the
subject is merged into the object. `sssom:NoTermFound` says that there is no match, so such a row
joins nothing, nor does one of a cardinality with a 0, or one whose end people write for no match.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Any, Final

import yaml

from mechkg.kg.model.identifiers import registry
from mechkg.kg.readers.cells import is_missing, values
from mechkg.kg.readers.files import SourceFile
from mechkg.kg.readers.json_text import document
from mechkg.kg.readers.yaml_keys import Keys

__all__ = ["Equivalences", "read"]

KIND: Final = "mapping"
_EXACT: Final = frozenset(
    (
        "skos:exactMatch", "http://www.w3.org/2004/02/skos/core#exactMatch",
        "owl:equivalentClass", "http://www.w3.org/2002/07/owl#equivalentClass",
        "owl:sameAs", "http://www.w3.org/2002/07/owl#sameAs",
    )
)  # fmt: skip
_NO_TERM_IRI: Final = "w3id.org/sssom/NoTermFound"
_NOTHING: Final = frozenset(("-", "--", ".", "?", "nomatch", "no match", "notfound", "not found",
                             "unmapped", "notermfound", "no term found"))  # fmt: skip
"""What people write for no match, without case and underscores."""
MAX_METADATA: Final = 1 << 20
"""Characters of a header of metadata that is read as YAML."""
_NEEDED: Final = ("subject_id", "predicate_id", "object_id")
_PREFIX: Final = re.compile(r"#\s+[\"']?([\w.-]*)[\"']?:\s+[\"']?([^\s\"']+)[\"']?\s*")
_LITERALS: Final = frozenset(("rdfs literal", "rdfs:literal"))
_OF_ALL_ROWS: Final = ("subject_type", "object_type", "predicate_id", "predicate_modifier")
"""Columns whose value for all rows may stand in the metadata."""
_BRACKETED: Final = re.compile(r"<([^<>\s]+)>")


@dataclass(frozen=True, slots=True)
class _Mapping:
    """An exact match as a row of a file says it."""

    file: SourceFile
    line: int | None
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
    if file.head().lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        prefixes, rows = _from_json(file)
    else:
        prefixes, rows = _from_table(file)
    return sum(not _joined(row, prefixes, line, file, same) for line, row in rows)


def _from_json(
    file: SourceFile,
) -> tuple[dict[str, str], Iterator[tuple[int | None, dict[str, str]]]]:
    """Return prefixes and mappings of the JSON form."""
    found = document(file)
    mappings = found.get("mappings")
    if not isinstance(mappings, list) or not all(isinstance(m, dict) for m in mappings):
        raise file.error(None, "it holds no SSSOM mappings: there is no list 'mappings'")
    context = found.get("curie_map") or found.get("@context") or {}
    everywhere = _of_all(found)
    rows = (
        (None, everywhere | {key: "|".join(values(value)) for key, value in mapping.items()})
        for mapping in mappings
    )
    return _prefix_map(context), rows


def _from_table(
    file: SourceFile,
) -> tuple[dict[str, str], Iterator[tuple[int | None, dict[str, str]]]]:
    """Return prefixes and rows of a table."""
    metadata: list[str] = []
    lines = _lines(file)
    number, text = 0, ""
    for number, text in lines:  # noqa: B007 - those of the header are used below
        if text.startswith("#"):
            metadata.append(text.rstrip("\r"))
        elif text.strip():
            break
    else:
        raise file.error(None, "it holds no SSSOM table")
    separator = "\t" if "\t" in text else ","
    said = _parsed(metadata, file)
    everywhere = _of_all(said)
    names = _checked(_cells(text, separator), number, file, everywhere)
    prefixes = {found[1]: found[2] for line in metadata if (found := _PREFIX.fullmatch(line))}
    prefixes |= _prefix_map(said.get("curie_map") or {})
    return prefixes, (
        (line, everywhere | cells) for line, cells in _rows(lines, names, separator, file)
    )


def _rows(
    lines: Iterator[tuple[int, str]], names: list[str], separator: str, file: SourceFile
) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield line and cells of each row; one with more cells than the header has is refused."""
    for line, row in lines:
        if not row.strip() or row.startswith("#"):
            continue
        cells = _cells(row, separator)
        if any(map(str.strip, cells[len(names) :])):
            file.see(KIND)
            reason = f"it has {len(cells)} fields, the header has {len(names)}"
            file.refuse(line, reason, KIND)
            continue
        yield line, _row(names, cells)


def _lines(file: SourceFile) -> Iterator[tuple[int, str]]:
    for block in file.blocks():
        yield from enumerate(block.data.decode().split("\n")[:-1], block.line)


def _parsed(metadata: Sequence[str], file: SourceFile) -> dict[str, Any]:
    """Return the commented YAML of a table, nothing where it is none."""
    text = "\n".join(line[1:] for line in metadata)
    if len(text) > MAX_METADATA or "&" in text or "*" in text:  # anchors may multiply
        return {}
    for form in (text, "\n".join(line.removeprefix(" ") for line in text.split("\n"))):
        try:
            repeated = next(filter(None, map(Keys().repeated, yaml.parse(form))), "")
            found = yaml.safe_load(form)
        except (yaml.YAMLError, ValueError, RecursionError):
            continue
        if isinstance(found, dict):
            if repeated:
                raise file.error(None, f"its metadata have the key {repeated!r} twice")
            return found
    return {}


def _of_all(metadata: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(metadata[name]) for name in _OF_ALL_ROWS if metadata.get(name)}


def _prefix_map(value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        return {}
    return {str(prefix): iri for prefix, iri in value.items() if isinstance(iri, str)}


def _cells(line: str, separator: str) -> list[str]:
    if separator == ",":
        return next(csv.reader(StringIO(line, newline=""), skipinitialspace=True), [])
    return [_unquoted(cell) for cell in line.rstrip("\r").split(separator)]


def _checked(
    cells: list[str], line: int, file: SourceFile, everywhere: Mapping[str, str]
) -> list[str]:
    names = [cell.strip().casefold() for cell in cells]
    missing = [name for name in _NEEDED if name not in names and name not in everywhere]
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
    row: Mapping[str, str],
    prefixes: dict[str, str],
    line: int | None,
    file: SourceFile,
    same: Equivalences,
) -> bool:
    """Take a row; says whether it is an exact match."""
    file.see(KIND)
    types = {row.get(name, "").casefold() for name in ("subject_type", "object_type")}
    if types & _LITERALS:
        return _passed_over(file, line, "a literal is no entity")
    for name in _NEEDED:
        text = row.get(name, "")
        if not text or is_missing(text):
            reason = f"is {text!r}, which names nothing" if text else "is empty"
            file.refuse(line, f"the column '{name}' {reason}", KIND)
            return True
    ends = [[_bare(text) for text in values(row[name])] for name in ("subject_id", "object_id")]
    ids = [[_expanded(text, prefixes, same) for text in texts] for texts in ends]
    reason = _no_match(row, (*ends[0], *ends[1], *ids[0], *ids[1]), prefixes)
    if reason:
        return _passed_over(file, line, reason)
    pairs = [(subject, into) for subject in ids[0] for into in ids[1]]
    file.see(KIND, len(pairs) - 1)
    for subject, into in pairs:
        same.add(_Mapping(file, line, subject, into))
    return True


def _no_match(row: Mapping[str, str], ends: Sequence[str], prefixes: dict[str, str]) -> str:
    """Return why a row is no exact match of two things, "" for one that is."""
    if any(map(_is_no_term, ends)):
        return "sssom:NoTermFound says that there is no match"
    if "0" in row.get("mapping_cardinality", "").split(":"):
        return "its cardinality says that there is no match"
    if row.get("predicate_modifier", "").casefold() == "not":
        return "the mapping is negated"
    predicates = {_iri(_bare(text), prefixes) for text in values(row["predicate_id"])}
    if not predicates & _EXACT and row["predicate_id"] not in _EXACT:
        return f"{row['predicate_id'][:60]} is no exact match"
    return ""


def _bare(text: str) -> str:
    """Return an identifier without the brackets that some put around an IRI."""
    found = _BRACKETED.fullmatch(text)
    return found[1] if found else text


def _passed_over(file: SourceFile, line: int | None, reason: str) -> bool:
    file.pass_over(KIND, line, reason)
    return False


def _is_no_term(text: str) -> bool:
    """Say whether an end of a mapping says that there is none.

    >>> [_is_no_term(t) for t in ("sssom:NoTermFound", "http://w3id.org/sssom/NoTermFound", "-")]
    [True, True, True]
    """
    folded = text.casefold()
    iri = folded.partition("://")[2] == _NO_TERM_IRI.casefold()
    return iri or folded == "sssom:notermfound" or folded.replace("_", " ").strip() in _NOTHING


def _iri(text: str, prefixes: dict[str, str]) -> str:
    prefix, colon, local = text.partition(":")
    return prefixes[prefix] + local if colon and prefix in prefixes else text


def _expanded(text: str, prefixes: dict[str, str], same: Equivalences) -> str:
    """Return the canonical form of an identifier under the prefixes of the file."""
    iri = _iri(text, prefixes)
    found = registry().canonical(iri)
    if found == iri != text and not registry().prefix(text.partition(":")[0]):
        same.alias(iri, text)
    return found
