"""Every way to say something in RDF, in every syntax: what is kept, and as what."""

from itertools import islice, permutations
from pathlib import Path

import msgspec
import pytest
from pyoxigraph import Quad, RdfFormat, parse, serialize

from mechkg.kg.errors import DataError, LoadRefused
from mechkg.kg.model.values import Statement
from mechkg.ontology.rdf.readers.unread import DESCRIBING, LITERAL
from tests.kg.readers.loading import Read
from tests.ontology.readers.test_rdf_loads import SYNTAXES, read

HEAD = """
@prefix ex: <http://example.org/> .
@prefix biolink: <https://w3id.org/biolink/vocab/> .
@prefix obo: <http://purl.obolibrary.org/obo/> .
@prefix oio: <http://www.geneontology.org/formats/oboInOwl#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix dc: <http://purl.org/dc/elements/1.1/> .
"""


def write(folder: Path, text: str, suffix: str = "ttl", name: str = "graph") -> Path:
    """Write Turtle in any syntax."""
    path = folder / f"{name}.{suffix}"
    triples = [quad.triple for quad in parse(text.encode(), format=RdfFormat.TURTLE)]
    path.write_bytes(serialize(triples, format=SYNTAXES[suffix]))
    return path


def said(found: Read) -> set[tuple[str, str, str]]:
    return {(s.subject, s.predicate, s.object) for s in found.statements}


def content(found: Read) -> tuple[object, object]:
    """Return a graph without the name of the file that it came from."""
    statements = [_unsourced(s) for s in found.statements]
    return found.entities, sorted(statements, key=msgspec.json.encode)


def _unsourced(statement: Statement) -> Statement:
    evidence = tuple(msgspec.structs.replace(e, source="") for e in statement.evidence)
    return msgspec.structs.replace(statement, evidence=evidence)


KINDS = {
    "inverse pair": (
        """ex:treats a owl:ObjectProperty ; owl:inverseOf ex:treatedBy .
        ex:treatedBy a owl:ObjectProperty ; owl:inverseOf ex:treats .
        ex:d1 ex:treats ex:x . ex:x ex:treatedBy ex:d2 .""",
        {("ex:d1", "ex:treats", "ex:x"), ("ex:d2", "ex:treats", "ex:x")},
    ),
    "self-inverse": (
        "ex:binds a owl:ObjectProperty ; owl:inverseOf ex:binds . ex:a ex:binds ex:b .",
        {("ex:a", "ex:binds", "ex:b")},
    ),
    "inverse on one side": (
        """ex:causes a owl:ObjectProperty ; owl:inverseOf ex:causedBy . ex:a ex:causes ex:b .
        ex:c ex:causedBy ex:d .""",
        {("ex:a", "ex:causes", "ex:b"), ("ex:d", "ex:causes", "ex:c")},
    ),
    "list": (
        "ex:a ex:parts ( ex:p1 ex:p2 ) ; ex:none () .",
        {("ex:a", "ex:parts", "ex:p1"), ("ex:a", "ex:parts", "ex:p2")},
    ),
    "denial": (
        """ex:c ex:causes ex:b . [] a owl:NegativePropertyAssertion ; owl:sourceIndividual ex:a ;
        owl:assertionProperty ex:causes ; owl:targetIndividual ex:b .""",
        {("ex:c", "ex:causes", "ex:b"), ("ex:a", "ex:causes", "ex:b")},
    ),
    "class expressions": (
        """ex:A rdfs:subClassOf
          [ a owl:Restriction ; owl:onProperty ex:has ; owl:onClass ex:C ;
            owl:minQualifiedCardinality "2"^^xsd:nonNegativeInteger ] ,
          [ a owl:Restriction ; owl:onProperty ex:has ; owl:onClass ex:Z ;
            owl:maxQualifiedCardinality "2"^^xsd:nonNegativeInteger ] ,
          [ a owl:Restriction ; owl:onProperty ex:has ; owl:onClass ex:Y ;
            owl:qualifiedCardinality "0"^^xsd:nonNegativeInteger ] ,
          [ a owl:Restriction ; owl:onProperty ex:part ; owl:someValuesFrom
            [ a owl:Class ; owl:intersectionOf ( ex:H [ a owl:Restriction ;
              owl:onProperty ex:part ; owl:someValuesFrom ex:I ] ) ] ] ,
          [ a owl:Restriction ; owl:onProperty ex:part ; owl:hasValue ex:i ] ,
          [ a owl:Restriction ; owl:onProperty ex:only ; owl:allValuesFrom ex:Q ] .""",
        {("ex:A", "ex:has", "ex:C"), ("ex:A", "ex:part", "ex:H"), ("ex:A", "ex:part", "ex:i")},
    ),
    "other addresses": (
        """<https://identifiers.org/CL:0000540> ex:p <https://purl.obolibrary.org/obo/CL_0000047> .
        <http://identifiers.org/hgnc/HGNC:1> ex:p <http://purl.obolibrary.org/obo/ABC_1> .""",
        {("CL:0000540", "ex:p", "CL:0000047"), ("HGNC:1", "ex:p", "ABC:1")},
    ),
    "replaced term": (
        """obo:GO_2 a owl:Class ; rdfs:label "old" ; owl:deprecated true ;
        obo:IAO_0100001 obo:GO_1 ; oio:consider "GO:0000003" . obo:GO_1 rdfs:label "new" .""",
        set(),
    ),
    "OBAN": (
        """@prefix oban: <http://purl.org/oban/> . ex:s a oban:association ;
        oban:association_has_subject ex:a ; oban:association_has_predicate ex:p ;
        oban:association_has_object ex:b ; dc:source <http://identifiers.org/pubmed/12> .""",
        {("ex:a", "ex:p", "ex:b")},
    ),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("suffix", SYNTAXES)
def test_each_kind_gives_the_same_statements_in_every_syntax(
    tmp_path: Path, kind: str, suffix: str
) -> None:
    text, expected = KINDS[kind]
    assert said(read(write(tmp_path, HEAD + text, suffix))) == expected


@pytest.mark.parametrize("kind", [*KINDS, "labels"])
def test_all_syntaxes_give_one_graph(tmp_path: Path, kind: str) -> None:
    text = HEAD + (LABELS if kind == "labels" else KINDS[kind][0])
    graphs = [content(read(write(tmp_path, text, suffix))) for suffix in SYNTAXES]
    assert all(graph == graphs[0] for graph in graphs)


LABELS = """
ex:ms rdfs:label "Multiple Sklerose"@de , "multiple sclerosis"@en , "MS (label)" ; ex:p ex:b ;
    skos:altLabel "disseminated sclerosis" ; skos:definition "A disease."@en , "Eine."@de ;
    rdfs:comment "Said of it." ; oio:hasDbXref "UMLS:C0026769" ; oio:hasAlternativeId "ex:old" .
ex:b skos:prefLabel "B"@fr . ex:c dcterms:title "c, by title" ; ex:p ex:b .
ex:d a owl:Class . obo:CL_0000540 ex:p ex:d ; a ex:Kind .
"""


@pytest.mark.parametrize("suffix", SYNTAXES)
def test_the_preferred_language_names_and_the_rest_are_synonyms(
    tmp_path: Path, suffix: str
) -> None:
    found = read(write(tmp_path, HEAD + LABELS, suffix)).entities
    assert found["ex:ms"].name == "multiple sclerosis"
    assert found["ex:ms"].synonyms == ("MS (label)", "Multiple Sklerose", "disseminated sclerosis")
    assert found["ex:ms"].description == "A disease."
    assert found["ex:ms"].attributes["description"] == "Eine.|Said of it."
    assert found["ex:ms"].xrefs == ("UMLS:C0026769", "ex:old")
    assert found["ex:b"].name == "B"
    assert found["ex:c"].name == "c, by title"
    assert found["ex:d"].name == "ex:d"


def test_one_preferred_language_counts_across_files(tmp_path: Path) -> None:
    german = write(tmp_path, HEAD + 'ex:a rdfs:label "Zelle"@de .', name="de")
    english = write(tmp_path, HEAD + 'ex:a rdfs:label "zz cell"@en .', "nt", name="en")
    for files in ((german, english), (english, german)):
        assert read(*files).entities["ex:a"].name == "zz cell"


def test_prefixes_of_files_decide_nothing(tmp_path: Path) -> None:
    texts = {
        "a.ttl": '@prefix ex: <http://a.example/> . ex:1 ex:p ex:2 .',
        "b.ttl": '@prefix ex: <http://b.example/> . ex:1 ex:p ex:2 .',
        "c.ttl": '@prefix other: <http://a.example/> . other:2 other:p other:3 .',
        "d.ttl": '@prefix CL: <http://d.example/> . CL:1 CL:p CL:2 .',
        "e.jsonld": '{"@context": {"GO": {"@id": "http://purl.obolibrary.org/obo/CL_", '
                    '"@prefix": true}}, '
                    '"@id": "GO:1", "http://a.example/p": {"@id": "http://a.example/2"}}',
    }  # fmt: skip
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    orders = islice(permutations(texts), 0, None, 15)
    found = [read(*(tmp_path / name for name in names)) for names in orders]
    assert len({graph.hash for graph in found}) == 1
    assert set(found[0].entities) == {
        *(f"http://a.example/{n}" for n in (1, 2, 3)), "http://b.example/1", "http://b.example/2",
        "http://d.example/1", "http://d.example/2", "CL:1",
    }  # fmt: skip
    assert {s.predicate for s in found[0].statements} == {
        f"http://{letter}.example/p" for letter in "abd"
    }


def test_lines_in_any_order_give_one_snapshot(tmp_path: Path) -> None:
    text = "".join(f"{HEAD}{text}\n" for text, _ in KINDS.values()) + LABELS
    lines = write(tmp_path, text, "nt").read_text().splitlines()
    hashes = set()
    for rows in (lines, lines[::-1], sorted(lines), lines[7:] + lines[:7]):
        path = tmp_path / "lines.nt"
        path.write_text("\n".join(rows) + "\n")
        hashes.add(read(path).hash)
    assert len(hashes) == 1


def test_blank_nodes_are_told_by_what_is_said_of_them(tmp_path: Path) -> None:
    text = (
        HEAD
        + """
    ex:drug ex:has_target [ rdfs:label "kinase X" ; ex:regulates [ a ex:Disease ] ] .
    ex:drug ex:has_target [ rdfs:label "kinase Y" ] . _:same ex:p ex:b . _:other ex:p ex:b .
    ex:q dcterms:creator [ rdfs:label "a person" ] .
    """
    )
    first = read(write(tmp_path, text))
    names = {entity.name for entity in first.entities.values()}
    assert {"kinase X", "kinase Y"} < names
    assert "a person" not in names
    assert len(first.statements) == 4
    again = read(write(tmp_path, text, "nt"))
    assert content(again) == content(first)


def test_annotations_of_axioms_are_evidence(tmp_path: Path) -> None:
    text = (
        HEAD
        + """
    obo:t.owl a owl:Ontology . obo:MONDO_1 rdfs:subClassOf obo:MONDO_2 , _:r .
    _:r a owl:Restriction ; owl:onProperty ex:part ; owl:someValuesFrom obo:MONDO_3 .
    [] a owl:Axiom ; owl:annotatedSource obo:MONDO_1 ; owl:annotatedProperty rdfs:subClassOf ;
       owl:annotatedTarget obo:MONDO_2 ; oio:source "PMID:1" , "DOI:10.1/x" ; rdfs:comment "why" .
    [] a owl:Axiom ; owl:annotatedSource obo:MONDO_1 ; owl:annotatedProperty rdfs:subClassOf ;
       owl:annotatedTarget [ a owl:Restriction ; owl:onProperty ex:part ;
         owl:someValuesFrom obo:MONDO_3 ] ; oio:hasDbXref "PMID:2" .
    """
    )
    for suffix in SYNTAXES:
        found = read(write(tmp_path, text, suffix))
        by_object = {s.object: s for s in found.statements}
        assert by_object["MONDO:2"].evidence[0].publications == ("DOI:10.1/x", "PMID:1")
        assert by_object["MONDO:2"].attributes == {"rdfs:comment": "why"}
        assert by_object["MONDO:3"].evidence[0].publications == ("PMID:2",)
        assert {s.evidence[0].kind for s in found.statements} == {"ontology_axiom"}


def test_obsolete_terms_are_marked(tmp_path: Path) -> None:
    for suffix in SYNTAXES:
        found = read(write(tmp_path, HEAD + KINDS["replaced term"][0], suffix))
        assert found.entities["GO:2"].attributes == {
            "deprecated": "true", "replaced_by": "GO:1", "consider": "GO:0000003"
        }  # fmt: skip


def test_a_denial_is_negated(tmp_path: Path) -> None:
    found = read(write(tmp_path, HEAD + KINDS["denial"][0]))
    assert {s.subject: s.negated for s in found.statements} == {"ex:c": False, "ex:a": True}


def test_a_nanopublication_states_its_assertion_alone(tmp_path: Path) -> None:
    text = (
        HEAD
        + """
    @prefix np: <http://www.nanopub.org/nschema#> .
    @prefix prov: <http://www.w3.org/ns/prov#> . @prefix pav: <http://purl.org/pav/> .
    ex:Head { ex:np a np:Nanopublication ; np:hasAssertion ex:as ; np:hasProvenance ex:pr ;
              np:hasPublicationInfo ex:pi . }
    ex:as { ex:drug ex:inhibits ex:gene . ex:drug rdfs:label "the drug" . }
    ex:pr { ex:as prov:wasDerivedFrom <https://pubmed.ncbi.nlm.nih.gov/123> ;
            prov:wasAttributedTo <https://orcid.org/0000-0000-0000-0001> . }
    ex:pi { ex:np pav:createdBy <https://orcid.org/0000-0000-0000-0001> . }
    """
    )
    quads = list(parse(text.encode(), format=RdfFormat.TRIG))
    for suffix in ("trig", "nq", "jsonld"):
        path = tmp_path / f"n.{suffix}"
        path.write_bytes(serialize(quads, format=SYNTAXES[suffix]))
        found = read(path)
        (statement,) = found.statements
        assert (statement.subject, statement.predicate, statement.object) == (
            "ex:drug", "ex:inhibits", "ex:gene"
        )  # fmt: skip
        (evidence,) = statement.evidence
        assert (evidence.source, evidence.publications) == ("ex:as", ("PMID:123",))
        assert statement.attributes["nanopublication"] == "ex:np"
        assert found.entities["ex:drug"].name == "the drug"
        assert set(found.entities) == {"ex:drug", "ex:gene"}


def test_a_byte_order_mark_and_relative_addresses_are_read(tmp_path: Path) -> None:
    text = "@prefix ex: <http://example.org/> . <> a ex:Document . <#a> ex:p <#b> ."
    path = tmp_path / "b.ttl"
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert said(read(path)) == {("file:///b.ttl#a", "ex:p", "file:///b.ttl#b")}
    graph = tmp_path / "b.trig"
    graph.write_bytes(b"\xef\xbb\xbf@prefix ex: <http://example.org/> . ex:g { ex:a ex:p ex:b }")
    assert said(read(graph)) == {("ex:a", "ex:p", "ex:b")}


OTHER_OWL = {
    "f.owl": ("Prefix(:=<http://a/>)\nOntology(<http://a/o>\n)", "functional"),
    "comment.owl": ("# by hand\nOntology(<http://a/o>\n)", "functional"),
    "m.owl": ("Prefix: : <http://a/>\nOntology: <http://a/o>\n", "Manchester"),
    "x.owl": (
        '<?xml version="1.0"?>\n<Ontology xmlns="http://www.w3.org/2002/07/owl#">',
        "OWL/XML",
    ),
    "a.omn": ("Ontology: <http://a/o>\n", "Manchester"),
    "a.ttl": ("Ontology(<http://a/o>)\n", "functional"),
}


@pytest.mark.parametrize("name", OTHER_OWL)
def test_owl_in_other_syntaxes_is_named_with_its_converter(tmp_path: Path, name: str) -> None:
    text, syntax = OTHER_OWL[name]
    (tmp_path / name).write_text(text)
    with pytest.raises((DataError, LoadRefused), match=f"{syntax}.*(?s:.*)robot convert"):
        read(tmp_path / name)


def test_predicates_come_back_by_their_own_names(tmp_path: Path) -> None:
    names = ["is-a", "is a", "is_a", "RO:0002213", "GENE/ACTIVATES", "GENE:ACTIVATES",
             "http://example.org/p/123", "bioarx::HumGenHumGen:Gene:Gene"]  # fmt: skip
    edges = tmp_path / "edges.tsv"
    rows = "".join(f"A:1\t{name}\tA:{n}\n" for n, name in enumerate(names, 2))
    edges.write_text("subject\tpredicate\tobject\n" + rows)
    table = read(edges)
    assert {s.predicate for s in table.statements} == set(names)
    iris = {p.id: p.iri for p in table.schema.predicates}
    assert len(set(iris)) == len(names)


def test_quads_of_other_graphs_are_statements(tmp_path: Path) -> None:
    path = tmp_path / "g.nq"
    path.write_text("<http://a/s> <http://a/p> <http://a/o> <http://a/g> .\n")
    assert said(read(path)) == {("http://a/s", "http://a/p", "http://a/o")}
    assert isinstance(next(iter(parse(path.read_bytes(), format=RdfFormat.N_QUADS))), Quad)


def test_every_triple_is_kept_merged_or_passed_over(tmp_path: Path) -> None:
    text = HEAD + LABELS + KINDS["list"][0] + "ex:a ex:weight 3 ; rdfs:seeAlso ex:page ."
    triples = {quad.triple for quad in parse(text.encode(), format=RdfFormat.TURTLE)}
    for suffix in ("ttl", "nt"):
        found = read(write(tmp_path, text, suffix))
        (count,) = (c for c in found.loaded.report.files if c.kind == "triple")
        assert count.seen == len(triples) == count.kept + count.merged + count.passed_over
        reasons = {(r.outcome, r.reason): r.count for r in count.reasons}
        assert reasons["passed_over", LITERAL] == 1
        assert reasons["passed_over", DESCRIBING] == 1
        assert count.passed_over == 2


def test_plain_lines_are_counted_alike(tmp_path: Path) -> None:
    text = HEAD + 'ex:a rdfs:label "a" ; ex:p ex:b ; ex:weight 3 , 4 ; rdfs:seeAlso ex:page .'
    counts = []
    for suffix in ("ttl", "nt"):
        found = read(write(tmp_path, text, suffix))
        (count,) = (c for c in found.loaded.report.files if c.kind == "triple")
        counts.append((count.seen, count.kept, count.merged, count.passed_over))
    assert counts == [(5, 2, 0, 3)] * 2
