"""What IRIs lead to, and what the data say of themselves."""

from __future__ import annotations

import html
import re
from pathlib import Path
from urllib.parse import quote, unquote, urljoin

import pytest
import requests
from rdflib import DCTERMS, RDF, Graph, Namespace, URIRef

from mechkg.kg.build.builder import build_snapshot
from mechkg.kg.model.biolink import biolink_schema
from mechkg.kg.model.values import Entity, Evidence, Qualifier, Statement
from mechkg.kg.snapshot.catalogue import Catalogue
from tests.api.servers import Service, serving
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
        ("CL:0000047", BROWSER, "/about/CL:0000047"),
        ("statement:SC061", "text/turtle", "/api/v1/statements/SC061.ttl"),
        ("statement/SC061", "application/ld+json", "/api/v1/statements/SC061.jsonld"),
        ("statement/SC061", BROWSER, "/about/statement/SC061"),
        ("evidence/SC061-1", BROWSER, "/about/statement/SC061"),
        ("vocab/secretes", BROWSER, "/about/vocab/secretes"),
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
        assert described_at(service, iri), iri


def described_at(service: Service, iri: str) -> bool:
    """Whether what an IRI of our own leads to says something of it, in Turtle."""
    answer = led(service, f"/id/{iri.removeprefix(OWN)}", "text/turtle")
    if answer.status_code == 303:
        place = urljoin(service.url, answer.headers["Location"])
        answer = requests.get(place, headers={"Accept": "text/turtle"}, timeout=PATIENCE)
    assert answer.status_code == 200, iri
    found = Graph().parse(data=answer.content, format="turtle")
    return (URIRef(iri), None, None) in found


OWN = "https://w3id.org/mechkg/"


@pytest.mark.parametrize(
    "name",
    [
        "context/species",
        "qualifier/note",
        "graph/inferred",
        "graph/asserted",
        "graph/reified",
        "vocab/modality",
    ],
)
def test_names_that_are_handed_out_are_described(service: Service, name: str) -> None:
    assert described_at(service, OWN + name)
    page = service.get(f"/id/{name}", headers={"Accept": BROWSER})
    assert page.status_code == 200
    assert page.headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize(
    "name", ["CL:0000047", "statement/SC061", "vocab/secretes", "evidence/SC061-1"]
)
def test_a_browser_gets_a_page(service: Service, name: str) -> None:
    page = service.get(f"/id/{name}", headers={"Accept": BROWSER})
    assert page.status_code == 200
    assert page.headers["Content-Type"].startswith("text/html")
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert "<script" not in page.text
    links = re.findall(r'href="(/[^"]*)"', page.text)
    assert links
    for link in links:
        assert service.get(html.unescape(link)).status_code == 200, link


def test_the_page_of_a_statement_tells_what_it_says_and_on_what_evidence(service: Service) -> None:
    text = html.unescape(service.get("/about/statement/SC061").text)
    statement = service.get("/api/v1/statements/SC061").json()
    for wanted in (statement["subject"], statement["object"], "secretes", statement["note"]):
        assert wanted in text
    assert "Neural stem cells secrete GDNF" in text
    for evidence in statement["evidence"]:
        assert evidence["source"] in text
        assert all(p in text for p in evidence["publications"])


def test_the_page_of_an_entity_tells_its_names_and_what_is_said_of_it(service: Service) -> None:
    text = html.unescape(service.get("/about/HGNC:4232").text)
    entity = service.get("/api/v1/entities/HGNC:4232").json()
    for wanted in (entity["name"], *entity["synonyms"], *entity["xrefs"]):
        assert wanted in text
    around = service.get("/api/v1/entities/HGNC:4232/neighbourhood").json()
    said = {s["id"] for n in around["neighbours"] for s in n["statements"]}
    said |= {s["id"] for s in around["negated"]}
    assert said
    assert said == set(re.findall(r'href="/about/statement/([^"]+)"', text))
    for link in ("/?source=HGNC%3A4232", "/?target=HGNC%3A4232"):
        assert f'href="{link}"' in text


def linked_statements(page: str) -> set[str]:
    return {unquote(name) for name in re.findall(r'href="/about/statement/([^"]+)"', page)}


def test_the_page_of_a_statement_leads_to_what_it_follows_from_and_to_what_follows(
    service: Service,
) -> None:
    query = {"source": "NSC", "target": "neuron", "evidence": "any", "limit": 200}
    paths = service.get("/api/v1/paths", params=query).json()["paths"]
    hops = [s for path in paths for hop in path["hops"] for s in hop["statements"]]
    inferred = next(s for s in hops if s["derived_from"])
    page = service.get(f"/about/statement/{quote(inferred['id'], safe='')}").text
    assert linked_statements(page) >= set(inferred["derived_from"])
    for premise in inferred["derived_from"]:
        page = service.get(f"/about/statement/{quote(premise, safe='')}").text
        assert inferred["id"] in linked_statements(page)


def test_the_statements_of_an_entity_come_in_pages_that_a_browser_reads(service: Service) -> None:
    around = service.get("/api/v1/entities/HGNC:4232/neighbourhood?limit=1").json()
    for group in around["groups"]:
        asked = {"predicate": group["predicate"], "direction": group["direction"]}
        page = service.get("/about/HGNC:4232", params=asked)
        assert page.headers["Content-Type"].startswith("text/html")
        assert len(linked_statements(page.text)) >= group["statements"]
    assert service.get("/about/HGNC:4232?predicate=unheard&direction=out").status_code == 422


def test_the_data_have_a_page_for_a_browser(service: Service) -> None:
    page = service.get("/.well-known/void", headers={"Accept": BROWSER})
    assert page.headers["Content-Type"].startswith("text/html")
    assert service.get("/version").json()["snapshot"] in page.text


@pytest.mark.parametrize(
    "name",
    ["CL:9999999", "statement/NOPE", "nothing", "evidence/NOPE-1", "vocab/nope", "graph/nope",
     "path/93dfd403441a1549", "qualifier/nope", "vocab/a%3Eb", "vocab/%22", "attribute/nope"],
)  # fmt: skip
def test_unknown_identifiers_are_not_found(service: Service, name: str) -> None:
    for accept in (BROWSER, "text/turtle", "application/json"):
        answer = led(service, f"/id/{name}", accept)
        assert answer.status_code == 404
    assert led(service, f"/about/{name}", BROWSER).status_code == 404
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


HOSTILE = '<script>alert("x")</script>\'"&'


def test_nothing_in_a_graph_becomes_script_of_a_page(tmp_path: Path) -> None:
    evidence = Evidence(kind=HOSTILE, source=HOSTILE, publications=("javascript:alert(1)", HOSTILE))
    statement = Statement(
        id="S1", subject="X:1", predicate="affects", object="X:2", note=HOSTILE,
        evidence=(evidence,), qualifiers=(Qualifier(HOSTILE, "javascript:alert(1)"),),
    )  # fmt: skip
    entities = [Entity(id=f"X:{n}", name=HOSTILE, category="biolink:Cell") for n in (1, 2)]
    path = build_snapshot(
        tmp_path / "own", name="own", entities=entities, statements=[statement],
        schema=biolink_schema(),
    )  # fmt: skip
    Catalogue(tmp_path).publish("own", path)
    with serving(tmp_path, tmp_path / "log", graph="own", workers=1) as running:
        for address in ("/about/statement/S1", "/about/vocab/affects"):
            page = running.get(address)
            assert "<script" not in page.text
            assert 'href="javascript' not in page.text.lower()
        assert html.escape(HOSTILE, quote=False).replace('"', "&#34;").replace("'", "&#39;") in (
            running.get("/about/statement/S1").text
        )
