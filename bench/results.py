"""What a run measured, as it is saved beside the graphs and read by the report."""

from __future__ import annotations

from typing import Literal

import msgspec

from bench.worker import Failed, Ready
from bench.workloads import Query, Workload

__all__ = ["GraphResult", "Machine", "Outcome", "PeerResult", "Plan", "Results", "Series"]

State = Literal["answered", "unfinished", "failed", "not asked", "wrong"]
"""Unfinished is what ran out of time or memory, failed what raised an error before that."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """How much is measured.

    A question has `seconds`; a peer has `budget` seconds for the first round of a workload and as
    much again for the later ones; `questions` cuts each set, None for all of it; `workloads` are
    asked, none for all of them; a worker may take `megabytes`.
    """

    graphs: tuple[str, ...]
    peers: tuple[str, ...]
    rounds: int
    seconds: float
    budget: float
    questions: int | None = None
    workloads: tuple[str, ...] = ()
    megabytes: float = 14_000


class Outcome(msgspec.Struct, kw_only=True):
    """One peer on one question: a time and a processor time a round; see `Answered.foretold`."""

    state: State = "not asked"
    reason: str = ""
    seconds: list[float] = msgspec.field(default_factory=list)
    cpu: list[float] = msgspec.field(default_factory=list)
    foretold: tuple[float, float] | None = None


class Series(msgspec.Struct, kw_only=True):
    """One workload on one graph: its questions, and each peer's outcomes in their order.

    `sizes` are the numbers of paths (or entities) that were agreed on, None where nobody said.
    """

    workload: Workload
    queries: tuple[Query, ...]
    sizes: list[int | None]
    outcomes: dict[str, list[Outcome]]


class PeerResult(msgspec.Struct, kw_only=True):
    """One peer on one graph; `skipped` says why it was not run, if it was not.

    `first` is the time of the first question after opening, in seconds: what a user waits who
    comes first, compiling included where a peer compiles.
    """

    build: Ready | Failed | None = None
    open: Ready | Failed | None = None
    peak: float = 0.0
    first: float | None = None
    skipped: str = ""


class GraphResult(msgspec.Struct, kw_only=True):
    """Everything on one graph; `commit` is what was measured."""

    name: str
    commit: str = ""
    entities: int
    statements: int
    highest_degree: int
    peers: dict[str, PeerResult]
    loaders: dict[str, PeerResult]
    series: list[Series]


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    """Where and when it was measured."""

    date: str
    processor: str
    cores: int
    memory: float
    system: str
    python: str
    commit: str
    load: float


class Results(msgspec.Struct, kw_only=True):
    """A run; `seconds` is how long all of it took."""

    machine: Machine
    plan: Plan
    graphs: list[GraphResult]
    seconds: float = 0.0
    absent: list[str] = msgspec.field(default_factory=list)
