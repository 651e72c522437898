"""Query graphs, against a plain enumeration with another implementation of Biolink's hierarchy."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from typing import Any

import bmt
import hypothesis
import pytest
from hypothesis import strategies as st

from tests.trapi.questions import (
    BDNF,
    GDNF,
    MSC,
    NSC,
    chain,
    comparing,
    constrained,
    hop,
    ids,
    member,
    of,
    predicates,
)


def ask(trapi, graph, **parameters) -> dict[str, Any]:
    body = {"message": {"query_graph": graph}, "parameters": parameters}
    answer = trapi.post("/trapi/2.0/query", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def bound(response: dict[str, Any]) -> set[tuple[tuple[str, tuple[str, ...]], ...]]:
    """The results as bindings of nodes."""
    return {
        tuple(sorted((key, tuple(b["ids"])) for key, b in result["node_bindings"].items()))
        for result in response["message"]["results"]
    }


def edges_bound(response: dict[str, Any], key: str = "e") -> list[dict[str, Any]]:
    graph = response["message"]["knowledge_graph"]["edges"]
    names = {
        name
        for result in response["message"]["results"]
        for name in result["analyses"][0]["edge_bindings"][key]["ids"]
    }
    return [graph[name] for name in sorted(names)]


@pytest.fixture(scope="module")
def model() -> bmt.Toolkit:
    """Biolink, read by Translator's own tool from the copy that translator-tom brings."""
    from translator_tom.utils.biolink import _get_toolkit

    return _get_toolkit()


@pytest.fixture(scope="module")
def statements(trapi) -> list[dict[str, Any]]:
    graph = trapi.get("/api/v1/graph?format=json").json()
    schema = trapi.get("/api/v1/schema").json()
    biolink = {p["id"]: p["biolink"] for p in schema["predicates"]}
    return [
        {**s, "biolink": biolink[s["predicate"]]}
        for s in graph["statements"]
        if not s["negated"] and not s["derived_from"]
    ]


@pytest.fixture(scope="module")
def category(trapi) -> dict[str, str]:
    graph = trapi.get("/api/v1/graph?format=json").json()
    return {entity["id"]: entity["category"] for entity in graph["entities"]}


class Oracle:
    """What a one-hop question has for results, statement by statement."""

    def __init__(self, model, statements, category) -> None:
        self.statements, self.category = statements, category
        self.above = cache(lambda name: {*model.get_ancestors(name, formatted=True)})
        self.symmetric = cache(model.is_symmetric)
        self.inverse = cache(lambda name: model.get_inverse_predicate(name, formatted=True))

    def turned(self, name: str) -> set[str]:
        found: set[str] = set()
        for above in self.above(name):
            if self.symmetric(above):
                found |= self.above(above)
            if other := self.inverse(above):
                found |= self.above(other)
        return found

    def pairs(self, subject, obj, wanted: list[str]) -> set[tuple[str, str]]:
        found = set()
        for s in self.statements:
            for a, b, holds in (
                (s["subject"], s["object"], self.above(s["biolink"])),
                (s["object"], s["subject"], self.turned(s["biolink"])),
            ):
                fits = not wanted or not holds.isdisjoint(wanted)
                if fits and self.stands(a, subject) and self.stands(b, obj):
                    found.add((a, b))
        return found

    def stands(self, entity: str, node: dict[str, Any]) -> bool:
        if "ids" in node:
            return entity in node["ids"]
        wanted = node.get("categories")
        return not wanted or not self.above(self.category[entity]).isdisjoint(wanted)


@pytest.fixture(scope="module")
def oracle(model, statements, category) -> Oracle:
    return Oracle(model, statements, category)


NODES = st.one_of(
    st.sampled_from([NSC, GDNF, BDNF, MSC, "MONDO:0005301", "MESH:D000074586"]).map(ids),
    st.sampled_from(
        ["Gene", "Cell", "Disease", "BiologicalEntity", "NamedThing", "ChemicalEntity",
         "DiseaseOrPhenotypicFeature", "PhysicalEssence", "Polypeptide"]
    ).map(of),
)  # fmt: skip
PREDICATES = st.lists(
    st.sampled_from(
        ["related_to", "affects", "affected_by", "produces", "produced_by", "interacts_with",
         "regulates", "located_in", "location_of", "related_to_at_instance_level", "treats",
         "expressed_in", "physically_interacts_with", "subclass_of", "associated_with"]
    ),
    max_size=2, unique=True,
).map(lambda names: predicates(*names))  # fmt: skip


@hypothesis.settings(max_examples=60, database=None, derandomize=True)
@hypothesis.given(subject=NODES, obj=NODES, wanted=PREDICATES)
def test_one_hop(trapi, oracle, subject, obj, wanted):
    edge = {"predicates": wanted} if wanted else {}
    response = ask(trapi, hop(subject, obj, **edge), subclass=False)
    assert bound(response) == {
        (("a", (a,)), ("b", (b,))) for a, b in oracle.pairs(subject, obj, wanted)
    }


@hypothesis.settings(max_examples=20, database=None, derandomize=True)
@hypothesis.given(nodes=st.tuples(NODES, NODES, NODES))
def test_two_hops(trapi, oracle, nodes):
    hypothesis.assume(any("ids" in node for node in nodes))
    response = ask(trapi, chain(*nodes), subclass=False, limit=10_000)
    seconds = defaultdict(set)
    for b, c in oracle.pairs(nodes[1], nodes[2], []):
        seconds[b].add(c)
    assert bound(response) == {
        (("n0", (a,)), ("n1", (b,)), ("n2", (c,)))
        for a, b in oracle.pairs(nodes[0], nodes[1], [])
        for c in seconds[b]
    }


def test_all_statements_between_two_entities_are_bound_together(trapi):
    response = ask(trapi, hop(ids(NSC), ids(GDNF)), subclass=False)
    (result,) = response["message"]["results"]
    assert result["analyses"][0]["edge_bindings"]["e"]["ids"] == ["SC061", "XC0407"]


def test_what_is_below_a_class_answers_in_its_name_with_support(trapi, statements):
    response = ask(trapi, hop(ids("CL:0000125"), of("BiologicalProcess")))
    assert {r["node_bindings"]["a"]["ids"][0] for r in response["message"]["results"]} == {
        "CL:0000125"
    }
    own = {s["id"]: s for s in statements}
    found = edges_bound(response)
    assert found
    for edge in found:
        assert edge["knowledge_level"] == "logical_entailment"
        (support,) = (
            a["value"][0]
            for a in edge["attributes"]
            if a["attribute_type_id"] == "biolink:support_graphs"
        )
        ways = response["message"]["auxiliary_graphs"][support]["edges"]
        said, *up = [own[name] for name in ways]
        assert up
        chain_up = {s["subject"]: s["object"] for s in up}
        assert all(s["predicate"] == "subclass_of" for s in up)
        for end in ("subject", "object"):
            reached = said[end]
            while reached in chain_up and reached != edge[end]:
                reached = chain_up[reached]
            assert reached == edge[end]
        assert "CL:0000125" in {edge["subject"], edge["object"]}


def test_a_constraint_holds_for_what_is_entailed_too(trapi):
    level = {"knowledge_level": {"behavior": "ALLOW", "values": ["knowledge_assertion"]}}
    graph = hop(ids("CL:0000125"), of("BiologicalProcess"), constraints=level)
    assert ask(trapi, graph)["message"]["results"] == []


def test_inferred_statements_come_when_asked_for(trapi):
    plain = ask(trapi, hop(ids(NSC), of("Cell")), subclass=False)
    more = ask(trapi, hop(ids(NSC), of("Cell"), knowledge_type="inferred"), subclass=False)
    assert bound(plain) < bound(more)
    assert {e["knowledge_level"] for e in edges_bound(plain)} == {"knowledge_assertion"}
    assert "logical_entailment" in {e["knowledge_level"] for e in edges_bound(more)}
    assert more["message"]["auxiliary_graphs"]


PRODUCED = predicates("produced_by")


def test_all_members_of_a_set_must_be_there(trapi):
    each = [
        {r["node_bindings"]["b"]["ids"][0] for r in response["message"]["results"]}
        for one in (GDNF, BDNF)
        for response in [ask(trapi, hop(ids(one), of("Cell"), predicates=PRODUCED))]
    ]
    response = ask(trapi, hop(member("ALL", GDNF, BDNF), of("Cell"), predicates=PRODUCED))
    results = response["message"]["results"]
    assert {r["node_bindings"]["b"]["ids"][0] for r in results} == each[0] & each[1]
    assert {r["node_bindings"]["a"]["ids"][0] for r in results} == {"UUID:1f0c"}
    assert response["message"]["knowledge_graph"]["nodes"]["UUID:1f0c"]["is_set"] is True
    for result in results:
        bound_edges = result["analyses"][0]["edge_bindings"]["e"]["ids"]
        edges = response["message"]["knowledge_graph"]["edges"]
        assert {edges[name]["object"] for name in bound_edges} == {GDNF, BDNF}


def test_more_members_of_a_set_are_better(trapi):
    response = ask(trapi, hop(member("MANY", GDNF, BDNF), of("Cell"), predicates=PRODUCED))
    edges = response["message"]["knowledge_graph"]["edges"]
    counts = []
    for result in response["message"]["results"]:
        names = result["analyses"][0]["edge_bindings"]["e"]["ids"]
        counts.append(len({edges[name]["object"] for name in names}))
    assert set(counts) == {1, 2}
    assert counts == sorted(counts, reverse=True)


def test_an_unknown_member_leaves_no_result_for_all(trapi):
    response = ask(trapi, hop(member("ALL", GDNF, "HGNC:0"), of("Cell")))
    assert response["message"]["results"] == []
    assert [entry["code"] for entry in response["logs"]] == ["UnknownIdentifier"]


def test_collating_puts_together_what_batch_tells_apart(trapi):
    nodes = ids(NSC), of("Gene"), of("BiologicalProcess")
    apart = ask(trapi, chain(*nodes))
    together = ask(trapi, chain(nodes[0], {**nodes[1], "set_interpretation": "COLLATE"}, nodes[2]))
    merged = defaultdict(set)
    for (_, a), (_, b), (_, c) in bound(apart):
        merged[a, c] |= {*b}
    assert merged
    assert {(a, c): {*b} for (_, a), (_, b), (_, c) in bound(together)} == merged


@pytest.mark.parametrize(
    ("constraints", "stands"),
    [
        (
            {"knowledge_level": {"behavior": "DENY", "values": ["knowledge_assertion"]}},
            lambda e: e["knowledge_level"] != "knowledge_assertion",
        ),
        (
            {"agent_type": {"behavior": "ALLOW", "values": ["manual_agent"]}},
            lambda e: e["agent_type"] == "manual_agent",
        ),
        (
            {"sources": {"behavior": "DENY", "values": ["infores:drugmechdb"]}},
            lambda e: "infores:drugmechdb" not in {s["resource_id"] for s in e["sources"]},
        ),
        (
            {"qualifiers": [{"biolink:object_direction_qualifier": "increased"}]},
            lambda e: (
                {"upregulated", "increased"}
                & {q["qualifier_value"] for q in e.get("qualifiers", ())}
            ),
        ),
        (
            {
                "qualifiers": [
                    {
                        "biolink:object_direction_qualifier": "increased",
                        "biolink:object_aspect_qualifier": "activity_or_abundance",
                    },
                    {"biolink:qualified_predicate": "biolink:causes"},
                ]
            },
            lambda e: "biolink:causes" in {q["qualifier_value"] for q in e.get("qualifiers", ())},
        ),
        (
            {"attributes": comparing("mechkg:modality", "==", ["possible", "potential"])},
            lambda e: {"possible", "potential"} & set(values(e, "mechkg:modality")),
        ),
        (
            {"attributes": comparing("biolink:publications", "matches", "^PMID:")},
            lambda e: any(
                p.startswith("PMID:") for v in values(e, "biolink:publications") for p in v
            ),
        ),
        (
            {"attributes": comparing("mechkg:sign", ">", 0, **{"not": True})},
            lambda e: not any(v > 0 for v in values(e, "mechkg:sign")),
        ),
        (
            {"attributes": comparing("mechkg:source_passage", "===", ["P4S3"])},
            lambda e: ["P4S3"] in values(e, "mechkg:source_passage"),
        ),
    ],
)
def test_edge_constraints_keep_what_stands_them_and_all_of_it(trapi, constraints, stands):
    graph = constrained(**constraints)
    every = edges_bound(ask(trapi, hop(ids(NSC), None), subclass=False))
    kept = edges_bound(ask(trapi, graph, subclass=False))
    assert kept == [edge for edge in every if stands(edge)]
    assert len(kept) < len(every) or "agent_type" in constraints or "sources" in constraints


def values(edge: dict[str, Any], kind: str) -> list[Any]:
    return [a["value"] for a in edge["attributes"] if a["attribute_type_id"] == kind]


def test_node_constraints(trapi):
    wanted = {"constraints": comparing("biolink:synonym", "==", "NSC")}
    response = ask(trapi, hop(wanted, ids(GDNF)), subclass=False)
    assert {r["node_bindings"]["a"]["ids"][0] for r in response["message"]["results"]} == {NSC}


def test_local_predicates_are_told_in_biolink_with_their_own_name(trapi):
    graph = hop(ids(NSC), ids(GDNF), predicates=predicates("produces"))
    for edge in edges_bound(ask(trapi, graph)):
        assert edge["predicate"] == "biolink:produces"
        assert values(edge, "biolink:original_predicate") == ["secretes"]
