"""Who may read answers through a browser, and under which names the server is reached."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.api.servers import Service, serving
from tests.processes import PATIENCE

ALLOWED = "https://portal.example"
ADDRESSES = ("/api/v1/schema", "/sparql?query=ASK{}", "/openapi.json", "/nothing", "/")


@pytest.fixture(scope="module")
def closed(data_directory: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A server that one origin may read, and that is reached under two names."""
    log = tmp_path_factory.mktemp("closed") / "log"
    settings = {
        "allow_origins": f" {ALLOWED}, http://other.example:81",
        "allow_hosts": "127.0.0.1,kg.example",
    }
    with serving(data_directory, log, graph="ms-nsc", workers=1, **settings) as running:
        yield running


def get(service: Service, address: str, **headers: str) -> requests.Response:
    return requests.get(service.url + address, headers=headers, timeout=PATIENCE)


@pytest.mark.parametrize("address", ADDRESSES)
def test_only_pages_of_an_allowed_origin_may_read(closed: Service, address: str):
    for origin in (ALLOWED, ALLOWED.upper(), "http://other.example:81"):
        answer = get(closed, address, Origin=origin)
        assert answer.headers["Access-Control-Allow-Origin"] == origin.lower()
        assert "Origin" in answer.headers["Vary"]
    for origin in (
        "https://evil.example",
        "null",
        f"{ALLOWED}.evil.example",
        "http://portal.example",
    ):
        answer = get(closed, address, Origin=origin)
        assert "Access-Control-Allow-Origin" not in answer.headers
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "Origin" in answer.headers["Vary"]


def test_a_preflight_of_another_origin_is_not_granted(closed: Service):
    asked = {"Access-Control-Request-Method": "POST"}
    for origin, granted in ((ALLOWED, True), ("https://evil.example", False)):
        answer = requests.options(
            f"{closed.url}/api/v1/paths", headers={**asked, "Origin": origin}, timeout=PATIENCE
        )
        assert ("Access-Control-Allow-Methods" in answer.headers) is granted


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_request_under_another_name_is_refused(closed: Service, address: str):
    for host in ("kg.example", "KG.example:8000", "127.0.0.1"):
        assert get(closed, address, Host=host).status_code != 421
    for host in ("evil.example", "kg.example.evil.example", "127.0.0.1.evil.example:80"):
        answer = get(closed, address, Host=host)
        assert answer.status_code == 421
        assert answer.json()["type"].endswith("/misdirected-request")
