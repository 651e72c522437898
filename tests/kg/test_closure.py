"""Subclasses taken in for a class: when, how it is said, and how it is forced or forbidden."""

from pathlib import Path

import pytest

from mechkg.kg.build.builder import build_snapshot
from mechkg.kg.errors import UnknownEntity
from mechkg.kg.graph import Graph, open_graph
from mechkg.kg.model.schema import Category, Predicate, Schema
from mechkg.kg.model.values import Entity, Statement

SCHEMA = Schema(
    categories=(Category(id="biolink:NamedThing", label="thing"),),
    predicates=(
        Predicate(id="subclass_of", label="subclass of", generic=True),
        Predicate(id="associated_with", label="associated with", generic=True, symmetric=True),
        Predicate(id="treats", label="treats"),
        Predicate(id="damages", label="damages"),
    ),
)
KINDS = {"relapsing MS": "MS", "active relapsing MS": "relapsing MS", "A1 astrocyte": "astrocyte"}
FACTS = [
    ("ocrelizumab", "treats", "active relapsing MS"),
    ("A1 astrocyte", "damages", "neuron"),
    ("astrocyte", "damages", "myelin"),
    ("myelin", "damages", "neuron"),
    ("gene", "associated_with", "MS"),
    ("drug", "treats", "relapsing MS"),
    ("drug", "treats", "gene"),
    ("gene", "damages", "MS"),
]


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    facts = [*FACTS, *((kind, "subclass_of", above) for kind, above in KINDS.items())]
    names = sorted({end for subject, _, obj in facts for end in (subject, obj)} | {"lonely"})
    curie = {name: f"x:{number}" for number, name in enumerate(names)}
    path = build_snapshot(
        tmp_path_factory.mktemp("closure"),
        name="closure",
        entities=[Entity(id=curie[name], name=name) for name in names],
        statements=[
            Statement(id=f"S{i}", subject=curie[s], predicate=p, object=curie[o])
            for i, (s, p, o) in enumerate(facts)
        ],
        schema=SCHEMA,
    )
    return open_graph(path)


def names(result) -> set[tuple[str, ...]]:
    return {tuple(entity.name for entity in path.entities) for path in result.paths}


def reasons(result) -> list[tuple[str, str, str]]:
    return [(closure.parameter, closure.name, closure.reason) for closure in result.closures]


def test_a_path_that_ends_below_a_class_is_found_and_said(graph: Graph) -> None:
    result = graph.find_paths(source="ocrelizumab", target="MS")
    assert names(result) == {("ocrelizumab", "active relapsing MS")}
    assert reasons(result) == [("target", "MS", "no direct statement")]
    (closure,) = result.closures
    assert [member.name for member in closure.members] == ["active relapsing MS"]
    assert closure.count == 2
    assert closure.sentence in result.net_effect.sentence
    assert "active relapsing MS" in closure.sentence
    assert "MS (with subclasses)" in result.net_effect.sentence


def test_direct_statements_of_subclasses_join_the_longer_paths_of_the_class(graph: Graph) -> None:
    result = graph.find_paths(source="astrocyte", target="neuron")
    assert names(result) == {("A1 astrocyte", "neuron"), ("astrocyte", "myelin", "neuron")}
    assert reasons(result) == [("source", "astrocyte", "no direct statement")]


def test_an_exclamation_mark_forbids_and_a_star_forces(graph: Graph) -> None:
    alone = graph.find_paths(source="astrocyte!", target="neuron")
    assert names(alone) == {("astrocyte", "myelin", "neuron")}
    assert alone.closures == ()
    assert graph.find_paths(source="ocrelizumab", target="MS!").total == 0
    forced = graph.find_paths(source="gene", target="MS*")
    assert reasons(forced) == [("target", "MS", "asked")]
    assert names(forced) == {("gene", "MS")}
    with pytest.raises(UnknownEntity):
        graph.find_paths(source="nobody*", target="MS")


def test_what_is_found_of_the_class_itself_needs_no_subclasses(graph: Graph) -> None:
    result = graph.find_paths(source="gene", target="MS")
    assert names(result) == {("gene", "MS")}
    assert result.closures == ()


def test_ends_and_middles_are_chosen_one_by_one(graph: Graph) -> None:
    through = graph.find_paths(source="drug", target="MS", via="relapsing MS!")
    assert names(through) == {("drug", "relapsing MS")}
    avoiding = graph.find_paths(source="ocrelizumab", target="MS", avoid="relapsing MS!")
    assert names(avoiding) == {("ocrelizumab", "active relapsing MS")}
    nothing = graph.find_paths(source="ocrelizumab", target="MS", avoid="relapsing MS*")
    assert nothing.total == 0


@pytest.mark.parametrize("ask", ["chokepoints", "preview_paths", "why_not"])
def test_every_question_about_paths_takes_them_in_alike(graph: Graph, ask: str) -> None:
    answer = getattr(graph, ask)(source="ocrelizumab", target="MS")
    assert answer.total == 1
    assert reasons(answer) == [("target", "MS", "no direct statement")]
    alone = getattr(graph, ask)(source="ocrelizumab", target="MS!")
    assert (alone.total, alone.closures) == (0, ())


def test_streams_and_lists_take_them_in_alike(graph: Graph) -> None:
    stream = graph.stream_paths(source="ocrelizumab", target="MS")
    assert [[entity.name for entity in path.entities] for path in stream] == [
        ["ocrelizumab", "active relapsing MS"]
    ]
    assert reasons(stream.summary) == [("target", "MS", "no direct statement")]
    table = graph.list_paths(source="ocrelizumab", target="MS")
    assert [row[2].name for row in table.rows] == ["active relapsing MS"]


def test_a_comparison_looks_below_both_sides(graph: Graph) -> None:
    result = graph.compare(left="astrocyte", right="myelin", target="neuron")
    assert result.left.total == 2
    assert [(c.parameter, c.given, c.reason) for c in result.closures] == [
        ("left", "astrocyte", "compared")
    ]
    assert graph.compare(left="astrocyte!", right="myelin", target="neuron").left.total == 1
    beside = graph.compare(left="astrocyte*", right="myelin")
    assert "neuron" in {share.entity.name for share in beside.neighbours if share.left}


def test_a_neighbourhood_of_a_class_without_statements_is_that_of_its_subclasses(
    graph: Graph,
) -> None:
    result = graph.neighbourhood(entity="MS", predicate="treats")
    assert {n.entity.name for n in result.neighbours} == {"ocrelizumab", "drug"}
    assert reasons(result) == [("entity", "MS", "no statement")]
    alone = graph.neighbourhood(entity="MS!", predicate="treats")
    assert (alone.total, alone.closures) == (0, ())
    forced = graph.neighbourhood(entity="astrocyte*")
    assert {n.entity.name for n in forced.neighbours} == {"neuron", "myelin"}


def test_a_direct_association_is_among_the_answers_and_marked(graph: Graph) -> None:
    result = graph.find_paths(source="MS!", target="gene")
    (path,) = result.paths
    assert path.sign is None
    assert "association" in path.explanation
    assert result.net_effect.unknown == result.total == 1
    assert "direct association" in result.net_effect.sentence
    kept = graph.find_paths(source="gene", target="MS")  # a mechanism joins them, too
    assert {s.predicate for s in kept.paths[0].hops[0].statements} == {"damages", "associated_with"}
    assert "damages" in kept.paths[0].explanation
    assert "associated" not in kept.paths[0].explanation
    named = graph.find_paths(source="MS", target="gene", predicate="damages")
    assert named.total == 0


def test_pages_with_an_association_are_together_the_whole(graph: Graph) -> None:
    whole = graph.find_paths(source=("gene", "drug", "MS!"), target=("gene", "MS!"), limit=100)
    assert whole.complete
    pages, cursor = [], ""
    while cursor is not None:
        page = graph.find_paths(
            source=("gene", "drug", "MS!"), target=("gene", "MS!"), limit=1, cursor=cursor
        )
        assert page.total == whole.total
        pages += page.paths
        cursor = page.cursor
    assert sorted(p.explanation for p in pages) == sorted(p.explanation for p in whole.paths)


def test_the_bundled_ontology_answers_what_it_was_silent_about(data_directory: Path) -> None:
    graph = open_graph(data_directory / "ms-nsc" / "current")
    result = graph.find_paths(source="ocrelizumab", target="multiple sclerosis*")
    ends = {path.entities[-1].name for path in result.paths}
    assert "multiple sclerosis" in ends
    assert {
        "relapsing-remitting multiple sclerosis", "primary progressive multiple sclerosis",
    } <= ends  # fmt: skip
    starts = {
        path.entities[0].name
        for path in graph.find_paths(source="astrocyte", target="neuron").paths
    }
    assert {
        "A1 (neurotoxic) reactive astrocyte", "A2 (neuroprotective) reactive astrocyte",
    } <= starts  # fmt: skip
    linked = graph.find_paths(source="HLA-DRB1", target="multiple sclerosis")
    assert "XC0351" in {s.id for path in linked.paths for s in path.hops[0].statements}
