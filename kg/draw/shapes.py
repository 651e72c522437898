"""The outlines of boxes, and the meeting of a curve with an outline.

All outlines are convex and centred on the origin; y grows downwards.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Final

from mechkg.kg.draw.style import Shape

__all__ = ["Curve", "Point", "bowed", "clip", "inset", "outline", "point_at"]

Point = tuple[float, float]
Curve = tuple[Point, ...]
"""Joined cubic Bézier segments: a start, then three points a segment (1 + 3k points)."""

_SLANT: Final = 11.0
"""How far a slanted side leans, in pixels."""


def _pill(x: float, y: float) -> list[Point]:
    turns = [math.pi * (i / 12 - 0.5) for i in range(13)]
    right = [(x - y + y * math.cos(a), y * math.sin(a)) for a in turns]
    return right + [(-px, -py) for px, py in right]


def _rounded(x: float, y: float) -> list[Point]:
    return _corners(x, y, 8.0, 8.0)


def _arch(x: float, y: float) -> list[Point]:
    return _corners(x, y, min(16.0, y), 0.0)


def _corners(x: float, y: float, top: float, bottom: float) -> list[Point]:
    """Return a rectangle whose upper and lower corners are quarter circles of these radii."""
    points: list[Point] = []
    corners = ((1, 1, bottom), (-1, 1, bottom), (-1, -1, top), (1, -1, top))
    for quarter, (sx, sy, r) in enumerate(corners):
        steps = range(5) if r else (0,)
        for step in steps:
            angle = math.pi / 2 * (quarter + step / 4)
            points.append((sx * (x - r) + r * math.cos(angle), sy * (y - r) + r * math.sin(angle)))
    return points


def _octagon(x: float, y: float, c: float) -> list[Point]:
    right = [(x - c, -y), (x, c - y), (x, y - c), (x - c, y)]
    return right + [(-px, -py) for px, py in right]


def _cut(x: float, y: float, c: float) -> list[Point]:
    right = [(x, -y), (x, y - c), (x - c, y)]
    return right + [(-px, -py) for px, py in right]


_OUTLINES: Final[dict[Shape, Callable[[float, float], list[Point]]]] = {
    "pill": _pill,
    "rounded": _rounded,
    "arch": _arch,
    "rectangle": lambda x, y: [(x, -y), (x, y), (-x, y), (-x, -y)],
    "sides": lambda x, y: [(x, -y), (x, y), (-x, y), (-x, -y)],
    "hexagon": lambda x, y: [
        (x, 0), (x - _SLANT, y), (_SLANT - x, y), (-x, 0), (_SLANT - x, -y), (x - _SLANT, -y)
    ],
    "parallelogram": lambda x, y: [(x, -y), (x - _SLANT, y), (-x, y), (_SLANT - x, -y)],
    "octagon": lambda x, y: _octagon(x, y, min(9.0, y * 0.6)),
    "cut": lambda x, y: _cut(x, y, min(12.0, y)),
}  # fmt: skip

_INSETS: Final[dict[Shape, float]] = {
    "pill": 16, "hexagon": 17, "parallelogram": 18, "sides": 16, "octagon": 13, "cut": 13
}  # fmt: skip


def inset(shape: Shape) -> float:
    """Return how many pixels a shape needs between its text and its left and right end."""
    return _INSETS.get(shape, 12)


def outline(shape: Shape, width: float, height: float) -> list[Point]:
    """Return the corners of a shape, clockwise, curves as chords.

    >>> outline("rectangle", 20, 10)
    [(10.0, -5.0), (10.0, 5.0), (-10.0, 5.0), (-10.0, -5.0)]
    """
    return _OUTLINES[shape](width / 2, height / 2)


def clip(curve: Curve, corners: Sequence[Point], centre: Point) -> Curve:
    """Cut off the end of a curve that lies inside a convex outline around `centre`.

    Returns the curve itself where its end is outside. By sampling and bisection, to 1/100 pixel;
    O(segments * corners).

    >>> clip(((0, 0), (10, 0), (20, 0), (30, 0)), outline("rectangle", 20, 20), (30, 0))[-1]
    (20.0, 0.0)
    """
    ahead = [*corners[1:], corners[0]]
    sides = [(a[0], a[1], b[0] - a[0], b[1] - a[1]) for a, b in zip(corners, ahead, strict=True)]

    def inside(segment: Curve, t: float) -> bool:
        x, y = point_at(segment, t)
        x, y = x - centre[0], y - centre[1]
        return all(dx * (y - ay) >= dy * (x - ax) for ax, ay, dx, dy in sides)

    for start in range(len(curve) - 4, -1, -3):
        segment = curve[start : start + 4]
        outside = next((i / 24 for i in range(24, -1, -1) if not inside(segment, i / 24)), None)
        if outside is not None:
            if outside == 1:
                return curve[: start + 4]
            low, high = outside, outside + 1 / 24
            for _ in range(11):
                middle = (low + high) / 2
                low, high = (low, middle) if inside(segment, middle) else (middle, high)
            return curve[:start] + _head(segment, low)
    return curve


def bowed(start: Point, end: Point, bend: float = 0.0) -> Curve:
    """Return a straight line as a curve, bowed by `bend` to its left.

    A vertical line is bowed by 70 more: it would run through what stands between its ends.

    >>> bowed((0, 0), (30, 0))
    ((0, 0), (10.0, 0.0), (20.0, 0.0), (30, 0))
    """
    (ax, ay), (bx, by) = start, end
    bend += 70.0 if abs(ax - bx) < 1 else 0.0
    length = math.hypot(bx - ax, by - ay) or 1.0
    dx, dy = (ay - by) / length * bend, (bx - ax) / length * bend
    near = ((2 * ax + bx) / 3 + dx, (2 * ay + by) / 3 + dy)
    far = ((ax + 2 * bx) / 3 + dx, (ay + 2 * by) / 3 + dy)
    return start, near, far, end


def point_at(segment: Curve, t: float) -> Point:
    """Return the point of a cubic Bézier at `t` from 0 to 1 (Bernstein's form).

    >>> point_at(((0, 0), (1, 0), (2, 0), (3, 0)), 0.5)
    (1.5, 0.0)
    """
    a, b, c, d = segment
    u = 1 - t
    p, q, r, s = u * u * u, 3 * t * u * u, 3 * t * t * u, t * t * t
    return p * a[0] + q * b[0] + r * c[0] + s * d[0], p * a[1] + q * b[1] + r * c[1] + s * d[1]


def _head(segment: Curve, t: float) -> Curve:
    """Return the first part of a segment, up to `t` (de Casteljau's construction)."""
    points = list(segment)
    head = [points[0]]
    while len(points) > 1:
        points = [(a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t) for a, b in pairwise(points)]
        head.append(points[0])
    return tuple((round(x, 2) + 0.0, round(y, 2) + 0.0) for x, y in head)
