"""A figure's places by Graphviz: layers from left to right, curves that pass round boxes.

Layers, order and curves are those of `dot` (Gansner, Koutsofios, North and Vo, *A technique for
drawing directed graphs*, 1993).

The labels of a line are a node of their own, through which the line
runs: they are on it, nothing overlaps them, and no other line crosses them. Graphviz is given sizes
and numbers only, no text: nothing that a graph says is parsed by it, and no font of the machine is
used.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from mechkg.kg.draw.bundles import Bundle, label_size
from mechkg.kg.draw.flow import flows
from mechkg.kg.draw.graphviz import place_by_dot
from mechkg.kg.draw.scene import Box, Placement
from mechkg.kg.draw.shapes import Curve, Point, bowed

__all__ = ["place_figure"]

_HEAD: Final = """digraph {{
rankdir=LR nodesep=0.14 ranksep={:.4f}
node [shape=box fixedsize=true label=""]
edge [dir=none headclip=false tailclip=false]"""
"""Numbers stand for names and points for pixels; curves run between the centres of boxes."""

_ABOVE: Final = 5.0
"""What stays free above and below a box, in pixels, beside what labels leave."""


_TURN: Final = 20.0
"""The reach of the handles of a line that turns round at its labels."""


def place_figure(
    boxes: Sequence[Box],
    bundles: Sequence[Bundle],
    room: Sequence[float],
    sources: Sequence[str],
    targets: Sequence[str],
    *,
    gap: float = 14.0,
) -> Placement | None:
    """Place boxes in layers, sources in the first and targets in the last, and lines with labels.

    `room` is the height over each box that must stay free, `gap` that between a box and a label
    beside it. None where Graphviz fails. The time
    grows steeply with the number of lines that span many layers: a figure of 30 lines takes some
    10 ms, and the start of a process where none is kept (`kg.draw.graphviz.Dot`).
    """
    row = {box.id: i for i, box in enumerate(boxes)}
    given = {
        i: (row[left], row[right])
        for i, (bundle, (left, right)) in enumerate(
            zip(bundles, flows(bundles, sources, targets), strict=True)
        )
        if bundle.subject != bundle.object
    }
    first, last = ({row[name] for name in names} for names in (sources, targets))
    turns = {
        i: 1 if first.issuperset(ends) else -1
        for i, ends in given.items()
        if first.issuperset(ends) or last.issuperset(ends)
    }
    graph = [
        *_nodes(boxes, room),
        *_ranks(boxes, sources, targets),
        *(
            part
            for i, ends in given.items()
            for part in _line(i, bundles[i], ends, turns.get(i, 0))
        ),
    ]
    placed = place_by_dot("\n".join([_HEAD.format(gap / 72), *graph, "}"]))
    return None if placed is None else _read(placed, boxes, bundles, given, turns)


def _read(
    placed: dict[str, Any],
    boxes: Sequence[Box],
    bundles: Sequence[Bundle],
    given: Mapping[int, tuple[int, int]],
    turns: Mapping[int, int],
) -> Placement:
    """Take Graphviz' coordinates, which are in points and grow upwards."""
    _, _, width, height = (float(value) for value in placed["bb"].split(","))

    def point(text: str) -> Point:
        x, y = text.split(",")
        return round(float(x), 2), round(height - float(y), 2)

    named = {item["name"]: point(item["pos"]) for item in placed["objects"] if "pos" in item}
    parts = {
        str(edge["id"]): tuple(map(point, edge["pos"].split()))
        for edge in placed.get("edges", ())
        if "pos" in edge
    }
    at = {box.id: named[f"n{i}"] for i, box in enumerate(boxes)}
    curves: dict[int, Curve] = {}
    labels: dict[int, Point] = {}
    for i, bundle in enumerate(bundles):
        if bundle.subject == bundle.object:
            continue
        curve = _turned(parts, i, turns[i]) if i in turns else _joined(parts, i)
        if curve is None:
            # One of the few for which dot finds no way.
            curves[i] = bowed(at[bundle.subject], at[bundle.object])
            continue
        forward = boxes[given[i][0]].id == bundle.subject
        curves[i] = curve if forward else curve[::-1]
        if bundle.labels:
            labels[i] = named[f"l{i}"]
    return Placement(
        width=width, height=height, centres=tuple(at.values()), curves=curves, labels=labels
    )


def _joined(parts: Mapping[str, Curve], line: int) -> Curve | None:
    """Return a line from its two parts and a straight piece through its labels, without corners."""
    if whole := parts.get(f"{line}"):
        return whole
    before, after = parts.get(f"{line}a"), parts.get(f"{line}b")
    if before is None or after is None:
        return None
    start, end = before[-1], after[0]
    through = ((2 * start[0] + end[0]) / 3, start[1]), ((start[0] + 2 * end[0]) / 3, end[1])
    return (*before[:-2], _level(before[-2], start), start, *through, *_from(after))


def _turned(parts: Mapping[str, Curve], line: int, side: int) -> Curve | None:
    """Return a line between two entities of one layer, which turns round at its labels.

    `side` is 1 where the labels are to the right of the layer, -1 to the left.
    """
    before, after = parts.get(f"{line}a"), parts.get(f"{line}b")
    if before is None or after is None:
        return None
    before, after = (before, after[::-1]) if side > 0 else (before[::-1], after)
    x, y = before[-1]
    reach = math.copysign(_TURN, after[-1][1] - before[0][1])
    return (*before[:-2], (x, y - reach), (x, y), (x, y + reach), *after[2:])


def _from(curve: Curve) -> Curve:
    return (curve[0], _level(curve[1], curve[0]), *curve[2:])


def _level(handle: Point, at: Point) -> Point:
    """Turn the handle of a curve so that it meets its end horizontally."""
    return handle[0], at[1]


def _nodes(boxes: Sequence[Box], room: Sequence[float]) -> list[str]:
    return [
        f"n{i} [width={box.width / 72:.4f} height={(box.height + 2 * (room[i] + _ABOVE)) / 72:.4f}]"
        for i, box in enumerate(boxes)
    ]


def _ranks(boxes: Sequence[Box], sources: Sequence[str], targets: Sequence[str]) -> list[str]:
    row = {box.id: i for i, box in enumerate(boxes)}
    return [
        f"{{ rank={rank} {' '.join(f'n{row[name]}' for name in names)} }}"
        for rank, names in (("source", sources), ("sink", targets))
        if names
    ]


def _line(line: int, bundle: Bundle, ends: tuple[int, int], turn: int) -> list[str]:
    """Write a line from left to right: in two parts, with a node of the size of its labels.

    A line within a layer (`turn` is not 0) has both parts on one side of it.
    """
    left, right = ends
    if not bundle.labels:
        return [f"n{left} -> n{right} [id={line}]"]
    width, height = label_size(bundle.labels)
    size = f"l{line} [width={width / 72:.4f} height={height / 72:.4f}]"
    if turn:
        near = [f"n{end} -> l{line}" if turn > 0 else f"l{line} -> n{end}" for end in ends]
        return [size, *(f'{one} [id="{line}{part}"]' for one, part in zip(near, "ab", strict=True))]
    return [
        size,
        f'n{left} -> l{line}:w [id="{line}a"]',
        f'l{line}:e -> n{right} [id="{line}b"]',
    ]
