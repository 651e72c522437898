"""Prometheus metrics that are right under several worker processes.

Workers count in memory that they share, and any of them can answer for all. Labels are few: route
templates, methods, statuses. What the current snapshot is, is read at each scrape, not counted.
"""

from __future__ import annotations

import time
from bisect import bisect_left
from collections.abc import Iterable
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

from mechkg.api.http.counters import Counters
from mechkg.api.http.graph_provider import GraphProvider
from mechkg.api.http.route import Route
from mechkg.kg.errors import MechKGError

__all__ = ["CONTENT_TYPE_LATEST", "Metrics"]

METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS"})
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
BOUNDS: Final = (*map(str, BUCKETS), "+Inf")

REQUESTS, QUERIES, STREAMS, PATHS = (
    "mechkg_requests",
    "mechkg_path_queries",
    "mechkg_path_streams",
    "mechkg_paths_returned",
)
COUNTED: Final = {
    REQUESTS: ("Requests answered.", ("route", "method", "status")),
    QUERIES: ("Path queries answered, by what cut them short.", ("truncated_by",)),
    STREAMS: ("Streams of paths that have ended, by what ended them.", ("ended",)),
    PATHS: ("Paths returned.", ()),
}
"""The counters, with what they say and their labels."""

SECONDS: Final = "mechkg_request_seconds"
SECONDS_SUM: Final = "mechkg_request_seconds_sum"


class Metrics:
    """The counters of one application; a worker process calls `counters.take` first."""

    def __init__(self, served: GraphProvider) -> None:
        self.counters = Counters()
        self._registry = CollectorRegistry()
        self._registry.register(_Counted(self.counters))
        self._registry.register(_Current(served))

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
                self.counters.add(SECONDS, (route, BOUNDS[bisect_left(BUCKETS, seconds)]))
                self.counters.add(SECONDS_SUM, (route,), seconds)
            return response

    def count(self, route: Route, answer: Any) -> None:
        """Count the paths of an answer."""
        if route.name == "paths":
            self.counters.add(QUERIES, (answer.truncated_by or "nothing",))
            self.counters.add(PATHS, (), len(answer.paths))

    def count_stream(self, ended: str, paths: int) -> None:
        """Count a stream: `ended` is complete, limit, time, client or error."""
        self.counters.add(STREAMS, (ended,))
        self.counters.add(PATHS, (), paths)

    def text(self) -> bytes:
        """Return all workers' metrics in the text format."""
        return generate_latest(self._registry)


class _Counted(Collector):
    """What all workers have counted."""

    def __init__(self, counters: Counters) -> None:
        self._counters = counters

    def collect(self) -> Iterable[Metric]:
        totals = self._counters.totals()
        for name, (description, labels) in COUNTED.items():
            family = CounterMetricFamily(name, description, labels=labels)
            found = {values: n for (counter, values), n in totals.items() if counter == name}
            if not labels:
                found.setdefault((), 0.0)
            for values, number in sorted(found.items()):
                family.add_metric(values, number)
            yield family
        seconds = HistogramMetricFamily(
            SECONDS,
            "Time from the first byte read by the application to the answer.",
            labels=("route",),
        )
        for route in sorted({labels[0] for name, labels in totals if name == SECONDS_SUM}):
            buckets, total = [], 0.0
            for bound in BOUNDS:
                total += totals.get((SECONDS, (route, bound)), 0.0)
                buckets.append((bound, total))
            seconds.add_metric((route,), buckets, totals[SECONDS_SUM, (route,)])
        yield seconds


class _Current(Collector):
    """The snapshot that is served at this moment."""

    def __init__(self, served: GraphProvider) -> None:
        self._served = served

    def collect(self) -> Iterable[Metric]:
        try:
            manifest = self._served.graph().manifest
        except MechKGError:
            return
        info = GaugeMetricFamily(
            "mechkg_snapshot_info", "The snapshot that is served.", labels=("name", "hash")
        )
        info.add_metric((manifest.name, manifest.hash), 1)
        yield info
        yield GaugeMetricFamily(
            "mechkg_entities", "Entities of the snapshot.", manifest.counts.entities
        )
        yield GaugeMetricFamily(
            "mechkg_statements", "Statements of the snapshot.", manifest.counts.statements
        )
