"""Refusals of questions that need all paths of a query at once."""

from __future__ import annotations

from mechkg.kg.errors import TooCostly

__all__ = ["too_many_metapaths", "too_many_paths"]


def too_many_paths(limit: str) -> TooCostly:
    """Return the refusal of a question whose paths cannot all be listed within a limit.

    >>> too_many_paths("500,000 paths").limit
    '500,000 paths'
    """
    return TooCostly(
        f"Not all paths can be listed within {limit}, so that they cannot be held against what is "
        "expected.",
        limit=limit,
        hint="Ask for fewer hops, or name a metapath, predicates or what lies between.",
    )


def too_many_metapaths(most: int) -> TooCostly:
    """Return the refusal of a question whose paths are of too many metapaths, taken together.

    >>> too_many_metapaths(5_000_000).limit
    '5,000,000 metapaths'
    """
    return TooCostly(
        f"The paths are of more than {most:,} metapaths in all.",
        limit=f"{most:,} metapaths",
        hint="Ask for fewer hops, or name predicates.",
    )
