"""Members of a query graph: those of no version are refused, those that ask for nothing are not."""

from __future__ import annotations

from typing import Any

import pytest

from tests.trapi.questions import GDNF, NSC, comparing, hop, ids, path

BOTH = ("2.0", "1.6")


def post(trapi, version: str, graph: dict[str, Any], **more: Any):
    return trapi.post(f"/trapi/{version}/query", json={"message": {"query_graph": graph}, **more})


def logged(answer) -> list[tuple[str, str]]:
    return [(entry["level"], entry["code"]) for entry in answer.json().get("logs", [])]


def results(answer) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    return answer.json()["message"]["results"]


NODE_MEMBERS = {
    "id": NSC,
    "curie": [NSC],
    "name": "neural stem cell",
    "category": "biolink:Cell",
    "type": "cell",
    "is_set": True,
    "option_group_id": "g",
    "attribute_constraints": comparing("biolink:synonym", "==", "NSC"),
    "colour": "red",
}
EDGE_MEMBERS = {
    "predicate": "biolink:produces",
    "type": "produces",
    "relation": "produces",
    "source_id": "a",
    "exclude": True,
    "option_group_id": "g",
    "knowledge_level": "observation",
    "sources": {"behavior": "ALLOW", "values": ["infores:ctd"]},
    "qualifiers": [{"biolink:object_direction_qualifier": "increased"}],
    "colour": "red",
}
PATH_MEMBERS = {"predicate": "biolink:treats", "hops": 2, "intermediate_categories": [], "k": 3}


@pytest.mark.parametrize("version", BOTH)
@pytest.mark.parametrize("name", NODE_MEMBERS)
def test_an_unknown_member_of_a_node(trapi, version, name):
    answer = post(trapi, version, hop({name: NODE_MEMBERS[name]}, {}))
    assert (answer.status_code, answer.json()["parameter"]) == (400, f"nodes.a.{name}")


@pytest.mark.parametrize("version", BOTH)
@pytest.mark.parametrize("name", EDGE_MEMBERS)
def test_an_unknown_member_of_an_edge(trapi, version, name):
    answer = post(trapi, version, hop(ids(NSC), {}, **{name: EDGE_MEMBERS[name]}))
    assert (answer.status_code, answer.json()["parameter"]) == (400, f"edges.e.{name}")


@pytest.mark.parametrize("version", BOTH)
@pytest.mark.parametrize("name", [name for name, value in PATH_MEMBERS.items() if value])
def test_an_unknown_member_of_a_path(trapi, version, name):
    answer = post(trapi, version, path(NSC, GDNF, **{name: PATH_MEMBERS[name]}))
    assert (answer.status_code, answer.json()["parameter"]) == (400, f"paths.p.{name}")


@pytest.mark.parametrize("version", BOTH)
def test_an_unknown_member_of_the_query_graph(trapi, version):
    answer = post(trapi, version, {**hop(ids(NSC)), "qedges": {"f": {}}})
    assert (answer.status_code, answer.json()["parameter"]) == (400, "query_graph.qedges")


SETS = [{"qualifier_set": [{"qualifier_type_id": "biolink:object_direction_qualifier",
                            "qualifier_value": "increased"}]}]  # fmt: skip
COMPARISON = comparing("biolink:publications", "matches", "^nope")


def test_constraints_of_1_6_hold_there_and_are_refused_by_2_0(trapi):
    for name, value in (("qualifier_constraints", SETS), ("attribute_constraints", COMPARISON)):
        graph = hop(ids(NSC), {}, **{name: value})
        refused = post(trapi, "2.0", graph)
        assert (refused.status_code, refused.json()["parameter"]) == (400, f"edges.e.{name}")
        assert "constraints." in refused.json()["detail"]
        every = results(post(trapi, "1.6", hop(ids(NSC), {})))
        assert len(results(post(trapi, "1.6", graph))) < len(every)


def test_constraints_of_2_0_mean_the_same_in_1_6_unless_both_are_given(trapi):
    own = {"qualifiers": [{"biolink:object_direction_qualifier": "increased"}]}
    newer = results(post(trapi, "1.6", hop(ids(NSC), {}, constraints=own)))
    older = results(post(trapi, "1.6", hop(ids(NSC), {}, qualifier_constraints=SETS)))
    assert newer == older
    both = post(trapi, "1.6", hop(ids(NSC), {}, constraints=own, attribute_constraints=COMPARISON))
    assert (both.status_code, both.json()["parameter"]) == (400, "edges.e.constraints")
    listed = post(trapi, "1.6", hop(ids(NSC), {}, constraints=COMPARISON))
    assert "attribute_constraints" in listed.json()["detail"]


def test_a_qualifier_that_occurs_twice_in_a_set(trapi):
    twice = [{"qualifier_set": SETS[0]["qualifier_set"] * 2}]
    assert post(trapi, "1.6", hop(ids(NSC), {}, qualifier_constraints=twice)).status_code == 400


@pytest.mark.parametrize("name", ["knowledge_level", "agent_type", "sources"])
def test_an_unknown_member_within_a_constraint(trapi, name):
    values = {"sources": "infores:ctd", "agent_type": "manual_agent"}
    inside = {"behavior": "DENY", "values": [values.get(name, "prediction")], "negated": True}
    assert post(trapi, "2.0", hop(ids(NSC), {}, constraints={name: inside})).status_code == 400


@pytest.mark.parametrize("version", BOTH)
@pytest.mark.parametrize("nothing", [None, False, [], {}, ""])
def test_an_unknown_member_that_asks_for_nothing(trapi, version, nothing):
    graph = hop({**ids(NSC), "is_set": nothing}, ids(GDNF), exclude=nothing)
    answer = post(trapi, version, graph)
    assert len(results(answer)) == 1
    assert logged(answer) == ([] if nothing is None else [("WARNING", "UnknownMember")] * 2)


NULLS = {
    "ids": None, "categories": None, "set_interpretation": None, "member_ids": None,
    "constraints": None,
}  # fmt: skip


@pytest.mark.parametrize("version", BOTH)
def test_null_is_as_good_as_absent(trapi, version, specification):
    edge = {"predicates": None, "knowledge_type": None, "constraints": None}
    graph = hop({**NULLS, "ids": [NSC]}, {**NULLS, "categories": ["biolink:Gene"]}, **edge)
    more = {"workflow": None, "log_level": None, "bypass_cache": None, "parameters": None}
    answer = post(trapi, version, graph, submitter=None, **more)
    assert results(answer) == results(
        post(trapi, version, hop(ids(NSC), {"categories": ["biolink:Gene"]}))
    )
    if version == "2.0":
        specification("Response", answer.json())


@pytest.mark.parametrize("version", BOTH)
def test_an_empty_list_asks_for_nothing(trapi, version):
    empty = {"categories": [], "member_ids": [], "constraints": []}
    edge = {"predicates": [], "constraints": {"attributes": [], "qualifiers": []}}
    graph = hop({**ids(NSC), **empty}, empty, **edge)
    assert results(post(trapi, version, graph)) == results(post(trapi, version, hop(ids(NSC), {})))


def test_an_empty_list_of_identifiers_is_refused_or_logged(trapi):
    """2.0 forbids it, and it may be what a lookup of the client came to; 1.6 allows it."""
    assert post(trapi, "2.0", hop({"ids": []}, ids(GDNF))).status_code == 400
    answer = post(trapi, "1.6", hop({"ids": []}, ids(GDNF)))
    assert results(answer)
    assert logged(answer) == [("WARNING", "NoIdentifiers")]


def test_an_empty_qualifier_set_asks_for_nothing(trapi):
    answer = post(trapi, "1.6", hop(ids(NSC), {}, qualifier_constraints=[{"qualifier_set": []}]))
    assert results(answer) == results(post(trapi, "1.6", hop(ids(NSC), {})))
    assert logged(answer) == [("WARNING", "EmptyConstraint")]


@pytest.mark.parametrize("version", BOTH)
@pytest.mark.parametrize("edges", [{}, {"edges": {}}, {"edges": None, "paths": None}])
def test_a_query_graph_of_one_node(trapi, version, edges, specification, semantics):
    answer = post(trapi, version, {"nodes": {"n": ids(NSC)}, **edges})
    (result,) = results(answer)
    bound = result["node_bindings"]["n"]
    assert NSC in {*(bound["ids"] if version == "2.0" else (b["id"] for b in bound))}
    if version == "2.0":
        specification("Response", answer.json())
        semantics("Response", answer.json())


def test_one_node_with_categories_and_constraints_binds_what_fits(trapi):
    entities = trapi.get("/api/v1/graph?format=json").json()["entities"]
    node = {
        "categories": ["biolink:Gene"],
        "constraints": comparing("biolink:synonym", "matches", "^IL"),
    }
    found = results(post(trapi, "2.0", {"nodes": {"n": node}}))
    assert {r["node_bindings"]["n"]["ids"][0] for r in found} == {
        e["id"]
        for e in entities
        if e["category"] == "biolink:Gene" and any(s.startswith("IL") for s in e["synonyms"])
    }


def test_a_byte_order_mark_is_no_part_of_the_question(trapi):
    import json

    body = (
        b"\xef\xbb\xbf"
        + json.dumps({"message": {"query_graph": hop(ids(NSC), ids(GDNF))}}).encode()
    )
    answer = trapi.post("/trapi/2.0/query", data=body, headers={"Content-Type": "application/json"})
    assert len(results(answer)) == 1


@pytest.mark.parametrize(
    "text",
    [" CL:0000047", "cl:0000047", "http://purl.obolibrary.org/obo/CL_0000047", "Cl:0000047 "],
)
def test_an_identifier_in_another_spelling(trapi, text):
    answer = post(trapi, "2.0", hop(ids(text), ids(GDNF)), parameters={"log_level": "INFO"})
    (result,) = results(answer)
    assert result["node_bindings"]["a"]["ids"] == [NSC]
    assert ("INFO", "IdentifierResolved") in logged(answer)


@pytest.mark.parametrize("version", BOTH)
@pytest.mark.parametrize("text", ["UniProtKB:P39905", "UniProt:P39905", "uniprot:P39905"])
def test_an_identifier_that_the_graph_has_as_a_cross_reference(trapi, version, text, specification):
    for graph in (hop(ids(NSC), ids(text)), path(NSC, text)):
        answer = post(trapi, version, graph, parameters={"log_level": "INFO"})
        (result,) = results(answer)
        key = "b" if "edges" in graph else "t"
        bound = result["node_bindings"][key]
        if version == "1.6":
            assert bound == [{"id": GDNF, "query_id": text, "attributes": []}]
        else:
            assert bound == {"ids": [GDNF], "query_ids": {GDNF: text}}
            specification("Response", answer.json())
        assert ("INFO", "IdentifierResolved") in logged(answer)


def test_a_set_of_identifiers_resolves_each(trapi):
    answer = post(trapi, "2.0", hop(ids(NSC), ids("UniProtKB:P39905", GDNF, "HGNC:1033")))
    found = [r["node_bindings"]["b"] for r in results(answer)]
    assert sorted(f["ids"] for f in found) == [["HGNC:1033"], [GDNF]]
    assert all("query_ids" not in f for f in found)  # the graph's own identifier was asked for


def test_an_unknown_parameter_is_echoed_and_logged(trapi):
    answer = post(trapi, "2.0", hop(ids(NSC), ids(GDNF)), parameters={"max_hop": 2})
    assert answer.json()["parameters"] == {"max_hop": 2}
    assert logged(answer) == [("WARNING", "UnknownParameter")]


@pytest.mark.parametrize("version", BOTH)
def test_the_log_level_is_read_in_either_place(trapi, version):
    graph = hop(ids("CL:0000125"), {"categories": ["biolink:Gene"]}, predicates=["biolink:affects"])
    for more in ({"log_level": "DEBUG"}, {"parameters": {"log_level": "DEBUG"}}):
        found = logged(post(trapi, version, graph, **more))
        assert {code for _, code in found} >= {
            "CategoryExpansion", "PredicateExpansion", "SubclassExpansion", "EdgeLookup", "Join",
        }  # fmt: skip
        assert {level for level, _ in found} >= {"INFO", "DEBUG"}
    assert not logged(post(trapi, version, graph))
