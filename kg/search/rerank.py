"""Put the best paths of a query in order by the learned scorer (`kg.ranking.learned`)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mechkg.kg.kernels.search import Answer, Task, hop_statements
from mechkg.kg.kernels.types import LENGTHS, UNIT
from mechkg.kg.ranking.hubs import log_degree
from mechkg.kg.ranking.learned import (
    CANDIDATES,
    fits,
    learned_points,
    predicate_name,
    short_name,
)
from mechkg.kg.ranking.path_features import Candidates
from mechkg.kg.ranking.prior import Prior, read_prior
from mechkg.kg.snapshot.curated import CuratedUses
from mechkg.kg.snapshot.metagraph import metagraph
from mechkg.kg.snapshot.snapshot import Snapshot

__all__ = [
    "HopTypes",
    "LearnedAnswer",
    "added_to",
    "candidates_of",
    "first_of",
    "hop_types_by",
    "learned_fits",
    "rerank",
]

MAX_STATEMENTS: Final = 5_000_000
"""Statements of a graph whose types are numbered, at most: some 14 bytes each, and a second."""


NO_ROUTE: Final = 0.05
"""What is added to a score of corroboration before its logarithm is taken."""

MOST: Final = 4.0
"""Standard deviations of corroboration that count at most."""

TINY: Final = 1e-6
"""The least variance of the scores of a type."""


@dataclass(frozen=True, slots=True)
class LearnedAnswer(Answer):
    """Paths in learned order; `added` (k, parts; float64) is what each part of that costs them."""

    added: NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, 0)))


def added_to(answer: Answer) -> NDArray[np.float64] | None:
    """Return what the learned parts of a score cost the paths of an answer, if it has any."""
    return answer.added if isinstance(answer, LearnedAnswer) else None


def first_of(answer: Answer, k: int) -> Answer:
    """Return an answer with its first k paths."""
    cut = replace(answer, nodes=answer.nodes[:k], keys=answer.keys[:k])
    return replace(cut, added=cut.added[:k]) if isinstance(cut, LearnedAnswer) else cut


@dataclass(frozen=True, slots=True)
class HopTypes:
    """The types of a snapshot's statements.

    kind (rows, int64) numbers the type of each statement, subject and object (rows, float32) are
    the log of how many statements of its type each end has; support (rows, float32) is how well
    it is corroborated, as its distance from the mean of its type in standard deviations of the log
    score, 0 where that was not counted; known (kinds, int64) is the place of
    a type in the prior, -1 where it is not listed; degree (n, float64) is log degree.
    """

    kind: NDArray[np.int64]
    subject: NDArray[np.float32]
    object: NDArray[np.float32]
    support: NDArray[np.float32]
    known: NDArray[np.int64]
    degree: NDArray[np.float64]
    categories: tuple[str, ...]

    @classmethod
    def of(cls, snapshot: Snapshot) -> HopTypes:
        """Return the types of a snapshot, made on first use; O(statements * log statements)."""
        return snapshot.cached(_hop_types)


def _hop_types(snapshot: Snapshot) -> HopTypes:
    return hop_types_by(snapshot, read_prior())


def hop_types_by(snapshot: Snapshot, prior: Prior) -> HopTypes:
    """Return the types of a snapshot as a prior lists them; O(statements * log statements)."""
    index, schema = snapshot.index, snapshot.schema
    category = np.asarray(index.category).astype(np.int64)
    subject, obj = np.asarray(index.subject), np.asarray(index.object)
    width, predicates = len(schema.categories), len(schema.predicates)
    codes = (category[subject] * predicates + index.predicate) * width + category[obj]
    distinct, kind = np.unique(codes, return_inverse=True)
    kind = kind.ravel()
    categories = tuple(short_name(c.id) for c in schema.categories)
    names = [predicate_name(predicate) for predicate in schema.predicates]
    listed = {hop_type: place for place, hop_type in enumerate(prior.types)}
    known = [
        listed.get((categories[a], names[p], categories[b]), -1)
        for a, p, b in zip(
            (distinct // (predicates * width)).tolist(),
            (distinct // width % predicates).tolist(),
            (distinct % width).tolist(),
            strict=True,
        )
    ]
    return HopTypes(
        kind,
        _typed_degree(subject, kind, len(distinct)),
        _typed_degree(obj, kind, len(distinct)),
        _support(snapshot, kind, len(distinct)),
        np.array(known, np.int64),
        log_degree(index),
        categories,
    )


def _typed_degree(
    end: NDArray[np.int32], kind: NDArray[np.int64], kinds: int
) -> NDArray[np.float32]:
    """Return the log of how many statements share one end and the type of each statement."""
    _, place, count = np.unique(
        end.astype(np.int64) * kinds + kind, return_inverse=True, return_counts=True
    )
    logs: NDArray[np.float32] = np.log(count).astype(np.float32)[place.ravel()]
    return logs


def _support(snapshot: Snapshot, kind: NDArray[np.int64], kinds: int) -> NDArray[np.float32]:
    """Return how well statements are corroborated among those of their type, within `MOST`."""
    support = np.zeros(len(kind), np.float32)
    if snapshot.corroboration is None:
        return support
    logs = np.log(snapshot.corroboration.score.astype(np.float64) + NO_ROUTE)
    some = kind[: len(logs)]
    count = np.maximum(np.bincount(some, minlength=kinds), 1)
    mean = np.bincount(some, logs, kinds) / count
    spread = np.sqrt(np.maximum(np.bincount(some, logs * logs, kinds) / count - mean**2, TINY))
    support[: len(logs)] = np.clip((logs - mean[some]) / spread[some], -MOST, MOST)
    return support


def learned_fits(snapshot: Snapshot) -> bool:
    """Say whether the learned scorer knows most statements of a graph; kept after the first call.

    Not so for a graph of more than `MAX_STATEMENTS`.
    """
    return snapshot.cached(_fits)


def _fits(snapshot: Snapshot) -> bool:
    if snapshot.index.statements > MAX_STATEMENTS:
        return False
    names = {p.id: predicate_name(p) for p in snapshot.schema.predicates}
    types = (
        ((short_name(e.subject), names[e.predicate], short_name(e.object)), e.statements)
        for e in metagraph(snapshot).edges
    )
    return fits(read_prior(), types)


def rerank(snapshot: Snapshot, task: Task, answer: Answer) -> Answer:
    """Return an answer with its first `CANDIDATES` paths in learned order, and their points.

    Keys become those of the learned score: that of no candidate is above that of the last one
    before, so that what follows keeps its own.
    """
    size = min(len(answer.keys), CANDIDATES)
    if size == 0 or answer.bound is not None:
        return answer
    keys = answer.keys[:size]
    prior = read_prior()
    nodes = answer.nodes[:size]
    types, best = HopTypes.of(snapshot), first_of(answer, size)
    found = candidates_of(snapshot, task, best, prior, types, curated=snapshot.curated)
    points = learned_points(found, prior)
    units = np.rint(points * UNIT).astype(np.int64)
    cost = keys // LENGTHS - units.sum(1)
    offset = min(0, int(keys[-1] // LENGTHS - cost.max()))
    fresh = (cost + offset) * LENGTHS + keys % LENGTHS
    order = np.lexsort((np.arange(size), fresh))
    added = np.zeros((len(answer.keys), points.shape[1] + 1))
    added[:size, :-1] = -units[order] / UNIT
    added[:size, -1] = offset / UNIT
    return LearnedAnswer(
        np.concatenate([nodes[order], answer.nodes[size:]]),
        np.concatenate([fresh[order], answer.keys[size:]]),
        answer.bound, answer.counts, exact=answer.exact, added=added,
    )  # fmt: skip


def candidates_of(
    snapshot: Snapshot,
    task: Task,
    answer: Answer,
    prior: Prior,
    types: HopTypes,
    *,
    curated: CuratedUses | None = None,
) -> Candidates:
    """Return paths as features see them; each hop by the first of its statements."""
    wide = answer.nodes.astype(np.int64)
    if wide.shape[1] < 3:  # features look at the first entity between the ends
        wide = np.pad(wide, ((0, 0), (0, 3 - wide.shape[1])), constant_values=-1)
    kinds = len(types.known)
    hop = wide[:, 1:] >= 0
    refs = np.zeros(hop.shape, np.int64)
    refs[hop] = _first_statement(task, wide[:, :-1][hop], wide[:, 1:][hop], len(types.degree))
    against = refs < 0
    statement = np.where(against, ~refs, refs)
    kind = types.kind[statement]
    known = types.known[kind]
    known = np.where(known < 0, 2 * len(prior.types), known + len(prior.types) * against)
    subject, obj = types.subject[statement], types.object[statement]
    real = np.maximum(wide, 0)
    return Candidates(
        nodes=wide,
        cost=answer.keys // LENGTHS / UNIT,
        statement=statement,
        walk=kind + kinds * against,
        known=known,
        ahead=np.where(against, obj, subject).astype(np.float64),
        behind=np.where(against, subject, obj).astype(np.float64),
        support=np.where(hop, types.support[statement], 0.0).astype(np.float64),
        degree=np.where(wide >= 0, types.degree[real], 0.0),
        category=np.asarray(snapshot.index.category)[real].astype(np.int64),
        names=types.categories,
        chord=_chords(task, wide, len(types.degree)),
        uses=_uses(curated, wide, statement),
    )


def _uses(
    curated: CuratedUses | None, nodes: NDArray[np.int64], statement: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return how many mechanisms use the statements of paths, and how many with the target."""
    uses = np.zeros((2, *statement.shape))
    if curated is None:
        return uses
    uses[0] = np.append(curated.count, 0)[np.minimum(statement, len(curated.count))]
    last = nodes[np.arange(len(nodes)), (nodes >= 0).sum(1) - 1]
    path, hop = np.nonzero(uses[0])
    pairs = np.stack([statement[path, hop], last[path]])
    distinct, place = np.unique(pairs, axis=1, return_inverse=True)
    counts = [curated.with_member(row, end) for row, end in distinct.T.tolist()]
    uses[1][path, hop] = np.array(counts, float)[place.ravel()]
    return uses


def _first_statement(
    task: Task, tail: NDArray[np.int64], head: NDArray[np.int64], entities: int
) -> NDArray[np.int64]:
    """Return the first admitted statement of each hop, ~row where it is walked in reverse."""
    pairs, place = np.unique(tail * entities + head, return_inverse=True)
    ptr, refs = _statements(task, pairs, entities)
    first: NDArray[np.int64] = refs[ptr[:-1]][place.ravel()].astype(np.int64)
    return first


def _statements(
    task: Task, pairs: NDArray[np.int64], entities: int
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    tail, head = (pairs // entities).astype(np.int32), (pairs % entities).astype(np.int32)
    return hop_statements(task, tail, head)


def _chords(task: Task, nodes: NDArray[np.int64], entities: int) -> NDArray[np.float64]:
    """Return how many statements join entities of a path that are not next to each other."""
    hops, found = (nodes >= 0).sum(1) - 1, []
    for i in range(nodes.shape[1] - 2):
        for j in range(i + 2, nodes.shape[1]):
            # The ends themselves are left out: whether they are joined is the question.
            rows = np.flatnonzero((nodes[:, j] >= 0) & ~((i == 0) & (hops == j)))
            found.append(np.stack([rows, np.full(len(rows), i), np.full(len(rows), j)]))
    if not found:
        return np.zeros((4, len(nodes)))
    rows, i, j = np.concatenate(found, axis=1)
    pairs, place = np.unique(nodes[rows, i] * entities + nodes[rows, j], return_inverse=True)
    ptr, _ = _statements(task, pairs, entities)
    joined = (np.diff(ptr) > 0)[place.ravel()].astype(np.float64)
    picks = (np.ones(len(rows)), j == i + 2, i == 0, j == hops[rows])
    return np.stack([np.bincount(rows, joined * pick, len(nodes)) for pick in picks])
