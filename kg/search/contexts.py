"""Compare the contexts in which the hops of a path were seen."""

from __future__ import annotations

from collections.abc import Iterable

from mechkg.kg.model.values import Hop, HopStatement
from mechkg.kg.ranking.doubt import HEDGES

__all__ = ["contexts_agree", "firmest"]


def firmest(hop: Hop) -> HopStatement:
    """Return the statement of a hop that lets most pass; O(statements).

    >>> firm, weak = (HopStatement(id=h, subject="a", predicate="p", object="b",
    ...     direction="forward", hedge=h) for h in ("asserted", "contested"))
    >>> firmest(Hop((weak, firm))).id
    'asserted'
    """
    if len(hop.statements) == 1:
        return hop.statements[0]
    return max(hop.statements, key=lambda s: HEDGES[s.hedge] * s.weight)


def contexts_agree(statements: Iterable[HopStatement]) -> bool:
    """Say whether statements can hold in one species; one that names none holds in any.

    >>> from mechkg.kg.model.values import Context
    >>> rat, mouse = (HopStatement(id=s, subject="a", predicate="p", object="b",
    ...     direction="forward", context=(Context("species", s),)) for s in ("rat", "mouse"))
    >>> contexts_agree([rat, rat]), contexts_agree([rat, mouse])
    (True, False)
    """
    species = [{c.value for c in s.context if c.type == "species"} for s in statements if s.context]
    named = [values for values in species if values]
    return not named or bool(set.intersection(*named))
