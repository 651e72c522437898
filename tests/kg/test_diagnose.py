"""Why a query has no paths: counts without each constraint, against networkx."""

from itertools import pairwise, product

import networkx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from mechkg.kg.analysis.why_not import why_not
from mechkg.kg.model.queries import MAX_HOPS, PathQuery
from mechkg.kg.model.values import Statement
from tests.kg.multigraphs import CATEGORY, NODES, multigraphs, on_snapshot

few = settings(max_examples=60, suppress_health_check=list(HealthCheck))
ends = st.lists(st.sampled_from(NODES), min_size=1, max_size=2, unique=True).map(tuple)


@st.composite
def queries(draw: st.DrawFn) -> PathQuery:
    maybe = st.booleans()
    return PathQuery(
        source=draw(ends),
        target=draw(ends),
        max_hops=draw(st.integers(1, 3)),
        direction=draw(st.sampled_from(["directed", "undirected"])),
        predicate=("promotes",) if draw(maybe) else (),
        category=("Cell",) if draw(maybe) else (),
        via=("X:d",) if draw(maybe) else (),
        avoid=("X:e", "X:f") if draw(maybe) else (),
        modality=("asserted",) if draw(maybe) else (),
        metapath="affects/affects" if draw(maybe) else "",
    )


def count(statements: list[Statement], query: PathQuery, *, inferred: bool = False) -> int:
    """The admissible paths of a query, by networkx and plain checks."""
    hops: dict[tuple[str, str], set[str]] = {}
    for s in statements:
        if s.negated or (s.derived_from and not inferred) or s.subject == s.object:
            continue
        if query.predicate and s.predicate != "promotes":
            continue
        if query.modality and s.modality != "asserted":
            continue
        hops.setdefault((s.subject, s.object), set()).add(s.predicate)
        if query.direction == "undirected" or s.predicate == "binds":
            hops.setdefault((s.object, s.subject), set()).add(s.predicate)
    graph = networkx.DiGraph(list(hops))
    graph.add_nodes_from(NODES)
    found = 0
    for source, target in product(query.source, query.target):
        if source == target or {source, target} & set(query.avoid):
            continue
        for path in networkx.all_simple_paths(graph, source, target, query.max_hops):
            found += _fits(path, query, hops)
    return found


def _fits(path: list[str], query: PathQuery, hops: dict[tuple[str, str], set[str]]) -> bool:
    between = path[1:-1]
    if set(between) & ({*query.source, *query.target} | set(query.avoid)):
        return False
    if query.category and any(CATEGORY[v] == "biolink:Gene" for v in between):
        return False
    if query.via and not set(query.via) <= set(path):
        return False
    if query.metapath:
        steps = list(pairwise(path))
        return len(steps) == 2 and all(hops[step] - {"binds"} for step in steps)
    return True


def relaxed(query: PathQuery, parameter: str, given_: str, instead: str) -> PathQuery:
    if parameter in {"via", "avoid"}:
        values = tuple(v for v in getattr(query, parameter) if v != given_)
        return replace(query, **{parameter: values})
    if parameter == "direction":
        return replace(query, direction=instead)
    if parameter == "max_hops":
        return replace(query, max_hops=int(instead))
    if parameter == "metapath":
        return replace(query, metapath="")
    return query if parameter == "inferred" else replace(query, **{parameter: ()})


@few
@given(multigraphs(), queries())
def test_each_constraint_alone_costs_what_networkx_says(statements, query) -> None:
    if not any(s.modality == "asserted" for s in statements):
        query = replace(query, modality=())

    def check(snapshot) -> None:
        found = why_not(snapshot, query)
        assert (found.total, found.total_is_exact) == (count(statements, query), True)
        for r in found.relaxations:
            without = relaxed(query, r.parameter, r.given, r.instead)
            expected = count(statements, without, inferred=r.parameter == "inferred")
            assert (r.parameter, r.paths, r.exact) == (r.parameter, expected, True)
            assert r.sentence.endswith(".")
        assert [r.paths for r in found.relaxations] == sorted(
            (r.paths for r in found.relaxations), reverse=True
        )
        named = {r.parameter for r in found.relaxations}
        for name in ("predicate", "category", "via", "avoid", "modality", "metapath"):
            assert (name in named) == bool(getattr(query, name))
        assert ("direction" in named) == (query.direction == "directed")
        assert found.complete

    on_snapshot(statements, check)


@few
@given(multigraphs(), ends, ends)
def test_distance_is_that_of_the_whole_graph_walked_both_ways(statements, source, target) -> None:
    def check(snapshot) -> None:
        graph = networkx.Graph((s.subject, s.object) for s in statements if not s.negated)
        graph.add_nodes_from(NODES)
        apart = [
            networkx.shortest_path_length(graph, v, w)
            for v, w in product(source, target)
            if networkx.has_path(graph, v, w)
        ]
        found = why_not(snapshot, PathQuery(source=source, target=target, max_hops=1))
        assert found.connected == bool(apart)
        assert found.distance == (min(apart) if apart else None)
        if not apart:
            assert found.sentence.startswith("No statements")

    on_snapshot(statements, check)


def chain(*predicates: str) -> list[Statement]:
    return [
        Statement(id=f"T{i}", subject=NODES[i], predicate=p, object=NODES[i + 1])
        for i, p in enumerate(predicates)
    ]


def test_hops_are_raised_to_where_the_ends_meet() -> None:
    def check(snapshot) -> None:
        found = why_not(snapshot, PathQuery(source=("X:a",), target=("X:g",), max_hops=2))
        raised = {r.instead: r.paths for r in found.relaxations if r.parameter == "max_hops"}
        assert raised == {"3": 0, "6": 1}
        assert found.distance == 6 <= MAX_HOPS
        assert "at most 6 hops instead of 2: there is 1 path" in found.sentence

    on_snapshot(chain(*["affects"] * 6), check)


def test_two_constraints_together_are_told_as_such() -> None:
    def check(snapshot) -> None:
        query = PathQuery(source=("X:a",), target=("X:c",), predicate=("promotes",), avoid=("X:b",))
        found = why_not(snapshot, query)
        assert {r.paths for r in found.relaxations} == {0}
        assert "two or more must give way" in found.sentence

    on_snapshot(chain("affects", "inhibits"), check)


def test_an_entity_has_no_path_to_itself() -> None:
    def check(snapshot) -> None:
        found = why_not(snapshot, PathQuery(source=("X:a",), target=("node a",)))
        assert found.sentence.startswith("Source and target are both node a")

    on_snapshot(chain("affects"), check)
