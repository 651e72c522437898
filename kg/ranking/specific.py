"""Paths through specific entities first: the default where nothing else is known of a graph.

An entity that is linked to everything explains nothing, so each entity between the ends costs its
log degree (as in `hubs`), and each hop costs one and a half points. On curated mechanisms hidden
in a graph of 1.3 million statements this finds more than a small weight of log degree does; how
the two are balanced matters little (docs/ranking.md has the figures).
"""

from __future__ import annotations

from typing import Final

from mechkg.kg.ranking.corroboration import CORROBORATION
from mechkg.kg.ranking.curated import CURATED
from mechkg.kg.ranking.generic import generic_relations
from mechkg.kg.ranking.hubs import log_degree
from mechkg.kg.ranking.scorer import Part, Scorer

__all__ = ["SPECIFIC"]

SPECIFIC: Final = Scorer(
    "specific",
    "Short paths through little-linked entities over well-supported statements first.",
    (
        Part("length", "hop", -1.5),
        Part("hubs", "entity", -1.0, log_degree),
        Part("doubt", "doubt", -2.0),
        Part("generic", "predicate", -0.5, tolls=generic_relations),
        Part("assumptions", "composition", -2.0),
    ),
    optional=(CORROBORATION, CURATED),
)
