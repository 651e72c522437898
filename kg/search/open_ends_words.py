"""What the answer to a query with an open end says in one sentence."""

from __future__ import annotations

from mechkg.kg.model.queries import OpenEndsQuery
from mechkg.kg.search.open_side import OpenSide

__all__ = ["open_ends_sentence"]


def open_ends_sentence(
    query: OpenEndsQuery,
    side: OpenSide,
    fixed: str,
    candidates: int,
    total: int,
    *,
    exact: bool,
) -> str:
    """Return how many of the entities of an open side have paths, in words.

    Parameters
    ----------
    query : OpenEndsQuery
        The query, for its hops and its effect.
    side : OpenSide
        Its open side.
    fixed : str
        The entities of the other side, as sentences name them.
    candidates, total : int
        How many entities the open side admits, and how many of them have paths.
    exact : bool
        Whether `total` is all, not only a lower bound.

    Returns
    -------
    str
        A sentence. O(1).
    """
    hops = "1 hop" if query.max_hops == 1 else f"at most {query.max_hops} hops"
    many = f"{total:,} of {candidates:,} {side.words}"
    if not exact:
        many = f"at least {many}"
    if total == 0:
        many = f"any of {candidates:,} {side.words}"
    start, end = (many, fixed) if side.side == "source" else (fixed, many)
    if query.effect:
        begin = f"Paths of {hops} from {start} to {end}"
        begin = begin if total else f"No paths of {hops} from {start} to {end}"
        known = "" if total or exact else ", as far as could be seen,"
        return f"{begin}{known} have the verdict {query.effect!r}."
    if total:
        return f"Paths of {hops} lead from {start} to {end}."
    known = "" if exact else " was found in time that"
    return f"No path of {hops}{known} leads from {start} to {end}."
