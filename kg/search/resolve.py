"""Resolve the names in a query: to rows of entities, subtrees of classes, or categories."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mechkg.kg.errors import UnknownEntity, UnknownTerm
from mechkg.kg.model.schema import Schema
from mechkg.kg.search.context import SearchContext
from mechkg.kg.snapshot.snapshot import Snapshot

__all__ = ["Rows", "Selection", "ground_all", "resolve_selection", "subtree_of"]

Rows = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Selection:
    """What one value of `via` or `avoid` selects.

    rows are those of one entity or, with `subtree`, of a class and all below it (int32,
    ascending); categories are the identifiers that a category stands for.
    """

    rows: Rows
    categories: frozenset[str] = frozenset()
    subtree: bool = False


def ground_all(snapshot: Snapshot, texts: Sequence[str], parameter: str) -> Rows:
    """Return the rows of entities given by identifier or name: distinct int32, ascending.

    The rows of recent texts are kept (`SearchContext.row`). Raises as `Names.ground` does.
    """
    context = SearchContext.of(snapshot)
    rows = [context.row(text, parameter) for text in texts]
    return np.array(rows if len(rows) == 1 else sorted(set(rows)), np.int32)


def resolve_selection(snapshot: Snapshot, text: str, parameter: str) -> Selection:
    """Return what a value of `via` or `avoid` selects.

    `NAME*` selects a class and all below it; a name that is no entity may be a category.
    Raises as `Names.ground` does.
    """
    schema = snapshot.schema
    none = np.empty(0, np.int32)
    if text.endswith("*") and text != "*":
        root = snapshot.names.ground(text[:-1].strip(), parameter)
        return Selection(subtree_of(snapshot, root), subtree=True)
    if text.startswith("biolink:"):
        return Selection(none, schema.categories_under(text, parameter))
    try:
        row = snapshot.names.ground(text, parameter)
    except UnknownEntity:
        try:
            return Selection(none, schema.categories_under(text, parameter))
        except UnknownTerm:
            pass
        raise
    return Selection(np.array([row], np.int32))


def subtree_of(snapshot: Snapshot, root: int) -> Rows:
    """Return an entity and all that are below it by subclass_of: int32, ascending.

    O(statements into the subtree).
    """
    index = snapshot.index
    codes = _subclass_codes(snapshot.schema)
    found, waiting = {root}, [root]
    while waiting:
        row = waiting.pop()
        start, end = index.in_ptr[row], index.in_ptr[row + 1]
        entries = start + np.flatnonzero(np.isin(index.in_pred[start:end], codes))
        fresh = set(index.in_nbr[entries].tolist()) - found
        found |= fresh
        waiting += fresh
    return np.array(sorted(found), np.int32)


def _subclass_codes(schema: Schema) -> list[int]:
    return [
        code
        for code, p in enumerate(schema.predicates)
        if p.id.rpartition(":")[2] in {"subclass_of", "subClassOf"}
        or "rdfs:subClassOf" in p.mappings
        or p.biolink == "biolink:subclass_of"
    ]
