"""The OpenAPI description is valid, whole, and true: what it promises is what comes."""

from __future__ import annotations

import re
from collections.abc import Iterator

import hypothesis
import jsonschema
import pytest
import schemathesis
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from mechkg.api.http.app import create_app
from mechkg.api.http.settings import Settings
from tests.api.servers import Service, serving, wait_for_store
from tests.processes import PATIENCE

HIDDEN = {"/assets/{name}", "/docs/{name}", "/icon.svg", "/page.css"}
"""Files that belong to pages."""


@pytest.fixture(scope="module")
def description(service: Service) -> dict:
    return service.get("/openapi.json").json()


def test_the_description_is_valid(description):
    OpenAPIV31SpecValidator(description).validate()


def test_every_route_is_described_and_every_description_is_a_route(description, data_directory):
    app = create_app(Settings(data=data_directory))
    rules: dict[str, set[str]] = {}
    for rule in app.url_map.iter_rules():  # several may be of one address, with other methods
        path = re.sub(r"<(?:[^:<>]+:)?(\w+)>", r"{\1}", rule.rule)
        rules.setdefault(path, set()).update(
            {m.lower() for m in rule.methods} - {"head", "options"}
        )
    described = {path: set(item) for path, item in description["paths"].items()}
    assert described == {path: methods for path, methods in rules.items() if path not in HIDDEN}


def test_every_parameter_and_response_is_explained(description):
    for path, item in description["paths"].items():
        for operation in item.values():
            assert operation["summary"], path
            for parameter in operation.get("parameters", ()):
                assert parameter["description"], (path, parameter)
    for response in description["components"]["responses"].values():
        assert response["description"]


def test_the_examples_are_answered_as_described(description, service: Service):
    wait_for_store(service)
    for path, item in description["paths"].items():
        for method, operation in item.items():
            if re.search(
                "{(suffix|job_id|changeset)}", path
            ):  # there is no job or change to ask about
                continue
            if operation.get("security") == [{"token": []}]:  # see tests/api/test_curation.py
                continue
            answer = _ask(service, path, method, operation)
            assert answer.status_code == 200, (path, answer.text)
            kind = answer.headers["Content-Type"].partition(";")[0]
            content = operation["responses"]["200"]["content"]
            assert kind in content, path
            schema = content[kind].get("schema")
            if kind == "application/json" and schema:
                jsonschema.Draft202012Validator({**description, **schema}).validate(answer.json())


def _ask(service, path, method, operation):
    if method == "post":
        kind, content = next(iter(operation["requestBody"]["content"].items()))
        if kind != "application/json":
            return service.post(path, data=content["example"], headers={"Content-Type": kind})
        return service.post(path, json=content["example"])
    parameters = {p["name"]: p for p in operation.get("parameters", ()) if "example" in p}
    in_path = {n: p["example"] for n, p in parameters.items() if p["in"] == "path"}
    query = {n: p["example"] for n, p in parameters.items() if p["in"] == "query"}
    return service.get(path.format(**in_path), params=query)


@pytest.fixture(scope="module")
def hasty(data_directory, tmp_path_factory) -> Iterator[Service]:
    """A server that searches for half a second at most: generated questions are hard ones."""
    log = tmp_path_factory.mktemp("hasty") / "server.log"
    with serving(data_directory, log, graph="ms-nsc", query_seconds=0.5) as running:
        wait_for_store(running)
        yield running


def test_no_generated_request_breaks_the_service(hasty: Service):
    service = hasty
    schema = schemathesis.openapi.from_url(f"{service.url}/openapi.json")
    asked = 0
    for result in schema.get_all_operations():
        operation = result.ok()
        if operation.path in {"/docs", "/openapi.json", "/metrics"}:
            continue

        @hypothesis.settings(
            max_examples=15,
            database=None,
            suppress_health_check=list(hypothesis.HealthCheck),
        )
        @hypothesis.given(case=operation.as_strategy())
        def ask(case):
            nonlocal asked
            asked += 1
            case.call_and_validate(
                base_url=service.url,
                timeout=PATIENCE,
                checks=[
                    not_a_server_error,
                    status_code_conformance,
                    content_type_conformance,
                    response_schema_conformance,
                ],
            )

        ask()
    assert asked > 100
    assert "Traceback" not in service.log.read_text()
