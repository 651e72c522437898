"""GANDALF: Translator's in-memory TRAPI lookup, in the mode that its authors name fastest."""

from __future__ import annotations

import gc
import json
import os
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any, ClassVar

from bench.answers import Answer, answer_of_paths
from bench.graphs import Graph
from bench.peers.peer import Peer
from bench.workloads import Query, Workload

os.environ.setdefault("GANDALF_OTEL_ENABLED", "false")

import gandalf.biolink
from gandalf import CSRGraph, build_graph_from_jsonl
from gandalf.search.lookup import lookup
from gandalf.trapi import response_results


class Gandalf(Peer):
    """Chains of an exact number of hops, as a query graph with both ends pinned.

    Its chains may come back to where they were or run through another end; those are left out
    when answers are compared, since a path has distinct entities and no end in between.
    """

    about = (
        "mmap of its own CSR; lookup(dehydrated=True, results_as_json=True, "
        "attributes_as_json=True), no subclass expansion, no node filters (they would cut "
        "answers); directed chains name every predicate, since an edge without predicates matches "
        "either way"
    )
    lacks: ClassVar[dict[str, str]] = {
        "best": "it ranks nothing",
        "neighbourhood": "no neighbourhood query",
        "paths": "only chains of an exact length",
    }
    answers = frozenset({"chains"})
    parallel = False

    def build(self, graph: Graph, store: Path) -> None:
        use_local_model()
        nodes, edges = write_jsonl(graph, store)
        built = build_graph_from_jsonl(edge_jsonl_path=str(edges), node_jsonl_path=str(nodes))
        built.save_mmap(str(store / "mmap"))

    def open(self, graph: Graph, store: Path, workloads: Sequence[Workload]) -> None:  # noqa: ARG002
        self.described = graph
        self.predicates = [f"biolink:{name}" for name in graph.predicates]
        use_local_model()
        self.toolkit = gandalf.biolink.make_toolkit()
        self.opened = CSRGraph.load_mmap(str(store / "mmap"))
        gc.freeze()

    def ask_paths(self, workload: Workload, query: Query, seconds: float) -> Any:  # noqa: ARG002
        ends: dict[str, Any] = {"n0": {"ids": list(query.source_ids)}}
        ends |= {f"n{i}": {} for i in range(1, workload.hops)}
        ends[f"n{workload.hops}"] = {"ids": list(query.target_ids)}
        ahead: dict[str, Any] = {} if workload.undirected else {"predicates": self.predicates}
        edges = {
            f"e{i}": {"subject": f"n{i}", "object": f"n{i + 1}", **ahead}
            for i in range(workload.hops)
        }
        return lookup(
            self.opened,
            {"message": {"query_graph": {"nodes": ends, "edges": edges}}},
            bmt=self.toolkit,
            subclass=False,
            dehydrated=True,
            attributes_as_json=True,
            results_as_json=True,
        )

    def answer(self, workload: Workload, query: Query, found: Any) -> Answer:
        row = self.described.row
        chains = [
            [row(result["node_bindings"][f"n{i}"]["ids"][0]) for i in range(workload.hops + 1)]
            for result in response_results(found)
        ]
        ends = {*query.source, *query.target}
        simple = [
            chain
            for chain in chains
            if len(set(chain)) == len(chain) and not ends.intersection(chain[1:-1])
        ]
        return answer_of_paths(simple, parallel=False)


def use_local_model() -> None:
    """Point GANDALF at the Biolink model that translator-tom ships: it has no setting for that."""
    model = files("translator_tom") / "data" / "biolink" / "4.4.4"
    gandalf.biolink._SCHEMA_URL = str(model / "biolink-model.yaml")  # noqa: SLF001
    gandalf.biolink._PREDICATE_MAP_URL = str(model / "predicate_mapping.yaml")  # noqa: SLF001


def write_jsonl(graph: Graph, directory: Path) -> tuple[Path, Path]:
    """Write a graph as KGX JSON lines, what GANDALF reads; returns nodes and edges.

    Hetionet's abbreviations become Biolink-shaped predicates, one each, so that counts compare.
    """
    nodes, edges = directory / "nodes.jsonl", directory / "edges.jsonl"
    with graph.nodes.open(encoding="utf-8") as lines, nodes.open("w", encoding="utf-8") as out:
        next(lines)
        for line in lines:
            identifier, name, category = line.rstrip("\n").split("\t")
            node = {"id": identifier, "name": name, "category": [f"biolink:{category}"]}
            out.write(json.dumps(node) + "\n")
    with graph.edges.open(encoding="utf-8") as lines, edges.open("w", encoding="utf-8") as out:
        next(lines)
        for number, line in enumerate(lines):
            subject, predicate, object_ = line.rstrip("\n").split("\t")
            edge = {
                "id": f"e{number}",
                "subject": subject,
                "predicate": f"biolink:{predicate}",
                "object": object_,
                "primary_knowledge_source": "infores:hetionet",
                "knowledge_level": "knowledge_assertion",
                "agent_type": "not_provided",
            }
            out.write(json.dumps(edge) + "\n")
    return nodes, edges


PEER = Gandalf
