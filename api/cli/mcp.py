"""`mechkg mcp`: the graph for LLM agents."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mechkg.api.cli.options import engine, snapshot
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
@click.option(
    "--allow-host",
    "hosts",
    multiple=True,
    help="Name under which clients reach http, besides --host; repeatable.",
)
@click.option(
    "--allow-origin",
    "origins",
    multiple=True,
    help="Origin whose web pages may ask over http; repeatable.",
)
@engine
@snapshot
def mcp(
    *,
    transport: str,
    host: str,
    port: int,
    hosts: tuple[str, ...],
    origins: tuple[str, ...],
    engine: str,
    mapping: Path | None,
    data: Path,
    graph: str,
) -> None:
    """Serve a graph to LLM agents over the Model Context Protocol.

    Needs the extra `mcp`: pip install 'mechkg[mcp]'. On an address that others reach, clients must
    send the token in MECHKG_MCP_TOKEN (Authorization: Bearer ...).
    """
    try:
        from mechkg.api.mcp.http import TOKEN_VARIABLE, security, serve
        from mechkg.api.mcp.server import make_server  # the protocol's package, an extra
    except ModuleNotFoundError as error:
        raise QueryError("mcp", "needs a package that is not installed", hint=MISSING) from error
    server = make_server(_opener(data, graph, engine, mapping))
    if transport == "http":
        token = os.environ.get(TOKEN_VARIABLE, "")
        serve(server, host, port, security(host, hosts, origins), token)
    else:
        server.run("stdio")


MISSING = "Install it with: pip install 'mechkg[mcp]'."


def _opener(data: Path, graph: str, engine: str, mapping: Path | None) -> Callable[[], Graph]:
    """Return what gives the graph of a name, opened anew whenever its name points elsewhere."""
    if engine:
        from mechkg.kg.engine.remote_graph import (
            RemoteGraph,  # the kernels, which --help does without
        )
        from mechkg.ontology.endpoint.open import open_engine

        opened = open_engine(engine, mapping)
        click.get_current_context().call_on_close(opened.close)
        remote = RemoteGraph(opened)
        return lambda: remote
    from mechkg.api.cli.snapshots import current  # numpy, which --help need not wait for
    from mechkg.api.http.graph_provider import GraphProvider
    from mechkg.kg.snapshot.catalogue import Catalogue

    current(data, graph)  # compiles the bundled ontology where that is asked for
    return GraphProvider(partial(Catalogue(data).path, graph or None)).graph
