"""The program of a process that evaluates SPARQL queries, one after another, over a socket.

It imports little: some 30 MB and 0.1 s. A query is bounded by the kernel, not by good will: an
alarm ends the process at its deadline even where the parent is gone, its address space is
limited, and it cannot make a socket (`sparql_sealing`), whatever a query asks for.
"""

from __future__ import annotations

import gc
import os
import re
import resource
import signal
import sys
from collections.abc import Iterator
from io import BytesIO
from itertools import islice
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import msgspec
from pyoxigraph import (
    DefaultGraph,
    NamedNode,
    QueryBoolean,
    QueryResultsFormat,
    QueryTriples,
    RdfFormat,
    Store,
    Triple,
    serialize,
)

from mechkg.ontology.sparql.sandbox import seal

__all__ = ["main"]

RESULTS = {
    "json": (QueryResultsFormat.JSON, b'},{"', 1),
    "xml": (QueryResultsFormat.XML, b"<result>", 0),
    "csv": (QueryResultsFormat.CSV, b"\r\n", -1),
    "tsv": (QueryResultsFormat.TSV, b"\n", -1),
}
"""Formats of results: how each is written, what stands once a row, and how many more rows."""

GRAPHS = {
    "turtle": RdfFormat.TURTLE,
    "ntriples": RdfFormat.N_TRIPLES,
    "rdfxml": RdfFormat.RDF_XML,
    "jsonld": RdfFormat.JSON_LD,
}

ASSERTED = "https://w3id.org/mechkg/graph/asserted"
REIFIED = "https://w3id.org/mechkg/graph/reified"
DEFAULT_GRAPHS = {ASSERTED: DefaultGraph()}
"""Names under which FROM can ask for the default graph of the store."""

MOST_GRAPHS = 10_000
UNKNOWN_FUNCTION = re.compile(r"custom function <([^>]*)> is not supported")


class Excess(Exception):
    """An answer has outgrown a limit, `rows` or `bytes`."""


class Bounded(BytesIO):
    """A buffer that takes no more than `most` bytes."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most

    def write(self, data: Any) -> int:
        """Append, or raise `Excess`."""
        if self.tell() + len(data) > self.most:
            raise Excess("bytes")
        return super().write(data)


def main() -> None:
    """Answer questions from the descriptor that the first argument names until it is closed.

    The second is the memory, in MiB, that a query may take.
    """
    connection = Connection(int(sys.argv[1]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(5)
    seal()
    gc.freeze()
    opened, store, graphs = "", None, frozenset[str]()
    while True:
        try:
            asked = msgspec.msgpack.decode(connection.recv_bytes())
        except (EOFError, OSError):
            return
        signal.setitimer(signal.ITIMER_REAL, asked["seconds"] + 0.5)
        if asked["store"] != opened:
            store = None
            store = _open(asked["store"], int(sys.argv[2]))
            opened = asked["store"]
            graphs = frozenset(map(text_of, islice(store.named_graphs(), MOST_GRAPHS)))
        asked["hidden"] = REIFIED in graphs
        asked["all_graphs"] = sorted(graphs - {REIFIED})
        unknown = [g for g in _named(asked) if g not in graphs and g not in DEFAULT_GRAPHS]
        head, body = ({"unknown": unknown[0]}, b"") if unknown else _answer(store, asked)
        connection.send_bytes(msgspec.msgpack.encode(head))
        connection.send_bytes(body)
        signal.setitimer(signal.ITIMER_REAL, 0)


def _open(path: str, megabytes: int) -> Store:
    resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    store = Store.read_only(path)
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    taken = pages * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (taken + megabytes * 2**20, resource.RLIM_INFINITY))
    return store


def _answer(store: Any, asked: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    out = Bounded(asked["bytes"])
    try:
        found = _evaluate(store, asked)
        rows = _write(found, asked, out)
    except Excess as error:
        return {"excess": str(error)}, b""
    except MemoryError:
        return {"excess": "memory"}, b""
    except SyntaxError as error:
        return {"malformed": str(error)}, b""
    except (ValueError, OSError, RuntimeError) as error:
        return {"failed": str(error)}, b""
    return {"rows": rows}, out.getvalue()


def _evaluate(store: Any, asked: dict[str, Any]) -> Any:
    """Start a query; a function that is not known is an error of its expression alone.

    SPARQL 1.1 (section 17.6) has such an expression unbound; the library refuses the query.
    """
    options = {"base_iri": asked["base"] or None, **_dataset(asked)}
    unknown: dict[NamedNode, Any] = {}
    while True:
        try:
            return store.query(asked["query"], custom_functions=unknown, **options)
        except RuntimeError as error:
            named = UNKNOWN_FUNCTION.search(str(error))
            function = NamedNode(named[1]) if named else None
            if function is None or function in unknown:
                raise
            unknown[function] = _no_value


def _no_value(*_arguments: Any) -> None:
    """Stand for a function that is not known."""


def text_of(graph: Any) -> str:
    """Return the IRI of a graph."""
    return str(graph.value)


def _named(asked: dict[str, Any]) -> list[str]:
    return [*(asked["default_graphs"] or ()), *asked["named_graphs"]]


def _dataset(asked: dict[str, Any]) -> dict[str, Any]:
    """Return the dataset of a query; it sees which triples statements reify only where it asks."""
    default, named = asked["default_graphs"], asked["named_graphs"]
    if default is None:
        if not asked["hidden"]:
            return {}
        default, named = [ASSERTED], asked["all_graphs"]
    if asked["quotes"] and asked["hidden"]:
        default = [*default, REIFIED]
    return {
        "default_graph": [DEFAULT_GRAPHS.get(g) or NamedNode(g) for g in dict.fromkeys(default)],
        "named_graphs": list(map(NamedNode, named)),
    }


def _write(found: Any, asked: dict[str, Any], out: Bounded) -> int:
    """Write an answer; returns its number of rows or triples, or raises `Excess`."""
    if isinstance(found, QueryTriples):
        triples = _Counted(found, asked["rows"])
        serialize(triples, out, format=GRAPHS[asked["graph"]], prefixes=asked["prefixes"])
        return triples.count
    form, mark, more = RESULTS[asked["result"]]
    found.serialize(out, format=form)
    if isinstance(found, QueryBoolean):
        return 1
    rows = out.getvalue().count(mark) + more
    if rows > asked["rows"]:
        raise Excess("rows")
    return rows


class _Counted:
    """Triples, counted as they pass; raises `Excess` past `most`."""

    def __init__(self, triples: QueryTriples, most: int) -> None:
        self._triples = triples
        self._most = most
        self.count = 0

    def __iter__(self) -> Iterator[Triple]:
        for triple in islice(self._triples, self._most):
            self.count += 1
            yield triple
        if next(self._triples, None) is not None:
            raise Excess("rows")


if __name__ == "__main__":
    main()
