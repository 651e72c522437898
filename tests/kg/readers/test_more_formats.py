"""Formats of neighbouring tools and resources: what each becomes, and what is said of the rest."""

from pathlib import Path

import pyarrow
import pytest
from pyarrow import parquet

from mechkg.kg.errors import DataError
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


def test_what_is_not_read_of_a_format_is_counted(tmp_path: Path) -> None:
    lost = {
        sample: read(written(tmp_path, sample)).loaded.report.lost
        for sample in ("TRAPI", "INDRA", "OBO", "KGX JSON")
    }
    assert lost == {"TRAPI": 2, "INDRA": 1, "OBO": 1, "KGX JSON": 0}


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
}


@pytest.mark.parametrize("name", NOT_READ)
def test_what_is_recognised_and_not_read_is_named_with_a_way_out(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(NOT_READ[name])
    with pytest.raises(DataError, match="which is not read") as refused:
        read(tmp_path / name)
    assert refused.value.hint


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
