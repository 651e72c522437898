"""Weights that a query sets: the parts of a scorer, weighed anew, with the search still exact."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from mechkg.kg.errors import QueryError
from mechkg.kg.ranking.scorer import Scorer

__all__ = ["LEAST", "reweighted"]

LEAST: Final = -10.0
"""The weight that counts most: keys of a path must stay below what the kernels can hold."""

SEARCHED: Final = ("hop", "entity", "doubt", "predicate", "statement")
"""Kinds of parts whose weight a query may set."""


def reweighted(scorer: Scorer, weights: Sequence[str]) -> Scorer:
    """Return a scorer with some weights set, each as `part:weight`; 0 leaves a part out.

    An optional part is in it where it has a weight.

    Raises `QueryError` where a part may not be set, or a weight is not from `LEAST` to 0.

    >>> from mechkg.kg.ranking.mechanism import MECHANISM
    >>> [(p.name, p.weight) for p in reweighted(MECHANISM, ["hubs:-0.5", "doubt:0"]).parts][:2]
    [('length', -1.0), ('hubs', -0.5)]
    """
    offered = (*scorer.parts, *scorer.optional)
    settable = [part.name for part in offered if part.of in SEARCHED]
    chosen: dict[str, float] = {}
    for text in weights:
        name, _, number = text.partition(":")
        if name not in settable:
            raise QueryError(
                "weights",
                f"sets {name!r}, which is no part of {scorer.name} that a search adds up",
                hint=f"Write part:weight; parts are {', '.join(settable)}.",
            )
        chosen[name] = _weight(name, number)
    taken = (*scorer.parts, *(part for part in scorer.optional if part.name in chosen))
    parts = [replace(part, weight=chosen.get(part.name, part.weight)) for part in taken]
    return replace(scorer, parts=tuple(part for part in parts if part.weight))


def _weight(name: str, number: str) -> float:
    try:
        weight = float(number)
    except ValueError:
        weight = math.nan
    if not LEAST <= weight <= 0:
        raise QueryError(
            "weights",
            f"gives {name} the weight {number!r}, which is no number from {LEAST:g} to 0",
            hint="A part counts what makes a path worse: -1 counts it once, 0 leaves it out.",
        )
    return weight
