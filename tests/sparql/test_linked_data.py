"""What IRIs lead to, and what the data say of themselves."""

from __future__ import annotations

from urllib.parse import urljoin

import pytest
import requests
from rdflib import DCTERMS, RDF, Graph, Namespace, URIRef

from tests.api.servers import Service
from tests.processes import PATIENCE

VOID = Namespace("http://rdfs.org/ns/void#")
DCAT = Namespace("http://www.w3.org/ns/dcat#")
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


def led(service: Service, path: str, accept: str) -> requests.Response:
    return service.get(path, headers={"Accept": accept}, allow_redirects=False)


@pytest.mark.parametrize(
    ("identifier", "accept", "place"),
    [
        ("CL:0000047", "application/json", "/api/v1/entities/CL:0000047"),
        ("CL:0000047", "*/*", "/api/v1/entities/CL:0000047"),
        ("CL:0000047", "text/turtle", "/api/v1/entities/CL:0000047.ttl"),
        ("CL:0000047", BROWSER, "/?source=CL%3A0000047"),
        ("statement:SC061", "text/turtle", "/api/v1/statements/SC061.ttl"),
        ("statement/SC061", "application/ld+json", "/api/v1/statements/SC061.jsonld"),
        ("statement/SC061", BROWSER, "/api/v1/statements/SC061"),
        ("evidence/SC061-1", "application/json", "/api/v1/statements/SC061"),
    ],
)
def test_identifier_leads_by_303(
    service: Service, identifier: str, accept: str, place: str
) -> None:
    answer = led(service, f"/id/{identifier}", accept)
    assert (answer.status_code, answer.headers["Location"]) == (303, place)
    assert "Accept" in answer.headers["Vary"]
    followed = service.get(place, headers={"Accept": accept})
    assert followed.status_code == 200


def test_every_iri_of_our_own_in_an_answer_dereferences(service: Service) -> None:
    """Follow one's nose: what a statement's Turtle names is described in Turtle again."""
    own = "https://w3id.org/mechkg/"
    graph = Graph().parse(service.get("/api/v1/statements/SC061.ttl").url, format="turtle")
    named = {str(node) for triple in graph for node in triple if str(node).startswith(own)}
    described = [iri for iri in named if "/prefix/" not in iri]
    assert len(described) > 8
    for iri in described:
        answer = led(service, f"/id/{iri.removeprefix(own)}", "text/turtle")
        assert answer.status_code == 303, iri
        place = urljoin(service.url, answer.headers["Location"])
        again = requests.get(place, headers={"Accept": "text/turtle"}, timeout=PATIENCE)
        assert again.status_code == 200
        found = Graph().parse(data=again.content, format="turtle")
        assert (URIRef(iri), None, None) in found or "/qualifier/" in iri or "/mechkg" in iri


@pytest.mark.parametrize("name", ["CL:9999999", "statement/NOPE", "nothing", "evidence/NOPE-1"])
def test_unknown_identifiers_are_not_found(service: Service, name: str) -> None:
    answer = led(service, f"/id/{name}", "application/json")
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("accept", "form"),
    [("text/turtle", "turtle"), ("application/n-triples", "nt"), ("application/rdf+xml", "xml")],
)
def test_void_tells_counts_sources_and_ways_in(service: Service, accept: str, form: str) -> None:
    answer = service.get("/.well-known/void", headers={"Accept": accept})
    assert answer.headers["Content-Type"].partition(";")[0] == accept
    graph = Graph().parse(data=answer.content, format=form, publicID=answer.url)
    (data,) = graph.subjects(RDF.type, VOID.Dataset)
    assert (data, RDF.type, DCAT.Dataset) in graph
    version = service.get("/version").json()
    assert graph.value(data, VOID.entities).toPython() == version["entities"]
    assert str(graph.value(data, DCTERMS.identifier)) == version["snapshot"]
    assert str(graph.value(data, VOID.sparqlEndpoint)) == f"{service.url}/sparql"
    licences = {str(x) for source in graph.objects(data, DCTERMS.source)
                for x in graph.objects(source, DCTERMS.rights)}  # fmt: skip
    assert any("CC" in licence for licence in licences)
    for dump in graph.objects(data, VOID.dataDump):
        assert requests.head(str(dump), timeout=PATIENCE).status_code == 200
    for example in graph.objects(data, VOID.exampleResource):
        query = f"ASK {{ <{example}> ?p ?o }}"
        assert service.post("/sparql", data={"query": query}).json()["boolean"] is True
