"""Figures from times: medians, ratios pair by pair, and laws of growth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from bench.results import Outcome, Series

__all__ = ["Ratio", "Summary", "exponent", "misjudged", "ratio", "summary"]


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """One peer on one workload, in milliseconds; `slowest` is the position of that question.

    A question's time is its median over the rounds after the first, in which answers are compared
    in between; that of the first where there was no time for more. `ended` of `asked` questions
    were answered.
    """

    ended: int
    asked: int
    wrong: int
    median: float
    p95: float
    cpu: float
    slowest: int


class Ratio(msgspec.Struct, frozen=True):
    """The median over questions of a peer's time by MechKG's; `bound` where it is at least that."""

    value: float
    bound: bool
    questions: int


def summary(outcomes: Sequence[Outcome]) -> Summary | None:
    """Summarise the answered questions; None where none was."""
    times = _times(outcomes)
    if not times:
        return None
    values = np.array(list(times.values())) * 1e3
    cpu = [_middle(outcomes[position].cpu) for position in times]
    return Summary(
        ended=len(times),
        asked=len(outcomes),
        wrong=sum(outcome.state == "wrong" for outcome in outcomes),
        median=float(np.median(values)),
        p95=float(np.percentile(values, 95)),
        cpu=float(np.median(cpu)) * 1e3,
        slowest=max(times, key=times.__getitem__),
    )


def ratio(series: Series, peer: str, base: str, seconds: float) -> Ratio | None:
    """Compare a peer with another question by question.

    A question that the peer did not finish counts with the time that it was given, which makes
    the median a lower bound; one that it was not asked does not count. None without a pair.
    """
    ours, theirs = series.outcomes.get(base), series.outcomes.get(peer)
    if ours is None or theirs is None:
        return None
    mine, other = _times(ours), _times(theirs)
    stopped = {p for p, outcome in enumerate(theirs) if outcome.state == "unfinished"}
    pairs = [(other.get(p, seconds) / mine[p]) for p in mine if p in other or p in stopped]
    if not pairs:
        return None
    return Ratio(float(np.median(pairs)), bool(stopped & set(mine)), len(pairs))


def misjudged(series: Series, name: str) -> Sequence[float]:
    """Return by which factor, at least 1, a peer misjudged each question that it foretold.

    Judged by the median time where the best paths were asked for, else by the number of paths;
    none and one are taken to be equally many.
    """
    outcomes = series.outcomes.get(name, [])
    times, factors = _times(outcomes), []
    for position, outcome in enumerate(outcomes):
        size = series.sizes[position]
        if outcome.foretold is None or position not in times or size is None:
            continue
        told, found = outcome.foretold[0], float(size)
        if series.workload.kind == "best":
            told, found = outcome.foretold[1], times[position] * 1e3
        else:
            told, found = max(told, 1.0), max(found, 1.0)
        factors.append(max(told / found, found / told))
    return factors


def exponent(sizes: Sequence[float], times: Sequence[float]) -> float:
    """Return b of the least-squares law time = a * size ** b.

    >>> round(exponent([1, 10, 100], [2, 20, 200]), 6)
    1.0
    """
    return float(np.polyfit(np.log(sizes), np.log(times), 1)[0])


def _times(outcomes: Sequence[Outcome]) -> Mapping[int, float]:
    return {
        position: _middle(outcome.seconds)
        for position, outcome in enumerate(outcomes)
        if outcome.state == "answered" and outcome.seconds
    }


def _middle(rounds: Sequence[float]) -> float:
    return float(np.median(rounds[1:] or rounds))
