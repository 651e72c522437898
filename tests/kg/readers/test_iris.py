"""Entities and predicates keep the IRIs that they came with, through every syntax of RDF."""

from pathlib import Path

import pytest

from mechkg.kg import readers
from mechkg.kg.build.load import load
from mechkg.kg.model.presets import known_schema
from mechkg.kg.snapshot.snapshot import Snapshot, open_snapshot
from mechkg.kg.subgraph import whole_graph
from mechkg.kg.writers import Format
from mechkg.ontology.rdf import readers as rdf_readers
from mechkg.ontology.rdf.formats import FORMATS as RDF_WRITERS

TURTLE = """@prefix obo: <http://purl.obolibrary.org/obo/> .
@prefix ex: <http://a.example.org/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix up: <http://purl.uniprot.org/uniprot/> .
obo:CL_0000540 rdfs:label "neuron" ; obo:RO_0002213 up:P05231 ; ex:zaps ex:thing .
obo:ABC_7 rdfs:label "of no registered prefix" ; <http://b.example.org/p/1> obo:CL_0000540 .
ex:thing rdfs:label "thing" .
"""
OF_TURTLE = {
    "http://purl.obolibrary.org/obo/CL_0000540", "http://purl.obolibrary.org/obo/RO_0002213",
    "http://purl.uniprot.org/uniprot/P05231", "http://a.example.org/zaps",
    "http://a.example.org/thing", "http://purl.obolibrary.org/obo/ABC_7",
    "http://b.example.org/p/1",
}  # fmt: skip
TABLE = (
    "subject\tpredicate\tobject\n"
    "UniProtKB:P05231\tbiolink:affects\tCL:0000540\n"
    "hgnc:4232\tRO:0002213\tUniProtKB:P12345#PRO_1\n"
    "lab:1\tRO:0002212\tmesh:D000001/Q00\n"
)
RDF = [writer for writer in RDF_WRITERS if writer.name != "rdfxml"]  # its predicates are XML names


def loaded(path: Path, folder: Path) -> Snapshot:
    formats = (*readers.FORMATS, *rdf_readers.FORMATS)
    return open_snapshot(
        load([path], folder, name="g", schema=known_schema(), formats=formats).path
    )


def triples(snapshot: Snapshot) -> list[tuple[str, str, str]]:
    return sorted((s.subject, s.predicate, s.object) for s in whole_graph(snapshot).statements)


@pytest.mark.parametrize("writer", RDF, ids=lambda writer: str(writer.name))
def test_iris_are_written_as_they_came(writer: Format, tmp_path: Path) -> None:
    (tmp_path / "a.ttl").write_text(TURTLE)
    snapshot = loaded(tmp_path / "a.ttl", tmp_path / "a")
    (ntriples,) = (form for form in RDF_WRITERS if form.name == "ntriples")
    text = ntriples.write(whole_graph(snapshot), snapshot.schema).decode()
    assert {iri for iri in OF_TURTLE if f"<{iri}>" not in text} == set()
    assert "mechkg/entity/CL" not in text
    again = tmp_path / f"b.{writer.suffix}"
    again.write_bytes(writer.write(whole_graph(snapshot), snapshot.schema))
    assert triples(loaded(again, tmp_path / "b")) == triples(snapshot)


@pytest.mark.parametrize("writer", RDF_WRITERS, ids=lambda writer: str(writer.name))
def test_a_table_comes_back_with_its_identifiers_and_iris(writer: Format, tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text(TABLE)
    snapshot = loaded(tmp_path / "a.tsv", tmp_path / "a")
    before = whole_graph(snapshot)
    again = tmp_path / f"b.{writer.suffix}"
    again.write_bytes(writer.write(before, snapshot.schema))
    back = whole_graph(loaded(again, tmp_path / "b"))
    assert [(e.id, e.iri) for e in back.entities] == [(e.id, e.iri) for e in before.entities]
    assert {e.id: e.iri for e in before.entities}["UniProtKB:P05231"].startswith("http://purl.unip")


def test_an_unnamed_property_is_called_by_the_end_of_its_iri(tmp_path: Path) -> None:
    (tmp_path / "a.ttl").write_text(TURTLE)
    schema = loaded(tmp_path / "a.ttl", tmp_path / "a").schema
    assert schema.predicate("http://a.example.org/zaps").label == "zaps"
