"""Resolve the names in a query: to rows of entities, subtrees of classes, or categories."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mechkg.kg.errors import UnknownEntity, UnknownTerm
from mechkg.kg.search.context import SearchContext
from mechkg.kg.search.hierarchy import BELOW, Rows, split_suffix

__all__ = [
    "Rows",
    "Selection",
    "ground_all",
    "named_rows",
    "resolve_selection",
]


@dataclass(frozen=True, slots=True)
class Selection:
    """What one value of `via` or `avoid` selects.

    rows are those of one entity or, with `subtree`, of a class and all below it (int32,
    ascending); categories are the identifiers that a category stands for.
    """

    rows: Rows
    categories: frozenset[str] = frozenset()
    subtree: bool = False


def ground_all(context: SearchContext, texts: Sequence[str], parameter: str) -> Rows:
    """Return the rows of entities given by identifier or name: distinct int32, ascending.

    With `NAME*` all below it belongs to them. Raises as `Names.ground` does.
    """
    parts: list[int] = []
    for text in texts:
        named = context.named(text, parameter)
        if named.suffix == BELOW:
            parts += context.hierarchy.below(named.row).tolist()
        else:
            parts.append(named.row)
    return np.array(parts if len(parts) == 1 else sorted(set(parts)), np.int32)


def named_rows(context: SearchContext, texts: Sequence[str], parameter: str) -> list[int]:
    """Return the rows of the entities that are named, no subclass among them: distinct, ascending.

    Raises as `Names.ground` does.
    """
    return sorted({context.named(text, parameter).row for text in texts})


def resolve_selection(context: SearchContext, text: str, parameter: str) -> Selection:
    """Return what a value of `via` or `avoid` selects.

    `NAME*` selects a class and all below it; a name that is no entity may be a category.
    Raises as `Names.ground` does.
    """
    schema, none = context.snapshot.schema, np.empty(0, np.int32)
    if split_suffix(text)[1] == BELOW:
        root = context.named(text, parameter).row
        return Selection(context.hierarchy.below(root), subtree=True)
    if text.startswith("biolink:"):
        return Selection(none, schema.categories_under(text, parameter))
    try:
        row = context.named(text, parameter).row
    except UnknownEntity:
        try:
            return Selection(none, schema.categories_under(text, parameter))
        except UnknownTerm:
            pass
        raise
    return Selection(np.array([row], np.int32))
