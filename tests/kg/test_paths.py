"""`find_paths` on real snapshots: small graphs against networkx, the bundled one by hand."""

from itertools import pairwise
from pathlib import Path

import networkx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mechkg.kg.errors import (
    Cancelled,
    QueryError,
    StaleCursor,
    UnknownEntity,
    UnknownTerm,
)
from mechkg.kg.model.queries import PathQuery
from mechkg.kg.model.results import PathResult
from mechkg.kg.model.values import Statement
from mechkg.kg.progress import Cancel
from mechkg.kg.search.find_paths import find_paths
from mechkg.kg.search.list_paths import list_paths
from mechkg.kg.snapshot.snapshot import Snapshot, open_snapshot
from tests.kg.multigraphs import CATEGORY, NODES, SCHEMA, built, multigraphs, on_snapshot

SYMMETRIC = {p.id for p in SCHEMA.predicates if p.symmetric}
FILTERS = {
    "predicate": [(), ("affects",), ("promotes", "binds")],
    "category": [(), ("Cell",), ("gene",)],
    "via": [(), ("node c",), ("X:d", "biolink:Gene"), ("cell",)],
    "avoid": [(), ("X:e",), ("nerve cell",)],
    "evidence": [(), ("article",), ("PMID:1", "P4S3"), ("any",), ("inferred",), ("infores:b",)],
    "modality": [(), ("asserted",), ("potential",)],
    "qualifier": [(), ("species",), ("species=rat",)],
}


@st.composite
def path_queries(draw: st.DrawFn) -> PathQuery:
    ends = st.lists(st.sampled_from(NODES), min_size=1, max_size=2, unique=True).map(tuple)
    hops = draw(st.integers(1, 4))
    chosen = {name: draw(st.sampled_from(values)) for name, values in FILTERS.items()}
    return PathQuery(
        source=draw(ends),
        target=draw(ends),
        max_hops=hops,
        min_hops=draw(st.integers(1, hops)),
        direction=draw(st.sampled_from(["directed", "undirected"])),
        limit=1000,
        **chosen,
    )


def fits(statement: Statement, query: PathQuery) -> bool:
    """Whether a query's words admit a statement, read plainly."""
    if statement.negated:
        return False
    under = {p for text in query.predicate for p in SCHEMA.predicates_under(text)}
    if query.predicate and statement.predicate not in under:
        return False
    inferred = bool(statement.derived_from)
    if inferred and not {"inferred", "any"} & set(query.evidence):
        return False
    words = {"inferred"} if inferred else set()
    for evidence in statement.evidence:
        words |= {evidence.kind, evidence.source, evidence.location, *evidence.publications}
    if query.evidence and "any" not in query.evidence and not words & set(query.evidence):
        return False
    kinds = {q.type for q in statement.qualifiers}
    kinds |= {f"{q.type}={q.value}" for q in statement.qualifiers}
    return (not query.modality or statement.modality in query.modality) and (
        not query.qualifier or bool(kinds & set(query.qualifier))
    )


def admitted(statements: list[Statement], query: PathQuery) -> "networkx.DiGraph[str]":
    graph: networkx.DiGraph[str] = networkx.DiGraph()
    graph.add_nodes_from(NODES)
    for s in statements:
        if fits(s, query):
            graph.add_edge(s.subject, s.object)
            if query.direction == "undirected" or s.predicate in SYMMETRIC:
                graph.add_edge(s.object, s.subject)
    return graph


def meets(nodes: list[str], text: str) -> bool:
    """Whether a path meets what `via` or `avoid` names: an entity, or a category in between."""
    if text.startswith(("node", "X:")):
        return f"X:{text[-1]}" in nodes
    classes = SCHEMA.categories_under(text)
    return any(CATEGORY[node] in classes for node in nodes[1:-1])


def expected(statements: list[Statement], query: PathQuery) -> set[tuple[str, ...]]:
    graph = admitted(statements, query)
    ends = {*query.source, *query.target}
    classes = {c for text in query.category for c in SCHEMA.categories_under(text)}
    found = set()
    for source in query.source:
        for target in set(query.target) - {source}:
            part = graph.subgraph(set(NODES) - ends | {source, target})
            for nodes in networkx.all_simple_paths(part, source, target, query.max_hops):
                if len(nodes) <= query.min_hops:
                    continue
                if query.category and any(CATEGORY[n] not in classes for n in nodes[1:-1]):
                    continue
                if all(meets(nodes, text) for text in query.via) and not any(
                    meets(nodes, text) for text in query.avoid
                ):
                    found.add(tuple(nodes))
    return found


def walked(result: PathResult) -> list[tuple[str, ...]]:
    return [tuple(e.id for e in path.entities) for path in result.paths]


@settings(max_examples=300, suppress_health_check=list(HealthCheck))
@given(multigraphs(), path_queries())
def test_words_of_a_query_mean_what_they_say(statements: list[Statement], query: PathQuery) -> None:
    def check(snapshot: Snapshot) -> None:
        try:
            result = find_paths(snapshot, query)
        except UnknownTerm:
            assert query.evidence or query.modality or query.qualifier
            return
        paths = walked(result)
        assert len(paths) == len(set(paths))
        assert set(paths) == expected(statements, query)
        assert (result.total, result.complete, result.cursor) == (len(paths), True, None)
        by_id = {s.id: s for s in statements}
        for path in result.paths:
            for hop, (tail, head) in zip(path.hops, pairwise(path.entities), strict=True):
                assert hop.statements
                for said in hop.statements:
                    assert fits(by_id[said.id], query)
                    ends = (tail.id, head.id)
                    assert (said.subject, said.object) == (
                        ends if said.direction == "forward" else ends[::-1]
                    )
        effect = result.net_effect
        signs = [path.sign for path in result.paths]
        assert (effect.supports, effect.opposes) == (signs.count(1), signs.count(-1))
        assert (effect.neutral, effect.unknown) == (signs.count(0), signs.count(None))
        table = list_paths(snapshot, query)
        listed = {tuple(e.id for e in row[::2]): i for i, row in enumerate(table.rows)}
        assert (len(table), table.complete, sorted(listed)) == (len(paths), True, sorted(paths))
        lengths = [len(row) for row in table.rows]
        assert lengths == sorted(lengths)
        for path in result.paths:
            at = listed[tuple(e.id for e in path.entities)]
            assert table.rows[at][::2] == path.entities
            assert table.hops(at) == path.hops
            for word, hop in zip(table.rows[at][1::2], path.hops, strict=True):
                marks = {"forward": "", "reverse": "^"}
                assert word in {marks[said.direction] + said.predicate for said in hop.statements}

    on_snapshot(statements, check)


@settings(max_examples=50, suppress_health_check=list(HealthCheck))
@given(multigraphs(), st.integers(1, 3))
def test_pages_join_to_the_whole(statements: list[Statement], limit: int) -> None:
    def check(snapshot: Snapshot) -> None:
        asked = {"source": NODES[:2], "target": NODES[2:5], "direction": "undirected"}
        whole = find_paths(snapshot, PathQuery(**asked, limit=1000))
        pages, cursor = [], ""
        while cursor is not None:
            page = find_paths(snapshot, PathQuery(**asked, limit=limit, cursor=cursor))
            assert page.total == whole.total
            assert page.complete == (whole.total <= limit)
            assert page.truncated_by == (None if page.complete else "limit")
            pages += page.paths
            cursor = page.cursor
        assert tuple(pages) == whole.paths

    on_snapshot(statements, check)


CHAIN = [
    Statement(id=f"T{i}", subject=a, predicate="promotes", object=b, sign=1)
    for i, (a, b) in enumerate(pairwise(NODES))
]


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return built(tmp_path_factory.mktemp("chain"), CHAIN)


@pytest.mark.parametrize(
    ("fields", "error", "parameter"),
    [
        ({"source": ("node z",)}, UnknownEntity, "source"),
        ({"target": ("node z",)}, UnknownEntity, "target"),
        ({"via": ("nothing",)}, UnknownEntity, "via"),
        ({"avoid": ("nothing*",)}, UnknownEntity, "avoid"),
        ({"predicate": ("cures",)}, UnknownTerm, "predicate"),
        ({"category": ("Planet",)}, UnknownTerm, "category"),
        ({"evidence": ("rumour",)}, UnknownTerm, "evidence"),
        ({"modality": ("shouted",)}, UnknownTerm, "modality"),
        ({"qualifier": ("colour=red",)}, UnknownTerm, "qualifier"),
        ({"scorer": "best"}, UnknownTerm, "scorer"),
        ({"metapath": "promotes/("}, QueryError, "metapath"),
        ({"metapath": "cures"}, UnknownTerm, "metapath"),
        ({"via": NODES + NODES}, QueryError, "via"),
        ({"metapath": "*{8}/*{8}", "via": NODES}, QueryError, "metapath"),
        ({"cursor": "AAAA"}, StaleCursor, "cursor"),
        ({"min_hops": 3, "max_hops": 2}, QueryError, "min_hops"),
    ],
)
def test_wrong_words_are_refused_by_name(
    chain: Snapshot, fields: dict[str, object], error: type[QueryError], parameter: str
) -> None:
    with pytest.raises(error) as refused:
        find_paths(chain, PathQuery(**({"source": ("X:a",), "target": ("X:c",)} | fields)))
    assert refused.value.parameter == parameter


def test_a_cursor_belongs_to_its_query(chain: Snapshot) -> None:
    query = PathQuery(source=("X:a", "X:c"), target=("X:b", "X:d"), limit=1)
    cursor = find_paths(chain, query).cursor
    assert cursor
    with pytest.raises(StaleCursor):
        find_paths(chain, PathQuery(source=("X:a",), target=("X:d",), cursor=cursor))


def test_a_cancelled_query_raises(chain: Snapshot) -> None:
    cancel = Cancel()
    cancel.cancel()
    with pytest.raises(Cancelled):
        find_paths(chain, PathQuery(source=("X:a",), target=("X:g",), max_hops=8), cancel)


def test_an_entity_leads_nowhere_to_itself(chain: Snapshot) -> None:
    result = find_paths(chain, PathQuery(source=("X:a",), target=("X:a",)))
    assert (result.paths, result.total, result.complete) == ((), 0, True)


def test_sets_of_ends_that_overlap(chain: Snapshot) -> None:
    ends = ("X:a", "X:b", "X:c")
    result = find_paths(chain, PathQuery(source=ends, target=ends, max_hops=4))
    assert walked(result) == [("X:a", "X:b"), ("X:b", "X:c")]


# ---------------------------------------------------------------- the bundled ontology


@pytest.fixture(scope="module")
def bundled(data_directory: Path) -> Snapshot:
    return open_snapshot(data_directory / "ms-nsc" / "current")


def test_neural_stem_cells_protect_neurons_through_gdnf(bundled: Snapshot) -> None:
    result = find_paths(bundled, PathQuery(source=("NSC",), target=("neuron",), max_hops=3))
    path = next(p for p in result.paths if "GDNF" in [e.name for e in p.entities])
    assert path.explanation.startswith("Neural stem cells secrete GDNF, which protects neurons")
    secretes, protects = (hop.statements for hop in path.hops)
    assert "SC061" in [s.id for s in secretes]
    assert "MK001" in [s.id for s in protects]
    locations = {e.location for s in secretes + protects for e in s.evidence}
    publications = {p for s in protects for e in s.evidence for p in e.publications}
    assert "P4S3" in locations
    assert "PMID:28878618" in publications


@pytest.mark.parametrize(
    ("source", "target", "sign", "verdict"),
    [
        ("GDNF", "Remyelination", 1, "raises"),
        ("mesenchymal stem cell", "Remyelination", 1, "raises"),
        ("hostile inflammatory CNS microenvironment", "Graft Survival", -1, "lowers"),
    ],
)
def test_a_direct_claim_is_the_best_path_and_the_verdict(
    bundled: Snapshot, source: str, target: str, sign: int, verdict: str
) -> None:
    result = find_paths(bundled, PathQuery(source=(source,), target=(target,)))
    assert result.paths[0].length == 1
    assert result.paths[0].sign == sign
    assert (result.net_effect.verdict, result.net_effect.basis) == (verdict, "direct")
    shown = {s.id for hop in result.paths[0].hops for s in hop.statements}
    assert set(result.net_effect.statements) & shown


def test_stem_cells_lower_multiple_sclerosis_through_inflammation(bundled: Snapshot) -> None:
    query = PathQuery(source=("NSC",), target=("multiple sclerosis",), limit=100)
    result = find_paths(bundled, query)
    signs = {tuple(e.name for e in path.entities): path.sign for path in result.paths}
    assert signs["neural stem cell", "inflammatory response", "multiple sclerosis"] == -1
    assert result.net_effect.verdict == "lowers"


@pytest.mark.parametrize("limit", [1, 3, 60])
def test_the_verdict_does_not_depend_on_limit_or_diversity(bundled: Snapshot, limit: int) -> None:
    ends = {"source": ("NSC",), "target": ("multiple sclerosis",)}
    wanted = find_paths(bundled, PathQuery(**ends)).net_effect
    for diverse in ("", "metapath", "mediator"):
        query = PathQuery(**ends, limit=limit, diverse=diverse)
        assert find_paths(bundled, query).net_effect == wanted


def test_negated_statements_carry_no_path(bundled: Snapshot) -> None:
    index, records = bundled.index, bundled.records
    assert index.statements > index.carrying
    for row in range(index.carrying, index.statements):
        denied = records.statement(row)
        query = PathQuery(
            source=(denied.subject,),
            target=(denied.object,),
            max_hops=1,
            predicate=(denied.predicate,),
            evidence=("any",),
            direction="undirected",
        )
        said = {
            s.id for p in find_paths(bundled, query).paths for h in p.hops for s in h.statements
        }
        assert denied.id not in said


def test_inferred_statements_come_when_asked_for(bundled: Snapshot) -> None:
    asked = {"source": ("NSC",), "target": ("neuron",), "max_hops": 3, "limit": 1000}
    plain = find_paths(bundled, PathQuery(**asked))
    every = find_paths(bundled, PathQuery(**asked, evidence=("any",)))
    assert not [s for p in plain.paths for h in p.hops for s in h.statements if s.derived_from]
    assert [s for p in every.paths for h in p.hops for s in h.statements if s.derived_from]


def test_a_subtree_is_avoided_whole(bundled: Snapshot) -> None:
    asked = {"source": ("NSC",), "target": ("neuron",), "direction": "undirected", "limit": 1000}
    all_paths = walked(find_paths(bundled, PathQuery(**asked)))
    below = walked(find_paths(bundled, PathQuery(**asked, avoid=("astrocyte*",))))
    assert ("CL:0000047", "CL:0000127") in [path[:2] for path in all_paths]
    kinds = {"CL:0000127", "mechkg:A1ReactiveAstrocyte", "mechkg:A2ReactiveAstrocyte"}
    assert set(below) == {path for path in all_paths if kinds.isdisjoint(path)}
