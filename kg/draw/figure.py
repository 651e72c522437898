"""A figure's places by Graphviz: layers from left to right, curves that pass round boxes.

Layers, order and curves are those of `dot` (Gansner, Koutsofios, North and Vo, *A technique for
drawing directed graphs*, 1993), called in this process through the library in the pygraphviz
wheel. It is given sizes and numbers only, no text: nothing that a graph says is parsed by it, and
no font is asked of the machine.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from threading import Lock
from typing import Any, Final

import msgspec

from kg.draw.bundles import Bundle, label_size
from kg.draw.scene import Box, Placement
from kg.draw.shapes import Curve, Point

__all__ = ["place_figure"]

_GRAPHVIZ: Final = Lock()
"""Graphviz keeps global state while it works: one figure at a time in a process."""


def place_figure(
    boxes: Sequence[Box],
    bundles: Sequence[Bundle],
    room: Sequence[float],
    sources: Sequence[str],
    targets: Sequence[str],
) -> Placement:
    """Place boxes in layers, sources in the first and targets in the last, and lines with labels.

    `room` is the height over each box that must stay free. The time grows steeply with the number
    of lines that span many layers: a figure of 30 lines takes 20 ms, the worst of many random
    graphs of 120 lines took 1.4 s.
    """
    from pygraphviz import AGraph  # loads a C library, which only drawing needs

    text = _dot(boxes, bundles, room, sources, targets)
    with _GRAPHVIZ:
        graph = AGraph(text)
        try:
            placed: dict[str, Any] = msgspec.json.decode(graph.draw(format="json0", prog="dot"))
        finally:
            graph.close()
    _, _, width, height = (float(value) for value in placed["bb"].split(","))

    def point(text: str) -> Point:
        x, y = text.split(",")
        return round(float(x), 2), round(height - float(y), 2)

    named = {item["name"]: point(item["pos"]) for item in placed["objects"] if "pos" in item}
    centres = tuple(named[f"n{i}"] for i in range(len(boxes)))
    # dot now and then finds no way for an edge and leaves it out: that one becomes a straight line.
    edges = {int(e["id"]): e for e in placed.get("edges", ()) if "pos" in e and "lp" in e}
    return Placement(
        width=width,
        height=height,
        centres=centres,
        curves={i: tuple(map(point, edge["pos"].split())) for i, edge in edges.items()}
        | _straight(boxes, bundles, centres, edges.keys()),
        labels={i: point(edge["lp"]) for i, edge in edges.items()},
    )


def _straight(
    boxes: Sequence[Box],
    bundles: Sequence[Bundle],
    centres: Sequence[Point],
    done: Collection[int],
) -> dict[int, Curve]:
    """Return straight lines between centres for the bundles that have no curve yet."""
    at = {box.id: centre for box, centre in zip(boxes, centres, strict=True)}
    lines: dict[int, Curve] = {}
    for i, bundle in enumerate(bundles):
        if i not in done and bundle.subject != bundle.object:
            a, b = at[bundle.subject], at[bundle.object]
            thirds = [(a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t) for t in (1 / 3, 2 / 3)]
            lines[i] = (a, *thirds, b)
    return lines


def _dot(
    boxes: Sequence[Box],
    bundles: Sequence[Bundle],
    room: Sequence[float],
    sources: Sequence[str],
    targets: Sequence[str],
) -> str:
    """Write the graph in DOT: numbers for names, points for pixels, empty tables for labels."""
    row = {box.id: i for i, box in enumerate(boxes)}
    lines = [
        "digraph { rankdir=LR nodesep=0.28 ranksep=0.32",
        'node [shape=box fixedsize=true label=""]',
    ]
    lines += [
        f"n{i} [width={box.width / 72:.4f} height={(box.height + 2 * room[i]) / 72:.4f}]"
        for i, box in enumerate(boxes)
    ]
    for rank, names in (("source", sources), ("sink", targets)):
        if names:
            lines.append(f"{{ rank={rank} {' '.join(f'n{row[name]}' for name in names)} }}")
    lines += [
        f"n{row[bundle.subject]} -> n{row[bundle.object]} [id={i} dir=none headclip=false "
        f"tailclip=false label={_spacer(bundle)}]"
        for i, bundle in enumerate(bundles)
        if bundle.subject != bundle.object
    ]
    return "\n".join([*lines, "}"])


def _spacer(bundle: Bundle) -> str:
    """Return an empty table of the size of a bundle's labels: room that no font can change."""
    width, height = label_size(bundle.labels)
    return (
        f'<<table border="0" cellpadding="0" cellspacing="0" fixedsize="true" '
        f'width="{width:.0f}" height="{height:.0f}"><tr><td></td></tr></table>>'
    )
