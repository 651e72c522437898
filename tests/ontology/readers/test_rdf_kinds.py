"""Kinds of RDF that lost or changed something once: what each states, and what is counted."""

from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, parse, serialize

from mechkg.kg.errors import DataError
from mechkg.kg.model.presets import known_schema
from mechkg.kg.model.values import Statement
from tests.kg.readers.loading import Read
from tests.kg.readers.test_load_report import assert_accounted_for
from tests.ontology.readers.test_rdf_in_full import HEAD, content, write
from tests.ontology.readers.test_rdf_loads import SYNTAXES, read, turtle

MORE = """
@prefix prov: <http://www.w3.org/ns/prov#> . @prefix oban: <http://purl.org/oban/> .
@prefix np: <http://www.nanopub.org/nschema#> . @prefix pubmed: <http://identifiers.org/pubmed/> .
"""
SOME = "a owl:Restriction ; owl:onProperty ex:p ; owl:someValuesFrom"
AXIOM = "[] a owl:Axiom ; owl:annotatedSource ex:x ; owl:annotatedProperty"
DENIAL = "[] a owl:NegativePropertyAssertion ; owl:sourceIndividual"
OBAN = """ex:s a oban:association ; oban:association_has_predicate ex:p ;
oban:association_has_object ex:b ;"""

STATED: dict[str, tuple[str, set[str], int]] = {
    "a chain of inverses": (
        """ex:q owl:inverseOf ex:p . ex:r owl:inverseOf ex:q . ex:a ex:p ex:b . ex:c ex:q ex:d .
        ex:e ex:r ex:f .""",
        {"b q a", "c q d", "f q e"}, 0,
    ),
    "two inverses of one property": (
        """ex:p owl:inverseOf ex:q, ex:r . ex:q owl:inverseOf ex:p . ex:a ex:p ex:b .
        ex:c ex:q ex:d . ex:e ex:r ex:f .""",
        {"a p b", "d p c", "f p e"}, 0,
    ),
    "a third one that declares itself": (
        """ex:p owl:inverseOf ex:q . ex:q owl:inverseOf ex:p . ex:r owl:inverseOf ex:p .
        ex:a ex:p ex:b . ex:c ex:q ex:d . ex:e ex:r ex:f .""",
        {"a p b", "d p c", "f p e"}, 0,
    ),
    "the described one is kept": (
        """@prefix mechkg: <https://w3id.org/mechkg/vocab/> . ex:causedBy a owl:ObjectProperty ;
        mechkg:sign 1 ; owl:inverseOf ex:causes . ex:a ex:causes ex:b .""",
        {"b causedBy a"}, 0,
    ),
    "a denial of an inverse": (
        f"""ex:p owl:inverseOf ex:pBy . {DENIAL} ex:b ; owl:assertionProperty ex:pBy ;
        owl:targetIndividual ex:a ; rdfs:comment "why" .""",
        {"not a p b comment=why"}, 0,
    ),
    "an annotated inverse": (
        f"""ex:p owl:inverseOf ex:pBy . ex:x ex:pBy ex:y . {AXIOM} ex:pBy ;
        owl:annotatedTarget ex:y ; oio:source "PMID:1" .""",
        {"y p x PMID:1"}, 0,
    ),
    "a denial of a text": (
        f"{DENIAL} ex:a ; owl:assertionProperty ex:p ; owl:targetValue 5 .", set(), 4,
    ),
    "reification with further properties": (
        """ex:s a rdf:Statement ; rdf:subject ex:a ; rdf:predicate ex:p ; rdf:object ex:b ;
        dcterms:source pubmed:5 ; prov:wasDerivedFrom pubmed:6 ; ex:score 0.5 ;
        rdfs:comment "why", "how" .""",
        {"a p b PMID:5 PMID:6 comment=how|why score=0.5"}, 0,
    ),
    "reification of a text": (
        """ex:s a rdf:Statement ; rdf:subject ex:a ; rdf:predicate rdfs:label ; rdf:object "b" ;
        dcterms:source ex:c . ex:a ex:p ex:b .""",
        {"a p b"}, 5,
    ),
    "annotations of a text and of an annotation": (
        """ex:a ex:p ex:b {| ex:certainty 0.9 |} . ex:a rdfs:label "x" {| dcterms:source ex:c |} .
        << << ex:a ex:p ex:b >> ex:q ex:c >> ex:r ex:d .""",
        {"a p b certainty=0.9", "a p b"}, 4,
    ),
    "a triple as an object": ("ex:s ex:says <<( ex:a ex:p ex:b )>> . ex:a ex:p ex:b .",
                              {"a p b"}, 1),
    "an association with further properties": (
        """[] a biolink:GeneToDiseaseAssociation ; biolink:subject ex:a ; biolink:predicate ex:p ;
        biolink:object ex:b ; biolink:p_value 0.01 ; ex:my "v" .""",
        {"a p b category=biolink:GeneToDiseaseAssociation my=v p_value=0.01"}, 0,
    ),
    "a general class axiom": (
        f"[ {SOME} ex:A ] rdfs:subClassOf ex:B . ex:a ex:p ex:b .", {"a p b"}, 4,
    ),
    "disjointness and the like": (
        """[] a owl:AllDisjointClasses ; owl:members ( ex:A ex:B ) . ex:a ex:p ex:b .""",
        {"a p b"}, 6,
    ),
    "datatypes and the class of all things": (
        f"""ex:A rdfs:subClassOf [ {SOME} xsd:integer ], [ {SOME} owl:Thing ], [ {SOME} ex:B ] .""",
        {"A p B"}, 8,
    ),
    "what an individual's type implies": (
        f"ex:i a [ {SOME} ex:B ], owl:NamedIndividual .", {"i p B"}, 0,
    ),
    "a class below a category": (
        """ex:Drug a owl:Class ; rdfs:subClassOf biolink:SmallMolecule . biolink:SmallMolecule a
        owl:Class . ex:a ex:p ex:b .""",
        {"a p b"}, 1,
    ),
    "a name that is no text": ("ex:a rdfs:label ex:b ; ex:p ex:b .", {"a p b"}, 1),
    "an association denied": (
        f"{OBAN} oban:association_has_subject ex:a ; ex:is_negated true .", {"not a p b"}, 0,
    ),
    "provenance in a node of its own": (
        f"""{OBAN} oban:association_has_subject ex:a ; oban:has_provenance ex:prov . ex:prov a
        oban:provenance ; oban:has_evidence obo:ECO_1 ; dc:source "PMID:1" ; ex:curator ex:me .""",
        {"a p b PMID:1 evidence_type=ECO:1 ex:curator=ex:me"}, 0,
    ),
}  # fmt: skip


def shortened(statement: Statement) -> str:
    """Return a statement as words: denial, triple, publications, attributes."""
    parts = [statement.subject, statement.predicate, statement.object]
    words = ["not"] * statement.negated + [part.removeprefix("ex:") for part in parts]
    words += sorted({p for e in statement.evidence for p in e.publications})
    found = sorted(statement.attributes.items())
    return " ".join((*words, *(f"{k.removeprefix('rdfs:')}={v}" for k, v in found)))


def lost(found: Read) -> int:
    assert_accounted_for(found.loaded.report)
    return found.loaded.report.lost


@pytest.mark.parametrize("kind", STATED)
def test_each_kind_is_stated_or_counted(tmp_path: Path, kind: str) -> None:
    text, statements, passed_over = STATED[kind]
    found = read(write(tmp_path, HEAD + MORE + text))
    assert {shortened(s) for s in found.statements} == statements
    assert lost(found) == passed_over


@pytest.mark.parametrize("kind", STATED)
def test_each_kind_is_the_same_from_triples(tmp_path: Path, kind: str) -> None:
    """N-Triples are read by lines where they can be."""
    text, *_ = STATED[kind]
    turtle = read(write(tmp_path, HEAD + MORE + text))
    triples = read(write(tmp_path, HEAD + MORE + text, "nt"))
    assert content(triples) == content(turtle)
    assert lost(triples) == lost(turtle)


BLANK = """
[] a rdf:Statement ; rdf:subject _:x ; rdf:predicate ex:p ; rdf:object ex:b .
[] a rdf:Statement ; rdf:subject _:y ; rdf:predicate ex:q ; rdf:object ex:c .
[] a oban:association ; oban:association_has_subject [ rdfs:label "g" ] ;
   oban:association_has_predicate ex:r ; oban:association_has_object ex:d .
_:z ex:s ex:e {| ex:certainty 1 |} .
"""


def test_blank_ends_of_statement_nodes_are_entities_of_their_own(tmp_path: Path) -> None:
    found = read(write(tmp_path, HEAD + MORE + BLANK))
    ends = {s.predicate: s.subject for s in found.statements}
    assert len(set(ends.values())) == 4
    assert found.entities[ends["ex:r"]].name == "g"
    again = read(write(tmp_path, HEAD + MORE + BLANK.replace("_:x", "_:b9"), "trig"))
    assert content(again) == content(found)


NANOPUBLICATION = """
ex:head {{ ex:np a np:Nanopublication ; np:hasAssertion ex:as ; np:hasProvenance ex:prov . }}
ex:as {{ {} }}
ex:prov {{ ex:as prov:wasDerivedFrom pubmed:7 . }}
"""
ASSERTED = {
    "a triple": "ex:a ex:p ex:b .",
    "a subclass": "ex:a rdfs:subClassOf ex:b .",
    "a blank node": '[ rdfs:label "x" ] ex:p ex:b .',
    "an association": "ex:s biolink:subject ex:a ; biolink:predicate ex:p ; biolink:object ex:b .",
    "a reified triple": "ex:s a rdf:Statement ; rdf:subject ex:a ; rdf:predicate ex:p ; "
    "rdf:object ex:b .",
    "a denial": f"{DENIAL} ex:a ; owl:assertionProperty ex:p ; owl:targetIndividual ex:b .",
}


@pytest.mark.parametrize("kind", ASSERTED)
@pytest.mark.parametrize("suffix", ["trig", "nq"])
def test_whatever_a_nanopublication_asserts_has_its_provenance(
    tmp_path: Path, kind: str, suffix: str
) -> None:
    text = HEAD + MORE + NANOPUBLICATION.format(ASSERTED[kind])
    path = tmp_path / f"n.{suffix}"
    path.write_text(text)
    if suffix == "nq":
        quads = list(parse(text.encode(), format=RdfFormat.TRIG))
        path.write_bytes(serialize(quads, format=RdfFormat.N_QUADS) or b"")
    found = read(path)
    (statement,) = found.statements
    (evidence,) = statement.evidence
    assert (evidence.source, evidence.publications) == ("ex:as", ("PMID:7",))
    assert statement.attributes == {"nanopublication": "ex:np"}
    assert statement.negated == (kind == "a denial")


NAMED = ("skos:hiddenLabel", "oio:hasSynonym", "dcterms:alternative", "obo:IAO_0000118",
         "<http://schema.org/alternateName>", "<https://schema.org/alternateName>")  # fmt: skip


@pytest.mark.parametrize("suffix", ["ttl", "nt"])
def test_whatever_gives_another_name_gives_a_synonym(tmp_path: Path, suffix: str) -> None:
    names = " ; ".join(f'{name} "{i}"' for i, name in enumerate(NAMED))
    found = read(write(tmp_path, f'{HEAD} ex:a rdfs:label "a" ; {names} ; ex:p ex:b .', suffix))
    assert found.entities["ex:a"].synonyms == tuple(map(str, range(len(NAMED))))
    assert lost(found) == 0


def test_blank_nodes_that_know_each_other_are_not_one(tmp_path: Path) -> None:
    """Of a pair, of a ring and of a node that knows itself, none says what another says."""
    ring = " ".join(f"_:r{i} ex:q _:r{(i + 1) % 3} ." for i in range(3))
    graphs = [
        f"_:{a} ex:p _:{b} . _:{b} ex:p _:{a} . _:s ex:p _:s . {ring}" for a, b in ("xy", "yx")
    ]
    found = [read(write(tmp_path, HEAD + text)) for text in graphs]
    assert found[0].hash == found[1].hash
    loops = [s.predicate for s in found[0].statements if s.subject == s.object]
    assert loops == ["ex:p"]
    assert len(found[0].entities) == 6


THESAURUS = """@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
<http://t/ms> a skos:Concept ; skos:prefLabel "multiple sclerosis" ; skos:broader <http://t/demy> ;
    skos:related <http://t/optic> ; skos:closeMatch <http://other/1> ; owl:sameAs <http://other/2> .
<http://t/demy> a skos:Concept ; skos:prefLabel "demyelinating disease" ;
    skos:narrower <http://t/nmo> .
"""


@pytest.mark.parametrize("suffix", SYNTAXES)
def test_a_thesaurus_relates_its_concepts(tmp_path: Path, suffix: str) -> None:
    found = read(turtle(tmp_path, THESAURUS, suffix), schema=known_schema())
    assert found.triples == {
        ("http://t/ms", "skos:broader", "http://t/demy"),
        ("http://t/ms", "skos:related", "http://t/optic"),
        ("http://t/demy", "skos:narrower", "http://t/nmo"),
    }
    assert found.entities["http://t/ms"].xrefs == ("http://other/2",)
    assert found.loaded.report.lost == 1  # a mapping to another vocabulary is no relation
    broader = found.schema.predicate("skos:broader")
    assert (broader.effect, broader.biolink, broader.generic) == (
        "none", "biolink:subclass_of", True,
    )  # fmt: skip


@pytest.mark.parametrize("suffix", SYNTAXES)
def test_an_address_is_another_with_a_slash_where_no_resource_says_otherwise(
    tmp_path: Path, suffix: str
) -> None:
    text = "<http://example.org/doc> <http://example.org/p> <http://example.org/doc/> ."
    [statement] = read(turtle(tmp_path, text, suffix)).statements
    assert statement.subject != statement.object


def test_a_declared_predicate_without_a_label_is_called_as_one_that_is_not_declared(
    tmp_path: Path,
) -> None:
    stated = "<http://a/x> <http://example.org/acts_on> <http://a/y> ."
    declared = (
        "<http://example.org/acts_on> a <http://www.w3.org/2002/07/owl#ObjectProperty> ." + stated
    )
    labels = {
        read(turtle(tmp_path, text)).schema.predicate("ex:acts_on").label
        for text in (stated, declared)
    }
    assert labels == {"acts on"}


def test_xml_that_is_no_rdf_is_named_by_its_root(tmp_path: Path) -> None:
    for name in ("a.xml", "a.owl", "a.rdf"):
        (tmp_path / name).write_text('<?xml version="1.0"?>\n<!-- x -->\n<catalog><cd/></catalog>')
        with pytest.raises(DataError, match="its root is catalog"):
            read(tmp_path / name)
