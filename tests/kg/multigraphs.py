"""Small multigraphs as hypothesis makes them, and snapshots built of them."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import networkx
from hypothesis import strategies as st

from mechkg.kg.build.builder import build_snapshot
from mechkg.kg.model.schema import Category, Predicate, Schema
from mechkg.kg.model.values import EFFECTS, Context, Entity, Evidence, Qualifier, Statement
from mechkg.kg.snapshot.snapshot import Snapshot, open_snapshot
from tests.draws import records
from tests.kg.temporary import directory

SCHEMA = Schema(
    categories=(
        Category(id="biolink:NamedThing", label="thing"),
        Category(id="biolink:Cell", label="cell", parents=("biolink:NamedThing",)),
        Category(id="biolink:Neuron", label="nerve cell", parents=("biolink:Cell",)),
        Category(id="biolink:Gene", label="gene", parents=("biolink:NamedThing",)),
    ),
    predicates=(
        Predicate(id="affects", label="affects"),
        Predicate(id="promotes", label="promotes", parents=("affects",), sign=1),
        Predicate(id="inhibits", label="inhibits", parents=("affects",), sign=-1),
        Predicate(id="binds", label="binds", symmetric=True, sign=0),
    ),
)

NODES = tuple(f"X:{letter}" for letter in "abcdefg")
CATEGORY = {
    node: ("biolink:Cell", "biolink:Neuron", "biolink:Gene")[i % 3] for i, node in enumerate(NODES)
}

EVIDENCE = (
    (),
    (Evidence(kind="article", source="infores:a", location="P4S3"),),
    (
        Evidence(kind="literature", source="infores:b", publications=("PMID:1", "PMID:2")),
        Evidence(kind="literature", source="infores:b", publications=("PMID:2",)),
    ),
)
CONTEXTS = ((), (Context("species", "NCBITaxon:10116", "rat"),), (Context("stage", "adult"),))
MEANINGS: tuple[dict[str, Any], ...] = (
    {},
    {"hedge": "reported", "subject_aspect": "abundance", "object_aspect": "integrity"},
    {"action": "agonist", "weight": 0.5, "hedge": "contested"},
)
QUALIFIERS = ((), (Qualifier("species", "rat"),), (Qualifier("species", "mouse"),))


@st.composite
def multigraphs(draw: st.DrawFn) -> list[Statement]:
    """Up to 25 statements: parallel edges, self-loops, negated, inferred, bare and rich ones."""
    parts = records(
        NODES,
        [p.id for p in SCHEMA.predicates],
        NODES,
        EFFECTS,
        MEANINGS,
        CONTEXTS,
        ["plain", "plain", "plain", "negated", "inferred"],
        EVIDENCE,
        QUALIFIERS,
        ["asserted", "asserted", "potential"],
    )
    return [
        Statement(
            id=f"T{number}",
            subject=subject,
            predicate=predicate,
            object=obj,
            effect=effect,
            **meaning,
            context=context,
            negated=kind == "negated",
            derived_from=("T0",) if kind == "inferred" else (),
            evidence=evidence,
            qualifiers=qualifiers,
            modality=modality,
        )
        for number, (
            subject,
            predicate,
            obj,
            effect,
            meaning,
            context,
            kind,
            evidence,
            qualifiers,
            modality,
        ) in enumerate(draw(st.lists(parts, max_size=25)))
    ]


def entities() -> list[Entity]:
    return [Entity(id=node, name=f"node {node[2:]}", category=CATEGORY[node]) for node in NODES]


def built(folder: Path, statements: Iterable[Statement]) -> Snapshot:
    return open_snapshot(
        build_snapshot(
            folder, name="drawn", entities=entities(), statements=statements, schema=SCHEMA
        )
    )


def on_snapshot(statements: Iterable[Statement], check: Callable[[Snapshot], None]) -> None:
    """Build a snapshot, hand it to a check, and remove it."""
    with directory() as folder:
        check(built(folder, statements))


def carrying(statements: Iterable[Statement]) -> "networkx.MultiDiGraph[str]":
    """The statements that make neighbours, as networkx has them: the oracle."""
    graph: networkx.MultiDiGraph[str] = networkx.MultiDiGraph()
    graph.add_nodes_from(NODES)
    for s in statements:
        if not s.negated and not s.derived_from:
            graph.add_edge(s.subject, s.object, key=s.id, statement=s)
    return graph
