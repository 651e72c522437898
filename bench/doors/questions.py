"""Questions for two TRAPI servers: ten that are compared, and kinds that are generated for load."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

NSC, GDNF, MS = "CL:0000047", "HGNC:4232", "MONDO:0005301"


@dataclass(frozen=True)
class Same:
    """A query graph for both servers, and why answers differ where they do."""

    name: str
    graph: Json
    why: str = "they agree"
    parameters: Json = field(default_factory=lambda: {"subclass": False})

    @property
    def body(self) -> Json:
        return {"message": {"query_graph": self.graph}, "parameters": self.parameters}


def hop(subject: Json, obj: Json, **edge: Any) -> Json:
    return {
        "nodes": {"a": subject, "b": obj},
        "edges": {"e": {"subject": "a", "object": "b", **edge}},
    }


def chain(*nodes: Json) -> Json:
    edges = {f"e{i}": {"subject": f"n{i}", "object": f"n{i + 1}"} for i in range(len(nodes) - 1)}
    return {"nodes": {f"n{i}": node for i, node in enumerate(nodes)}, "edges": edges}


def ids(*curies: str) -> Json:
    return {"ids": [*curies]}


def of(name: str) -> Json:
    return {"categories": [f"biolink:{name}"]}


_BUNDLE = (
    Same("one hop, a predicate", hop(ids(NSC), of("Gene"), predicates=["biolink:produces"])),
    Same("predicates below one", hop(ids(NSC), {}, predicates=["biolink:affects"])),
    Same("an inverse", hop(ids(GDNF), {}, predicates=["biolink:produced_by"])),
    Same("symmetric", hop(ids("HGNC:1033"), {}, predicates=["biolink:interacts_with"])),
    Same(
        "any predicate",
        hop(ids(NSC), {}),
        "GANDALF answers with a statement that the KGX marks `negated` (MSC is a kind of NSC); "
        "what a source denies is no answer: MechKG is right",
    ),
    Same("two hops", chain(ids(NSC), of("Gene"), of("BiologicalProcess"))),
    Same(
        "qualifiers",
        hop(ids(NSC), {}, constraints={
            "qualifiers": [{"biolink:object_direction_qualifier": "increased"}]
        }),
    ),
    Same(
        "knowledge level, source, category",
        hop(of("ChemicalEntity"), ids(MS), constraints={
            "knowledge_level": {"behavior": "ALLOW", "values": ["knowledge_assertion"]},
            "sources": {
                "behavior": "ALLOW", "values": ["infores:drugmechdb"], "primary_only": True,
            },
        }),
        "GANDALF compares categories as texts and misses eight nodes whose category is "
        "`biolink:Drug`, which is a ChemicalEntity by Biolink; MechKG is right (where the KGX "
        "lists every ancestor of a category, GANDALF finds them too)",
    ),
    Same(
        "a publication",
        hop(ids(NSC), {}, constraints={
            "attributes": [{
                "id": "biolink:publications", "name": "publications",
                "operator": "matches", "value": "^PMID:",
            }]
        }),
    ),
    Same(
        "COLLATE",
        chain(ids(NSC), {**of("Gene"), "set_interpretation": "COLLATE"}, of("BiologicalProcess")),
    ),
    Same(
        "subclasses",
        hop(ids("CL:0000125"), of("BiologicalProcess")),
        parameters={"subclass": True},
    ),
)  # fmt: skip

MITOXANTRONE, MULTIPLE_SCLEROSIS = "DRUGBANK:DB01204", "DOID:2377"

_HETIO = (
    Same("any predicate, one hop", hop(ids(MULTIPLE_SCLEROSIS), {})),
    Same("symmetric", hop(ids("NCBIGene:4155"), of("Gene"), predicates=["biolink:interacts_with"])),
    Same(
        "predicates below one",
        hop(of("SmallMolecule"), ids(MULTIPLE_SCLEROSIS),
            predicates=["biolink:treats_or_applied_or_studied_to_treat"]),
    ),
    Same(
        "qualifiers",
        hop(ids(MITOXANTRONE), of("Gene"), constraints={
            "qualifiers": [{"biolink:object_direction_qualifier": "decreased"}]
        }),
    ),
    Same("two hops", chain(ids(MITOXANTRONE), of("Gene"), ids(MULTIPLE_SCLEROSIS))),
    Same("three hops", chain(ids(MITOXANTRONE), of("Gene"), of("Gene"), ids(MULTIPLE_SCLEROSIS))),
)  # fmt: skip

SAME = {"ms-nsc": _BUNDLE, "hetio": _HETIO}
"""By graph."""


@dataclass(frozen=True)
class Generated:
    """A kind of request: the body for MechKG, and those by which GANDALF is asked the same."""

    name: str
    path: str
    make: Callable[[random.Random, Sequence[str]], Json]
    emulated: Callable[[Json], list[Json]]


def _one_hop(draw: random.Random, nodes: Sequence[str]) -> Json:
    graph = hop(ids(draw.choice(nodes)), {})
    return {"message": {"query_graph": graph}, "parameters": {"subclass": False}}


def _path(draw: random.Random, nodes: Sequence[str]) -> Json:
    source, target = draw.sample(nodes, 2)
    graph = {
        "nodes": {"s": ids(source), "t": ids(target)},
        "paths": {"p": {"subject": "s", "object": "t", "max_hops": 3, "generic": True}},
    }
    return {"message": {"query_graph": graph}, "parameters": {"limit": 10}}


def _own_path(draw: random.Random, nodes: Sequence[str]) -> Json:
    source, target = draw.sample(nodes, 2)
    return {"source": [source], "target": [target], "max_hops": 3, "direction": "undirected"}


def _chains(body: Json) -> list[Json]:
    """Return the chains of one, two and three hops between the ends of a path."""
    nodes = body["message"]["query_graph"]["nodes"]
    return [
        {
            "message": {"query_graph": chain(nodes["s"], *({},) * between, nodes["t"])},
            "parameters": {"subclass": False, "dehydrated": True},
        }
        for between in range(3)
    ]


GENERATED = (
    Generated("/api/v1/paths", "/api/v1/paths", _own_path, lambda _: []),
    Generated("TRAPI one hop", "/trapi/2.0/query", _one_hop, lambda body: [body]),
    Generated("TRAPI Pathfinder", "/trapi/2.0/query", _path, _chains),
)
