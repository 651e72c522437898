"""Resolve the names in a query: to rows of entities, subtrees of classes, or categories.

`NAME*` means an entity and all below it by subclass_of, `NAME!` the entity alone; a bare name
leaves it to `mechkg.kg.search.closure`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from mechkg.kg.errors import UnknownEntity, UnknownTerm
from mechkg.kg.model.grounding import Grounding
from mechkg.kg.search.context import SearchContext
from mechkg.kg.search.hierarchy import Hierarchy, Rows
from mechkg.kg.snapshot.snapshot import Snapshot

__all__ = [
    "BELOW",
    "ONLY",
    "Rows",
    "Selection",
    "ground_all",
    "named_rows",
    "readings",
    "resolve_selection",
    "split_suffix",
]

BELOW: Final = "*"
"""Behind a name: with all subclasses."""
ONLY: Final = "!"
"""Behind a name: without any."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What one value of `via` or `avoid` selects.

    rows are those of one entity or, with `subtree`, of a class and all below it (int32,
    ascending); categories are the identifiers that a category stands for.
    """

    rows: Rows
    categories: frozenset[str] = frozenset()
    subtree: bool = False


def split_suffix(text: str) -> tuple[str, Literal["", "*", "!"]]:
    """Return a name and what stands behind it about its subclasses.

    >>> split_suffix("astrocyte *"), split_suffix("CL:0000127!"), split_suffix("*")
    (('astrocyte', '*'), ('CL:0000127', '!'), ('*', ''))
    """
    name = text[:-1].strip()
    if name and text.endswith(BELOW):
        return name, "*"
    if name and text.endswith(ONLY):
        return name, "!"
    return text, ""


def ground_all(snapshot: Snapshot, texts: Sequence[str], parameter: str) -> Rows:
    """Return the rows of entities given by identifier or name: distinct int32, ascending.

    With `NAME*` all below it belongs to them. The rows of recent texts are kept
    (`SearchContext.resolve`). Raises as `Names.ground` does.
    """
    context = SearchContext.of(snapshot)
    parts: list[int] = []
    for text in texts:
        name, suffix = split_suffix(text)
        row = context.row(name, parameter)
        if suffix == BELOW:
            parts += Hierarchy.of(snapshot).below(row).tolist()
        else:
            parts.append(row)
    return np.array(parts if len(parts) == 1 else sorted(set(parts)), np.int32)


def named_rows(context: SearchContext, texts: Sequence[str], parameter: str) -> list[int]:
    """Return the rows of the entities that are named, no subclass among them: distinct, ascending.

    Raises as `Names.ground` does.
    """
    return sorted({context.row(split_suffix(text)[0], parameter) for text in texts})


def readings(context: SearchContext, texts: Sequence[str], parameter: str) -> tuple[Grounding, ...]:
    """Return how names were read, but for identifiers and names as they are; none of a category."""
    found = []
    for text in texts:
        name, _ = split_suffix(text)
        try:
            grounding = context.resolve(name, parameter)[1]
        except UnknownEntity:  # a category of `via` or `avoid`
            continue
        if grounding.match not in {"identifier", "name"} or grounding.sentence:
            found.append(grounding)
    return tuple(found)


def resolve_selection(snapshot: Snapshot, text: str, parameter: str) -> Selection:
    """Return what a value of `via` or `avoid` selects.

    `NAME*` selects a class and all below it; a name that is no entity may be a category.
    Raises as `Names.ground` does.
    """
    schema, context = snapshot.schema, SearchContext.of(snapshot)
    none = np.empty(0, np.int32)
    name, suffix = split_suffix(text)
    if suffix == BELOW:
        root = context.row(name, parameter)
        return Selection(Hierarchy.of(snapshot).below(root), subtree=True)
    if text.startswith("biolink:"):
        return Selection(none, schema.categories_under(text, parameter))
    try:
        row = context.row(name, parameter)
    except UnknownEntity:
        try:
            return Selection(none, schema.categories_under(text, parameter))
        except UnknownTerm:
            pass
        raise
    return Selection(np.array([row], np.int32))
