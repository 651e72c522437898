"""`mechkg mcp`: the graph for LLM agents."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mechkg.api.cli.options import snapshot
from mechkg.kg.errors import QueryError

if TYPE_CHECKING:
    from collections.abc import Callable

    from mechkg.kg.graph import Graph

__all__ = ["mcp"]


@click.command()
@click.option(
    "--transport",
    type=click.Choice(["stdio", "http"]),
    default="stdio",
    show_default=True,
    help="How the client talks: its own child process, or streamable HTTP at /mcp.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address for http.")
@click.option(
    "--port", type=click.IntRange(1, 65535), default=8001, show_default=True, help="Port for http."
)
@snapshot
def mcp(transport: str, host: str, port: int, data: Path, graph: str) -> None:
    """Serve a graph to LLM agents over the Model Context Protocol.

    Needs the extra `mcp`: pip install 'mechkg[mcp]'.
    """
    try:
        from mechkg.api.mcp.server import make_server  # the protocol's package, an extra
    except ModuleNotFoundError as error:
        raise QueryError("mcp", "needs a package that is not installed", hint=MISSING) from error
    server = make_server(_opener(data, graph))
    if transport == "http":
        server.run("streamable-http", host=host, port=port, stateless_http=True)
    else:
        server.run("stdio")


MISSING = "Install it with: pip install 'mechkg[mcp]'."


def _opener(data: Path, graph: str) -> Callable[[], Graph]:
    """Return what gives the graph of a name, opened anew whenever its name points elsewhere."""
    from mechkg.api.cli.snapshots import current  # numpy, which --help need not wait for
    from mechkg.api.http.graph_provider import Served
    from mechkg.kg.snapshot.catalogue import Catalogue

    current(data, graph)  # compiles the bundled ontology where that is asked for
    return Served(partial(Catalogue(data).path, graph or None)).graph
