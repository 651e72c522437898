"""Combine the effects of statements to those of hops and paths."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType
from typing import Final

from mechkg.kg.model.values import EFFECT_OF_SIGN, Effect, Sign

__all__ = [
    "CLASSIFIED",
    "MARK",
    "hop_effect",
    "hop_sign",
    "path_effect",
    "path_sign",
]

MARK: Final = "This is an association: no mechanism is stated."
"""Ends the explanation of a path that is one generic statement."""

CLASSIFIED: Final = "This is a classification: no mechanism is stated."
"""Ends it where that statement says what kind of thing something is."""


def hop_sign(effects: Iterable[tuple[Sign | None, bool]]) -> Sign | None:
    """Return the sign of a hop from (sign, turned) of its statements, None for unknown.

    `turned` statements are walked against their direction and are not symmetric. Statements along
    the path decide where there are any; a direction wins over none and over an unknown one, but
    +1 beside -1 is unknown. Against their direction, a statement that has any direction says
    nothing of the effect along the path.

    >>> hop_sign([(0, False), (1, False)]), hop_sign([(1, False), (-1, False)])
    (1, None)
    >>> hop_sign([(1, True)]), hop_sign([(0, True)])
    (None, 0)
    """
    along: set[Sign | None] = set()
    against: set[Sign | None] = set()
    for sign, turned in effects:
        (against if turned else along).add(sign)
    if not along:
        return 0 if against <= {0} else None
    directed = along - {0, None}
    if directed:
        return directed.pop() if len(directed) == 1 else None
    return None if None in along else 0


def hop_effect(sign: Sign | None, along: Collection[Effect]) -> Effect:
    """Return the effect of a hop of some sign from its statements along the path.

    An unknown sign is *both* where statements oppose each other or one says both.

    >>> hop_effect(None, ["raises", "lowers"]), hop_effect(None, ["unknown"]), hop_effect(1, [])
    ('both', 'unknown', 'raises')
    """
    if sign is None and ("both" in along or {"raises", "lowers"} <= set(along)):
        return "both"
    return EFFECT_OF_SIGN[sign]


def path_effect(sign: Sign | None, effects: Collection[Effect]) -> Effect:
    """Return the effect of a path of some sign from those of its hops.

    >>> path_effect(None, ["both", "raises"]), path_effect(None, ["both", "unknown"])
    ('both', 'unknown')
    """
    if sign is None and "both" in effects and "unknown" not in effects:
        return "both"
    return EFFECT_OF_SIGN[sign]


def path_sign(signs: Iterable[Sign | None]) -> Sign | None:
    """Return the product of hop signs, None where one is unknown.

    >>> path_sign([1, -1]), path_sign([0, -1]), path_sign([0, None])
    (-1, 0, None)
    """
    product: int = 1
    unknown = False
    for sign in signs:
        unknown = unknown or sign is None
        product *= sign or 0
    return None if unknown else _SIGNS[product]


_SIGNS: Final[Mapping[int, Sign]] = MappingProxyType({-1: -1, 0: 0, 1: 1})
