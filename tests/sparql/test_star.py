"""Queries about statements themselves: RDF 1.2's `<< >>` and `{| |}`, hidden from all others."""

from __future__ import annotations

from rdflib import Graph as RdfGraph

from tests.api.servers import Service

PREFIXES = """
PREFIX CL: <http://purl.obolibrary.org/obo/CL_>
PREFIX biolink: <https://w3id.org/biolink/vocab/>
PREFIX mechkg: <https://w3id.org/mechkg/vocab/>
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
"""
INFERRED = "https://w3id.org/mechkg/graph/inferred"
ASSERTED = "https://w3id.org/mechkg/graph/asserted"


def rows(service: Service, query: str) -> set[tuple[tuple[str, str], ...]]:
    answer = service.post("/sparql", data={"query": PREFIXES + query})
    assert answer.status_code == 200, answer.text
    found = answer.json()["results"]["bindings"]
    return {tuple(sorted((name, term["value"]) for name, term in row.items())) for row in found}


NODES = """?st biolink:subject ?s ; biolink:predicate ?p ; biolink:object ?o ."""


def test_what_is_said_of_a_statement_is_that_of_its_node(endpoint: Service) -> None:
    by_node = rows(
        endpoint,
        f"SELECT ?s ?p ?o ?m {{ {NODES} ?st mechkg:modality ?m }}",
    )
    quoted = rows(endpoint, "SELECT ?s ?p ?o ?m { << ?s ?p ?o >> mechkg:modality ?m }")
    assert quoted == by_node
    assert quoted


def test_annotations_are_those_of_asserted_statements(endpoint: Service) -> None:
    by_node = rows(endpoint, f"SELECT ?s ?p ?o ?m {{ {NODES} ?s ?p ?o . ?st mechkg:modality ?m }}")
    annotated = rows(endpoint, "SELECT ?s ?p ?o ?m { ?s ?p ?o {| mechkg:modality ?m |} }")
    assert annotated == by_node
    assert annotated


def test_the_node_itself_can_be_named(endpoint: Service) -> None:
    wanted = "http://purl.obolibrary.org/obo/CL_0000047"
    by_node = rows(endpoint, f"SELECT ?st {{ {NODES} ?s ?p ?o FILTER(?s = <{wanted}>) }}")
    assert rows(endpoint, "SELECT ?st { CL:0000047 ?p ?o ~ ?st }") == by_node


def test_inferred_statements_can_be_asked_about(endpoint: Service) -> None:
    graphs = f"FROM <{ASSERTED}> FROM <{INFERRED}>"
    by_node = rows(endpoint, f"SELECT ?s ?o {graphs} {{ {NODES} ?st biolink:negated ?n }}")
    quoted = rows(endpoint, f"SELECT ?s ?o {graphs} {{ << ?s ?p ?o >> biolink:negated ?n }}")
    assert quoted == by_node
    both, one = (
        rows(endpoint, f"SELECT ?st {g} {{ << ?s ?p ?o ~ ?st >> biolink:subject ?s }}")
        for g in (graphs, f"FROM <{ASSERTED}>")
    )
    assert one < both


def test_others_do_not_see_what_is_reified(endpoint: Service) -> None:
    assert not rows(endpoint, "SELECT * { ?st rdf:reifies ?t }")
    assert rows(endpoint, "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }") == {(("g", INFERRED),)}
    described = endpoint.get(
        "/sparql", params={"query": "DESCRIBE <https://w3id.org/mechkg/statement/SC061>"}
    )
    assert "reifies" not in described.text
    assert len(RdfGraph().parse(data=described.text, format="turtle"))
