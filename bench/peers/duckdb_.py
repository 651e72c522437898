"""DuckDB: a column store; paths are unions of self-joins."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import Any, ClassVar

import duckdb

from bench.graphs import Graph
from bench.peers.peer import MOST_STATEMENTS, Peer
from bench.workloads import Query, Workload

THREADS = 2
TABLES = """
CREATE TABLE node AS
SELECT (row_number() OVER () - 1)::INT AS row, id, category
FROM read_csv('{nodes}', delim='\t', quote='', header=true,
              columns={{'id': 'VARCHAR', 'name': 'VARCHAR', 'category': 'VARCHAR'}});
CREATE TABLE raw AS SELECT *
FROM read_csv('{edges}', delim='\t', quote='', header=true,
              columns={{'subject': 'VARCHAR', 'predicate': 'VARCHAR', 'object': 'VARCHAR'}});
CREATE TABLE predicate AS
SELECT (row_number() OVER (ORDER BY name) - 1)::UTINYINT AS p, name
FROM (SELECT DISTINCT predicate AS name FROM raw);
CREATE TABLE directed AS
SELECT a.row AS s, predicate.p, b.row AS o
FROM raw JOIN node a ON a.id = raw.subject JOIN node b ON b.id = raw.object
JOIN predicate ON predicate.name = raw.predicate ORDER BY s, p, o;
CREATE TABLE undirected AS
SELECT * FROM (SELECT s, p, o FROM directed
               UNION ALL SELECT o, (p | 128)::UTINYINT, s FROM directed) ORDER BY s, p, o;
DROP TABLE raw;
CHECKPOINT;
"""
NEIGHBOURHOOD = {
    1: (
        "SELECT count(DISTINCT o) FROM undirected WHERE s = $1",
        f"SELECT s, p, o FROM undirected WHERE s = $1 LIMIT {MOST_STATEMENTS}",
    ),
    2: (
        """SELECT count(*) FROM (
             SELECT o FROM undirected WHERE s = $1 UNION
             SELECT b.o FROM undirected a JOIN undirected b ON b.s = a.o WHERE a.s = $1)
           WHERE o <> $1""",
        f"""SELECT s, p, o FROM undirected
            WHERE s = $1 OR s IN (SELECT o FROM undirected WHERE s = $1)
            LIMIT {MOST_STATEMENTS}""",
    ),
}


class Duckdb(Peer):
    """Integer tables sorted by subject, so that zone maps narrow every scan."""

    about = (
        "on disk, integer tables in both directions sorted by subject, prepared statements, a "
        f"union of self-joins a length, {THREADS} threads"
    )
    lacks: ClassVar[dict[str, str]] = {
        "best": "no ranked paths; enumerating 5 hops first would not end"
    }
    answers = frozenset({"paths", "neighbourhood", "chains"})
    threads = THREADS

    def build(self, graph: Graph, store: Path) -> None:
        with duckdb.connect(str(store / "graph.duckdb")) as connection:
            connection.execute(f"SET threads = {THREADS}")
            connection.execute(TABLES.format(nodes=graph.nodes, edges=graph.edges))

    def open(self, graph: Graph, store: Path, workloads: Sequence[Workload]) -> None:
        self.graph = graph
        self.connection = duckdb.connect(str(store / "graph.duckdb"), read_only=True)
        self.connection.execute(f"SET threads = {THREADS}")
        for workload in workloads:
            self._prepare(workload)

    def ask_paths(self, workload: Workload, query: Query, seconds: float) -> Any:  # noqa: ARG002
        call = f"EXECUTE {workload.name}({query.source[0]}, {query.target[0]})"
        return self.connection.execute(call).fetchall()

    def ask_neighbourhood(self, workload: Workload, query: Query, seconds: float) -> Any:  # noqa: ARG002
        count, listed = (
            self.connection.execute(f"EXECUTE {workload.name}_{part}({query.source[0]})").fetchall()
            for part in (0, 1)
        )
        return count[0][0], listed

    def answer(self, workload: Workload, query: Query, found: Any) -> Any:
        if workload.kind == "paths":
            columns = workload.hops + 1
            found = [[row for row in path[:columns] if row is not None] for path in found]
        return super().answer(workload, query, found)

    def close(self) -> None:
        self.connection.close()

    def _prepare(self, workload: Workload) -> None:
        execute = self.connection.execute
        if workload.kind == "neighbourhood":
            for part, text in enumerate(NEIGHBOURHOOD[workload.hops]):
                execute(f"PREPARE {workload.name}_{part} AS {text}")
            return
        table = "undirected" if workload.undirected else "directed"
        if workload.predicates:
            names = ", ".join(f"'{name}'" for name in workload.predicates)
            execute(
                f"CREATE TEMP TABLE admitted_{workload.name} AS SELECT e.* FROM {table} e JOIN "
                f"predicate ON predicate.p = e.p & 127 WHERE name IN ({names}) ORDER BY s, e.p, o"
            )
            table = f"admitted_{workload.name}"
        lengths = range(workload.min_hops, workload.hops + 1)
        text = " UNION ALL ".join(_join(table, hops, workload.hops) for hops in lengths)
        execute(f"PREPARE {workload.name} AS {text}")


def _join(table: str, hops: int, most: int) -> str:
    """Return the query for all simple paths of exactly `hops` hops, in columns for `most`."""
    joins = [f"{table} e1"] + [f"{table} e{i} ON e{i}.s = e{i - 1}.o" for i in range(2, hops + 1)]
    nodes = ["e1.s"] + [f"e{i}.o" for i in range(1, hops + 1)]
    apart = [(i, j) for i, j in combinations(range(hops + 1), 2) if j > i + 1]
    distinct = [f"{nodes[i]} <> {nodes[j]}" for i, j in apart]
    where = ["e1.s = $1", f"e{hops}.o = $2", *distinct]
    columns = [*nodes, *["NULL"] * (most - hops)]
    columns += [*(f"e{i}.p" for i in range(1, hops + 1)), *["NULL"] * (most - hops)]
    return f"SELECT {', '.join(columns)} FROM {' JOIN '.join(joins)} WHERE {' AND '.join(where)}"


PEER = Duckdb
