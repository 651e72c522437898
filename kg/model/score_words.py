"""What the parts of a score count, in words, and a score as the sum of its parts."""

from __future__ import annotations

from collections.abc import Iterable
from types import MappingProxyType
from typing import Final

from mechkg.kg.model.values import Path

__all__ = ["PART_WORDS", "legend_of", "score_words"]

PART_WORDS: Final = MappingProxyType(
    {
        "length": "its hops",
        "hubs": "how many statements the entities between its ends have",
        "doubt": "how weak the evidence of its hops is",
        "generic": "relations that name no mechanism",
        "assumptions": "what must hold for its effect to pass on",
        "corroboration": "statements that no independent route supports",
        "curated": "statements that no curated mechanism uses",
        "rank": "its place by the unlearned score",
        "relations": "how usual its relations are in curated mechanisms",
        "degrees": "how many statements of each type its entities have",
        "shared": "how many other candidates share its entities and statements",
        "crowding": "how many other candidates have the same categories or relations",
        "shortcuts": "statements between entities of it that are not next to each other",
        "support": "how well its statements are corroborated among those of their type",
        "mechanisms": "curated mechanisms that use its statements",
        "offset": "the same for all candidates",
    }
)
"""What each part of a score counts; a part of a plug-in is not listed."""


def score_words(path: Path) -> str:
    """Return the score of a path as the sum of its parts, those that are 0 left out.

    >>> found = graph.find_paths(source="NSC", target="neuron", max_hops=1, scorer="hops")
    >>> score_words(found.paths[0])
    '-1.00 = -1.00 length'
    """
    parts = (part for part in path.score_parts if part.value)
    return f"{path.score:.2f} = " + " ".join(f"{p.value * p.weight:+.2f} {p.name}" for p in parts)


def legend_of(paths: Iterable[Path]) -> str:
    """Return what the parts of the scores of some paths count; "" where there is none to say.

    >>> legend_of([])
    ''
    """
    names = dict.fromkeys(part.name for path in paths for part in path.score_parts if part.value)
    said = [f"{name}: {PART_WORDS[name]}" for name in names if name in PART_WORDS]
    return f"Parts of scores: {'; '.join(said)}." if said else ""
