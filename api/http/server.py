"""The server: gunicorn with worker processes that share the mapped snapshot.

The master opens the snapshot once, so that a broken one is reported before any worker starts;
workers inherit the compiled search kernels and map the same files. At a first start the kernels
are compiled by processes beside the server.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from logging import StreamHandler
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger

from mechkg.api.http.compiling import start_compiling, stop_compiling
from mechkg.api.http.settings import Settings
from mechkg.kg.errors import QueryError
from mechkg.kg.snapshot.catalogue import Catalogue

if TYPE_CHECKING:
    from flask import Flask

__all__ = ["run"]

ACCESS_LINE = '%(h)s "%(r)s" %(s)s %(b)s %(M)sms'


def run(settings: Settings) -> None:
    """Serve until SIGTERM or Ctrl-C; does not return before.

    Prints the address once requests are answered. Raises `SnapshotError` where there is no graph
    to serve, and `QueryError` where the address cannot be listened on; ends the process with
    gunicorn's exit code otherwise.
    """
    listener = _listen(settings)
    _prepare(settings)
    counts = tempfile.mkdtemp(prefix="mechkg-metrics-")
    # prometheus-client reads this when it is imported, which the application does.
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = counts
    master = os.getpid()
    server = Server(settings, listener)
    try:
        server.run()
    finally:
        # Workers are forks of this call and leave through here as well.
        if os.getpid() == master:
            stop_compiling(server.compiling)
            shutil.rmtree(counts, ignore_errors=True)


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
        from mechkg.api.http.app import create_app  # after run() has said where metrics go

        app = create_app(self.settings)
        self.compiling = start_compiling(app.extensions["mechkg"].served.graph().snapshot)
        self.cfg.set("when_ready", lambda _: _announce(app, self.address))
        return app


class Journal(Logger):
    """gunicorn's log, with the access lines on standard error too: nobody has to read the other."""

    def setup(self, cfg: Any) -> None:
        """Set up the handlers; called again in each worker."""
        super().setup(cfg)
        for handler in self.access_log.handlers:
            if isinstance(handler, StreamHandler):
                handler.setStream(sys.stderr)


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
        "limit_request_line": 8190,
        "limit_request_fields": 64,
        "limit_request_field_size": 8190,
        "logger_class": Journal,
        "accesslog": "-" if settings.access_log else None,
        "access_log_format": ACCESS_LINE,
        "loglevel": "warning",
        "proc_name": "mechkg",
        "control_socket_disable": True,
        "worker_tmp_dir": "/dev/shm" if Path("/dev/shm").is_dir() else None,  # noqa: S108
    }


def _listen(settings: Settings) -> socket.socket:
    host, port = settings.host, settings.port
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise QueryError(
            "port" if error.errno else "host",
            f"cannot be listened on: {host}:{port} ({error.strerror or error})",
            hint="Choose another with --port or --host.",
        ) from error


def _prepare(settings: Settings) -> None:
    """Compile the bundled ontology where it is what is to be served and is not there yet."""
    from mechkg.ontology.bundle import (  # parsers that a running server never needs
        BUNDLE,
        compile_bundle,
    )

    if (settings.graph or Catalogue(settings.data).default() or BUNDLE) == BUNDLE:
        compile_bundle(settings.data)


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
