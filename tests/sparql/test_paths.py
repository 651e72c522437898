"""Paths inside SPARQL: the same as from the path search, joined with any pattern."""

from __future__ import annotations

import pytest
from pyoxigraph import Store

import mechkg
from mechkg.kg.graph import Graph
from tests.api.servers import Service

PREFIXES = """
PREFIX CL: <http://purl.obolibrary.org/obo/CL_>
PREFIX biolink: <https://w3id.org/biolink/vocab/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX path: <https://w3id.org/mechkg/path/>
"""


@pytest.fixture(scope="module")
def graph(endpoint: Service) -> Graph:
    return mechkg.open_graph(endpoint.data / "ms-nsc" / "current")


def rows(service: Service, query: str) -> list[dict[str, str]]:
    answer = service.post("/sparql", data={"query": PREFIXES + query})
    assert answer.status_code == 200, answer.text
    found = answer.json()["results"]["bindings"]
    return [{name: term["value"] for name, term in row.items()} for row in found]


def test_paths_are_those_of_the_path_search(endpoint: Service, graph: Graph) -> None:
    found = rows(
        endpoint,
        """SELECT * { (CL:0000047 CL:0000540 3 25)
           path:find (?path ?rank ?score ?sign ?length ?explanation) } ORDER BY ?rank""",
    )
    expected = graph.find_paths(source="CL:0000047", target="CL:0000540", max_hops=3, limit=25)
    assert len(found) == len(expected.paths) > 5
    for row, path in zip(found, expected.paths, strict=True):
        assert row["explanation"] == path.explanation
        assert float(row["score"]) == path.score
        assert int(row["length"]) == path.length
        assert row.get("sign") == (None if path.sign is None else str(path.sign))
    assert len({row["path"] for row in found}) == len(found)


def test_steps_join_with_what_the_store_says(endpoint: Service, graph: Graph) -> None:
    found = rows(
        endpoint,
        """SELECT ?rank ?position ?statement ?predicate ?from ?to {
             ("NSC" "neuron" 2) path:find (?path ?rank) .
             ?path path:statement (?position ?statement) .
             ?statement biolink:predicate ?predicate ;
                        biolink:subject/rdfs:label ?from ; biolink:object/rdfs:label ?to . }""",
    )
    expected = {
        (rank, position, statement.id)
        for rank, path in enumerate(
            graph.find_paths(source="NSC", target="neuron", max_hops=2).paths, 1
        )
        for position, hop in enumerate(path.hops, 1)
        for statement in hop.statements
    }
    told = {(int(r["rank"]), int(r["position"]), r["statement"].rpartition("/")[2]) for r in found}
    assert told == expected
    entities = rows(
        endpoint,
        """SELECT DISTINCT ?label { ("NSC" "neuron" 2) path:find (?path) .
             ?path path:entity ?entity . ?entity rdfs:label ?label }""",
    )
    assert {"neural stem cell", "GDNF", "neuron"} <= {row["label"] for row in entities}
    at_end = rows(
        endpoint,
        """SELECT DISTINCT ?entity ?first { ("NSC" "neuron" 2) path:find (?path) .
             ?path path:entity (0 ?first) . ?path path:statement (2 ?s) .
             ?s biolink:object ?entity . ?path path:entity CL:0000540 }""",
    )
    ends = ("CL_0000540", "CL_0000047")
    assert [tuple(iri.rpartition("/")[2] for iri in row.values()) for row in at_end] == [ends]


def test_ends_come_from_values_and_join(endpoint: Service, graph: Graph) -> None:
    found = rows(
        endpoint,
        """SELECT ?name ?rank { VALUES (?source ?kind) { (CL:0000047 1) (CL:0000134 2) }
             (?source CL:0000540 2 50) path:find (?path ?rank) .
             ?source rdfs:label ?name } ORDER BY ?rank""",
    )
    expected = graph.find_paths(
        source=("CL:0000047", "CL:0000134"), target="CL:0000540", max_hops=2, limit=50
    )
    assert [row["name"] for row in found] == [path.entities[0].name for path in expected.paths]
    assert len({row["name"] for row in found}) == 2


def test_the_type_of_a_value_is_no_end(endpoint: Service) -> None:
    plain, typed = (
        rows(
            endpoint,
            f"""SELECT ?source ?rank {{ VALUES (?kind ?source) {{ ({one} CL:0000047) }}
                 (?source CL:0000540 2 9) path:find (?path ?rank) }} ORDER BY ?rank""",
        )
        for one in ("1", '"1"^^<http://www.w3.org/2001/XMLSchema#integer>')
    )
    assert typed == plain
    assert plain


def test_a_name_is_read_as_strings_are(endpoint: Service) -> None:
    query = 'SELECT * {{ ({} "neuron") path:find (?path) }}'
    for text in ('"NSC"', "'''NSC'''", r'"\u004eSC"', r'"\U0000004ESC"'):
        assert rows(endpoint, query.format(text)), text
    wrong = query.format(r"""'no \"5\\\'" such\''""")
    refused = endpoint.post("/sparql", data={"query": PREFIXES + wrong})
    assert refused.status_code == 422
    assert repr("""no "5\\'" such'""") in refused.json()["detail"]
    for code in (r"\ud800", r"\UFFFFFFFF"):
        refused = endpoint.post("/sparql", data={"query": PREFIXES + query.format(f'"{code}"')})
        assert refused.status_code in {400, 422}
        assert "character" in refused.json()["detail"]


@pytest.mark.parametrize(
    ("name", "xref", "entity"),
    [("GDNF", "NCBIGene:2668", "HGNC:4232"), ("GDNF", "UniProtKB:P39905", "HGNC:4232")],
)
def test_a_cross_reference_names_an_end(
    endpoint: Service, name: str, xref: str, entity: str
) -> None:
    query = '("{}" "neuron" 2) path:find (?path ?rank) . ?path path:entity (0 ?first)'
    named, referred = (
        rows(endpoint, f"SELECT ?rank ?first {{ {query.format(one)} }} ORDER BY ?rank")
        for one in (name, xref)
    )
    assert referred == named
    assert {row["first"].rpartition("/")[2] for row in referred} == {entity.partition(":")[2]}


def test_no_path_gives_no_row_and_undirected_gives_more(endpoint: Service) -> None:
    template = "SELECT ?path {{ (CL:0000540 CL:0000047 2 50) path:{} (?path) }}"
    directed = rows(endpoint, template.format("find"))
    undirected = rows(endpoint, template.format("findUndirected"))
    assert len(undirected) > len(directed)
    optional = rows(
        endpoint,
        "SELECT * { VALUES ?a { 1 } OPTIONAL { (CL:0000540 CL:0000047 1) path:find (?path) } }",
    )
    assert optional == [{"a": "1"}]


@pytest.mark.parametrize(
    ("pattern", "status", "says"),
    [
        ("(?x CL:0000540) path:find (?path)", 400, "leaves ?x unbound"),
        ("(CL:0000047 CL:0000540 99) path:find (?path)", 400, "takes 1 to 8"),
        ("(CL:0000047 CL:0000540 3 5000) path:find (?path)", 400, "takes 1 to 1000"),
        ("(CL:0000047 CL:0000540) path:find ?path", 200, ""),
        ("(CL:0000047 CL:0000540) path:find (5)", 400, "variables to fill"),
        ("(CL:0000047 CL:0000540) path:find (?a ?a)", 400, "twice"),
        ("(CL:0000047 CL:0000540) path:find (?path) ; rdfs:label ?x", 400, "another form"),
        ("CL:0000047 path:find (?path)", 400, "another form"),
        ("(CL:0000047) path:find (?path)", 400, "another form"),
        ("?nothing path:statement ?s", 400, "no path:find"),
        ('("neurol" CL:0000540) path:find (?path)', 422, "Did you mean"),
        ("(CL:9999999 CL:0000540) path:find (?path)", 422, "names no entity"),
        ("(CL:0000047 CL:0000540 1) path:find (?p) . " * 5, 422, "at most 4 times"),
    ],
)
def test_what_is_not_of_the_form_is_told(
    endpoint: Service, pattern: str, status: int, says: str
) -> None:
    query = f"{PREFIXES} SELECT * {{ {pattern} }}"
    answer = endpoint.post("/sparql", data={"query": query})
    assert answer.status_code == status, answer.text
    assert status == 200 or says in answer.json()["detail"]


def test_names_that_look_like_ours_in_texts_stay_texts(endpoint: Service) -> None:
    found = rows(endpoint, 'SELECT ("(a b) path:find (?path)" AS ?x) {} # (a b) path:find (?p)')
    assert found == [{"x": "(a b) path:find (?path)"}]


FEDERATED = [
    """("NSC" "neuron" 2 3) path:find (?path ?rank ?score) .
       ?path path:statement (?position ?statement) . ?statement biolink:predicate ?p""",
    """VALUES ?source { CL:0000047 CL:0000134 } (?source CL:0000540 2 9) path:find ?path .
       ?path path:entity ?e FILTER(?e != CL:0000540)""",
    """(CL:0000047 CL:0000540) path:findUndirected (?path)
       OPTIONAL { ?path path:entity (0 ?first) }""",
    """{ (CL:0000047 CL:0000540 1) path:find (?path) } UNION
       { (CL:0000134 CL:0000540 1) path:find (?path) }""",
]


@pytest.mark.parametrize("pattern", FEDERATED)
def test_another_engine_can_send_it_on(endpoint: Service, pattern: str) -> None:
    """Oxigraph writes lists out as triples in what it sends to a SERVICE."""
    direct = {tuple(sorted(row.items())) for row in rows(endpoint, f"SELECT * {{ {pattern} }}")}
    query = f"{PREFIXES} SELECT * {{ SERVICE <{endpoint.url}/sparql> {{ {pattern} }} }}"
    found = Store().query(query)
    names = [variable.value for variable in found.variables]
    sent_on = {
        tuple(sorted((name, row[name].value) for name in names if row[name] is not None))
        for row in found
    }
    assert sent_on == direct
    assert direct


@pytest.mark.parametrize(
    "number", ["9" * 5_000, "0", "-1", "9", "1.5", "00", "1e1", "٣", "²"], ids=lambda n: n[:9]
)
def test_a_number_that_is_none_of_those_allowed_is_told(endpoint: Service, number: str) -> None:
    query = f'SELECT * {{ ("NSC" "neuron" {number}) path:find (?path) }}'
    refused = endpoint.post("/sparql", data={"query": PREFIXES + query})
    assert refused.status_code == 400, refused.text
    assert len(refused.json()["detail"]) < 500
