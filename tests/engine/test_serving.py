"""A server on an engine against a server on a snapshot of the same triples: the same answers."""

import asyncio
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from mechkg import Graph
from mechkg.api.http.app import create_app
from mechkg.api.http.settings import Settings
from mechkg.api.mcp.server import make_server
from mechkg.kg.engine.graph import EngineGraph
from mechkg.kg.engine.remote_graph import QUESTIONS, RemoteGraph
from mechkg.kg.engine.snapshot_engine import SnapshotEngine
from mechkg.ontology.rdf.vocabulary import Codec
from tests.api.servers import serving

NEUTRAL = frozenset(
    {"snapshot", "cursor", "corroboration", "data_release_versions", "entries", "milliseconds"}
)
"""What rests on the version, on all statements, or on the size of what was searched."""
BOUNDS = frozenset({"total", "total_is_exact", "complete", "truncated_by"})
"""What a search that stops once its paths are proven need not count."""


@pytest.fixture(scope="module")
def mapping(plain_graph: Graph, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The properties that are predicates of the graph, and the evidence of its statements."""
    codec = Codec(plain_graph.schema.prefixes)
    used = sorted({statement.predicate for statement in plain_graph.whole().statements})
    iris = [plain_graph.schema.predicate(p).iri or codec.iri(f"mechkg:{p}") for p in used]
    path = tmp_path_factory.mktemp("mapping") / "mapping.toml"
    path.write_text(
        'preset = "mechanism"\nname = "plain"\n[statements]\n'
        f'properties = {json.dumps(iris)}\nkind = "database"\nsource = "infores:endpoint"\n'
    )
    return path


@pytest.fixture(scope="module")
def local(plain_graph: Graph, tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    data = tmp_path_factory.mktemp("local")
    (data / "plain").mkdir()
    (data / "plain" / "current").symlink_to(plain_graph.snapshot.path)
    return create_app(Settings(data=data, graph="plain")).test_client()


@pytest.fixture(scope="module")
def remote(
    plain_endpoint: str, mapping: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[FlaskClient]:
    data = tmp_path_factory.mktemp("remote")
    app = create_app(Settings(data=data, engine=plain_endpoint, mapping=str(mapping)))
    yield app.test_client()
    app.extensions["mechkg"].served.close()


def neutral(value: Any, left_out: frozenset[str]) -> Any:
    if isinstance(value, dict):
        return {k: neutral(v, left_out) for k, v in value.items() if k not in left_out}
    return [neutral(v, left_out) for v in value] if isinstance(value, list) else value


def lines(answer: TestResponse) -> list[str]:
    """The lines of a file in any order (of verbs, say), without the version of the graph."""
    version = answer.headers["Link"].rpartition("snapshot=")[2].partition(">")[0]
    return sorted(line.rstrip(" ;.") for line in answer.text.replace(version, "").split("\n"))


ENDS = "source=GDNF&target=neuron&max_hops=2"
WAYS = "source=neural%20stem%20cell&target=neuron&max_hops=2"
PROVEN = (
    f"/api/v1/paths?{ENDS}",
    f"/api/v1/paths?{WAYS}&direction=undirected&scorer=hubs&limit=5",
    f"/api/v1/paths?{WAYS}&avoid=GDNF&composition=off",
    f"/table?{ENDS}&limit=2",
    "/api/v1/open-ends?source=Drug&target=neuroinflammation&max_hops=2",
    "/api/v1/open-ends?source=GDNF&target=Cell&max_hops=2&limit=4",
)
"""Searches that stop once their answers are proven."""
WHOLE = (
    f"/api/v1/paths/preview?{ENDS}",
    f"/api/v1/paths/why-not?{WAYS}",
    "/api/v1/paths/why-not?source=neuron&target=GDNF&max_hops=1",
    f"/api/v1/chokepoints?{WAYS}",
    "/api/v1/compare?left=GDNF!&right=neural%20stem%20cell!&target=neuron&max_hops=2",
    "/api/v1/entities/CL:0000047/neighbourhood?limit=6",
    "/api/v1/entities/GDNF",
    "/api/v1/search?q=gdnf&limit=1",
    "/api/v1/statements/CL:0000047~develops_into~CL:0000540",
)
"""Questions whose answers count everything."""
FORMATS = tuple(f"/api/v1/paths.{suffix}?{ENDS}&limit=3" for suffix in ("csv", "ttl", "json"))


@pytest.mark.parametrize("address", [*PROVEN, *WHOLE, *FORMATS], ids=str)
def test_answers_agree(local: FlaskClient, remote: FlaskClient, address: str) -> None:
    expected, found = local.get(address), remote.get(address)
    assert found.status_code == expected.status_code == 200, found.text
    assert found.mimetype == expected.mimetype
    if not expected.is_json:
        if expected.mimetype != "text/html":
            assert lines(found) == lines(expected)
        return
    left_out = NEUTRAL | BOUNDS if address in PROVEN or address in FORMATS else NEUTRAL
    if "open-ends" in address and not found.json["total_is_exact"]:
        left_out |= {"net_effect", "supporting", "sentence"}
    assert neutral(found.json, left_out) == neutral(expected.json, left_out)


def test_figures_streams_and_subgraphs_agree(local: FlaskClient, remote: FlaskClient) -> None:
    for address in (f"/api/v1/paths.svg?{ENDS}&limit=2", "/api/v1/entities/GDNF.svg"):
        assert remote.get(address).data.count(b"<g") == local.get(address).data.count(b"<g") > 5
    texts = [one.get(f"/api/v1/paths/stream?{ENDS}&limit=3").text for one in (local, remote)]
    streams = [[json.loads(line) for line in text.split("\n") if line] for text in texts]
    assert [neutral(p, NEUTRAL) for p in streams[0][:-1]] == [
        neutral(p, NEUTRAL) for p in streams[1][:-1]
    ]
    assert streams[1][-1]["returned"] == 3
    body = {"entities": ["CL:0000047", "GDNF", "neuron"]}
    shown = [one.post("/api/v1/subgraph", json=body).json for one in (local, remote)]
    assert neutral(shown[0], NEUTRAL) == neutral(shown[1], NEUTRAL)
    chosen = {"statements": [statement["id"] for statement in shown[0]["statements"]]}
    again = [one.post("/api/v1/subgraph", json=chosen).json for one in (local, remote)]
    assert neutral(again[0], NEUTRAL) == neutral(again[1], NEUTRAL)


EDGE = {"subject": "a", "object": "b"}
TRAPI: tuple[Mapping[str, Any], ...] = (
    {"nodes": {"a": {"ids": ["HGNC:4232"]}, "b": {"categories": ["biolink:Cell"]}},
     "edges": {"e": {**EDGE, "predicates": ["biolink:related_to"]}}},
    {"nodes": {"a": {"ids": ["HGNC:4232"]}, "b": {}, "c": {"ids": ["CL:0000540"]}},
     "edges": {"e": EDGE, "f": {"subject": "b", "object": "c"}}},
    {"nodes": {"a": {"ids": ["HGNC:4232"]}, "b": {"ids": ["CL:0000540"]}},
     "paths": {"p": {**EDGE, "max_hops": 2, "limit": 5}}},
)  # fmt: skip


@pytest.mark.parametrize("graph", TRAPI, ids=["edge", "edges", "path"])
def test_trapi_agrees(local: FlaskClient, remote: FlaskClient, graph: Mapping[str, Any]) -> None:
    question = {"message": {"query_graph": graph}, "parameters": {"subclass": False}}
    expected, found = (one.post("/trapi/2.0/query", json=question) for one in (local, remote))
    assert found.status_code == expected.status_code == 200, found.text
    assert expected.json["message"]["results"]
    said = neutral(found.json, NEUTRAL | {"logs"})
    assert said == neutral(expected.json, NEUTRAL | {"logs"})


def test_agents_ask_it(plain_graph: Graph) -> None:
    over = RemoteGraph(EngineGraph(SnapshotEngine(plain_graph.snapshot)))
    calls = (
        ("find_paths", {"source": ["GDNF"], "target": ["neuron"], "max_hops": 2, "limit": 2}),
        ("neighbours", {"entity": "GDNF", "limit": 3}),
        ("why_not", {"source": ["neuron"], "target": ["GDNF"], "max_hops": 1}),
        ("describe", {"entity": "GDNF"}),
        ("evidence", {"statements": ["CL:0000047~develops_into~CL:0000540"]}),
    )
    for name, arguments in calls:
        said = [
            asyncio.run(make_server(lambda one=one: one).call_tool(name, arguments)).content[0].text
            for one in (plain_graph, over)
        ]
        assert said[0].split("\n")[0] == said[1].split("\n")[0], name


REFUSED = (
    "/api/v1/graph", "/api/v1/metagraph", "/sparql?query=ASK%7B%7D", "/.well-known/void",
    "/trapi/2.0/meta_knowledge_graph", "/api/v1/compare?left=GDNF&right=neuron",
    "/api/v1/graph.ttl", "/api/v1/changesets",
)  # fmt: skip


@pytest.mark.parametrize("address", REFUSED)
def test_what_takes_a_snapshot_is_one_problem(remote: FlaskClient, address: str) -> None:
    answer = remote.get(address)
    assert answer.status_code == 501
    assert (
        "engine" in json.loads(answer.text)["detail" if "trapi" not in address else "description"]
    )


def test_capabilities_say_so(local: FlaskClient, remote: FlaskClient) -> None:
    mine, other = (one.get("/api/v1/capabilities").json for one in (remote, local))
    assert (mine["store"], other["store"]) == ("engine", "snapshot")
    assert mine["refused"] == list(QUESTIONS.refused)
    assert not other["refused"]
    assert set(other["questions"]) == {*mine["questions"], *mine["refused"]}
    for parameter in mine["unsupported"]:
        value = {"min_routes": "1", "diverse": "metapath", "context": "species=rat"}.get(
            parameter, "x"
        )
        refused = remote.get(f"/api/v1/paths?{ENDS}&{parameter}={value}")
        assert (refused.status_code, refused.json["parameter"]) == (422, parameter)
    assert remote.get("/api/v1/paths?source=GDNF*&target=neuron").status_code == 422
    for address in ("/readyz", "/version", "/metrics", "/", "/api/v1/overview", "/api/v1/schema"):
        assert remote.get(address).status_code == 200, address
    pinned = remote.get(f"/api/v1/paths?{ENDS}&snapshot=0000000000")
    assert pinned.status_code == 410


def test_a_server_of_the_sparql_of_another(server: str, tmp_path: Path) -> None:
    """The endpoint of a MechKG server is an engine as any other, in processes of their own."""
    mapping = tmp_path / "mapping.toml"
    mapping.write_text('preset = "mechanism"\nname = "other"\n')
    log = tmp_path / "log"
    with serving(
        tmp_path / "data", log, engine=f"{server}/sparql", mapping=mapping, workers=1
    ) as running:
        found = running.get(f"/api/v1/paths?{ENDS}").json()
        assert found["paths"][0]["entities"][0]["name"] == "GDNF"
        assert running.get("/readyz").json()["status"] == "ready"
        assert running.get("/sparql", params={"query": "ASK {}"}).status_code == 501
