"""Kinds of tables and mappings that lost or merged something once: what each gives."""

import json
from itertools import permutations
from pathlib import Path

import pytest

from mechkg.kg.errors import DataError
from mechkg.kg.model.values import Entity
from tests.kg.readers.loading import read
from tests.kg.readers.test_load_report import assert_accounted_for

EDGES = "subject\tpredicate\tobject"
NODES = "id\tname\tcategory"

STATED: dict[str, tuple[str, set[str], int]] = {
    "a comment in the place of a row": (f"{EDGES}\n#A:1\tp\tA:2\nA:3\tp\tA:4\n", {"A:3 p A:4"}, 1),
    "the header once more": (f"{EDGES}\nA:1\tp\tA:2\n{EDGES}\nA:3\tp\tA:4\n",
                             {"A:1 p A:2", "A:3 p A:4"}, 1),
    "a surplus cell of blanks": (f"{EDGES}\nA:1\tp\tA:2\t\t \nA:3\tp\tA:4\n",
                                 {"A:1 p A:2", "A:3 p A:4"}, 0),
    "identifiers in marks": (f'{EDGES}\nA:1\tp\t"A:2"\n"A:1"\tp\tA:2\n', {"A:1 p A:2"}, 0),
    "a rule below the header": ("|subject|predicate|object|\n|---|:-:|---|\n|A:1|p|A:2|\n",
                                {"A:1 p A:2"}, 0),
    "a separator for Excel": ("sep=;\nsubject;predicate;object\nA:1;p;A:2\n", {"A:1 p A:2"}, 0),
    "blanks after commas": ('subject, predicate, object\n"A:1", "p", "A:2"\n', {"A:1 p A:2"}, 0),
    "other names of ends": ("subj\tpred\tobj\tscore\nA:1\tp\tA:2\t1\n", {"A:1 p A:2"}, 0),
}  # fmt: skip


@pytest.mark.parametrize("kind", STATED)
def test_each_kind_of_edge_table(tmp_path: Path, kind: str) -> None:
    text, statements, passed_over = STATED[kind]
    path = tmp_path / "t.txt"
    path.write_text(text)
    found = read(path)
    assert {f"{s.subject} {s.predicate} {s.object}" for s in found.statements} == statements
    assert found.loaded.report.lost == passed_over
    assert_accounted_for(found.loaded.report)


NO_TABLES = {
    "counted names of R": "V1\tV2\tV3\nA:1\tp\tA:2\nA:3\tp\tA:4\n",
    "counted names of pandas": "0\t1\t2\nA:1\tp\tA:2\nA:3\tp\tA:4\n",
    "a header in a comment": "#BioGRID ID\tInteractor A\tInteractor B\n1\t2\t3\n",
    "single quotes": "'id'\t'name'\t'category'\n'A:1'\t'a'\t'Gene'\n",
}


@pytest.mark.parametrize("kind", NO_TABLES)
def test_three_columns_that_state_nothing_are_refused(tmp_path: Path, kind: str) -> None:
    (tmp_path / "t.tsv").write_text(NO_TABLES[kind])
    with pytest.raises(DataError, match="does not begin as"):
        read(tmp_path / "t.tsv")


DESCRIBED = {
    "a doubled mark": ('"[""x"", ""y""]"\t"a ""b"" c"', ("x", "y"), 'a "b" c'),
    "a line break": ('x|y\t"one\ntwo"', ("x", "y"), "one\ntwo"),
    "a tab": ('x|y\t"one\ttwo"', ("x", "y"), "one\ttwo"),
    "marks that mean themselves": ('"x"|y\t5" pipe', ('"x"', "y"), '5" pipe'),
    "marks around a word": ('x|y\t"one" two', ("x", "y"), '"one" two'),
    "missing items": ("['x', None, nan, 'y']\tnan", ("x", "y"), ""),
    "an empty set": ("set()\tNone", (), ""),
    "nothing": ("nan\tNULL", (), ""),
}


@pytest.mark.parametrize("kind", DESCRIBED)
def test_cells_mean_what_the_program_meant_that_wrote_them(tmp_path: Path, kind: str) -> None:
    cells, synonyms, description = DESCRIBED[kind]
    path = tmp_path / "n.tsv"
    path.write_text(f"id\tname\tsynonym\tdescription\nA:1\ta\t{cells}\nA:2\tb\t\t\n", newline="")
    found = read(path).entities
    assert set(found) == {"A:1", "A:2"}
    assert (found["A:1"].synonyms, found["A:1"].description) == (synonyms, description)


PUBLICATIONS = ("PMID:1|PMID:2", "PMID:1;PMID:2", "PMID:1, PMID:2", "['PMID:1', nan, 'PMID:2']")


@pytest.mark.parametrize("text", PUBLICATIONS)
@pytest.mark.parametrize("suffix", ["tsv", "jsonl"])
def test_publications_are_parted_in_every_spelling(tmp_path: Path, text: str, suffix: str) -> None:
    path = tmp_path / f"e.{suffix}"
    path.write_text(f"{EDGES}\tpublications\nA:1\tp\tA:2\t{text}\n")
    if suffix == "jsonl":
        edge = {"subject": "A:1", "predicate": "p", "object": "A:2", "publications": text}
        path.write_text(json.dumps(edge) + "\n")
    (statement,) = read(path).statements
    assert statement.evidence[0].publications == ("PMID:1", "PMID:2")


def test_an_identifier_may_hold_what_parts_others(tmp_path: Path) -> None:
    (tmp_path / "e.tsv").write_text(f"{EDGES}\tpublications\nA:1\tp\tA:2\tDOI:10.1/x(a;b),c\n")
    (statement,) = read(tmp_path / "e.tsv").statements
    assert statement.evidence[0].publications == ("DOI:10.1/x(a;b),c",)


PRIMEKG = (
    "relation,display_relation,x_index,x_id,x_type,x_name,x_source,y_index,y_id,y_type,y_name,"
    "y_source\n"
)
PROTEIN = (
    "UniProtKB\tP1\t{}\tenables\tGO:{}\tPMID:1\tIDA\t\tF\t{}\t\tprotein\ttaxon:9606\t2020\tX\t\t\n"
)
TWICE: dict[str, tuple[str, list[str], str]] = {
    "PrimeKG": ("kg.csv", [
        PRIMEKG, "p,p,1,7,gene/protein,one,NCBI,2,8,gene/protein,x,NCBI\n",
        "p,p,1,7,gene/protein,two,NCBI,3,9,gene/protein,y,NCBI\n"], "NCBIGene:7"),
    "GAF": ("a.gaf", ["!gaf-version: 2.2\n", PROTEIN.format("one", 1, "first"),
                      PROTEIN.format("two", 2, "second")], "UniProtKB:P1"),
}  # fmt: skip


@pytest.mark.parametrize("resource", TWICE)
def test_a_node_that_rows_describe_in_two_ways_keeps_both(tmp_path: Path, resource: str) -> None:
    name, (head, *rows), curie = TWICE[resource]
    found: list[Entity] = []
    for order in permutations(rows):
        (tmp_path / name).write_text("".join((head, *order)))
        found.append(read(tmp_path / name).entities[curie])
    assert found[0] == found[1]
    assert {found[0].name, *found[0].synonyms} == {"one", "two"}


def test_numbers_of_several_sources_are_several_nodes_of_primekg(tmp_path: Path) -> None:
    (tmp_path / "nodes.csv").write_text(
        "node_index,node_id,node_type,node_name,node_source\n"
        "0,9796,gene/protein,PHYHIP,NCBI\n1,9796,disease,a disease,MONDO\n"
    )
    assert set(read(tmp_path / "nodes.csv").entities) == {"NCBIGene:9796", "MONDO:0009796"}


def test_several_columns_of_one_identifier_are_refused(tmp_path: Path) -> None:
    (tmp_path / "n.csv").write_text(":ID(A),:ID(B),name\n1,2,x\n")
    with pytest.raises(DataError, match="several columns :ID"):
        read(tmp_path / "n.csv")


MAPPED = "id\tname\nSUBJ:1\tasthma\nOBJ:2\tfracture\nCL:1\ta cell\n"
HEADER = "subject_id\tpredicate_id\tobject_id"
JOINED = {
    "a table": f"{HEADER}\nSUBJ:1\tskos:exactMatch\tOBJ:2\n",
    "commas": f"{HEADER}\nSUBJ:1\tskos:exactMatch\tOBJ:2\n".replace("\t", ","),
    "JSON": json.dumps({"mappings": [{"subject_id": "SUBJ:1", "object_id": "OBJ:2",
                                      "predicate_id": "skos:exactMatch"}]}),
    "metadata": "#predicate_id: skos:exactMatch\nsubject_id\tobject_id\nSUBJ:1\tOBJ:2\n",
    "a map in one line": '#curie_map: {"s": "http://s/"}\n'
    f"{HEADER}\nSUBJ:1\tskos:exactMatch\tOBJ:2\n",
    "brackets": f"{HEADER}\nSUBJ:1\t<http://www.w3.org/2004/02/skos/core#exactMatch>\tOBJ:2\n",
}  # fmt: skip
APART = {
    "no term, http": f"{HEADER}\nSUBJ:1\tskos:exactMatch\thttp://w3id.org/sssom/NoTermFound\n"
    "http://w3id.org/sssom/NoTermFound\tskos:exactMatch\tOBJ:2\n",
    "no term, brackets": f"{HEADER}\nSUBJ:1\tskos:exactMatch\t<https://w3id.org/sssom/NoTermFound>\n"
    "<https://w3id.org/sssom/NoTermFound>\tskos:exactMatch\tOBJ:2\n",
    "a dash": f"{HEADER}\nSUBJ:1\tskos:exactMatch\t-\n-\tskos:exactMatch\tOBJ:2\n",
    "no match": f"{HEADER}\nSUBJ:1\tskos:exactMatch\tNO_MATCH\nNO_MATCH\tskos:exactMatch\tOBJ:2\n",
    "a cardinality": f"{HEADER}\tmapping_cardinality\nSUBJ:1\tskos:exactMatch\tOBJ:2\t1:0\n",
    "literals of all rows": f"#subject_type: rdfs literal\n{HEADER}\n"
    "SUBJ:1\tskos:exactMatch\tOBJ:2\n",
    "a prefix that shadows a known one": f"#curie_map:\n#  CL: http://clinic.example/\n{HEADER}\n"
    "CL:1\tskos:exactMatch\tOBJ:2\n",
}  # fmt: skip


@pytest.mark.parametrize("form", [*JOINED, *APART])
def test_a_mapping_joins_what_it_says(tmp_path: Path, form: str) -> None:
    (tmp_path / "n.tsv").write_text(MAPPED)
    mapping = tmp_path / "m.sssom.tsv"
    mapping.write_text((JOINED | APART)[form])
    found = read(tmp_path / "n.tsv", mappings=[mapping])
    assert len(found.entities) == (2 if form in JOINED else 3)
    assert_accounted_for(found.loaded.report)


@pytest.mark.parametrize("text", ["NaN", "None", "N/A", ""])
def test_a_mapping_of_nothing_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "n.tsv").write_text(MAPPED)
    mapping = tmp_path / "m.sssom.tsv"
    mapping.write_text(f"{HEADER}\nSUBJ:1\tskos:exactMatch\t{text}\n")
    with pytest.raises(DataError, match="object_id"):
        read(tmp_path / "n.tsv", mappings=[mapping])


RECORDS = {
    "JSON Lines called JSON": (
        '{"id": "A:1", "name": "a"}\n{"subject": "A:1", "predicate": "p", "object": "A:2"}\n',
        {("A:1", "p", "A:2")},
    ),
    "edges alone": ('{"edges": [{"subject": "A:1", "predicate": "p", "object": "A:2"}]}',
                    {("A:1", "p", "A:2")}),
    "nodes alone": ('{"nodes": [{"id": "A:1", "name": "a", "category": ["biolink:Gene"]}]}', set()),
    "a list of nodes": ('[{"id": "A:1", "name": "a", "version": "1"}]', set()),
    "OBO Graphs with nulls": (
        '{"graphs": [{"nodes": [{"id": "A:1", "lbl": "a", "meta": null}], "edges": null}]}', set(),
    ),
    "terms with further fields": (
        '[{"id": "A:1", "name": "a", "namespace": "A", "version": "1", "synonyms": null}]', set(),
    ),
}  # fmt: skip


@pytest.mark.parametrize("form", RECORDS)
def test_json_of_every_form_is_read_whole(tmp_path: Path, form: str) -> None:
    text, triples = RECORDS[form]
    (tmp_path / "g.json").write_text(text)
    found = read(tmp_path / "g.json")
    assert found.triples == triples
    if "A:1" in text and form != "edges alone":
        assert found.entities["A:1"].name == "a"
        assert found.entities["A:1"].attributes == ({"version": "1"} if "version" in text else {})


TABLES = {
    "n.tsv": f"{NODES}\tin_taxon\txref\tflag\nA:1\ta\tbiolink:Gene\tT:1\tX:1|X:2\ttrue\n",
    "e.tsv": f"id\t{EDGES}\thas_evidence\tpublications\n"
    "e\tA:1\tbiolink:affects\tA:2\tE:1|E:2\tP:1\n",
}
NODE = {"id": "A:1", "name": "a", "category": ["biolink:Gene"], "in_taxon": ["T:1"],
        "xref": ["X:1", "X:2"], "flag": True}  # fmt: skip
STATEMENT = {"id": "e", "subject": "A:1", "predicate": "biolink:affects", "object": "A:2",
             "has_evidence": ["E:1", "E:2"], "publications": ["P:1"]}  # fmt: skip


def test_a_graph_of_kgx_is_the_same_in_all_its_forms(tmp_path: Path) -> None:
    for name, text in TABLES.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "e.json").write_text(json.dumps({"nodes": [NODE], "edges": [STATEMENT]}))
    (tmp_path / "e.jsonl").write_text(f"{json.dumps(STATEMENT)}\n{json.dumps(NODE)}\n")
    found = [
        read(*(tmp_path / name for name in names))
        for names in (("n.tsv", "e.tsv"), ("e.json",), ("e.jsonl",))
    ]
    assert found[0].entities == found[1].entities == found[2].entities
    assert found[0].statements[0].attributes == found[1].statements[0].attributes
    assert found[0].statements[0].attributes == {"has_evidence": "E:1|E:2"}


SIGNOR = "ENTITYA\tTYPEA\tIDA\tDATABASEA\tENTITYB\tTYPEB\tIDB\tDATABASEB\tEFFECT\tPMID\n"
WITHOUT_END = {
    "SIGNOR": ("s.tsv", f"{SIGNOR}A\tprotein\tP28482\tUNIPROT\tB\tprotein\t\t\tup-regulates\t\n"),
    "OmniPath": ("o.tsv", "source\ttarget\tis_stimulation\tis_inhibition\nP28482\t\t1\t0\n"),
    "PrimeKG": ("kg.csv", f"{PRIMEKG}p,p,1,7,gene/protein,one,NCBI,2,,gene/protein,x,NCBI\n"),
    "GAF": ("a.gaf", "!gaf-version: 2.2\n" + PROTEIN.format("one", 1, "x").replace("P1", "")),
    "GPAD": ("a.gpad", "!gpa-version: 1.1\nMGI\t\tenables\tGO:1\tPMID:1\tECO:1\t\t\t2020\tMGI\n"),
    "Neo4j": ("r.csv", ":START_ID(Gene),:END_ID(Gene),:TYPE\n1,,p\n"),
    "OpenBioLink": ("e.tsv", "X:1\tGENE_GENE\tX:2\t1\tS\nX:1\tGENE_GENE\n"),
    "DRKG": ("d.tsv", "Gene::1\tp\tGene::2\nGene::1\tp\t\n"),
}  # fmt: skip


@pytest.mark.parametrize("resource", WITHOUT_END)
def test_a_row_without_an_end_is_refused_with_its_line(tmp_path: Path, resource: str) -> None:
    name, text = WITHOUT_END[resource]
    (tmp_path / name).write_text(text)
    with pytest.raises(DataError) as refused:
        read(tmp_path / name)
    assert refused.value.line == 2


HEADERS = {
    "names of columns": "drug_name\tgene_name\tinteraction_type\naspirin\tPTGS1\tinhibitor\n",
    "words of the field": "Drug\tTarget\tAction\naspirin\tPTGS1\tinhibitor\n",
    "scores in the place of objects": "TP53\tcancer\t0.9\nBRCA1\tbreast\t0.85\n",
}


@pytest.mark.parametrize("kind", HEADERS)
def test_a_table_of_three_other_columns_is_no_statement(kind: str, tmp_path: Path) -> None:
    (tmp_path / "t.tsv").write_text(HEADERS[kind])
    with pytest.raises(DataError, match="it does not begin as"):
        read(tmp_path / "t.tsv")


def test_the_header_of_a_sif_file_is_no_statement(tmp_path: Path) -> None:
    (tmp_path / "h.sif").write_text("source\tmetaedge\ttarget\nGene::1\tGpBP\tProcess::2\n")
    assert read(tmp_path / "h.sif").triples == {("Gene::1", "GpBP", "Process::2")}


@pytest.mark.parametrize("mark", ["\0", "\u200b", "\u00a0", "\x07"])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_what_cannot_be_an_identifier_is_refused_in_each_column(
    mark: str, place: int, tmp_path: Path
) -> None:
    cells = ["A:1", "p", "A:2"]
    cells[place] += f"{mark}x"
    (tmp_path / "e.tsv").write_text(f"{EDGES}\nA:1\tp\tA:2\n" + "\t".join(cells) + "\n")
    with pytest.raises(DataError, match=r"e\.tsv, line 3: .* cannot be an identifier"):
        read(tmp_path / "e.tsv")


def test_sources_as_python_prints_them_are_read(tmp_path: Path) -> None:
    sources = [{"resource_id": "infores:x", "resource_role": "primary_knowledge_source",
                "upstream_resource_ids": None}]  # fmt: skip
    (tmp_path / "e.tsv").write_text(f"{EDGES}\tsources\nA:1\tp\tA:2\t{sources}\n")
    (statement,) = read(tmp_path / "e.tsv").statements
    assert statement.evidence[0].source == "infores:x"


def test_a_row_of_a_mapping_with_too_many_cells_is_refused(tmp_path: Path) -> None:
    (tmp_path / "n.tsv").write_text(f"{NODES}\nA:1\ta\tGene\n")
    head = "subject_id\tpredicate_id\tobject_id\tmapping_justification"
    row = "A:1\tskos:exactMatch\tB:2\tx\tmore"
    (tmp_path / "m.tsv").write_text(f"{head}\n{row}\n")
    with pytest.raises(DataError, match=r"m\.tsv, line 2: it has 5 fields"):
        read(tmp_path / "n.tsv", mappings=[tmp_path / "m.tsv"])
