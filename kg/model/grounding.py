"""How the names of a query were read: as which entities, and with which subclasses."""

from __future__ import annotations

from typing import Literal

import msgspec

from mechkg.kg.model.values import PathEntity

__all__ = ["Closure", "ClosureReason", "Grounding", "NameMatch"]

ClosureReason = Literal["asked", "compared", "no statement", "no direct statement", "no path"]
"""Why the subclasses of a class were taken in."""

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


class Closure(msgspec.Struct, frozen=True, kw_only=True):
    """A class of a query that its subclasses were taken in for, and why.

    `reason`: `asked` (`NAME*`), `compared` (a comparison says who has nothing, so it looks below),
    or that nothing is stated of the class itself, that no statement joins the ends directly, or
    that no path does, while all of this holds of subclasses. `count` is the number of entities
    below the class; `members` are those on the paths of the answer or, where it lists none, some
    that have statements: at most 20.

    >>> Closure(parameter="target", given="multiple sclerosis", id="MONDO:0005301",
    ...         name="multiple sclerosis", reason="no path", count=4, members=(),
    ...         sentence="").reason
    'no path'
    """

    parameter: str
    given: str
    id: str
    name: str
    reason: ClosureReason
    count: int
    members: tuple[PathEntity, ...]
    sentence: str
