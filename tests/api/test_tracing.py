"""Traces: what a collector gets over HTTP for requests at several doors."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from mechkg.api.http.app import create_app
from mechkg.api.http.settings import Settings
from mechkg.kg.errors import QueryError

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = "00f067aa0ba902b7"


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        assert self.path == "/v1/traces"
        self.server.got.append(ExportTraceServiceRequest.FromString(body))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def collector() -> Iterator[ThreadingHTTPServer]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.got = []
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def spans(collector: ThreadingHTTPServer) -> list[dict[str, Any]]:
    return [
        {
            "name": span.name, "id": span.span_id.hex(), "parent": span.parent_span_id.hex(),
            "trace": span.trace_id.hex(), "by": span.end_time_unix_nano - span.start_time_unix_nano,
            **{a.key: a.value.string_value or a.value.int_value for a in span.attributes},
        }
        for request in collector.got
        for resource in request.resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]  # fmt: skip


def test_requests_and_their_steps_are_spans(data_directory: Path, collector) -> None:
    endpoint = f"http://127.0.0.1:{collector.server_port}"
    app = create_app(Settings(data=data_directory, graph="ms-nsc", otel_endpoint=endpoint))
    client = app.test_client()
    headers = {"traceparent": f"00-{TRACE}-{PARENT}-01", "X-Request-ID": "own"}
    found = client.get("/api/v1/entities/CL:0000047?format=json", headers=headers)
    assert found.status_code == 200
    graph = {"nodes": {"a": {"ids": ["CL:0000047"]}, "b": {}},
             "edges": {"e": {"subject": "a", "object": "b"}}}  # fmt: skip
    question = {"message": {"query_graph": graph}}
    assert client.post("/trapi/2.0/query", json=question).status_code == 200
    assert client.get("/api/v1/entities/secret-name").status_code == 404
    snapshot = client.get("/version").json["snapshot"]
    app.extensions["mechkg-tracing"].close()
    got = spans(collector)
    (entity,) = (span for span in got if span.get("mechkg.request_id") == "own")
    assert (entity["trace"], entity["parent"]) == (TRACE, PARENT)
    assert entity["name"].startswith("GET /api/v1/entities/")
    assert entity["http.response.status_code"] == 200
    assert (entity["mechkg.door"], entity["mechkg.outcome"]) == ("api", "answered")
    assert entity["mechkg.snapshot"] == snapshot
    steps = [span for span in got if span["parent"] == entity["id"]]
    assert [span["name"] for span in steps] == ["queue", "search", "write"]
    assert sum(span["by"] for span in steps) <= entity["by"]
    (trapi,) = (span for span in got if span.get("mechkg.door") == "trapi")
    assert [s["name"] for s in got if s["parent"] == trapi["id"]] == ["search"]
    assert "secret-name" not in str(collector.got)


def test_nothing_is_traced_without_the_setting(data_directory: Path) -> None:
    app = create_app(Settings(data=data_directory, graph="ms-nsc"))
    assert app.test_client().get("/api/v1/entities/CL:0000047").status_code == 200
    assert "mechkg-tracing" not in app.extensions


def test_the_setting_needs_the_extra_and_an_address(
    data_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(QueryError, match="MECHKG_OTEL_ENDPOINT must be an address"):
        Settings.gather({"MECHKG_OTEL_ENDPOINT": "collector:4318"})
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    settings = Settings(data=data_directory, otel_endpoint="http://127.0.0.1:1")
    with pytest.raises(QueryError, match=r"mechkg\[otel\]"):
        create_app(settings)
