"""Paths that avoid hubs: the sum of log degrees of the entities between the ends.

The cost of the degree-weighted path search of hetnet studies (Himmelstein & Baranzini 2015), in
its logarithmic form: an entity that is linked to everything explains nothing.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from mechkg.kg.ranking.corroboration import CORROBORATION
from mechkg.kg.ranking.scorer import Part, Scorer
from mechkg.kg.snapshot.index import Index

__all__ = ["HUBS", "log_degree"]


def log_degree(index: Index) -> NDArray[np.float64]:
    """Return the natural logarithm of each entity's degree (n, float64), 0 for a leaf."""
    return np.log(np.maximum(index.degree, 1).astype(np.float64))


HUBS: Final = Scorer(
    "hubs",
    "Paths through little-linked entities first, whatever their length.",
    (Part("hubs", "entity", -1.0, log_degree),),
    (CORROBORATION,),
)
