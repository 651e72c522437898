"""A statement that is named by what it says is found under that name at every door."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from mechkg.api.http.app import create_app
from mechkg.api.http.settings import Settings
from mechkg.kg.build.load import load
from mechkg.kg.graph import open_graph
from mechkg.kg.model.biolink import biolink_schema
from mechkg.kg.readers import FORMATS as TABLES
from mechkg.kg.snapshot.catalogue import Catalogue
from mechkg.ontology.rdf.readers import FORMATS as RDF

EDGES = """subject\tpredicate\tobject\tspecies
CL:0000047\tbiolink:produces\tHGNC:4232\t
CL:0000047\tbiolink:produces\tHGNC:4232\trat
http://example.org/a b\tbiolink:affects\tHGNC:4232\t
"""


def loaded(data: Path, name: str, *files: Path) -> Path:
    done = load(files, data / name, name=name, schema=biolink_schema(), formats=(*TABLES, *RDF))
    Catalogue(data).publish(name, done.path)
    return done.path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("names")
    (folder / "edges.tsv").write_text(EDGES)
    loaded(folder / "data", "lab", folder / "edges.tsv")
    return folder


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[FlaskClient]:
    with create_app(Settings(data=folder / "data", graph="lab")).test_client() as client:
        yield client


@pytest.fixture(scope="module")
def names(client: FlaskClient) -> list[str]:
    return [statement["id"] for statement in client.get("/api/v1/graph").json["statements"]]


def test_names_begin_with_the_triple(names: list[str]) -> None:
    assert len(set(names)) == 3
    assert sorted(n.partition("~")[0] for n in names) == ["CL:0000047"] * 2 + [
        "http://example.org/a b"
    ]


def test_statements_are_served_under_their_names(client: FlaskClient, names: list[str]) -> None:
    for name in names:
        found = client.get(f"/api/v1/statements/{quote(name, safe='')}")
        assert found.json["id"] == name
        turtle = client.get(f"/api/v1/statements/{quote(name, safe='')}.nt").text
        assert f"<https://w3id.org/mechkg/statement/{quote(name, safe='')}>" in turtle
        linked = client.get(f"/id/statement/{quote(quote(name, safe=''), safe='')}")
        assert linked.status_code == 303
        assert client.get(linked.location).json["id"] == name
        assert client.get(f"/about/statement/{quote(quote(name, safe=''), safe='')}",
                          headers={"Accept": "text/html"}).status_code == 200  # fmt: skip


def test_trapi_keys_edges_by_these_names(client: FlaskClient, names: list[str]) -> None:
    query = {"query_graph": {"nodes": {"a": {"ids": ["CL:0000047"]}, "b": {}},
                             "edges": {"e": {"subject": "a", "object": "b"}}}}  # fmt: skip
    answer = client.post("/trapi/2.0/query", json={"message": query})
    edges = answer.json["message"]["knowledge_graph"]["edges"]
    assert set(edges) == {name for name in names if name.startswith("CL:0000047")}


def test_names_are_the_same_in_any_load(
    client: FlaskClient, folder: Path, names: list[str]
) -> None:
    head, *lines = EDGES.splitlines()
    more = ["A:1\tbiolink:affects\tCL:0000047\t", *reversed(lines)]
    other = folder / "other.tsv"
    other.write_text("\n".join([head, *more, ""]))
    turtle = folder / "again.ttl"
    turtle.write_bytes(client.get("/api/v1/graph.ttl").data)
    for number, files in enumerate([(other,), (turtle,), (turtle, folder / "edges.tsv", other)]):
        path = loaded(folder / f"again{number}", "lab", *files)
        found = {s.id for s in open_graph(path).whole().statements}
        assert set(names) <= found, json.dumps(sorted(found))
