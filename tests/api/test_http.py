"""What every answer carries: validators, compression, headers for browsers, methods."""

from __future__ import annotations

import pytest
import requests

from tests.api.servers import Service
from tests.processes import PATIENCE

PATHS = "/api/v1/paths?source=NSC&target=neuron&max_hops=2"

ROUTES = (
    PATHS,
    "/api/v1/search?q=GDNF",
    "/api/v1/entities/CL:0000047",
    "/api/v1/entities/CL:0000047/neighbourhood",
    "/api/v1/statements/SC061",
    "/api/v1/graph",
    "/api/v1/schema",
    "/api/v1/metagraph",
    "/api/v1/overview",
    "/openapi.json",
)


@pytest.mark.parametrize("path", ROUTES)
@pytest.mark.parametrize("encoding", ["identity", "gzip", "br", "zstd"])
def test_a_copy_is_confirmed_by_its_tag(service: Service, path, encoding):
    accepting = {"Accept-Encoding": encoding}
    first = service.get(path, headers=accepting)
    tag = first.headers["ETag"]
    again = service.get(path, headers={**accepting, "If-None-Match": f'"other", {tag}'})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
    assert service.get(path, headers={**accepting, "If-None-Match": '"other"'}).status_code == 200
    assert "Accept-Encoding" in again.headers["Vary"]


def test_a_tag_belongs_to_one_question_and_one_format(service: Service):
    tags = {
        service.get(PATHS + more).headers["ETag"]
        for more in ("", "&limit=3", "&direction=undirected", "&format=ttl", "&format=svg")
    }
    assert len(tags) == 5
    same = service.get(PATHS + "&limit=10&min_hops=1").headers["ETag"]
    assert same in tags, "defaults that are written out ask the same question"
    by_accept = service.get(PATHS, headers={"Accept": "text/turtle"}).headers["ETag"]
    assert by_accept in tags


@pytest.mark.parametrize("encoding", ["gzip", "br", "zstd"])
@pytest.mark.parametrize("format_name", ["json", "turtle", "svg"])
def test_compression_loses_nothing(service: Service, encoding, format_name):
    path = f"/api/v1/graph?format={format_name}"
    if format_name == "svg":
        path = "/api/v1/entities/NSC?format=svg"
    plain = service.get(path, headers={"Accept-Encoding": "identity"})
    packed = service.get(path, headers={"Accept-Encoding": encoding}, stream=True)
    length = int(packed.headers["Content-Length"])
    assert packed.headers["Content-Encoding"] == encoding
    assert length < len(plain.content) / 2
    if encoding == "gzip":  # the client reads the others only with optional packages
        assert packed.content == plain.content
    packed.close()


@pytest.mark.parametrize(
    ("accepted", "sent"),
    [
        ("br;q=0, gzip;q=0, identity;q=0", None),
        ("br;q=0, *", "zstd"),
        ("*;q=0", None),
        ("*;q=0, gzip", "gzip"),
        ("br;q=0.2, gzip;q=0.9", "gzip"),
        ("gzip;q=0.5, identity", None),
        ("x-other", None),
        ("", None),
    ],
)
def test_an_encoding_of_quality_0_is_not_sent(service: Service, accepted, sent):
    answer = service.get("/api/v1/schema", headers={"Accept-Encoding": accepted}, stream=True)
    assert answer.headers.get("Content-Encoding") == sent
    answer.close()


@pytest.mark.parametrize("path", [*ROUTES, "/", "/docs", "/healthz", "/api/v1/nothing"])
def test_headers_keep_browsers_from_guessing_and_running(service: Service, path):
    headers = service.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in headers
    assert "Set-Cookie" not in headers


def test_a_picture_is_sandboxed(service: Service):
    policy = service.get(f"{PATHS}&format=svg").headers["Content-Security-Policy"]
    assert "sandbox" in policy
    assert "script-src" not in policy


@pytest.mark.parametrize("path", ROUTES)
def test_head_is_get_without_the_body(service: Service, path):
    got = service.get(path, headers={"Accept-Encoding": "identity"})
    head = requests.head(
        service.url + path, headers={"Accept-Encoding": "identity"}, timeout=PATIENCE
    )
    assert (head.status_code, head.content) == (200, b"")
    for name in ("Content-Type", "Content-Length", "ETag"):
        assert head.headers[name] == got.headers[name]


def test_another_origin_may_ask(service: Service):
    answer = requests.options(
        f"{service.url}/api/v1/paths",
        headers={
            "Origin": "https://example.org",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "content-type",
        },
        timeout=PATIENCE,
    )
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "POST" in answer.headers["Access-Control-Allow-Methods"]
    assert "Content-Type" in answer.headers["Access-Control-Allow-Headers"]
    assert "ETag" in answer.headers["Access-Control-Expose-Headers"]


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/api/v1/paths", {"GET", "HEAD", "OPTIONS", "POST"}),
        ("GET", "/api/v1/subgraph", {"OPTIONS", "POST"}),
        ("DELETE", "/api/v1/graph", {"GET", "HEAD", "OPTIONS"}),
        ("POST", "/healthz", {"GET", "HEAD", "OPTIONS"}),
    ],
)
def test_a_wrong_method_is_told_the_right_ones(service: Service, method, path, allowed):
    answer = requests.request(method, service.url + path, timeout=PATIENCE)
    assert answer.status_code == 405
    assert set(answer.headers["Allow"].split(", ")) == allowed


def test_a_format_by_parameter_suffix_and_accept(service: Service):
    for path in ("/api/v1/graph", "/api/v1/entities/CL:0000047", "/api/v1/statements/SC061"):
        by_suffix = service.get(f"{path}.ttl")
        assert by_suffix.headers["Content-Type"].startswith("text/turtle")
        assert service.get(f"{path}?format=turtle").content == by_suffix.content
        assert service.get(path, headers={"Accept": "text/turtle"}).content == by_suffix.content
        preferred = service.get(f"{path}.ttl?format=nt", headers={"Accept": "image/svg+xml"})
        assert preferred.headers["Content-Type"].startswith("application/n-triples")
    query = PATHS.partition("?")[2]
    assert service.get(f"/api/v1/paths.svg?{query}").headers["Content-Type"].startswith("image/svg")
    around = service.get("/api/v1/entities/CL:0000047/neighbourhood.ttl")
    assert around.headers["Content-Type"].startswith("text/turtle")
    assert service.get("/api/v1/graph.docx").status_code == 404


def test_a_posted_query_takes_its_format(service: Service):
    query = {"source": ["NSC"], "target": ["neuron"], "format": "ttl"}
    answer = service.post("/api/v1/paths", json=query)
    assert answer.headers["Content-Type"].startswith("text/turtle")
