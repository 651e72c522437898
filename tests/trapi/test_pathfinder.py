"""Pathfinder gives the best paths and nothing else: against paths enumerated one by one."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from typing import Any

import pytest

from tests.trapi.questions import GDNF, MS, NEURON, NSC, REMYELINATION, between, path


@pytest.fixture(scope="module")
def generic(trapi) -> set[str]:
    """The predicates that join no path: those of taxonomy, identity and mapping."""
    predicates = trapi.get("/api/v1/schema").json()["predicates"]
    return {p["id"] for p in predicates if p["generic"]} & {"subclass_of", "same_as", "close_match"}


@pytest.fixture(scope="module")
def joined(trapi, generic) -> dict[str, dict[str, set[str]]]:
    """Entity -> entity -> statements of mechanism between them, whichever way they point."""
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for statement in trapi.get("/api/v1/graph?format=json").json()["statements"]:
        if statement["predicate"] in generic or statement["negated"] or statement["derived_from"]:
            continue
        ends = statement["subject"], statement["object"]
        if ends[0] != ends[1]:
            for a, b in (ends, ends[::-1]):
                found[a][b].add(statement["id"])
    return found


@pytest.fixture(scope="module")
def category(trapi) -> dict[str, str]:
    entities = trapi.get("/api/v1/graph?format=json").json()["entities"]
    return {entity["id"]: entity["category"] for entity in entities}


def all_paths(joined, source: str, target: str, hops: int) -> set[tuple[str, ...]]:
    found, waiting = set(), [(source,)]
    while waiting:
        walk = waiting.pop()
        for other in joined[walk[-1]]:
            if other == target:
                found.add((*walk, target))
            elif other not in walk and len(walk) < hops:
                waiting.append((*walk, other))
    return found


def walks(response: dict[str, Any], source: str) -> list[tuple[tuple[str, ...], set[str], float]]:
    """The paths of a response: entities in order, statements, score."""
    message = response["message"]
    edges = message["knowledge_graph"]["edges"]
    told = []
    for result in message["results"]:
        for analysis in result["analyses"]:
            (graph,) = analysis["path_bindings"]["p"]["ids"]
            statements = message["auxiliary_graphs"][graph]["edges"]
            beside = defaultdict(set)
            for name in statements:
                ends = edges[name]["subject"], edges[name]["object"]
                beside[ends[0]].add(ends[1])
                beside[ends[1]].add(ends[0])
            walk = [source]
            while rest := beside[walk[-1]] - set(walk):
                (following,) = rest
                walk.append(following)
            assert len(walk) == len(beside)
            told.append((tuple(walk), set(statements), analysis["score"]))
    return told


def ask(trapi, graph, **parameters):
    body = {"message": {"query_graph": graph}, "parameters": parameters}
    answer = trapi.post("/trapi/2.0/query", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


EVERY = {"limit": 10_000, "timeout": 20, "composition": "off"}
"""All paths there are, also those along which no effect is transmitted."""


@pytest.mark.parametrize("hops", [1, 2, 3])
@pytest.mark.parametrize(
    ("source", "target"), [(NSC, NEURON), (NSC, REMYELINATION), (REMYELINATION, NSC), (GDNF, MS)]
)
def test_all_paths_are_found_once_with_all_their_statements(trapi, joined, source, target, hops):
    response = ask(trapi, path(source, target, max_hops=hops), **EVERY)
    found = walks(response, source)
    wanted = all_paths(joined, source, target, hops)
    assert {walk for walk, _, _ in found} - {(source, target)} == wanted - {(source, target)}
    assert len(found) == len({walk for walk, _, _ in found})
    for walk, statements, _ in found:
        pairs = pairwise(walk)
        assert statements >= set().union(*(joined[a][b] for a, b in pairs))
        assert len(walk) == 2 or statements == {s for a, b in pairwise(walk) for s in joined[a][b]}
    scores = [score for _, _, score in found]
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize("hops", [2, 3])
def test_every_path_stands_a_constraint_and_none_that_does_is_missed(trapi, joined, category, hops):
    constraints = [between("Gene", "BiologicalProcess"), between("Cell")]
    response = ask(trapi, path(NSC, REMYELINATION, max_hops=hops, constraints=constraints), **EVERY)
    wanted = set()
    for walk in all_paths(joined, NSC, REMYELINATION, hops):
        inside = {category[entity].removeprefix("biolink:") for entity in walk[1:-1]}
        if "PathologicalProcess" in inside:
            inside.add("BiologicalProcess")
        if {"Gene", "BiologicalProcess"} <= inside or "Cell" in inside:
            wanted.add(walk)
    assert {walk for walk, _, _ in walks(response, NSC)} == wanted
    assert wanted
    assert hops > 2 or all(len(walk) == 3 for walk in wanted)


def test_what_is_avoided_is_on_no_path(trapi, joined):
    blocked = {walk[1] for walk in all_paths(joined, NSC, REMYELINATION, 2) if len(walk) == 3}
    kept = blocked.pop()
    response = ask(trapi, path(NSC, REMYELINATION, max_hops=2, avoid=sorted(blocked)), **EVERY)
    assert {walk for walk, _, _ in walks(response, NSC)} == {
        (NSC, REMYELINATION),
        (NSC, kept, REMYELINATION),
    }


def test_the_limit_keeps_the_best(trapi):
    every = walks(ask(trapi, path(NSC, NEURON), **EVERY), NSC)
    response = ask(trapi, path(NSC, NEURON, limit=7))
    assert walks(response, NSC) == every[:7]
    assert f"The best 7 of {len(every)} paths" in response["description"]
    assert [entry["code"] for entry in response["logs"]] == ["Truncated"]


def test_predicates_filter_nothing(trapi):
    plain = walks(ask(trapi, path(NSC, NEURON)), NSC)
    wanted = path(NSC, NEURON, predicates=["biolink:treats"])
    assert walks(ask(trapi, wanted), NSC) == plain


def test_a_direct_edge_of_any_predicate_is_a_path(trapi, generic):
    statements = trapi.get("/api/v1/graph?format=json").json()["statements"]
    of_none = [
        s for s in statements
        if s["predicate"] in generic and s["subject"] != s["object"]
        and not s["negated"] and not s["derived_from"]
    ]  # fmt: skip
    assert of_none
    for statement in of_none[:10]:
        ends = {statement["subject"], statement["object"]}
        message = ask(trapi, path(statement["subject"], statement["object"], max_hops=1))["message"]
        edges = message["knowledge_graph"]["edges"]
        direct = [
            graph["edges"]
            for graph in message["auxiliary_graphs"].values()
            if all({edges[e]["subject"], edges[e]["object"]} == ends for e in graph["edges"])
        ]
        assert any(statement["id"] in names for names in direct)


def test_a_constraint_leaves_no_direct_edge(trapi):
    response = ask(trapi, path(NSC, NEURON, max_hops=1, constraints=[between("Gene")]))
    assert response["message"]["results"] == []


def test_generic_relations_count_if_asked_for(trapi):
    plain = ask(trapi, path("CHEBI:35705", NSC, max_hops=2))
    generic = ask(trapi, path("CHEBI:35705", NSC, max_hops=3, generic=True))
    assert plain["message"]["results"] == []
    assert generic["message"]["results"]


def test_a_score_is_the_sum_of_its_parts(trapi):
    response = ask(trapi, path(NSC, NEURON))
    for analysis in response["message"]["results"][0]["analyses"]:
        (parts,) = (
            attribute["value"]
            for attribute in analysis["attributes"]
            if attribute["attribute_type_id"] == "mechkg:score_parts"
        )
        total = sum(part["value"] * part["weight"] for part in parts)
        assert analysis["score"] == pytest.approx(total, abs=1e-3)


def test_several_identifiers_are_answered_pair_by_pair(trapi):
    graph = path(NSC, NEURON, max_hops=2)
    graph["nodes"]["s"]["ids"].append(GDNF)
    response = ask(trapi, graph)
    bound = [r["node_bindings"]["s"]["ids"] for r in response["message"]["results"]]
    assert bound == [[NSC], [GDNF]]


def test_time_limit(dense, specification, semantics):
    graph = path("X:1", "X:2", min_hops=7, max_hops=8)
    response = ask(dense, graph, timeout=0.3, limit=300)
    specification("Response", response)
    semantics("Response", response)
    assert response["status"] == "Timeout"
    assert response["message"]["results"]
    assert [entry["code"] for entry in response["logs"]] == ["Timeout"]
