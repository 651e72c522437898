"""KGX JSON Lines, DrugMechDB, OBO Graphs, and SSSOM: content, faults and round trips."""

import json
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings

from mechkg.kg.errors import DataError
from mechkg.kg.model.schema import Schema
from mechkg.kg.model.values import Entity, Evidence, Qualifier, Statement, Subgraph
from mechkg.kg.writers.kgx import write_jsonl, write_tsv
from tests.kg.multigraphs import multigraphs
from tests.kg.readers.loading import DATA, read

EDGE = {"id": "e1", "subject": "CHEBI:1", "predicate": "biolink:affects", "object": "HGNC:2"}


def lines(folder: Path, *records: object, name: str = "graph.jsonl") -> Path:
    path = folder / name
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


# -- KGX JSON Lines ---------------------------------------------------------------------------


def test_sources_qualifiers_and_levels_of_an_edge_are_kept(tmp_path: Path) -> None:
    sources = [
        {"resource_id": "infores:agg", "resource_role": "aggregator_knowledge_source"},
        {"resource_id": "infores:ctd", "resource_role": "primary_knowledge_source"},
    ]
    path = lines(
        tmp_path,
        {"id": "HGNC:2", "name": "A2M", "category": ["biolink:NamedThing", "biolink:Gene"]},
        EDGE | {
            "sources": sources, "publications": ["PMID:1"], "knowledge_level": "observation",
            "agent_type": "manual_agent", "qualified_predicate": "biolink:causes",
            "qualifiers": [{"qualifier_type_id": "biolink:object_direction_qualifier",
                            "qualifier_value": "increased"}],
            "score": 0.5, "negated": False,
        },
    )  # fmt: skip
    found = read(path)
    assert found.entities["HGNC:2"].category == "biolink:Gene"
    (statement,) = found.statements
    assert statement.id == "e1"
    assert statement.sign == 1
    assert statement.qualifiers == (
        Qualifier("object_direction_qualifier", "increased"),
        Qualifier("qualified_predicate", "biolink:causes"),
    )
    (evidence,) = statement.evidence
    assert (evidence.source, evidence.publications) == ("infores:ctd", ("PMID:1",))
    assert json.loads(statement.attributes["sources"]) == sources
    assert statement.attributes["score"] == "0.5"


def test_a_decreased_cause_turns_the_sign(tmp_path: Path) -> None:
    path = lines(
        tmp_path,
        EDGE | {
            "subject_direction_qualifier": "decreased", "object_direction_qualifier": "decreased"
        },
    )  # fmt: skip
    assert read(path).statements[0].sign == 1


JSON_FAULTS = {
    '{"id": "a:1", "name": "x"}\n{"id": \n': (2, "the JSON is broken"),
    '{"id": "a:1"}\n[1]\n': (2, "not a JSON object"),
    '{"id": ""}\n': (1, "'id' is missing or empty"),
    '{"subject": "a:1", "predicate": "p"}\n': (1, "'object' is missing or empty"),
    '{"subject": "a:1", "predicate": 3, "object": "a:2"}\n': (1, "'predicate' is a number"),
    '{"subject": "a:1", "predicate": "p", "object": "a:2", "sources": [{}]}\n': (
        1, "'sources' has no resource_id"),
    '{"subject": "a:1", "predicate": "p", "object": "a:2", "negated": 7}\n': (1, "'negated'"),
    '{"id": "a:1"}\n{"id": ' + "[" * 5000 + "\n": (2, "the JSON is broken"),
}  # fmt: skip


@pytest.mark.parametrize("text", JSON_FAULTS)
def test_faults_of_json_lines_are_refused_at_their_line(tmp_path: Path, text: str) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text(text)
    line, reason = JSON_FAULTS[text]
    with pytest.raises(DataError, match=reason) as refused:
        read(path)
    assert (refused.value.file, refused.value.line) == ("bad.jsonl", line)


def test_a_round_trip_through_kgx_loses_nothing(tmp_path: Path) -> None:
    entities = (
        Entity(id="CL:0000128", name="oligodendrocyte", category="biolink:Cell",
               synonyms=("OL", "OLs"), description="A cell.", xrefs=("MESH:D009836",),
               provided_by=("infores:cl",), iri="http://purl.obolibrary.org/obo/CL_0000128"),
        Entity(id="HGNC:4232", name="GDNF", category="biolink:Gene",
               iri="http://identifiers.org/hgnc/4232"),
    )  # fmt: skip
    full = Statement(
        id="S1", subject="HGNC:4232", predicate="protects", object="CL:0000128", sign=1,
        modality="potential", note="By a curator.", derived_from=("S2", "S3"),
        qualifiers=(Qualifier("dose", "2=high"), Qualifier("species", "rat")),
        evidence=(
            Evidence(kind="literature", source="infores:a", publications=("PMID:1",),
                     titles=("A title",), knowledge_level="knowledge_assertion",
                     agent_type="manual_agent", seen_in="a file"),
            Evidence(kind="article", source="infores:b", location="P4S3"),
        ),
    )  # fmt: skip
    denied = msgspec.structs.replace(full, id="S2", negated=True, sign=None, derived_from=())
    graph = Subgraph(entities=entities, statements=(full, denied))
    for write in (write_jsonl, write_tsv):
        path = tmp_path / "graph.tar.gz"
        path.write_bytes(write(graph, Schema()))
        found = read(path, schema=Schema())
        assert tuple(found.entities.values()) == entities
        assert {s.id: s for s in found.statements} == {"S1": full, "S2": denied}


@given(multigraphs())
@settings(max_examples=25)
def test_any_graph_comes_back_from_kgx(
    tmp_path_factory: pytest.TempPathFactory, statements: list[Statement]
) -> None:
    path = tmp_path_factory.mktemp("kgx") / "graph.tar.gz"
    evident = [s for s in statements if s.evidence]
    path.write_bytes(write_jsonl(Subgraph(entities=(), statements=tuple(evident)), Schema()))
    if not evident:
        return

    def by_id(found: list[Statement]) -> list[Statement]:
        ordered = (
            msgspec.structs.replace(
                s, qualifiers=tuple(sorted(s.qualifiers, key=lambda q: (q.type, q.value)))
            )
            for s in found
        )
        return sorted(ordered, key=lambda s: s.id)

    assert by_id(read(path, schema=Schema()).statements) == by_id(evident)


# -- DrugMechDB -------------------------------------------------------------------------------


def test_a_drawn_mechanism_becomes_statements_with_their_record() -> None:
    found = read(DATA / "drugmechdb-glatiramer.yaml", DATA / "drugmechdb-dimethyl-fumarate.yaml")
    assert found.entities["MESH:D000068717"].category == "biolink:Drug"
    said = {(s.subject, s.predicate, s.object): s for s in found.statements}
    link = said["MESH:D000068717", "negatively_regulates", "GO:0042088"]
    assert link.sign == -1
    (evidence,) = link.evidence
    assert evidence.kind == "curated_mechanism_db"
    assert evidence.location == "DB05259_MESH_D009103_1"
    assert evidence.publications[0] == "https://go.drugbank.com/drugs/DB05259"


def test_all_of_drugmechdb_has_one_witness_a_link(shared: Path) -> None:
    found = read(shared / "data" / "drugmechdb" / "records.tar.xz")
    assert found.counts.evidence == 13_561, "13,591 links, 30 of them twice in one record"
    assert len(found.triples) == found.counts.statements == 5_657
    assert found.counts.entities == 3_116


RECORD = "graph:\n  _id: x\nnodes:\n  - {id: a:1, name: a}\n"
YAML_FAULTS = {
    "links:\n  - {source: a:1, key: treats, target: a:2}\n": (None, "'a:2', which is not among"),
    "links:\n  - {source: a:1, key: treats}\n": (None, "no DrugMechDB record .*target"),
    "links: [\n": (None, "the YAML is broken"),
    "links: &x []\nreferences: *x\n": (6, "aliases, which is not read"),
    "links: " + "[" * 200 + "\n": (5, "more than 16 levels"),
}


@pytest.mark.parametrize("rest", YAML_FAULTS)
def test_faults_of_yaml_are_refused(tmp_path: Path, rest: str) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(RECORD + rest)
    line, reason = YAML_FAULTS[rest]
    with pytest.raises(DataError, match=reason) as refused:
        read(path)
    assert line is None or refused.value.line == line


# -- OBO Graphs -------------------------------------------------------------------------------

GLIA = {
    ("CL:0000128", "subclass_of", "CL:0000126"),
    ("CL:0000128", "develops_from", "CL:0002453"),
    ("CL:0000128", "part_of", "UBERON:0001017"),
}


def test_edges_and_definitions_of_an_obo_graph_become_statements() -> None:
    found = read(DATA / "glia.json")
    assert found.triples == GLIA
    assert found.entities["CL:0000126"].synonyms == ("macroglia",)
    assert found.entities["UBERON:0001017"].category == "biolink:AnatomicalEntity"
    kinds = {(s.predicate, e.kind) for s in found.statements for e in s.evidence}
    assert kinds == {
        ("subclass_of", "ontology_axiom"),
        ("subclass_of", "ontology_definition"),
        ("develops_from", "ontology_axiom"),
        ("part_of", "ontology_definition"),
    }
    assert found.schema.predicate("RO:0002202").id == "develops_from"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"graphs": [', "no OBO Graphs document"),
        ('{"graphs": [{"nodes": [{"lbl": "x"}]}]}', "no OBO Graphs document .*id"),
        ('{"graphs": [{"edges": [{"sub": "a", "pred": "is_a", "obj": ""}]}]}', "an empty end"),
    ],
)
def test_faults_of_obo_graphs_are_refused(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "bad.json"
    path.write_text(text)
    with pytest.raises(DataError, match=reason):
        read(path)


# -- SSSOM ------------------------------------------------------------------------------------

SSSOM = (
    "#mapping_set_id: x\nsubject_id\tpredicate_id\tobject_id\tpredicate_modifier\n"
    "DOID:2377\tskos:exactMatch\tMONDO:0005301\t\n"
    "MESH:D009103\towl:equivalentClass\tDOID:2377\t\n"
    "GO:1\tskos:broadMatch\tGO:2\t\n"
    "GO:1\tskos:exactMatch\tGO:3\tNot\n"
)


def test_equivalent_entities_are_one_and_keep_their_other_names(tmp_path: Path) -> None:
    mapping = tmp_path / "same.sssom.tsv"
    mapping.write_text(SSSOM)
    found = read(
        DATA / "hetio-nodes.tsv", DATA / "hetio-edges.tsv",
        DATA / "drugmechdb-glatiramer.yaml", mappings=[mapping],
    )  # fmt: skip
    disease = found.entities["MONDO:0005301"]
    assert {disease.name, *disease.synonyms} == {"multiple sclerosis", "Multiple sclerosis"}
    assert set(disease.xrefs) == {"DOID:2377", "MESH:D009103"}
    assert not {"DOID:2377", "MESH:D009103"} & found.entities.keys()
    sources = {
        e.source
        for s in found.statements
        if "MONDO:0005301" in (s.subject, s.object)
        for e in s.evidence
    }
    assert sources == {"hetio-edges.tsv", "infores:drugmechdb"}
    assert (found.loaded.equivalences, found.loaded.other_mappings) == (2, 2)


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("", None, "no SSSOM table"),
        ("subject_id\tobject_id\n", 1, "'predicate_id' is missing"),
        (SSSOM + "GO:1\n", 7, "'predicate_id' is empty"),
        (SSSOM + "\tskos:exactMatch\tGO:2\t\n", 7, "'subject_id' is empty"),
    ],
)
def test_faults_of_a_mapping_are_refused(
    tmp_path: Path, text: str, line: int | None, reason: str
) -> None:
    mapping = tmp_path / "bad.sssom.tsv"
    mapping.write_text(text)
    with pytest.raises(DataError, match=reason) as refused:
        read(DATA / "hetio-edges.tsv", mappings=[mapping])
    assert refused.value.line == line
