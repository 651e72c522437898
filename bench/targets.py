"""What the figures are to show, and whether a run shows it.

The targets are the project's own; every value beside them is computed from the run. Ratios are
medians pair by pair, as in the tables.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from bench.graphs import HETIO
from bench.results import GraphResult, PeerResult, Results
from bench.statistics import Summary, ratio, summary
from bench.worker import Ready
from bench.workloads import CHAINS

__all__ = ["Verdict", "verdicts"]

BASE = "mechkg"
LARGE = "synthetic-10M"
GENERAL = ("duckdb", "igraph", "rustworkx", "kuzu", "falkordb", "oxigraph")
"""The peers that anybody would reach for, of which the best is to be beaten."""

STORES = ("duckdb", "kuzu", "ladybug")
"""The databases that are to load `LARGE` no faster; small graphs are another matter, and shown."""


class Verdict(msgspec.Struct, frozen=True):
    """A target, the value that was measured, if it was, and whether it is met."""

    target: str
    value: float | None
    met: bool


def verdicts(results: Results) -> Iterator[Verdict]:
    """Yield every target with what the run says about it."""
    graphs = {graph.name: graph for graph in results.graphs}
    seconds = results.plan.seconds
    if real := graphs.get(HETIO):
        yield from _on_real(real, seconds)
    if large := graphs.get(LARGE):
        yield from _on_large(large)
    for graph in results.graphs:
        yield from _on_loads(graph)


def _on_real(graph: GraphResult, seconds: float) -> Iterator[Verdict]:
    best = [value for name in GENERAL if (value := _ratio(graph, "W1", name, seconds))]
    least = min(best, default=None)
    yield _at_least("W1: times faster than the best general peer, at least", least, 100)
    prototype = _ratio(graph, "W1", "prototype", seconds)
    ours = 1 / prototype if prototype else None
    yield _at_most("W1: times the prototype's time, at most", ours, 1.5)
    yield _at_most("W3: median ms, at most", _summary(graph, "W3", lambda s: s.median), 2)
    igraph = _ratio(graph, "W3", "igraph", seconds)
    yield _at_least("W3: times faster than igraph's k shortest, at least", igraph, 300)
    for workload in CHAINS:
        if value := _ratio(graph, workload.name, "gandalf", seconds):
            yield _at_least(f"{workload.name}: times faster than gandalf, at least", value, 1)


def _on_large(graph: GraphResult) -> Iterator[Verdict]:
    median, p95 = (_summary(graph, "W3", get) for get in (lambda s: s.median, lambda s: s.p95))
    yield _at_most("W3 on 10M statements: median ms, at most", median, 20)
    yield _at_most("W3 on 10M statements: 95th percentile ms, at most", p95, 80)
    opened = graph.peers.get(BASE, PeerResult()).open
    seconds, private = None, None
    if isinstance(opened, Ready):
        seconds, private = opened.seconds, opened.after.private - opened.imported.private
    yield _at_most("Opening 10M statements: seconds, at most", seconds, 0.2)
    yield _at_most("Opening 10M statements: private MB, at most", private, 50)


def _on_loads(graph: GraphResult) -> Iterator[Verdict]:
    rows = {**graph.peers, **graph.loaders}
    ours = _built(rows.get(BASE))
    wanted = {"gandalf": 10, **(dict.fromkeys(STORES, 1) if graph.name == LARGE else {})}
    for name, factor in wanted.items():
        if theirs := _built(rows.get(name)):
            value = theirs.seconds / ours.seconds if ours else None
            yield _at_least(
                f"{graph.name}: times faster built than {name}, at least", value, factor
            )
    triples, rdflib = (_built(rows.get(f"{name}, N-Triples")) for name in (BASE, "rdflib"))
    if rdflib:
        value = rdflib.seconds / triples.seconds if triples else None
        yield _at_least(f"{graph.name}: times faster than rdflib's parse, at least", value, 15)
    peak = ours.after.peak if ours else None
    yield _at_most(f"{graph.name}: building's peak MB, at most", peak, 3_000)


def _at_least(target: str, value: float | None, bound: float) -> Verdict:
    return Verdict(f"{target} {bound:,g}", value, value is not None and value >= bound)


def _at_most(target: str, value: float | None, bound: float) -> Verdict:
    return Verdict(f"{target} {bound:,g}", value, value is not None and value <= bound)


def _ratio(graph: GraphResult, workload: str, peer: str, seconds: float) -> float | None:
    for series in graph.series:
        if series.workload.name == workload and (found := ratio(series, peer, BASE, seconds)):
            return found.value
    return None


def _summary(graph: GraphResult, workload: str, value: Callable[[Summary], float]) -> float | None:
    for series in graph.series:
        if series.workload.name == workload and (found := summary(series.outcomes.get(BASE, []))):
            return value(found)
    return None


def _built(found: PeerResult | None) -> Ready | None:
    return found.build if found and isinstance(found.build, Ready) else None
