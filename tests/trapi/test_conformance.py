"""Every answer keeps the specification, in its schema and in its sense, over HTTP."""

from __future__ import annotations

import json

import openapi_spec_validator
import pytest
import reasoner_pydantic
from translator_tom import v1_6

from tests.trapi.questions import PATHS, QUESTIONS, Question

BY_NAME = [pytest.param(q, id=f"{i} {q.name}") for i, q in enumerate(QUESTIONS)]


def older(question: Question) -> dict:
    """The same question in TRAPI 1.6."""
    body = json.loads(json.dumps(question.body))
    graph = body["message"]["query_graph"]
    for edge in graph.get("edges", {}).values():
        constraints = edge.pop("constraints", {})
        edge["attribute_constraints"] = constraints.get("attributes", [])
        edge["qualifier_constraints"] = [
            {
                "qualifier_set": [
                    {"qualifier_type_id": kind, "qualifier_value": value}
                    for kind, value in one.items()
                ]
            }
            for one in constraints.get("qualifiers", [])
        ]
        edge.setdefault("knowledge_type", None)
    for one in graph.get("paths", {}).values():
        one.setdefault("constraints", None)
        for constraint in one["constraints"] or ():
            old = constraint.pop("required_intermediate_categories", None)
            constraint.setdefault("intermediate_categories", old)
    return body


@pytest.mark.parametrize("question", BY_NAME)
def test_response_of_2_0(trapi, specification, semantics, question: Question):
    answer = trapi.post("/trapi/2.0/query", json=question.body)
    assert answer.status_code == 200, answer.text
    response = answer.json()
    specification("Response", response)
    semantics("Response", response)
    message = response["message"]
    assert message["query_graph"] == question.graph
    assert response.get("parameters", {}) == question.parameters
    assert bool(message["results"]) == bool(question.some)
    assert response["status"] == "Success"


@pytest.mark.parametrize("question", BY_NAME)
def test_response_of_1_6(trapi, question: Question):
    body = older(question)
    answer = trapi.post("/trapi/1.6/query", json=body)
    assert answer.status_code == 200, answer.text
    response = answer.json()
    assert response["schema_version"] == "1.6.0"
    assert response["message"]["query_graph"] == body["message"]["query_graph"]
    assert bool(response["message"]["results"]) == bool(question.some)
    if not all_known_to_1_6(question):
        return
    read = reasoner_pydantic.Response.model_validate(response)
    assert len(read.message.knowledge_graph.edges) <= len(edges_of(response))
    v1_6.Response.from_dict(response)


def all_known_to_1_6(question: Question) -> bool:
    """COLLATE came with 2.0."""
    nodes = question.graph["nodes"].values()
    return all(node.get("set_interpretation") != "COLLATE" for node in nodes)


def edges_of(response: dict) -> dict:
    return response["message"]["knowledge_graph"]["edges"]


def test_enough_is_asked():
    assert len(QUESTIONS) >= 30
    assert len(PATHS) >= 10


NEWER = ("knowledge_levels", "agent_types", "sources")
"""Members of meta edges that translator-tom has and the published text of 2.0.0-beta has not."""


def test_meta_knowledge_graph(trapi, specification, semantics):
    found = trapi.get("/trapi/2.0/meta_knowledge_graph").json()
    semantics("MetaKnowledgeGraph", found)
    assert {e["predicate"] for e in found["edges"]} >= {"biolink:produces", "biolink:affects"}
    older = trapi.get("/trapi/1.6/meta_knowledge_graph").json()
    reasoner_pydantic.MetaKnowledgeGraph.model_validate(older)
    published = [{k: v for k, v in e.items() if k not in NEWER} for e in found["edges"]]
    specification("MetaKnowledgeGraph", {**found, "edges": published})
    assert published == older["edges"]


def test_meta_edges_tell_what_edges_carry(trapi):
    """Each edge of an answer is announced, and nothing is announced that no edge has."""
    graph = {"nodes": {"a": {}, "b": {}}, "edges": {"e": {"subject": "a", "object": "b",
             "knowledge_type": "inferred"}}}  # fmt: skip
    body = {"message": {"query_graph": graph}, "parameters": {"limit": 10_000, "subclass": False}}
    answer = trapi.post("/trapi/2.0/query", json=body).json()["message"]["knowledge_graph"]
    category = {key: node["categories"][0] for key, node in answer["nodes"].items()}
    carried: dict[tuple[str, str, str], dict[str, set[str]]] = {}
    for edge in answer["edges"].values():
        key = category[edge["subject"]], edge["predicate"], category[edge["object"]]
        has = carried.setdefault(key, {})
        inferred = edge["knowledge_level"] == "logical_entailment"
        has.setdefault("knowledge_types", set()).add("inferred" if inferred else "lookup")
        has.setdefault("knowledge_levels", set()).add(edge["knowledge_level"])
        has.setdefault("agent_types", set()).add(edge["agent_type"])
        has.setdefault("sources", set()).update(s["resource_id"] for s in edge["sources"])
        for qualifier in edge.get("qualifiers", ()):
            has.setdefault(qualifier["qualifier_type_id"], set()).add(qualifier["qualifier_value"])
    announced = {}
    for edge in trapi.get("/trapi/2.0/meta_knowledge_graph").json()["edges"]:
        has = {name: {*edge[name]} for name in (*NEWER, "knowledge_types")}
        for qualifier in edge.get("qualifiers", ()):
            has[qualifier["qualifier_type_id"]] = {*qualifier["applicable_values"]}
        announced[edge["subject"], edge["predicate"], edge["object"]] = has
    assert announced == carried


@pytest.mark.parametrize(("version", "release"), [("2.0", "2.0.0"), ("1.6", "1.6.0")])
def test_each_version_has_a_description_that_can_be_registered(trapi, version, release):
    found = trapi.get(f"/trapi/{version}/openapi.json").json()
    openapi_spec_validator.validate(found)
    assert found["info"]["x-trapi"]["version"] == release
    (server,) = found["servers"]
    assert server["url"] == f"{trapi.url}/trapi/{version}"
    assert {"/query", "/asyncquery", "/asyncquery_status/{job_id}", "/meta_knowledge_graph"} <= {
        *found["paths"]
    }
    example = found["paths"]["/query"]["post"]["requestBody"]["content"]["application/json"]
    address = server["url"].removeprefix(trapi.url) + "/query"
    assert trapi.post(address, json=example["example"]).json()["message"]["results"]


def test_every_edge_says_where_it_comes_from(trapi):
    body = QUESTIONS[5].body
    for edge in edges_of(trapi.post("/trapi/2.0/query", json=body).json()).values():
        roles = [source["resource_role"] for source in edge["sources"]]
        assert roles.count("primary_knowledge_source") == 1
        assert "infores:mechkg" in {source["resource_id"] for source in edge["sources"]}
        kinds = {attribute["attribute_type_id"] for attribute in edge["attributes"]}
        assert {"mechkg:evidence", "mechkg:modality"} <= kinds


def test_the_description_says_what_is_offered(trapi):
    info = trapi.get("/openapi.json").json()["info"]
    offered = {"multicuriequery", "asyncquery", "pathfinderquery"}
    assert all(info["x-trapi"][name] is True for name in offered)
    assert info["x-trapi"]["version"] == "2.0.0"
    assert info["x-trapi"]["batch_size_limit"] == 1000
    assert info["x-translator"]["infores"] == "infores:mechkg"
