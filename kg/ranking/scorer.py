"""A score: the sum of named parts, each a value with a weight.

Every part counts something that a path has more of the worse it is (a hop, an entity between the
ends, the doubt of a hop), with a negative weight: a larger score is better, and a path never gains
by growing. That is what makes the best-first search exact.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mechkg.kg.model.schema import Schema
from mechkg.kg.snapshot.corroboration import Corroborations
from mechkg.kg.snapshot.curated import CuratedUses
from mechkg.kg.snapshot.index import Index

__all__ = ["Part", "Scorer", "Support"]


class Support(NamedTuple):
    """What a graph says of each of its `statements` that can carry a path, as a whole."""

    statements: int
    corroboration: Corroborations | None = None
    curated: CuratedUses | None = None


EntityValues = Callable[[Index], NDArray[np.float64]]
PredicateValues = Callable[[Schema], NDArray[np.float64]]
StatementValues = Callable[[Support], NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class Part:
    """One named part of a score.

    `of` says what is counted: each hop (value 1), each entity between the ends (`values`, n
    non-negative float64), the doubt of each hop's statement (the index's `doubt`), its predicate
    (`tolls`, a non-negative float64 a predicate), how little supports it otherwise (`statements`, a
    non-negative float64 for each statement that can carry a path), the assumptions of its
    composition (the sum of -ln(weight), `kg.search.composition`), or how a path compares with the
    other candidates of its query (`kg.ranking.learned`; no search counts that, and it may be
    negative). `weight` is below 0.

    >>> Part("length", "hop", -1.0).weight
    -1.0
    """

    name: str
    of: Literal["hop", "entity", "doubt", "predicate", "statement", "composition", "answer"]
    weight: float
    values: EntityValues | None = None
    tolls: PredicateValues | None = None
    statements: StatementValues | None = None


@dataclass(frozen=True, slots=True)
class Scorer:
    """A named way to rank paths; `description` says in a sentence what it prefers.

    `optional` parts count where a query gives them a weight.

    >>> Scorer("short", "Shorter paths first.", (Part("length", "hop", -1.0),)).parts[0].name
    'length'
    """

    name: str
    description: str
    parts: tuple[Part, ...]
    optional: tuple[Part, ...] = ()
