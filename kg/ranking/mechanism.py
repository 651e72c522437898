"""Short, specific and well-supported paths first: the default where predicates have roles.

A hop costs one point. Log degree costs a quarter: passing an entity with e**4 (about 55)
statements costs as much as one hop more, so a specific detour beats a shortcut through a hub, but
not by two hops. Full doubt in a hop costs two hops: a chain of firm statements beats a shortcut
that is only hoped for. A generic relation (associated with, related to) costs half a hop more:
it may join a path, but one of named mechanisms comes first. Assumptions by which hops compose
cost two points where they let 1/e of an effect through.
"""

from __future__ import annotations

from typing import Final

from mechkg.kg.ranking.corroboration import CORROBORATION
from mechkg.kg.ranking.curated import CURATED
from mechkg.kg.ranking.generic import generic_relations
from mechkg.kg.ranking.hubs import log_degree
from mechkg.kg.ranking.scorer import Part, Scorer

__all__ = ["MECHANISM"]

MECHANISM: Final = Scorer(
    "mechanism",
    "Short paths through specific entities over well-supported statements first.",
    (
        Part("length", "hop", -1.0),
        Part("hubs", "entity", -0.25, log_degree),
        Part("doubt", "doubt", -2.0),
        Part("generic", "predicate", -0.5, tolls=generic_relations),
        Part("assumptions", "composition", -2.0),
    ),
    optional=(CORROBORATION, CURATED),
)
