"""Individuals and their classes are the same from OWL, OBO Graphs and OBO; rules relate nothing."""

import json
from pathlib import Path

import pytest

from tests.kg.readers.test_load_report import assert_accounted_for
from tests.ontology.readers.test_rdf_in_full import HEAD
from tests.ontology.readers.test_rdf_loads import read

PURL = "http://purl.obolibrary.org/obo/"
FORMS = {
    "a.obo": "format-version: 1.2\n\n[Term]\nid: X:1\nname: c\n\n[Instance]\nid: X:2\nname: i\n"
    "instance_of: X:1\nrelationship: RO:0002211 X:3\n",
    "a.json": json.dumps({"graphs": [{
        "nodes": [{"id": f"{PURL}X_1", "lbl": "c", "type": "CLASS"},
                  {"id": f"{PURL}X_2", "lbl": "i", "type": "INDIVIDUAL"}],
        "edges": [{"sub": f"{PURL}X_2", "pred": "type", "obj": f"{PURL}X_1"},
                  {"sub": f"{PURL}X_2", "pred": f"{PURL}RO_0002211", "obj": f"{PURL}X_3"}],
    }]}),
    "a.ttl": HEAD + """obo:X_1 a owl:Class ; rdfs:label "c" .
    obo:X_2 a owl:NamedIndividual, obo:X_1 ; rdfs:label "i" ; obo:RO_0002211 obo:X_3 .""",
}  # fmt: skip


@pytest.mark.parametrize("name", FORMS)
def test_an_individual_is_related_to_its_class(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(FORMS[name])
    found = read(tmp_path / name)
    assert set(found.entities) == {"X:1", "X:2", "X:3"}
    relations = {(s.subject, s.object) for s in found.statements}
    assert relations == {("X:2", "X:1"), ("X:2", "X:3")}
    assert {s.predicate for s in found.statements if s.object == "X:1"} == {"type"}


def test_a_class_of_the_schema_is_a_category_only(tmp_path: Path) -> None:
    text = "ex:i a owl:NamedIndividual, biolink:Gene ; ex:p ex:j ."
    (tmp_path / "a.ttl").write_text(HEAD + text)
    found = read(tmp_path / "a.ttl")
    assert len(found.statements) == 1
    assert {e.category for e in found.entities.values()} == {"biolink:Gene", "biolink:NamedThing"}


def test_rules_are_counted(tmp_path: Path) -> None:
    text = """@prefix swrl: <http://www.w3.org/2003/11/swrl#> . <urn:swrl#x> a swrl:Variable .
    [] a swrl:Imp ; swrl:head [ a swrl:AtomList ; rdf:rest rdf:nil ; rdf:first
      [ a swrl:ClassAtom ; swrl:classPredicate ex:C ; swrl:argument1 <urn:swrl#x> ] ] ;
      swrl:body [ a swrl:AtomList ; rdf:rest rdf:nil ; rdf:first
      [ a swrl:ClassAtom ; swrl:classPredicate ex:D ; swrl:argument1 <urn:swrl#x> ] ] .
    ex:a ex:p ex:b ."""
    (tmp_path / "a.ttl").write_text(HEAD + text)
    found = read(tmp_path / "a.ttl")
    assert (len(found.entities), len(found.statements)) == (2, 1)
    assert found.loaded.report.lost == 16
    assert_accounted_for(found.loaded.report)


def test_the_identifier_of_a_relation_counts_before_its_cross_reference(tmp_path: Path) -> None:
    (tmp_path / "a.obo").write_text(
        "format-version: 1.2\n\n[Term]\nid: X:1\nrelationship: X:5 X:2\nrelationship: short X:3\n\n"
        "[Typedef]\nid: X:5\nxref: X:6\n\n[Typedef]\nid: short\nxref: X:7\n"
    )
    predicates = {s.object: s.predicate for s in read(tmp_path / "a.obo").statements}
    assert predicates == {"X:2": "X:5", "X:3": "X:7"}


@pytest.mark.parametrize("name", ["a.tsv", "a.json", "a.nt"])
def test_a_relation_has_one_name_in_every_format(name: str, tmp_path: Path) -> None:
    iri = "http://purl.org/oban/association_has_object"
    texts = {
        "a.tsv": f"subject\tpredicate\tobject\nX:1\t{iri}\tX:2\n",
        "a.json": json.dumps({"graphs": [{"nodes": [], "edges": [
            {"sub": "X:1", "pred": iri, "obj": "X:2"}]}]}),
        "a.nt": f"<{PURL}X_1> <http://purl.obolibrary.org/obo/RO_0019998> <{PURL}X_2> .\n",
    }  # fmt: skip
    (tmp_path / name).write_text(texts[name])
    (statement,) = read(tmp_path / name).statements
    assert statement.predicate in {"OBAN:association_has_object", "RO:0019998"}
