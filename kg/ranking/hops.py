"""Shorter paths first, nothing else."""

from __future__ import annotations

from typing import Final

from mechkg.kg.ranking.corroboration import CORROBORATION
from mechkg.kg.ranking.scorer import Part, Scorer

__all__ = ["HOPS"]

HOPS: Final = Scorer(
    "hops", "Shorter paths first.", (Part("length", "hop", -1.0),), (CORROBORATION,)
)
