"""A table of paths, one a row, best first, for spreadsheets and data frames (CSV, RFC 4180).

Columns: `rank`, `score`, `length`, `effect`, `contexts_agree`, `weakest_hop`, `assumptions` and
`explanation`; `score_NAME` for each part of the score, value times weight; then by position from 1
`entity_I`, `name_I` and `category_I`, and between them `predicate_I`, `direction_I`, `effect_I`,
`hedge_I`, `statements_I` and `publications_I` of each hop. Shorter paths leave the last cells
empty. Several values of a cell are joined by ` | `, each once. No cell is a formula (see `tsv`).

The same as Parquet (https://parquet.apache.org/docs/file-format/) has numbers as numbers, lists as
lists and no value for what a shorter path lacks. pyarrow writes it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any, Final

from mechkg.kg.errors import QueryError
from mechkg.kg.model.results import PathResult
from mechkg.kg.model.schema import Schema
from mechkg.kg.model.values import Hop, Path
from mechkg.kg.writers.texts import Scalar
from mechkg.kg.writers.tsv import cell

__all__ = ["write", "write_parquet"]

Value = Scalar | tuple[str, ...]

_ENTITY: Final = ("entity", "name", "category")
_HOP: Final = ("predicate", "direction", "effect", "hedge", "statements", "publications")

_WHOLE: Final = frozenset({"rank", "length", "weakest_hop"})
"""Columns of whole numbers."""


def write(result: PathResult, schema: Schema) -> bytes:
    """Return the paths of an answer as comma-separated values with a header; O(size of the answer).

    The header names as many positions as the longest path has.
    """
    text = io.StringIO()
    table = csv.writer(text)
    columns = _columns(result.paths)
    table.writerow(columns)
    for row in _rows(result, schema):
        table.writerow([_cell(row.get(column, "")) for column in columns])
    return text.getvalue().encode()


def write_parquet(result: PathResult, schema: Schema) -> bytes:
    """Return the same table as Parquet; O(size of the answer).

    Raises `QueryError` where pyarrow is not installed.
    """
    try:
        # 40 MB and half a second, which only this writer needs.
        import pyarrow
        from pyarrow.parquet import write_table
    except ImportError as error:
        raise QueryError(
            "format", "asks for Parquet, which pyarrow writes: it is not installed here",
            hint="Install it with pip install mechkg[parquet], or ask for csv.",
        ) from error  # fmt: skip
    rows = list(_rows(result, schema))
    columns = _columns(result.paths)
    types = [(column, _type(pyarrow, column)) for column in columns]
    cells = {column: [row.get(column) for row in rows] for column in columns}
    written = io.BytesIO()
    write_table(pyarrow.table(cells, pyarrow.schema(types)), written)
    return written.getvalue()


def _rows(result: PathResult, schema: Schema) -> Iterator[dict[str, Value]]:
    names = {predicate.id: predicate.label for predicate in schema.predicates}
    for rank, path in enumerate(result.paths, 1):
        yield dict(_row(rank, path, names))


def _columns(paths: Iterable[Path]) -> list[str]:
    hops, parts = 0, dict[str, None]()
    for path in paths:
        hops = max(hops, path.length)
        parts |= {f"score_{part.name}": None for part in path.score_parts}
    columns = ["rank", "score", "length", "effect", "contexts_agree", "weakest_hop"]
    columns += ["assumptions", "explanation", *parts]
    for position in range(1, hops + 2):
        columns += [f"{name}_{position}" for name in _ENTITY]
        columns += [f"{name}_{position}" for name in _HOP if position <= hops]
    return columns


def _type(pyarrow: Any, column: str) -> Any:
    """Return the Arrow type of a column."""
    name = column.rpartition("_")[0]
    if column == "score" or column.startswith("score_"):
        return pyarrow.float64()
    if column == "contexts_agree":
        return pyarrow.bool_()
    if column in _WHOLE:
        return pyarrow.int32()
    if column == "assumptions" or name in _HOP:
        return pyarrow.list_(pyarrow.string())
    return pyarrow.string()


def _row(rank: int, path: Path, names: dict[str, str]) -> Iterator[tuple[str, Value]]:
    yield from (("rank", rank), ("score", round(path.score, 6)), ("length", path.length))
    yield from (("effect", path.effect), ("contexts_agree", path.contexts_agree))
    yield "weakest_hop", path.weakest + 1
    yield "assumptions", _distinct(a.reason or a.name for a in path.assumptions)
    yield "explanation", path.explanation
    for part in path.score_parts:
        yield f"score_{part.name}", round(part.value * part.weight, 6)
    for position, entity in enumerate(path.entities, 1):
        for name, value in zip(_ENTITY, (entity.id, entity.name, entity.category), strict=True):
            yield f"{name}_{position}", value
    for position, hop in enumerate(path.hops, 1):
        for name, texts in zip(_HOP, _hop(hop, names), strict=True):
            yield f"{name}_{position}", texts


def _hop(hop: Hop, names: dict[str, str]) -> tuple[tuple[str, ...], ...]:
    """Return the cells of a hop, in the order of `_HOP`."""
    said = hop.statements
    return (
        _distinct(names.get(s.predicate, s.predicate) for s in said),
        _distinct(s.direction for s in said),
        _distinct(s.effect for s in said),
        _distinct(s.hedge for s in said),
        _distinct(s.id for s in said),
        _distinct(p for s in said for e in s.evidence for p in e.publications),
    )


def _cell(value: Value) -> str:
    """Return a cell of CSV; a number is no formula, whatever its sign."""
    if isinstance(value, float):
        return repr(value)
    return cell(" | ".join(value) if isinstance(value, tuple) else value)


def _distinct(texts: Iterable[str]) -> tuple[str, ...]:
    """Return distinct texts in their order."""
    return tuple(dict.fromkeys(texts))
