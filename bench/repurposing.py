"""Which compounds treat a disease, by one end open: AUROC and hits@10 against degree and counts.

The Hetionet part is loaded without *treats* and *palliates*. For each disease that a compound
treats, one query with the source open ranks all compounds by their best paths to it
(`Graph.list_open_ends`). An end without
a path comes last. Compared are the best path by several scorers, the number of paths, and the
degree of the compound, which knows nothing of the disease. Nothing is learned.

    python -m bench.repurposing --tables ../shared/data/hetio

AUROC is the share of pairs of a compound that treats and one that does not in which the former
comes first, ties counting half (Hanley & McNeil 1982), as a mean over diseases; hits@10 is the
share of diseases with a compound that treats among the first ten. Ties are broken by identifier.
Intervals resample diseases (Efron 1979).
"""

from __future__ import annotations

import argparse
import gzip
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bench.open_ends import members
from mechkg import Graph, open_graph
from mechkg.kg.build.load import load
from mechkg.kg.model.presets import known_schema

ANSWERS: Final = ("CtD", "CpD")
"""Metaedges that answer the question: compound treats disease, compound palliates disease."""
SCORERS: Final = ("specific", "mechanism", "hubs", "hops")
ROUNDS: Final = 2_000

Floats = NDArray[np.float64]


def without_answers(tables: Path, folder: Path) -> dict[str, set[str]]:
    """Write the tables without `ANSWERS`; return the compounds that treat, by disease."""
    treated: dict[str, set[str]] = defaultdict(set)
    with (
        gzip.open(tables / "edges.tsv.gz", "rt", encoding="utf-8") as lines,
        (folder / "edges.tsv").open("w", encoding="utf-8") as kept,
    ):
        for line in lines:
            subject, predicate, obj = line.rstrip("\n").split("\t")
            if predicate == ANSWERS[0]:
                treated[obj].add(subject)
            if predicate not in ANSWERS:
                kept.write(line)
    nodes = gzip.decompress((tables / "nodes.tsv.gz").read_bytes())
    (folder / "nodes.tsv").write_bytes(nodes)
    return dict(treated)


def auroc(scores: Floats, wanted: NDArray[np.bool_]) -> float:
    """Return how often one that is wanted scores above one that is not; ties count half.

    >>> auroc(np.array([3.0, 2.0, 2.0, 1.0]), np.array([True, True, False, False]))
    0.875
    """
    order = np.unique(scores, return_inverse=True)[1]
    counts = np.bincount(order[~wanted], minlength=order.max() + 1)
    below = np.cumsum(counts) - counts
    won = below[order[wanted]] + counts[order[wanted]] / 2
    return float(won.mean() / (~wanted).sum())


def first_ten(scores: Floats, wanted: NDArray[np.bool_]) -> float:
    """Return 1 where one that is wanted is among the ten of the highest scores, else 0."""
    return float(wanted[np.argsort(-scores, kind="stable")[:10]].any())


def scores_of(graph: Graph, compounds: Sequence[str], disease: str, hops: int) -> dict[str, Floats]:
    """Return the scores of all compounds for a disease, by what scores them."""
    place = {compound: i for i, compound in enumerate(compounds)}
    found: dict[str, Floats] = {}
    counts = np.zeros(len(compounds))
    for scorer in SCORERS:
        scores = np.full(len(compounds), -np.inf)
        counted = scorer == SCORERS[0]  # paths are the same by any scorer
        table = graph.list_open_ends(
            source="Compound", target=f"{disease}!", max_hops=hops, direction="undirected",
            scorer=scorer, timeout=300.0, counted=counted,
        )  # fmt: skip
        for end in table.rows:
            scores[place[end.entity.id]] = end.score
            if counted:
                counts[place[end.entity.id]] = end.paths
        found[f"best path by `{scorer}`"] = scores
    return found | {"number of paths": counts}


def interval(values: Floats) -> str:
    """Return a mean in percent with its 95 percent interval."""
    drawn = np.random.default_rng(1).integers(0, len(values), (ROUNDS, len(values)))
    low, high = np.quantile(values[drawn].mean(1), (0.025, 0.975))
    return f"{100 * values.mean():.1f} [{100 * low:.1f}, {100 * high:.1f}]"


def measured(
    graph: Graph, treated: Mapping[str, set[str]], hops: int
) -> tuple[dict[str, list[tuple[float, float]]], float]:
    """Return AUROC and hit of each disease, by what scores, and the seconds of processor taken."""
    compounds = sorted(members(graph, "Compound"))
    index, row = graph.snapshot.index, graph.snapshot.records.entity_row
    degree = np.asarray(index.degree, float)[[row(one) for one in compounds]]
    rows: dict[str, list[tuple[float, float]]] = defaultdict(list)
    begun = process_time()
    for disease, treating in sorted(treated.items()):
        wanted = np.array([compound in treating for compound in compounds])
        scores = scores_of(graph, compounds, disease, hops) | {"degree of the compound": degree}
        for name, values in scores.items():
            rows[name].append((auroc(values, wanted), first_ten(values, wanted)))
    return dict(rows), process_time() - begun


def main() -> None:
    """Print a table, one line for each way to score."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--tables", type=Path, required=True)
    parser.add_argument("--max-hops", type=int, default=3)
    given = parser.parse_args()
    with TemporaryDirectory() as name:
        folder = Path(name)
        treated = without_answers(given.tables, folder)
        files = [folder / "nodes.tsv", folder / "edges.tsv"]
        made = load(files, folder / "data", name="hetionet", schema=known_schema())
        rows, seconds = measured(open_graph(made.path), treated, given.max_hops)
    print(f"{len(treated)} diseases, {sum(map(len, treated.values()))} that treat, {seconds:.0f} s")
    print("| compounds by | AUROC | hits@10 |\n|---|---|---|")
    for name, values in rows.items():
        both = np.array(values)
        print(f"| {name} | {interval(both[:, 0])} | {interval(both[:, 1])} |")


if __name__ == "__main__":
    main()
