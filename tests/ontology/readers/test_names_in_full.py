"""Names that are nodes of their own, types of synonyms, containers: each form says the same."""

import json
from pathlib import Path

import pytest

from mechkg.kg.model.values import Entity
from tests.ontology.readers.test_rdf_in_full import HEAD
from tests.ontology.readers.test_rdf_loads import read

OBO = """format-version: 1.4

[Term]
id: X:1
name: multiple sclerosis
synonym: "MS" EXACT ABBREVIATION []
synonym: "DS" EXACT OMO:0003000 [PMID:1]
synonym: "lay" EXACT LAYPERSON []
synonym: "broad" BROAD ABBREVIATION []
"""
TYPE = "http://purl.obolibrary.org/obo/OMO_0003000"
LAY = "http://purl.obolibrary.org/obo/OMO_0003003"
SYNONYMS = [("hasExactSynonym", "MS", TYPE), ("hasExactSynonym", "DS", TYPE),
            ("hasExactSynonym", "lay", LAY), ("hasBroadSynonym", "broad", TYPE)]  # fmt: skip
GRAPHS = {"graphs": [{"nodes": [{
    "id": "http://purl.obolibrary.org/obo/X_1", "lbl": "multiple sclerosis", "type": "CLASS",
    "meta": {"synonyms": [{"pred": p, "val": text, "synonymType": t} for p, text, t in SYNONYMS]},
}]}]}  # fmt: skip
OWL = 'obo:X_1 a owl:Class ; rdfs:label "multiple sclerosis" .' + "".join(
    f"""obo:X_1 oio:{scope} "{text}" . [] a owl:Axiom ; owl:annotatedSource obo:X_1 ;
    owl:annotatedProperty oio:{scope} ; owl:annotatedTarget "{text}" ;
    oio:hasSynonymType <{type_}> . """
    for scope, text, type_ in SYNONYMS
)
FORMS = {"x.obo": OBO, "x.json": json.dumps(GRAPHS), "x.ttl": HEAD + OWL}


def entity_of(path: Path, text: str, identifier: str) -> Entity:
    path.write_text(text)
    return read(path).entities[identifier]


@pytest.mark.parametrize("name", FORMS)
def test_types_of_exact_synonyms_are_their_kinds(name: str, tmp_path: Path) -> None:
    found = entity_of(tmp_path / name, FORMS[name], "X:1")
    assert found.synonyms == ("DS", "MS", "broad", "lay")
    assert found.synonym_kinds == {"DS": "abbreviation", "MS": "abbreviation", "broad": "broad"}


@pytest.mark.parametrize("name", FORMS)
def test_other_types_of_synonyms_are_counted(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(FORMS[name])
    counts = read(tmp_path / name).loaded.report.files
    reasons = [r for count in counts for r in count.reasons if "annotation" in r.reason]
    assert len(reasons) == 1
    assert reasons[0].count >= 2


XL = """@prefix skosxl: <http://www.w3.org/2008/05/skos-xl#> .
ex:a skosxl:prefLabel [ a skosxl:Label ; skosxl:literalForm "head"@en ] ;
  skosxl:altLabel ex:l ; ex:p ex:b .
ex:l a skosxl:Label ; skosxl:literalForm "top"@en ."""


def test_labels_that_are_nodes_are_names(tmp_path: Path) -> None:
    (tmp_path / "a.ttl").write_text(HEAD + XL)
    found = read(tmp_path / "a.ttl")
    (entity,) = (e for e in found.entities.values() if e.name == "head")
    assert (entity.synonyms, len(found.entities), len(found.statements)) == (("top",), 2, 1)
    assert found.loaded.report.lost == 0


@pytest.mark.parametrize("kind", ["Seq", "Bag", "Alt"])
def test_members_of_containers_stand_for_them(kind: str, tmp_path: Path) -> None:
    text = f"ex:a ex:parts [ a rdf:{kind} ; rdf:_1 ex:b ; rdf:_2 ( ex:c ) ] ."
    (tmp_path / "a.ttl").write_text(HEAD + text)
    found = read(tmp_path / "a.ttl")
    assert {s.object[-1] for s in found.statements} == {"b", "c"}
    assert (len(found.entities), found.loaded.report.lost) == (3, 0)


SUFFIXES = {
    "a.owl": '{"@id": "https://a.org/x", "https://a.org/p": {"@id": "https://a.org/y"}}',
    "b.rdf": "<https://a.org/x> <https://a.org/p> <https://a.org/y> .",
    "c.owl": "format-version: 1.2\n\n[Term]\nid: A:1\nis_a: A:2\n",
}


@pytest.mark.parametrize("name", SUFFIXES)
def test_the_content_decides_what_an_owl_file_is(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(SUFFIXES[name])
    assert len(read(tmp_path / name).statements) == 1
