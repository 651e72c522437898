"""Prometheus metrics that are right under several worker processes.

Each worker writes its counts to files in `PROMETHEUS_MULTIPROC_DIR` and any worker can answer for
all. Labels are few: route templates, methods, statuses. What the current snapshot is, is read when
asked, not counted.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from typing import Any

from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from mechkg.api.http.graph_provider import GraphProvider
from mechkg.api.http.route import Route
from mechkg.kg.errors import MechKGError

__all__ = ["CONTENT_TYPE_LATEST", "Metrics"]

METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS"})
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """The counters of one application."""

    def __init__(self, served: GraphProvider) -> None:
        self._served = served
        self._registry = CollectorRegistry()
        labels = ("route", "method", "status")
        self._requests = Counter(
            "mechkg_requests", "Requests answered.", labels, registry=self._registry
        )
        self._seconds = Histogram(
            "mechkg_request_seconds",
            "Time from the first byte read by the application to the answer.",
            ("route",),
            buckets=BUCKETS,
            registry=self._registry,
        )
        self._queries = Counter(
            "mechkg_path_queries",
            "Path queries answered, by what cut them short.",
            ("truncated_by",),
            registry=self._registry,
        )
        self._paths = Counter("mechkg_paths_returned", "Paths returned.", registry=self._registry)
        self._streams = Counter(
            "mechkg_path_streams",
            "Streams of paths that have ended, by what ended them.",
            ("ended",),
            registry=self._registry,
        )

    def watch(self, app: Flask) -> None:
        """Count every request of an application."""

        @app.before_request
        def begin() -> None:
            g.began = time.perf_counter()

        @app.after_request
        def count(response: Response) -> Response:
            route = request.url_rule.rule if request.url_rule else "unknown"
            method = request.method if request.method in METHODS else "other"
            self._requests.labels(route, method, str(response.status_code)).inc()
            began = g.get("began")
            if began is not None:
                self._seconds.labels(route).observe(time.perf_counter() - began)
            return response

    def count(self, route: Route, answer: Any) -> None:
        """Count the paths of an answer."""
        if route.name == "paths":
            self._queries.labels(answer.truncated_by or "nothing").inc()
            self._paths.inc(len(answer.paths))

    def count_stream(self, ended: str, paths: int) -> None:
        """Count a stream: `ended` is complete, limit, time, client or error."""
        self._streams.labels(ended).inc()
        self._paths.inc(paths)

    def text(self) -> bytes:
        """Return all workers' metrics in the text format."""
        registry = self._registry
        if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        current = CollectorRegistry()
        current.register(_Current(self._served))
        return generate_latest(registry) + generate_latest(current)


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
