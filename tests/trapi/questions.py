"""Thirty-six questions, twelve of them for paths, each with how many results it must have."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

NSC, NEURON, GDNF, MS = "CL:0000047", "CL:0000540", "HGNC:4232", "MONDO:0005301"
MSC, REMYELINATION, OLIGODENDROCYTE = "CL:0000134", "MESH:D000074586", "CL:0000128"
ASTROCYTE, BDNF = "CL:0000127", "HGNC:1033"


@dataclass(frozen=True)
class Question:
    """A query graph; `some` says whether it has an answer."""

    name: str
    graph: dict[str, Any]
    parameters: dict[str, Any] = field(default_factory=dict)
    some: bool = True

    @property
    def body(self) -> dict[str, Any]:
        given = {"parameters": self.parameters} if self.parameters else {}
        return {"message": {"query_graph": self.graph}, **given}


def hop(subject: Any = None, obj: Any = None, **edge: Any) -> dict[str, Any]:
    return {
        "nodes": {"a": subject or {}, "b": obj or {}},
        "edges": {"e": {"subject": "a", "object": "b", **edge}},
    }


def ids(*curies: str) -> dict[str, Any]:
    return {"ids": [*curies]}


def of(*categories: str) -> dict[str, Any]:
    return {"categories": [f"biolink:{name}" for name in categories]}


def predicates(*names: str) -> list[str]:
    return [f"biolink:{name}" for name in names]


def chain(*nodes: dict[str, Any]) -> dict[str, Any]:
    edges = {f"e{i}": {"subject": f"n{i}", "object": f"n{i + 1}"} for i in range(len(nodes) - 1)}
    return {"nodes": {f"n{i}": node for i, node in enumerate(nodes)}, "edges": edges}


def path(source: str, target: str, **more: Any) -> dict[str, Any]:
    return {
        "nodes": {"s": ids(source), "t": ids(target)},
        "paths": {"p": {"subject": "s", "object": "t", **more}},
    }


def constrained(**constraints: Any) -> dict[str, Any]:
    return hop(ids(NSC), None, constraints=constraints)


def member(kind: str, *members: str) -> dict[str, Any]:
    return {"ids": ["UUID:1f0c"], "set_interpretation": kind, "member_ids": [*members]}


def comparing(kind: str, operator: str, value: Any, **more: Any) -> list[dict[str, Any]]:
    return [{"id": kind, "name": "a comparison", "operator": operator, "value": value, **more}]


def between(*categories: str) -> dict[str, Any]:
    return {"required_intermediate_categories": [f"biolink:{name}" for name in categories]}


LOOKUPS = [
    Question("what it secretes", hop(ids(NSC), of("Gene"), predicates=predicates("produces"))),
    Question("what is below a predicate", hop(ids(NSC), None, predicates=predicates("affects"))),
    Question("an inverse", hop(of("Gene"), ids(NSC), predicates=predicates("produced_by"))),
    Question("by its inverse", hop(ids(GDNF), None, predicates=predicates("produced_by"))),
    Question("symmetric", hop(ids(BDNF), None, predicates=predicates("interacts_with"))),
    Question("anything", hop(ids(NSC), None)),
    Question("a mixin as category", hop(ids(NSC), of("ChemicalEntityOrGeneOrGeneProduct"))),
    Question("both ends", hop(ids(NSC), ids(GDNF))),
    Question("several identifiers", hop(ids(NSC, MSC), of("Gene"))),
    Question("a class and its subclasses", hop(ids("CL:0000125"), of("BiologicalProcess"))),
    Question(
        "no subclasses",
        hop(ids("CL:0000125"), of("BiologicalProcess")),
        {"subclass": False},
        some=False,
    ),
    Question("what is entailed", hop(ids(NSC), of("Cell"), knowledge_type="inferred")),
    Question("two hops", chain(ids(NSC), of("Gene"), ids(REMYELINATION))),
    Question("three hops", chain(ids(NSC), of("Gene"), of("Cell"), of("Disease"))),
    Question(
        "a triangle",
        {
            "nodes": {"a": ids(NSC), "b": {}, "c": ids(REMYELINATION)},
            "edges": {
                "x": {"subject": "a", "object": "b"},
                "y": {"subject": "b", "object": "c"},
                "z": {"subject": "a", "object": "c"},
            },
        },
    ),
    Question("nothing pinned", hop(of("Drug", "ChemicalEntity"), of("Disease"))),
    Question("unknown identifier", hop(ids("CL:9999999"), None), some=False),
    Question("ALL", hop(member("ALL", GDNF, BDNF), of("Cell"), predicates=["biolink:produced_by"])),
    Question("MANY", hop(member("MANY", GDNF, BDNF, "HGNC:6551"), of("Cell"))),
    Question("COLLATE", chain(ids(NSC), {"set_interpretation": "COLLATE"}, of("Disease"))),
    Question(
        "qualifiers",
        constrained(qualifiers=[{"biolink:object_direction_qualifier": "increased"}]),
    ),
    Question(
        "knowledge level and agent",
        constrained(
            knowledge_level={"behavior": "ALLOW", "values": ["knowledge_assertion"]},
            agent_type={"behavior": "DENY", "values": ["text_mining_agent"]},
        ),
    ),
    Question(
        "sources",
        hop(
            of("ChemicalEntity"),
            None,
            constraints={
                "sources": {
                    "behavior": "ALLOW",
                    "values": ["infores:drugmechdb"],
                    "primary_only": True,
                }
            },
        ),
    ),
    Question(
        "attributes",
        constrained(attributes=comparing("biolink:publications", "matches", "^(PMID|DOI):")),
    ),
    Question("the best five", hop(ids(MS), None), {"limit": 5}),
]

PATHS = [
    Question("a direct edge", path(NSC, NEURON, max_hops=1)),
    Question("two hops", path(NSC, REMYELINATION, max_hops=2)),
    Question(
        "two hops with a constraint",
        path(NSC, REMYELINATION, max_hops=2, constraints=[between("Gene")]),
    ),
    Question(
        "the older name of the constraint",
        path(
            NSC,
            REMYELINATION,
            max_hops=2,
            constraints=[{"intermediate_categories": ["biolink:Gene"]}],
        ),
    ),
    Question("two hops with avoid", path(NSC, REMYELINATION, max_hops=2, avoid=[GDNF])),
    Question("against the arrows", path(REMYELINATION, NSC, max_hops=2)),
    Question("via", path(NSC, NEURON, via=[GDNF])),
    Question(
        "one constraint or another",
        path(NSC, NEURON, constraints=[between("Gene", "Cell"), between("Disease")]),
    ),
    Question(
        "none found",
        path(NSC, NEURON, max_hops=2, constraints=[between("OrganismTaxon")]),
        some=False,
    ),
    Question("predicates filter nothing", path(NSC, NEURON, predicates=predicates("treats"))),
    Question("many hops", path(NSC, MS, max_hops=8), {"limit": 200}),
    Question("a generic direct edge", path("CHEBI:35705", MS, max_hops=1)),
]

QUESTIONS = [*LOOKUPS, *PATHS]
