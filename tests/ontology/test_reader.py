"""Reading what others wrote: plain triples, bad input, abuse."""

from pathlib import Path

import pytest
from pyoxigraph import RdfFormat

from mechkg.kg.errors import DataError
from mechkg.kg.model.schema import Schema
from mechkg.ontology.rdf.formats import RdfGraph, parse_graph, read_graph
from mechkg.ontology.rdf.triples import Document

PREFIXES = """
@prefix biolink: <https://w3id.org/biolink/vocab/> .
@prefix mechkg: <https://w3id.org/mechkg/vocab/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix statement: <https://w3id.org/mechkg/statement/> .
@prefix ex: <http://ex.org/> .
"""


def turtle(text: str, schema: Schema | None = None) -> RdfGraph:
    document = Document("made.ttl", (PREFIXES + text).encode(), RdfFormat.TURTLE)
    return parse_graph([document], schema=schema)


def test_plain_triples_are_statements_without_evidence() -> None:
    graph = turtle("""
        ex:a a ex:Drug ; rdfs:label "A"@en ; skos:altLabel "a one" ;
            ex:heals ex:b ; rdfs:seeAlso ex:c .
        ex:b skos:prefLabel "B" ; rdfs:comment "the second" .
    """)
    (statement,) = graph.statements
    assert (statement.subject, statement.predicate, statement.object) == (
        "ex:a",
        "ex:heals",
        "ex:b",
    )
    assert statement.evidence == ()
    assert statement.id.startswith("T-")
    assert [(e.id, e.name, e.category, e.synonyms, e.description) for e in graph.entities] == [
        ("ex:a", "A", "ex:Drug", ("a one",), ""),
        ("ex:b", "B", "biolink:NamedThing", (), "the second"),
    ]
    assert graph.schema.predicate("ex:heals").sign is None


def test_a_known_predicate_brings_its_sign_and_name(graph: RdfGraph) -> None:
    made = turtle("ex:a <http://purl.obolibrary.org/obo/RO_0002597> ex:b .", graph.schema)
    assert [(s.predicate, s.sign) for s in made.statements] == [("inhibits", -1)]


def test_an_inverse_property_is_read_the_other_way_round() -> None:
    made = turtle("""
        mechkg:secretes a owl:ObjectProperty ; skos:notation "secretes" ;
            owl:inverseOf mechkg:secretedBy .
        mechkg:secretedBy a owl:ObjectProperty .
        ex:gdnf mechkg:secretedBy ex:cell .
    """)
    assert [(s.subject, s.predicate, s.object) for s in made.statements] == [
        ("ex:cell", "secretes", "ex:gdnf")
    ]


def test_a_plain_triple_beside_its_node_is_one_statement() -> None:
    made = turtle("""
        ex:a ex:heals ex:b .
        ex:s1 biolink:subject ex:a ; biolink:predicate ex:heals ; biolink:object ex:b ;
            biolink:publications <https://pubmed.ncbi.nlm.nih.gov/1> .
    """)
    (statement,) = made.statements
    assert statement.id == "ex:s1"
    assert [e.kind for e in statement.evidence] == ["literature"]


def test_the_most_specific_category_counts(graph: RdfGraph) -> None:
    made = turtle(
        "ex:a a biolink:NamedThing, biolink:Cell, biolink:AnatomicalEntity .", graph.schema
    )
    assert made.entities[0].category == "biolink:Cell"


def test_blank_nodes_of_two_files_are_kept_apart() -> None:
    documents = [
        Document(f"{n}.ttl", f"{PREFIXES} _:x biolink:subject ex:a ; biolink:predicate ex:p ;"
                 f" biolink:object ex:b{n} .".encode(), RdfFormat.TURTLE)
        for n in (1, 2)
    ]  # fmt: skip
    assert {s.object for s in parse_graph(documents).statements} == {"ex:b1", "ex:b2"}


CLAIM = "statement:S1 biolink:subject ex:a ; biolink:predicate ex:p ; biolink:object ex:b ;"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("ex:a ex:p ex:b", "line 11"),
        ("ex:a nope:p ex:b .", "line 10"),
        ("statement:S1 a biolink:Association ; biolink:subject ex:a .", "has no predicate"),
        ("statement:S1 biolink:subject ex:a, ex:b .", "more than one subject"),
        ('statement:S1 biolink:subject "a" .', "not an IRI"),
        (f"{CLAIM} mechkg:sign 2 .", "sign of statement S1"),
        (f"{CLAIM} mechkg:evidence ex:e .", "evidence that is not described"),
        ("ex:p a owl:ObjectProperty ; owl:propertyChainAxiom ( ex:p ) .", "two links"),
    ],
)  # fmt: skip
def test_bad_input_is_refused_with_file_and_line(text: str, reason: str) -> None:
    with pytest.raises(DataError, match=r"made\.ttl, line \d+: ") as caught:
        turtle(f"\n{text}\n")
    assert reason in str(caught.value)


def test_missing_files_and_unknown_suffixes(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="No such file"):
        read_graph([tmp_path / "none.ttl"])
    (tmp_path / "a.docx").write_text("")
    with pytest.raises(DataError, match="Known suffixes"):
        read_graph([tmp_path / "a.docx"])


DEEP = 30_000
ABUSES = {
    "turtle lists": (b"<a:a> <a:b> " + b"( " * DEEP, RdfFormat.TURTLE, "nested"),
    "turtle blank nodes": (b"<a:a> <a:b> " + b"[ <a:b> " * DEEP, RdfFormat.TURTLE, "nested"),
    "quoted triples": (b"<<( " * DEEP, RdfFormat.N_TRIPLES, "nested"),
    "json": (b"[" * DEEP, RdfFormat.JSON_LD, "nested"),
    "xml": (b"<a>" * DEEP, RdfFormat.RDF_XML, "nested"),
    "xml entities": (
        b'<!DOCTYPE a [<!ENTITY x "xxxxxxxxxx"><!ENTITY y "&x;&x;&x;">]><a>&y;</a>',
        RdfFormat.RDF_XML,
        "XML entity 'y'",
    ),
    "xml file": (
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><a>&x;</a>',
        RdfFormat.RDF_XML,
        "XML entity 'x' is external",
    ),
    "json context from elsewhere": (
        b'{"@context": "http://127.0.0.1:9/c.jsonld", "@id": "http://a/b", "p": "x"}',
        RdfFormat.JSON_LD,
        "not fetched",
    ),
}


@pytest.mark.parametrize("name", ABUSES)
def test_abuse_is_refused(name: str) -> None:
    data, syntax, reason = ABUSES[name]
    with pytest.raises(DataError, match=reason):
        parse_graph([Document("bad", data, syntax)])


def test_brackets_in_texts_do_not_count_as_nesting() -> None:
    label = "[(" * 500
    made = turtle(f'ex:a rdfs:label "{label}" . # {label}\n')
    assert made.entities[0].name == label


def test_namespace_entities_of_an_owl_file_are_read() -> None:
    data = b"""<?xml version="1.0"?>
    <!DOCTYPE rdf:RDF [<!ENTITY obo "http://purl.obolibrary.org/obo/">]>
    <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:ex="http://ex.org/">
      <rdf:Description rdf:about="&obo;CL_1"><ex:heals rdf:resource="&obo;CL_2"/></rdf:Description>
    </rdf:RDF>"""
    made = parse_graph([Document("x.owl", data, RdfFormat.RDF_XML)])
    assert [s.object for s in made.statements] == ["http://purl.obolibrary.org/obo/CL_2"]
