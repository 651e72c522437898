"""One picture of a run: each peer's medians, and MechKG's growth with the size of the graph."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from bench.results import GraphResult, Results
from bench.statistics import summary

__all__ = ["write_plot"]

SHOWN = ("W1", "W1d", "W2", "W3", "N2")
MARKS = dict(zip(SHOWN, "osD^v", strict=True))
COLOURS = dict(zip(SHOWN, ("#0072b2", "#56b4e9", "#009e73", "#d55e00", "#999999"), strict=True))


def write_plot(results: Results, path: Path) -> None:
    """Write an SVG; the same results give the same bytes with one release of matplotlib."""
    settings = {"svg.hashsalt": "mechkg", "svg.fonttype": "none", "font.size": 9}
    with mpl.rc_context(settings):
        figure = Figure(figsize=(9, 4.2), layout="constrained")
        left, right = figure.subplots(1, 2, width_ratios=(3, 2))
        if results.graphs:
            _draw_peers(left, results.graphs[0])
        _draw_growth(right, [g for g in results.graphs if g.name.startswith("synthetic")])
        figure.savefig(path, format="svg", metadata={"Date": None})


def _draw_peers(axes: Any, graph: GraphResult) -> None:
    names = [name for name in graph.peers if any(name in s.outcomes for s in graph.series)]
    for series in graph.series:
        workload = series.workload.name
        points = [
            (found.median, len(names) - 1 - position, found.ended == found.asked)
            for position, name in enumerate(names)
            if workload in SHOWN and (found := summary(series.outcomes.get(name, [])))
        ]
        style = {"marker": MARKS.get(workload), "linestyle": "", "color": COLOURS.get(workload)}
        whole = [(x, y) for x, y, all_ended in points if all_ended]
        partial = [(x, y) for x, y, all_ended in points if not all_ended]
        if points:
            axes.plot(*_columns(whole), label=workload, **style)
            axes.plot(*_columns(partial), fillstyle="none", **style)
    axes.set_yticks(range(len(names)), names[::-1])
    axes.set_xscale("log")
    axes.set_xlabel("median, ms (hollow: not all questions ended)")
    axes.set_title(graph.name)
    axes.grid(axis="x", alpha=0.3)
    if names:
        axes.legend(frameon=False)


def _draw_growth(axes: Any, graphs: list[GraphResult]) -> None:
    for workload in SHOWN:
        points = [
            (graph.statements, found.median)
            for graph in graphs
            for series in graph.series
            if series.workload.name == workload
            and (found := summary(series.outcomes.get("mechkg", [])))
        ]
        if points:
            axes.plot(
                *_columns(points), marker=MARKS[workload], color=COLOURS[workload], label=workload
            )
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel("statements")
    axes.set_ylabel("MechKG, median ms")
    axes.set_title("growth with size")
    axes.grid(alpha=0.3)


def _columns(points: Sequence[tuple[float, float]]) -> tuple[list[float], list[float]]:
    return [x for x, _ in points], [y for _, y in points]
