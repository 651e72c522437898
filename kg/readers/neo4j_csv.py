"""Tables for Neo4j's bulk import: what their columns, arrays and quotation marks mean.

neo4j.com/docs, operations manual, `neo4j-admin database import`: a header names properties with
their types (`score:float`, `synonyms:string[]`) and what the row is (`:ID`, `:LABEL`, `:START_ID`,
`:END_ID`, `:TYPE`). Separator, delimiter of arrays and quotation mark are options of that command
and are nowhere in the files: the defaults are `,` `;` `"`; BioCypher (biocypher.org) writes
`;` `|` and `"` or `'`, RTX-KG2 parts arrays by `ǂ`.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Any, Final

from mechkg.kg.readers.cells import values

__all__ = ["NEO4J", "CsvForm", "csv_form", "is_neo4j", "neo4j_edge", "neo4j_node"]

Row = Mapping[str, str]
Items = Iterator[Mapping[str, Any]]
NEO4J: Final = "neo4j-csv"
"""The name of the format."""
_COLUMN: Final = re.compile(
    r"(?P<name>[^:]*)(?::(?P<type>[A-Za-z_]+(?:\[\])?))?(?:\((?P<space>[^)]*)\))?(?:\{.*\})?"
)
_QUOTED: Final = re.compile(r"'.*'", re.DOTALL)


@dataclass(frozen=True, slots=True)
class CsvForm:
    """How a table writes arrays, and what it puts around a text that holds a separator."""

    arrays: str
    quote: str


def csv_form(head: bytes, separator: str) -> CsvForm:
    r"""Return the form of a table that begins with some bytes; its first line is the header.

    The delimiter of arrays is none that parts cells; of `ǂ`, `;` and `|` the one that labels hold,
    else arrays. Single quotation marks count where they are around cells, and rows have as many
    cells as the header only if read so.

    >>> csv_form(b":ID,:LABEL\nA:1,Gene;Entity\n", ",")
    CsvForm(arrays=';', quote='"')
    >>> csv_form(b":ID;name;:LABEL\nA:1;'a ; b';Gene|Entity\n", ";")
    CsvForm(arrays='|', quote="'")
    """
    text = head.removeprefix(b"\xef\xbb\xbf").decode(errors="replace").rstrip("\r\n")
    lines = [line.rstrip("\r") for line in text.split("\n") if not line.startswith("#")]
    lines = lines if len(head) < CUT_AT else lines[:-1]  # the last may be cut
    quote = _quote(lines, separator)
    rows = list(_rows(lines, separator, quote))
    names = rows[0] if rows else []
    kinds = [column.rpartition(":")[2].strip().upper() for column in names]
    if separator == ";":
        return CsvForm("|", quote)
    for wanted in ("LABEL", "[]"):
        places = [place for place, kind in enumerate(kinds) if kind.endswith(wanted)]
        cells = [row[place] for row in rows[1:] for place in places if place < len(row)]
        for mark in "ǂ;|":
            if mark != separator and any(mark in cell for cell in cells):
                return CsvForm(mark, quote)
    return CsvForm(";", quote)


CUT_AT: Final = 1 << 16
"""Bytes from which on the last line that is looked at may be cut."""


def _rows(lines: Sequence[str], separator: str, quote: str) -> Iterator[list[str]]:
    text = "".join(f"{line}\n" for line in lines)
    try:
        yield from csv.reader(StringIO(text, newline=""), delimiter=separator, quotechar=quote)
    except csv.Error:
        return


def _quote(lines: Sequence[str], separator: str) -> str:
    rows = list(_rows(lines, separator, "'"))
    cells = [cell.strip() for line in lines[1:] for cell in line.split(separator)]
    around = any(_QUOTED.fullmatch(cell) and len(cell) > 1 for cell in cells)
    marked = any(cell.startswith('"') for cell in cells)
    if marked or not (around or any(cell.startswith("'") for cell in cells)):
        return '"'
    wanted = len(rows[0]) if rows else 0
    return "'" if all(len(row) == wanted for row in rows if row) else '"'


def is_neo4j(*types: str) -> Callable[[frozenset[str]], bool]:
    """Return what says whether columns have all of some types of Neo4j's.

    >>> is_neo4j("id")(frozenset(("gene:id(genes)", "name")))
    True
    """

    def fits(columns: frozenset[str]) -> bool:
        found = {re.split(r"[({]", column.partition(":")[2])[0] for column in columns}
        return found.issuperset(types)

    return fits


def neo4j_edge(row: Row, *, arrays: str) -> Items:
    """Yield the edge of a row."""
    fields, own = _fields(row, arrays)
    said = {
        "subject": own.get("START_ID", ""), "object": own.get("END_ID", ""),
        "predicate": own.get("TYPE", ""),
    }  # fmt: skip
    yield {**_marked(fields, said), **said}


def neo4j_node(row: Row, *, arrays: str) -> Items:
    """Yield the node of a row; its labels and its property `category` are its categories."""
    fields, own = _fields(row, arrays)
    labels = [label for label in own.get("LABEL", "").split(arrays) if label]
    category = [*labels, *values(fields.pop("category", ""))]
    said = {"id": own.get("ID", "")}
    yield {**_marked(fields, said), **said, "category": category}


def _marked(fields: Mapping[str, Any], said: Mapping[str, str]) -> dict[str, Any]:
    """Return properties of a row; one that is called like a part of it, and differs, gets a mark.

    >>> _marked({"id": "7", "name": "a"}, {"id": "A:1"}), _marked({"id": "7"}, {"id": "7"})
    ({'id_': '7', 'name': 'a'}, {})
    """
    return {
        f"{name}_" if name in said else name: value
        for name, value in fields.items()
        if said.get(name) != value
    }


def _fields(row: Row, arrays: str) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the properties of a row, and what its columns of Neo4j's own hold, by type."""
    fields: dict[str, Any] = {}
    own: dict[str, str] = {}
    for column, value in row.items():
        match = _COLUMN.fullmatch(column)
        name, kind = (match["name"], (match["type"] or "").upper()) if match else (column, "")
        if kind in {"ID", "START_ID", "END_ID"}:
            space = match["space"] if match and match["space"] else ""
            plain = ":" in value or not space or not value
            own[kind] = value if plain else f"{space}:{value}"
        elif kind in {"LABEL", "TYPE"}:
            own[kind] = value
        elif kind != "IGNORE" and value:
            fields[name] = value.split(arrays) if kind.endswith("[]") else value
    return fields, own
