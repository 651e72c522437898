"""A scorer over one graph, in the integer units that the kernels add up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kg.index import Index
from kg.kernels.arrays import INF, LENGTHS, UNIT
from kg.kernels.engine import frozen
from kg.model import ScorePart
from kg.queries import MAX_HOPS
from kg.ranking.scorer import Scorer

__all__ = ["Costs", "costs_of", "score_of"]

_MOST = INF // LENGTHS // (4 * MAX_HOPS)
"""The most units that one atom may cost, so that no path's key reaches INF."""


@dataclass(frozen=True, slots=True)
class Costs:
    """What entities, hops and doubts cost under a scorer.

    entity (n, int32 units, read-only), hop (units), doubt (units to a doubt of 1); `parts` has an
    entity part's own units (n, int32), else None, beside its name, kind and weight.
    """

    entity: NDArray[np.int32]
    hop: int
    doubt: float
    parts: tuple[tuple[str, str, float, NDArray[np.int32] | None], ...]

    def score_parts(
        self, nodes: NDArray[np.int32], doubts: Sequence[int]
    ) -> list[tuple[ScorePart, ...]]:
        """Return the parts of each path's score.

        nodes (k, hops+1; int32, -1 padded); `doubts` has the sum of `doubt_units` over the hops of
        each path. Values are what the kernels added, so `sum(value * weight)` is the score up to
        rounding.
        """
        length = (nodes >= 0).sum(axis=1) - 1
        between = (nodes[:, 1:-1] >= 0) & (np.arange(1, nodes.shape[1] - 1) < length[:, None])
        columns = []
        for name, of, weight, units in self.parts:
            if of == "hop":
                values = length.astype(np.float64)
            elif units is not None:
                values = np.where(between, units[nodes[:, 1:-1]], 0).sum(axis=1) / (UNIT * -weight)
            else:
                values = np.array(doubts, np.float64) / (UNIT * -weight)
            columns.append([ScorePart(name, value, weight) for value in values.round(6).tolist()])
        return list(zip(*columns, strict=True))

    def doubt_units(self, doubt: float) -> int:
        """Return what a hop's least doubt costs, in units."""
        return int(self.doubt * doubt + 0.5)


def costs_of(index: Index, scorer: Scorer) -> Costs:
    """Return a scorer's costs over a graph; O(entities) for each entity part."""
    parts: list[tuple[str, str, float, NDArray[np.int32] | None]] = []
    entity = np.zeros(index.entities, np.int32)
    hop, doubt = 0, 0.0
    for part in scorer.parts:
        units = None
        if part.of == "hop":
            hop += round(-part.weight * UNIT)
        elif part.of == "doubt":
            doubt += -part.weight * UNIT
        elif part.values is not None:
            exact = np.rint(-part.weight * UNIT * part.values(index))
            units = np.minimum(exact, _MOST).astype(np.int32)
            entity = np.minimum(entity + units, _MOST).astype(np.int32)
        parts.append((part.name, part.of, part.weight, units))
    return Costs(frozen(entity), hop, doubt, tuple(parts))


def score_of(key: int) -> float:
    """Return the score of a search key: higher is better, 0 at best.

    >>> score_of((3 * UNIT) * LENGTHS + 3)
    -3.0
    """
    return -(key // LENGTHS) / UNIT
