"""A scorer over one graph, in the integer units that the kernels add up."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mechkg.kg.kernels.engine import frozen
from mechkg.kg.kernels.types import INF, LENGTHS, UNIT
from mechkg.kg.model.queries import MAX_HOPS
from mechkg.kg.model.schema import Schema
from mechkg.kg.model.values import ScorePart
from mechkg.kg.ranking.scorer import Scorer, Support
from mechkg.kg.snapshot.index import Index

__all__ = ["Charge", "Costs", "costs_of", "score_of"]

_MOST = INF // LENGTHS // (4 * MAX_HOPS)
"""The most units that one atom may cost, so that no path's key reaches INF."""


class Charge(NamedTuple):
    """What the statements of a path and the steps between them cost, in units.

    Sums over the hops: of doubts, of tolls, of assumptions, and of what statements lack otherwise,
    by part.
    """

    doubt: int
    toll: int
    assumptions: int
    lacks: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Costs:
    """What entities, hops and doubts cost under a scorer.

    entity (n, int32 units, read-only), toll (int32 units a predicate, read-only, empty for none),
    hop (units), doubt (units to a doubt of 1), assumption (units to a weight of 1/e). lacks (int32
    units a statement, read-only) is what statements cost besides, by part; with any, kernels
    take `weakness` (float32) and `scale`, which hold doubt and lacks together. `parts` has
    an entity part's own units (n, int32), else None, beside its name, kind and weight.
    """

    entity: NDArray[np.int32]
    toll: NDArray[np.int32]
    hop: int
    doubt: float
    assumption: float
    parts: tuple[tuple[str, str, float, NDArray[np.int32] | None], ...]
    lacks: tuple[NDArray[np.int32], ...]
    weakness: NDArray[np.float32]

    @property
    def scale(self) -> float:
        """Units to a weakness of 1."""
        return UNIT if self.lacks else self.doubt

    @property
    def is_capped(self) -> bool:
        """Whether an entity would cost more than the kernels can add up, and costs less instead."""
        return bool((self.entity >= _MOST).any())

    def score_parts(
        self,
        rows: Sequence[Sequence[int]],
        charged: Sequence[Charge],
        added: NDArray[np.float64] | None = None,
    ) -> list[tuple[ScorePart, ...]]:
        """Return the parts of each path's score.

        `rows` has the entities of each path, `charged` what its statements and steps cost, `added`
        (paths, parts) what it costs beside the other candidates, nothing if None. Values are what
        was added up, so `sum(value * weight)` is the score up to rounding.
        """
        columns = []
        lacks = iter(zip(*(one.lacks for one in charged), strict=True))
        compared = iter(() if added is None else added.T.tolist())
        for name, of, weight, units in self.parts:
            values: Iterable[float]
            if of == "answer":
                values = next(compared, [0.0] * len(rows))
                columns.append([ScorePart(name, round(v, 6), weight) for v in values])
                continue
            if of == "hop":
                values = [len(row) - 1 for row in rows]
            else:
                unit = UNIT * -weight
                if of == "statement":
                    sums = list(next(lacks, ()))
                else:
                    sums = _CHARGED[of](charged) if units is None else _sums_between(units, rows)
                values = [round(total / unit, 6) for total in sums]
            columns.append([ScorePart(name, float(value), weight) for value in values])
        return list(zip(*columns, strict=True))

    def statement_units(
        self, row: int, doubt: float, predicate: int
    ) -> tuple[int, int, tuple[int, ...]]:
        """Return what a statement's doubt, its predicate and what it lacks cost, in units."""
        toll = int(self.toll[predicate]) if len(self.toll) else 0
        return self.doubt_units(doubt), toll, tuple([int(lack[row]) for lack in self.lacks])

    def doubt_units(self, doubt: float) -> int:
        """Return what a doubt costs, in units."""
        return int(self.doubt * doubt + 0.5)


_CHARGED: Final = MappingProxyType[str, Callable[[Sequence[Charge]], list[int]]](
    {
        "doubt": lambda charged: [one.doubt for one in charged],
        "predicate": lambda charged: [one.toll for one in charged],
        "composition": lambda charged: [one.assumptions for one in charged],
    }
)


def _sums_between(units: NDArray[np.int32], rows: Sequence[Sequence[int]]) -> list[int]:
    """Return the sum over the entities between the ends of each path."""
    unit = units.item
    return [sum([unit(v) for v in row[1:-1]]) for row in rows]


def costs_of(index: Index, schema: Schema, scorer: Scorer, support: Support | None = None) -> Costs:
    """Return a scorer's costs over a graph; O(entities) for each entity part.

    O(statements) where it has a part of what supports statements. Raises `QueryError` where that
    is not known.
    """
    parts: list[tuple[str, str, float, NDArray[np.int32] | None]] = []
    entity = np.zeros(index.entities, np.int32)
    toll = np.zeros(len(schema.predicates), np.int32)
    hop, doubt, assumption = 0, 0.0, 0.0
    lacks: list[NDArray[np.int32]] = []
    support = support or Support(index.carrying)
    for part in scorer.parts:
        units = None
        if part.of == "hop":
            hop += round(-part.weight * UNIT)
        elif part.of == "doubt":
            doubt += -part.weight * UNIT
        elif part.of == "composition":
            assumption += -part.weight * UNIT
        elif part.statements is not None:
            values = part.statements(support)
            lacks.append(frozen(np.rint(-part.weight * UNIT * values).astype(np.int32)))
        elif part.tolls is not None:
            toll += np.rint(-part.weight * UNIT * part.tolls(schema)).astype(np.int32)
        elif part.values is not None:
            exact = np.rint(-part.weight * UNIT * part.values(index))
            units = np.minimum(exact, _MOST).astype(np.int32)
            entity = np.minimum(entity + units, _MOST).astype(np.int32)
        parts.append((part.name, part.of, part.weight, units))
    some = toll if toll.any() else toll[:0]
    return Costs(
        frozen(entity), frozen(some), hop, doubt, assumption, tuple(parts), tuple(lacks),
        frozen(_weakness(index, doubt, lacks)),
    )  # fmt: skip


def _weakness(
    index: Index, doubt: float, lacks: Sequence[NDArray[np.int32]]
) -> NDArray[np.float32]:
    """Return doubt and lacks of each statement in one: float32 holds units below 42 points."""
    if not lacks:
        return np.zeros(0, np.float32)
    every = sum(lacks[1:], lacks[0].astype(np.int64))
    doubts = (doubt * index.doubt[: len(every)].astype(np.float64) + 0.5).astype(np.int64)
    return ((doubts + every) / UNIT).astype(np.float32)


def score_of(key: int) -> float:
    """Return the score of a search key: higher is better, 0 at best.

    >>> score_of((3 * UNIT) * LENGTHS + 3)
    -3.0
    """
    return -(key // LENGTHS) / UNIT
