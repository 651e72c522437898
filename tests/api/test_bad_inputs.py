"""The sheet of bad inputs, against a running server: status, type and sentence of each."""

from __future__ import annotations

import jsonschema
import msgspec
import pytest

from mechkg.api.http.problems import BASE, MEDIA_TYPE, Problem
from tests.api.bad_inputs import BAD_INPUTS, BadInput, table
from tests.api.servers import Service


@pytest.mark.parametrize("bad", BAD_INPUTS, ids=lambda bad: bad.title)
def test_bad_input(service: Service, bad: BadInput):
    answer = bad.ask(service.url)
    problem = answer.json()
    assert answer.status_code == problem["status"] == bad.status, problem
    assert answer.headers["Content-Type"] == MEDIA_TYPE
    assert problem["type"] == BASE + bad.slug
    assert bad.says in problem["detail"]
    jsonschema.validate(problem, msgspec.json.schema(Problem))


def test_offers_can_be_asked_for(service: Service):
    problem = service.get("/api/v1/paths?source=interferon&target=neuron").json()
    assert len(problem["candidates"]) > 1
    for candidate in problem["candidates"]:
        found = service.get(f"/api/v1/entities/{candidate['id']}").json()
        assert found["name"] == candidate["name"]


def test_the_service_is_unhurt(service: Service):
    for bad in BAD_INPUTS:
        bad.ask(service.url)
    assert service.get("/readyz").json() == {"status": "ready"}
    assert "Traceback" not in service.log.read_text()


def test_the_sheet_can_be_printed(service: Service):
    lines = table(service.url).splitlines()
    assert len(lines) == len(BAD_INPUTS) + 2
