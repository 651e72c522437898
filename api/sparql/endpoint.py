"""What answers queries: the store of the served snapshot, the processes, the path search."""

from __future__ import annotations

import math
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from werkzeug.exceptions import ServiceUnavailable

from mechkg.api.http.lanes import Turn
from mechkg.api.http.respond import Responder
from mechkg.kg.errors import TooCostly
from mechkg.kg.graph import Graph
from mechkg.kg.model.queries import MAX_SECONDS
from mechkg.ontology.sparql.path_patterns import find_in
from mechkg.ontology.sparql.pool import Limits, Pool
from mechkg.ontology.sparql.query_text import Text
from mechkg.ontology.sparql.store import building, find_store

__all__ = ["Endpoint", "Stores", "endpoint_of"]

PROGRAM: Final = "mechkg.ontology.sparql.store"

REFUSED: Final = 4
"""How that program exits where the system would not let it make a store."""

SMALL: Final = 20_000
"""Statements of a graph whose store is soon made, so that a request waits for it."""

FIRST_PAUSE, LAST_PAUSE = 10.0, 600.0


@dataclass(frozen=True)
class Endpoint:
    """A SPARQL endpoint, whatever it stands on.

    `graph` returns the graph to answer one request from, `store` the directory of its store and a
    tag of the content, `rewrite` a text without FROM and with what is MechKG's own replaced;
    `taken` holds a place in a lane for a query. `state` says whether the store is ready, making or
    missing; an empty text where nothing is known of it.
    """

    pool: Pool
    graph: Callable[[], Graph]
    store: Callable[[Graph], tuple[Path, str]]
    rewrite: Callable[[Text, Graph], str]
    taken: Callable[[Text], AbstractContextManager[Turn]]
    body_bytes: int
    version: str
    state: Callable[[], str] = lambda: ""


@dataclass
class _Build:
    """A process that makes a store, or how the last one failed."""

    process: subprocess.Popen[bytes] | None = None
    reason: str = ""
    failures: int = 0
    again: float = 0.0


class StoreBeingMade(ServiceUnavailable):
    """The store of a graph is not there yet, but will be."""


class Stores:
    """Gives the store of a snapshot, and has it made, once, where it is missing.

    While the store of a version just loaded is being made, the version before it answers.

    One is made at a time, so that changes in quick succession begin no heap of them.

    The process that makes it ends with this one (`--for-parent`). One that fails is begun again
    after a while that doubles each time, `FIRST_PAUSE` to `LAST_PAUSE` seconds; until then every
    request is told why.
    """

    def __init__(
        self,
        max_statements: int,
        patience: float = 20.0,
        count_failure: Callable[[], None] = lambda: None,
    ) -> None:
        self._max_statements = max_statements
        self._patience = patience
        self._count_failure = count_failure
        self._lock = threading.Lock()
        self._builds: dict[Path, _Build] = {}
        self._answering: Graph | None = None

    def graph(self, current: Graph) -> Graph:
        """Return the graph to answer from: the current one, or the one before it for a while.

        Raises as `path`.
        """
        earlier = self._answering
        try:
            self.path(current)
        except StoreBeingMade:
            if earlier is None or find_store(earlier.snapshot.path) is None:
                raise
            return earlier
        self._answering = current
        return current

    def path(self, graph: Graph) -> Path:
        """Return the directory of the store of a graph.

        Waits some seconds while the store of a small graph is being made, then raises
        `ServiceUnavailable` saying how far it is, as it does where it cannot be made, saying why.
        Raises `TooCostly` for a graph larger than the settings allow.
        """
        snapshot = graph.snapshot.path
        small = graph.manifest.counts.statements <= SMALL
        deadline = time.monotonic() + (self._patience if small else 0.0)
        while (found := find_store(snapshot)) is None:
            self._build(graph)
            if time.monotonic() > deadline:
                far = building(snapshot) or "0 %"
                raise _unavailable(
                    f"The RDF store of this graph is being made ({far.strip()}). Ask again later.",
                    10,
                    StoreBeingMade,
                )
            time.sleep(0.05)
        self._forget(snapshot)
        return found

    def _forget(self, snapshot: Path) -> None:
        """Let go of the process that made a store, with its pipes."""
        if snapshot not in self._builds:
            return
        with self._lock:
            build = self._builds.pop(snapshot, None)
        if build is not None and build.process is not None:
            build.process.communicate()

    def _build(self, graph: Graph) -> None:
        """Begin to make a store, unless somebody does; raises as `path` where it has failed."""
        snapshot, count = graph.snapshot.path, graph.manifest.counts.statements
        if count > self._max_statements:
            raise TooCostly(
                f"This graph has {count:,} statements; the server makes RDF stores of at most "
                f"{self._max_statements:,}.",
                limit=f"{self._max_statements} statements",
                hint="Its operator can make it with python -m mechkg.ontology.sparql.store.",
            )
        with self._lock:
            build = self._builds.setdefault(snapshot, _Build())
            self._look_at(build)
            wait = build.again - time.monotonic()
            if build.process is not None or building(snapshot) or self._is_making():
                return
            if wait > 0:
                raise _unavailable(
                    f"The RDF store of this graph cannot be made: {build.reason}. It is tried "
                    f"again in {math.ceil(wait)} seconds.",
                    math.ceil(wait),
                )
            command = [sys.executable, "-P", "-m", PROGRAM, str(snapshot), "--for-parent"]
            build.process = subprocess.Popen(  # noqa: S603  # our own program
                command,
                stdin=subprocess.PIPE,  # it ends with this process, and the other one sees that
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
            )

    def _is_making(self) -> bool:
        """Say whether the store of some version is being made: one at a time is."""
        running = (build.process for build in self._builds.values())
        return any(process is not None and process.poll() is None for process in running)

    def _look_at(self, build: _Build) -> None:
        """Take note of a process that has ended."""
        process = build.process
        if process is None or process.poll() is None:
            return
        _, told = process.communicate()
        build.process = None
        if process.returncode in {0, 3}:
            build.failures = 0
            return
        sys.stderr.buffer.write(told)
        self._count_failure()
        build.reason = _reason(process.returncode, told.decode(errors="replace"))
        pause = min(FIRST_PAUSE * 2**build.failures, LAST_PAUSE)
        build.failures += 1
        build.again = time.monotonic() + pause


def _reason(code: int, told: str) -> str:
    """Return why a process failed: the system's words, nothing that names a file of the server."""
    if code == REFUSED:
        return told.strip().splitlines()[-1] if told.strip() else "the system refused it"
    return f"the process that makes it ended with {code}; the server's log says more"


def _unavailable(
    detail: str, seconds: int, kind: type[ServiceUnavailable] = ServiceUnavailable
) -> ServiceUnavailable:
    error = kind(detail, retry_after=seconds)
    error.members = {"slug": "rdf-store-unavailable"}  # type: ignore[attr-defined]
    return error


def endpoint_of(exchange: Responder) -> Endpoint:
    """Return the endpoint on the graph that an exchange serves."""
    settings = exchange.settings
    stores = Stores(settings.sparql_statements, count_failure=exchange.count_store_failure)
    limits = Limits(
        seconds=settings.sparql_seconds,
        rows=settings.sparql_rows,
        size=settings.sparql_bytes,
        megabytes=settings.sparql_megabytes,
    )

    def store(graph: Graph) -> tuple[Path, str]:
        return stores.path(graph), graph.manifest.hash

    def state() -> str:
        if settings.engine:
            return ""
        snapshot = exchange.served.graph().snapshot.path
        if find_store(snapshot) is not None:
            return "ready"
        return "making" if building(snapshot) else "missing"

    def rewrite(text: Text, graph: Graph) -> str:
        seconds = min(settings.sparql_seconds, MAX_SECONDS)
        return find_in(text, graph, seconds, lambda: exchange.turn("search"))

    def taken(text: Text) -> AbstractContextManager[Turn]:
        shape = tuple(token.text for token in text.tokens)
        return exchange.sparql_turn(("sparql", hash(shape)))

    return Endpoint(
        pool=Pool(settings.sparql_processes, limits),
        graph=lambda: stores.graph(exchange.served.graph()),
        store=store,
        rewrite=rewrite,
        taken=taken,
        body_bytes=settings.body_bytes,
        version=exchange.version,
        state=state,
    )
