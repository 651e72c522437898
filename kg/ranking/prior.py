"""What curated mechanisms look like, as a table: types of hops, steps between them, metapaths.

The table (`prior.tsv`, written by `make rank`) names types by Biolink category, predicate and
category, never an entity or a source. A type that it does not list has no term of its own; its
steps cost `UNSEEN`.

Probabilities of steps are counts on curated paths, smoothed by `STRENGTH` counts of the frequency
of the next type among those that leave the same category (back-off, Katz 1987).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["Counts", "Prior", "parse_prior", "read_prior", "step_costs", "write_prior"]

STRENGTH: Final = 2.0
RARE: Final = 0.02
CAP: Final = 12.0
UNSEEN: Final = 6.0

Floats = NDArray[np.float64]
HopType = tuple[str, str, str]
"""Category of the subject, predicate, category of the object."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How often hops of curated paths are of each directed type, weighted by 1 / paths of a query.

    A directed type is the place of a type, plus the number of types where the hop walks against
    the statement. start, end (2K), step (2K, 2K) float64; metapaths by the categories after the
    source; `queries` is how many there are.
    """

    start: Floats
    end: Floats
    step: Floats
    metapaths: Mapping[tuple[str, ...], float]
    queries: int


@dataclass(frozen=True, slots=True, eq=False)
class Prior:
    """Terms of hop types, categories and features, and what steps cost.

    types (K) in order; own (K, 4): a constant, what the log typed degree of subject and object
    count, and what corroboration does; category: a constant and what a log degree counts; feature:
    weight and scale, the standard deviation within a query. `header` are the lines that say where
    this comes from.
    """

    types: tuple[HopType, ...]
    own: Floats
    category: Mapping[str, tuple[float, float]]
    feature: Mapping[str, tuple[float, float]]
    counts: Counts
    header: tuple[str, ...] = ()

    def metapath(self, categories: tuple[str, ...]) -> float:
        """Return the log frequency of a sequence of categories after the source."""
        count = self.counts.metapaths.get(categories, 0.0)
        return float(np.log((count + 0.1) / (self.counts.queries + 0.1)))


@lru_cache(maxsize=8)
def step_costs(prior: Prior) -> tuple[Floats, Floats, Floats]:
    """Return -ln of the probability to start by, to end by, and of each step between types.

    (2K + 1), (2K + 1) and (2K + 1, 2K + 1) float64; the last place is an unlisted type.
    """
    counts, size = prior.counts, 2 * len(prior.types)
    used = counts.start + counts.step.sum(0)
    total = max(used.sum(), 1.0)
    ends = counts.end.sum() / total
    start = (counts.start + STRENGTH * used / total + 0.005) / (counts.start.sum() + STRENGTH)
    seen = counts.step.sum(1) + counts.end
    end = (counts.end + STRENGTH * ends) / (seen + STRENGTH)
    origin = [t[0] for t in prior.types] + [t[2] for t in prior.types]
    arrival = [t[2] for t in prior.types] + [t[0] for t in prior.types]
    joins = np.array(arrival, object)[:, None] == np.array(origin, object)[None, :]
    back_off = joins * (used + RARE)[None, :]
    back_off = back_off / np.maximum(back_off.sum(1, keepdims=True), 1e-12)
    step = (counts.step + STRENGTH * back_off * (1 - ends)) / (seen + STRENGTH)[:, None]
    costs = np.full((size + 1, size + 1), UNSEEN)
    costs[:size, :size] = _cost(step)
    return np.append(_cost(start), UNSEEN), np.append(_cost(end), UNSEEN), costs


def _cost(probability: Floats) -> Floats:
    capped: Floats = np.minimum(-np.log(np.maximum(probability, 1e-9)), CAP)
    return capped


def _walk(types: tuple[HopType, ...], code: int) -> str:
    """Return a directed type as text: `Gene -affects-> Disease`, `Disease <-affects- Gene`."""
    subject, predicate, obj = types[code % len(types)]
    if code < len(types):
        return f"{subject} -{predicate}-> {obj}"
    return f"{obj} <-{predicate}- {subject}"


def write_prior(prior: Prior) -> str:
    """Return the table as text: `parse_prior` reads it back."""
    lines = [f"# {line}" for line in prior.header]
    lines.append(f"queries\t{prior.counts.queries}")
    lines += [f"feature\t{n}\t{w:.5g}\t{s:.5g}" for n, (w, s) in prior.feature.items()]
    lines += [f"category\t{n}\t{a:.4g}\t{b:.4g}" for n, (a, b) in prior.category.items() if a or b]
    for name, terms in zip(prior.types, prior.own.tolist(), strict=True):
        lines.append("\t".join(["type", *name, *(f"{value:.4g}" for value in terms)]))
    counts = prior.counts
    for word, column in (("start", counts.start), ("end", counts.end)):
        for code in np.flatnonzero(column).tolist():
            lines.append(f"{word}\t{_walk(prior.types, code)}\t{column[code]:.4g}")
    for one, other in np.argwhere(counts.step).tolist():
        walks = f"{_walk(prior.types, one)}\t{_walk(prior.types, other)}"
        lines.append(f"step\t{walks}\t{counts.step[one, other]:.4g}")
    for names, count in sorted(counts.metapaths.items()):
        lines.append(f"metapath\t{' '.join(names)}\t{count:.4g}")
    return "\n".join(lines) + "\n"


def parse_prior(lines: Iterable[str]) -> Prior:
    r"""Return the prior of a table; raises `ValueError` or `KeyError` where it is torn.

    >>> lines = ["queries\t1",
    ...          "type\tDrug\taffects\tGene\t1\t0\t0\t0", "start\tDrug -affects-> Gene\t1"]
    >>> parse_prior(lines).counts.start.tolist()
    [1.0, 0.0]
    """
    rows: dict[str, list[list[str]]] = {}
    header = []
    for line in lines:
        if line.startswith("#"):
            header.append(line[2:].rstrip("\n"))
        else:
            word, *cells = line.rstrip("\n").split("\t")
            rows.setdefault(word, []).append(cells)
    types: tuple[HopType, ...] = tuple((c[0], c[1], c[2]) for c in rows.get("type", []))
    code = {_walk(types, i): i for i in range(2 * len(types))}
    start, end = np.zeros(2 * len(types)), np.zeros(2 * len(types))
    step = np.zeros((2 * len(types), 2 * len(types)))
    for name, column in (("start", start), ("end", end)):
        for walk, count in rows.get(name, []):
            column[code[walk]] = float(count)
    for one, other, count in rows.get("step", []):
        step[code[one], code[other]] = float(count)
    metapaths = {tuple(names.split(" ")): float(n) for names, n in rows.get("metapath", [])}
    own = np.array([[float(x) for x in cells[3:]] for cells in rows.get("type", [])])
    return Prior(
        types, own.reshape(-1, 4), _pairs(rows, "category"), _pairs(rows, "feature"),
        Counts(start, end, step, metapaths, int(rows["queries"][0][0])), tuple(header),
    )  # fmt: skip


def _pairs(rows: Mapping[str, list[list[str]]], word: str) -> dict[str, tuple[float, float]]:
    return {name: (float(a), float(b)) for name, a, b in rows.get(word, [])}


@cache
def read_prior() -> Prior:
    """Return the bundled prior."""
    text = files("mechkg.kg.ranking").joinpath("prior.tsv").read_text("utf-8")
    return parse_prior(text.splitlines())
