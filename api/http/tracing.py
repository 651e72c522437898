"""Traces for OpenTelemetry: a span for each request, and for the steps of a search.

They are sent by OTLP over HTTP to the address of the setting `otel_endpoint`, from a thread of each
worker. Without that setting nothing of OpenTelemetry is imported, and `step` does nothing.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any, Final

from flask import Flask, Response, current_app, g, request

from mechkg.api.http.metric_names import DOORS, outcome
from mechkg.kg.errors import QueryError

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

__all__ = ["Tracing", "step", "tracing_of"]

EXTENSION: Final = "mechkg-tracing"


def step(name: str) -> AbstractContextManager[Any]:
    """Return a block of the current request that is a span of its own: queue, search, write."""
    tracing: Tracing | None = current_app.extensions.get(EXTENSION)
    return nullcontext() if tracing is None else tracing.step(name)


class Tracing:
    """Sends the spans of an application; `snapshot` returns the hash of what is served.

    Each process makes its own provider at its first request: threads do not outlive a fork.
    """

    def __init__(self, endpoint: str, version: str, snapshot: Callable[[], str]) -> None:
        self._endpoint, self._version, self._snapshot = endpoint, version, snapshot
        self._provider: tuple[int, TracerProvider] | None = None

    def watch(self, app: Flask) -> None:
        """Make a span for every request of an application, within that of its traceparent."""
        app.extensions[EXTENSION] = self
        app.before_request(self._begin)
        app.after_request(self._end)

    def step(self, name: str) -> AbstractContextManager[Any]:
        """Return a block that is a span within that of the current request."""
        if "span" not in g:
            return nullcontext()
        from opentelemetry.trace import set_span_in_context

        within = set_span_in_context(g.span)
        block: AbstractContextManager[Any] = self._tracer().start_as_current_span(
            name,
            within,
            record_exception=False,  # its words may quote the question
            set_status_on_exception=False,
        )
        return block

    def close(self) -> None:
        """Send what has ended, and nothing more."""
        if self._provider is not None:
            self._provider[1].shutdown()

    def _begin(self) -> None:
        from opentelemetry.trace import SpanKind
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        parent = TraceContextTextMapPropagator().extract(
            {name.lower(): value for name, value in request.headers.items()}
        )
        route = request.url_rule.rule if request.url_rule else "unknown"
        g.span = self._tracer().start_span(
            f"{request.method} {route}",
            parent,
            SpanKind.SERVER,
            {
                "http.request.method": request.method,
                "http.route": route,
                "mechkg.door": DOORS.get(request.blueprint or "", "other"),
                "mechkg.request_id": g.get("request_id", ""),
            },
        )

    def _end(self, response: Response) -> Response:
        if "span" in g:
            g.span.set_attributes(
                {
                    "http.response.status_code": response.status_code,
                    "mechkg.outcome": outcome(response.status_code),
                    "mechkg.snapshot": self._snapshot(),
                }
            )
            g.span.end()
        return response

    def _tracer(self) -> Any:
        if self._provider is None or self._provider[0] != os.getpid():
            self._provider = os.getpid(), self._made()
        return self._provider[1].get_tracer("mechkg", self._version)

    def _made(self) -> TracerProvider:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        about = {"service.name": "mechkg", "service.version": self._version}
        provider = TracerProvider(resource=Resource.create(about))
        address = f"{self._endpoint.rstrip('/')}/v1/traces"
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(address)))
        return provider


def tracing_of(endpoint: str, version: str, snapshot: Callable[[], str]) -> Tracing | None:
    """Return what sends spans to an address, None without one.

    Raises `QueryError` where OpenTelemetry is not installed.
    """
    if not endpoint:
        return None
    try:
        import opentelemetry.exporter.otlp.proto.http
        import opentelemetry.sdk.trace  # noqa: F401
    except ImportError as error:
        raise QueryError(
            "otel_endpoint",
            "needs OpenTelemetry, which is not installed",
            hint="pip install 'mechkg[otel]'",
        ) from error
    return Tracing(endpoint, version, snapshot)
