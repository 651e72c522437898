"""Learn the table of the scorer `learned` from curated paths: `make rank`.

`python -m bench.rank GOLD --data DIR --graph NAME` searches the candidates of each question of a
gold file (`bench.mechanisms`) with the product itself, learns the weights of their features by a
listwise loss, -ln of the share that the curated paths have among the candidates (Cao et al. 2007),
with an L2 penalty, and writes `kg/ranking/prior.tsv`. Figures come from five folds over clusters
of drugs: a question is ranked by weights and counts of the other folds.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bench.curated import NAMES, CuratedTraining
from bench.mechanisms import LONGEST, Curies, read_gold, table
from bench.questions import FOLDS, Question, Training, cost_of, design
from mechkg import open_graph
from mechkg.kg.ranking.learned import CANDIDATES
from mechkg.kg.ranking.prior import write_prior

TABLE: Final = Path(__file__).parents[1] / "kg" / "ranking" / "prior.tsv"

Floats = NDArray[np.float64]


def ranked(training: Training, question: Question, weights: Floats, scale: Floats) -> list[Curies]:
    """Return the candidates of a question in the order that some weights give."""
    if not len(question.keys):
        return []
    score = design(question, scale) @ weights - cost_of(question)
    order = np.argsort(-score, kind="stable")[:100]
    names = training.snapshot.records.path_entities
    rows = [row[row >= 0] for row in question.nodes[order]]
    return [tuple(entity.id for entity in names(row)) for row in rows]


def main(arguments: list[str]) -> int:
    """Learn, print the figures of the folds and write the table; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench.rank", description=__doc__)
    parser.add_argument("gold", type=Path)
    parser.add_argument("--data", type=Path, default=Path("data"), help="where snapshots are")
    parser.add_argument("--graph", default="mechanisms", help="name of the loaded graph")
    parser.add_argument("--sample", type=int, default=0, help="learn from only so many questions")
    parser.add_argument("--table", type=Path, default=TABLE, help="where the table goes")
    given = parser.parse_args(arguments)
    graph = open_graph(given.data / given.graph / "current")
    primary = read_gold(given.gold, "primary", given.sample)
    others = [q for q in read_gold(given.gold, "all") if q["tier"] != "primary"]
    others = [q for q in others if q["max_hops"] <= LONGEST]
    training = Training(graph.snapshot, [*primary, *others[: given.sample or None]])
    names = training.describe()
    varied = [q.dense.var(0) for q in training.questions if q.dense is not None]
    scale = np.sqrt(np.mean(varied, axis=0).astype(float)) + 1e-6
    learned = {fold: training.learn(fold, scale) for fold in range(FOLDS)}
    runs = {
        q.asked["query_id"]: ranked(training, q, learned[q.fold], scale)
        for q in training.questions
        if q.asked["tier"] == "primary"
    }
    figures = table(primary, [runs[q["query_id"]] for q in primary])
    print(figures, flush=True)
    with_mechanisms = CuratedTraining(training, learned, scale)
    curated_runs = with_mechanisms.ranked()
    curated_figures = table(primary, [curated_runs[q["query_id"]] for q in primary])
    print(curated_figures, flush=True)
    weights = training.learn(-1, scale)
    prior = training.prior(training.counts(-1), weights[len(names) :].tolist())
    feature = {n: (float(w), float(s)) for n, w, s in zip(names, weights, scale, strict=False)}
    feature |= {n: (float(w), 1.0) for n, w in zip(NAMES, with_mechanisms.learn(-1), strict=True)}
    header = (
        "What curated mechanisms taught; written by `make rank`, read by kg.ranking.prior.",
        f"Gold: sha256 {hashlib.sha256(given.gold.read_bytes()).hexdigest()}",
        f"Graph: {graph.manifest.hash}. Candidates: {CANDIDATES}.",
        "Five folds over clusters of drugs:",
        *figures.splitlines(),
        "With the curated paths of the other folds as mechanisms:",
        *curated_figures.splitlines(),
    )
    given.table.write_text(write_prior(replace(prior, feature=feature, header=header)), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
