"""What curated mechanisms of other questions add to the learned scorer: its part `mechanisms`.

For each fold, the curated paths of the other folds are the mechanisms that a user would load: the
questions of the fold are searched with them (`kg.ranking.curated`), and three weights, none below
0, are learned on top of those that `bench.rank` learned without mechanisms.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from bench.mechanisms import LONGEST, Curies
from bench.questions import MECHANISMS, Question, Training, cost_of, design
from mechkg.kg.kernels.search import search, watch_for
from mechkg.kg.model.mechanisms import Mechanism, Step
from mechkg.kg.model.queries import PathQuery
from mechkg.kg.ranking.costs import Costs, costs_of
from mechkg.kg.ranking.curated import with_curated
from mechkg.kg.ranking.learned import CANDIDATES, LEARNED
from mechkg.kg.ranking.path_features import features
from mechkg.kg.ranking.prior import Prior
from mechkg.kg.ranking.scorer import Support
from mechkg.kg.search.compile_query import compile_query
from mechkg.kg.search.context import SearchContext
from mechkg.kg.search.rerank import candidates_of
from mechkg.kg.snapshot.curated import CuratedUses, uses_of

__all__ = ["NAMES", "CuratedTraining"]

NAMES: Final = MECHANISMS
"""The features whose weights are learned here; their scale is 1."""

PENALTY: Final = 2.0

Floats = NDArray[np.float64]


def mechanisms_of(questions: Sequence[Question], fold: int) -> tuple[Mechanism, ...]:
    """Return the curated paths of the questions outside of a fold."""
    return tuple(
        Mechanism(
            q.asked["query_id"], "gold",
            tuple(
                Step(one, other)
                for path in q.asked["paths"]
                for one, other in pairwise(path)
            ),
        )
        for q in questions
        if q.fold != fold
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scored:
    """A question as it was searched, the scores of its candidates, and `NAMES` of each."""

    question: Question
    score: Floats
    used: Floats


@dataclass(frozen=True, slots=True)
class Fold:
    """What the questions of a fold are searched with, and the weights learned outside of it."""

    context: SearchContext
    costs: Costs
    uses: CuratedUses
    prior: Prior
    weights: Floats
    scale: Floats


class CuratedTraining:
    """The questions of a training as they are searched with the mechanisms of other folds."""

    def __init__(self, training: Training, weights: Mapping[int, Floats], scale: Floats) -> None:
        self.training = training
        self.found: list[Scored] = []
        for number in sorted({q.fold for q in training.questions}):
            fold = self._fold(number, weights[number], scale)
            some = [q for q in training.questions if q.fold == number]
            self.found += [self._searched(question, fold) for question in some]

    def _fold(self, number: int, weights: Floats, scale: Floats) -> Fold:
        snapshot = self.training.snapshot
        uses = uses_of(snapshot, mechanisms_of(self.training.questions, number))
        support = Support(snapshot.index.carrying, None, uses)
        costs = costs_of(snapshot.index, snapshot.schema, with_curated(LEARNED), support)
        prior = self.training.prior(self.training.counts(number), ())
        return Fold(SearchContext(snapshot), costs, uses, prior, weights, scale)

    def _searched(self, question: Question, fold: Fold) -> Scored:
        """Return the candidates of a question with their scores and `NAMES`."""
        training, asked = self.training, question.asked
        query = PathQuery(
            source=(asked["drug"],), target=(asked["disease"],), min_hops=2, max_hops=LONGEST,
            direction="undirected", scorer="specific",
        )  # fmt: skip
        task = compile_query(fold.context, query, fold.costs)
        answer = search(fold.context.engine, task, CANDIDATES, watch_for(60.0))
        gold = {bytes(path) for path in training.padded(asked)}
        made = replace(
            question, nodes=answer.nodes, keys=answer.keys,
            curated=np.array([bytes(path) in gold for path in answer.nodes], bool),
        )  # fmt: skip
        if not len(answer.keys):
            return Scored(made, np.zeros(0), np.zeros((0, len(NAMES))))
        c = candidates_of(
            training.snapshot, task, answer, training.blank, training.hop_types, curated=fold.uses
        )
        flat = {n: v for part in features(c, fold.prior).values() for n, v in part.items()}
        made.dense = np.column_stack([flat[n] for n in training.names]).astype(np.float32)
        made.own = training.own(c)
        score = design(made, fold.scale) @ fold.weights - cost_of(made)
        return Scored(made, score, np.column_stack([flat[n] for n in NAMES]))

    def learn(self, fold: int) -> Floats:
        """Return the weights of `NAMES` learned outside of a fold, none below 0."""
        some = [
            one for one in self.found
            if one.question.fold != fold
            and one.question.curated.any() and not one.question.curated.all()
        ]  # fmt: skip
        base = np.concatenate([one.score for one in some])
        matrix = np.concatenate([one.used for one in some])
        good = np.concatenate([one.question.curated for one in some]).astype(float)
        sizes = np.array([len(one.score) for one in some])
        weight = np.array([one.question.weight for one in some])
        starts = np.cumsum(sizes) - sizes
        of = np.repeat(np.arange(len(sizes)), sizes)

        def loss(w: Floats) -> tuple[float, Floats]:
            score = base + matrix @ w
            likely = np.exp(score - np.maximum.reduceat(score, starts)[of])
            every = np.add.reduceat(likely, starts)
            right = np.add.reduceat(likely * good, starts) + 1e-300
            slope = weight[of] * (likely / every[of] - likely * good / right[of])
            value = (weight * (np.log(every) - np.log(right))).sum() + PENALTY * (w * w).sum()
            return float(value), slope @ matrix + 2 * PENALTY * w

        bounds = [(0.0, None)] * len(NAMES)
        return np.asarray(
            minimize(loss, np.zeros(len(NAMES)), jac=True, method="L-BFGS-B", bounds=bounds).x
        )

    def ranked(self) -> dict[str, list[Curies]]:
        """Return the best paths of each question, by weights learned outside its fold."""
        folds = {one.question.fold for one in self.found}
        learned = {fold: self.learn(fold) for fold in folds}
        names = self.training.snapshot.records.path_entities
        runs = {}
        for one in self.found:
            score = one.score + one.used @ learned[one.question.fold]
            order = np.argsort(-score, kind="stable")[:100]
            rows = [row[row >= 0] for row in one.question.nodes[order]]
            runs[one.question.asked["query_id"]] = [
                tuple(entity.id for entity in names(row)) for row in rows
            ]
        return runs
