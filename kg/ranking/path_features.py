"""What tells a path from the other candidates of a query: named features, in numpy.

Every feature is a number a path. Some are of the path alone (its relations, degrees), some say how
it lies among the others: how many share its mediators, its metapath, its first entity. The rank of
a path is that by its unlearned score, so that all of this is a function of the candidates alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mechkg.kg.ranking.prior import Prior, step_costs

__all__ = ["PARTS", "Candidates", "features", "own_terms"]

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
Mask = NDArray[np.bool_]

PARTS: Final = (
    "rank", "relations", "degrees", "shared", "crowding", "shortcuts", "support", "mechanisms",
)  # fmt: skip
"""The parts of a score that features are summed up to."""

FLOOR: Final = 1e-4
"""A share of candidates that counts as none."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """The best paths of a query by an unlearned score, in its order.

    With k paths of at most h hops: nodes (k, h+1; int64 rows, -1 padded), cost (k; points of the
    unlearned score, negated), statement (k, h; int64 rows), walk (k, h; int64 directed types of
    the graph), known (k, h; the same in the prior, its last place for an unlisted type), ahead and
    behind (k, h; log typed degree at the begin and at the end of a hop), support (k, h; how well
    a statement is corroborated among those of its type, `HopTypes`), degree (k, h+1; log degree),
    category (k, h+1; int64 codes), names of categories by code; chord (4, k): pairs of entities of
    the path that a statement joins, those two hops apart, those with the source, and those with
    the target; uses (2, k, h): how many curated mechanisms use a statement, and how many of these
    lead over the target.
    """

    nodes: Rows
    cost: Floats
    statement: Rows
    walk: Rows
    known: Rows
    ahead: Floats
    behind: Floats
    support: Floats
    degree: Floats
    category: Rows
    names: tuple[str, ...]
    chord: Floats
    uses: Floats

    @property
    def hop(self) -> Mask:
        """Which hops there are (k, h)."""
        mask: Mask = self.nodes[:, 1:] >= 0
        return mask

    @property
    def inner(self) -> Mask:
        """Which of the first h places hold an entity between the ends (k, h)."""
        mask = self.hop.copy()
        mask[:, 0] = False
        return mask


def _least_most_sum(name: str, values: Floats, mask: Mask) -> dict[str, Floats]:
    """Return the least, the greatest and the sum of what a mask picks, path by path; else 0."""
    some = mask.any(1)
    return {
        f"{name}_min": np.where(some, np.where(mask, values, np.inf).min(1), 0.0),
        f"{name}_max": np.where(some, np.where(mask, values, -np.inf).max(1), 0.0),
        f"{name}_sum": np.where(mask, values, 0.0).sum(1),
    }


def _last(values: NDArray[Any], mask: Mask) -> NDArray[Any]:
    """Return the value at the last hop of each path."""
    found: NDArray[Any] = values[np.arange(len(values)), mask.sum(1) - 1]
    return found


def _position(c: Candidates) -> dict[str, Floats]:
    hops = c.hop.sum(1)
    rank = np.log1p(np.arange(len(c.cost)))
    return {"cost": c.cost, "rank": rank, "hops": hops.astype(float), "cost_per_hop": c.cost / hops}


def _relations(c: Candidates, prior: Prior) -> dict[str, Floats]:
    start, end, step = step_costs(prior)
    hop, known = c.hop, c.known
    begin, finish = start[known[:, 0]], end[_last(known, hop)]
    steps = np.where(hop[:, 1:], step[known[:, :-1], known[:, 1:]], 0.0).sum(1)
    metapath = _sequence(c.category[:, 1:], hop)
    _, first, place = np.unique(metapath, return_index=True, return_inverse=True)
    logs = []
    for i in first.tolist():
        codes = c.category[i, 1:][hop[i]].tolist()
        logs.append(prior.metapath(tuple(c.names[code] for code in codes)))
    return {
        "steps": begin + steps + finish, "step_start": begin, "step_end": finish,
        "metapath": np.array(logs)[place.ravel()],
    }  # fmt: skip


def _sequence(codes: Rows, mask: Mask) -> Rows:
    """Return one number for each sequence of codes."""
    width = int(codes.max(initial=0)) + 2
    found = np.zeros(len(codes), np.int64)
    fits, used = np.iinfo(np.int64).max // width - 1, 1
    for column, there in zip(codes.T, mask.T, strict=True):
        if used > fits:
            found, used = np.unique(found, return_inverse=True)[1].ravel(), len(codes)
        found, used = found * width + np.where(there, column + 1, 0), used * width
    return found


def _degrees(c: Candidates) -> dict[str, Floats]:
    hop, inner = c.hop, c.inner
    own = c.degree[:, :-1]
    return {
        **_least_most_sum("ahead", c.ahead, hop),
        **_least_most_sum("behind", c.behind, hop),
        "ahead_first": c.ahead[:, 0],
        "ahead_last": _last(c.ahead, hop),
        "behind_first": c.behind[:, 0],
        "behind_last": _last(c.behind, hop),
        **_least_most_sum("degree", own, inner),
        "degree_first": own[:, 1],
        "degree_last": _last(own, hop),
    }


def _shared(c: Candidates) -> dict[str, Floats]:
    """Return how much of the candidates share an entity or a statement: all alike, or by score."""
    found: dict[str, Floats] = {}
    likely = np.exp(-(c.cost - c.cost.min()))
    weights = {"likely": likely / likely.sum(), "all": np.full(len(c.cost), 1 / len(c.cost))}
    for word, weight in weights.items():
        for name, values, mask in (
            ("entity", c.nodes[:, :-1], c.inner), ("statement", c.statement, c.hop),
        ):  # fmt: skip
            share = _share(values, mask, weight)
            found |= _least_most_sum(f"{name}_{word}", share, mask)
            if name == "entity":
                found[f"{name}_{word}_first"] = share[:, 1]
                found[f"{name}_{word}_last"] = _last(share, c.hop)
    found["rank_first"] = _rank_within(c.nodes[:, 1])
    found["rank_last"] = _rank_within(_last(c.nodes[:, :-1], c.hop))
    return found


def _share(values: Rows, mask: Mask, weight: Floats) -> Floats:
    """Return the log of what share of the other paths has each value, 0 where there is none."""
    _, place = np.unique(values[mask], return_inverse=True)
    own = np.broadcast_to(weight[:, None], values.shape)[mask]
    others = np.bincount(place.ravel(), weights=own)[place.ravel()] - own
    share = np.zeros(values.shape)
    share[mask] = np.log(np.maximum(others, 0.0) + FLOOR)
    return share


def _rank_within(group: Rows) -> Floats:
    """Return the log of how many paths of the same group come before each."""
    _, place, count = np.unique(group, return_inverse=True, return_counts=True)
    order = np.argsort(place.ravel(), kind="stable")
    before = np.zeros(len(group))
    starts = np.cumsum(count) - count
    before[order] = np.arange(len(group)) - starts[place.ravel()[order]]
    ranked: Floats = np.log1p(before)
    return ranked


def _crowding(c: Candidates) -> dict[str, Floats]:
    found = {}
    for name, codes in (("categories", c.category[:, 1:]), ("relations", c.walk)):
        metapath = _sequence(codes, c.hop)
        _, place, count = np.unique(metapath, return_inverse=True, return_counts=True)
        found[f"crowd_{name}"] = np.log(count.astype(float))[place.ravel()]
        found[f"rank_{name}"] = _rank_within(metapath)
    return found


def _shortcuts(c: Candidates) -> dict[str, Floats]:
    names = ("chords", "triangles", "chords_source", "chords_target")
    return dict(zip(names, c.chord, strict=True))


def _support(c: Candidates) -> dict[str, Floats]:
    return {
        **_least_most_sum("support", c.support, c.hop),
        "support_mean": np.where(c.hop, c.support, 0.0).sum(1) / c.hop.sum(1),
        "support_first": c.support[:, 0],
        "support_last": _last(c.support, c.hop),
    }


def _mechanisms(c: Candidates) -> dict[str, Floats]:
    """Return what curated mechanisms use of each path: 0 throughout where a graph has none."""
    every, of_target = np.log1p(np.where(c.hop, c.uses, 0.0))
    return {
        "used": every.sum(1),
        "used_first": np.minimum(every[:, 0], 1.0),
        "used_for_target": of_target.sum(1),
    }


def features(c: Candidates, prior: Prior) -> dict[str, dict[str, Floats]]:
    """Return the features of some candidates by part: float64 a path; O(k log k * hops)."""
    return {
        "rank": _position(c),
        "relations": _relations(c, prior),
        "degrees": _degrees(c),
        "shared": _shared(c),
        "crowding": _crowding(c),
        "shortcuts": _shortcuts(c),
        "support": _support(c),
        "mechanisms": _mechanisms(c),
    }


def own_terms(c: Candidates, prior: Prior) -> dict[str, Floats]:
    """Return what the types and categories of each path count on their own, by part."""
    size = len(prior.types)
    listed = c.hop & (c.known < 2 * size)
    own = np.vstack([prior.own, np.zeros((1, 4))])[np.where(listed, c.known % max(size, 1), size)]
    against = c.known >= size
    subject = np.where(against, c.behind, c.ahead)
    obj = np.where(against, c.ahead, c.behind)
    table = np.array([prior.category.get(name, (0.0, 0.0)) for name in c.names]).reshape(-1, 2)
    entity = table[np.where(c.inner, c.category[:, :-1], 0)]
    middle = np.where(c.inner, entity[..., 0] + entity[..., 1] * c.degree[:, :-1], 0.0)
    typed = own[..., 1] * subject + own[..., 2] * obj
    return {
        "relations": own[..., 0].sum(1),
        "degrees": typed.sum(1) + middle.sum(1),
        "support": (own[..., 3] * c.support).sum(1),
    }
