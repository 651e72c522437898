"""Every route of the graph answers from the bundled ontology with what the tables say."""

from __future__ import annotations

import csv
import io
import itertools

import msgspec
import pytest

from mechkg.kg.model.results import (
    Chokepoints,
    Comparison,
    NeighbourhoodResult,
    OpenEndsResult,
    PathResult,
    SearchResult,
)
from mechkg.kg.model.values import Entity, Statement, Subgraph
from tests.api.servers import Service

NSC, GDNF, NEURON = "CL:0000047", "HGNC:4232", "CL:0000540"

FIVE = (
    ("neural stem cell", "neuron"),
    ("NSC", "multiple sclerosis"),
    ("MSC", "Remyelination"),
    ("GDNF", "Remyelination"),
    ("hostile inflammatory CNS microenvironment", "Graft Survival"),
)


def find(service: Service, **query) -> PathResult:
    answer = service.get("/api/v1/paths", params=query)
    assert answer.status_code == 200, answer.text
    return msgspec.json.decode(answer.content, type=PathResult)


@pytest.mark.parametrize(("source", "target"), FIVE)
def test_the_five_questions_have_paths(service: Service, source, target):
    result = find(service, source=source, target=target, max_hops=3)
    assert result.paths
    assert result.total >= len(result.paths)
    assert [p.score for p in result.paths] == sorted((p.score for p in result.paths), reverse=True)
    for path in result.paths:
        assert len(path.hops) == path.length == len(path.entities) - 1 <= 3
        assert len({e.id for e in path.entities}) == len(path.entities)
        for (left, right), hop in zip(itertools.pairwise(path.entities), path.hops, strict=True):
            assert hop.statements
            for s in hop.statements:
                ends = (left.id, right.id) if s.direction == "forward" else (right.id, left.id)
                assert (s.subject, s.object) == ends
                assert s.evidence
                assert not s.negated


def test_gdnf_leads_from_neural_stem_cells_to_neurons(service: Service):
    result = find(service, source="neural stem cell", target="neuron", max_hops=3, limit=1000)
    through = [p for p in result.paths if [e.id for e in p.entities] == [NSC, GDNF, NEURON]]
    assert len(through) == 1
    evidence = [e for hop in through[0].hops for s in hop.statements for e in s.evidence]
    assert "P4S3" in {e.location for e in evidence}
    assert {"PMID:28878618", "PMID:32897420", "PMID:32556722"} <= {
        publication for e in evidence for publication in e.publications
    }


def test_get_and_post_say_the_same(service: Service):
    got = service.get("/api/v1/paths?source=NSC&source=MSC&target=neuron&max_hops=2&limit=50")
    posted = service.post(
        "/api/v1/paths",
        json={"source": ["NSC", "MSC"], "target": ["neuron"], "max_hops": 2, "limit": 50},
    )
    assert got.json() == posted.json()


def test_pages_of_paths_join_to_the_whole(service: Service):
    whole = find(service, source="NSC", target="neuron", limit=1000)
    pages, cursor = [], ""
    while cursor is not None:
        page = find(service, source="NSC", target="neuron", limit=7, cursor=cursor)
        pages += page.paths
        cursor = page.cursor
    assert pages == list(whole.paths)
    assert len(pages) == whole.total


def test_a_search_completes_what_is_typed(service: Service):
    answer = service.get("/api/v1/search?q=neural st&category=Cell&limit=5")
    result = msgspec.json.decode(answer.content, type=SearchResult)
    assert NSC in {m.id for m in result.matches}
    assert {m.category for m in result.matches} == {"biolink:Cell"}


@pytest.mark.parametrize("name", [NSC, "neural stem cell", "NSC", "neural stem cells", "nsc"])
def test_an_entity_by_identifier_and_name(service: Service, name):
    answer = service.get(f"/api/v1/entities/{name}")
    assert msgspec.json.decode(answer.content, type=Entity).id == NSC


def test_a_neighbourhood_counts_its_groups_and_is_paged(service: Service):
    path = f"/api/v1/entities/{NSC}/neighbourhood"
    whole = msgspec.json.decode(service.get(path).content, type=NeighbourhoodResult)
    assert whole.entity.id == NSC
    assert sum(g.statements for g in whole.groups if g.direction == "out") > 20
    assert any(g.predicate == "secretes" for g in whole.groups)
    pages, cursor = [], ""
    while cursor is not None:
        answer = service.get(path, params={"limit": 9, "cursor": cursor})
        page = msgspec.json.decode(answer.content, type=NeighbourhoodResult)
        assert page.groups == whole.groups
        pages += page.neighbours
        cursor = page.cursor
    assert len({n.entity.id for n in pages}) == len(pages) == whole.total


def test_a_statement_keeps_its_claim(service: Service):
    answer = service.get("/api/v1/statements/SC061")
    statement = msgspec.json.decode(answer.content, type=Statement)
    assert (statement.id, statement.negated) == ("SC061", False)
    assert statement.evidence


def test_a_subgraph_holds_the_statements_between_its_entities(service: Service):
    answer = service.post("/api/v1/subgraph", json={"entities": ["NSC", "GDNF", "neuron"]})
    subgraph = msgspec.json.decode(answer.content, type=Subgraph)
    assert {e.id for e in subgraph.entities} == {NSC, GDNF, NEURON}
    assert (NSC, "secretes", GDNF) in {
        (s.subject, s.predicate, s.object) for s in subgraph.statements
    }


def test_a_subgraph_of_statements_holds_exactly_these(service: Service):
    body = {"statements": ["SC061", "MK001"], "entities": ["CL:0000128"], "title": "Roads <b>"}
    answer = service.post("/api/v1/subgraph", json=body)
    subgraph = msgspec.json.decode(answer.content, type=Subgraph)
    assert [s.id for s in subgraph.statements] == ["SC061", "MK001"]
    assert {e.id for e in subgraph.entities} == {NSC, GDNF, NEURON, "CL:0000128"}
    assert (subgraph.title, subgraph.sources) == ("Roads <b>", ("CL:0000128",))
    for name, mark in (("svg", b"Roads &lt;b&gt;"), ("layout", b"Roads <b>"), ("turtle", b"MK001")):
        assert mark in service.post("/api/v1/subgraph", json={**body, "format": name}).content
    none = service.post("/api/v1/subgraph", json={"statements": [], "entities": [NSC, GDNF]}).json()
    assert (len(none["entities"]), none["statements"]) == (2, [])


@pytest.mark.parametrize(
    ("body", "kind", "parameter"),
    [
        ({"statements": ["XX999"]}, "unknown-term", "statements"),
        ({"entities": ["no such thing"], "statements": []}, "unknown-entity", "entities"),
        ({"statements": []}, "invalid-parameter", "entities"),
        ({}, "invalid-parameter", "entities"),
        ({"statements": [""]}, "invalid-parameter", "statements[0]"),
        ({"statements": "SC061"}, "invalid-parameter", "statements"),
    ],
)
def test_a_subgraph_names_what_there_is(service: Service, body, kind, parameter):
    answer = service.post("/api/v1/subgraph", json=body)
    problem = answer.json()
    assert (answer.status_code, problem["type"].rpartition("/")[2]) == (422, kind)
    assert problem["parameter"].startswith(parameter.partition("[")[0])


def test_two_sources_are_compared(service: Service):
    asked = {"left": ["NSC"], "right": ["MSC"], "target": ["neuron"], "max_hops": 3}
    found = msgspec.json.decode(
        service.post("/api/v1/compare", json=asked).content, type=Comparison
    )
    got = service.get("/api/v1/compare?left=NSC&right=MSC&target=neuron&max_hops=3").json()
    assert [m["entity"]["id"] for m in got["mediators"]] == [m.entity.id for m in found.mediators]
    assert found.total == len(found.mediators) > 5
    assert found.left.net_effect is not None
    assert found.left.net_effect.sentence in found.sentence
    # A comparison looks below both sides, so that neither lacks what only its kinds do.
    sides = [f"/api/v1/paths?source={s}*&target=neuron&limit=5" for s in ("NSC", "MSC")]
    for side, address in zip((found.left, found.right), sides, strict=True):
        paths = msgspec.json.decode(service.get(address).content, type=PathResult)
        assert (side.paths, side.total) == (paths.paths, paths.total)
    assert b"<svg" in service.get("/api/v1/compare.svg?left=NSC&right=MSC&target=neuron").content
    refused = service.get("/api/v1/compare?left=NSC&right=XYZ&target=neuron")
    assert (refused.status_code, refused.json()["parameter"]) == (422, "right")


def test_ends_are_ranked_by_their_best_paths(service: Service):
    asked = {"source": ["Drug"], "target": ["neuroinflammation"], "effect": "lowers", "limit": 4}
    found = msgspec.json.decode(
        service.post("/api/v1/open-ends", json=asked).content, type=OpenEndsResult
    )
    address = "source=Drug&target=neuroinflammation&effect=lowers&limit=4"
    got = service.get(f"/api/v1/open-ends?{address}").json()
    assert [end["entity"]["id"] for end in got["ends"]] == [end.entity.id for end in found.ends]
    assert len(found.ends) == 4
    for end in found.ends:
        pair = service.get(f"/api/v1/paths?source={end.entity.id}&target=neuroinflammation").json()
        assert msgspec.json.decode(msgspec.json.encode(end.path)) == pair["paths"][0]
        assert (end.total, end.net_effect.verdict) == (pair["total"], "lowers")
    after = service.get(f"/api/v1/open-ends?{address}&cursor={found.cursor}").json()
    assert after["ends"][0]["path"]["score"] <= found.ends[-1].path.score
    assert b"<svg" in service.get(f"/api/v1/open-ends.svg?{address}").content
    rows = list(csv.DictReader(io.StringIO(service.get(f"/api/v1/open-ends.csv?{address}").text)))
    assert [(row["id"], int(row["paths"]), row["explanation"]) for row in rows] == [
        (end.entity.id, end.total, end.path.explanation) for end in found.ends
    ]
    refused = service.get("/api/v1/open-ends?source=NSC&target=GDNF")
    assert (refused.status_code, refused.json()["parameter"]) == (422, "open")


def test_chokepoints_are_counted_over_all_paths(service: Service):
    address = "source=NSC&target=Remyelination&max_hops=3"
    found = msgspec.json.decode(
        service.get(f"/api/v1/chokepoints?{address}").content, type=Chokepoints
    )
    paths = service.get(f"/api/v1/paths?{address}&limit=1000").json()
    assert found.total == paths["total"]
    for one in found.entities:
        lie = [p for p in paths["paths"] if one.entity.id in {e["id"] for e in p["entities"][1:-1]}]
        assert one.paths == len(lie)


def test_the_whole_graph_and_what_it_is_made_of(service: Service):
    graph = msgspec.json.decode(service.get("/api/v1/graph").content, type=Subgraph)
    version = service.get("/version").json()
    assert len(graph.entities) == version["entities"]
    assert sum(not s.derived_from for s in graph.statements) == version["statements"] >= 667
    schema = service.get("/api/v1/schema").json()
    assert {s.predicate for s in graph.statements} <= {p["id"] for p in schema["predicates"]}
    metagraph = service.get("/api/v1/metagraph").json()
    carried = [s for s in graph.statements if not s.negated and not s.derived_from]
    assert sum(edge["statements"] for edge in metagraph["edges"]) == len(carried)


def test_a_query_takes_no_longer_than_the_server_allows(service: Service):
    result = find(service, source="NSC", target="neuron", timeout=300)
    assert result.query.timeout == 30.0
