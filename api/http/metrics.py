"""Prometheus metrics that are right under several worker processes.

Workers count in memory that they share, and any of them can answer for all. Labels are few: route
templates, methods, statuses, doors, lanes. What the current snapshot is, how its RDF store is and
what memory is taken are read at each scrape, not counted.
"""

from __future__ import annotations

import os
import shutil
import time
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from mechkg.api.http.counters import Counters, Key
from mechkg.api.http.graph_provider import GraphProvider
from mechkg.api.http.metric_names import (
    CURRENT,
    DOOR_SECONDS,
    DOORS,
    GROWING,
    HISTOGRAMS,
    LANE,
    LEVELS,
    PATHS,
    QUERIES,
    REQUESTS,
    ROUTE_SECONDS,
    STREAMS,
    outcome,
)
from mechkg.api.http.processes import memory_of_tree
from mechkg.api.http.route import Route
from mechkg.kg.errors import MechKGError
from mechkg.kg.snapshot.catalogue import CURRENT as CURRENT_LINK

__all__ = ["CONTENT_TYPE_LATEST", "Metrics", "of_files", "of_store"]

METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS"})
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
BOUNDS: Final = (*map(str, BUCKETS), "+Inf")

Sample = tuple[str, tuple[str, ...], float]
"""A metric's name, the values of its labels, and its number."""


class Metrics:
    """The counters of one application; a worker process calls `counters.take` first.

    What is made before the workers are forked knows the process that they belong to.
    """

    def __init__(self, served: GraphProvider) -> None:
        self.counters = Counters(levels=LEVELS)
        self.states: list[Callable[[], Iterable[Sample]]] = [
            lambda: _of_snapshot(served),
            lambda: _of_processes(master),
        ]
        master = os.getpid()
        self._registry = CollectorRegistry()
        self._registry.register(_Counted(self.counters))
        self._registry.register(_Current(self.states))

    def watch(self, app: Flask) -> None:
        """Count every request of an application."""

        @app.before_request
        def begin() -> None:
            g.began = time.perf_counter()

        @app.after_request
        def count(response: Response) -> Response:
            route = request.url_rule.rule if request.url_rule else "unknown"
            method = request.method if request.method in METHODS else "other"
            self.counters.add(REQUESTS, (route, method, str(response.status_code)))
            began = g.get("began")
            if began is not None:
                seconds = time.perf_counter() - began
                door = DOORS.get(request.blueprint or "", "other")
                self._time(ROUTE_SECONDS, (route,), seconds)
                self._time(DOOR_SECONDS, (door, outcome(response.status_code)), seconds)
            return response

    def _time(self, name: str, labels: tuple[str, ...], seconds: float) -> None:
        self.counters.add(name, (*labels, BOUNDS[bisect_left(BUCKETS, seconds)]))
        self.counters.add(f"{name}_sum", labels, seconds)

    def count(self, route: Route, answer: Any) -> None:
        """Count the paths of an answer."""
        if route.name == "paths":
            self.counters.add(QUERIES, (answer.truncated_by or "nothing",))
            self.counters.add(PATHS, (), len(answer.paths))

    def count_stream(self, ended: str, paths: int) -> None:
        """Count a stream: `ended` is complete, limit, time, client or error."""
        self.counters.add(STREAMS, (ended,))
        self.counters.add(PATHS, (), paths)

    def count_lane(self, lane: str, what: str, amount: float) -> None:
        """Count what happens in a lane, as `CountLane` says."""
        self.counters.add(f"{LANE}_{what}", (lane,), amount)

    def text(self) -> bytes:
        """Return all workers' metrics in the text format."""
        return generate_latest(self._registry)


class _Counted(Collector):
    """What all workers have counted."""

    def __init__(self, counters: Counters) -> None:
        self._counters = counters

    def collect(self) -> Iterable[Metric]:
        totals = self._counters.totals()
        for family, table in ((CounterMetricFamily, GROWING), (GaugeMetricFamily, LEVELS)):
            for name, (description, labels) in table.items():
                metric = family(name, description, labels=labels)
                found = {values: n for (counter, values), n in totals.items() if counter == name}
                if not labels:
                    found.setdefault((), 0.0)
                for values, number in sorted(found.items()):
                    metric.add_metric(values, number)
                yield metric
        for name, (description, labels) in HISTOGRAMS.items():
            yield _histogram(name, description, labels, totals)


def _histogram(
    name: str, description: str, labels: tuple[str, ...], totals: Mapping[Key, float]
) -> Metric:
    metric = HistogramMetricFamily(name, description, labels=labels)
    for values in sorted(values for counter, values in totals if counter == f"{name}_sum"):
        buckets, total = [], 0.0
        for bound in BOUNDS:
            total += totals.get((name, (*values, bound)), 0.0)
            buckets.append((bound, total))
        metric.add_metric(values, buckets, totals[f"{name}_sum", values])
    return metric


class _Current(Collector):
    """What is at this moment, as functions say that read it."""

    def __init__(self, states: list[Callable[[], Iterable[Sample]]]) -> None:
        self._states = states

    def collect(self) -> Iterable[Metric]:
        found = [sample for state in self._states for sample in _read(state)]
        for name, (description, labels) in CURRENT.items():
            metric = GaugeMetricFamily(name, description, labels=labels)
            for _, values, number in (sample for sample in found if sample[0] == name):
                metric.add_metric(values, number)
            yield metric


def _read(state: Callable[[], Iterable[Sample]]) -> list[Sample]:
    """Return what a function reads, nothing where that is away: counting never fails a request."""
    try:
        return list(state())
    except (MechKGError, OSError):
        return []


def _of_snapshot(served: GraphProvider) -> Iterator[Sample]:
    """Yield what is served, and since when it has been the current version."""
    try:
        manifest = served.graph().manifest
    except MechKGError:
        yield "mechkg_snapshot_broken", (), 1
        return
    try:
        broken = bool(served.check())
    except MechKGError:
        broken = True
    yield "mechkg_snapshot_broken", (), broken
    yield "mechkg_snapshot_info", (manifest.name, manifest.hash), 1
    yield "mechkg_entities", (), manifest.counts.entities
    yield "mechkg_statements", (), manifest.counts.statements
    with suppress(OSError, MechKGError):  # what is behind an engine has no files here
        link = served.graph().snapshot.path.parent / CURRENT_LINK
        yield "mechkg_snapshot_timestamp_seconds", (), link.lstat().st_mtime


def of_files(data: Path, jobs: Path) -> Iterator[Sample]:
    """Yield what space the data directory has, and how many TRAPI jobs there are in another."""
    yield "mechkg_trapi_jobs", (), sum(1 for _ in jobs.glob("*.json"))
    with suppress(OSError):
        yield "mechkg_disk_free_bytes", (), shutil.disk_usage(data).free


def of_store(state: str) -> Iterator[Sample]:
    """Yield the state of the RDF store, an empty text where nothing is known of it."""
    for each in ("ready", "making", "missing") if state else ():
        yield "mechkg_rdf_store_state", (each,), state == each


def _of_processes(master: int) -> Iterator[Sample]:
    counts, held = memory_of_tree(master)
    for level, count in counts.items():
        yield "mechkg_processes", (level,), count
    for (level, kind), size in held.items():
        yield "mechkg_memory_bytes", (level, kind), size
