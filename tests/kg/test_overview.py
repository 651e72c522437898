"""A graph at a glance against networkx."""

import networkx
from hypothesis import given, settings

from mechkg.kg.analysis.overview import overview
from mechkg.kg.model.values import Statement
from mechkg.kg.snapshot.snapshot import Snapshot
from tests.kg.multigraphs import CATEGORY, NODES, carrying, multigraphs, on_snapshot


@given(multigraphs())
@settings(max_examples=60)
def test_an_overview_is_counted_from_the_graph(statements: list[Statement]) -> None:
    def check(snapshot: Snapshot) -> None:
        found = overview(snapshot)
        graph = carrying(statements)
        parts = [{a, b} for a, b in graph.edges()]
        linked = {node: sum(node in ends for ends in parts) for node in NODES}
        assert {e.id: e.statements for e in found.linked} == {k: n for k, n in linked.items() if n}
        counts = [e.statements for e in found.linked]
        assert counts == sorted(counts, reverse=True)
        assert found.statements == snapshot.manifest.counts.statements
        assert sum(node.entities for node in found.categories) == len(NODES)
        assert sum(edge.statements for edge in found.relations) == graph.number_of_edges()
        ends = [end.id for e in found.examples for end in (e.source, e.target)]
        assert len(ends) == len(set(ends))
        for example in found.examples:
            source, target = example.source.id, example.target.id
            assert networkx.shortest_path_length(graph, source, target) in {2, 3}
            assert CATEGORY[source] != CATEGORY[target]

    on_snapshot(statements, check)


@given(multigraphs())
@settings(max_examples=60)
def test_there_is_an_example_where_the_most_linked_entities_have_one(
    statements: list[Statement],
) -> None:
    """With one entity a category on either side, the search of examples misses none of them."""

    def check(snapshot: Snapshot) -> None:
        graph = carrying(statements)
        best: dict[str, dict[str, str]] = {"out": {}, "in": {}}
        for side, degree in (("out", graph.out_degree), ("in", graph.in_degree)):
            for node in sorted(NODES, key=lambda n: (-degree(n), n)):
                if degree(node):
                    best[side].setdefault(CATEGORY[node], node)
        lengths = dict(networkx.all_pairs_shortest_path_length(graph))
        joined = any(
            lengths[a].get(b, 0) in {2, 3}
            for a in best["out"].values()
            for b in best["in"].values()
            if CATEGORY[a] != CATEGORY[b]
        )
        assert bool(overview(snapshot).examples) == joined

    on_snapshot(statements, check)
