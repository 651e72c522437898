"""The learned scorer: the best paths by `specific`, put in order by what curated mechanisms taught.

The candidates are the `CANDIDATES` best paths by the unlearned score, proven. Each gets points for
its relations, its degrees and how it lies among the others (`path_features`), by the weights of a
table that anyone can read (`prior.tsv`). The order is a function of the candidates alone, so pages
fit together; paths beyond them follow by the unlearned score.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mechkg.kg.model.schema import Predicate
from mechkg.kg.ranking.curated import CURATED
from mechkg.kg.ranking.path_features import PARTS, Candidates, features, own_terms
from mechkg.kg.ranking.prior import HopType, Prior
from mechkg.kg.ranking.scorer import Part, Scorer
from mechkg.kg.ranking.specific import SPECIFIC

__all__ = ["CANDIDATES", "LEARNED", "fits", "learned_points", "short_name"]

CANDIDATES: Final = 500
"""Paths that are put in order anew."""

FITS: Final = 0.5
"""The share of statements whose type the table must list for the scorer to be the default."""

CLIP: Final = 5.0
"""Standard deviations beyond which a feature counts no more."""

Floats = NDArray[np.float64]

LEARNED: Final = Scorer(
    "learned",
    "Paths that look like curated mechanisms first, among the best by `specific`.",
    (*SPECIFIC.parts, *(Part(name, "answer", -1.0) for name in (*PARTS, "offset"))),
    optional=(CURATED,),
)


def short_name(identifier: str) -> str:
    """Return a name without its prefix.

    >>> short_name("biolink:Gene")
    'Gene'
    """
    return identifier.rpartition(":")[2]


def predicate_name(predicate: Predicate) -> str:
    """Return the Biolink name of a predicate, or its own where it maps to none."""
    own = short_name(predicate.id)
    mapped = short_name(predicate.biolink)
    return own if mapped == "related_to" else mapped


def fits(prior: Prior, types: Iterable[tuple[HopType, int]]) -> bool:
    """Say whether most statements of a graph are of types that the prior lists.

    >>> from mechkg.kg.ranking.prior import read_prior
    >>> fits(read_prior(), [(("Ship", "sails_to", "Harbour"), 3)])
    False
    """
    listed, known, total = set(prior.types), 0, 0
    for hop_type, count in types:
        total += count
        known += count if hop_type in listed else 0
    return known > FITS * total


def learned_points(c: Candidates, prior: Prior) -> Floats:
    """Return the points of candidates by part: float64 (k, len(PARTS)), more is better."""
    own = own_terms(c, prior)
    points = np.zeros((len(c.cost), len(PARTS)))
    for column, (part, found) in enumerate(features(c, prior).items()):
        points[:, column] = own.get(part, 0.0)
        for name, values in found.items():
            weight, scale = prior.feature.get(name, (0.0, 1.0))
            points[:, column] += weight * standard(values, scale)
    return points


def standard(values: Floats, scale: float) -> Floats:
    """Return values as their distance from the mean of the candidates, in units of a scale."""
    clipped: Floats = np.clip((values - values.mean()) / scale, -CLIP, CLIP)
    return clipped
