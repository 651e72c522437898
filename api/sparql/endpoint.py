"""What answers queries: the store of the served snapshot, the processes, the path search."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from werkzeug.exceptions import ServiceUnavailable

from mechkg.api.http.respond import Exchange
from mechkg.kg.errors import SnapshotError, TooCostly
from mechkg.kg.graph import Graph
from mechkg.ontology.sparql.path_patterns import find_in
from mechkg.ontology.sparql.pool import Limits, Pool
from mechkg.ontology.sparql.query_text import Text
from mechkg.ontology.sparql.store import building, find_store

__all__ = ["Endpoint", "Stores", "endpoint_of"]


@dataclass(frozen=True)
class Endpoint:
    """A SPARQL endpoint, whatever it stands on.

    `store` returns the directory to ask and a tag of its content; `rewrite` returns a text without
    FROM and with what is MechKG's own replaced; `places` bounds how many requests hold a thread.
    """

    pool: Pool
    store: Callable[[], tuple[Path, str]]
    rewrite: Callable[[Text], str]
    places: threading.BoundedSemaphore
    body_bytes: int
    version: str

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Hold one of the places; raises `ServiceUnavailable` where there is none."""
        if not self.places.acquire(blocking=False):
            raise ServiceUnavailable(
                "Too many SPARQL queries are under way. Ask again in a few seconds.", retry_after=5
            )
        try:
            yield
        finally:
            self.places.release()


class Stores:
    """Gives the store of a snapshot, and has it made, once, where it is missing."""

    def __init__(self, most_statements: int, patience: float = 8.0) -> None:
        self._most = most_statements
        self._patience = patience
        self._lock = threading.Lock()
        self._building: dict[Path, subprocess.Popen[bytes]] = {}

    def path(self, graph: Graph) -> Path:
        """Return the directory of the store of a graph.

        Waits for some seconds while it is being made, then raises `ServiceUnavailable` saying
        how far it is. Raises `TooCostly` for a graph larger than the settings allow, and
        `SnapshotError` where it cannot be made.
        """
        snapshot = graph.snapshot.path
        deadline = time.monotonic() + self._patience
        while (found := find_store(snapshot)) is None:
            self._build(graph)
            if time.monotonic() > deadline:
                far = building(snapshot) or "0 %"
                raise ServiceUnavailable(
                    f"The RDF store of this graph is being made ({far.strip()}). Ask again later.",
                    retry_after=10,
                )
            time.sleep(0.05)
        return found

    def _build(self, graph: Graph) -> None:
        snapshot, count = graph.snapshot.path, graph.manifest.counts.statements
        if count > self._most:
            raise TooCostly(
                f"This graph has {count:,} statements; the server makes RDF stores of at most "
                f"{self._most:,}.",
                limit=f"{self._most} statements",
                hint="Its operator can make it with python -m mechkg.ontology.sparql.store.",
            )
        with self._lock:
            process = self._building.get(snapshot)
            code = None if process is None else process.poll()
            if process is not None and code is None:
                return
            if code not in {None, 0, 3}:
                del self._building[snapshot]
                raise SnapshotError("The RDF store of this graph could not be made.")
            command = [sys.executable, "-P", "-m", "mechkg.ontology.sparql.store", str(snapshot)]
            self._building[snapshot] = subprocess.Popen(  # noqa: S603  # our own program
                command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
            )
        time.sleep(0.2)


def endpoint_of(exchange: Exchange) -> Endpoint:
    """Return the endpoint on the graph that an exchange serves."""
    settings = exchange.settings
    stores = Stores(settings.sparql_statements)
    limits = Limits(
        seconds=settings.sparql_seconds,
        rows=settings.sparql_rows,
        size=settings.sparql_bytes,
        megabytes=settings.sparql_megabytes,
    )

    def store() -> tuple[Path, str]:
        graph = exchange.served.graph()
        return stores.path(graph), graph.manifest.hash

    def rewrite(text: Text) -> str:
        return find_in(
            text, exchange.served.graph(), settings.sparql_seconds, exchange.places.taken
        )

    return Endpoint(
        pool=Pool(settings.sparql_processes, limits),
        store=store,
        rewrite=rewrite,
        places=threading.BoundedSemaphore(max(1, settings.threads - 2)),
        body_bytes=settings.body_bytes,
        version=exchange.version,
    )
