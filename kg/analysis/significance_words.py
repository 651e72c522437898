"""The sentence of an answer on significance: what there is, what is expected, what is more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from mechkg.kg.model.results import Expectation, MediatorSignificance
from mechkg.kg.search.sentences import noun_phrase

__all__ = ["number", "significance_sentence"]

AT_MOST: Final = 3.0
"""What was in none of n samples is expected fewer than 3 / n times, at 95 percent (rule of three,
Hanley & Lippman-Hand 1983)."""


def significance_sentence(
    ends: tuple[str, str],
    paths: Expectation,
    mediators: Sequence[MediatorSignificance],
    samples: int,
    unlikely: tuple[int, float | None],
) -> str:
    """Return what the paths of a query and its mediators, the least likely first, come to.

    `unlikely` says how many mediators are, and how many are expected to be.
    """
    if not paths.observed:
        return f"No path leads from {ends[0]} to {ends[1]}{_expected(paths, samples)}."
    few = paths.observed == 1
    lead = "path leads" if few else "paths lead"
    begin = f"{paths.observed:,} {lead} from {ends[0]} to {ends[1]}"
    said = [f"{begin}{_expected(paths, samples)} ({_chance(paths, samples)})."]
    if unlikely[0]:
        name, first = noun_phrase(mediators[0].entity)[0], mediators[0].paths
        noun = "path" if first.observed == 1 else "paths"
        said.append(
            f"Furthest from chance is {name}, with {first.observed:,} {noun}"
            f"{_expected(first, samples)} ({_chance(first, samples)})."
        )
    if unlikely[1] is not None and mediators:
        have = "has" if unlikely[0] == 1 else "have"
        said.append(
            f"Of {len(mediators):,} mediators {unlikely[0]:,} {have} p below 0.05, where "
            f"{number(unlikely[1])} are expected to."
        )
    return " ".join(said)


def _expected(paths: Expectation, samples: int) -> str:
    if paths.expected is None:
        return ", and there was no time to say how many are expected"
    if paths.expected == 0 and not paths.closed:
        return f" where fewer than {number(AT_MOST / samples)} are expected from the degrees alone"
    error = f" ± {number(paths.standard_error)}" if paths.standard_error else ""
    return f" where {number(paths.expected)}{error} are expected from the degrees alone"


def _chance(paths: Expectation, samples: int) -> str:
    if paths.p_closed:
        return f"p = {number(paths.p)}"
    graphs = "graph" if samples == 1 else "graphs"
    return f"p = {number(paths.p)}, of {samples:,} rewired {graphs}"


def number(value: float) -> str:
    """Return a number with two digits that count, or all before its point.

    >>> number(0.0312), number(3.14), number(1234.5), number(0.0)
    ('0.031', '3.1', '1,234', '0')
    """
    if abs(value) >= 10:
        return f"{value:,.0f}"
    return f"{value:.2g}"
