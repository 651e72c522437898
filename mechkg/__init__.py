"""MechKG: find, rank and explain mechanism paths in a knowledge graph.

Open a snapshot with `open_graph`, ask with `Graph.find_paths`, `Graph.neighbourhood` and
`Graph.search`; every answer says what it left out.

Names are loaded on first use (PEP 562): the search kernels bring numba, which takes most of a
second to import, and a program that only reads the value types should not wait for it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mechkg.kg.errors import (
        AmbiguousName,
        DataError,
        MechKGError,
        QueryError,
        SnapshotError,
        TooLarge,
        UnknownEntity,
        UnknownTerm,
    )
    from mechkg.kg.graph import Graph, open_graph
    from mechkg.kg.model.queries import (
        CompareQuery,
        NeighbourhoodQuery,
        PathQuery,
        SearchQuery,
        SubgraphQuery,
    )
    from mechkg.kg.model.results import (
        Chokepoints,
        Comparison,
        PathResult,
        PathSummary,
        Preview,
        WhyNot,
    )
    from mechkg.kg.model.schema import Category, Predicate, Schema
    from mechkg.kg.model.values import Entity, Evidence, Hop, Path, Qualifier, Statement, Subgraph

__all__ = [
    "AmbiguousName",
    "Category",
    "Chokepoints",
    "CompareQuery",
    "Comparison",
    "DataError",
    "Entity",
    "Evidence",
    "Graph",
    "Hop",
    "MechKGError",
    "NeighbourhoodQuery",
    "Path",
    "PathQuery",
    "PathResult",
    "PathSummary",
    "Predicate",
    "Preview",
    "Qualifier",
    "QueryError",
    "Schema",
    "SearchQuery",
    "SnapshotError",
    "Statement",
    "Subgraph",
    "SubgraphQuery",
    "TooLarge",
    "UnknownEntity",
    "UnknownTerm",
    "WhyNot",
    "open_graph",
]

_HOMES = ("errors", "model.values", "model.queries", "model.results", "model.schema", "graph")
"""Where a public name may live, lightest module first."""


def __getattr__(name: str) -> object:
    if name in __all__:
        for home in _HOMES:
            module = import_module(f"mechkg.kg.{home}")
            if name in vars(module):
                return vars(module)[name]
    raise AttributeError(f"module 'mechkg' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
