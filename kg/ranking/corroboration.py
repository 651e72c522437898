"""How little other statements support one: a part of a score that a query may ask for."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from mechkg.kg.errors import QueryError
from mechkg.kg.ranking.scorer import Part, Support

__all__ = ["CORROBORATION", "lack_of_support"]


def lack_of_support(found: Support) -> NDArray[np.float64]:
    """Return 1 / (1 + routes) a statement: 1 for one without any, little from some routes on.

    Raises `QueryError` where routes were not counted.
    """
    if found.corroboration is None:
        raise QueryError(
            "weights",
            "sets corroboration, and routes that support statements were not counted for this "
            "graph",
            hint="Load it with --corroboration on.",
        )
    return 1.0 / (1.0 + found.corroboration.routes.astype(np.float64))


CORROBORATION: Final = Part("corroboration", "statement", -1.0, statements=lack_of_support)
"""Costs each hop what its statement lacks of support by independent routes."""
