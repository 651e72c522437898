"""The first five paths of twenty questions from drug to disease, as ranked before and now.

Before, generic relations (*is associated with*, *resembles*) made no path unless they were named;
now they cost. The questions are drawn from what a graph says a compound treats, walked both ways,
2 to 4 hops, default settings. The table is to be read by eye.

    python -m bench.before_after --graph data/hetionet/current
"""

from __future__ import annotations

import argparse
import random
from pathlib import Path
from typing import Any, Final

import numpy as np

from mechkg import Graph, open_graph
from mechkg.kg.model.values import Path as EntityPath

SEED: Final = 14
QUESTIONS: Final = 20
FIRST: Final = 5


def drawn(graph: Graph, predicate: str) -> list[tuple[str, str]]:
    """Return the ends of some statements of a predicate."""
    index, records = graph.snapshot.index, graph.snapshot.records
    code = [one.id for one in graph.schema.predicates].index(predicate)
    rows = np.flatnonzero(index.predicate == code).tolist()
    chosen = sorted(random.Random(SEED).sample(rows, QUESTIONS))
    return [(records.curie(index.subject[r]), records.curie(index.object[r])) for r in chosen]


def shown(path: EntityPath, labels: dict[str, str]) -> str:
    """Return a path as its entities and the relations between them, `<` where one is turned."""
    parts = [path.entities[0].name]
    for hop, entity in zip(path.hops, path.entities[1:], strict=True):
        said = dict.fromkeys(labels[one.predicate] for one in hop.statements)
        turned = "< " if hop.statements[0].direction == "reverse" else ""
        parts += [f"*{turned}{', '.join(said)}*", entity.name]
    return " ".join(parts)


def best(graph: Graph, ends: tuple[str, str], **fixed: Any) -> list[EntityPath]:
    """Return the first paths of a question."""
    found = graph.find_paths(
        source=f"{ends[0]}!", target=f"{ends[1]}!", min_hops=2, max_hops=4,
        direction="undirected", limit=FIRST, timeout=60.0, **fixed,
    )  # fmt: skip
    return list(found.paths)


def main() -> None:
    """Print the questions with their paths, as Markdown."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--graph", type=Path, required=True)
    parser.add_argument("--treats", default="CtD", help="the predicate of the questions")
    given = parser.parse_args()
    graph = open_graph(given.graph)
    labels = {one.id: one.label for one in graph.schema.predicates}
    named = tuple(one.id for one in graph.schema.predicates if not one.generic)
    for ends in drawn(graph, given.treats):
        print(f"\n### {graph.entity(ends[0]).name} - {graph.entity(ends[1]).name}\n")
        for title, fixed in (("Before", {"predicate": named}), ("Now", {})):
            print(f"{title}:\n")
            paths = best(graph, ends, **fixed)
            for number, path in enumerate(paths, 1):
                print(f"{number}. {shown(path, labels)}")
            print("" if paths else "No path.\n")


if __name__ == "__main__":
    main()
