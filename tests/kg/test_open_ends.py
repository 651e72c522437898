"""One end open: the union of what a search for paths finds for each end, in the order of scores."""

from collections.abc import Sequence
from pathlib import Path as FilePath
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mechkg.kg.errors import QueryError, StaleCursor, UnknownEntity
from mechkg.kg.graph import Graph, open_graph
from mechkg.kg.model.results import OpenEnd, OpenEndsResult, PathResult
from mechkg.kg.model.values import Path, Statement
from mechkg.kg.search.explain import CLASSIFIED, MARK
from mechkg.kg.snapshot.snapshot import Snapshot
from tests.kg.multigraphs import CATEGORY, NODES, multigraphs, on_snapshot

some = settings(max_examples=100, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def graph(data_directory: FilePath) -> Graph:
    return open_graph(data_directory / "ms-nsc" / "current")


def mechanisms(result: PathResult) -> list[Path]:
    """The paths of an answer but for direct associations, which no search for ends lists."""
    if result.composition == "refused":
        return []
    return [path for path in result.paths if not path.explanation.endswith((MARK, CLASSIFIED))]


def of_each(graph: Graph, side: str, ends: Sequence[str], **fields: Any) -> dict[str, PathResult]:
    """What a search finds for each end alone, those without a path left out."""
    found = {end: graph.find_paths(**fields | {side: f"{end}!"}) for end in ends}
    return {end: result for end, result in found.items() if mechanisms(result)}


def entities(path: Path) -> list[str]:
    return [entity.id for entity in path.entities]


def compare_end(end: OpenEnd, result: PathResult) -> None:
    best = mechanisms(result)
    assert end.path == best[0]
    direct = len(result.paths) - len(best)
    if end.total_is_exact and result.total_is_exact:
        assert end.total == result.total - direct
    assert end.net_effect.verdict == result.net_effect.verdict
    assert end.net_effect.basis == result.net_effect.basis
    assert end.net_effect.statements == result.net_effect.statements
    assert end.net_effect.supports == result.net_effect.supports
    assert end.net_effect.opposes == result.net_effect.opposes
    if end.supporting:
        assert end.supporting.effect == end.net_effect.verdict != end.path.effect


def check_union(found: OpenEndsResult, each: dict[str, PathResult]) -> None:
    """Compare a whole answer with the searches for its ends."""
    assert found.complete
    assert (found.total, found.total_is_exact) == (len(each), True)

    def rank(end: str) -> tuple[float, int, str]:
        best = mechanisms(each[end])[0]
        return -best.score, best.length, end

    assert [end.entity.id for end in found.ends] == sorted(each, key=rank)
    for end in found.ends:
        compare_end(end, each[end.entity.id])


def check_table(graph: Graph, found: OpenEndsResult, **fields: Any) -> None:
    """Compare the ends of a table with those of an answer."""
    table = graph.list_open_ends(**fields)
    assert table.complete
    assert [(row.entity, row.hops, row.paths, row.paths_exact) for row in table.rows] == [
        (end.entity, end.path.length, end.total, end.total_is_exact) for end in found.ends
    ]
    assert [row.score for row in table.rows] == [end.path.score for end in found.ends]
    bare = graph.list_open_ends(**fields, counted=False).rows
    assert bare == [row._replace(paths=None, paths_exact=True) for row in table.rows]


def members(graph: Graph, category: str) -> list[str]:
    under = graph.schema.categories_under(category)
    codes = [i for i, c in enumerate(graph.schema.categories) if c.id in under]
    category_of = graph.snapshot.index.category
    return [
        graph.snapshot.records.curie(row)
        for row in range(graph.manifest.counts.entities)
        if category_of[row] in codes
    ]


@pytest.mark.parametrize(
    ("side", "category", "fields"),
    [
        ("source", "Drug", {"target": ("neuroinflammation!",)}),
        ("source", "Drug", {"target": ("neuron!",), "scorer": "hubs", "composition": "off"}),
        ("target", "Cell", {"source": ("GDNF!",), "max_hops": 4}),
        ("target", "Disease", {"source": ("NSC!", "MSC!"), "direction": "undirected",
                               "max_hops": 2}),
    ],
)  # fmt: skip
def test_ends_are_the_union_of_single_pairs_in_the_bundled_ontology(
    graph: Graph, side: str, category: str, fields: dict[str, Any]
) -> None:
    fixed = {e for texts in (fields.get("source", ()), fields.get("target", ())) for e in texts}
    ends = set(members(graph, category)) - {graph.entity(text[:-1]).id for text in fixed}
    found = graph.open_ends(**fields | {side: category, "limit": 1000})
    assert (found.open, found.candidates) == (side, len(ends))
    check_union(found, of_each(graph, side, sorted(ends), **fields | {"limit": 20}))
    check_table(graph, found, **fields | {side: category})


options = st.fixed_dictionaries(
    {"max_hops": st.integers(1, 5), "direction": st.sampled_from(["directed", "undirected"])},
    optional={
        "min_hops": st.just(2),
        "composition": st.sampled_from(["off", "strict"]),
        "scorer": st.sampled_from(["hubs", "hops", "specific", "mechanism"]),
        "predicate": st.just(("affects",)),
        "category": st.just(("Cell",)),
        "avoid": st.just((NODES[5],)),
        "via": st.sampled_from([("Gene",), (NODES[4],), (f"{NODES[4]}*",)]),
        "metapath": st.sampled_from(["*(Cell)?/affects{1,2}", "^affects/*(Gene|Cell){1,3}"]),
        "evidence": st.just(("any",)),
        "context": st.just(("consistent",)),
    },
).filter(lambda drawn: drawn["max_hops"] >= drawn.get("min_hops", 1))


@some
@given(
    multigraphs(), st.sampled_from(["source", "target"]), st.sampled_from(["*", "Cell"]),
    st.sampled_from([NODES[:1], NODES[2:4]]), options,
)  # fmt: skip
def test_ends_are_the_union_of_single_pairs_in_any_graph(
    statements: list[Statement], side: str, value: str, fixed: tuple[str, ...], more: dict[str, Any]
) -> None:
    other = "target" if side == "source" else "source"
    names = tuple(f"{name}!" for name in fixed)
    banned = set(more.get("avoid", ())) | set(fixed)
    ends = [
        node for node in NODES
        if node not in banned and (value == "*" or CATEGORY[node] != "biolink:Gene")
    ]  # fmt: skip

    def check(snapshot: Snapshot) -> None:
        graph = Graph(snapshot)
        found = graph.open_ends(**{side: value, other: names}, **more, limit=1000)
        assert found.candidates == len(ends)
        if found.composition == "refused":
            assert not of_each(graph, side, ends, **{other: names}, **more)
            return
        check_union(found, of_each(graph, side, ends, **{other: names}, **more, limit=100))
        if "context" not in more:
            check_table(graph, found, **{side: value, other: names}, **more)

    on_snapshot(statements, check)


def test_pages_are_the_parts_of_the_whole(graph: Graph) -> None:
    asked: dict[str, Any] = {"source": "Drug", "target": "neuroinflammation"}
    whole = graph.open_ends(**asked, limit=1000)
    cursor, pages = "", []
    while cursor is not None:
        page = graph.open_ends(**asked, limit=7, cursor=cursor)
        assert page.total == whole.total
        assert page.truncated_by == "limit"
        pages += page.ends
        cursor = page.cursor
    assert tuple(pages) == whole.ends
    with pytest.raises(StaleCursor):
        graph.open_ends(
            source="Drug", target="neuron", cursor=graph.open_ends(**asked).cursor or ""
        )


@pytest.mark.parametrize("effect", ["raises", "lowers", "unknown"])
def test_an_effect_admits_the_ends_of_that_verdict(graph: Graph, effect: str) -> None:
    asked: dict[str, Any] = {"source": "Drug", "target": "neuroinflammation", "limit": 1000}
    whole = graph.open_ends(**asked)
    some = graph.open_ends(**asked, effect=effect)
    assert some.ends == tuple(e for e in whole.ends if e.net_effect.verdict == effect)
    assert (some.total, some.total_is_exact) == (len(some.ends), True)
    cursor, pages = "", []
    while cursor is not None:
        page = graph.open_ends(**asked | {"limit": 2}, effect=effect, cursor=cursor)
        pages += page.ends
        cursor = page.cursor
    assert tuple(pages) == some.ends


def test_a_subtree_and_a_list_may_be_open(graph: Graph) -> None:
    below = graph.open_ends(source="neural stem cell", target="glial cell*", limit=1000)
    assert below.open == "target"
    listed = [end.entity.id for end in below.ends]
    again = graph.open_ends(source="neural stem cell", target=listed, open="target", limit=1000)
    assert again.ends == below.ends


@pytest.mark.parametrize(
    ("fields", "error", "words"),
    [
        ({"source": "*", "target": "*"}, QueryError, "cannot both"),
        ({"source": "Drug", "target": "Gene"}, QueryError, "both sides could be ranked"),
        ({"source": "NSC", "target": "GDNF"}, QueryError, "both sides name entities"),
        ({"source": "Drug", "target": "neuroinflamation of"}, UnknownEntity, "names no entity"),
        ({"source": "Drug", "target": "neuron", "min_hops": 4}, QueryError, "min_hops"),
        ({"source": "NSC", "target": "*", "metapath": "/".join(["*?"] * 12)}, QueryError,
         "more than 62 ways"),
    ],
)  # fmt: skip
def test_what_cannot_be_answered_is_refused(
    graph: Graph, fields: dict[str, Any], error: type[QueryError], words: str
) -> None:
    with pytest.raises(error, match=words):
        graph.open_ends(**fields)


def test_a_query_without_time_says_so(graph: Graph) -> None:
    found = graph.open_ends(source="*", target="neuron", timeout=1e-9)
    assert (found.complete, found.truncated_by, found.total_is_exact) == (False, "time", False)
    assert found.ends == ()
    table = graph.list_open_ends(source="*", target="neuron", timeout=1e-9)
    assert (table.complete, table.truncated_by) == (False, "time")


@pytest.mark.parametrize("fields", [{"effect": "lowers"}, {"context": ("consistent",)}])
def test_a_table_refuses_what_needs_the_paths(graph: Graph, fields: dict[str, Any]) -> None:
    with pytest.raises(QueryError, match="Ask for open_ends"):
        graph.list_open_ends(source="Drug", target="neuron", **fields)
