"""The routes of the service itself: health, version, metrics, and the pages."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from tests.api.servers import Service
from tests.processes import PATIENCE


def metrics(service: Service) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(service.get("/metrics").text)
        for sample in family.samples
    }


def test_health_readiness_and_version(service: Service):
    assert service.get("/healthz").json() == {"status": "ok"}
    assert service.get("/readyz").json() == {"status": "ready"}
    version = service.get("/version").json()
    assert version["graph"] == "ms-nsc"
    assert (
        service.get("/api/v1/paths?source=NSC&target=GDNF").json()["snapshot"]
        == (version["snapshot"])
    )


def test_metrics_count_over_all_workers(service: Service):
    key = (
        "mechkg_requests_total",
        (("method", "GET"), ("route", "/api/v1/statements/<path:statement>"), ("status", "200")),
    )
    before = metrics(service).get(key, 0)
    for number in range(40):  # each on its own connection, so that both workers get some
        assert service.get(f"/api/v1/statements/SC{number + 1:03}").status_code in {200, 404}
    after = metrics(service)
    found = sum(
        service.get(f"/api/v1/statements/SC{number + 1:03}").status_code == 200
        for number in range(40)
    )
    assert after[key] - before == found > 0


def test_metrics_are_few_and_know_the_snapshot(service: Service):
    for number in range(20):
        service.get(f"/nowhere/{number}")
        requests.request(f"VERB{chr(65 + number)}", service.url + "/", timeout=PATIENCE)
    samples = metrics(service)
    requests_counted = [dict(labels) for name, labels in samples if name == "mechkg_requests_total"]
    assert {"unknown"} == {r["route"] for r in requests_counted if "nowhere" in str(r)} | {
        "unknown"
    }
    assert {r["method"] for r in requests_counted} <= {"GET", "HEAD", "POST", "OPTIONS", "other"}
    assert not any("nowhere" in r["route"] for r in requests_counted)
    version = service.get("/version").json()
    info = (("hash", version["snapshot"]), ("name", "ms-nsc"))
    assert samples["mechkg_snapshot_info", info] == 1
    assert samples["mechkg_entities", ()] == version["entities"]
    service.get("/api/v1/paths?source=NSC&target=neuron&limit=3&max_hops=2")
    later = metrics(service)
    returned = ("mechkg_paths_returned_total", ())
    assert later[returned] - samples.get(returned, 0) == 3
    count = ("mechkg_request_seconds_count", (("route", "/api/v1/paths"),))
    assert later[count] > samples.get(count, 0)


class Page(HTMLParser):
    """What a page links to, what it runs, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.tags: list[str] = []
        self.labelled: set[str] = set()
        self.fields: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.tags.append(tag)
        self.links += [given[name] for name in ("href", "src", "action") if given.get(name)]
        if tag == "label":
            self.labelled.add(given["for"])
        if tag == "input":
            self.fields.add(given["id"])


def test_the_table_answers_without_javascript(service: Service):
    page = Page(service.get("/table").text)
    assert "script" not in page.tags
    assert page.fields == page.labelled == {"source", "target", "max_hops"}
    answer = service.get("/table?source=NSC&target=neuron&max_hops=2")
    page = Page(answer.text)
    assert "glial cell derived neurotrophic factor" in answer.text or "GDNF" in answer.text
    assert "script" not in page.tags
    pictures = [link for link in page.links if link.startswith("/api/v1/paths.svg?")]
    assert pictures
    for link in page.links:
        assert link.startswith("/"), "nothing from another host"
        assert service.get(link).status_code == 200


@pytest.mark.parametrize(
    ("query", "status", "says"),
    [
        ("source=<script>alert(1)</script>&target=neuron", 422, "names no entity"),
        ("source=interferon&target=neuron", 422, "is ambiguous"),
        ("source=NSC", 422, "target is missing"),
        ("source=NSC&target=neuron&max_hops=99", 422, "at most 8"),
    ],
)
def test_the_table_says_what_is_wrong(service: Service, query, status, says):
    answer = service.get(f"/table?{query}")
    assert answer.status_code == status
    assert answer.headers["Content-Type"].startswith("text/html")
    assert says in answer.text
    assert "<script" not in answer.text
    for link in Page(answer.text).links:
        if link.startswith("/table?"):
            assert service.get(link).status_code == 200


def test_the_documentation_is_whole_and_local(service: Service):
    page = service.get("/docs")
    links = Page(page.text).links
    assert "/docs/swagger-ui-bundle.js" in links
    for link in links:
        assert link.startswith("/")
        assert service.get(link).status_code == 200
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert "http" not in service.get("/docs/docs.js").text
    for name in ("../settings.py", "..%2fsettings.py", "swagger-ui.js", "LICENSE"):
        assert service.get(f"/docs/{name}").status_code == 404
    bundled = service.get("/docs/swagger-ui-bundle.js").text
    assert re.search(r"OpenAPI 3\.1|openapi:3\.1|3\.1\.", bundled)
