"""The client against a real server: the same answers as the library, on which it relies."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import networkx
import pytest

from mechkg.client import Client, ServiceError
from mechkg.kg.errors import QueryError
from mechkg.kg.graph import Graph, open_graph
from mechkg.kg.interop.networkx import to_networkx
from mechkg.kg.interop.pandas import paths_frame, statements_frame
from mechkg.kg.model.queries import CompareQuery, PathQuery
from tests.api.servers import serving, until

ROOT = Path(__file__).parents[2]

ENDS = {"source": "NSC", "target": "neuron"}
MANY = {**ENDS, "max_hops": 6, "direction": "undirected"}


@pytest.fixture
def client(server: str):
    with Client(server) as opened:
        yield opened


@pytest.fixture(scope="module")
def graph(data_directory) -> Graph:
    return open_graph(data_directory / "ms-nsc" / "current")


def test_answers_are_those_of_the_library(client: Client, graph: Graph):
    assert client.find_paths(**ENDS).paths == graph.find_paths(**ENDS).paths
    assert client.search("neural stem") == graph.search("neural stem")
    assert client.entity("GDNF") == graph.entity("GDNF")
    assert client.statement("SC061") == graph.statement("SC061")
    assert client.neighbourhood("GDNF") == graph.neighbourhood(entity="GDNF")
    assert client.schema() == graph.schema
    assert client.metagraph() == graph.metagraph()
    assert client.overview() == graph.overview()
    assert client.whole().statements == graph.whole().statements
    assert client.why_not(**ENDS).relaxations == graph.why_not(**ENDS).relaxations
    sides = {"left": "NSC", "right": "MSC", "target": "Remyelination"}
    assert client.compare(**sides).mediators == graph.compare(**sides).mediators
    assert client.chokepoints(**ENDS).entities == graph.chokepoints(**ENDS).entities
    assert client.significance(**ENDS, samples=5) == graph.significance(**ENDS, samples=5)
    drugs = {"source": "Drug", "target": "neuroinflammation"}
    assert client.open_ends(**drugs).ends == graph.open_ends(**drugs).ends
    assert client.preview_paths(**ENDS).total == graph.preview_paths(**ENDS).total


def test_a_query_is_sent_as_a_value(client: Client, graph: Graph):
    query = PathQuery(source=("NSC",), target=("neuron",), max_hops=2, avoid=("GDNF",))
    assert client.find_paths(query).paths == graph.find_paths(query).paths
    assert client.find_paths(query, limit=1).paths == graph.find_paths(query).paths[:1]
    sides = CompareQuery(left=("NSC",), right=("MSC",), target=("neuron",))
    assert client.compare(sides).mediators == graph.compare(sides).mediators
    assert sorted(client.to_networkx()) == sorted(graph.to_networkx())


@pytest.mark.parametrize("form", ["{}", "{}/", "http://{}", "http://{}/"])
def test_an_address_needs_no_scheme(server: str, form: str):
    with Client(form.format(server.removeprefix("http://"))) as client:
        assert client.entity("GDNF").name == "GDNF"


@pytest.mark.parametrize("address", ["", "ftp://127.0.0.1", "http://", "/api/v1", "://x"])
def test_what_is_no_address_is_refused_with_an_example(address: str):
    with pytest.raises(QueryError, match="as in http://127"):
        Client(address)


def test_the_reference_names_what_only_the_library_has():
    page = (ROOT / "docs" / "reference" / "python.md").read_text()
    (line,) = re.findall(r"^Only a `Graph` has: (.+)\.$", page, re.MULTILINE)
    only = {name for name in dir(Graph) if not name.startswith("_")} - set(dir(Client))
    assert set(re.findall(r"`(\w+)`", line)) == only


def test_pages_follow_each_other(client: Client, graph: Graph):
    every = graph.find_paths(**ENDS, limit=100).paths
    assert tuple(client.paths(**ENDS, limit=2)) == every
    neighbours = graph.neighbourhood(entity="neuron", limit=10_000).neighbours
    assert tuple(client.neighbours("neuron", limit=7)) == neighbours


def test_a_stream_gives_paths_then_its_summary(client: Client):
    with client.stream_paths(**MANY, limit=50) as stream:
        found = list(stream)
    assert stream.summary is not None
    assert stream.summary.returned == len(found) == 50
    assert tuple(found) == client.find_paths(**MANY, limit=50).paths


def test_a_long_question_goes_out_whole(client: Client, graph: Graph):
    some = tuple(entity.id for entity in graph.whole().entities[:400])
    ends = {"source": "NSC", "target": some, "max_hops": 1, "limit": 500}
    assert client.find_paths(**ends).total == graph.find_paths(**ends).total > 5


def test_tables_and_networkx(client: Client):
    found = client.find_paths(**ENDS)
    table = paths_frame(found.paths)
    assert list(table["statements"].iloc[0]) == ["SC043", "SC121"]
    assert list(table["length"]) == [path.length for path in found.paths]
    weighed = table[[f"score_{part.name}" for part in found.paths[0].score_parts]].sum(axis=1)
    assert list(weighed) == pytest.approx([path.score for path in found.paths])
    drawn = client.path_graph(**ENDS)
    statements = statements_frame(drawn)
    assert set(statements["id"]) == {s for row in table["statements"] for s in row}
    joined = to_networkx(drawn)
    assert networkx.has_path(joined, "CL:0000047", "CL:0000540")
    assert paths_frame(()).empty


def test_what_is_wrong_is_raised_as_the_service_says_it(client: Client):
    with pytest.raises(ServiceError, match="Did you mean neuron") as unknown:
        client.find_paths(source="NSC", target="neurom")
    assert (unknown.value.status, unknown.value.kind) == (422, "unknown-entity")
    with pytest.raises(ServiceError, match="SC999"):
        client.statement("SC999")
    with pytest.raises(ServiceError, match="max_hops"):
        client.stream_paths(**ENDS, max_hops=99)
    with pytest.raises(ServiceError, match="Is it the address of a service"):
        Client("http://127.0.0.1:9", retries=0).entity("GDNF")


def test_exports_are_the_bytes_of_the_format(client: Client):
    assert client.export("paths", "svg", **ENDS).startswith(b"<svg")
    assert b"statement:SC061" in client.export("statements/SC061", "turtle")


def test_what_stands_is_taken_from_the_cache(data_directory, tmp_path):
    log = tmp_path / "server.log"
    with serving(data_directory, log, workers=1) as running, Client(running.url) as client:
        first = client.find_paths(**ENDS)
        assert client.find_paths(**ENDS) == first
    lines = [line for line in log.read_text().splitlines() if "/paths " in line]
    statuses = [line.split('" ')[1][:3] for line in lines]
    assert statuses == ["200", "304"]


def test_a_busy_service_is_asked_again(data_directory, tmp_path):
    log = tmp_path / "server.log"
    with (
        serving(data_directory, log, workers=1, threads=3, queue=0) as running,
        ThreadPoolExecutor(3) as pool,
        Client(running.url, retries=100) as client,
    ):
        long = {**MANY, "max_hops": 8, "limit": 1000, "diverse": "metapath"}
        answers = [pool.submit(client.find_paths, **long) for _ in range(3)]
        assert all(answer.result().paths for answer in answers)
    assert '" 429 ' in log.read_text()


def test_a_stream_that_is_closed_stops_the_work(data_directory, tmp_path):
    log = tmp_path / "server.log"
    with serving(data_directory, log, workers=1) as running, Client(running.url) as client:
        with client.stream_paths(**{**MANY, "max_hops": 8}, limit=10_000) as stream:
            next(stream)
        until(lambda: 'ended="client"' in running.get("/metrics").text)
