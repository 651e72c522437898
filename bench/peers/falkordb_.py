"""FalkorDB through falkordblite, which carries the server and starts it (Python 3.12 and later)."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from bench.graphs import Graph
from bench.peers.peer import MOST_STATEMENTS, Peer, Unavailable
from bench.workloads import Query, Workload

try:
    from redislite.falkordb_client import FalkorDB
except ImportError as error:
    raise Unavailable(
        "falkordblite does not install here: its releases need Python 3.12 or newer."
    ) from error

BATCH = 20_000
BUILT = "built.db"


class Falkordb(Peer):
    """Variable-length patterns over an indexed integer property; opened from a saved dump."""

    about = "server on a socket, index on N.i, batched UNWIND, SAVE, variable-length patterns"
    lacks: ClassVar[dict[str, str]] = {
        "best": "algo.SPpaths weighs relationships only and bounds no entity weights"
    }
    answers = frozenset({"paths", "neighbourhood"})
    threads = 2
    server: FalkorDB | None = None

    def build(self, graph: Graph, store: Path) -> None:
        database = self._start(store / BUILT)
        database.query("CREATE INDEX FOR (n:N) ON (n.i)")
        for batch in _batches(range(graph.entities)):
            database.query("UNWIND $rows AS i CREATE (:N {i: i})", {"rows": batch})
        subject, predicate, object_ = map(graph.column, ("subject", "predicate", "object"))
        for position, name in enumerate(graph.predicates):
            kept = predicate == position
            text = (
                "UNWIND $rows AS x MATCH (a:N {i: x[0]}), (b:N {i: x[1]}) "
                f"CREATE (a)-[:{name}]->(b)"
            )
            for batch in _batches(np.stack([subject[kept], object_[kept]], 1).tolist()):
                database.query(text, {"rows": batch})
        database.client.save()

    def open(self, graph: Graph, store: Path, workloads: Sequence[Workload]) -> None:  # noqa: ARG002
        self.graph = graph
        # A file of its own: falkordblite joins whatever server may still hold another.
        own = store / f"falkor-{os.getpid()}.db"
        shutil.copyfile(store / BUILT, own)
        self.database = self._start(own)

    def _start(self, file: Path) -> Any:
        note = file.with_name("server.pid")
        _end_left(note)
        self.server = FalkorDB(str(file))
        note.write_text(str(self.server.client.pid))
        return self.server.select_graph("bench")

    def ask_paths(self, workload: Workload, query: Query, seconds: float) -> Any:
        label = ":" + "|".join(workload.predicates) if workload.predicates else ""
        arrow = "-" if workload.undirected else "->"
        text = (
            f"MATCH p = (a:N {{i: $s}})-[{label}*{workload.min_hops}..{workload.hops}]{arrow}"
            "(b:N {i: $t}) RETURN [n IN nodes(p) | n.i], [r IN relationships(p) | type(r)]"
        )
        return self._rows(text, seconds, s=query.source[0], t=query.target[0])

    def ask_neighbourhood(self, workload: Workload, query: Query, seconds: float) -> Any:
        near = f"MATCH (a:N {{i: $v}})-[*1..{workload.hops}]-(b:N) WHERE b.i <> $v "
        count = self._rows(near + "RETURN count(DISTINCT b)", seconds, v=query.source[0])
        between = "--(x)" if workload.hops == 2 else ""
        text = f"MATCH (a:N {{i: $v}}){between}-[e]-(b) RETURN type(e), b.i LIMIT {MOST_STATEMENTS}"
        return count[0][0], self._rows(text, seconds, v=query.source[0])

    def answer(self, workload: Workload, query: Query, found: Any) -> Any:
        if workload.kind == "paths":
            found = [path[0] for path in found if len(set(path[0])) == len(path[0])]
        return super().answer(workload, query, found)

    def servers(self) -> Sequence[int]:
        return (int(self.server.client.pid),) if self.server else ()

    def close(self) -> None:
        if self.server:
            self.server.close()

    def _rows(self, text: str, seconds: float, **values: int) -> list[Any]:
        milliseconds = int(seconds * 1000)
        return list(self.database.query(text, values, timeout=milliseconds).result_set)


def _end_left(note: Path) -> None:
    """End the server that a killed worker left behind, with all that it had loaded."""
    if note.exists():
        with suppress(ProcessLookupError):
            os.kill(int(note.read_text()), signal.SIGKILL)


def _batches(rows: Iterable[Any]) -> Iterator[list[Any]]:
    left = iter(rows)
    while batch := list(islice(left, BATCH)):
        yield batch


PEER = Falkordb
