"""What the statements of a hop say of its direction, in bits."""

from __future__ import annotations

from mechkg.kg.kernels.types import UNKNOWN, leaf

__all__ = ["effect_of", "outcome"]


@leaf
def effect_of(sign: int, turned: bool) -> int:
    """Return a statement's effect as a bit: raises 1, lowers 2, none 4, unknown 8; x16 turned."""
    bit = 8
    if sign == 1:
        bit = 1
    elif sign == -1:
        bit = 2
    elif sign == 0:
        bit = 4
    return bit << 4 if turned else bit


@leaf
def outcome(effects: int) -> int:
    """Return the sign code of a hop: 0 none, 1 raises, 2 lowers, 3 unknown.

    Statements along the path decide where there are any; a direction wins over none and over an
    unknown one; raising beside lowering is unknown. Against their direction, statements with any
    direction leave the effect unknown.
    """
    along = effects & 15
    if along == 0:
        return UNKNOWN if (effects >> 4) & 11 else 0
    if along & 3:
        return along & 3
    return UNKNOWN if along & 8 else 0
