"""A flat table of statements, one a row, for spreadsheets.

A cell holds no tab or line break. A text that a spreadsheet would take for a formula (it starts
with `=`, `+`, `-` or `@`) gets a leading apostrophe, which spreadsheets do not show; numbers stay
as they are. This is the OWASP rule against CSV injection.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from mechkg.kg.draw.text import clean
from mechkg.kg.model.schema import Schema
from mechkg.kg.model.values import Statement, Subgraph
from mechkg.kg.writers.rows import GraphRows, joined
from mechkg.kg.writers.texts import Scalar, statement_fields

__all__ = ["stream", "write"]

_COLUMNS: Final = (
    "id", "subject", "subject_name", "predicate", "label", "object", "object_name", "sign",
    "negated", "modality", "qualifiers", "evidence", "evidence_kinds", "sources", "publications",
    "titles", "locations", "knowledge_levels", "agent_types", "derived_from", "note",
)  # fmt: skip

_FORMULA: Final = re.compile(r"[=+\-@]")
_BREAKS: Final = re.compile(r"[\t\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+")


def write(subgraph: Subgraph, schema: Schema) -> bytes:
    r"""Return the statements of a subgraph as tab-separated values with a header. O(n + m).

    Lists are joined by ` | `; an unknown sign is an empty cell.

    >>> write(Subgraph(entities=(), statements=()), Schema()).split(b"\t")[:2]
    [b'id', b'subject']
    """
    names = {entity.id: entity.name for entity in subgraph.entities}
    return b"".join(_lines(subgraph.statements, names.__getitem__, schema))


def stream(rows: GraphRows, schema: Schema) -> Iterator[bytes]:
    """Yield the table of a whole graph; equal to `write` of it. O(1) memory."""
    return joined(_lines(rows.statements(), rows.name, schema))


def _lines(
    statements: Iterable[Statement], name: Callable[[str], str], schema: Schema
) -> Iterator[bytes]:
    yield "\t".join(_COLUMNS).encode() + b"\n"
    for statement in statements:
        fields: dict[str, Scalar] = {
            **statement_fields(statement, schema),
            "subject": clean(statement.subject),
            "object": clean(statement.object),
            "subject_name": clean(name(statement.subject)),
            "object_name": clean(name(statement.object)),
        }
        yield "\t".join(cell(fields.get(column, "")) for column in _COLUMNS).encode() + b"\n"


def cell(value: Scalar) -> str:
    """Return a value as a cell that no spreadsheet runs.

    >>> cell("=1+1"), cell(-1), cell(True)
    ("'=1+1", '-1', 'true')
    """
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(value)
    text = _BREAKS.sub(" ", value)
    return f"'{text}" if _FORMULA.match(text.lstrip()) else text
