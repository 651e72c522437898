"""Named graphs that are no nanopublications: evidence says in which one a triple stands."""

from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, parse, serialize

from mechkg.ontology.rdf.readers import dataset
from tests.kg.readers.loading import Read
from tests.kg.readers.test_load_report import assert_accounted_for
from tests.ontology.readers.test_rdf_loads import read

TRIG = """@prefix a: <https://a.org/> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
a:one { a:x a:p a:y . a:x a:p a:v } a:two { a:x a:p a:y ; a:q a:w }
a:names { a:x rdfs:label "x" }
_:blank { a:x a:q a:v }
a:x a:p a:z .
"""
SYNTAXES = {"a.trig": RdfFormat.TRIG, "a.nq": RdfFormat.N_QUADS, "a.jsonld": RdfFormat.JSON_LD}
ONE, TWO = "https://a.org/one", "https://a.org/two"


SOURCES = """@prefix a: <https://a.org/> . @prefix prov: <http://www.w3.org/ns/prov#> .
@prefix dcterms: <http://purl.org/dc/terms/> . @prefix pubmed: <http://identifiers.org/pubmed/> .
a:one { a:x a:p a:y } a:two { a:x a:p a:z }
a:one prov:wasDerivedFrom pubmed:5 , a:file ; dcterms:source "PMID:6" ; dcterms:creator a:me .
"""


def write(folder: Path, name: str, text: str = TRIG) -> Path:
    path = folder / name
    quads = parse(text.encode(), format=RdfFormat.TRIG)
    path.write_bytes(serialize(quads, format=SYNTAXES[name]))
    return path


def locations(found: Read) -> dict[str, set[str]]:
    return {
        f"{s.predicate[-1]} {s.object[-1]}": {evidence.location for evidence in s.evidence}
        for s in found.statements
    }


@pytest.mark.parametrize("name", SYNTAXES)
@pytest.mark.parametrize("small", [True, False])
def test_evidence_names_the_graph(
    name: str, small: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dataset, "SMALL", 1 << 25 if small else 0)
    found = read(write(tmp_path, name))
    assert locations(found) == {
        "p y": {ONE, TWO}, "p v": {ONE}, "q w": {TWO}, "p z": {""}, "q v": {""},
    }  # fmt: skip
    counts = {c.kind: c for c in found.loaded.report.files}
    graphs = counts["named graph"]
    assert (graphs.seen, graphs.kept, graphs.passed_over) == (3, 2, 1)
    assert_accounted_for(found.loaded.report)


def test_graphs_of_several_files_are_kept_apart(tmp_path: Path) -> None:
    paths = [write(tmp_path, name) for name in SYNTAXES]
    found = read(*paths)
    (statement,) = (s for s in found.statements if s.object == "https://a.org/w")
    assert {(e.source, e.location) for e in statement.evidence} == {(p.name, TWO) for p in paths}
    assert found.hash == read(*reversed(paths)).hash


def test_one_graph_of_many_quads_stays_bare(tmp_path: Path) -> None:
    lines = (f"<https://a.org/x{n}> <https://a.org/p> <https://a.org/y> <{ONE}> .\n"
             for n in range(5000))  # fmt: skip
    (tmp_path / "a.nq").write_text("".join(lines))
    found = read(tmp_path / "a.nq")
    assert {e.location for s in found.statements for e in s.evidence} == {ONE}
    assert len(found.statements) == 5000


@pytest.mark.parametrize("name", SYNTAXES)
@pytest.mark.parametrize("small", [True, False])
def test_the_source_of_a_graph_supports_its_triples(
    name: str, small: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dataset, "SMALL", 1 << 25 if small else 0)
    found = read(write(tmp_path, name, SOURCES))
    publications = {s.object[-1]: s.evidence[0].publications for s in found.statements}
    assert publications == {"y": ("PMID:5", "PMID:6"), "z": ()}
    assert {s.evidence[0].kind for s in found.statements} == {"literature", "database"}
    assert "https://a.org/file" not in found.entities
    assert found.loaded.report.lost == 2  # the file and the creator are counted
    assert_accounted_for(found.loaded.report)


@pytest.mark.parametrize("form", [RdfFormat.TURTLE, RdfFormat.N_TRIPLES])
def test_the_source_of_an_entity_is_kept_in_each_syntax(form: RdfFormat, tmp_path: Path) -> None:
    text = """@prefix a: <https://a.org/> . @prefix dcterms: <http://purl.org/dc/terms/> .
    a:x a:p a:y ; dcterms:source "one", a:two .
    a:x <https://w3id.org/biolink/vocab/provided_by> "z" ."""
    path = tmp_path / f"a.{form.file_extension}"
    path.write_bytes(serialize(parse(text.encode(), format=RdfFormat.TURTLE), format=form))
    found = read(path)
    assert found.entities["https://a.org/x"].provided_by == ("https://a.org/two", "one", "z")
    assert found.loaded.report.lost == 0
