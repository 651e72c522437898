"""The open side of a query: which of its sides it is, and which entities it admits.

`*` admits any entity, a category those of it and of all categories below it, `NAME*` a class and
all below it. A side of such values is open. A category written as its identifier is (`Drug`,
`biolink:Drug`) is always the category; any other name that fits an entity is that entity, as at
every door. Where neither side is open by that, a side whose names are those of categories too is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from mechkg.kg.errors import AmbiguousName, QueryError, UnknownTerm
from mechkg.kg.model.grounding import Grounding
from mechkg.kg.model.nouns import pluralised
from mechkg.kg.model.queries import OpenEndsQuery
from mechkg.kg.search.closure import notable
from mechkg.kg.search.context import SearchContext
from mechkg.kg.search.hierarchy import Rows, split_suffix
from mechkg.kg.search.resolve import Selection, resolve_selection

__all__ = ["ANY", "OpenSide", "Side", "open_side"]

ANY: Final = "*"
"""The value of a side that admits any entity."""

Side = Literal["source", "target"]
SIDES: Final[tuple[Side, Side]] = ("source", "target")
Selections = list[Selection | None]
"""What the values of a side select, None for any entity."""


@dataclass(frozen=True, slots=True)
class OpenSide:
    """The side of a query whose entities are ranked.

    `rows` (int32, ascending) are those that it admits, `words` what a sentence calls them, in the
    plural. `groundings` say how its names were read, where that is not plain.
    """

    side: Side
    rows: Rows
    words: str
    groundings: tuple[Grounding, ...]

    @property
    def fixed(self) -> Side:
        """The other side, which names entities."""
        return "target" if self.side == "source" else "source"

    def with_fixed(self, ends: Rows, fixed: Rows) -> tuple[Rows, Rows]:
        """Return some ends and the rows of the other side as sources and targets."""
        return (ends, fixed) if self.side == "source" else (fixed, ends)


def open_side(context: SearchContext, query: OpenEndsQuery) -> OpenSide:
    """Return the open side of a query.

    Raises `QueryError` where none or both of the sides could be it, `UnknownEntity`,
    `AmbiguousName` and `UnknownTerm`. O(entities) for a category.
    """
    chosen = {side: _selections(context, _texts(query, side), side) for side in SIDES}
    if query.open:
        return _resolved(context, query.open, _texts(query, query.open), chosen[query.open])
    open_ = [side for side in SIDES if all(map(_is_open, chosen[side]))]
    if len(open_) == 2:
        raise QueryError(
            "open", "is missing: both sides could be ranked",
            hint="Say which one with open=source or open=target.",
        )  # fmt: skip
    if not open_:
        chosen = {side: [*_categories(context, _texts(query, side))] for side in SIDES}
        open_ = [side for side in SIDES if chosen[side]]
    if len(open_) != 1:
        raise QueryError(
            "open", "is missing: both sides name entities",
            hint="Give a category (biolink:Drug), NAME* or * at one side, or search for paths.",
        )  # fmt: skip
    return _resolved(context, open_[0], _texts(query, open_[0]), chosen[open_[0]])


def _texts(query: OpenEndsQuery, side: Side) -> Sequence[str]:
    return query.source if side == "source" else query.target


def _selections(context: SearchContext, texts: Sequence[str], side: Side) -> Selections:
    return [None if text.strip() == ANY else _selection(context, text, side) for text in texts]


def _selection(context: SearchContext, text: str, side: Side) -> Selection:
    """Return what a text selects; of a name that several entities have, its category."""
    if text in {name for c in context.snapshot.schema.categories for name in _spelt(c.id)}:
        return _categories(context, [text])[0]
    try:
        return resolve_selection(context, text, side)
    except AmbiguousName:
        if category := _categories(context, [text]):
            return category[0]
        raise


def _spelt(category: str) -> tuple[str, str]:
    """Return how the identifier of a category is written, with its prefix and without."""
    return category, category.rpartition(":")[2]


def _categories(context: SearchContext, texts: Sequence[str]) -> list[Selection]:
    """Return the categories that texts name, whatever entities they name; none if one does not."""
    none = np.empty(0, np.int32)
    try:
        return [Selection(none, context.snapshot.schema.categories_under(t)) for t in texts]
    except UnknownTerm:
        return []


def _is_open(selection: Selection | None) -> bool:
    return selection is None or selection.subtree or bool(selection.categories)


def _resolved(
    context: SearchContext, side: Side, texts: Sequence[str], chosen: Sequence[Selection | None]
) -> OpenSide:
    """Return a side with the rows that it admits."""
    schema, index = context.snapshot.schema, context.snapshot.index
    named = [
        context.named(text, side).grounding
        for text, one in zip(texts, chosen, strict=True)
        if one is not None and not one.categories
    ]
    if None in chosen:
        rows = np.arange(index.entities, dtype=np.int32)
    else:
        selections = [one for one in chosen if one is not None]
        admitted = frozenset[str]().union(*[one.categories for one in selections])
        table = np.array([category.id in admitted for category in schema.categories], np.bool_)
        parts = [one.rows for one in selections]
        if admitted:
            parts.append(np.flatnonzero(table[index.category]).astype(np.int32))
        rows = np.unique(np.concatenate(parts)).astype(np.int32)
    return OpenSide(side, rows, _words(context, texts, chosen), notable(named))


def _words(context: SearchContext, texts: Sequence[str], chosen: Sequence[Selection | None]) -> str:
    """Return what a sentence calls the entities of an open side."""
    one = chosen[0]
    if len(chosen) > 1 or one is None:
        return "entities"
    if one.categories:
        return pluralised(context.snapshot.schema.category(texts[0]).label.lower())
    return f"entities below {split_suffix(texts[0])[0]}" if one.subtree else "entities"
