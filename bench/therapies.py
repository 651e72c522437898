"""Count the therapies that reach their disease by a mechanism with a direction.

A therapy is a drug with a target in `drug_targets.tsv` and a disease that it treats or is tried
for by the curated tables. The question is asked without direct claims (`min_hops=2`), to the
disease and to multiple sclerosis. A therapy counts where a path among the first 200 lowers either
and no hop of it says that something treats or was tried for something: going by *treats* and then
up or down the classes of a disease is no mechanism.

    python -m bench.therapies --tables ../shared/data/ms-nsc/v2 --graph data/ms-nsc/current
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from pathlib import Path

from bench.leave_one_out import rows
from mechkg import Graph, UnknownEntity, open_graph

TABLES = ("claims_v2.tsv", "claims_added.tsv", "bridges.tsv", "therapies.tsv", "trials.tsv")
ROLES = frozenset({"therapy", "trial"})
MULTIPLE_SCLEROSIS = "MONDO:0005301"


def diseases_of_drugs(tables: Path) -> dict[str, set[str]]:
    """The diseases that each drug with a known target treats or is tried for."""
    roles = {row["predicate"]: row["class"] for row in rows(tables / "predicates_v2.tsv")}
    drugs = {row["drug"] for row in rows(tables / "drug_targets.tsv")}
    found: dict[str, set[str]] = defaultdict(set)
    for name in TABLES:
        for row in rows(tables / name):
            if row.get("subject") in drugs and roles.get(row["predicate"]) in ROLES:
                found[row["subject"]].add(row["object"])
    return dict(found)


def lowers(graph: Graph, drug: str, disease: str, max_hops: int) -> str:
    """The first mechanism by which a drug lowers a disease, empty where none is found."""
    found = graph.find_paths(
        source=drug, target=disease, min_hops=2, max_hops=max_hops, limit=200, timeout=60.0
    )
    roles = {predicate.id: predicate.role for predicate in graph.schema.predicates}
    for path in found.paths:
        walked = {roles[one.predicate] for hop in path.hops for one in hop.statements}
        if path.effect == "lowers" and not walked & ROLES:
            return path.explanation
    return ""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tables", type=Path, required=True)
    parser.add_argument("--graph", type=Path, required=True)
    parser.add_argument("--max-hops", type=int, default=5)
    given = parser.parse_args()
    graph, reached, missed = open_graph(given.graph), dict[str, str](), list[str]()
    for drug, diseases in sorted(diseases_of_drugs(given.tables).items()):
        name = graph.entity(drug).name
        mechanism = ""
        for disease in [*sorted(diseases), MULTIPLE_SCLEROSIS]:
            try:
                mechanism = mechanism or lowers(graph, drug, disease, given.max_hops)
            except UnknownEntity:
                continue
        if mechanism:
            reached[name] = mechanism
        else:
            missed.append(name)
    result = {
        "therapies": len(reached) + len(missed),
        "reached": len(reached),
        "missed": missed,
        "mechanisms": reached,
    }
    print(json.dumps(result, indent=2, ensure_ascii=False))


if __name__ == "__main__":
    main()
