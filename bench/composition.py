"""What the grammar of composition costs a search: `python -m bench.composition GRAPH ...`.

Asks the same directed questions with the grammar and without it, in turns, over pairs of entities
drawn once: all paths of at most 3 hops (the first 1,000 of them, all counted), and the 10 best of
at most 5. Times are of the processor; each question counts with the least of its rounds, so that
what else the machine did does not count.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

from mechkg import Graph, open_graph

QUESTIONS = 40
ROUNDS = 3
SEED = 5
WORKLOADS = {
    "W1d": {"max_hops": 3, "limit": 1000},
    "W3d": {"max_hops": 5, "limit": 10},
}
MODES = ("off", "default", "strict")


def pairs(graph: Graph) -> list[tuple[str, str]]:
    """Pairs of entities of the graph, drawn once."""
    draw, count = random.Random(SEED), graph.manifest.counts.entities
    records = graph.snapshot.records
    return [
        (records.curie(draw.randrange(count)), records.curie(draw.randrange(count)))
        for _ in range(QUESTIONS)
    ]


def seconds(graph: Graph, ends: tuple[str, str], mode: str, **more: int) -> float:
    """Processor time of one question."""
    began = time.process_time()
    graph.find_paths(
        source=ends[0], target=ends[1], composition=mode, scorer="hubs", timeout=60.0, **more
    )
    return time.process_time() - began


def table(graph: Graph) -> Iterator[str]:
    """Yield a row for each workload: medians, and the median of the ratios question by question."""
    drawn = [pair for pair in pairs(graph) if pair[0] != pair[1]]
    for name, more in WORKLOADS.items():
        least = {mode: [float("inf")] * len(drawn) for mode in MODES}
        for _ in range(ROUNDS):
            for place, ends in enumerate(drawn):
                for mode in MODES:
                    took = seconds(graph, ends, mode, **more)
                    least[mode][place] = min(least[mode][place], took)
        cells = [f"{1000 * statistics.median(least[mode]):.2f}" for mode in MODES]
        for mode in MODES[1:]:
            ratios = [on / off for on, off in zip(least[mode], least["off"], strict=True)]
            cells.append(f"{statistics.median(ratios):.2f}")
        yield f"| {graph.manifest.name} | {name} | {' | '.join(cells)} |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("graphs", type=Path, nargs="+", metavar="GRAPH")
    given = parser.parse_args()
    print("| graph | workload | off, ms | default, ms | strict, ms | default/off | strict/off |")
    print("|---|---|---|---|---|---|---|")
    for path in given.graphs:
        print("\n".join(table(open_graph(path))), flush=True)


if __name__ == "__main__":
    main()
