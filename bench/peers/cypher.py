"""What Kuzu and its successor LadybugDB share: one engine's API under two names."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import duckdb

from bench.graphs import Graph
from bench.peers.peer import MOST_STATEMENTS, Peer
from bench.workloads import Query, Workload

__all__ = ["Cypher"]

THREADS = 2
BUFFER = 6 * 2**30
SPLIT = """
SET threads = 2;
CREATE TEMP TABLE node AS
SELECT (row_number() OVER () - 1)::BIGINT AS i, id, category
FROM read_csv('{nodes}', delim='\t', quote='', header=true,
              columns={{'id': 'VARCHAR', 'name': 'VARCHAR', 'category': 'VARCHAR'}});
COPY node TO '{parts}/node.parquet';
COPY (SELECT a.i AS "from", b.i AS "to", e.predicate
      FROM read_csv('{edges}', delim='\t', quote='', header=true, columns={{
          'subject': 'VARCHAR', 'predicate': 'VARCHAR', 'object': 'VARCHAR'}}) e
      JOIN node a ON a.id = e.subject JOIN node b ON b.id = e.object)
TO '{parts}' (FORMAT parquet, PARTITION_BY (predicate), OVERWRITE_OR_IGNORE);
"""


class Cypher(Peer):
    """A relationship table a predicate, integer primary key, recursive ACYCLIC patterns."""

    about = (
        "one relationship table a predicate, integer primary key, bulk COPY from Parquet (split by "
        f"DuckDB, counted in the build), prepared statements, {THREADS} threads, 6 GiB buffer pool"
    )
    lacks: ClassVar[dict[str, str]] = {
        "best": "no k best paths with a hop bound and entity weights"
    }
    answers = frozenset({"paths", "neighbourhood"})
    threads = THREADS
    library: ClassVar[Any]

    def build(self, graph: Graph, store: Path) -> None:
        parts = store / "parts"
        parts.mkdir()
        with duckdb.connect() as splitter:
            splitter.execute(SPLIT.format(nodes=graph.nodes, edges=graph.edges, parts=parts))
        connection = self._connect(store, read_only=False)
        connection.execute("CREATE NODE TABLE N(i INT64 PRIMARY KEY, id STRING, category STRING)")
        connection.execute(f'COPY N FROM "{parts}/node.parquet"')
        for name in graph.predicates:
            connection.execute(f"CREATE REL TABLE {name}(FROM N TO N)")
            connection.execute(f'COPY {name} FROM "{parts}/predicate={name}/*.parquet"')
        connection.execute("CHECKPOINT")
        connection.close()
        self.database.close()
        shutil.rmtree(parts)

    def open(self, graph: Graph, store: Path, workloads: Sequence[Workload]) -> None:
        self.graph = graph
        self.connection = self._connect(store, read_only=True)
        prepare = self.connection.prepare
        self.prepared = {
            workload.name: [prepare(text) for text in _patterns(workload)] for workload in workloads
        }

    def ask_paths(self, workload: Workload, query: Query, seconds: float) -> Any:
        return self._rows(
            self.prepared[workload.name][0], seconds, s=query.source[0], t=query.target[0]
        )

    def ask_neighbourhood(self, workload: Workload, query: Query, seconds: float) -> Any:
        count, listed = (
            self._rows(prepared, seconds, v=query.source[0])
            for prepared in self.prepared[workload.name]
        )
        return count[0][0], listed

    def answer(self, workload: Workload, query: Query, found: Any) -> Any:
        if workload.kind == "paths":
            found = [path[0] for path in found]
        return super().answer(workload, query, found)

    def close(self) -> None:
        self.connection.close()
        self.database.close()

    def _rows(self, prepared: Any, seconds: float, **values: int) -> list[Any]:
        self.connection.set_query_timeout(int(seconds * 1000))
        return list(self.connection.execute(prepared, values).get_all())

    def _connect(self, store: Path, *, read_only: bool) -> Any:
        self.database = self.library.Database(
            str(store / "graph"), buffer_pool_size=BUFFER, read_only=read_only
        )
        return self.library.Connection(self.database, num_threads=THREADS)


def _patterns(workload: Workload) -> tuple[str, ...]:
    if workload.kind == "paths":
        label = ":" + "|".join(workload.predicates) if workload.predicates else ""
        arrow = "-" if workload.undirected else "->"
        hops = f"{workload.min_hops}..{workload.hops}"
        path = f"p = (a:N {{i: $s}})-[e{label}* ACYCLIC {hops}]{arrow}(b:N {{i: $t}})"
        whole = "WHERE is_acyclic(p)"  # the pattern's ACYCLIC lets a path run through its end
        return (
            f"MATCH {path} {whole} RETURN properties(nodes(p), 'i'), properties(rels(p), '_label')",
        )
    if workload.hops == 1:
        return (
            "MATCH (a:N {i: $v})-[e]-(b:N) RETURN count(DISTINCT b.i)",
            f"MATCH (a:N {{i: $v}})-[e]-(b:N) RETURN a.i, label(e), b.i LIMIT {MOST_STATEMENTS}",
        )
    return (
        "MATCH (a:N {i: $v})-[e*1..2]-(b:N) WHERE b.i <> $v RETURN count(DISTINCT b.i)",
        f"MATCH (a:N {{i: $v}})--(x:N)-[e]-(b:N) RETURN x.i, label(e), b.i LIMIT {MOST_STATEMENTS}",
    )
