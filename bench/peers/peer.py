"""What a peer does: build a store, open it, answer questions in its own words, translate them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from bench.answers import Answer, answer_of_paths
from bench.graphs import Graph
from bench.workloads import Query, Workload

__all__ = [
    "MOST_STATEMENTS",
    "Loader",
    "Peer",
    "Unavailable",
    "directed_arcs",
    "filtered",
    "import_numba",
]

MOST_STATEMENTS = 10_000
"""How many statements of a neighbourhood are listed."""


class Unavailable(Exception):
    """This peer cannot run here; the sentence says why."""


class Loader:
    """Something that reads a graph. `about` says how it is used and with which settings.

    `lacks` says, for a kind of workload that it does not answer, what is missing; `threads` is
    what its settings allow; `compiles` says that its first question may wait for a compiler, which
    is then not counted.
    """

    about: ClassVar[str] = ""
    lacks: ClassVar[dict[str, str]] = {}
    answers: ClassVar[frozenset[str]] = frozenset()
    threads: ClassVar[int] = 1
    compiles: ClassVar[bool] = False

    def build(self, graph: Graph, store: Path) -> None:
        """Write into an empty directory what can be opened; in-memory peers need nothing."""

    def foretell(self, workload: Workload, query: Query) -> tuple[float, float] | None:  # noqa: ARG002
        """Return how many paths are expected and the milliseconds to find them, if it can."""
        return None

    def servers(self) -> Sequence[int]:
        """Return the processes beside this one that do its work."""
        return ()

    def close(self) -> None:
        """End what was started."""


class Peer(Loader, ABC):
    """A loader that answers some workloads natively; only `ask` is timed.

    `parallel` is False where paths are given once however many parallel statements a hop has.
    """

    parallel: ClassVar[bool] = True
    graph: Graph

    @abstractmethod
    def open(self, graph: Graph, store: Path, workloads: Sequence[Workload]) -> None:
        """Make ready to answer these workloads."""

    def ask(self, workload: Workload, query: Query, seconds: float) -> Any:
        """Answer in the peer's own form, everything materialised as Python objects."""
        return getattr(self, f"ask_{workload.kind}")(workload, query, seconds)

    def answer(self, workload: Workload, query: Query, found: Any) -> Answer:  # noqa: ARG002
        """Translate what `ask` returned; not timed."""
        if workload.kind == "best":
            return Answer(costs=tuple(sorted(found)))
        if workload.kind == "neighbourhood":
            return Answer(entities=found[0])
        return answer_of_paths(found, parallel=self.parallel)


def filtered(graph: Graph, workload: Workload) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return subjects and objects of the statements that a workload admits."""
    subject, object_ = graph.column("subject"), graph.column("object")
    if not workload.predicates:
        return subject, object_
    names = [graph.predicates.index(p) for p in workload.predicates if p in graph.predicates]
    kept = np.isin(graph.column("predicate"), names)
    return subject[kept], object_[kept]


def directed_arcs(graph: Graph) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the distinct arcs of the undirected graph (pairs), and log(degree) of an entity.

    For libraries whose best paths weigh arcs: an arc weighs what its head weighs.
    """
    subject = graph.column("subject").astype(np.int64)
    object_ = graph.column("object").astype(np.int64)
    size = graph.entities
    keys = np.unique(np.concatenate([subject * size + object_, object_ * size + subject]))
    return np.stack([keys // size, keys % size], 1), np.log(np.maximum(graph.degree, 1))


def import_numba() -> None:
    """Import what numba would else import with the first kernel, so that it counts as importing."""
    from numba.core.registry import cpu_target

    cpu_target.typing_context.refresh()
    cpu_target.target_context.refresh()
