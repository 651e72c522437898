"""The graph behind an engine that a server serves instead of a snapshot."""

from __future__ import annotations

from pathlib import Path

from mechkg.api.http.graph_provider import GraphProvider
from mechkg.api.http.settings import Settings
from mechkg.kg.engine.contract import Budget
from mechkg.kg.engine.remote_graph import RemoteGraph
from mechkg.kg.errors import SnapshotError, SnapshotGone
from mechkg.kg.graph import Graph
from mechkg.ontology.endpoint.open import open_engine

__all__ = ["EngineProvider"]


class EngineProvider(GraphProvider):
    """Gives the graph behind the endpoint of the settings; safe between threads and forks.

    A query may take as long as the settings let any search take. Raises `EngineError` for an
    address that is never called, and `DataError` for the mapping.
    """

    def __init__(self, settings: Settings) -> None:
        super().__init__(_nowhere)
        budget = Budget(seconds=settings.query_seconds)
        self._graph = RemoteGraph(
            open_engine(settings.engine, settings.mapping or None, budget=budget)
        )

    def graph(self, snapshot: str = "") -> Graph:
        """Return the graph; `snapshot` asks for its current version, another one is gone.

        Raises `SnapshotGone`, and `EngineError` where the endpoint does not answer.
        """
        if snapshot and not (version := self._graph.version()).startswith(snapshot):
            raise SnapshotGone(snapshot, version)
        return self._graph

    def close(self) -> None:
        """Close the connections to the endpoint."""
        self._graph.remote.close()

    def check(self) -> str:
        """Return an empty text where the endpoint answers; raises `EngineError` else."""
        self._graph.version()
        return ""


def _nowhere() -> Path:
    raise SnapshotError("The graph is behind an engine.")
