"""Predict the sign of each direct claim of the bundled ontology from all other claims.

For each pair of entities that a signed direct claim of the curated tables joins, the question is
asked without direct claims (`min_hops=2`), and the verdict is compared with the sign of the claim:

    python -m bench.leave_one_out --tables ../shared/data/ms-nsc/v2 --graph data/ms-nsc/current
"""

from __future__ import annotations

import argparse
import csv
import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from mechkg import Graph, UnknownEntity, open_graph

ROLES = frozenset({"effect", "condition"})
VERDICTS = {"+1": "raises", "-1": "lowers"}


def rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file, delimiter="\t")


def signed_pairs(tables: Path) -> dict[tuple[str, str], str]:
    """The pairs of entities that direct claims of one sign join, with that sign."""
    roles = {row["predicate"]: row["class"] for row in rows(tables / "predicates_v2.tsv")}
    signs: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in rows(tables / "claims_v2.tsv"):
        if (
            row["negated"] == "false"
            and row["sign"] in VERDICTS
            and roles[row["predicate"]] in ROLES
        ):
            signs[row["subject"], row["object"]].add(row["sign"])
    return {pair: found.pop() for pair, found in signs.items() if len(found) == 1}


def predict(graph: Graph, source: str, target: str, max_hops: int) -> str:
    """The verdict of a question from chains alone."""
    found = graph.find_paths(
        source=source, target=target, min_hops=2, max_hops=max_hops, limit=1, timeout=60.0
    )
    effect = found.net_effect
    return effect.basis if effect.basis == "weak_chains" else effect.verdict


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tables", type=Path, required=True)
    parser.add_argument("--graph", type=Path, required=True)
    parser.add_argument("--max-hops", type=int, default=4)
    given = parser.parse_args()
    graph, outcomes, wrong = open_graph(given.graph), Counter[str](), list[str]()
    for (source, target), sign in sorted(signed_pairs(given.tables).items()):
        try:
            verdict = predict(graph, source, target, given.max_hops)
        except UnknownEntity:
            verdict = "not in the graph"
        outcome = verdict
        if verdict in VERDICTS.values():
            outcome = "right" if verdict == VERDICTS[sign] else "wrong"
        if outcome == "wrong":
            wrong.append(f"{source} -> {target}: {verdict}")
        outcomes[outcome] += 1
    result = {
        "pairs": outcomes.total(),
        "max_hops": given.max_hops,
        **outcomes,
        "wrong_pairs": wrong,
    }
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
