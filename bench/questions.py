"""The questions from which `bench.rank` learns: candidates, features, weights outside of a fold."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import minimize

from bench.mechanisms import LONGEST
from mechkg.kg.kernels.search import Answer, Task, search
from mechkg.kg.kernels.types import LENGTHS, UNIT
from mechkg.kg.model.queries import PathQuery
from mechkg.kg.ranking.learned import CANDIDATES, predicate_name, short_name, standard
from mechkg.kg.ranking.path_features import Candidates, features
from mechkg.kg.ranking.prior import Counts, Prior
from mechkg.kg.search.prepare import prepare
from mechkg.kg.search.rerank import candidates_of, hop_types_by
from mechkg.kg.snapshot.metagraph import metagraph
from mechkg.kg.snapshot.snapshot import Snapshot

FOLDS: Final = 5
SHARED, CONSTANT, SLOPE = 15.0, 1.0, 2.0
"""L2 penalties of features, of constants of types and categories, and of what degrees count."""
ITERATIONS: Final = 60

MECHANISMS: Final = ("used", "used_first", "used_for_target")
"""Features of curated mechanisms, whose weights are learned apart (`bench.curated`)."""

Floats = NDArray[np.float64]


@dataclass
class Question:
    """A question with its candidates, which of them are curated, and its curated paths."""

    asked: dict[str, Any]
    fold: int
    nodes: NDArray[np.int32]
    keys: NDArray[np.int64]
    curated: NDArray[np.bool_]
    walks: list[NDArray[np.int64]]
    metapaths: list[tuple[str, ...]]
    dense: NDArray[np.float32] | None = None
    own: Any = None

    @property
    def weight(self) -> float:
        """What the question counts in training."""
        return 1.0 if self.asked["tier"] == "primary" else 0.5


def folds_of(clusters: Iterable[str]) -> dict[str, int]:
    """Return the fold of each cluster: the largest clusters first, each to the smallest fold."""
    count, size, fold = Counter(clusters), [0] * FOLDS, {}
    for cluster in sorted(count, key=lambda name: (-count[name], name)):
        fold[cluster] = size.index(min(size))
        size[fold[cluster]] += count[cluster]
    return fold


class Training:
    """The questions of a gold file over one graph, and what is learned from them."""

    def __init__(self, snapshot: Snapshot, questions: Sequence[dict[str, Any]]) -> None:
        self.snapshot = snapshot
        self.fold = folds_of(q["cluster"] for q in questions)
        names = {p.id: predicate_name(p) for p in snapshot.schema.predicates}
        edges = metagraph(snapshot).edges
        self.types = tuple(
            sorted(
                {(short_name(e.subject), names[e.predicate], short_name(e.object)) for e in edges}
            )
        )
        self.categories = tuple(sorted({short_name(c.id) for c in snapshot.schema.categories}))
        self.blank = self.prior(_no_counts(len(self.types)), ())
        self.hop_types = hop_types_by(snapshot, self.blank)
        self.questions = [self._question(q) for q in questions]

    def prior(self, counts: Counts, weights: Sequence[float]) -> Prior:
        """Return a prior with some weights, those of types first; zeros where there are none."""
        k, c = len(self.types), len(self.categories)
        w = np.asarray(weights if len(weights) else np.zeros(4 * k + 2 * c))
        category = w[4 * k :].reshape(2, c).T.tolist()
        return Prior(
            self.types, w[: 4 * k].reshape(4, k).T.copy(),
            {n: (a, b) for n, (a, b) in zip(self.categories, category, strict=True)}, {}, counts,
        )  # fmt: skip

    def _question(self, asked: dict[str, Any]) -> Question:
        query = PathQuery(
            source=(asked["drug"],), target=(asked["disease"],), min_hops=2, max_hops=LONGEST,
            direction="undirected", timeout=60.0, scorer="specific",
        )  # fmt: skip
        prepared = prepare(self.snapshot, query)
        found = search(prepared.engine, prepared.task, CANDIDATES, prepared.watch)
        padded = self.padded(asked)
        curated = self._candidates(prepared.task, padded, np.ones(len(padded), np.int64))
        known = {bytes(path) for path in padded}
        return Question(
            asked, self.fold[asked["cluster"]], found.nodes, found.keys,
            np.array([bytes(path) in known for path in found.nodes], bool),
            [walk[hop] for walk, hop in zip(curated.known, curated.hop, strict=True)],
            [
                tuple(curated.names[c] for c in codes[1:][hop])
                for codes, hop in zip(curated.category, curated.hop, strict=True)
            ],
        )  # fmt: skip

    def padded(self, asked: dict[str, Any]) -> NDArray[np.int32]:
        """Return the curated paths of a question as rows of entities, -1 behind their end."""
        row = self.snapshot.records.entity_row
        gold = [[row(name) for name in path] for path in asked["paths"] if len(path) <= LONGEST + 1]
        padded = np.full((len(gold), LONGEST + 1), -1, np.int32)
        for i, path in enumerate(gold):
            padded[i, : len(path)] = path
        return padded

    def _candidates(
        self, task: Task, nodes: NDArray[np.int32], keys: NDArray[np.int64]
    ) -> Candidates:
        answer = Answer(nodes, keys, None, np.zeros(4, np.int64), exact=True)
        return candidates_of(self.snapshot, task, answer, self.blank, self.hop_types)

    def counts(self, fold: int) -> Counts:
        """Return the counts of the curated paths outside of a fold."""
        size = 2 * len(self.types)
        made = _no_counts(size // 2)
        metapaths: dict[tuple[str, ...], float] = defaultdict(float)
        some = [q for q in self.questions if q.fold != fold and q.walks]
        for question in some:
            weight = 1.0 / len(question.walks)
            for walk in question.walks:
                made.start[walk[0]] += weight
                made.end[walk[-1]] += weight
                np.add.at(made.step, (walk[:-1], walk[1:]), weight)
            for metapath in question.metapaths:
                metapaths[metapath] += weight
        return replace(made, metapaths=dict(metapaths), queries=len(some))

    def describe(self) -> list[str]:
        """Give each question its features, by counts of the other folds; return their names."""
        names: list[str] = []
        priors = [self.prior(self.counts(fold), ()) for fold in range(FOLDS)]
        task = self._task()
        for question in self.questions:
            if len(question.keys):
                found = self._candidates(task, question.nodes, question.keys)
                named = features(found, priors[question.fold])
                flat = {
                    name: v
                    for part in named.values()
                    for name, v in part.items()
                    if name not in MECHANISMS
                }
                names = list(flat)
                question.dense = np.column_stack(list(flat.values())).astype(np.float32)
                question.own = self.own(found)
        self.names = names
        return names

    def _task(self) -> Task:
        asked = self.questions[0].asked
        query = PathQuery(
            source=(asked["drug"],), target=(asked["disease"],), direction="undirected",
            scorer="specific",
        )  # fmt: skip
        return prepare(self.snapshot, query).task

    def own(self, c: Candidates) -> Any:
        """Return a row a path: constants and degrees by type, then by category."""
        k, width = len(self.types), len(self.categories)
        path, hop = np.nonzero(c.hop)
        known = c.known[path, hop]
        against = known >= k
        ahead, behind = c.ahead[path, hop], c.behind[path, hop]
        support = c.support[path, hop]
        subject, obj = np.where(against, behind, ahead), np.where(against, ahead, behind)
        one = known % k
        inner, place = np.nonzero(c.inner)
        code = {name: i for i, name in enumerate(self.categories)}
        of_code = np.array([code[name] for name in c.names])
        category = of_code[c.category[inner, place]]
        degree = c.degree[inner, place]
        values = (np.ones(len(one)), subject, obj, support, np.ones(len(inner)), degree)
        hops = (one, k + one, 2 * k + one, 3 * k + one)
        columns = (*hops, 4 * k + category, 4 * k + width + category)
        rows = (path, path, path, path, inner, inner)
        return sparse.csr_matrix(
            (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))),
            shape=(len(c.cost), 4 * k + 2 * width), dtype=np.float32,
        )  # fmt: skip

    def learn(self, fold: int, scale: Floats) -> Floats:
        """Return the weights learned outside of a fold: features, then types and categories."""
        some = [
            q for q in self.questions if q.fold != fold and q.curated.any() and not q.curated.all()
        ]
        k, c = len(self.types), len(self.categories)
        penalty = np.repeat(
            [SHARED, CONSTANT, SLOPE, CONSTANT, SLOPE], [len(scale), k, 3 * k, c, c]
        )
        matrix = sparse.vstack([design(q, scale) for q in some]).tocsr()
        return listwise(some, matrix, penalty)


def _no_counts(types: int) -> Counts:
    size = 2 * types
    return Counts(np.zeros(size), np.zeros(size), np.zeros((size, size)), {}, 0)


def cost_of(question: Question) -> Floats:
    """Return what the candidates of a question cost by the unlearned score, in points."""
    return question.keys // LENGTHS / UNIT


def design(question: Question, scale: Floats) -> Any:
    """Return the features of the candidates as the scorer takes them, and their own terms."""
    assert question.dense is not None
    columns = [standard(v, s) for v, s in zip(question.dense.T.astype(float), scale, strict=True)]
    return sparse.hstack([sparse.csr_matrix(np.column_stack(columns)), question.own], format="csr")


def listwise(some: Sequence[Question], matrix: Any, penalty: Floats) -> Floats:
    """Return the weights of least -ln(share of the curated) a list, plus penalty * weight ** 2."""
    base = -np.concatenate([cost_of(q) for q in some])
    curated = np.concatenate([q.curated for q in some]).astype(float)
    sizes = np.array([len(q.keys) for q in some])
    weight = np.array([q.weight for q in some])
    starts = np.cumsum(sizes) - sizes
    of = np.repeat(np.arange(len(sizes)), sizes)
    turned = matrix.T.tocsr()

    def loss(w: Floats) -> tuple[float, Floats]:
        score = base + matrix @ w
        likely = np.exp(score - np.maximum.reduceat(score, starts)[of])
        right = likely * curated
        every, good = np.add.reduceat(likely, starts), np.add.reduceat(right, starts) + 1e-300
        slope = weight[of] * (likely / every[of] - right / good[of])
        value = (weight * (np.log(every) - np.log(good))).sum() + (penalty * w * w).sum()
        return float(value), turned @ slope + 2 * penalty * w

    found = minimize(
        loss, np.zeros(matrix.shape[1]), jac=True, method="L-BFGS-B",
        options={"maxiter": ITERATIONS, "maxcor": 8},
    )  # fmt: skip
    return np.asarray(found.x)
