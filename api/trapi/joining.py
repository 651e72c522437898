"""From relations to results: the join of all edges, and what sets make of it.

A row of the table binds every node of the question to one entity. Sets then put rows together:
COLLATE and MANY nodes hold several entities, ALL nodes hold all of their members or there is no
result. Each node is put together in turn, rows being equal in all others, so that every
combination that a result lists is joined by all of its edges.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from api.trapi.places import Place, Rows
from api.trapi.relations import Relation
from api.trapi.timing import check_time
from kg.errors import TooLarge

__all__ = ["Bound", "join", "put_together"]

MOST_ROWS = 500_000
"""Combinations of entities that are held at once."""


@dataclass(frozen=True, slots=True)
class Bound:
    """One result: the entities of each node (rows, ascending) and a score from 0 to 1."""

    entities: tuple[tuple[int, ...], ...]
    score: float


def join(
    relations: Sequence[Relation], entities: int, deadline: float
) -> tuple[list[str], Rows, NDArray[np.float64]]:
    """Return the nodes' keys, a table (rows, nodes; int32), and the mean support of each row.

    Raises `TooLarge` past `MOST_ROWS`, and `Late`. O(rows * edges * log pairs).
    """
    columns: dict[str, Rows] = {}
    for relation in relations:
        check_time(deadline)
        columns = _joined(columns, relation, entities)
        if len(next(iter(columns.values()))) > MOST_ROWS:
            raise _too_many()
    table = np.stack(list(columns.values()), axis=1)
    score = np.zeros(len(table))
    for relation in relations:
        key = columns[relation.subject].astype(np.int64) * entities + columns[relation.object]
        score += relation.support[np.searchsorted(relation.pairs, key)]
    return list(columns), table, score / len(relations)


def _joined(columns: dict[str, Rows], relation: Relation, entities: int) -> dict[str, Rows]:
    subjects = (relation.pairs // entities).astype(np.int32)
    objects = (relation.pairs % entities).astype(np.int32)
    one, other = relation.subject, relation.object
    if not columns:
        if one == other:
            loops = subjects == objects
            return {one: subjects[loops]}
        return {one: subjects, other: objects}
    if one in columns and other in columns:
        key = columns[one].astype(np.int64) * entities + columns[other]
        kept = np.isin(key, relation.pairs)
        return {name: column[kept] for name, column in columns.items()}
    if one not in columns:
        one, other, subjects, objects = other, one, objects, subjects
    order = np.argsort(subjects, kind="stable")
    subjects, objects = subjects[order], objects[order]
    low = np.searchsorted(subjects, columns[one], "left")
    counts = np.searchsorted(subjects, columns[one], "right") - low
    total = int(counts.sum())
    if total > MOST_ROWS:
        raise _too_many()
    entry = np.arange(total) - np.repeat(np.cumsum(counts) - counts, counts)
    entry += np.repeat(low, counts)
    grown = {name: np.repeat(column, counts) for name, column in columns.items()}
    return {**grown, other: objects[entry]}


def _too_many() -> TooLarge:
    return TooLarge(
        f"The query graph has more than {MOST_ROWS:,} combinations of entities.",
        hint="Pin more nodes, or name narrower predicates and categories.",
    )


def put_together(
    keys: Sequence[str],
    table: Rows,
    score: NDArray[np.float64],
    places: Mapping[str, Place],
    limit: int | None,
) -> tuple[list[Bound], int]:
    """Return results, best first, at most `limit` of them, and how many there are in all."""
    sets = [key for key in keys if places[key].node.set_interpretation != "BATCH"]
    sets.sort(key=lambda key: not places[key].of_set)  # members first: what is collated meets all
    if not sets:
        order = np.lexsort((*table.T[::-1], -score))[:limit]
        rows = zip(table[order].tolist(), score[order].tolist(), strict=True)
        return [Bound(tuple((v,) for v in row), mean) for row, mean in rows], len(table)
    groups: dict[tuple[tuple[int, ...], ...], list[float]] = {}
    for row, mean in zip(table.tolist(), score.tolist(), strict=True):
        groups[tuple((v,) for v in row)] = [mean]
    for key in sets:
        groups = _grouped(groups, keys.index(key), places[key])
    results = [Bound(entities, sum(means) / len(means)) for entities, means in groups.items()]
    results.sort(key=lambda bound: (-bound.score, bound.entities))
    return results[:limit], len(results)


def _grouped(
    groups: Mapping[tuple[tuple[int, ...], ...], list[float]], column: int, place: Place
) -> dict[tuple[tuple[int, ...], ...], list[float]]:
    """Put together what is equal but for one node; a set of members may ask for more."""
    joined: dict[tuple[tuple[int, ...], ...], tuple[set[int], list[float]]] = {}
    for entities, means in groups.items():
        others = (*entities[:column], (), *entities[column + 1 :])
        members, scores = joined.setdefault(others, (set(), []))
        members.update(entities[column])
        scores.extend(means)
    wanted = len(set(place.node.member_ids)) if place.of_set else 0
    found: dict[tuple[tuple[int, ...], ...], list[float]] = {}
    for others, (members, scores) in joined.items():
        if place.node.set_interpretation == "ALL" and len(members) < wanted:
            continue
        share = len(members) / wanted if wanted else 1.0
        key = (*others[:column], tuple(sorted(members)), *others[column + 1 :])
        found[key] = [score * share for score in scores]
    return found
