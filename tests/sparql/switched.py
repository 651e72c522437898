"""A server whose SPARQL endpoint stands on whatever store a link points to: the test switch.

Run as `python switched.py LINK`, with the settings in the environment: everything else is the
server that users start.
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from mechkg.api.http.server import Server
from mechkg.api.http.settings import Settings


def switched(link: Path) -> Callable[[Any], Any]:
    """Return what composes an endpoint on the store that a link points to."""
    from mechkg.api.sparql.endpoint import endpoint_of

    def store(_graph: Any) -> tuple[Path, str]:
        path = link.resolve()
        return path, path.name

    return lambda exchange: replace(endpoint_of(exchange), store=store, graph=exchange.served.graph)


class SwitchedServer(Server):
    """The server, with an endpoint that can be switched."""

    link: Path

    def load(self) -> Any:
        from mechkg.api.http.app import create_app

        app = create_app(self.settings, switched(self.link))
        url = f"http://{self.address[0]}:{self.address[1]}/"
        self.cfg.set("when_ready", lambda _: os.write(1, f"serves at {url}\n".encode()))
        return app


if __name__ == "__main__":
    SwitchedServer.link = Path(sys.argv[1])
    listener = socket.create_server(("127.0.0.1", 0))
    SwitchedServer(Settings.gather(os.environ), listener).run()
