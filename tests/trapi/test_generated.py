"""Generated question after generated question: an answer that keeps the specification, or a no."""

from __future__ import annotations

from typing import Any

import hypothesis
from hypothesis import strategies as st

from tests.trapi.questions import BDNF, GDNF, MS, NEURON, NSC

CURIES = st.sampled_from([NSC, NEURON, GDNF, BDNF, MS, "CL:0000125", "X:1", "", "biolink:Gene"])
IDS = st.lists(CURIES, min_size=1, max_size=3)
CATEGORIES = st.lists(
    st.sampled_from(
        ["biolink:Gene", "biolink:Cell", "biolink:NamedThing", "biolink:OrganismTaxon",
         "biolink:PhysicalEssence", "biolink:Nothing", "Gene"]
    ),
    min_size=1, max_size=2,
)  # fmt: skip
PREDICATES = st.lists(
    st.sampled_from(["biolink:related_to", "biolink:affects", "biolink:produced_by", "secretes"]),
    min_size=1,
    max_size=2,
)
KEYS = st.sampled_from(["a", "b", "c"])


def some(required: dict[str, Any], optional: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(required, optional=optional)


COMPARISON = some(
    {
        "id": st.sampled_from(["biolink:publications", "mechkg:sign", "species"]),
        "name": st.just("one"),
        "operator": st.sampled_from(["==", ">", "<", "matches", "==="]),
        "value": st.one_of(
            st.integers(-1, 1), st.just("PMID"), st.just("("), st.lists(st.just("a")), st.none()
        ),
    },
    {"not": st.booleans()},
)
ALLOW = some(
    {
        "behavior": st.sampled_from(["ALLOW", "DENY"]),
        "values": st.lists(
            st.sampled_from(["knowledge_assertion", "logical_entailment", "infores:mechkg"]),
            min_size=1,
        ),
    },
    {},
)
CONSTRAINTS = some(
    {},
    {
        "knowledge_level": ALLOW,
        "agent_type": ALLOW,
        "sources": ALLOW,
        "attributes": st.lists(COMPARISON, max_size=2),
        "qualifiers": st.lists(
            st.dictionaries(
                st.sampled_from(["biolink:object_direction_qualifier", "x"]),
                st.sampled_from(["increased", "decreased"]),
            ),
            min_size=1,
            max_size=2,
        ),
    },
)
NODE = some(
    {},
    {
        "ids": IDS,
        "categories": CATEGORIES,
        "set_interpretation": st.sampled_from(["BATCH", "ALL", "MANY", "COLLATE"]),
        "member_ids": IDS,
        "constraints": st.lists(COMPARISON, min_size=1, max_size=1),
    },
)
EDGE = some(
    {"subject": KEYS, "object": KEYS},
    {
        "predicates": PREDICATES,
        "knowledge_type": st.sampled_from(["lookup", "inferred"]),
        "constraints": CONSTRAINTS,
    },
)
PATH = some(
    {"subject": KEYS, "object": KEYS},
    {
        "predicates": PREDICATES,
        "max_hops": st.integers(0, 9),
        "min_hops": st.integers(1, 3),
        "limit": st.integers(0, 30),
        "via": st.lists(CURIES, max_size=2),
        "avoid": st.lists(CURIES, max_size=2),
        "generic": st.booleans(),
        "constraints": st.lists(
            some({}, {"required_intermediate_categories": CATEGORIES}), min_size=1, max_size=3
        ),
    },
)
NODES = st.dictionaries(KEYS, NODE, min_size=1)
GRAPHS = st.one_of(
    some({"nodes": NODES, "edges": st.dictionaries(st.sampled_from("xyz"), EDGE)}, {}),
    some({"nodes": NODES, "paths": st.dictionaries(st.just("p"), PATH)}, {}),
)
PARAMETERS = some(
    {},
    {
        "timeout": st.sampled_from([-1, 0.5, 5]),
        "log_level": st.sampled_from(["ERROR", "DEBUG"]),
        "subclass": st.booleans(),
        "limit": st.integers(1, 50),
        "other": st.just({"kept": 1}),
    },
)


@hypothesis.settings(
    max_examples=250,
    database=None,
    derandomize=True,
    suppress_health_check=list(hypothesis.HealthCheck),
)
@hypothesis.given(graph=GRAPHS, parameters=PARAMETERS)
def test_a_generated_question(trapi, specification, semantics, graph, parameters):
    body = {"message": {"query_graph": graph}, "parameters": parameters}
    answer = trapi.post("/trapi/2.0/query", json=body)
    assert answer.status_code in {200, 400, 409, 413}, answer.text
    if answer.status_code == 200:
        response = answer.json()
        assert response["parameters"] == parameters
        specification("Response", response)
        semantics("Response", response)
    older = trapi.post("/trapi/1.6/query", json=body)
    assert older.status_code == answer.status_code


def test_the_service_is_unhurt(trapi):
    assert "Traceback" not in trapi.log.read_text()
