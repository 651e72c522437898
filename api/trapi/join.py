"""The join of all edges: a table whose rows bind every node of the question to one entity."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mechkg.api.trapi.deadline import Deadline
from mechkg.api.trapi.query_edges import Relation
from mechkg.api.trapi.query_nodes import Rows
from mechkg.kg.errors import TooLarge

__all__ = ["join"]

MAX_ROWS = 500_000
"""Combinations of entities that are held at once."""


def join(
    relations: Sequence[Relation], entities: int, deadline: Deadline
) -> tuple[list[str], Rows, NDArray[np.float64]]:
    """Return the nodes' keys, a table (rows, nodes; int32), and the mean support of each row.

    Raises `TooLarge` past `MAX_ROWS`, and `DeadlineExceeded`. O(rows * edges * log pairs).
    """
    columns: dict[str, Rows] = {}
    for relation in relations:
        deadline.check()
        columns = _joined(columns, relation, entities)
        if len(next(iter(columns.values()))) > MAX_ROWS:
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
    if total > MAX_ROWS:
        raise _too_many()
    entry = np.arange(total) - np.repeat(np.cumsum(counts) - counts, counts)
    entry += np.repeat(low, counts)
    grown = {name: np.repeat(column, counts) for name, column in columns.items()}
    return {**grown, other: objects[entry]}


def _too_many() -> TooLarge:
    return TooLarge(
        f"The query graph has more than {MAX_ROWS:,} combinations of entities.",
        hint="Pin more nodes, or name narrower predicates and categories.",
    )
