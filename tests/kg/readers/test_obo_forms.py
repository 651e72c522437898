"""An ontology gives the same entities and statements as OBO flat file, as OWL and as OBO Graphs."""

from pathlib import Path

import pytest

from bench.obo_compliance import content_of

HEAD = "format-version: 1.4\nontology: x\n"
OWL = """@prefix obo: <http://purl.obolibrary.org/obo/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix oio: <http://www.geneontology.org/formats/oboInOwl#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
<http://purl.obolibrary.org/obo/x.owl> a owl:Ontology .
"""
FORMS = {
    "merged identifiers are obsolete terms": (
        "[Term]\nid: X:1\nname: one\nalt_id: X:2\n",
        """obo:X_1 a owl:Class ; rdfs:label "one" ; oio:hasAlternativeId "X:2" .
        obo:X_2 a owl:Class ; owl:deprecated true ; obo:IAO_0100001 obo:X_1 .""",
    ),
    "a metadata tag relates nothing": (
        (
            "[Term]\nid: X:1\nname: one\nrelationship: R:1 Y:1\n"
            "[Typedef]\nid: R:1\nis_metadata_tag: true\n"
        ),
        """obo:X_1 a owl:Class ; rdfs:label "one" ; obo:R_1 obo:Y_1 .
        obo:R_1 a owl:AnnotationProperty .""",
    ),
    "a property value that names a term relates": (
        (
            "[Term]\nid: X:1\nname: one\nproperty_value: R:1 Y:1\n"
            '[Term]\nid: Y:1\nname: two\nproperty_value: R:1 "a" xsd:string\n[Typedef]\nid: R:1\n'
        ),
        """obo:X_1 a owl:Class ; rdfs:label "one" ; obo:R_1 obo:Y_1 .
        obo:Y_1 a owl:Class ; rdfs:label "two" . obo:R_1 a owl:ObjectProperty .""",
    ),
    "an exact match is a cross-reference": (
        (
            "idspace: skos http://www.w3.org/2004/02/skos/core#\n"
            "[Term]\nid: X:1\nname: one\nrelationship: skos:exactMatch Y:1\n"
            "[Typedef]\nid: skos:exactMatch\nis_metadata_tag: true\n"
        ),
        'obo:X_1 a owl:Class ; rdfs:label "one" ; skos:exactMatch obo:Y_1 .',
    ),
    "an idspace says what a prefix stands for": (
        "idspace: X http://example.org/X/\n[Term]\nid: X:1\nname: one\nis_a: Y:1\n",
        '<http://example.org/X/1> a owl:Class ; rdfs:label "one" ; rdfs:subClassOf obo:Y_1 .',
    ),
    "the IRI of a relation decides, not its short name": (
        (
            "[Term]\nid: X:1\nname: one\nrelationship: regulates Y:1\n"
            "[Typedef]\nid: regulates\nname: regulates\nxref: RO:0002211\n"
        ),
        """obo:X_1 a owl:Class ; rdfs:label "one" ; rdfs:subClassOf [ a owl:Restriction ;
            owl:onProperty obo:RO_0002211 ; owl:someValuesFrom obo:Y_1 ] .
        obo:RO_0002211 a owl:ObjectProperty ; rdfs:label "regulates" .""",
    ),
}


@pytest.mark.parametrize("kind", FORMS)
def test_obo_and_owl_give_the_same(kind: str, tmp_path: Path) -> None:
    obo, owl = FORMS[kind]
    (tmp_path / "x.obo").write_text(HEAD + obo)
    (tmp_path / "x.ttl").write_text(OWL + owl)
    flat, web = content_of(tmp_path / "x.obo"), content_of(tmp_path / "x.ttl")
    assert not flat.fault
    assert flat == web


def test_types_of_synonyms_are_no_entities(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(
        '{"graphs": [{"id": "http://x/x.owl", "nodes": ['
        '{"id": "http://purl.obolibrary.org/obo/X_1", "lbl": "one", "type": "CLASS"},'
        '{"id": "http://purl.obolibrary.org/obo/x#ABBREVIATION", "lbl": "abbreviation"},'
        '{"id": "http://purl.obolibrary.org/obo/Y_1"}], "edges": [{"sub": '
        '"http://purl.obolibrary.org/obo/X_1", "pred": "is_a", '
        '"obj": "http://purl.obolibrary.org/obo/Y_1"}]}]}'
    )
    content = content_of(tmp_path / "x.json")
    assert content.entities == {"X:1", "Y:1"}
    assert content.statements == {("X:1", "subclass_of", "Y:1", False)}
