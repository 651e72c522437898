"""The ten best paths of at most five hops under the hub penalty, and all paths by name, on a
thousand random multigraphs: equal to what backtracking over the statements finds."""

from collections import Counter
from math import log

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mechkg.kg.kernels.types import UNIT
from mechkg.kg.model.queries import PathQuery
from mechkg.kg.model.values import Statement
from mechkg.kg.search.find_paths import find_paths
from mechkg.kg.search.list_paths import list_paths
from mechkg.kg.snapshot.snapshot import Snapshot
from tests.draws import records
from tests.kg.multigraphs import NODES, SCHEMA, on_snapshot

HOPS = 5
SYMMETRIC = {p.id for p in SCHEMA.predicates if p.symmetric}

ends = st.sampled_from(NODES)
triples = records(NODES, [p.id for p in SCHEMA.predicates], NODES)


def next_to(statements: list[Statement], undirected: bool) -> dict[str, set[str]]:
    """Who follows whom."""
    after: dict[str, set[str]] = {node: set() for node in NODES}
    for s in statements:
        after[s.subject].add(s.object)
        if undirected or s.predicate in SYMMETRIC:
            after[s.object].add(s.subject)
    return after


def all_paths(after: dict[str, set[str]], source: str, target: str) -> list[tuple[str, ...]]:
    """Every simple path of at most `HOPS` hops, by backtracking."""
    found, open_paths = [], [(source,)]
    while open_paths:
        path = open_paths.pop()
        if path[-1] == target and len(path) > 1:
            found.append(path)
        elif len(path) <= HOPS:
            open_paths += [(*path, node) for node in after[path[-1]] if node not in path]
    return found


def penalty(path: tuple[str, ...], degree: Counter[str]) -> int:
    """The sum of log degrees between the ends, in the units that are added up."""
    return sum(round(UNIT * log(max(degree[node], 1))) for node in path[1:-1])


@settings(max_examples=1000, suppress_health_check=list(HealthCheck))
@given(st.lists(triples, max_size=24), ends, ends, st.booleans())
def test_the_best_paths_are_those_of_brute_force(
    drawn: list[tuple[str, str, str]], source: str, target: str, undirected: bool
) -> None:
    statements = [
        Statement(id=f"T{i}", subject=a, predicate=p, object=b) for i, (a, p, b) in enumerate(drawn)
    ]
    degree = Counter(node for s in statements for node in {s.subject, s.object})
    paths = all_paths(next_to(statements, undirected), source, target) if source != target else []
    ranked = sorted(paths, key=lambda path: (penalty(path, degree), len(path), path))
    query = PathQuery(
        source=(source,),
        target=(target,),
        max_hops=HOPS,
        direction="undirected" if undirected else "directed",
        scorer="hubs",
    )

    def check(snapshot: Snapshot) -> None:
        found = find_paths(snapshot, query)
        assert [tuple(e.id for e in path.entities) for path in found.paths] == ranked[:10]
        assert [round(path.score * -UNIT) for path in found.paths] == [
            penalty(path, degree) for path in ranked[:10]
        ]
        assert (found.total, found.bound) == (len(ranked), None)
        table = list_paths(snapshot, query)
        assert sorted(tuple(e.id for e in row[::2]) for row in table.rows) == sorted(ranked)

    on_snapshot(statements, check)
