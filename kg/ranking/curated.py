"""Whether curated mechanisms use a statement: a part of a score where a graph was given some.

Only what is used gains. A hop whose statement no mechanism uses costs as much as without any:
`with_curated` takes a share of what each hop costs and charges it only where nothing uses the
statement. So a path of no used statement is ranked among others like it as before, and an
incomplete set of mechanisms speaks against nothing.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mechkg.kg.errors import QueryError
from mechkg.kg.ranking.scorer import Part, Scorer, Support

__all__ = ["CURATED", "lack_of_use", "with_curated"]

SHARE: Final = 0.8
"""The share of the cost of a hop that a used statement is spared."""


def lack_of_use(found: Support) -> NDArray[np.float64]:
    """Return 1 for a statement that no curated mechanism uses, 0 for one that some does.

    Raises `QueryError` where the graph has no curated mechanisms.
    """
    if found.curated is None:
        raise QueryError(
            "weights",
            "sets curated, and the graph was loaded without curated mechanisms",
            hint="Load it with --mechanisms FILE.",
        )
    unused: NDArray[np.float64] = (found.curated.count == 0).astype(np.float64)
    return unused


CURATED: Final = Part("curated", "statement", -1.0, statements=lack_of_use)
"""Costs each hop whose statement no curated mechanism uses."""


def with_curated(scorer: Scorer) -> Scorer:
    """Return a scorer that spares used statements a share of the cost of their hop.

    One without a part for hops, or that does not offer the part, is returned as it is.

    >>> from mechkg.kg.ranking.specific import SPECIFIC
    >>> [(part.name, round(part.weight, 3)) for part in with_curated(SPECIFIC).parts][::5]
    [('length', -0.3), ('curated', -1.2)]
    """
    length = next((part for part in scorer.parts if part.of == "hop"), None)
    if length is None or CURATED not in scorer.optional:
        return scorer
    kept = replace(length, weight=(1 - SHARE) * length.weight)
    others = [kept if part is length else part for part in scorer.parts]
    spared = replace(CURATED, weight=SHARE * length.weight)
    searched = [part for part in others if part.of != "answer"]
    compared = [part for part in others if part.of == "answer"]
    optional = tuple(part for part in scorer.optional if part is not CURATED)
    return replace(scorer, parts=(*searched, spared, *compared), optional=optional)
