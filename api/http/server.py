"""The server: gunicorn with worker processes that share the mapped snapshot.

The master opens the snapshot once, so that a broken one is reported before any worker starts;
workers inherit the compiled search kernels and map the same files. At a first start the kernels
are compiled by processes beside the server.
"""

from __future__ import annotations

import ctypes
import errno
import logging
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from functools import partial
from logging import StreamHandler
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger

from mechkg.api.http.compiling import start_compiling, stop_compiling
from mechkg.api.http.counters import Counters
from mechkg.api.http.logs import access_fields, escape_handlers, write_json
from mechkg.api.http.metric_names import WORKERS
from mechkg.api.http.settings import Settings
from mechkg.kg.errors import QueryError
from mechkg.kg.snapshot.catalogue import Catalogue
from mechkg.kg.snapshot.snapshot import Snapshot, open_snapshot

if TYPE_CHECKING:
    from flask import Flask

    from mechkg.kg.graph import Graph

__all__ = ["run"]

PR_SET_PDEATHSIG: Final = 1
"""prctl(2): the signal that a process gets when the one that started it has ended."""

LISTEN_PATIENCE: Final = 3.0
"""Seconds in which workers of a killed server end; they close their socket at once, or nearly."""

ACCESS_LINE: Final = '%(h)s "%(m)s %(U)s %(H)s" %(s)s %(b)s %(M)sms %({x-request-id}o)s'
ACCESS_LINE_WITH_QUERY: Final = '%(h)s "%(r)s" %(s)s %(b)s %(M)sms %({x-request-id}o)s'

JSON_LINES: Final = {"json": False, "json with query": True}
"""Formats of access lines that are JSON, and whether the query is in them."""

SPARE_DESCRIPTORS: Final = 512
"""Descriptors of a worker beside those of its connections: databases of names, pipes, files."""

SWITCH_SECONDS: Final = 0.001
"""How long a thread of a worker works on while another waits for the interpreter: Python's own five
times as long makes a short request beside a long one wait most of its time."""


def run(settings: Settings) -> None:
    """Serve until SIGTERM or Ctrl-C; does not return before.

    Prints the address once requests are answered. Raises `SnapshotError` where there is no graph
    to serve, and `QueryError` where the address cannot be listened on; ends the process with
    gunicorn's exit code otherwise.
    """
    listener = _listen(settings)
    _raise_descriptors(settings.connections + SPARE_DESCRIPTORS)
    if settings.log_format == "json":
        logging.getLogger().addHandler(logging.StreamHandler())
        write_json(logging.getLogger())
    _prepare(settings)
    master = os.getpid()
    server = Server(settings, listener)
    try:
        server.run()
    finally:
        # Workers are forks of this call and leave through here as well.
        if os.getpid() == master:
            stop_compiling(server.compiling)


class Server(BaseApplication):
    """gunicorn, configured by `Settings` alone, not by files or `GUNICORN_CMD_ARGS`."""

    def __init__(self, settings: Settings, listener: socket.socket) -> None:
        self.settings = settings
        self.compiling: subprocess.Popen[bytes] | None = None
        self.address = listener.getsockname()
        self.descriptor = listener.detach()
        super().__init__()

    def load_config(self) -> None:
        """Hand the settings to gunicorn."""
        for name, value in _configuration(self.settings, self.descriptor).items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """Return the application; called once, before the workers are forked."""
        from mechkg.api.http.app import create_app  # parsers and drawing: after the checks of run()

        app = create_app(self.settings)
        self.compiling = start_compiling(_compiled_with(self.settings, app))
        self.cfg.set("when_ready", lambda _: _announce(app, self.address))
        self.cfg.set("pre_fork", partial(_give_part, app.extensions["mechkg-counters"]))
        self.cfg.set("post_fork", partial(_begin_worker, app.extensions["mechkg-counters"]))
        return app


class Journal(Logger):
    """gunicorn's log, with the access lines on standard error too: nobody has to read the other."""

    def setup(self, cfg: Any) -> None:
        """Set up the handlers; called again in each worker."""
        super().setup(cfg)
        for handler in self.access_log.handlers:
            if isinstance(handler, StreamHandler):
                handler.setStream(sys.stderr)
        for logger in (self.error_log, self.access_log):
            if cfg.access_log_format in JSON_LINES:
                write_json(logger)
            escape_handlers(logger)

    def access(self, resp: Any, req: Any, environ: Any, request_time: Any) -> None:
        """Write a line about a request: text, or an object of JSON."""
        form = self.cfg.access_log_format
        if form not in JSON_LINES:
            super().access(resp, req, environ, request_time)
        elif self.cfg.accesslog:
            atoms: dict[str, Any] = {**self.atoms(resp, req, environ, request_time)}
            fields = access_fields(atoms, with_query=JSON_LINES[form])
            self.access_log.info("request", extra={"fields": fields})


def _configuration(settings: Settings, descriptor: int) -> dict[str, Any]:
    return {
        "bind": f"fd://{descriptor}",
        "workers": settings.workers,
        "threads": settings.threads,
        "worker_class": "mechkg.api.http.worker.WholeRequestWorker",
        "worker_connections": settings.connections,
        "preload_app": True,
        "timeout": 30,
        "graceful_timeout": int(settings.stop_seconds),
        "keepalive": int(settings.idle_seconds),
        "max_requests": settings.worker_requests,
        "max_requests_jitter": settings.worker_requests // 10,
        "limit_request_line": 8190,
        "limit_request_fields": 64,
        "limit_request_field_size": 8190,
        "logger_class": Journal,
        "accesslog": "-" if settings.access_log else None,
        "access_log_format": _access_line(settings),
        "loglevel": "warning",
        "proc_name": "mechkg",
        "control_socket_disable": True,
        "worker_tmp_dir": "/dev/shm" if Path("/dev/shm").is_dir() else None,  # noqa: S108
    }


def _access_line(settings: Settings) -> str:
    if settings.log_format == "json":
        return next(name for name, query in JSON_LINES.items() if query == settings.log_queries)
    return ACCESS_LINE_WITH_QUERY if settings.log_queries else ACCESS_LINE


def _give_part(counters: Counters, arbiter: Any, worker: Any) -> None:
    """Give a worker about to be forked a part of the counters that no living one has."""
    taken = [other.counters_part for other in arbiter.WORKERS.values()]
    worker.counters_part = counters.free_part(taken)


def _begin_worker(counters: Counters, _arbiter: Any, worker: Any) -> None:
    """Count in the worker's own part; have the system end it with its master, however that ends."""
    counters.take(worker.counters_part)
    counters.add(WORKERS)
    sys.setswitchinterval(SWITCH_SECONDS)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


def _raise_descriptors(wanted: int) -> None:
    """Let this process and its workers hold so many descriptors, as far as the system allows it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def _listen(settings: Settings) -> socket.socket:
    host, port = settings.host, settings.port
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return _bound(host, port, family)
    except OSError as error:
        raise QueryError(
            "port" if error.errno else "host",
            f"cannot be listened on: {host}:{port} ({error.strerror or error})",
            hint="Choose another with --port or --host.",
        ) from error


def _bound(host: str, port: int, family: int) -> socket.socket:
    """Return a listening socket; waits until the workers of a killed server have closed theirs."""
    deadline = time.monotonic() + LISTEN_PATIENCE
    while True:
        try:
            return socket.create_server((host, port), family=family, backlog=2048)
        except OSError as error:
            if error.errno != errno.EADDRINUSE or time.monotonic() > deadline:
                raise
        time.sleep(0.1)


def _prepare(settings: Settings) -> None:
    """Compile the bundled ontology where it is what is to be served and is not there yet."""
    # parsers that a running server never needs
    from mechkg.ontology.bundle import BUNDLE
    from mechkg.ontology.compile_bundle import compile_bundle

    if settings.engine:
        return
    if (settings.graph or Catalogue(settings.data).default() or BUNDLE) == BUNDLE:
        compile_bundle(settings.data)


def _compiled_with(settings: Settings, app: Flask) -> Snapshot:
    """Return a snapshot to compile the kernels with: of an engine, the bundled ontology."""
    if settings.engine:
        from mechkg.ontology.compile_bundle import compile_bundle  # parsers, as above

        return open_snapshot(compile_bundle(settings.data), check_bytes=0)
    graph: Graph = app.extensions["mechkg"].served.graph()
    return graph.snapshot


def _announce(app: Flask, address: tuple[Any, ...]) -> None:
    manifest = app.extensions["mechkg"].served.graph().manifest
    host, port = address[:2]
    shown = f"[{host}]" if ":" in host else host
    counts = manifest.counts
    _say(
        f"MechKG serves {manifest.name} ({counts.entities:,} entities, "
        f"{counts.statements:,} statements) at http://{shown}:{port}/"
    )


def _say(sentence: str) -> None:
    sys.stdout.write(f"{sentence}\n")
    sys.stdout.flush()
