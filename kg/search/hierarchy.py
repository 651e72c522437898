"""What is below a class by subclass_of, and how a name asks for it.

`NAME*` means an entity and all below it, `NAME!` the entity alone; a bare name leaves it to
`mechkg.kg.search.closure`.
"""

from __future__ import annotations

from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from mechkg.kg.model.schema import Schema
from mechkg.kg.snapshot.snapshot import Snapshot

__all__ = ["BELOW", "ONLY", "Hierarchy", "Rows", "Suffix", "split_suffix"]

BELOW: Final = "*"
"""Behind a name: with all subclasses."""
ONLY: Final = "!"
"""Behind a name: without any."""
Suffix = Literal["", "*", "!"]

MAX_KEPT: Final = 4_096
"""Classes whose subclasses are kept."""

Rows = NDArray[np.int32]


def split_suffix(text: str) -> tuple[str, Suffix]:
    """Return a name and its suffix.

    >>> split_suffix("astrocyte *"), split_suffix("CL:0000127!"), split_suffix("*")
    (('astrocyte', '*'), ('CL:0000127', '!'), ('*', ''))
    """
    name = text[:-1].strip()
    if name and text.endswith(BELOW):
        return name, "*"
    if name and text.endswith(ONLY):
        return name, "!"
    return text, ""


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
