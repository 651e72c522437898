"""An identifier that a graph has as a cross-reference names its entity at every door."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from mechkg.api.cli import main
from mechkg.api.http.app import create_app
from mechkg.api.http.settings import Settings
from mechkg.api.mcp.tools import Tools
from mechkg.kg.build.load import load
from mechkg.kg.errors import AmbiguousName
from mechkg.kg.graph import Graph, open_graph
from mechkg.kg.model.biolink import biolink_schema
from mechkg.kg.snapshot.catalogue import Catalogue

NODES = """id\tname\tcategory\txref
HGNC:4232\tGDNF\tbiolink:Gene\tNCBIGene:2668|UniProtKB:P39905|ENSEMBL:ENSG00000168621
HGNC:9967\tRET\tbiolink:Gene\tNCBIGene:5979|UMLS:C0073201
MONDO:0005301\tmultiple sclerosis\tbiolink:Disease\tDOID:2377|UMLS:C0026769|MESH:D009103
CHEBI:1\tone of two\tbiolink:SmallMolecule\tUMLS:C0000001
CHEBI:2\ttwo of two\tbiolink:SmallMolecule\tUMLS:C0000001
"""
EDGES = """subject\tpredicate\tobject
HGNC:4232\tbiolink:regulates\tHGNC:9967
HGNC:9967\tbiolink:contributes_to\tMONDO:0005301
CHEBI:1\tbiolink:treats\tMONDO:0005301
"""

PAIRS = (
    ("NCBIGene:2668", "DOID:2377"),
    ("ncbigene:2668", "UMLS:C0026769"),
    ("UniProtKB:P39905", "MESH:D009103"),
    ("UniProt:P39905", "https://identifiers.org/mesh/D009103"),
    ("ENSEMBL:ENSG00000168621", "umls:C0026769"),
    ("http://identifiers.org/ncbigene/2668", "http://purl.obolibrary.org/obo/DOID_2377"),
)
"""Spellings of what the graph has as cross-references of its source and its target."""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cross-references")
    files = folder / "lab_nodes.tsv", folder / "lab_edges.tsv"
    for file, text in zip(files, (NODES, EDGES), strict=True):
        file.write_text(text)
    done = load(files, folder / "data" / "lab", name="lab", schema=biolink_schema())
    Catalogue(folder / "data").publish("lab", done.path)
    return folder / "data"


@pytest.fixture(scope="module")
def graph(data: Path) -> Graph:
    return open_graph(data / "lab" / "current")


@pytest.fixture(scope="module")
def client(data: Path) -> Iterator[FlaskClient]:
    with create_app(Settings(data=data, graph="lab")).test_client() as client:
        yield client


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_paths_at_every_door(
    data: Path, client: FlaskClient, source: str, target: str, capfd: pytest.CaptureFixture[str]
) -> None:
    graph = open_graph(data / "lab" / "current")
    ends = {"source": source, "target": target}
    wanted = [e.id for e in graph.find_paths(**ends).paths[0].entities]
    assert wanted == ["HGNC:4232", "HGNC:9967", "MONDO:0005301"]

    def walked(answer: dict[str, Any]) -> list[str]:
        return [entity["id"] for entity in answer["paths"][0]["entities"]]

    assert walked(client.get("/api/v1/paths", query_string=ends).json) == wanted
    stream = client.post("/api/v1/paths/stream", json={k: [v] for k, v in ends.items()})
    assert walked({"paths": [json.loads(stream.text.splitlines()[0])]}) == wanted
    text = asyncio.run(Tools(lambda: graph).find_paths(source=(source,), target=(target,)))
    assert "1. (" in text
    with pytest.raises(SystemExit):
        main(["paths", source, target, "--data", str(data), "--graph", "lab", "--json"])
    assert walked(json.loads(capfd.readouterr().out)) == wanted
    assert client.get(f"/api/v1/search?q={source}").json["matches"][0]["id"] == wanted[0]


@pytest.mark.parametrize("version", ["2.0", "1.6"])
@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_trapi(client: FlaskClient, version: str, source: str, target: str) -> None:
    nodes = {"s": {"ids": [source]}, "m": {"categories": ["biolink:Gene"]}, "t": {"ids": [target]}}
    edges = {"a": {"subject": "s", "object": "m"}, "b": {"subject": "m", "object": "t"}}
    pathfinder = {"p": {"subject": "s", "object": "t"}}
    ends = {"s": nodes["s"], "t": nodes["t"]}
    for graph in ({"nodes": nodes, "edges": edges}, {"nodes": ends, "paths": pathfinder}):
        body = {"message": {"query_graph": graph}}
        answer = client.post(f"/trapi/{version}/query", json=body)
        assert answer.status_code == 200, answer.text
        (result,) = answer.json["message"]["results"]
        bound = json.dumps(result["node_bindings"])
        assert "HGNC:4232" in bound
        assert "MONDO:0005301" in bound
        assert source in bound  # as the identifier that was asked for


def test_one_of_several_entities_is_not_guessed(graph: Graph, client: FlaskClient) -> None:
    with pytest.raises(AmbiguousName, match="UMLS:C0000001"):
        graph.find_paths(source="UMLS:C0000001", target="DOID:2377")
    query = {
        "nodes": {"s": {"ids": ["UMLS:C0000001"]}, "t": {"ids": ["DOID:2377"]}},
        "edges": {"e": {"subject": "s", "object": "t"}},
    }
    answer = client.post("/trapi/2.0/query", json={"message": {"query_graph": query}}).json
    assert "AmbiguousIdentifier" in {entry["code"] for entry in answer["logs"]}
