"""What an operator sees of a server: metrics, logs as JSON, workers that are replaced."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from mechkg.api.http.counters import Counters
from mechkg.api.http.lanes import Lane, Lanes
from mechkg.api.http.metric_names import CURRENT, GROWING, HISTOGRAMS, LEVELS
from mechkg.kg.snapshot.catalogue import Catalogue
from tests.api.servers import Service, serving, until
from tests.processes import PATIENCE

DOCUMENT = Path(__file__).parents[2] / "docs" / "operations.md"
WORKER_REQUESTS = 10


def samples(service: Service) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(service.get("/metrics").text)
        for sample in family.samples
    }


def value(service: Service, name: str, **labels: str) -> float:
    return samples(service).get((name, frozenset(labels.items())), 0.0)


@pytest.fixture(scope="module")
def watched(data_directory: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A server that writes JSON, and whose one worker is replaced after some requests."""
    log = tmp_path_factory.mktemp("watched") / "log"
    options = {"log_format": "json", "workers": 1, "worker_requests": WORKER_REQUESTS}
    with serving(data_directory, log, graph="ms-nsc", **options) as running:
        yield running


def test_a_worker_is_replaced_after_so_many_requests_and_nothing_fails(watched: Service):
    for _ in range(3 * WORKER_REQUESTS):
        assert watched.get("/api/v1/entities/CL:0000047").status_code == 200
    assert value(watched, "mechkg_workers_started_total") > 2
    assert value(watched, "mechkg_door_seconds_count", door="api", outcome="answered") >= 30


def test_every_line_of_the_log_is_an_object_with_the_request_that_it_is_about(watched: Service):
    given = "trace-1:a"
    answer = watched.get("/api/v1/search?q=secret-word", headers={"X-Request-ID": given})
    assert answer.headers["X-Request-ID"] == given
    until(lambda: given in watched.log.read_text())
    lines = [json.loads(line) for line in watched.log.read_text().splitlines()]
    (line,) = (line for line in lines if line.get("request_id") == given)
    assert (line["method"], line["path"], line["status"]) == ("GET", "/api/v1/search", 200)
    assert line["milliseconds"] >= 0
    assert "secret-word" not in watched.log.read_text()
    assert all({"time", "level", "logger", "message"} <= set(line) for line in lines)


def test_requests_are_timed_by_door_and_outcome(service: Service):
    asked = (
        ("api", "answered", "/api/v1/entities/CL:0000047"),
        ("api", "refused", "/api/v1/entities/none-such"),
        ("linked_data", "refused", "/id/nothing-of-the-kind/x"),
        ("trapi", "answered", "/trapi/2.0/meta_knowledge_graph"),
        ("sparql", "refused", "/sparql?query=nonsense"),
        ("curation", "answered", "/api/v1/changesets"),
        ("service", "answered", "/version"),
        ("other", "refused", "/nowhere"),
    )
    name = "mechkg_door_seconds_count"
    before = {row[:2]: value(service, name, door=row[0], outcome=row[1]) for row in asked}
    for _, _, path in asked:
        service.get(path)
    for door, outcome, _ in asked:
        assert value(service, name, door=door, outcome=outcome) > before[door, outcome], door


def test_what_is_served_and_on_what_is_measured(service: Service):
    link = Catalogue(service.data).path("ms-nsc").parent / "current"
    assert value(service, "mechkg_snapshot_timestamp_seconds") == pytest.approx(
        link.lstat().st_mtime
    )
    assert value(service, "mechkg_snapshot_broken") == 0
    states = [value(service, "mechkg_rdf_store_state", state=state)
              for state in ("ready", "making", "missing")]  # fmt: skip
    assert sum(states) == 1
    assert value(service, "mechkg_disk_free_bytes") > 0
    assert value(service, "mechkg_processes", process="master") == 1
    assert value(service, "mechkg_processes", process="worker") >= 2
    held = value(service, "mechkg_memory_bytes", process="worker", kind="anonymous")
    status = Path(f"/proc/{service.process.pid}/status").read_text()
    (own,) = re.findall(r"RssAnon:\s+(\d+) kB", status)
    assert held > int(own) << 10  # two workers have more than their master


def test_a_lane_counts_who_works_waits_is_refused_and_goes_away():
    counted: dict[tuple[str, str], float] = {}

    def count(lane: str, what: str, amount: float) -> None:
        counted[lane, what] = counted.get((lane, what), 0.0) + amount

    lane = Lane(1, 1, 0.01, "one", count)
    lane.enter("a")
    assert counted["one", "working"] == 1
    with pytest.raises(Exception, match="429"):
        lane.enter("b")
    assert (counted["one", "waits"], counted["one", "refused"]) == (1, 1)
    assert counted["one", "waiting"] == 0
    assert counted["one", "wait_seconds"] >= 0.01
    lane.leave("a", 0.1)
    assert counted["one", "working"] == 0
    lanes = Lanes(4, 0, PATIENCE, lambda _: (1, 1), count)
    with lanes.turn("kind", "a", light=True) as turn:
        turn.cancel()
    assert counted["look_ups", "cancelled"] == 1
    assert counted["look_ups", "working"] == 0


def test_levels_end_with_the_process_that_they_are_of_and_counts_do_not():
    counters = Counters(parts=2, levels=["level"])
    counters.add("level", ("a",), 2)
    counters.add("count")
    counters.take(0)  # a worker in the place of another
    assert counters.totals() == {("level", ("a",)): 0.0, ("count", ()): 1.0}
    counters.add("level", ("a",), 1)
    counters.take(1)
    counters.add("level", ("a",), 1)
    assert counters.totals()["level", ("a",)] == 2


def test_every_metric_is_documented_and_every_documented_metric_is_there(service: Service):
    """Names in backquotes that begin with mechkg_, in docs/operations.md."""
    service.get("/api/v1/paths?source=NSC&target=GDNF")
    measured = {family.name for family in text_string_to_metric_families(
        service.get("/metrics").text) if family.name.startswith("mechkg_")}  # fmt: skip
    tables = {**GROWING, **LEVELS, **HISTOGRAMS, **CURRENT}
    assert measured == set(tables)
    text = DOCUMENT.read_text()
    rows = re.findall(r"^\| `(mechkg_\w+)` \| ([^|]*) \|", text, re.MULTILINE)
    exposed = {**{f"{name}_total": row for name, row in GROWING.items()}, **LEVELS, **HISTOGRAMS,
               **CURRENT}  # fmt: skip
    assert {name: re.findall(r"`(\w+)`", labels) for name, labels in rows} == {
        name: list(labels) for name, (_, labels) in exposed.items()
    }
    ends = r"(?:_bucket|_count|_sum)?$"
    used = {re.sub(ends, "", name) for name in re.findall(r"\bmechkg_[a-z_]+", text)}
    assert used <= set(exposed)
