"""Significance against all rewired graphs, enumerated, and against a long run of permutations."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise, permutations, product
from math import factorial, prod
from pathlib import Path
from random import Random
from typing import Any

import networkx
import numpy as np
import pytest

from mechkg.kg.analysis.significance import _unlikely_of, find_significance
from mechkg.kg.build.builder import build_snapshot
from mechkg.kg.errors import Cancelled, QueryError, TooCostly
from mechkg.kg.graph import Graph, open_graph
from mechkg.kg.model.queries import SignificanceQuery
from mechkg.kg.model.results import Expectation, Significance
from mechkg.kg.model.schema import Category, Predicate, Schema
from mechkg.kg.model.values import Entity, Statement
from mechkg.kg.progress import Cancel
from mechkg.kg.snapshot.snapshot import Snapshot, open_snapshot

Triple = tuple[str, str, str]
Kind = tuple[str, ...]
Counts = Counter[object]

SCHEMA = Schema(
    categories=(Category(id="Gene", label="gene"), Category(id="Cell", label="cell")),
    predicates=(
        Predicate(id="affects", label="affects"),
        Predicate(id="regulates", label="regulates"),
        Predicate(id="binds", label="binds", symmetric=True),
    ),
)
MOST_DEALS = 600


@pytest.fixture(scope="module")
def graph(data_directory: Path) -> Graph:
    return open_graph(data_directory / "ms-nsc" / "current")


def category(node: str) -> str:
    return "Cell" if int(node[2:]) % 3 == 0 else "Gene"


def drawn(rng: Random, entities: int, statements: int) -> list[Triple]:
    """Distinct statements, with parallel ones of several predicates and loops among them."""
    nodes = [f"X:{i}" for i in range(entities)]
    found = {
        (rng.choice(nodes), rng.choice(("affects", "affects", "regulates", "binds")),
         rng.choice(nodes))
        for _ in range(statements)
    }  # fmt: skip
    return sorted(found)


def built(folder: Path, triples: Sequence[Triple], entities: int) -> Snapshot:
    nodes = [f"X:{i}" for i in range(entities)]
    return open_snapshot(
        build_snapshot(
            folder,
            name="drawn",
            entities=[Entity(id=n, name=f"node {n[2:]}", category=category(n)) for n in nodes],
            statements=[
                Statement(id=f"T{i}", subject=s, predicate=p, object=o)
                for i, (s, p, o) in enumerate(triples)
            ],
            schema=SCHEMA,
        )
    )


def kinds(triples: Sequence[Triple]) -> list[list[Triple]]:
    """Statements by predicate and categories of their ends."""
    found: dict[Kind, list[Triple]] = defaultdict(list)
    for s, p, o in triples:
        found[p, category(s), category(o)].append((s, p, o))
    return list(found.values())


def deals(triples: Sequence[Triple]) -> Iterator[list[Triple]]:
    """Every graph in which the objects of each kind of statement are dealt anew."""
    groups = kinds(triples)
    for chosen in product(*(permutations([o for *_, o in group]) for group in groups)):
        yield [
            (s, p, o)
            for group, objects in zip(groups, chosen, strict=True)
            for (s, p, _), o in zip(group, objects, strict=True)
        ]


def shuffled(triples: Sequence[Triple], rng: Random) -> list[Triple]:
    found = []
    for group in kinds(triples):
        objects = [o for *_, o in group]
        rng.shuffle(objects)
        found += [(s, p, o) for (s, p, _), o in zip(group, objects, strict=True)]
    return found


def counted(triples: Sequence[Triple], ends: tuple[str, str], query: SignificanceQuery) -> Counts:
    """Paths in all, by mediator and by metapath, as networkx finds them."""
    hops: networkx.DiGraph[str] = networkx.DiGraph()
    hops.add_nodes_from(ends)
    both = query.direction == "undirected"
    for s, p, o in triples:
        for a, b, word in ((s, o, p), (o, s, p if p == "binds" else f"^{p}")):
            if a != b and ((a, b) == (s, o) or both or p == "binds"):
                hops.add_edge(a, b)
                hops.edges[a, b].setdefault("words", set()).add(word)
    found: Counts = Counter()
    for path in networkx.all_simple_paths(hops, *ends, query.max_hops):
        if len(path) <= query.min_hops:
            continue
        found["all"] += 1
        found.update(path[1:-1])
        words = [sorted(hops.edges[step]["words"]) for step in pairwise(path)]
        for chosen in product(*words):
            found[(category(path[0]), *(x for w, n in zip(chosen, path[1:], strict=True)
                                        for x in (w, category(n))))] += 1  # fmt: skip
    return found


def told(found: Significance) -> dict[object, Expectation]:
    return {
        "all": found.paths,
        **{one.entity.id: one.paths for one in found.mediators},
        **{one.metapath: one.paths for one in found.metapaths},
    }


def agrees(
    found: Significance, observed: Counts, every: Sequence[Counts], noise: float = 0.0
) -> None:
    """Compare an answer with the counts of rewired graphs; `noise` is that of these, in errors."""
    answer = told(found)
    assert {key: one.observed for key, one in answer.items()} == {"all": 0, **observed}
    for key, one in answer.items():
        counts = np.array([graph[key] for graph in every])
        mean, likely = counts.mean(), (counts >= one.observed).mean()
        own = noise * counts.std() / len(counts) ** 0.5
        assert one.expected is not None
        error = 1 / found.samples if one.standard_error is None else one.standard_error
        assert one.expected == pytest.approx(mean, abs=5 * error + own + 1e-9)
        own = noise * (likely * (1 - likely) / len(counts)) ** 0.5
        near = 5 * one.p_error + own + (0 if one.p_closed else 5 / found.samples)
        assert one.p == pytest.approx(likely, abs=near + 1e-9)


@pytest.mark.parametrize("seed", range(12))
def test_what_is_expected_is_the_mean_over_all_rewired_graphs(seed: int, tmp_path: Path) -> None:
    rng = Random(seed)
    while True:
        triples = drawn(rng, 5, rng.randint(6, 14))
        if 20 < prod(factorial(len(group)) for group in kinds(triples)) <= MOST_DEALS:
            break
    hops = rng.randint(1, 3)
    query = SignificanceQuery(
        source=("X:1",), target=("X:2",), max_hops=hops, min_hops=rng.randint(1, hops),
        direction=rng.choice(("directed", "undirected")), samples=400, limit=1000,
        timeout=300.0,
    )  # fmt: skip
    found = find_significance(built(tmp_path, triples, 5), query)
    ends = ("X:1", "X:2")
    every = [counted(graph, ends, query) for graph in deals(triples)]
    agrees(found, counted(triples, ends, query), every)
    assert all(one.closed for one in told(found).values()) or hops == 3


@pytest.mark.parametrize("hops", [2, 3, 4])
def test_what_is_expected_is_the_mean_of_a_long_run(hops: int, tmp_path: Path) -> None:
    rng = Random(hops)
    triples = drawn(rng, 16, 60)
    query = SignificanceQuery(
        source=("X:1",), target=("X:2",), max_hops=hops, direction="undirected", samples=300,
        limit=1000, timeout=300.0,
    )  # fmt: skip
    found = find_significance(built(tmp_path, triples, 16), query)
    ends = ("X:1", "X:2")
    every = [counted(shuffled(triples, rng), ends, query) for _ in range(300)]
    agrees(found, counted(triples, ends, query), every, noise=5.0)


def test_unlikely_mediators_are_counted_in_rewired_graphs(tmp_path: Path) -> None:
    """Between two entities by the closed form, else by holding each sample against the others."""
    rng, ends = Random(7), ("X:1", "X:2")
    triples = drawn(rng, 30, 60)
    snapshot = built(tmp_path, triples, 30)
    two = SignificanceQuery(
        source=("X:1",),
        target=("X:2",),
        max_hops=2,
        direction="undirected",
        samples=1,
        timeout=300.0,
    )
    every = [counted(shuffled(triples, rng), ends, two) for _ in range(2_000)]
    shares = Counter(key for graph in every for key in graph if str(key).startswith("X:"))
    rare = sum(n / 2_000 for n in shares.values() if n / 2_000 < 0.05)
    found = find_significance(snapshot, two).unlikely_expected
    assert found == pytest.approx(rare, rel=0.2)
    assert rare > 0.1
    noted = [Counter(rng.choices(range(40), k=9)) for _ in range(50)]
    arrays = [np.array([[*graph], [*graph.values()]]) for graph in map(sorted_counter, noted)]
    as_many = [
        sum(other[one] >= count for other in noted)
        for graph in noted
        for one, count in graph.items()
    ]
    assert _unlikely_of(arrays) == sum(n / 50 < 0.05 for n in as_many) / 50
    assert _unlikely_of([]) is None


def sorted_counter(counts: Counter[int]) -> dict[int, int]:
    return dict(sorted(counts.items()))


def test_sets_patterns_and_grammars_are_sampled(graph: Graph) -> None:
    """Their means have no closed form; on the bundled ontology paths are held to its grammar."""
    ends: dict[str, Any] = {
        "source": ("NSC", "MSC"),
        "target": "Remyelination",
        "samples": 30,
        "timeout": 300.0,
        "limit": 1000,
    }
    found = graph.significance(**ends)
    assert not any(one.closed for one in told(found).values())
    pattern = graph.significance(**ends, metapath="*(Cell)/*", composition="off", max_hops=2)
    assert not any(one.closed for one in told(pattern).values())
    paths = graph.find_paths(source=("NSC", "MSC"), target="Remyelination", limit=1000)
    through = Counter(e.id for path in paths.paths for e in path.entities[1:-1])
    assert {m.entity.id: m.paths.observed for m in found.mediators} == through
    assert found.paths.observed == len(paths.paths) == paths.total
    assert [m.paths.p for m in found.mediators] == sorted(m.paths.p for m in found.mediators)
    assert graph.significance(**ends) == found
    assert graph.significance(**ends, seed=2).paths.expected != found.paths.expected


def test_sampling_ends_with_the_time_and_on_request(graph: Graph) -> None:
    asked: dict[str, Any] = {
        "source": "NSC", "target": "Remyelination", "samples": 100_000,
    }  # fmt: skip
    found = graph.significance(**asked, timeout=0.5)
    assert found.samples < 100_000
    assert (found.complete, found.truncated_by) == (False, "time")
    cancel = Cancel()
    cancel.cancel()
    with pytest.raises(Cancelled):
        graph.significance(**asked, cancel=cancel)
    with pytest.raises(QueryError, match="consistent"):
        graph.significance(**asked, context="Consistent")


def test_ends_without_a_path_and_paths_without_number(tmp_path: Path) -> None:
    """Nothing is divided by zero; what cannot be listed is refused, with what to do."""
    rng = Random(3)
    snapshot = built(tmp_path, drawn(rng, 40, 1_600), 40)
    none = SignificanceQuery(source=("X:1",), target=("X:1",), samples=3)
    found = find_significance(snapshot, none)
    assert (found.paths.observed, found.paths.p, found.mediators) == (0, 1.0, ())
    assert found.sentence.startswith("No path leads")
    many = SignificanceQuery(
        source=("X:1",), target=("X:2",), max_hops=6, direction="undirected", timeout=300.0
    )
    with pytest.raises(TooCostly, match="fewer hops"):
        find_significance(snapshot, many)
