"""Scores of paths: one file a scorer, joined in one table."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from mechkg.kg import plugins
from mechkg.kg.errors import UnknownTerm
from mechkg.kg.ranking.hops import HOPS
from mechkg.kg.ranking.hubs import HUBS
from mechkg.kg.ranking.mechanism import MECHANISM
from mechkg.kg.ranking.scorer import Part, Scorer

__all__ = ["SCORERS", "Part", "Scorer", "scorer", "scorers"]

SCORERS: Final = MappingProxyType({s.name: s for s in (MECHANISM, HOPS, HUBS)})
"""All scorers by name, the default first."""


def scorer(name: str) -> Scorer:
    """Return a scorer by name; raises `UnknownTerm`.

    >>> [part.name for part in scorer("mechanism").parts]
    ['length', 'hubs', 'doubt', 'generic', 'assumptions']
    """
    found = SCORERS.get(name) or scorers().get(name)
    if found is None:
        raise UnknownTerm("scorer", name, tuple(scorers()))
    return found


def scorers() -> Mapping[str, Scorer]:
    """Return the scorers by name: ours, then those of plug-ins (group `mechkg.scorers`)."""
    added = {scorer.name: scorer for scorer in plugins.plugins("mechkg.scorers", Scorer)}
    return {**added, **SCORERS}
