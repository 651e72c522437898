"""What is below a class by subclass_of, kept per snapshot."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from mechkg.kg.model.schema import Schema
from mechkg.kg.snapshot.snapshot import Snapshot

__all__ = ["Hierarchy", "Rows"]

MAX_KEPT: Final = 4_096
"""Classes whose subclasses are kept."""

Rows = NDArray[np.int32]


class Hierarchy:
    """The subclasses of a snapshot's classes; `Hierarchy.of(snapshot)` returns its only one."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._index = snapshot.index
        self._subclass = _subclass_mask(snapshot.schema)
        self._below: dict[int, Rows] = {}

    @classmethod
    def of(cls, snapshot: Snapshot) -> Hierarchy:
        """Return the hierarchy of a snapshot, made on first use."""
        return snapshot.cached(cls)

    def below(self, root: int) -> Rows:
        """Return an entity and all that is below it: distinct rows (int32), ascending.

        O(statements into them) for a class that is not kept.
        """
        rows = self._below.get(root)
        if rows is None:
            rows = self._search(root)
            if len(self._below) >= MAX_KEPT:
                self._below.clear()
            self._below[root] = rows
        return rows

    def chain(self, member: int, root: int) -> list[int]:
        """Return the statements (rows) that put an entity below a class, fewest first found."""
        reached: dict[int, tuple[int, int]] = {}
        level = [root]
        while level and member not in reached:
            following = []
            for row in level:
                for child, statement in self._children(row):
                    if child not in reached and child != root:
                        reached[child] = row, statement
                        following.append(child)
            level = following
        statements = []
        while member in reached and member != root:
            member, statement = reached[member]
            statements.append(statement)
        return statements

    def _children(self, row: int) -> list[tuple[int, int]]:
        index = self._index
        start, end = int(index.in_ptr[row]), int(index.in_ptr[row + 1])
        entries = start + np.flatnonzero(self._subclass[index.in_pred[start:end]])
        children, statements = index.in_nbr[entries].tolist(), index.in_row[entries].tolist()
        return list(zip(children, statements, strict=True))

    def _search(self, root: int) -> Rows:
        found, waiting = {root}, [root]
        while waiting:
            fresh = {child for child, _ in self._children(waiting.pop())} - found
            found |= fresh
            waiting += fresh
        return np.array(sorted(found), np.int32)


def _subclass_mask(schema: Schema) -> NDArray[np.bool_]:
    """Return which predicates say that the subject is a kind of the object."""
    return np.array(
        [
            p.id.rpartition(":")[2] in {"subclass_of", "subClassOf"}
            or "rdfs:subClassOf" in p.mappings
            or p.biolink == "biolink:subclass_of"
            for p in schema.predicates
        ],
        np.bool_,
    )
