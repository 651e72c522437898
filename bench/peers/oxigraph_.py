"""Oxigraph: an RDF store; paths are unions of basic graph patterns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any, ClassVar

import pyoxigraph

from bench.graphs import Graph
from bench.peers.peer import MOST_STATEMENTS, Peer
from bench.workloads import Query, Workload

NODE = "http://node/"
AHEAD = "http://ahead/"
BACK = "http://back/"


class Oxigraph(Peer):
    """Each statement as two triples, so that an undirected hop is one pattern."""

    about = (
        "on disk, bulk_load, each statement as a triple either way, so that an undirected hop is "
        "one pattern; a UNION a length; one thread"
    )
    lacks: ClassVar[dict[str, str]] = {"best": "SPARQL has no ranked paths"}
    answers = frozenset({"paths", "neighbourhood"})

    def build(self, graph: Graph, store: Path) -> None:
        text = store / "both.nt"
        with text.open("w", encoding="ascii") as out:
            out.writelines(_triples(graph))
        database = pyoxigraph.Store(str(store / "graph"))
        database.bulk_load(path=str(text), format=pyoxigraph.RdfFormat.N_TRIPLES)
        database.optimize()
        text.unlink()

    def open(self, graph: Graph, store: Path, workloads: Sequence[Workload]) -> None:  # noqa: ARG002
        self.graph = graph
        self.database = pyoxigraph.Store.read_only(str(store / "graph"))

    def ask_paths(self, workload: Workload, query: Query, seconds: float) -> Any:  # noqa: ARG002
        lengths = range(workload.min_hops, workload.hops + 1)
        parts = " UNION ".join(
            f"{{ {_pattern(workload, hops, query.source[0], query.target[0])} }}"
            for hops in lengths
        )
        between = [f"?n{i}" for i in range(1, workload.hops)]
        columns = " ".join(between + [f"?p{i}" for i in range(1, workload.hops + 1)])
        return [tuple(row) for row in self._select(f"SELECT {columns} WHERE {{ {parts} }}")]

    def ask_neighbourhood(self, workload: Workload, query: Query, seconds: float) -> Any:  # noqa: ARG002
        start = f"<{NODE}{query.source[0]}>"
        second = f"UNION {{ {start} ?p ?x . ?x ?q ?o }}" if workload.hops == 2 else ""
        count = self._select(
            f"SELECT (COUNT(DISTINCT ?o) AS ?n) WHERE {{ {{ {start} ?p ?o }} {second} "
            f"FILTER(?o != {start}) }}"
        )
        total = int(next(iter(count))[0].value)
        listed = f"{{ {start} ?p ?o BIND({start} AS ?s) }}"
        if workload.hops == 2:
            listed += f" UNION {{ {start} ?r ?s . ?s ?p ?o }}"
        rows = self._select(f"SELECT ?s ?p ?o WHERE {{ {listed} }} LIMIT {MOST_STATEMENTS}")
        return total, [tuple(row) for row in rows]

    def answer(self, workload: Workload, query: Query, found: Any) -> Any:
        if workload.kind == "paths":
            start, end, between = query.source[0], query.target[0], workload.hops - 1
            found = [
                [start, *(int(n.value.rpartition("/")[2]) for n in row[:between] if n), end]
                for row in found
            ]
        return super().answer(workload, query, found)

    def _select(self, text: str) -> Any:
        return self.database.query(text)


def _triples(graph: Graph) -> Iterator[str]:
    names = graph.predicates
    columns = (graph.column(name).tolist() for name in ("subject", "predicate", "object"))
    for subject, predicate, object_ in zip(*columns, strict=True):
        name = names[predicate]
        yield f"<{NODE}{subject}> <{AHEAD}{name}> <{NODE}{object_}> .\n"
        yield f"<{NODE}{object_}> <{BACK}{name}> <{NODE}{subject}> .\n"


def _pattern(workload: Workload, hops: int, source: int, target: int) -> str:
    nodes = [f"<{NODE}{source}>", *(f"?n{i}" for i in range(1, hops)), f"<{NODE}{target}>"]
    hop = [f"{nodes[i]} ?p{i + 1} {nodes[i + 1]} ." for i in range(hops)]
    apart = [f"{nodes[i]} != {nodes[j]}" for i, j in combinations(range(hops + 1), 2) if j > i + 1]
    if workload.predicates:
        ways = (AHEAD, BACK) if workload.undirected else (AHEAD,)
        admitted = ", ".join(f"<{way}{name}>" for name in workload.predicates for way in ways)
        apart += [f"?p{i + 1} IN ({admitted})" for i in range(hops)]
    elif not workload.undirected:
        apart += [f'STRSTARTS(STR(?p{i + 1}), "{AHEAD}")' for i in range(hops)]
    return " ".join(hop) + (f" FILTER({' && '.join(apart)})" if apart else "")


PEER = Oxigraph
