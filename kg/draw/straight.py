"""Join boxes that are anywhere: lines that pass boxes where a bend does it, labels where free."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mechkg.kg.draw.bundles import Bundle, label_size
from mechkg.kg.draw.scene import Box, Placement
from mechkg.kg.draw.shapes import Curve, Point, bowed, point_at

__all__ = ["joined", "moved_to"]

_BENDS: Final = (0.0, 36.0, -36.0, 72.0, -72.0, 120.0, -120.0, 180.0, -180.0)
"""How far a line bends to pass boxes, in pixels, the first that does."""
_LABEL_AT: Final = (0.5, 0.42, 0.58, 0.34, 0.66, 0.27, 0.73)
"""Where on a line its labels may be, the best first."""
_STEPS: Final = 16
_PASSING: Final = 4.0
"""How far lines stay from boxes that they pass, in pixels."""
_PARALLEL: Final = 40.0
"""How far lines between the same two boxes are apart in their middle."""

Rectangle = tuple[float, float, float, float]
"""Left, top, right, bottom."""
Areas = NDArray[np.float64]
"""Rectangles: float64, a row each."""


def joined(
    boxes: Sequence[Box],
    bundles: Sequence[Bundle],
    room: Sequence[float],
    centres: Sequence[Point],
) -> Placement:
    """Return lines with labels between boxes at these centres. O(lines * (boxes + lines)).

    `room` is the height over each box that must stay free. Lines without labels run straight.

    >>> joined([], [], [], []).curves
    {}
    """
    placed = _routed(boxes, bundles, room, centres)
    return replace(placed, origin=(0.0, 0.0))


def moved_to(
    placed: Placement,
    boxes: Sequence[Box],
    bundles: Sequence[Bundle],
    room: Sequence[float],
    moved: Mapping[str, Point],
) -> Placement:
    """Return a placement with some boxes elsewhere; only lines that touch one run anew.

    `origin` of the answer says where the origin of `placed` and `moved` is in it.

    >>> moved_to(Placement(width=0, height=0, centres=()), [], [], [], {}).origin
    (0.0, 0.0)
    """
    centres = [moved.get(box.id, at) for box, at in zip(boxes, placed.centres, strict=True)]
    kept = {
        i
        for i, bundle in enumerate(bundles)
        if bundle.subject not in moved and bundle.object not in moved
    }
    curves = {i: curve for i, curve in placed.curves.items() if i in kept}
    labels = {i: at for i, at in placed.labels.items() if i in kept}
    kept_lines = replace(placed, curves=curves, labels=labels)
    return _routed(boxes, bundles, room, centres, kept_lines)


def _routed(
    boxes: Sequence[Box],
    bundles: Sequence[Bundle],
    room: Sequence[float],
    centres: Sequence[Point],
    given: Placement | None = None,
) -> Placement:
    """Return a placement with the lines and labels that are given, the others added."""
    curves, labels = (dict(given.curves), dict(given.labels)) if given else ({}, {})
    row = {box.id: i for i, box in enumerate(boxes)}
    taken = [
        _area(centre, (box.width, box.height + 2 * room[i]))
        for i, (box, centre) in enumerate(zip(boxes, centres, strict=True))
    ]
    areas = np.array(taken).reshape(-1, 4)
    taken += [_area(at, label_size(bundles[i].labels)) for i, at in labels.items()]
    seen: dict[frozenset[str], int] = {}
    for i, bundle in enumerate(bundles):
        pair = frozenset((bundle.subject, bundle.object))
        if len(pair) < 2:
            continue
        before = seen[pair] = seen.get(pair, -1) + 1
        if i in curves:
            continue
        ends = row[bundle.subject], row[bundle.object]
        others = np.delete(areas, ends, axis=0) if bundle.labels else areas[:0]
        bend = _PARALLEL * before * (1 if ends[0] < ends[1] else -1)
        curves[i] = _clear(centres[ends[0]], centres[ends[1]], bend, others)
        if bundle.labels:
            size = label_size(bundle.labels)
            labels[i] = _free(curves[i], size, np.array(taken))
            taken.append(_area(labels[i], size))
    return _shifted(boxes, centres, curves, labels, taken)


def _clear(start: Point, end: Point, bend: float, others: Areas) -> Curve:
    """Return the line of the least bend that runs through no other box, else of that given."""
    tries = (_line(start, end, bend + more) for more in _BENDS)
    return next((one for one in tries if not _crosses(one, others)), _line(start, end, bend))


def _line(start: Point, end: Point, bend: float) -> Curve:
    # `bowed` bends what is vertical by itself; here the boxes in between decide.
    aside = (start[0] + 1.0, start[1]) if abs(start[0] - end[0]) < 1 else start
    return (start, *bowed(aside, end, bend)[1:])


def _crosses(curve: Curve, areas: Areas) -> bool:
    points = np.array([point_at(curve, i / _STEPS) for i in range(1, _STEPS)])
    x, y = points[:, :1], points[:, 1:]
    left, top, right, bottom = areas.T
    inside: NDArray[Any] = (
        (left - _PASSING < x)
        & (x < right + _PASSING)
        & (top - _PASSING < y)
        & (y < bottom + _PASSING)
    )
    return bool(inside.any())


def _free(curve: Curve, size: tuple[float, float], taken: Areas) -> Point:
    """Return the place on a line where labels of a size overlap the least, the first of equals."""
    places = [point_at(curve, t) for t in _LABEL_AT]
    return min(places, key=lambda place: _overlap(_area(place, size), taken))


def _overlap(area: Rectangle, others: Areas) -> float:
    """Return the area in square pixels that a rectangle shares with others."""
    left, top, right, bottom = area
    width = np.minimum(right, others[:, 2]) - np.maximum(left, others[:, 0])
    height = np.minimum(bottom, others[:, 3]) - np.maximum(top, others[:, 1])
    return float((width.clip(0) * height.clip(0)).sum())


def _area(centre: Point, size: tuple[float, float]) -> Rectangle:
    (x, y), (width, height) = centre, size
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2


def _shifted(
    boxes: Sequence[Box],
    centres: Sequence[Point],
    curves: Mapping[int, Curve],
    labels: Mapping[int, Point],
    taken: Sequence[Rectangle],
) -> Placement:
    """Return a placement from (0, 0) on, which says by how much it was shifted."""
    if not boxes:
        return Placement(width=0, height=0, centres=())
    extremes = [(x, y, x, y) for curve in curves.values() for x, y in _sampled(curve)]
    every = [*taken, *extremes]
    left, top = min(one[0] for one in every), min(one[1] for one in every)
    right, bottom = max(one[2] for one in every), max(one[3] for one in every)

    def shift(point: Point) -> Point:
        return round(point[0] - left, 2), round(point[1] - top, 2)

    return Placement(
        width=round(right - left, 2),
        height=round(bottom - top, 2),
        centres=tuple(map(shift, centres)),
        curves={i: tuple(map(shift, curve)) for i, curve in curves.items()},
        labels={i: shift(at) for i, at in labels.items()},
        origin=(round(0.0 - left, 2), round(0.0 - top, 2)),
    )


def _sampled(curve: Curve) -> Iterator[Point]:
    for start in range(0, len(curve) - 1, 3):
        yield from (point_at(curve[start : start + 4], i / 4) for i in range(5))
