"""How little other statements support one: a part of a score that a query may ask for."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from mechkg.kg.ranking.scorer import Part
from mechkg.kg.snapshot.corroboration import Corroborations

__all__ = ["CORROBORATION", "lack_of_support"]


def lack_of_support(found: Corroborations) -> NDArray[np.float64]:
    """Return 1 / (1 + routes) a statement: 1 for one without any, little from some routes on."""
    return 1.0 / (1.0 + found.routes.astype(np.float64))


CORROBORATION: Final = Part("corroboration", "statement", -1.0, statements=lack_of_support)
"""Costs each hop what its statement lacks of support by independent routes."""
