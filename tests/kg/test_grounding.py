"""Kinds of synonyms, cross-references, entities without statements, and opposite names."""

import pytest

from mechkg.kg.build.builder import build_snapshot
from mechkg.kg.errors import AmbiguousName, UnknownEntity
from mechkg.kg.graph import Graph, open_graph
from mechkg.kg.model.queries import SearchQuery
from mechkg.kg.model.schema import Schema
from mechkg.kg.model.values import Entity, Statement
from mechkg.kg.snapshot.spelling import are_opposite, misspellings

ENTITIES = (
    Entity(id="x:1", name="natalizumab", synonyms=("Tysabri",), synonym_kinds={"Tysabri": "brand"}),
    Entity(id="x:2", name="TGFB1", synonyms=("TGF-beta",), synonym_kinds={"TGF-beta": "broad"}),
    Entity(id="x:3", name="TGFB2", synonyms=("TGF-beta",), synonym_kinds={"TGF-beta": "broad"}),
    Entity(id="x:4", name="IL17A", synonyms=("IL-17",), synonym_kinds={"IL-17": "broad"}),
    Entity(
        id="x:5", name="dimethyl fumarate", synonyms=("DMF",), synonym_kinds={"DMF": "ambiguous"}
    ),
    Entity(id="x:6", name="remyelination"),
    Entity(id="x:7", name="CNS myelin loss", synonyms=("Multiple Sclerosis plaque",)),
    Entity(id="x:8", name="multiple sclerosis"),
    Entity(id="y:8", name="Multiple sclerosis"),
    Entity(id="x:9", name="GDNF", xrefs=("UniProt:P39905", "NCBIGene:2668"), iri="http://a.org/g9"),
    Entity(id="x:10", name="neuron disease", synonyms=("motor loss",)),
    Entity(id="y:10", name="motor loss"),
    Entity(id="x:11", name="HGF"),
    Entity(id="x:12", name="IL6", synonyms=("HGF",), synonym_kinds={"HGF": "ambiguous"}),
    Entity(id="x:13", name="IL2RA"),
    Entity(id="x:14", name="CXCL12", synonyms=("SDF-1a",)),
    Entity(id="x:15", name="gray matter edema"),
    Entity(id="x:16", name="Nerve Growth Factors"),
    Entity(id="x:17", name="NGF", synonyms=("nerve growth factor",)),
)
LINKED = tuple(f"x:{number}" for number in range(1, 18))


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    statements = [
        Statement(id=f"S{i}", subject=one, predicate="affects", object=other)
        for i, (one, other) in enumerate(zip(LINKED, LINKED[1:] + LINKED[:1], strict=True))
    ]
    folder = tmp_path_factory.mktemp("grounding")
    return open_graph(
        build_snapshot(folder, name="g", entities=ENTITIES, statements=statements, schema=Schema())
    )


@pytest.mark.parametrize(
    ("text", "curie", "match"),
    [
        ("natalizumab", "x:1", "name"), ("tysabri", "x:1", "brand"), ("IL-17", "x:4", "broad"),
        ("UniProtKB:P39905", "x:9", "cross-reference"), ("ncbigene:2668", "x:9", "cross-reference"),
        ("Entrez:2668", "x:9", "cross-reference"), ("x:9", "x:9", "identifier"),
        ("multiple sclerosis", "x:8", "name"), ("MULTIPLE SCLEROSIS", "x:8", "name"),
        ("Multiple sclerosis", "x:8", "name"), ("HGF", "x:11", "name"),
        ("remylination", "x:6", "typing error"), ("fumarate, dimethyl", "x:5", "word order"),
        ("IL17-A", "x:4", "spelling"), ("IL-2Rα", "x:13", "spelling"),
        ("SDF1 alpha", "x:14", "spelling"), ("SDF-1α", "x:14", "spelling"),
        ("grey matter oedema", "x:15", "spelling"), ("factor nerve growth", "x:17", "word order"),
    ],
)  # fmt: skip
def test_a_name_says_by_which_rule_it_was_read(
    graph: Graph, text: str, curie: str, match: str
) -> None:
    row, grounding = graph.snapshot.names.resolve(text, "source")
    assert (graph.snapshot.records.curie(row), grounding.match) == (curie, match)
    assert (grounding.parameter, grounding.given, grounding.id) == ("source", text, curie)
    plain = match in {"identifier", "name"}
    assert bool(grounding.sentence) != plain


@pytest.mark.parametrize(
    ("text", "candidates"),
    [
        ("TGF-beta", {"x:2", "x:3"}), ("TGF β", {"x:2", "x:3"}), ("DMF", {"x:5"}),
        ("motor loss", {"x:10", "y:10"}),  # its own name, but nothing is stated about it
    ],
)  # fmt: skip
def test_what_may_mean_several_things_is_asked_back(
    graph: Graph, text: str, candidates: set[str]
) -> None:
    with pytest.raises(AmbiguousName) as caught:
        graph.find_paths(source=text, target="GDNF")
    assert {curie for curie, _ in caught.value.candidates} == candidates
    for candidate in caught.value.details:
        assert candidate.category == "biolink:NamedThing"
        assert bool(candidate.linked) == (candidate.statements > 0)
    counts = [candidate.statements for candidate in caught.value.details]
    assert counts == sorted(counts, reverse=True)


@pytest.mark.parametrize(
    ("text", "never"),
    [
        ("demyelination", "x:6"),
        ("demyelinisation", "x:6"),
        ("demyelinaton", "x:6"),
        ("diethyl fumarate", "x:5"),
        ("IL17B", "x:4"),
        ("TGFB3", "x:2"),
    ],
)
def test_another_thing_is_never_taken_for_it(graph: Graph, text: str, never: str) -> None:
    with pytest.raises(UnknownEntity) as caught:
        graph.entity(text)
    opposite = are_opposite(text, "remyelination")
    assert not opposite or never not in {curie for curie, _ in caught.value.suggestions}


@pytest.mark.parametrize("text", ["TGF β", "tysabri", "IL17-A", "uniprot:P39905", "remylination"])
def test_a_search_finds_first_what_a_query_takes(graph: Graph, text: str) -> None:
    result = graph.snapshot.names.search(SearchQuery(q=text))
    try:
        wanted = {graph.entity(text).id}
    except AmbiguousName as error:
        wanted = {curie for curie, _ in error.candidates}
    assert {match.id for match in result.matches[: len(wanted)]} == wanted


@pytest.mark.parametrize(
    ("word", "other"),
    [("demyelination", "remyelination"), ("diethyl", "dimethyl"), ("lactase", "lactose"),
     ("ileum", "ilium"), ("macroglia", "microglia"), ("afferent", "efferent")],
)  # fmt: skip
def test_words_of_one_letter_apart_that_mean_other_things(word: str, other: str) -> None:
    assert [other] not in list(misspellings([word], [0]))
    assert [word] not in list(misspellings([other], [0]))
