"""The fixed questions of each graph: seeded, drawn by distance, hub pairs among them.

Distances and sizes come from plain numpy on an adjacency made here, so that no kernel of MechKG
has a say in what is asked. An end is drawn from the entities of its category that have statements;
a pair is kept while its distance is still wanted and its walks within the workload's bound are at
most `MOST_WALKS` (more could not be listed by anyone). Hub pairs are drawn from the top of the
degree distribution.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from bench.graphs import Graph
from bench.workloads import MECHANISM, Query

__all__ = ["Adjacency", "draw_queries"]

SEED = 11
TRIES = 4_000
MOST_WALKS = 300_000
HUBS = 0.001
"""Hub pairs of W3 are drawn from this share of all entities, those of highest degree."""
SET_RESULTS = 245_000
"""The size that the question between two sets aims at, that of GANDALF's own 2-hop query."""
LARGEST_SET = 1_000

Ints = NDArray[np.int64]


class Adjacency:
    """Who follows whom: slices of neighbours, parallel statements repeated."""

    def __init__(self, size: int, source: NDArray[np.int32], target: NDArray[np.int32]) -> None:
        bits = max(1, (size - 1).bit_length())
        keys = (source.astype(np.int64) << bits) | target
        keys.sort()
        self.neighbour = (keys & ((1 << bits) - 1)).astype(np.int32)
        self.pointer = np.searchsorted(keys, np.arange(size + 1, dtype=np.int64) << bits)

    def after(self, rows: Ints) -> Ints:
        """Return the neighbours of some rows, one after the other."""
        first = self.pointer[rows]
        count = self.pointer[rows + 1] - first
        start = np.repeat(first - np.cumsum(count) + count, count)
        return self.neighbour[start + np.arange(len(start))].astype(np.int64)

    def degree(self, rows: Ints) -> Ints:
        """Return how many neighbours some rows have."""
        return self.pointer[rows + 1] - self.pointer[rows]

    def weighed_after(self, rows: Ints, weight: Ints) -> tuple[Ints, Ints]:
        """Return the distinct neighbours of rows, and the sum of the weights that reach each."""
        reached = self.after(rows)
        distinct, position = np.unique(reached, return_inverse=True)
        carried = np.repeat(weight, self.degree(rows))
        return distinct, np.bincount(position, carried, len(distinct)).astype(np.int64)


@dataclass(frozen=True)
class View:
    """A graph as a workload sees it: the adjacency forward and backward."""

    forward: Adjacency
    backward: Adjacency

    @classmethod
    def of(cls, graph: Graph, *, undirected: bool, predicates: Sequence[str] = ()) -> View:
        """Build the view of a graph; O(statements log statements)."""
        subject, object_ = graph.column("subject"), graph.column("object")
        if predicates:
            wanted = [row for row, name in enumerate(graph.predicates) if name in predicates]
            kept = np.isin(graph.column("predicate"), wanted)
            subject, object_ = subject[kept], object_[kept]
        if undirected:
            both = Adjacency(
                graph.entities,
                np.concatenate([subject, object_]),
                np.concatenate([object_, subject]),
            )
            return cls(both, both)
        return cls(
            Adjacency(graph.entities, subject, object_), Adjacency(graph.entities, object_, subject)
        )

    def distance(self, source: int, target: int, most: int) -> int:
        """Return the hops between two rows, or `most + 1` where there are more."""
        near, far = np.array([source]), np.array([target])
        for hops in range(1, most + 1):
            if hops % 2:
                near = np.unique(self.forward.after(near))
            else:
                far = np.unique(self.backward.after(far))
            if len(np.intersect1d(near, far, assume_unique=True)):
                return hops
        return most + 1

    def walks(self, source: int, target: int, hops: int) -> int:
        """Return how many walks of at most `hops` hops lead from one row to another."""
        near = [(np.array([source]), np.array([1]))]
        far = [(np.array([target]), np.array([1]))]
        for _ in range((hops + 1) // 2):
            near.append(self.forward.weighed_after(*near[-1]))
        for _ in range(hops // 2):
            far.append(self.backward.weighed_after(*far[-1]))
        return sum(_meet(near[(n + 1) // 2], far[n // 2]) for n in range(1, hops + 1))


@dataclass(frozen=True)
class Ends:
    """Where pairs are drawn from, and how many of each distance are wanted."""

    source: str
    target: str
    wanted: dict[int, int]


RECIPES = {
    "W1": (
        Ends("Compound", "Disease", {2: 10, 3: 12}),
        Ends("Gene", "Disease", {2: 10, 3: 12}),
        Ends("Compound", "Disease", {4: 5}),
        Ends("Gene", "Disease", {4: 5}),
    ),
    "W1d": (
        Ends("Compound", "Gene", {2: 10, 3: 10, 4: 5}),
        Ends("Disease", "Gene", {2: 10, 3: 10, 4: 5}),
    ),
    "W2": (
        Ends("Compound", "Disease", {2: 3, 3: 11, 4: 8}),
        Ends("Gene", "Disease", {2: 8, 3: 12, 4: 5}),
    ),
    "C1": (Ends("Compound", "Gene", {1: 15}), Ends("Disease", "Gene", {1: 15})),
    "C2": (Ends("Compound", "Gene", {2: 15}), Ends("Disease", "Gene", {2: 15})),
    "C3": (Ends("Compound", "Gene", {3: 15}), Ends("Disease", "Gene", {3: 15})),
    "C3d": (Ends("Compound", "Gene", {3: 15}), Ends("Disease", "Gene", {3: 15})),
}
HUB_PAIRS = {"W1": 6, "W2": 3, "W3": 8}
SEED_RANKS = (
    (0, 0.25, 8),
    (0.25, 0.5, 8),
    (0.5, 0.75, 10),
    (0.75, 0.95, 12),
    (0.95, 0.999, 8),
    (0.999, 1, 4),
)
"""Which ranks by degree the neighbourhoods' entities are drawn from, and how many of each."""


def draw_queries(graph: Graph) -> dict[str, tuple[Query, ...]]:
    """Return the questions of a graph by workload; read from beside it once they are drawn."""
    saved = Path(graph.directory) / "queries.json"
    kind = dict[str, tuple[Query, ...]]
    if not saved.exists():
        saved.write_bytes(msgspec.json.encode(_drawn(graph)))
    return msgspec.json.decode(saved.read_bytes(), type=kind)


def _drawn(graph: Graph) -> dict[str, tuple[Query, ...]]:
    random = np.random.default_rng(SEED)
    queries: dict[str, tuple[Query, ...]] = {}
    undirected = View.of(graph, undirected=True)
    queries["W1"] = tuple(_pairs(graph, undirected, "W1", 3, random))
    hubs = tuple(_hub_pairs(graph, undirected, HUB_PAIRS["W3"], None, random))
    queries["W3"] = queries["W1"] + hubs
    queries["N1"] = queries["N2"] = tuple(_seeds(graph, random))
    for hops in (1, 2, 3):
        queries[f"C{hops}"] = tuple(_pairs(graph, undirected, f"C{hops}", hops, random))
    queries["CS"] = (_sets(graph, undirected.forward, random),)
    del undirected
    filtered = View.of(graph, undirected=True, predicates=MECHANISM)
    queries["W2"] = tuple(_pairs(graph, filtered, "W2", 4, random))
    del filtered
    directed = View.of(graph, undirected=False)
    queries["W1d"] = tuple(_pairs(graph, directed, "W1d", 3, random))
    queries["C3d"] = tuple(_pairs(graph, directed, "C3d", 3, random))
    return {name: _shuffled(drawn, random) for name, drawn in queries.items()}


def _shuffled(queries: Sequence[Query], random: np.random.Generator) -> tuple[Query, ...]:
    """Return questions in an order in which those asked before a budget ends are like the rest."""
    return tuple(queries[i] for i in random.permutation(len(queries)).tolist())


def _pairs(
    graph: Graph, view: View, name: str, hops: int, random: np.random.Generator
) -> Iterator[Query]:
    for ends in RECIPES[name]:
        sources = _connected(graph, ends.source)
        targets = _connected(graph, ends.target)
        left = dict(ends.wanted)
        for _ in range(TRIES if len(sources) and len(targets) else 0):
            if not any(left.values()):
                break
            source, target = int(random.choice(sources)), int(random.choice(targets))
            found = view.distance(source, target, max(left)) if source != target else 0
            if left.get(found) and view.walks(source, target, hops) <= MOST_WALKS:
                left[found] -= 1
                yield _query(graph, [source], [target], f"distance {found}")
    yield from _hub_pairs(graph, view, HUB_PAIRS.get(name, 0), hops, random)


def _hub_pairs(
    graph: Graph, view: View, wanted: int, hops: int | None, random: np.random.Generator
) -> Iterator[Query]:
    """Draw pairs among the entities of highest degree; `hops` bounds their walks, if given."""
    share = HUBS if hops is None else 0.02
    order = np.argsort(-graph.degree, kind="stable")
    hubs = order[: max(20, int(share * graph.entities))]
    for _ in range(200):
        if not wanted:
            return
        source, target = (int(row) for row in random.choice(hubs, 2, replace=False))
        if hops is None or 0 < view.walks(source, target, hops) <= MOST_WALKS:
            wanted -= 1
            yield _query(graph, [source], [target], "hubs")


def _seeds(graph: Graph, random: np.random.Generator) -> Iterator[Query]:
    order = np.argsort(graph.degree, kind="stable")
    order = order[graph.degree[order] > 0]
    for low, high, count in SEED_RANKS:
        first, last = int(low * len(order)), int(high * len(order))
        ranks = order[first : max(first + 1, last)]
        label = "hub" if high == 1 else f"degree rank {low:g} to {high:g}"
        for row in random.choice(ranks, min(count, len(ranks)), replace=False).tolist():
            yield _query(graph, [row], [], label)


def _sets(graph: Graph, forward: Adjacency, random: np.random.Generator) -> Query:
    """Draw two sets whose 2-hop chains number some `SET_RESULTS`, or all that there are."""
    sources = random.permutation(_connected(graph, "Gene"))[:LARGEST_SET]
    ends = _connected(graph, "Disease")
    targets = ends[np.argsort(-graph.degree[ends], kind="stable")][:LARGEST_SET]
    chosen = np.zeros(graph.entities, np.int64)
    chosen[targets] = 1
    taken, results = [], 0
    for row in sources.tolist():
        if results >= SET_RESULTS:
            break
        taken.append(row)
        results += _chains(forward, row, chosen)
    return _query(graph, taken, targets.tolist(), "sets")


def _chains(forward: Adjacency, source: int, chosen: Ints) -> int:
    """Return the distinct (source, between, target) triples that end in a chosen row."""
    between = np.unique(forward.after(np.array([source])))
    ends = forward.after(between)
    origin = np.repeat(between, forward.degree(between))
    kept = (chosen[ends] > 0) & (ends != source) & (origin != ends)
    return len(np.unique(origin[kept] * np.int64(len(chosen)) + ends[kept]))


def _connected(graph: Graph, category: str) -> Ints:
    if category not in graph.categories:
        return np.empty(0, np.int64)
    member = graph.column("category") == graph.categories.index(category)
    return np.flatnonzero(member & (graph.degree > 0))


def _meet(near: tuple[Ints, Ints], far: tuple[Ints, Ints]) -> int:
    _, ours, theirs = np.intersect1d(near[0], far[0], assume_unique=True, return_indices=True)
    return int(near[1][ours] @ far[1][theirs])


def _query(graph: Graph, source: list[int], target: list[int], label: str) -> Query:
    return Query(
        source=tuple(source),
        target=tuple(target),
        source_ids=tuple(map(graph.identifier, source)),
        target_ids=tuple(map(graph.identifier, target)),
        label=label,
    )
