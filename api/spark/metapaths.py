"""Paths of a metapath between two sets: how many, and weighted by degrees (DWPC).

The degree-weighted path count of Himmelstein and Baranzini (2015,
doi:10.1371/journal.pcbi.1004259): a path counts the product of d^-w over the two degrees d of each
of its hops, those of its ends among the hops of that step; so paths through hubs count little. w is
the damping, 0.4 there. A path is a sequence of distinct entities; parallel statements of a step are
one hop.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mechkg.api.spark.output import write_rows
from mechkg.kg.errors import QueryError
from mechkg.kg.graph import Graph
from mechkg.kg.search.metapath import Step, parse_metapath

__all__ = ["DAMPING", "count_metapath", "hops_of", "write_metapaths"]

DAMPING: Final = 0.4
"""The exponent of degrees that Himmelstein and Baranzini found best."""
MAX_PATHS: Final = 1 << 24
"""Beginnings of paths that are held at a time, from one source."""
DDL: Final = "source string, target string, metapath string, paths bigint, dwpc double"
COLUMNS: Final = pa.schema(
    [
        ("source", pa.string()), ("target", pa.string()), ("metapath", pa.string()),
        ("paths", pa.int64()), ("dwpc", pa.float64()),
    ]
)  # fmt: skip
"""The columns of the table: a row for each pair that has a path."""


@dataclass(frozen=True, slots=True)
class Hops:
    """The hops of one step of a metapath: for each entity where its slice of `to` begins.

    `weight` is what each hop counts: (degree of its start * degree of its end) ^ -damping.
    """

    begin: NDArray[np.int64]
    to: NDArray[np.int32]
    weight: NDArray[np.float64]


def hops_of(graph: Graph, metapath: str, damping: float = DAMPING) -> list[Hops]:
    """Return the hops of each step of a metapath; O(steps * statements).

    Raises `QueryError` for a pattern that repeats a step.
    """
    steps = parse_metapath(metapath)
    if any((step.low, step.high) != (1, 1) for step in steps):
        raise QueryError(
            "metapath", "repeats a step; a metapath that is counted has one length",
            hint="Write each length as a metapath of its own.",
        )  # fmt: skip
    return [_hops(graph, step, damping) for step in steps]


def _hops(graph: Graph, step: Step, damping: float) -> Hops:
    index, schema = graph.snapshot.index, graph.schema
    m = index.carrying
    wanted = index.inferred[:m] == 0
    if step.predicates:
        ids = frozenset().union(*(schema.predicates_under(p, "metapath") for p in step.predicates))
        wanted &= np.array([p.id in ids for p in schema.predicates])[index.predicate[:m]]
    ends = index.subject[:m], index.object[:m]
    start, end = ends[::-1] if step.backwards else ends
    if step.categories:
        named = (schema.categories_under(c, "metapath") for c in step.categories)
        ids = frozenset().union(*named)
        admitted = np.array([c.id in ids for c in schema.categories])[index.category]
        wanted &= admitted[end]
    pairs = np.unique(np.stack((start[wanted], end[wanted])), axis=1)
    out = np.bincount(pairs[0], minlength=index.entities)
    into = np.bincount(pairs[1], minlength=index.entities)
    degrees = out[pairs[0]].astype(np.float64) * into[pairs[1]]
    return Hops(np.concatenate(([0], np.cumsum(out))), pairs[1], degrees**-damping)


def count_metapath(
    hops: Sequence[Hops], source: int, targets: NDArray[np.intp]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return how many paths lead from a row to each target row, and their sum of weights.

    O(beginnings of paths); raises `QueryError` past `MAX_PATHS` of them.
    """
    paths = np.array([[source]], np.int64)
    weight = np.ones(1)
    for step in hops:
        last = paths[-1]
        counts = step.begin[last + 1] - step.begin[last]
        total = int(counts.sum())
        if total > MAX_PATHS:
            raise QueryError(
                "metapath", f"has more than {MAX_PATHS:,} beginnings of paths from one source",
                hint="Name a category or a narrower predicate in its steps.",
            )  # fmt: skip
        before = np.repeat(np.arange(len(last)), counts)
        within = np.arange(total) - np.repeat(np.cumsum(counts) - counts, counts)
        hop = step.begin[last][before] + within
        to = step.to[hop]
        fresh = (paths[:, before] != to).all(axis=0)
        before, hop, to = before[fresh], hop[fresh], to[fresh]
        paths = np.concatenate((paths[:, before], to[None, :]))
        weight = weight[before] * step.weight[hop]
    size = len(hops[0].begin) - 1
    found = np.bincount(paths[-1], minlength=size)[targets]
    sums = np.bincount(paths[-1], weight, minlength=size)[targets]
    return found.astype(np.int64), sums.astype(np.float64)


def write_metapaths(
    session: Any,
    graph: Graph,
    metapaths: Sequence[str],
    *,
    sources: Sequence[str],
    targets: Sequence[str],
    output: Path,
    damping: float = DAMPING,
) -> int:
    """Write the counts of all pairs as Parquet below `output`; returns the number of rows.

    `output` is as for `mechkg.api.spark.pairs.write_pairs`. A task counts all metapaths from some
    sources.
    """
    for metapath in metapaths:
        hops_of(graph, metapath, damping)  # what is wrong with one is said before any work
    tasks = max(1, min(len(sources), len(sources) * len(metapaths) // 4))
    rows = session.range(0, len(sources), 1, tasks).mapInArrow(
        _counter(graph, tuple(metapaths), tuple(sources), tuple(targets), damping), DDL
    )
    return write_rows(rows, output)


def _counter(
    graph: Graph,
    metapaths: tuple[str, ...],
    sources: tuple[str, ...],
    targets: tuple[str, ...],
    damping: float,
) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """Return what counts from the sources whose numbers stand in batches with one column."""

    def count(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        numbers = [number for batch in batches for number in batch.column(0).to_pylist()]
        for metapath in metapaths if numbers else ():
            yield pa.RecordBatch.from_pylist(
                list(metapath_rows(
                    graph, metapath, [sources[n] for n in numbers], targets, damping
                )),
                schema=COLUMNS,
            )  # fmt: skip

    return count


def metapath_rows(
    graph: Graph,
    metapath: str,
    sources: Sequence[str],
    targets: Sequence[str],
    damping: float = DAMPING,
) -> Iterator[dict[str, Any]]:
    """Yield the row of each pair that has a path of a metapath; ends are identifiers."""
    hops = hops_of(graph, metapath, damping)
    places = np.array([_row(graph, target) for target in targets], np.intp)
    for source in sources:
        counts, weights = count_metapath(hops, _row(graph, source), places)
        for i in np.flatnonzero(counts).tolist():
            yield {
                "source": source, "target": targets[i], "metapath": metapath,
                "paths": int(counts[i]), "dwpc": float(weights[i]),
            }  # fmt: skip


def _row(graph: Graph, identifier: str) -> int:
    row = graph.snapshot.records.entity_row(identifier)
    if row is None:
        raise QueryError("entity", f"is not in the graph: {identifier!r}")
    return row
