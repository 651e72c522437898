"""The peers: a table of names, and one file each that is imported only in its own process."""

from __future__ import annotations

from importlib import import_module

import msgspec

from bench.peers.peer import Loader

__all__ = ["LOADERS", "PEERS", "Entry", "make_peer"]


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """Where a peer lives and up to which size it is worth asking.

    `largest` is the number of statements above which it is not run: loading would take most of
    the session, or one question more than its time.
    """

    module: str
    distribution: str
    largest: int = 200_000_000


PEERS = {
    "mechkg": Entry(module="mechkg", distribution="mechkg"),
    "prototype": Entry(module="prototype", distribution="numba", largest=60_000_000),
    "networkx": Entry(module="nx", distribution="networkx", largest=2_000_000),
    "igraph": Entry(module="igraph_", distribution="igraph", largest=2_000_000),
    "rustworkx": Entry(module="rustworkx_", distribution="rustworkx", largest=12_000_000),
    "networkit": Entry(module="networkit_", distribution="networkit", largest=12_000_000),
    "duckdb": Entry(module="duckdb_", distribution="duckdb", largest=60_000_000),
    "kuzu": Entry(module="kuzu_", distribution="kuzu", largest=12_000_000),
    "ladybug": Entry(module="ladybug_", distribution="ladybug", largest=12_000_000),
    "falkordb": Entry(module="falkordb_", distribution="falkordblite", largest=1_000_000),
    "oxigraph": Entry(module="oxigraph_", distribution="pyoxigraph", largest=2_000_000),
    "gandalf": Entry(module="gandalf_", distribution="gandalf-csr", largest=2_000_000),
}
"""Every peer by the name that the command line and the report use."""

LOADERS = {
    "mechkg, N-Triples": Entry(module="triples_mechkg", distribution="mechkg"),
    "rdflib, N-Triples": Entry(module="triples_rdflib", distribution="rdflib", largest=2_000_000),
    "pyoxigraph, N-Triples": Entry(
        module="triples_oxigraph", distribution="pyoxigraph", largest=12_000_000
    ),
}
"""What is measured for reading N-Triples only."""


def make_peer(name: str) -> Loader:
    """Import a peer and its library; raises whatever that raises."""
    peer: Loader = import_module(f"bench.peers.{(PEERS | LOADERS)[name].module}").PEER()
    return peer
