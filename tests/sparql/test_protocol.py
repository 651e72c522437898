"""The SPARQL endpoint over the bundled ontology: forms, datasets, caches, other origins."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest
import requests
from rdflib import Dataset, Graph
from rdflib.query import Result

from mechkg.ontology.bundle import bundled_files
from tests.api.servers import Service
from tests.processes import PATIENCE

QUERIES = sorted((bundled_files()[0].parent / "queries").glob("*.rq"))
SECRETES = """PREFIX mechkg: <https://w3id.org/mechkg/vocab/>
PREFIX CL: <http://purl.obolibrary.org/obo/CL_>
SELECT ?x WHERE { CL:0000047 mechkg:secretes ?x }"""
TRIPLES = SECRETES.replace("SELECT ?x WHERE", "CONSTRUCT WHERE")
ASSERTED = "https://w3id.org/mechkg/graph/asserted"
INFERRED = "https://w3id.org/mechkg/graph/inferred"
COUNT = "SELECT (COUNT(*) AS ?n) {} {{ ?s ?p ?o }}"


def get(service: Service, query: str, accept: str = "", **more: object) -> requests.Response:
    headers = {"Accept": accept} if accept else {}
    return service.get("/sparql", params={"query": query, **more}, headers=headers)


def number(service: Service, query: str, **more: object) -> int:
    (row,) = get(service, query, **more).json()["results"]["bindings"]
    return int(row["n"]["value"])


@pytest.mark.parametrize("path", QUERIES, ids=lambda path: path.stem)
def test_competency_question_is_answered(endpoint: Service, path: Path) -> None:
    """The answer that each file expects, asked of the server."""
    text = path.read_text()
    expected = re.findall(r"^#   (.+)$", text, re.MULTILINE)
    answer = get(endpoint, text, "text/csv")
    assert answer.status_code == 200, answer.text
    rows = list(csv.reader(io.StringIO(answer.text)))[1:]
    assert sorted(" | ".join(row) for row in rows) == expected


SOLUTIONS = {
    "application/sparql-results+json": ("json", "json"),
    "application/sparql-results+xml": ("xml", "xml"),
    "text/csv": ("csv", "csv"),
    "text/tab-separated-values": ("tsv", "tsv"),
}
GRAPHS = {
    "text/turtle": ("turtle", "turtle"),
    "application/n-triples": ("ntriples", "nt"),
    "application/rdf+xml": ("rdfxml", "xml"),
    "application/ld+json": ("jsonld", "json-ld"),
}


@pytest.mark.parametrize("media_type", SOLUTIONS)
def test_solutions_in_every_form_and_by_every_way(endpoint: Service, media_type: str) -> None:
    name, parser = SOLUTIONS[media_type]
    form = {"query": SECRETES}
    direct = {"Content-Type": "application/sparql-query", "Accept": media_type}
    answers = [
        get(endpoint, SECRETES, media_type),
        get(endpoint, SECRETES, format=name),
        get(endpoint, SECRETES, output=name),
        endpoint.post("/sparql", data=form, headers={"Accept": media_type}),
        endpoint.post("/sparql", data=SECRETES.encode(), headers=direct),
    ]
    for answer in answers:
        assert answer.status_code == 200
        assert answer.headers["Content-Type"].partition(";")[0] == media_type
        assert answer.content == answers[0].content
    found = Result.parse(io.BytesIO(answers[0].content), format=parser)
    assert len(found.bindings) == len(set(map(str, found.bindings))) > 3


@pytest.mark.parametrize("media_type", GRAPHS)
@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")
def test_graphs_in_every_form(endpoint: Service, media_type: str) -> None:
    name, parser = GRAPHS[media_type]
    answer = get(endpoint, TRIPLES, media_type)
    assert answer.headers["Content-Type"].partition(";")[0] == media_type
    assert get(endpoint, TRIPLES, format=name).content == answer.content
    rows = get(endpoint, SECRETES).json()["results"]["bindings"]
    assert len(Graph().parse(data=answer.content, format=parser)) == len(rows)
    if name == "turtle":
        assert "mechkg:secretes" in answer.text


def test_accept_chooses_and_what_nobody_writes_is_refused(endpoint: Service) -> None:
    assert (
        get(endpoint, SECRETES, "text/csv;q=0.5, application/json")
        .headers["Content-Type"]
        .startswith("application/sparql-results+json")
    )
    assert get(endpoint, SECRETES, "*/*").json()["head"]["vars"] == ["x"]
    answer = get(endpoint, SECRETES, "image/png")
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (406, "not-acceptable")
    assert get(endpoint, SECRETES, format="png").status_code == 422
    assert get(endpoint, SECRETES, format="turtle").status_code == 200


def test_datasets_of_the_protocol_and_of_the_text(endpoint: Service) -> None:
    asserted = number(endpoint, COUNT.format(""))
    inferred = number(endpoint, COUNT.format(f"FROM <{INFERRED}>"))
    assert asserted > inferred > 0
    assert number(endpoint, COUNT.format(f"FROM <{ASSERTED}>")) == asserted
    both = COUNT.format(f"FROM <{ASSERTED}>\nFROM <{INFERRED}>")
    assert number(endpoint, both) == asserted + inferred
    by_protocol = {"default-graph-uri": [ASSERTED, INFERRED]}
    assert number(endpoint, COUNT.format(""), **by_protocol) == asserted + inferred
    assert number(endpoint, both, **{"default-graph-uri": INFERRED}) == inferred
    named = "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }"
    assert number(endpoint, named) == inferred
    assert number(endpoint, named, **{"default-graph-uri": ASSERTED}) == 0
    assert number(endpoint, COUNT.format(""), **{"named-graph-uri": INFERRED}) == 0


def test_etag_confirms_and_what_varies_has_none(endpoint: Service) -> None:
    answer = get(endpoint, SECRETES)
    tag = {"If-None-Match": answer.headers["ETag"]}
    again = endpoint.get("/sparql", params={"query": SECRETES}, headers=tag)
    assert (again.status_code, again.content) == (304, b"")
    other = endpoint.get("/sparql", params={"query": SECRETES, "format": "csv"}, headers=tag)
    assert other.status_code == 200
    varying = get(endpoint, "SELECT (UUID() AS ?x) {}")
    assert "ETag" not in varying.headers
    assert varying.headers["Cache-Control"] == "no-store"
    assert varying.content != get(endpoint, "SELECT (UUID() AS ?x) {}").content


def test_head_options_and_other_origins(endpoint: Service) -> None:
    head = requests.head(f"{endpoint.url}/sparql", params={"query": SECRETES}, timeout=PATIENCE)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["Content-Type"] == "application/sparql-results+json"
    asked = {"Origin": "https://a.example", "Access-Control-Request-Method": "POST"}
    options = requests.options(f"{endpoint.url}/sparql", headers=asked, timeout=PATIENCE)
    assert "POST" in options.headers["Access-Control-Allow-Methods"]
    assert "Content-Type" in options.headers["Access-Control-Allow-Headers"]
    assert get(endpoint, SECRETES).headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize(
    ("options", "status", "slug"),
    [
        ({"data": {}}, 415, "unsupported-media-type"),
        ({"data": {"query": ""}}, 400, "malformed-query"),
        ({"data": {"update": "DROP ALL"}}, 403, "forbidden-query"),
        ({"data": {"query": "ASK {}", "hops": "3"}}, 422, "unknown-parameter"),
        ({"data": {"query": "x" * 2_000_000}}, 413, "request-too-large"),
        ({"json": {"query": "ASK {}"}}, 415, "unsupported-media-type"),
        (
            {"data": b"DROP ALL", "headers": {"Content-Type": "application/sparql-update"}},
            403,
            "forbidden-query",
        ),
        (
            {"data": b"ASK {} # \xff", "headers": {"Content-Type": "application/sparql-query"}},
            400,
            "bad-request",
        ),
        (
            {"data": iter([b"ASK {}"]), "headers": {"Content-Type": "application/sparql-query"}},
            411,
            "length-required",
        ),
    ],
)
def test_bad_posts_are_told(endpoint: Service, options: dict, status: int, slug: str) -> None:
    answer = endpoint.post("/sparql", **options)
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (status, slug)


def test_syntax_error_says_where(endpoint: Service) -> None:
    problem = get(endpoint, "SELECT * {\n  ?s ?p }").json()
    assert "2:10" in problem["detail"]
    assert len(problem["detail"]) < 500


def test_unknown_function_is_an_error_of_its_expression_alone(endpoint: Service) -> None:
    query = "SELECT ?y { BIND(<http://a/f>(1) AS ?x) BIND(2 AS ?y) FILTER(!BOUND(?x)) }"
    assert len(get(endpoint, query).json()["results"]["bindings"]) == 1


@pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")
def test_the_store_says_what_the_exports_say(endpoint: Service) -> None:
    """Every statement of the export in TriG is in the store, in the same graph."""
    exported = Dataset()
    exported.parse(data=endpoint.get("/api/v1/graph.trig").content, format="trig")
    rule = "?a a <https://w3id.org/biolink/vocab/Association>"
    for graph, wanted in (
        ("", exported.default_graph),
        (f"FROM <{INFERRED}>", exported.graph(INFERRED)),
    ):
        answer = get(endpoint, f"SELECT ?a {graph} {{ {rule} }}", "text/csv")
        found = set(answer.text.split()[1:])
        query = f"SELECT ?a {{ {rule} }}"
        assert found == {str(row.a) for row in wanted.query(query)} != set()


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("n3", "text/turtle"), ("json-ld", "application/ld+json"),
        ("rdf+xml", "application/rdf+xml"), ("RDF/XML", "application/rdf+xml"),
        ("n-triples", "application/n-triples"), ("nt", "application/n-triples"),
        ("auto", "text/turtle"), ("application/rdf+xml", "application/rdf+xml"),
    ],
)  # fmt: skip
def test_names_that_other_clients_have_for_graph_formats(endpoint, name, media_type):
    answer = get(endpoint, TRIPLES, format=name)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"].partition(";")[0] == media_type


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("srj", "application/sparql-results+json"), ("srx", "application/sparql-results+xml"),
        ("auto", "application/sparql-results+json"), ("html", "application/sparql-results+json"),
        ("sparql-results+xml", "application/sparql-results+xml"),
    ],
)  # fmt: skip
def test_names_that_other_clients_have_for_result_formats(endpoint, name, media_type):
    answer = get(endpoint, SECRETES, format=name)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"].partition(";")[0] == media_type


@pytest.mark.parametrize("accept", ["text/n3", "application/n-quads"])
def test_supersets_of_graph_formats_are_accepted(endpoint, accept):
    assert get(endpoint, TRIPLES, accept).status_code == 200


@pytest.mark.parametrize(
    ("query", "declaration"),
    [
        ("SELECT * { ?s rdfs:label 'neuron' }", "PREFIX rdfs: <http://www.w3.org/2000/01/"),
        ("SELECT * { ?s a biolink:Cell ; rdfs:label ?l }", "PREFIX biolink: <https://w3id.org/"),
        ("SELECT * { ?s nope:label 'neuron' }", "Declare nope:."),
    ],
)
def test_a_prefix_that_is_not_declared_is_told_with_its_declaration(endpoint, query, declaration):
    answer = get(endpoint, query)
    assert answer.status_code == 400
    assert declaration in answer.json()["detail"]


@pytest.mark.parametrize("code", [0x8, 0xB, 0x1F, 0xFFFE])
def test_what_xml_cannot_hold_is_told_and_other_formats_have_it(endpoint, code):
    text = f"\\u{code:04X}"
    for query, xml, other in (
        (f'SELECT ("{text}" AS ?x) {{}}', "xml", "json"),
        (f'CONSTRUCT {{ <http://a> <http://b> "{text}" }} {{}}', "rdf", "ntriples"),
    ):
        refused = get(endpoint, query, format=xml)
        assert refused.status_code == 406, refused.text
        assert "control characters" in refused.json()["detail"]
        assert get(endpoint, query, format=other).status_code == 200
    for fine in "\t€𐀀":
        assert get(endpoint, f'SELECT ("{fine}" AS ?x) {{}}', format="xml").status_code == 200
