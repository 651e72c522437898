"""What sets make of the rows of a join.

Nodes of MANY and COLLATE hold several entities, those of ALL all of their members, or there is no
result. Members are put together first, rows being equal in all other nodes; then what is collated.
Collated nodes that an edge joins are taken at once: a result is a largest choice of entities in
which every one is joined to every one of its neighbours (the maximal cliques that reach all of
these nodes). So every combination that a result lists is joined by all of its edges.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, islice
from typing import Any, Final

import networkx
import numpy as np
from numpy.typing import NDArray

from mechkg.api.trapi.deadline import Deadline
from mechkg.api.trapi.query_nodes import Candidates, Rows
from mechkg.kg.errors import TooLarge

__all__ = ["Bound", "collate"]

MAX_CHOICES: Final = 4096
"""Results that a question with joined collated nodes may have, for each binding of the others."""

MAX_VERTICES: Final = 256
"""Entities that stand at joined collated nodes, for each binding of the others."""

Entities = tuple[tuple[int, ...], ...]
Groups = dict[Entities, list[float]]


@dataclass(frozen=True, slots=True)
class Bound:
    """One result: the entities of each node (rows, ascending) and a score from 0 to 1."""

    entities: tuple[tuple[int, ...], ...]
    score: float


def collate(
    keys: Sequence[str],
    table: Rows,
    score: NDArray[np.float64],
    by_node: Mapping[str, Candidates],
    joined: Sequence[tuple[str, str]],
    *,
    deadline: Deadline,
) -> list[Bound]:
    """Return all results; `joined` are the ends of the query's edges.

    Raises `TooLarge` and `DeadlineExceeded`.

    O(rows), but for collated nodes that are joined: exponential in their entities at worst.
    """
    groups: Groups = {
        tuple((v,) for v in row): [mean]
        for row, mean in zip(table.tolist(), score.tolist(), strict=True)
    }
    for key in keys:
        if by_node[key].of_set:
            groups = _members(groups, keys.index(key), by_node[key])
    collated = [k for k in keys if by_node[k].node.set_interpretation == "COLLATE"]
    near: networkx.Graph[str] = networkx.Graph()
    near.add_nodes_from(collated)
    near.add_edges_from(e for e in joined if e[0] != e[1] and {*e} <= {*collated})
    for cluster in networkx.connected_components(near):
        columns = sorted(keys.index(key) for key in cluster)
        beside = {tuple(sorted(map(keys.index, edge))) for edge in near.subgraph(cluster).edges}
        groups = _collated(groups, columns, beside, deadline)
    return [Bound(entities, sum(means) / len(means)) for entities, means in groups.items()]


def _members(groups: Groups, column: int, candidates: Candidates) -> Groups:
    """Put together what is equal but for the members of a set, which may ask for all."""
    wanted = len(set(candidates.node.member_ids))
    found: Groups = {}
    for others, rows in _equal(groups, [column]).items():
        members = tuple(sorted({entities[column][0] for entities in rows}))
        if candidates.node.set_interpretation == "MANY" or len(members) == wanted:
            share = len(members) / wanted
            key = (*others[:column], members, *others[column + 1 :])
            found[key] = [mean * share for means in rows.values() for mean in means]
    return found


def _collated(
    groups: Groups, columns: Sequence[int], beside: set[Any], deadline: Deadline
) -> Groups:
    """Put together what is equal but for collated nodes that hang together."""
    found: Groups = {}
    for others, rows in _equal(groups, columns).items():
        for choice in _choices(list(rows), columns, beside):
            deadline.check()
            chosen = {column: frozenset(choice[column]) for column in columns}
            key = tuple(
                tuple(sorted(chosen[n])) if n in chosen else own for n, own in enumerate(others)
            )
            found[key] = [
                mean
                for entities, means in rows.items()
                if all(entities[column][0] in chosen[column] for column in columns)
                for mean in means
            ]
    return found


def _equal(groups: Groups, columns: Sequence[int]) -> dict[Entities, Groups]:
    """Return groups by what they have at all other columns."""
    found: dict[Entities, Groups] = {}
    for entities, means in groups.items():
        others = tuple(() if n in columns else own for n, own in enumerate(entities))
        found.setdefault(others, {})[entities] = means
    return found


def _choices(
    rows: Sequence[Entities], columns: Sequence[int], beside: set[Any]
) -> Iterator[dict[int, list[int]]]:
    """Yield the largest choices of entities for some columns, all joined to their neighbours."""
    if len(columns) == 1:
        (column,) = columns
        yield {column: [entities[column][0] for entities in rows]}
        return
    seen = {(c, entities[c][0]) for entities in rows for c in columns}
    if len(seen) > MAX_VERTICES:
        raise _too_dense(f"{len(seen):,} entities at joined COLLATE nodes", MAX_VERTICES)
    pairs = {((a, entities[a][0]), (b, entities[b][0])) for entities in rows for a, b in beside}
    fits: networkx.Graph[tuple[int, int]] = networkx.Graph()
    fits.add_nodes_from(seen)
    fits.add_edges_from(
        (v, w)
        for v, w in combinations(sorted(seen), 2)
        if (v[0], w[0]) not in beside or (v, w) in pairs
    )
    cliques = networkx.find_cliques(fits)
    for number, clique in enumerate(islice(cliques, MAX_CHOICES + 1)):
        if number == MAX_CHOICES:
            raise _too_dense(f"more than {MAX_CHOICES:,} ways to collate", MAX_CHOICES)
        choice: dict[int, list[int]] = {}
        for column, entity in clique:
            choice.setdefault(column, []).append(entity)
        if len(choice) == len(columns):
            yield choice


def _too_dense(what: str, most: int) -> TooLarge:
    return TooLarge(
        f"The query graph has {what}; {most:,} is the most.",
        hint="Collate one of two joined nodes only, or pin more nodes.",
    )
