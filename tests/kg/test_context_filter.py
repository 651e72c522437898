"""`context`: include, exclude and consistent, against a filter over all paths."""

from collections.abc import Callable, Iterable
from pathlib import Path as FilePath

import pytest

from mechkg.kg.errors import QueryError, UnknownTerm
from mechkg.kg.graph import Graph, open_graph
from mechkg.kg.model.values import HopStatement, Path

PAIRS = (
    ("NSC", "neuron"),
    ("NSC", "Remyelination"),
    ("MSC", "inflammatory response"),
    ("IL17A", "Remyelination"),
)
HUMAN, MOUSE, RAT = "NCBITaxon:9606", "NCBITaxon:10090", "NCBITaxon:10116"
Key = tuple[str, ...]


@pytest.fixture(scope="module")
def graph(data_directory: FilePath) -> Graph:
    return open_graph(data_directory / "ms-nsc" / "current")


def key(path: Path) -> Key:
    return tuple(entity.id for entity in path.entities)


def everything(graph: Graph, source: str, target: str, **fields: object) -> list[Path]:
    found = graph.find_paths(
        source=f"{source}!", target=f"{target}!", limit=500, composition="off", **fields
    )
    assert found.complete
    return list(found.paths)


def kept(paths: Iterable[Path], admits: Callable[[HopStatement], bool]) -> set[Key]:
    """The paths of which each hop has a statement that is admitted."""
    return {key(p) for p in paths if all(any(map(admits, hop.statements)) for hop in p.hops)}


def named(statement: HopStatement, kind: str) -> set[str]:
    return {context.value for context in statement.context if context.type == kind}


FILTERS: tuple[tuple[tuple[str, ...], Callable[[HopStatement], bool]], ...] = (
    (("species=human",), lambda s: HUMAN in named(s, "species")),
    ((f"species={HUMAN}", "species=rat"), lambda s: bool({HUMAN, RAT} & named(s, "species"))),
    (("species!=mouse",), lambda s: MOUSE not in named(s, "species")),
    (("species!=mouse", "species!=rat"), lambda s: not {MOUSE, RAT} & named(s, "species")),
    (("species~=human",), lambda s: HUMAN in named(s, "species") or not named(s, "species")),
    (
        ("species~=mouse", "model!=MONDO:0005134"),
        lambda s: (MOUSE in named(s, "species") or not named(s, "species"))
        and "MONDO:0005134" not in named(s, "model"),
    ),
    (("system=in_vitro",), lambda s: "in_vitro" in named(s, "system")),
    (("anatomy!=UBERON:0001017",), lambda s: "UBERON:0001017" not in named(s, "anatomy")),
    (("disease~=MONDO:0005301",),
     lambda s: "MONDO:0005301" in named(s, "disease") or not named(s, "disease")),
)  # fmt: skip


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_contexts_filter_statements(graph: Graph, source: str, target: str) -> None:
    whole = everything(graph, source, target)
    assert whole
    for texts, admits in FILTERS:
        found = everything(graph, source, target, context=texts)
        assert {key(path) for path in found} == kept(whole, admits), texts
        assert all(admits(s) for path in found for hop in path.hops for s in hop.statements)


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_consistent_paths_hold_in_one_species(graph: Graph, source: str, target: str) -> None:
    whole = everything(graph, source, target)
    wanted: set[Key] = set()
    for species in (HUMAN, MOUSE, RAT):
        wanted |= kept(
            whole, lambda s, x=species: x in named(s, "species") or not named(s, "species")
        )
    found = everything(graph, source, target, context=("consistent",))
    assert {key(path) for path in found} == wanted
    assert all(path.contexts_agree for path in found)
    scores = [path.score for path in found]
    assert scores == sorted(scores, reverse=True)


def test_pages_of_consistent_paths_are_the_whole(graph: Graph) -> None:
    fields = {"source": "NSC", "target": "Remyelination", "context": ("consistent",)}
    whole = graph.find_paths(**fields, limit=100)
    assert whole.complete
    assert 3 < whole.total < graph.find_paths(source="NSC", target="Remyelination").total
    pages, cursor = [], ""
    while cursor is not None:
        page = graph.find_paths(**fields, limit=3, cursor=cursor)
        assert page.total == whole.total
        pages += page.paths
        cursor = page.cursor
    assert list(map(key, pages)) == list(map(key, whole.paths))
    assert page.net_effect == graph.find_paths(**fields, limit=3).net_effect


def test_consistent_and_a_species_hold_together(graph: Graph) -> None:
    fields = {"source": "NSC", "target": "Remyelination", "limit": 100}
    both = graph.find_paths(**fields, context=("consistent", "species~=rat"))
    alone = graph.find_paths(**fields, context=("species~=rat",))
    assert {key(path) for path in both.paths} <= {key(path) for path in alone.paths}


@pytest.mark.parametrize("text", ["species", "colour=red", "=x", "species=", "Consistently"])
def test_what_is_no_context_is_refused(graph: Graph, text: str) -> None:
    with pytest.raises(QueryError, match="context must be TYPE=VALUE"):
        graph.find_paths(source="NSC", target="neuron", context=(text,))


def test_a_context_that_nothing_names_lists_what_is_named(graph: Graph) -> None:
    with pytest.raises(UnknownTerm) as caught:
        graph.find_paths(source="NSC", target="neuron", context=("species=cat",))
    assert "species=human" in caught.value.known


def test_other_questions_refuse_to_be_consistent(graph: Graph) -> None:
    fields = {"source": "NSC", "target": "neuron", "context": ("consistent",)}
    for ask in (graph.list_paths, graph.preview_paths, graph.why_not, graph.chokepoints):
        with pytest.raises(QueryError, match="consistent is answered where paths are found"):
            ask(**fields)
    with pytest.raises(QueryError, match="cannot be combined"):
        graph.find_paths(**fields, diverse="metapath")


def test_why_not_offers_any_context(graph: Graph) -> None:
    told = graph.why_not(source="NSC", target="neuron", context=("outcome=not_met",))
    assert any(one.parameter == "context" and one.paths for one in told.relaxations)
