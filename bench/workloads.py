"""What is asked: the workloads, and the shape of one question."""

from __future__ import annotations

from typing import Literal

import msgspec

__all__ = ["CHAINS", "GROWTH", "MECHANISM", "WORKLOADS", "Kind", "Query", "Workload"]

Kind = Literal["paths", "best", "neighbourhood"]

MECHANISM = ("CbG", "GiG", "GrG", "DaG")
"""Compound binds gene, gene interacts with or regulates gene, disease associates gene."""


class Workload(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of question with everything but its ends.

    `paths`: all simple paths of `min_hops` to `hops` hops. `best`: the `count` cheapest simple
    paths, the cost being the sum of log(degree) over the entities between the ends.
    `neighbourhood`: how many entities lie within `hops` hops, and up to 10,000 statements.
    """

    name: str
    title: str
    kind: Kind
    hops: int
    min_hops: int = 1
    undirected: bool = True
    predicates: tuple[str, ...] = ()
    count: int = 10


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """The ends of one question: rows for peers, identifiers for MechKG and GANDALF.

    A neighbourhood has no target. `label` says what was drawn (`distance 3`, `hubs`).
    """

    source: tuple[int, ...]
    target: tuple[int, ...]
    source_ids: tuple[str, ...]
    target_ids: tuple[str, ...]
    label: str


WORKLOADS = (
    Workload(name="W1", title="all paths of at most 3 hops, undirected", kind="paths", hops=3),
    Workload(
        name="W1d",
        title="all paths of at most 3 hops, directed",
        kind="paths",
        hops=3,
        undirected=False,
    ),
    Workload(
        name="W2",
        title=f"all paths of at most 4 hops, undirected, only {', '.join(MECHANISM)}",
        kind="paths",
        hops=4,
        predicates=MECHANISM,
    ),
    Workload(
        name="W3",
        title="the 10 best paths of at most 5 hops, undirected, hub penalty",
        kind="best",
        hops=5,
    ),
    Workload(name="N1", title="1-hop neighbourhood", kind="neighbourhood", hops=1),
    Workload(name="N2", title="2-hop neighbourhood", kind="neighbourhood", hops=2),
)

CHAINS = tuple(
    Workload(name=name, title=title, kind="paths", hops=hops, min_hops=hops, undirected=undirected)
    for name, title, hops, undirected in (
        ("C1", "direct statements, undirected, pinned at both ends", 1, True),
        ("C2", "chains of exactly 2 hops, undirected, pinned at both ends", 2, True),
        ("C3", "chains of exactly 3 hops, undirected, pinned at both ends", 3, True),
        ("C3d", "chains of exactly 3 hops, directed, pinned at both ends", 3, False),
        ("CS", "chains of exactly 2 hops, undirected, between two sets of entities", 2, True),
    )
)
"""What GANDALF can be asked: it has no other bound than the exact number of hops, and a query
edge without predicates matches statements either way."""

GROWTH = tuple(
    Workload(
        name=f"W3k{count}",
        title=f"the {count} best paths of at most 5 hops, undirected, hub penalty",
        kind="best",
        hops=5,
        count=count,
    )
    for count in (1, 100, 1000)
)
"""How the cost of the best paths grows with their number."""
