"""A figure's places by Graphviz: layers from left to right, curves that pass round boxes.

Layers, order and curves are those of `dot` (Gansner, Koutsofios, North and Vo, *A technique for
drawing directed graphs*, 1993). It is given sizes and numbers only, no text: nothing that a graph
says is parsed by it, and no font of the machine is used.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from mechkg.kg.draw.bundles import Bundle, label_size
from mechkg.kg.draw.graphviz import place_by_dot
from mechkg.kg.draw.scene import Box, Placement
from mechkg.kg.draw.shapes import Curve, Point, bowed

__all__ = ["place_figure"]

_HEAD: Final = """digraph {
rankdir=LR nodesep=0.28 ranksep=0.32
node [shape=box fixedsize=true label=""]
edge [dir=none headclip=false tailclip=false]"""
"""Numbers stand for names and points for pixels; curves run between the centres of boxes."""


def place_figure(
    boxes: Sequence[Box],
    bundles: Sequence[Bundle],
    room: Sequence[float],
    sources: Sequence[str],
    targets: Sequence[str],
) -> Placement | None:
    """Place boxes in layers, sources in the first and targets in the last, and lines with labels.

    `room` is the height over each box that must stay free. None where Graphviz fails. The time
    grows steeply with the number of lines that span many layers: a figure of 30 lines takes some
    5 ms, and the start of a process where none is kept (`kg.draw.graphviz.Dot`); the worst of many
    random graphs of 120 lines took 1.4 s.
    """
    within = (frozenset(sources), frozenset(targets))
    given = [
        i
        for i, bundle in enumerate(bundles)
        if bundle.subject != bundle.object
        and not any(bundle.subject in ends and bundle.object in ends for ends in within)
    ]
    graph = [*_nodes(boxes, room), *_ranks(boxes, sources, targets), *_edges(boxes, bundles, given)]
    placed = place_by_dot("\n".join([_HEAD, *graph, "}"]))
    return None if placed is None else _read(placed, boxes, bundles)


def _read(placed: dict[str, Any], boxes: Sequence[Box], bundles: Sequence[Bundle]) -> Placement:
    """Take Graphviz' coordinates, which are in points and grow upwards."""
    _, _, width, height = (float(value) for value in placed["bb"].split(","))

    def point(text: str) -> Point:
        x, y = text.split(",")
        return round(float(x), 2), round(height - float(y), 2)

    named = {item["name"]: point(item["pos"]) for item in placed["objects"] if "pos" in item}
    at = {box.id: named[f"n{i}"] for i, box in enumerate(boxes)}
    edges = {int(e["id"]): e for e in placed.get("edges", ()) if "pos" in e and "lp" in e}
    curves: dict[int, Curve] = {}
    for i, bundle in enumerate(bundles):
        if i in edges:
            curves[i] = tuple(map(point, edges[i]["pos"].split()))
        elif bundle.subject != bundle.object:
            # Within a layer, or one of the few for which dot finds no way.
            curves[i] = bowed(at[bundle.subject], at[bundle.object])
    return Placement(
        width=width,
        height=height,
        centres=tuple(at.values()),
        curves=curves,
        labels={i: point(edge["lp"]) for i, edge in edges.items()},
    )


def _nodes(boxes: Sequence[Box], room: Sequence[float]) -> list[str]:
    return [
        f"n{i} [width={box.width / 72:.4f} height={(box.height + 2 * room[i]) / 72:.4f}]"
        for i, box in enumerate(boxes)
    ]


def _ranks(boxes: Sequence[Box], sources: Sequence[str], targets: Sequence[str]) -> list[str]:
    row = {box.id: i for i, box in enumerate(boxes)}
    return [
        f"{{ rank={rank} {' '.join(f'n{row[name]}' for name in names)} }}"
        for rank, names in (("source", sources), ("sink", targets))
        if names
    ]


def _edges(boxes: Sequence[Box], bundles: Sequence[Bundle], given: Sequence[int]) -> list[str]:
    row = {box.id: i for i, box in enumerate(boxes)}
    return [
        f"n{row[bundles[i].subject]} -> n{row[bundles[i].object]} [id={i} "
        f"label={_spacer(bundles[i])}]"
        for i in given
    ]


def _spacer(bundle: Bundle) -> str:
    """Return an empty table of the size of a bundle's labels: room that no font can change."""
    width, height = label_size(bundle.labels)
    return (
        f'<<table border="0" cellpadding="0" cellspacing="0" fixedsize="true" '
        f'width="{width:.0f}" height="{height:.0f}"><tr><td></td></tr></table>>'
    )
