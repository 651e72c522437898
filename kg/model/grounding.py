"""How a name of a query was read: which entity it was taken for, and by which rule."""

from __future__ import annotations

from typing import Literal

import msgspec

__all__ = ["Grounding", "NameMatch"]

NameMatch = Literal[
    "identifier", "cross-reference", "name", "synonym", "abbreviation", "brand", "plural",
    "broad", "narrow", "related", "spelling", "word order", "typing error",
]  # fmt: skip
"""The rule by which a text fits an entity, exact ones first."""


class Grounding(msgspec.Struct, frozen=True, kw_only=True):
    """A text of a query and the entity that it was read as.

    `matched` is the name or identifier that fitted. `sentence` says what a reader should know: that
    the name fits only by its spelling, is broader than the entity, or that nothing is stated about
    the entity; it is empty where the text is an identifier, the name or an exact synonym.

    >>> Grounding(parameter="source", given="Tysabri", id="MESH:D000069442", name="natalizumab",
    ...           match="brand", matched="Tysabri", sentence="").match
    'brand'
    """

    parameter: str
    given: str
    id: str
    name: str
    match: NameMatch
    matched: str
    sentence: str = ""
