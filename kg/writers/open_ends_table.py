"""A table of the ends of an open side, one a row, best path first (CSV, RFC 4180).

Columns: `rank`, `id`, `name` and `category`; of the net effect `verdict`, `basis`, `hedge` and
`claim`; `paths` and `paths_are_exact`, `supports`, `opposes`, `neutral` and `unknown`; of the best
path `score`, `length`, `effect`, `entities`, `statements` and `explanation`. Several values of a
cell are joined by ` | `. No cell is a formula (see `tsv`).
"""

from __future__ import annotations

import csv
import io
from typing import Final

from mechkg.kg.model.results import OpenEnd, OpenEndsResult
from mechkg.kg.model.schema import Schema
from mechkg.kg.writers.texts import Scalar
from mechkg.kg.writers.tsv import cell

__all__ = ["COLUMNS", "write"]

COLUMNS: Final = (
    "rank", "id", "name", "category", "verdict", "basis", "hedge", "claim", "paths",
    "paths_are_exact", "supports", "opposes", "neutral", "unknown", "score", "length", "effect",
    "entities", "statements", "explanation",
)  # fmt: skip


def write(result: OpenEndsResult, schema: Schema) -> bytes:  # noqa: ARG001 - as all writers
    """Return the ends of an answer as comma-separated values with a header; O(size of answer)."""
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(COLUMNS)
    for rank, end in enumerate(result.ends, 1):
        table.writerow([_cell(value) for value in _row(rank, end)])
    return text.getvalue().encode()


def _cell(value: Scalar) -> str:
    """Return a cell; a number is no formula, whatever its sign."""
    return repr(value) if isinstance(value, float) else cell(value)


def _row(rank: int, end: OpenEnd) -> tuple[Scalar, ...]:
    """Return the values of an end, in the order of `COLUMNS`."""
    entity, path, net = end.entity, end.path, end.net_effect
    statements = (s.id for hop in path.hops for s in hop.statements)
    return (
        rank, entity.id, entity.name, entity.category, net.verdict, net.basis, net.hedge or "",
        net.claim, end.total, end.total_is_exact, net.supports, net.opposes, net.neutral,
        net.unknown, round(path.score, 6), path.length, path.effect,
        " | ".join(one.name for one in path.entities), " | ".join(statements), path.explanation,
    )  # fmt: skip
