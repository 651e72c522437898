"""Formats of neighbouring tools and resources: what each becomes, and what is said of the rest."""

import json
import re
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow
import pytest
from pyarrow import parquet

from mechkg.kg.build.load import load
from mechkg.kg.errors import DataError
from mechkg.kg.graph import Graph
from mechkg.kg.model.presets import known_schema
from mechkg.kg.model.values import Context
from mechkg.kg.snapshot.snapshot import open_snapshot
from tests.kg.readers.loading import read
from tests.kg.readers.samples import SAMPLES, content_of
from tests.kg.readers.test_load_report import assert_accounted_for


@pytest.mark.parametrize("sample", SAMPLES)
def test_format_is_recognised_and_read(tmp_path: Path, sample: str) -> None:
    _, _, form, triples = SAMPLES[sample]
    found = read(written(tmp_path, sample))
    assert found.loaded.files[0].format == form
    assert found.triples == triples
    assert_accounted_for(found.loaded.report)


def written(folder: Path, sample: str) -> Path:
    path = folder / SAMPLES[sample][0]
    path.write_bytes(content_of(sample))
    return path


def test_signs_evidence_and_denials_come_with_the_formats(tmp_path: Path) -> None:
    signs = {
        sample: [s.sign for s in read(written(tmp_path, sample)).statements]
        for sample in ("SIGNOR", "OmniPath", "INDRA", "BEL")
    }
    assert signs == {"SIGNOR": [1], "OmniPath": [-1], "INDRA": [-1], "BEL": [-1]}
    (statement,) = read(written(tmp_path, "GAF")).statements
    assert statement.negated
    assert statement.evidence[0].publications == ("PMID:1", "X:2")
    (statement,) = read(written(tmp_path, "TRAPI")).statements
    assert (statement.evidence[0].source, statement.evidence[0].publications) == (
        "infores:ctd", ("PMID:1",)
    )  # fmt: skip
    (statement,) = read(written(tmp_path, "BEL")).statements
    assert statement.evidence[0].publications == ("PMID:7",)


SEEN: list[dict[str, Any]] = [
    {"source_api": "reach", "pmid": "7", "text": "said", "context": {
        "type": "bio", "species": {"name": "mouse", "db_refs": {"TAXONOMY": "10090"}},
        "cell_type": {"name": "T cell", "db_refs": {"CL": "CL:0000084"}}}},
    {"source_api": "signor", "text_refs": {"DOI": "10.1/x"}, "context": {
        "type": "bio", "species": {"name": "mouse", "db_refs": {"TAXONOMY": "10090"}},
        "organ": {"name": "spleen", "db_refs": {}}}},
    {"source_api": "biopax", "context": {
        "species": {"name": "mouse", "db_refs": {"TAXONOMY": "10090"}}}},
]  # fmt: skip


def indra(evidence: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{
        "type": "Phosphorylation", "id": "st9", "belief": 0.75, "residue": "S", "position": "10",
        "enz": {"name": "a", "db_refs": {"HGNC": "1"}},
        "sub": {"name": "b", "db_refs": {"HGNC": "2"}}, "evidence": evidence,
    }]  # fmt: skip


def test_each_evidence_of_indra_keeps_its_context(tmp_path: Path) -> None:
    path = tmp_path / "statements.json"
    path.write_text(json.dumps(indra(SEEN)))
    (statement,) = read(path).statements
    mouse = Context("species", "NCBITaxon:10090", "mouse")
    assert statement.context == (mouse,)
    pieces = {piece.source: piece for piece in statement.evidence}
    assert {source: (p.publications, p.context) for source, p in pieces.items()} == {
        "infores:reach": (("PMID:7",), (Context("cell", "CL:0000084", "T cell"),)),
        "infores:signor": (("DOI:10.1/x",), (Context("anatomy", "spleen"),)),
        "infores:biopax": ((), ()),
    }
    assert pieces["infores:reach"].agent_type == "text_mining_agent"
    assert {(q.type, q.value) for q in statement.qualifiers} == {
        ("residue", "S"),
        ("position", "10"),
    }
    assert statement.attributes["belief"] == "0.75"
    assert statement.attributes["evidence_count"] == "3"
    path.write_text(json.dumps(indra([SEEN[0], {**SEEN[0], "context": None}])))
    (statement,) = read(path).statements
    assert statement.context == ()
    assert {len(piece.context) for piece in statement.evidence} == {0, 2}


def test_a_context_of_evidence_is_found_and_excludes(tmp_path: Path) -> None:
    human = {"species": {"name": "human", "db_refs": {"TAXONOMY": "9606"}}}
    mouse = {"species": {"name": "mouse", "db_refs": {"TAXONOMY": "10090"}}}
    agents = [{"name": n, "db_refs": {"HGNC": str(i)}} for i, n in enumerate("abcd", 1)]

    def said(subject: int, *contexts: dict[str, Any]) -> dict[str, Any]:
        evidence = [
            {"source_api": "x", "pmid": str(i), "context": c} for i, c in enumerate(contexts)
        ]
        return {"type": "Activation", "subj": agents[subject], "obj": agents[subject + 1],
                "evidence": evidence}  # fmt: skip

    path = tmp_path / "s.json"
    path.write_text(json.dumps([said(0, human, mouse), said(1, mouse), said(2, human)]))
    graph = Graph(open_snapshot(load([path], tmp_path, name="g", schema=known_schema()).path))
    find = partial(graph.find_paths, source="HGNC:1", composition="off")
    assert find(target="HGNC:3", context=("consistent",)).total == 1
    assert find(target="HGNC:3", context=("species=human",)).total == 0
    assert find(target="HGNC:2", context=("species=human",)).total == 1
    assert find(target="HGNC:4").total == 1
    assert find(target="HGNC:4", context=("consistent",)).total == 0
    assert find(target="HGNC:4").paths[0].context_conflicts == ("species",)


def test_pairs_of_indra_are_statements(tmp_path: Path) -> None:
    path = tmp_path / "sif.csv"
    path.write_text(
        "agA_ns,agA_id,agA_name,agB_ns,agB_id,agB_name,stmt_type,evidence_count,stmt_hash,residue,"
        "position,source_counts,belief\n"
        "HGNC,1,a,CHEBI,CHEBI:2,b,Inhibition,4,-3012,,,\"{'reach': 3, 'signor': 1}\",0.98\n"
        "HGNC,1,a,HGNC,3,c,Phosphorylation,1,77,S,10,\"{'sparser': 1}\",0.65\n"
    )
    found = read(path, schema=known_schema())
    assert found.loaded.files[0].format == "indra-table"
    by_hash = {s.attributes["stmt_hash"]: s for s in found.statements}
    one, other = by_hash["-3012"], by_hash["77"]
    assert (one.subject, one.object, one.effect) == ("HGNC:1", "CHEBI:2", "lowers")
    assert [e.source for e in one.evidence] == ["infores:reach", "infores:signor"]
    assert (one.attributes["belief"], one.attributes["evidence_count"]) == ("0.98", "4")
    assert {(q.type, q.value) for q in other.qualifiers} == {("residue", "S"), ("position", "10")}
    vocabularies = {v.name: v.statements for v in found.loaded.report.vocabularies}
    assert vocabularies == {"biolink": 1, "indra": 1}


def test_what_is_not_read_of_a_format_is_counted(tmp_path: Path) -> None:
    lost = {
        sample: read(written(tmp_path, sample)).loaded.report.lost
        for sample in ("TRAPI", "INDRA", "OBO", "KGX JSON")
    }
    # Of OBO: that two classes share nothing, and the reference of a definition.
    assert lost == {"TRAPI": 2, "INDRA": 1, "OBO": 2, "KGX JSON": 0}


def test_obo_terms_keep_what_they_say(tmp_path: Path) -> None:
    found = read(written(tmp_path, "OBO"))
    term = found.entities["A:1"]
    assert (term.description, set(term.synonyms)) == ('What "a" is.', {"alpha", "alpha thing"})
    assert term.synonym_kinds == {"alpha thing": "broad"}
    assert set(term.xrefs) == {"A:9", "B:1"}
    assert found.entities["A:2"].attributes == {"deprecated": "true", "replaced_by": "A:3"}
    axioms = {s.predicate: s.evidence[0].publications for s in found.statements}
    assert axioms == {"subclass_of": ("PMID:7",), "part_of": ()}


NOT_READ = {
    "book.tsv": b"PK\x03\x04" + b"\0" * 26 + b"[Content_Types].xml",
    "packed.csv": b"PK\x03\x04" + b"\0" * 26 + b"nodes.csv",
    "wide.tsv": "id\tname\n".encode("utf-16"),
    "page.tsv": b"<!DOCTYPE html><html></html>",
    "model.xml": b'<?xml version="1.0"?><sbml xmlns="http://www.sbml.org/"></sbml>',
    "g.json": b"graph [\n node [ id 0 ]\n]",
    "store.tsv": b"SQLite format 3\0",
    "lower.tsv": b"<!doctype HTML><title>Not found</title>",
    "pointer.tsv": b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n",
    "triples.hdt": b"$HDT\x01<http://purl.org/HDT/hdt#HDTv1>\0",
    "drugbank.xml": b'<?xml version="1.0"?>\n<drugbank xmlns="http://www.drugbank.ca"></drugbank>',
    "patient.json": b'{"id": "p", "phenotypicFeatures": [{"type": {"id": "HP:1"}}]}',
    "answer.srj": b'{"head": {"vars": ["s"]}, "results": {"bindings": []}}',
    "phenotype.hpoa": b"#version: 1\ndatabase_id\tdisease_name\tqualifier\thpo_id\treference\n",
    "biogrid.tab3.txt": b"#BioGRID Interaction ID\tEntrez Gene Interactor A\n117\t6416\n",
    "ctd.csv": b"# Made by CTD\n# ChemicalName,ChemicalID,CasRN\nx,C1,\n",
}


@pytest.mark.parametrize("name", NOT_READ)
def test_what_is_recognised_and_not_read_is_named_with_a_way_out(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(NOT_READ[name])
    with pytest.raises(DataError, match="which is not read") as refused:
        read(tmp_path / name)
    assert refused.value.hint


UNKNOWN_SUFFIXES = {
    "edges.dat": ("subject\tpredicate\tobject\nA:1\tp\tA:2\n", "give it the suffix .tsv"),
    "graph": ('{"nodes": [{"id": "A:1"}], "edges": []}', "give it the suffix .json"),
    "terms.txt2": ("format-version: 1.2\n\n[Term]\nid: A:1\n", "give it the suffix .obo"),
    "notes.doc": ("Nothing that states anything.\n", "Known: .*\\.tsv, .*\\.graphml"),
}


@pytest.mark.parametrize("name", UNKNOWN_SUFFIXES)
def test_an_unknown_suffix_is_refused_with_the_one_that_fits(tmp_path: Path, name: str) -> None:
    text, wanted = UNKNOWN_SUFFIXES[name]
    (tmp_path / name).write_text(text)
    with pytest.raises(DataError, match="no known suffix") as refused:
        read(tmp_path / name)
    assert re.search(wanted, str(refused.value.hint))
    assert len(str(refused.value.hint)) < 300


EXTENDED_SIF = (
    "PARTICIPANT_A\tINTERACTION_TYPE\tPARTICIPANT_B\tINTERACTION_DATA_SOURCE\t"
    "INTERACTION_PUBMED_ID\tPATHWAY_NAMES\n"
    "TP53\tcontrols-expression-of\tMDM2\tReactome;pid\t1234567;2345678\tp53 pathway\n"
    "CHEBI:15422\tused-to-produce\tCHEBI:16761\tReactome\t\t\n\n"
    "PARTICIPANT\tPARTICIPANT_TYPE\tPARTICIPANT_NAME\tUNIFICATION_XREF\tRELATIONSHIP_XREF\n"
    "TP53\tProteinReference\tp53\tuniprot:P04637\thgnc:HGNC:11998\n"
)


@pytest.mark.parametrize("name", ["pc.sif", "PathwayCommons.hgnc.txt"])
def test_extended_sif_is_two_tables(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(EXTENDED_SIF)
    found = read(tmp_path / name)
    assert found.triples == {
        ("TP53", "controls-expression-of", "MDM2"),
        ("CHEBI:15422", "used-to-produce", "CHEBI:16761"),
    }
    [first] = [s for s in found.statements if s.subject == "TP53"]
    assert first.evidence[0].publications == ("PMID:1234567", "PMID:2345678")
    assert first.attributes["primary_knowledge_source"] == "Reactome|pid"
    assert first.attributes["pathway_names"] == "p53 pathway"
    assert found.entities["TP53"].name == "p53"
    assert found.entities["TP53"].category == "biolink:Protein"


def test_tables_of_rtx_kg2_say_lists_and_qualifiers_in_their_own_way(tmp_path: Path) -> None:
    (tmp_path / "edges.tsv").write_text(
        "subject\tobject\tpredicate\tpublications:string[]\tqualified_predicate\t"
        "qualified_object_aspect\tqualified_object_direction\t:TYPE\t:START_ID\t:END_ID\n"
        "A:1\tB:2\tbiolink:affects\tPMID:1\u01c2PMID:2\tbiolink:causes\tactivity\tdecreased\t"
        "biolink:affects\tA:1\tB:2\n"
    )
    [statement] = read(tmp_path / "edges.tsv").statements
    assert statement.evidence[0].publications == ("PMID:1", "PMID:2")
    assert (statement.effect, statement.object_aspect) == ("lowers", "activity")


def test_an_unknown_header_is_refused_with_what_is_missing(tmp_path: Path) -> None:
    for text, missing in (
        ("x_id\trelation\tscore\ty_id\n", "none for the two ends"),
        ("source\ttarget\tweight\n", "none for the relation"),
        ("metric\tmetric_value\tmetric_type\naxioms\t23\tsingle\n", "A node table has"),
        ("subject_id\tpredicate_id\tobject_id\tmapping_justification\n", "--mapping"),
    ):
        (tmp_path / "t.tsv").write_text(text)
        with pytest.raises(DataError, match=missing):
            read(tmp_path / "t.tsv")


def test_a_pair_of_parquet_files_is_a_graph(tmp_path: Path) -> None:
    nodes = pyarrow.table({"id": ["A:1", "A:2"], "name": ["a", None], "synonym": [["x", "y"], []],
                           "score": [float("nan"), 0.5]})  # fmt: skip
    edges = pyarrow.table({"Subject": ["A:1"], "Predicate": ["biolink:affects"], "Object": ["A:2"],
                           "publications": [["PMID:1", "PMID:2"]]})  # fmt: skip
    parquet.write_table(nodes, tmp_path / "nodes.parquet")
    parquet.write_table(edges, tmp_path / "edges.parquet")
    found = read(tmp_path / "edges.parquet", tmp_path / "nodes.parquet")
    assert found.triples == {("A:1", "affects", "A:2")}
    assert found.entities["A:1"].synonyms == ("x", "y")
    assert found.entities["A:1"].attributes == {}
    assert found.entities["A:2"].attributes == {"score": "0.5"}
    assert found.statements[0].evidence[0].publications == ("PMID:1", "PMID:2")
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(DataError, match="Parquet file is broken"):
        read(tmp_path / "broken.parquet")
