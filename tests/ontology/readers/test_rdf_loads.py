"""RDF and OWL through a load: the shapes of a statement, the fast lines, and faults."""

import threading
import tracemalloc
from functools import partialmethod
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse, serialize

from mechkg.kg.errors import DataError, LoadRefused
from mechkg.kg.model.schema import Schema
from mechkg.kg.model.values import Qualifier, Statement
from mechkg.kg.readers import FORMATS as TABLES
from mechkg.kg.readers import files
from mechkg.kg.readers.content import Reading, StatementRows
from mechkg.kg.readers.files import SourceFile
from mechkg.kg.snapshot.statement_ids import parts_of
from mechkg.ontology.rdf.formats import read_graph
from mechkg.ontology.rdf.readers import FORMATS, dataset, lines
from tests.kg.readers.loading import DATA, Read
from tests.kg.readers.loading import read as read_tables

ROOT = Path(__file__).parents[3]
ALL = (*TABLES, *FORMATS)
PREFIXES = """
@prefix : <http://example.org/> .
@prefix biolink: <https://w3id.org/biolink/vocab/> .
@prefix obo: <http://purl.obolibrary.org/obo/> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
"""
SYNTAXES = {
    "ttl": RdfFormat.TURTLE,
    "nt": RdfFormat.N_TRIPLES,
    "nq": RdfFormat.N_QUADS,
    "trig": RdfFormat.TRIG,
    "rdf": RdfFormat.RDF_XML,
    "jsonld": RdfFormat.JSON_LD,
}


def read(*paths: Path, **options: object) -> Read:
    return read_tables(*paths, formats=ALL, **options)  # type: ignore[arg-type]


def turtle(folder: Path, text: str, suffix: str = "ttl") -> Path:
    """Write Turtle in any syntax."""
    path = folder / f"graph.{suffix}"
    quads = (q.triple for q in parse(text.encode(), format=RdfFormat.TURTLE))
    path.write_bytes(serialize(quads, format=SYNTAXES[suffix]))
    return path


SHAPES = {
    "plain": ":a biolink:affects obo:CL_0000540 .",
    "association": """:s a biolink:Association ; biolink:subject :a ;
        biolink:predicate biolink:affects ; biolink:object obo:CL_0000540 ;
        biolink:publications :p1 ; biolink:knowledge_level "observation" ;
        biolink:object_direction_qualifier "decreased" .""",
    "reification": """:s a rdf:Statement ; rdf:subject :a ;
        rdf:predicate biolink:affects ; rdf:object obo:CL_0000540 ;
        biolink:publications :p1 ; biolink:knowledge_level "observation" ;
        biolink:object_direction_qualifier "decreased" ; :weight 3 .""",
    "annotation": """:a biolink:affects obo:CL_0000540 {|
        biolink:publications :p1 ; biolink:knowledge_level "observation" ;
        biolink:object_direction_qualifier "decreased" ; :weight 3 |} .""",
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("suffix", SYNTAXES)
def test_every_shape_in_every_syntax_is_the_same_statement(
    tmp_path: Path, shape: str, suffix: str
) -> None:
    if shape == "annotation" and suffix in {"rdf", "jsonld"}:
        text = PREFIXES + SHAPES[shape].replace(
            "{|",
            ". :s a rdf:Statement ; rdf:subject :a ; "
            "rdf:predicate biolink:affects ; rdf:object obo:CL_0000540 ;",
        ).replace("|}", "")
    else:
        text = PREFIXES + SHAPES[shape]
    found = read(turtle(tmp_path, text + ' obo:CL_0000540 rdfs:label "neuron" .', suffix))
    (statement,) = found.statements
    assert (statement.subject, statement.predicate, statement.object) == (
        "ex:a", "affects", "CL:0000540"
    )  # fmt: skip
    assert found.entities["CL:0000540"].name == "neuron"
    assert found.entities["CL:0000540"].category == "biolink:Cell"
    (evidence,) = statement.evidence
    assert evidence.source == f"graph.{suffix}"
    if shape != "plain":
        assert statement.sign == -1
        assert statement.qualifiers == (Qualifier("object_direction_qualifier", "decreased"),)
        assert evidence.publications == ("ex:p1",)
        assert evidence.knowledge_level == "observation"
    if shape in {"reification", "annotation"}:
        assert statement.attributes == {"weight": "3"}


def test_owl_says_the_same_as_its_obo_graph() -> None:
    owl, graph = read(DATA / "glia.owl"), read(DATA / "glia.json")
    assert owl.triples == graph.triples
    assert owl.counts.evidence == graph.counts.evidence == 4
    assert owl.entities["CL:0000126"].synonyms == ("macroglia",)
    assert {e: (x.name, x.category) for e, x in owl.entities.items()} == {
        e: (x.name, x.category) for e, x in graph.entities.items()
    }


def biolink_named(statement: Statement) -> Statement:
    """A load knows a Biolink predicate by Biolink's identifier, whatever notation a file gives."""
    same = {"has_basis_in": "disease_has_basis_in"}
    predicate = same.get(statement.predicate, statement.predicate)
    return msgspec.structs.replace(statement, predicate=predicate)


def test_the_bundled_ontology_loads_as_it_compiles() -> None:
    files = [ROOT / "ontology" / "mechanism.ttl", *sorted((ROOT / "ontology/ms-nsc").glob("*.ttl"))]
    compiled = read_graph(files)
    loaded = read(*files)
    expected = {s.id: s for s in compiled.statements if not s.id.startswith("T-")}
    found = {s.id: biolink_named(s) for s in loaded.statements if parts_of(s.id) is None}
    assert found == {key: biolink_named(s) for key, s in expected.items()}
    assert loaded.entities == {e.id: e for e in compiled.entities}


OBO, BIOLINK = "http://purl.obolibrary.org/obo/", "https://w3id.org/biolink/vocab/"
iris = st.sampled_from(
    [*(f"http://example.org/{name}" for name in "abcd"), f"{OBO}CL_1", f"{OBO}CHEBI_2"]
)
types = st.sampled_from(
    [
        *(f"{BIOLINK}{name}" for name in ("ChemicalEntity", "SmallMolecule", "NamedThing")),
        "http://example.org/Kind",
    ]
)
relations = st.sampled_from(["http://example.org/p", "https://w3id.org/biolink/vocab/treats"])


@given(
    st.lists(st.tuples(iris, relations, iris), max_size=20),
    st.lists(
        st.tuples(
            iris, st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8)
        )
    ),
    st.lists(st.tuples(iris, types), max_size=8),
    st.dictionaries(iris, st.sampled_from(["biological_process", "cell", "molecular_function"])),
)
@settings(max_examples=50)
def test_fast_lines_read_what_the_full_parser_reads(
    tmp_path_factory: pytest.TempPathFactory,
    triples: list[tuple[str, str, str]],
    labels: list[tuple[str, str]],
    kinds: list[tuple[str, str]],
    namespaces: dict[str, str],
) -> None:
    folder = tmp_path_factory.mktemp("lines")
    kind = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
    label = NamedNode("http://www.w3.org/2000/01/rdf-schema#label")
    quads = [Quad(*map(NamedNode, triple)) for triple in triples]
    quads += [Quad(NamedNode(s), label, Literal(text)) for s, text in dict(labels).items()]
    quads += [Quad(NamedNode(subject), kind, NamedNode(of)) for subject, of in kinds]
    space = NamedNode("http://www.geneontology.org/formats/oboInOwl#hasOBONamespace")
    ends = {end for subject, _, target in triples for end in (subject, target)}
    quads += [
        Quad(NamedNode(subject), space, Literal(text))
        for subject, text in namespaces.items()
        if subject in ends  # a namespace alone makes no entity of a subject in Turtle
    ]
    if not quads:
        return
    for suffix in ("nt", "ttl"):
        graph = (quad.triple for quad in quads)
        (folder / f"g.{suffix}").write_bytes(serialize(graph, format=SYNTAXES[suffix]))
    fast, full = read(folder / "g.nt"), read(folder / "g.ttl")
    assert fast.triples == full.triples
    assert {e.id: (e.name, e.category) for e in fast.entities.values()} == {
        e.id: (e.name, e.category) for e in full.entities.values()
    }


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read files in blocks of some lines, as a large one is."""
    monkeypatch.setattr(files, "_CHUNK", 100)
    monkeypatch.setattr(SourceFile, "blocks", partialmethod(SourceFile.blocks, 100))


NAMED = '<http://example.org/{0}> <http://www.w3.org/2000/01/rdf-schema#label> "{0}" .\n'
RELATED = "<http://example.org/{0}> <http://example.org/p> <http://example.org/{1}> .\n"


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("kept", [0, 500, 1 << 28])
@pytest.mark.parametrize("nodes", ["", "reification"])
def test_a_file_of_many_blocks_reads_as_one_document(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kept: int, nodes: str
) -> None:
    text = "".join(RELATED.format(i, i + 1) + NAMED.format(i) for i in range(20))
    if nodes:
        shape = PREFIXES + SHAPES[nodes].replace("subject :a", "subject obo:CHEBI_1")
        shape += ' obo:CL_0000540 rdfs:label "neuron" . :b biolink:affects obo:UBERON_1 .'
        shape += " obo:CHEBI_2 a biolink:SmallMolecule ; biolink:affects obo:CL_0000540 ."
        text += turtle(tmp_path, shape, "nt").read_text()
    text += "".join(RELATED.format(i, i + 2) + NAMED.format(i) for i in range(20, 40))
    for suffix in ("nt", "ttl"):
        (tmp_path / f"all.{suffix}").write_text(text)
    whole = read(tmp_path / "all.ttl")
    monkeypatch.setattr(dataset, "SMALL", 0)
    monkeypatch.setattr(lines, "MOST_KEPT", kept)
    parted = read(tmp_path / "all.nt")
    assert parted.triples == whole.triples
    assert {e: (x.name, x.category) for e, x in parted.entities.items()} == {
        e: (x.name, x.category) for e, x in whole.entities.items()
    }


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("position", [0, 500])
def test_a_refused_line_leaves_no_thread_behind(tmp_path: Path, position: int) -> None:
    path = tmp_path / "bad.nt"
    rows = [RELATED.format(i, i + 1) for i in range(1000)]
    rows[position] = "<a:s> <a:p> nothing .\n"
    path.write_text("".join(rows))
    with pytest.raises(DataError, match=f"line {position + 1}: it is no triple"):
        read(path)
    assert not [thread for thread in threading.enumerate() if "read-ahead" in thread.name]


@pytest.mark.usefixtures("small_blocks")
def test_a_refused_block_leaves_those_behind_it_in_step(tmp_path: Path) -> None:
    path = tmp_path / "bad.nt"
    rows = [RELATED.format(i, i + 1) for i in range(20)]
    rows[3] = "<a:\u200b> <a:q> <a:\u200b\u200b> .\n"
    rows[9] = "<a:s> <a:r> <a:\u200b\u200b\u200b> .\n"
    path.write_text("".join(rows))
    with pytest.raises(LoadRefused) as refused:
        read(path)
    assert [refusal.line for refusal in refused.value.refusals] == [4, 10]


def test_numbers_are_kept_of_a_file_not_its_lines(tmp_path: Path) -> None:
    path = tmp_path / "graph.nt"
    path.write_text("".join(RELATED.format(i % 9, i % 7) for i in range(40_000)))
    batches = dataset.read_lines(
        SourceFile(path), Reading(Schema(), "graph.nt"), syntax=RdfFormat.N_TRIPLES
    )
    tracemalloc.start()
    try:
        first = next(batches)
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert isinstance(first, StatementRows)
    assert len(first.subject) == 40_000
    assert held < path.stat().st_size / 2


FAULTS = {
    "graph.nt": ("<a:s> <a:p> <a:o> .\n<a:s> <a:p> nothing .\n", 2, "it is no triple"),
    "cut.nt": ("<a:s> <a:p> <a:o> .\n<a:s> <a:p> <a:o>", 2, "it is no triple"),
    "hidden.nt": (
        "<a:s> <a:p> <a:o> .\n<a:s> <a:p> <a:n> .\n<a:s> <a:p> <a:\u200b> .\n<a:t> <a:p> <a:s> .\n",
        3, "cannot be an identifier",
    ),
    "graph.ttl": ("@prefix : <http://a/> .\n:s :p .\n", 2, "graph.ttl, line 2: .+"),
    "graph.rdf": ("<rdf:RDF>", 1, "no element found"),
    "remote.jsonld": ('{"@context": "http://example.org/c", "a": 1}', None, "not fetched"),
    "wrong.rdf": ("\x00", None, ".+"),
    "reifies.ttl": (
        ("@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .\n"
        "<http://a/r> rdf:reifies <http://a/x> .\n"), 2, "something else than one triple",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_faults_of_rdf_are_refused(tmp_path: Path, name: str) -> None:
    text, line, reason = FAULTS[name]
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(DataError, match=reason) as refused:
        read(path)
    assert refused.value.file == name
    assert line is None or refused.value.line == line


def test_deep_nesting_and_entities_that_multiply_are_refused(tmp_path: Path) -> None:
    deep = tmp_path / "deep.ttl"
    deep.write_text("<a:a> <a:b> " + "[ <a:c> " * 5000)
    with pytest.raises(DataError, match="nested more than 100"):
        read(deep)
    bomb = tmp_path / "bomb.owl"
    bomb.write_text('<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><rdf:RDF>&b;</rdf:RDF>')
    with pytest.raises(DataError, match="entity"):
        read(bomb)
