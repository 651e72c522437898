"""What is wrong with a question is said, with TRAPI's status; nothing wrong is ignored."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import jsonschema
import msgspec
import pytest
import reasoner_pydantic
import requests
from translator_tom import Response

from mechkg.api.http.problems import BASE, MEDIA_TYPE, PROBLEMS, Problem
from tests.api.servers import serving
from tests.processes import PATIENCE
from tests.trapi.questions import (
    GDNF,
    NSC,
    chain,
    comparing,
    constrained,
    hop,
    ids,
    member,
    of,
    path,
    predicates,
)


def refused(service, graph, status: int, **more):
    answer = service.post("/trapi/2.0/query", json={"message": {"query_graph": graph}, **more})
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == MEDIA_TYPE
    problem = answer.json()
    # The one member that both forms have is TRAPI's here: problems have a number under this name.
    jsonschema.validate(problem | {"status": status}, msgspec.json.schema(Problem))
    slug = problem["type"].removeprefix(BASE)
    assert slug in PROBLEMS
    assert problem["status"] == slug.title().replace("-", "")
    return problem


WRONG = {
    "nodes that nothing joins": {"nodes": {"a": ids(NSC), "b": ids(GDNF)}},
    "both": {**hop(ids(NSC)), "paths": path(NSC, GDNF)["paths"]},
    "no such node": {"nodes": {"a": ids(NSC)}, "edges": {"e": {"subject": "a", "object": "b"}}},
    "two pieces": {
        **hop(ids(NSC)),
        "nodes": {"a": ids(NSC), "b": {}, "c": ids(GDNF)},
    },
    "no Biolink predicate": hop(ids(NSC), None, predicates=predicates("secretes_a_lot")),
    "no Biolink category": hop(ids(NSC), of("Neuron")),
    "no list": hop({"ids": NSC}),
    "an empty list": hop({"ids": []}),
    "an unknown constraint": constrained(colour={"behavior": "ALLOW", "values": ["red"]}),
    "an unknown level": constrained(knowledge_level={"behavior": "ALLOW", "values": ["truth"]}),
    "an unknown behaviour": constrained(sources={"behavior": "LIKE", "values": ["infores:x"]}),
    "no number": constrained(attributes=comparing("biolink:p_value", "<", "small")),
    "no expression": constrained(attributes=comparing("biolink:publications", "matches", "(")),
    "no qualifier": constrained(qualifiers=[{"object_direction_qualifier": "increased"}]),
    "an empty set of qualifiers": constrained(qualifiers=[{}]),
    "an unknown operator": constrained(attributes=comparing("biolink:p_value", "~", 1)),
    "a set without members": hop({**ids(NSC), "set_interpretation": "ALL"}),
    "members without a set": hop({**ids(NSC), "member_ids": [NSC]}),
    "collated identifiers": hop({**ids(NSC), "set_interpretation": "COLLATE"}),
    "an unknown set": hop({**ids(NSC), "set_interpretation": "SOME"}),
    "an open path": {**path(NSC, GDNF), "nodes": {"s": ids(NSC), "t": of("Gene")}},
    "a path of sets": {**path(NSC, GDNF), "nodes": {"s": member("ALL", NSC), "t": ids(GDNF)}},
    "two paths": {
        "nodes": {"s": ids(NSC), "t": ids(GDNF)},
        "paths": {key: {"subject": "s", "object": "t"} for key in "pq"},
    },
    "a path to itself": path(NSC, NSC),
    "too many hops": path(NSC, GDNF, max_hops=9),
    "hops the wrong way": path(NSC, GDNF, min_hops=3, max_hops=2),
    "an unknown path constraint": path(NSC, GDNF, constraints=[{"intermediate_colours": ["red"]}]),
    "an empty path constraint": path(NSC, GDNF, constraints=[{}]),
    "no such scorer": path(NSC, GDNF, scorer="best"),
    "avoid what there is not": path(NSC, GDNF, avoid=["nothing of the kind"]),
}


@pytest.mark.parametrize("graph", WRONG.values(), ids=WRONG)
def test_a_question_that_makes_no_sense(trapi, graph):
    assert refused(trapi, graph, 400)["detail"]


@pytest.mark.parametrize("version", ["2.0", "1.6"])
@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b'{"message": 3}', b'{"message": {}}', b"\xff", b"[" * 99_999],
)
def test_a_body_that_is_no_question(trapi, version, body):
    address = f"/trapi/{version}/query"
    answer = trapi.post(address, data=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400, answer.text


JSON = {"Content-Type": "application/json"}
ELSEWHERE = {
    "no address": ("GET query/none", {}, 404),
    "no such job": ("GET asyncquery_status/none", {}, 404),
    "another method": ("GET query", {}, 405),
    "no JSON by type": ("POST query", {"data": b"{}"}, 415),
    "no JSON": ("POST query", {"data": b"{", "headers": JSON}, 400),
    "no callback": ("POST asyncquery", {"json": {"message": {"query_graph": hop(ids(NSC))}}}, 400),
    "an entity that is not there": (
        "POST query", {"json": {"message": {"query_graph": path(NSC, GDNF, via=["none"])}}}, 400
    ),
}  # fmt: skip
"""Requests that are refused before a route has them, by one, and by the search."""


@pytest.mark.parametrize("version", ["2.0", "1.6"])
@pytest.mark.parametrize("asked", ELSEWHERE.values(), ids=ELSEWHERE)
def test_a_refusal_is_a_response_of_trapi(trapi, specification, semantics, version, asked):
    line, more, status = asked
    method, address = line.split(" ")
    url = f"{trapi.url}/trapi/{version}/{address}"
    answer = requests.request(method, url, timeout=PATIENCE, **more)
    assert answer.status_code == status, answer.text
    refusal = answer.json()
    specification("Response", refusal)
    semantics("Response", refusal)
    reasoner_pydantic.Response.model_validate(refusal)
    Response.from_dict(refusal)
    assert refusal["description"] == refusal["detail"] == refusal["logs"][0]["message"]
    assert refusal["logs"][0]["level"] == "ERROR"
    assert re.fullmatch(r"(?:[A-Z][a-z]+)+", refusal["status"])


def test_other_addresses_refuse_with_problems_alone(trapi):
    problem = trapi.get("/api/v1/paths?source=none").json()
    jsonschema.validate(problem, msgspec.json.schema(Problem))
    assert "logs" not in problem


@pytest.mark.parametrize("constraint", ["all", {"qualifier_set": ["all"]}, {"qualifier_set": [{}]}])
def test_a_constraint_of_1_6_that_is_none(trapi, constraint):
    graph = hop(ids(NSC), None, qualifier_constraints=[constraint])
    answer = trapi.post("/trapi/1.6/query", json={"message": {"query_graph": graph}})
    assert answer.status_code == 400, answer.text


@pytest.mark.parametrize("version", ["2.0", "1.6"])
@pytest.mark.parametrize(
    "body",
    [
        b'{"message": {"query_graph": {"nodes": {"a": {}}}}, "message": {}}',
        b'{"message": {"query_graph": {"nodes": {"a": {"ids": ["X:1"], "ids": ["X:2"]}}}}}',
        b'{"message": {"query_graph": {"nodes": {"a": {}, "a": {"ids": ["X:1"]}}}}}',
    ],
)
def test_a_member_that_occurs_twice(trapi, version, body):
    answer = trapi.post(
        f"/trapi/{version}/query", data=body, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 400, answer.text
    assert "twice" in answer.json()["detail"]


def test_what_is_echoed_is_text(trapi):
    body = b'{"message": {"query_graph": {"nodes": {"a": {}}, "more": "\xff"}}}'
    answer = trapi.post("/trapi/2.0/query", data=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400, answer.text


@pytest.mark.parametrize(
    "workflow", [["overlay"], ["lookup", "overlay"], ["score"], ["score", "lookup"], [None]]
)
def test_a_workflow_that_is_not_offered(trapi, workflow):
    steps = [{"id": step} for step in workflow]
    assert "lookup_and_score" in refused(trapi, hop(ids(NSC)), 501, workflow=steps)["detail"]


@pytest.mark.parametrize("workflow", [["lookup"], ["lookup_and_score"], ["lookup", "score"], []])
def test_a_workflow_that_is_offered(trapi, workflow):
    steps = [{"id": step} for step in workflow]
    body = {"message": {"query_graph": hop(ids(NSC), ids(GDNF))}, "workflow": steps}
    response = trapi.post("/trapi/2.0/query", json=body).json()
    assert response.get("workflow", []) == steps
    assert response["message"]["results"][0]["analyses"][0]["score"] > 0


@pytest.mark.parametrize("graph", [hop(ids(NSC)), path(NSC, GDNF)])
def test_no_time_is_a_conflict(trapi, graph):
    refused(trapi, graph, 409, parameters={"timeout": 0})


def test_collating_what_is_joined_to_everything(dense):
    collated = {"set_interpretation": "COLLATE"}
    assert "COLLATE" in refused(dense, chain(ids("X:1"), collated, collated), 413)["detail"]


def test_a_slow_constraint_is_stopped(dense):
    slow = {"attributes": comparing("biolink:publications", "matches", "^PMID")}
    graph = hop(of("Gene"), of("Gene"), constraints=slow)
    refused(dense, graph, 409, parameters={"timeout": 0.1})


def test_too_many_identifiers(trapi):
    refused(trapi, hop(ids(*(f"X:{i}" for i in range(1001)))), 413)
    known = [e["id"] for e in trapi.get("/api/v1/graph?format=json").json()["entities"]][:30]
    assert len(known) == 30
    graph = path(NSC, GDNF)
    graph["nodes"]["t"]["ids"] = known
    refused(trapi, graph, 413)


def test_constraints_that_multiply(trapi):
    wide = {"intermediate_categories": ["biolink:OntologyClass"]}  # six categories of this graph
    told = refused(trapi, path(NSC, GDNF, constraints=[wide] * 6), 413)
    assert "more than 32 searches" in told["detail"]


def test_too_many_results(dense):
    assert "parameters.limit" in refused(dense, hop(of("Gene"), of("Gene")), 413)["detail"]
    assert "combinations" in refused(dense, chain(ids("X:1"), {}, {}, {}, {}), 413)["detail"]
    body = {"message": {"query_graph": hop(of("Gene"), of("Gene"))}, "parameters": {"limit": 20}}
    answer = dense.post("/trapi/2.0/query", json=body).json()
    assert len(answer["message"]["results"]) == 20
    assert answer["description"].startswith("The best 20 of")


def test_a_pattern_cannot_hold_the_service_up(trapi):
    evil = constrained(attributes=comparing("mechkg:modality", "matches", "((a|a)*)*$" * 50))
    answer = trapi.post("/trapi/2.0/query", json={"message": {"query_graph": evil}})
    assert answer.elapsed.total_seconds() < 30
    assert answer.status_code in {200, 400}


def test_more_searches_than_there_are_places_for(dense, tmp_path):
    slow = path("X:1", "X:2", min_hops=7, max_hops=8, limit=10_000)
    body = {"message": {"query_graph": slow}, "parameters": {"timeout": 3}}
    settings = {"workers": 1, "threads": 2, "queue_seconds": 0.5}
    with (
        serving(dense.data, tmp_path / "log", graph="dense", **settings) as service,
        ThreadPoolExecutor(2) as pool,
    ):
        asked = [pool.submit(service.post, "/trapi/2.0/query", json=body) for _ in range(2)]
        answers = sorted((one.result() for one in asked), key=lambda a: a.status_code)
    # Which of the two has the place, and whether it finds anything in its time, is left open.
    assert answers[0].status_code in {200, 409}
    assert answers[1].status_code == 429
    assert answers[1].json()["type"] == f"{BASE}too-many-requests"
    assert int(answers[1].headers["Retry-After"]) > 0


def test_a_client_may_ask_so_often(data_directory, tmp_path):
    body = {"message": {"query_graph": hop(ids(NSC), ids(GDNF))}}
    with serving(
        data_directory, tmp_path / "log", graph="ms-nsc", workers=2, trapi_per_minute=5
    ) as service:
        codes = [service.post("/trapi/2.0/query", json=body).status_code for _ in range(11)]
        offered = service.get("/openapi.json").json()["info"]["x-trapi"]
    assert {*codes} == {200, 429}
    assert 5 <= codes.count(200) <= 10  # two minutes' worth, if a new one begins
    assert offered["rate_limit"] == 5
