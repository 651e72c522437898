"""Scores of paths: one file a scorer, joined in one table."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from mechkg.kg import plugins
from mechkg.kg.errors import UnknownTerm
from mechkg.kg.model.schema import Schema
from mechkg.kg.ranking.hops import HOPS
from mechkg.kg.ranking.hubs import HUBS
from mechkg.kg.ranking.learned import LEARNED
from mechkg.kg.ranking.mechanism import MECHANISM
from mechkg.kg.ranking.scorer import Part, Scorer
from mechkg.kg.ranking.specific import SPECIFIC

__all__ = ["DEFAULT", "SCORERS", "Part", "Scorer", "default_scorer", "scorer", "scorers"]

SCORERS: Final = MappingProxyType({s.name: s for s in (MECHANISM, HOPS, HUBS, SPECIFIC, LEARNED)})
"""All scorers by name."""

DEFAULT: Final = "default"
"""The name that leaves the choice of a scorer to the graph (`default_scorer`)."""


def scorer(name: str) -> Scorer:
    """Return a scorer by name; raises `UnknownTerm`.

    >>> [part.name for part in scorer("mechanism").parts]
    ['length', 'hubs', 'doubt', 'generic', 'assumptions']
    """
    found = SCORERS.get(name) or scorers().get(name)
    if found is None:
        raise UnknownTerm("scorer", name, (DEFAULT, *scorers()))
    return found


def default_scorer(schema: Schema) -> str:
    """Return the name of the scorer by which paths of a graph are ranked if a query names none.

    Where the graph says of its predicates what part they have in a mechanism (`Predicate.role`),
    as the bundled ontology does, length and support of a path tell most: `mechanism`. Elsewhere a
    statement may be anything, and how specific the entities are tells more: `specific`. A query
    of such a graph may then be ranked by `learned` (`kg.search.prepare`).

    >>> default_scorer(Schema(categories=(), predicates=()))
    'specific'
    """
    declared = any(predicate.role for predicate in schema.predicates)
    return MECHANISM.name if declared else SPECIFIC.name


def scorers() -> Mapping[str, Scorer]:
    """Return the scorers by name: ours, then those of plug-ins (group `mechkg.scorers`)."""
    added = {scorer.name: scorer for scorer in plugins.plugins("mechkg.scorers", Scorer)}
    return {**added, **SCORERS}
