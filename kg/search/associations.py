"""Direct statements of generic predicates between the ends of a query, as paths of one hop.

Generic relations (associated_with, subclass_of ...) are no mechanism and stay out of a search that
names no predicate. Where such a statement joins the ends directly, it belongs to the answer all the
same, marked as an association: it has no sign, and says nothing of a mechanism.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from mechkg.kg.kernels.search import best_paths
from mechkg.kg.model.values import Path
from mechkg.kg.search.compile_query import compile_query
from mechkg.kg.search.context import among
from mechkg.kg.search.explain import MARK
from mechkg.kg.search.path_builder import PathBuilder
from mechkg.kg.search.prepare import PreparedQuery

__all__ = ["MAX_ASSOCIATIONS", "associations", "order_key", "marked", "with_direct"]

NEUTRAL: Final = 0
UNKNOWN: Final = 3
"""Where the counts of an answer have the paths of no effect, and those of unknown direction."""

MAX_ASSOCIATIONS: Final = 1_000
"""Pairs of ends, at most, whose associations are looked for."""


def associations(prepared: PreparedQuery) -> tuple[Path, ...]:
    """Return the direct generic statements between pairs of ends that no mechanism joins directly.

    Best first; none where the query says which statements it takes, or that something lies between.
    O(statements of the smaller side), a search of one hop where there are any.
    """
    query = prepared.closed.query
    asks_otherwise = query.predicate or query.metapath or query.via or query.min_hops > 1
    generic = prepared.context.generic
    if asks_otherwise or not generic or not prepared.has_ends or not _may_exist(prepared):
        return ()
    direct = msgspec.structs.replace(query, predicate=generic, max_hops=1, category=())
    task = compile_query(prepared.context, direct, prepared.costs)
    answer = best_paths(prepared.engine, task, MAX_ASSOCIATIONS, prepared.watch)
    paths = PathBuilder(prepared.context, task, prepared.costs).paths(answer, 0)
    one_hop = msgspec.structs.replace(prepared.task, max_hops=1)
    known = best_paths(prepared.engine, one_hop, MAX_ASSOCIATIONS, prepared.watch).nodes[:, :2]
    joined = set(map(tuple, known.tolist()))
    kept = [
        path
        for path, ends in zip(paths, answer.nodes[:, :2].tolist(), strict=True)
        if tuple(ends) not in joined
    ]
    return tuple(kept)


def with_direct(counts: Sequence[int], direct: Sequence[Path]) -> tuple[list[int], int]:
    """Return the counts of an answer with its direct statements, and how many are associations.

    What says of what kind something is means no effect; an association has no known direction.
    """
    total = list(counts)
    for path in direct:
        total[NEUTRAL if path.effect == "none" else UNKNOWN] += 1
    return total, marked(direct)


def marked(paths: Iterable[Path]) -> int:
    """Return how many paths are one association: a search may take generic statements.

    One by which no effect is meant (a marker) is counted among those, and not here.
    """
    return sum(MARK in path.explanation and path.effect != "none" for path in paths)


def order_key(path: Path) -> tuple[float, int]:
    """Return what puts better paths first: higher scores, then fewer hops."""
    return -path.score, path.length


def _may_exist(prepared: PreparedQuery) -> bool:
    """Say whether a generic statement joins the ends, in either direction."""
    index, engine = prepared.snapshot.index, prepared.engine
    sources, targets = prepared.task.sources, prepared.task.targets
    if engine.entries(sources) > engine.entries(targets):
        sources, targets = targets, sources
    for row in sources.tolist():
        out = slice(index.out_ptr[row], index.out_ptr[row + 1])
        into = slice(index.in_ptr[row], index.in_ptr[row + 1])
        for ends, codes in (
            (index.object[out], index.predicate[out]), (index.in_nbr[into], index.in_pred[into]),
        ):  # fmt: skip
            if (engine.mechanism[codes[among(ends, targets)]] == 0).any():
                return True
    return False
