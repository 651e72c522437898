"""The geometry of figures: `python -m bench.figures --data DIR`.

Draws 200 figures as the page does, the 8 best paths of a question each: 30 questions on the bundled
ontology (`ms-nsc`), 170 on the Hetionet part (`--hetionet`, walked either way), both drawn with a
fixed seed among the most linked entities. Prints a table of `Geometry`: the size of the smallest
label where the page opens the figure in a window of 1,280 by 800 pixels, how much of the figure is
in view then, and counts of what must not be: boxes or labels that overlap, labels beside their
line, lines that run through a box or through another's label.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from math import hypot
from pathlib import Path
from random import Random
from statistics import median
from typing import Final, NamedTuple

import numpy as np

from mechkg import Graph, open_graph
from mechkg.kg.draw import Box, Layout, Line, layout
from mechkg.kg.draw.bundles import LABEL_MARGIN, LABEL_SIZE, label_size
from mechkg.kg.draw.graphviz import Dot
from mechkg.kg.draw.shapes import Point, point_at

__all__ = ["Geometry", "geometry", "questions"]

DRAWN: Final = 8
"""How many paths the page draws until the reader says which."""

LEAST_PATHS: Final = 4
"""Fewer make no figure that could be hard to draw."""

QUESTIONS: Final = {"ms-nsc": 30, "hetionet": 170}
KINDS: Final = {
    "ms-nsc": (
        ("biolink:Cell", "biolink:Gene", "biolink:ChemicalEntity"),
        ("biolink:Disease", "biolink:BiologicalProcess", "biolink:Cell"),
    ),
    "hetionet": (("biolink:SmallMolecule", "biolink:Gene"), ("biolink:Disease",)),
}
GUIDED: Final = (
    ("neural stem cell", "Remyelination"),
    ("neural stem cell", "neuron"),
    ("mesenchymal stem cell", "Remyelination"),
    ("neural stem cell", "multiple sclerosis"),
    ("mesenchymal stem cell", "multiple sclerosis"),
)
SEED: Final = 7
LINKED: Final = 60
"""Ends are drawn among so many most linked entities of their kinds."""

STAGE: Final = (972.0, 480.0)
"""What a window of 1,280 by 800 pixels leaves for the figure beside the list of paths."""

MARGIN: Final = 16.0
LEAST_SCALE: Final = 0.5
LARGEST_SCALE: Final = 1.1
"""As in web/src/figure/zoom.ts."""

ASIDE: Final = 10.0
"""A label whose centre is farther from its line, in pixels, stands beside it."""

SLACK: Final = 1.0
STEPS: Final = 24

Rectangle = tuple[float, float, float, float]
"""Left, top, right, bottom."""


class Geometry(NamedTuple):
    """What is measured of a figure; lengths in pixels."""

    boxes: int
    lines: int
    labels: int
    width: float
    height: float
    label_size: float
    whole: bool
    box_overlaps: int
    label_overlaps: int
    labels_aside: int
    boxes_crossed: int
    labels_crossed: int


def geometry(placed: Layout, stage: tuple[float, float] = STAGE) -> Geometry:
    """Measure a figure, as it opens on a stage of that width and height. O(n²) in its marks.

    >>> geometry(Layout(width=0, height=0, boxes=(), lines=())).box_overlaps
    0
    """
    boxes = {box.id: _box(box) for box in placed.boxes}
    labelled = [line for line in placed.lines if line.labels]
    labels = [_label(line) for line in labelled]
    traces = [list(_trace(line)) for line in placed.lines]
    fits = min(
        (stage[0] - 2 * MARGIN) / max(placed.width, 1),
        (stage[1] - 2 * MARGIN) / max(placed.height, 1),
    )
    scale = max(LEAST_SCALE, min(fits, LARGEST_SCALE))
    every = [*boxes.values(), *labels]
    box_pairs = sum(_meet(a, b) for a, b in combinations(boxes.values(), 2))
    return Geometry(
        boxes=len(boxes),
        lines=len(traces),
        labels=len(labels),
        width=placed.width,
        height=placed.height,
        label_size=LABEL_SIZE * scale,
        whole=scale <= fits,
        box_overlaps=box_pairs,
        label_overlaps=sum(_meet(a, b) for a, b in combinations(every, 2)) - box_pairs,
        labels_aside=sum(_distance(line) > ASIDE for line in labelled),
        boxes_crossed=sum(
            _crosses(trace, box)
            for line, trace in zip(placed.lines, traces, strict=True)
            for name, box in boxes.items()
            if name not in (line.subject, line.object)
        ),
        labels_crossed=sum(
            _crosses(trace, label)
            for line, trace in zip(placed.lines, traces, strict=True)
            for other, label in zip(labelled, labels, strict=True)
            if other is not line
        ),
    )


def questions(graph: Graph, name: str) -> Iterator[tuple[str, str]]:
    """Yield pairs of entities that paths join, in a fixed random order without end."""
    if name == "ms-nsc":
        yield from GUIDED
    subjects, objects = (_linked(graph, kinds) for kinds in KINDS[name])
    draw = Random(SEED)
    while True:
        pair = draw.choice(subjects), draw.choice(objects)
        if pair[0] != pair[1]:
            yield pair


def figures(graph: Graph, name: str) -> Iterator[tuple[tuple[str, str], Layout]]:
    """Yield the figures of a graph, `QUESTIONS` of them, each with its question."""
    way = "directed" if name == "ms-nsc" else "undirected"
    found = 0
    for source, target in questions(graph, name):
        result = graph.find_paths(source=(source,), target=(target,), direction=way, limit=DRAWN)
        if len(result.paths) >= LEAST_PATHS:
            found += 1
            yield (source, target), layout(graph.drawn(result), graph.schema)
        if found == QUESTIONS[name]:
            return


def _linked(graph: Graph, kinds: Sequence[str]) -> list[str]:
    """Return the most linked entities of some categories."""
    index, records = graph.snapshot.index, graph.snapshot.records
    codes = [i for i, one in enumerate(graph.schema.categories) if one.id in kinds]
    rows = np.flatnonzero(np.isin(index.category, codes))
    best = rows[np.argsort(-index.degree[rows].astype(np.int64), kind="stable")][:LINKED]
    return [records.path_entity(int(row)).id for row in best]


def _box(box: Box) -> Rectangle:
    return _rectangle((box.x, box.y), (box.width, box.height))


def _label(line: Line) -> Rectangle:
    width, height = label_size(line.labels)
    return _rectangle(line.label, (width - 2 * LABEL_MARGIN, height))


def _rectangle(centre: Point, size: tuple[float, float]) -> Rectangle:
    (x, y), (width, height) = centre, size
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2


def _meet(a: Rectangle, b: Rectangle) -> bool:
    return (
        a[0] < b[2] - SLACK and b[0] < a[2] - SLACK and a[1] < b[3] - SLACK and b[1] < a[3] - SLACK
    )


def _trace(line: Line) -> Iterator[Point]:
    for start in range(0, len(line.points) - 1, 3):
        segment = line.points[start : start + 4]
        yield from (point_at(segment, i / STEPS) for i in range(STEPS + 1))


def _distance(line: Line) -> float:
    """Return how far the centre of a label is from its line."""
    x, y = line.label
    return min(hypot(px - x, py - y) for px, py in _trace(line))


def _crosses(trace: Sequence[Point], box: Rectangle) -> bool:
    left, top, right, bottom = (box[0] + 2, box[1] + 2, box[2] - 2, box[3] - 2)
    return any(left < x < right and top < y < bottom for x, y in trace)


def summary(name: str, measured: Sequence[Geometry]) -> dict[str, str]:
    """Return the row of a table about some figures."""
    sizes = sorted(one.label_size for one in measured)
    total = {field: sum(getattr(one, field) for one in measured) for field in COUNTED}
    return {
        "figures": f"{name} ({len(measured)})",
        "boxes, lines (median)": f"{median(one.boxes for one in measured):g}, "
        f"{median(one.lines for one in measured):g}",
        "label px: least, median": f"{sizes[0]:.1f}, {median(sizes):.1f}",
        "under 11 px": str(sum(size < 10.95 for size in sizes)),
        "under 9 px": str(sum(size < 9 for size in sizes)),
        "whole in view": str(sum(one.whole for one in measured)),
        "boxes overlap": str(total["box_overlaps"]),
        "labels overlap": str(total["label_overlaps"]),
        "labels aside": f"{total['labels_aside']} of {total['labels']}",
        "boxes crossed": str(total["boxes_crossed"]),
        "labels crossed": str(total["labels_crossed"]),
    }


COUNTED: Final = (
    "labels", "box_overlaps", "label_overlaps", "labels_aside", "boxes_crossed", "labels_crossed"
)  # fmt: skip


def table(rows: Iterable[dict[str, str]]) -> str:
    """Return rows as a table in Markdown, a measure a line."""
    known = list(rows)
    heads, *others = known[0]
    lines = [
        "| " + " | ".join([heads, *(row[heads] for row in known)]) + " |",
        "|---" * (len(known) + 1) + "|",
    ]
    lines += ["| " + " | ".join([name, *(row[name] for row in known)]) + " |" for name in others]
    return "\n".join(lines)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="directory of the snapshots")
    parser.add_argument("--ontology", default="ms-nsc", help="name of the bundled ontology there")
    parser.add_argument("--hetionet", default="hetionet", help="name of the Hetionet part there")
    parser.add_argument("--stage", type=float, nargs=2, default=STAGE, help="width and height")
    parser.add_argument("--worst", type=int, default=0, help="how many figures to name")
    given = parser.parse_args()
    rows, dot = [], Dot()
    for name, graph in (("ms-nsc", given.ontology), ("hetionet", given.hetionet)):
        with dot.in_use():
            drawn = list(figures(open_graph(given.data / graph / "current"), name))
        measured = [geometry(placed, tuple(given.stage)) for _, placed in drawn]
        rows.append(summary(name, measured))
        ordered = sorted(zip(measured, drawn, strict=True), key=lambda pair: pair[0].label_size)
        for one, (question, _) in ordered[: given.worst]:
            print(*question, one)
    dot.close()
    print(table(rows))


if __name__ == "__main__":
    main()
