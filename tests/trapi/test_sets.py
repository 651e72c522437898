"""Sets, against Translator's own reading of them: BATCH results put together by translator-tom."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from translator_tom import Response

from tests.trapi.questions import (
    BDNF,
    GDNF,
    MS,
    NSC,
    REMYELINATION,
    chain,
    hop,
    ids,
    of,
    predicates,
)
from tests.trapi.test_lookup import ask, bound

SET = "UUID:1f0c"
PRODUCED = predicates("produced_by")


def collated(node: dict[str, Any]) -> dict[str, Any]:
    return {**node, "set_interpretation": "COLLATE"}


def every(*members: str) -> dict[str, Any]:
    return {"ids": [SET], "set_interpretation": "ALL", "member_ids": [*members]}


STAR = {
    "nodes": {"a": {"set_interpretation": "COLLATE"}, "b": of("Gene"), "c": collated(of("Cell"))},
    "edges": {
        "e": {"subject": "b", "object": "a", "predicates": predicates("affects")},
        "f": {"subject": "c", "object": "b", "predicates": predicates("produces")},
    },
}

GRAPHS = {
    "one collated": chain(ids(NSC), collated(of("Gene")), of("BiologicalProcess")),
    "the end collated": hop(ids(NSC), collated({})),
    "two collated, apart": STAR,
    "two collated, far apart": chain(
        collated(of("Gene")), ids(REMYELINATION), collated(of("Cell"))
    ),
    "two collated, joined": chain(ids(NSC), collated(of("Gene")), collated(of("Cell"))),
    "all members": hop(every(GDNF, BDNF), of("Cell"), predicates=PRODUCED),
    "all members, what they share collated": hop(every(GDNF, BDNF), collated({})),
    "all members in the middle": chain(of("Cell"), every(GDNF, BDNF), of("BiologicalProcess")),
    "all members, not joined": hop(every(GDNF, MS), collated({}), predicates=PRODUCED),
}


def batched(graph: dict[str, Any]) -> dict[str, Any]:
    """The same question with every set taken apart."""
    plain = copy.deepcopy(graph)
    for node in plain["nodes"].values():
        if members := node.pop("member_ids", None):
            node["ids"] = members
        node.pop("set_interpretation", None)
    return plain


@pytest.mark.parametrize("graph", GRAPHS.values(), ids=GRAPHS)
def test_sets_are_put_together_as_translator_does(trapi, graph):
    apart = ask(trapi, batched(graph), subclass=False)
    assert apart["message"]["results"]
    apart["message"]["query_graph"] = graph
    apart["message"]["knowledge_graph"]["nodes"][SET] = {"categories": ["biolink:NamedThing"]}
    wanted = Response.from_dict(apart)
    wanted.message.solve_set_interpretation()
    ours = ask(trapi, graph, subclass=False)
    assert bound(ours) == {
        tuple(sorted((key, tuple(sorted(b.ids))) for key, b in result.node_bindings.items()))
        for result in wanted.message.results or ()
    }
    assert edges_of(ours["message"]["results"]) == edges_of(
        [result.to_dict() for result in wanted.message.results or ()]
    )


def edges_of(results: list[dict[str, Any]]) -> set[frozenset[tuple[str, str]]]:
    return {
        frozenset(
            (key, name)
            for analysis in result["analyses"]
            for key, binding in analysis["edge_bindings"].items()
            for name in binding["ids"]
        )
        for result in results
    }
