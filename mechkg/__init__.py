"""MechKG: find, rank and explain mechanism paths in a knowledge graph.

Open a snapshot with `open_graph`, or a running service with `Client`, and query it with
`find_paths`, `neighbourhood` and `search`; every answer says what it left out.

Names are loaded on first use (PEP 562): the search kernels bring numba, which takes most of a
second to import, and a program that only reads the value types should not wait for it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mechkg.client import Client, PathLines, ServiceError
    from mechkg.kg.engine.contract import Budget, Usage
    from mechkg.kg.engine.graph import Capabilities, EngineAnswer, EngineGraph, EngineOpenEnds
    from mechkg.kg.engine.neighbourhood import EngineNeighbourhood
    from mechkg.kg.engine.remote_graph import RemoteGraph
    from mechkg.kg.errors import (
        AmbiguousName,
        Cancelled,
        Candidate,
        ChangesRefused,
        DataError,
        EditConflict,
        EngineError,
        Finding,
        ForbiddenQuery,
        LoadRefused,
        LogError,
        MalformedQuery,
        MechKGError,
        NotSupported,
        PluginError,
        QueryError,
        SnapshotError,
        SnapshotGone,
        StaleBase,
        StaleCursor,
        TooCostly,
        TooLarge,
        UnknownEntity,
        UnknownParameter,
        UnknownTerm,
        ValidationError,
    )
    from mechkg.kg.graph import Graph, open_graph
    from mechkg.kg.model.queries import (
        CompareQuery,
        NeighbourhoodQuery,
        OpenEndsQuery,
        PathQuery,
        SearchQuery,
        SignificanceQuery,
        SubgraphQuery,
    )
    from mechkg.kg.model.results import (
        Chokepoint,
        Chokepoints,
        Comparison,
        Expectation,
        Match,
        MediatorSignificance,
        MetapathSignificance,
        Neighbour,
        NeighbourGroup,
        NeighbourhoodResult,
        NetEffect,
        OpenEnd,
        OpenEndsResult,
        PathResult,
        PathSummary,
        Preview,
        Relaxation,
        SearchResult,
        Significance,
        WhyNot,
    )
    from mechkg.kg.model.schema import Category, Predicate, Schema
    from mechkg.kg.model.values import (
        Entity,
        Evidence,
        Hop,
        Path,
        PathEntity,
        Qualifier,
        Statement,
        Subgraph,
    )
    from mechkg.ontology.endpoint.open import open_engine

__version__ = "0.1.0"

__all__ = [
    "AmbiguousName",
    "Budget",
    "Cancelled",
    "Candidate",
    "Capabilities",
    "Category",
    "ChangesRefused",
    "Chokepoint",
    "Chokepoints",
    "Client",
    "CompareQuery",
    "Comparison",
    "DataError",
    "EditConflict",
    "EngineAnswer",
    "EngineError",
    "EngineGraph",
    "EngineNeighbourhood",
    "EngineOpenEnds",
    "Entity",
    "Evidence",
    "Expectation",
    "Finding",
    "ForbiddenQuery",
    "Graph",
    "Hop",
    "LoadRefused",
    "LogError",
    "MalformedQuery",
    "Match",
    "MechKGError",
    "MediatorSignificance",
    "MetapathSignificance",
    "Neighbour",
    "NeighbourGroup",
    "NeighbourhoodQuery",
    "NeighbourhoodResult",
    "NetEffect",
    "NotSupported",
    "OpenEnd",
    "OpenEndsQuery",
    "OpenEndsResult",
    "Path",
    "PathEntity",
    "PathLines",
    "PathQuery",
    "PathResult",
    "PathSummary",
    "PluginError",
    "Predicate",
    "Preview",
    "Qualifier",
    "QueryError",
    "Relaxation",
    "RemoteGraph",
    "Schema",
    "SearchQuery",
    "SearchResult",
    "ServiceError",
    "Significance",
    "SignificanceQuery",
    "SnapshotError",
    "SnapshotGone",
    "StaleBase",
    "StaleCursor",
    "Statement",
    "Subgraph",
    "SubgraphQuery",
    "TooCostly",
    "TooLarge",
    "UnknownEntity",
    "UnknownParameter",
    "UnknownTerm",
    "Usage",
    "ValidationError",
    "WhyNot",
    "open_engine",
    "open_graph",
]

_HOMES = (
    "kg.errors",
    "kg.model.values",
    "kg.model.queries",
    "kg.model.results",
    "kg.model.schema",
    "kg.graph",
    "client",
    "kg.engine.contract",
    "kg.engine.graph",
    "kg.engine.remote_graph",
    "ontology.endpoint.open",
)
"""Where a public name may live, lightest module first."""


def __getattr__(name: str) -> object:
    if name in __all__:
        for home in _HOMES:
            module = import_module(f"mechkg.{home}")
            if name in vars(module):
                return vars(module)[name]
    raise AttributeError(f"module 'mechkg' has no attribute {name!r}")


def __dir__() -> list[str]:
    return ["__version__", *__all__]
