"""A table of paths, one a row, best first, for spreadsheets and data frames (CSV, RFC 4180).

Columns: `rank`, `score`, `length`, `effect`, `contexts_agree`, `weakest_hop`, `assumptions` and
`explanation`; `score_NAME` for each part of the score, value times weight; then by position from 1
`entity_I`, `name_I` and `category_I`, and between them `predicate_I`, `direction_I`, `effect_I`,
`hedge_I`, `statements_I` and `publications_I` of each hop. Shorter paths leave the last cells
empty. Several values of a cell are joined by ` | `, each once. No cell is a formula (see `tsv`).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Final

from mechkg.kg.model.results import PathResult
from mechkg.kg.model.schema import Schema
from mechkg.kg.model.values import Hop, Path
from mechkg.kg.writers.texts import Scalar
from mechkg.kg.writers.tsv import cell

__all__ = ["write"]

_ENTITY: Final = ("entity", "name", "category")
_HOP: Final = ("predicate", "direction", "effect", "hedge", "statements", "publications")


def write(result: PathResult, schema: Schema) -> bytes:
    """Return the paths of an answer as comma-separated values with a header; O(size of the answer).

    The header names as many positions as the longest path has.
    """
    names = {predicate.id: predicate.label for predicate in schema.predicates}
    rows = [dict(_row(rank, path, names)) for rank, path in enumerate(result.paths, 1)]
    text = io.StringIO()
    table = csv.writer(text)
    columns = _columns(result.paths)
    table.writerow(columns)
    table.writerows([_cell(row.get(column, "")) for column in columns] for row in rows)
    return text.getvalue().encode()


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


def _row(rank: int, path: Path, names: dict[str, str]) -> Iterator[tuple[str, Scalar]]:
    yield from (("rank", rank), ("score", round(path.score, 6)), ("length", path.length))
    yield from (("effect", path.effect), ("contexts_agree", path.contexts_agree))
    yield "weakest_hop", path.weakest + 1
    yield "assumptions", _joined(a.reason or a.name for a in path.assumptions)
    yield "explanation", path.explanation
    for part in path.score_parts:
        yield f"score_{part.name}", round(part.value * part.weight, 6)
    for position, entity in enumerate(path.entities, 1):
        for name, value in zip(_ENTITY, (entity.id, entity.name, entity.category), strict=True):
            yield f"{name}_{position}", value
    for position, hop in enumerate(path.hops, 1):
        for name, value in zip(_HOP, _hop(hop, names), strict=True):
            yield f"{name}_{position}", value


def _hop(hop: Hop, names: dict[str, str]) -> tuple[str, ...]:
    """Return the cells of a hop, in the order of `_HOP`."""
    said = hop.statements
    return (
        _joined(names.get(s.predicate, s.predicate) for s in said),
        _joined(s.direction for s in said),
        _joined(s.effect for s in said),
        _joined(s.hedge for s in said),
        _joined(s.id for s in said),
        _joined(p for s in said for e in s.evidence for p in e.publications),
    )


def _cell(value: Scalar) -> str:
    """Return a cell; a number is no formula, whatever its sign."""
    return repr(value) if isinstance(value, float) else cell(value)


def _joined(texts: Iterable[str]) -> str:
    """Return distinct texts in their order, joined."""
    return " | ".join(dict.fromkeys(texts))
