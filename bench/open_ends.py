"""Compare one end open with a search for each end: the same answers, and how long they take.

The questions are which entities of one category lead to an entity of another, and which an entity
leads to, half each. The answer is compared with that of `find_paths` for every entity of the open
side: the same ends in the same order, with the same best path and number of paths. Timed are, on a
quiet processor by its own clock: the ranking of all ends with one of them in full, a page of ten,
one pair (the median over the first ends of each question), and all pairs together.

    python -m bench.open_ends --graph data/hetionet/current --open Compound --fixed Disease
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

from mechkg import Graph, PathResult, open_graph
from mechkg.kg.search.explain import CLASSIFIED, MARK

SEED = 14
TIMED_PAIRS = 3
ALL = 1000


def timed(ask: Callable[[], Any]) -> tuple[Any, float]:
    """Return what a call returns, and the milliseconds of processor time that it takes."""
    begun = process_time()
    answer = ask()
    return answer, 1_000 * (process_time() - begun)


def members(graph: Graph, category: str) -> list[str]:
    """Return the identifiers of the entities of a category."""
    under = graph.schema.categories_under(category)
    wanted = {code for code, one in enumerate(graph.schema.categories) if one.id in under}
    of = graph.snapshot.index.category.tolist()
    return [graph.snapshot.records.curie(row) for row, code in enumerate(of) if code in wanted]


def key(result: PathResult, end: str) -> tuple[float, int, str] | None:
    """Return by what an end is ranked after a search for it alone, None where it has no path."""
    found = [p for p in result.paths if not p.explanation.endswith((MARK, CLASSIFIED))]
    return (-found[0].score, found[0].length, end) if found else None


def differing(graph: Graph, ends: list[str], side: str, asked: dict[str, Any]) -> tuple[int, float]:
    """Return in how many of the first ends an answer differs from pairs; how long these take."""
    whole = graph.open_ends(**asked, limit=ALL)
    pairs, took = {}, 0.0
    for end in ends:
        fields = asked | {side: f"{end}!"}
        pairs[end], one = timed(lambda fields=fields: graph.find_paths(**fields, limit=2))
        took += one
    same_kind = {end: r for end, r in pairs.items() if r.composition == whole.composition}
    ranked = sorted(k for end, result in same_kind.items() if (k := key(result, end)))
    wrong = abs(len(ranked) - whole.total)
    for end, (score, length, name) in zip(whole.ends, ranked, strict=False):
        pair = same_kind[name]
        mechanisms = [p for p in pair.paths if not p.explanation.endswith((MARK, CLASSIFIED))]
        exact = end.total_is_exact and pair.total_is_exact
        direct = len(pair.paths) - len(mechanisms)
        same = (end.entity.id, -end.path.score, end.path.length) == (name, score, length)
        same = same and end.path.entities == mechanisms[0].entities
        wrong += not (same and (not exact or end.total == pair.total - direct))
    return wrong, took


def main() -> None:
    """Print a row of the table of results."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--graph", type=Path, required=True)
    parser.add_argument("--open", default="Compound")
    parser.add_argument("--fixed", default="Disease")
    parser.add_argument("--questions", type=int, default=50)
    parser.add_argument("--max-hops", type=int, default=3)
    parser.add_argument("--direction", default="directed")
    parser.add_argument("--scorer", default="default")
    parser.add_argument("--time-only", action="store_true")
    given = parser.parse_args()
    graph = open_graph(given.graph)
    kinds = {"source": members(graph, given.open), "target": members(graph, given.fixed)}
    named = {"source": given.open, "target": given.fixed}
    chosen = random.Random(SEED)
    shared = {"max_hops": given.max_hops, "direction": given.direction, "scorer": given.scorer,
              "timeout": 60.0}  # fmt: skip
    wrong, ranking, page, pair, union, candidates = 0, [], [], [], [], []
    for number in range(given.questions):
        side, fixed = ("source", "target") if number % 2 == 0 else ("target", "source")
        asked = {side: named[side], fixed: f"{chosen.choice(kinds[fixed])}!", **shared}
        graph.open_ends(**asked, limit=1)
        found, took = timed(lambda asked=asked: graph.open_ends(**asked, limit=10))
        page.append(took)
        ranking.append(timed(lambda asked=asked: graph.open_ends(**asked, limit=1))[1])
        candidates.append(found.candidates)
        for end in found.ends[:TIMED_PAIRS]:
            fields = asked | {side: f"{end.entity.id}!"}
            pair.append(timed(lambda fields=fields: graph.find_paths(**fields))[1])
        if not given.time_only:
            count, spent = differing(graph, kinds[side], side, asked)
            wrong += count
            union.append(spent)
    together = f"{median(union):.0f}" if union else "not run"
    print(f"| {given.direction}, {given.max_hops} hops, {given.scorer} | {given.questions} | "
          f"{median(candidates):.0f} | {wrong if union else 'not run'} | {median(pair):.1f} | "
          f"{median(ranking):.1f} | {median(page):.1f} | {together} |")  # fmt: skip


if __name__ == "__main__":
    main()
