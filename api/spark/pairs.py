"""Best paths between two sets of entities, each pair for itself, by the search of a single machine.

Each task maps the snapshot, which lies where all machines see it, and searches its share of the
pairs: what it finds is what `mechkg.kg.graph.Graph.find_paths` finds, as it is the same search.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
import pyarrow as pa

from mechkg.api.spark.output import free_output, write_rows
from mechkg.kg.errors import QueryError
from mechkg.kg.graph import Graph
from mechkg.kg.model.queries import PathQuery
from mechkg.kg.model.values import Path as Route

__all__ = ["COLUMNS", "pair_rows", "write_pairs"]

PAIRS: Final = 64
"""Pairs of a task, at least."""
ROWS: Final = 1 << 12
"""Rows that a task hands on at a time."""

COLUMNS: Final = pa.schema(
    [
        ("source", pa.string()), ("target", pa.string()), ("rank", pa.int32()),
        ("score", pa.float64()), ("length", pa.int32()), ("effect", pa.string()),
        ("entities", pa.list_(pa.string())), ("statements", pa.list_(pa.list_(pa.string()))),
        ("explanation", pa.string()), ("total", pa.int64()), ("complete", pa.bool_()),
        ("truncated_by", pa.string()), ("problem", pa.string()),
    ]
)  # fmt: skip
"""The columns of the table: a path a row. A pair without paths has one row, without a rank;
`problem` says there why its search was refused."""
DDL: Final = (
    "source string, target string, rank int, score double, length int, effect string, "
    "entities array<string>, statements array<array<string>>, explanation string, total bigint, "
    "complete boolean, truncated_by string, problem string"
)


def pair_rows(graph: Graph, query: PathQuery, source: str, target: str) -> list[dict[str, Any]]:
    """Return the rows of one pair: its best paths by the options of a query."""
    pair = {"source": source, "target": target}
    try:
        found = graph.find_paths(msgspec.structs.replace(query, source=(source,), target=(target,)))
    except QueryError as error:
        return [{**pair, "problem": str(error)}]
    said = {
        "total": found.total, "complete": found.complete,
        "truncated_by": str(found.truncated_by) if found.truncated_by else None,
    }  # fmt: skip
    if not found.paths:
        return [pair | said]
    return [pair | said | _row(rank, path) for rank, path in enumerate(found.paths, 1)]


def _row(rank: int, path: Route) -> dict[str, Any]:
    return {
        "rank": rank,
        "score": path.score,
        "length": path.length,
        "effect": path.effect,
        "entities": [entity.id for entity in path.entities],
        "statements": [[statement.id for statement in hop.statements] for hop in path.hops],
        "explanation": path.explanation,
    }


def write_pairs(
    session: Any,
    graph: Graph,
    query: PathQuery,
    *,
    sources: Sequence[str],
    targets: Sequence[str],
    output: Path,
) -> int:
    """Write the best paths of all pairs as Parquet below `output`; returns the number of rows.

    `query` has the options; its ends are not looked at. `output` is a directory that is not there
    yet, and that all machines see, as they see that of the graph. The rows of a pair are together,
    best path first.
    """
    free_output(output)
    count = len(sources) * len(targets)
    rows = session.range(0, count, 1, max(1, count // PAIRS)).mapInArrow(
        _searcher(graph, query, tuple(sources), tuple(targets)), DDL
    )
    return write_rows(rows, output)


def _searcher(
    graph: Graph, query: PathQuery, sources: tuple[str, ...], targets: tuple[str, ...]
) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """Return what searches the pairs whose numbers stand in batches with one column."""

    def search(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        held: list[dict[str, Any]] = []
        for batch in batches:
            for number in batch.column(0).to_pylist():
                source, target = divmod(number, len(targets))
                held += pair_rows(graph, query, sources[source], targets[target])
                if len(held) >= ROWS:
                    yield pa.RecordBatch.from_pylist(held, schema=COLUMNS)
                    held = []
        yield pa.RecordBatch.from_pylist(held, schema=COLUMNS)

    return search
