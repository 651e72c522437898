"""The marks of a figure in SVG: boxes with their outlines, lines with their tips."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from mechkg.kg.draw.shapes import Curve, Point, outline, point_at
from mechkg.kg.draw.style import PAPER, UNKNOWN, Effect, Family

__all__ = ["box_mark", "line_mark", "line_path"]

_TIP: Final = 10.0
_GAP: Final = 1.5


def box_mark(family: Family, centre: Point, size: Point, *, focus: bool = False) -> str:
    """Return the outline of a box; a focus entity has a heavier one.

    >>> box_mark(Family("x", "#fff", "#000", "rectangle"), (10, 5), (20, 10))
    '<path d="M20 0L20 10L0 10L0 0Z" fill="#fff" stroke="#000" stroke-width="1.5"/>'
    """
    x, y = centre
    corners = [(x + px, y + py) for px, py in outline(family.shape, *size)]
    path = "M" + "L".join(_pair(corner) for corner in corners) + "Z"
    if family.shape == "sides":
        half_width, half_height = size[0] / 2, size[1] / 2
        for side in (6 - half_width, half_width - 6):
            path += f"M{_pair((x + side, y - half_height))}V{_number(y + half_height)}"
    weight = 3 if focus else 1.5
    paint = f'fill="{family.fill}" stroke="{family.stroke}" stroke-width="{weight:g}"'
    return f'<path d="{path}" {paint}/>'


def line_mark(points: Curve, effect: Effect) -> str:
    """Return a line with its tip, if it has one, and a cross where its statements are negated."""
    path = line_path(points)
    points = _shortened(points)
    dashes = f' stroke-dasharray="{effect.dashes}"' if effect.dashes else ""
    round_dots = ' stroke-linecap="round"' if effect.sign == UNKNOWN else ""
    mark = (
        f'<g stroke="{effect.colour}" stroke-width="{effect.width:g}" fill="none">'
        f'<path d="{path}"{dashes}{round_dots}/>'
    )
    if not effect.headless:
        tip = _TIPS[effect.sign](points[-1], _direction(points))
        hollow = f'fill="{PAPER}"' if effect.hedged else f'fill="{effect.colour}"'
        mark += f'<path d="{tip}" {hollow if effect.sign == 1 else ""}/>'
    if effect.negated:
        mark += f'<path d="{_cross(points)}" stroke-width="2.4"/>'
    return mark + "</g>"


def line_path(points: Curve) -> str:
    """Return the SVG path of a line, which ends a hair's breadth before the box that it meets.

    >>> line_path(((0, 0), (10, 0), (20, 0), (30, 0)))
    'M0 0C10 0 20 0 28.5 0'
    """
    points = _shortened(points)
    return f"M{_pair(points[0])}" + "".join(
        "C" + " ".join(_pair(p) for p in points[i : i + 3]) for i in range(1, len(points), 3)
    )


def _shortened(points: Curve) -> Curve:
    """Leave a hair's breadth between the tip and the box."""
    (x, y), (dx, dy) = points[-1], _direction(points)
    return (*points[:-1], (x - dx * _GAP, y - dy * _GAP))


def _direction(points: Curve) -> Point:
    """Return the unit vector in which a curve ends."""
    end = points[-1]
    for other in reversed(points[:-1]):
        dx, dy = end[0] - other[0], end[1] - other[1]
        length = math.hypot(dx, dy)
        if length > 0.5:
            return dx / length, dy / length
    return 1.0, 0.0


def _spot(tip: Point, direction: Point, back: float, aside: float) -> str:
    """Return a point behind a tip and to its side."""
    (x, y), (dx, dy) = tip, direction
    return _pair((x - dx * back - dy * aside, y - dy * back + dx * aside))


def _filled(tip: Point, direction: Point) -> str:
    left, right = (_spot(tip, direction, _TIP, side) for side in (4.5, -4.5))
    return f"M{_pair(tip)}L{left}L{right}Z"


def _bar(tip: Point, direction: Point) -> str:
    left, right = (_spot(tip, direction, 1.0, side) for side in (7.0, -7.0))
    return f'M{left}L{right}" stroke-width="3'


def _open(tip: Point, direction: Point) -> str:
    left, right = (_spot(tip, direction, _TIP - 1, side) for side in (4.5, -4.5))
    return f"M{left}L{_pair(tip)}L{right}"


_TIPS: Final[dict[int, Callable[[Point, Point], str]]] = {
    1: _filled,
    -1: _bar,
    0: _open,
    UNKNOWN: _open,
}


def _cross(points: Curve) -> str:
    """Return two strokes a little before the tip, where no label stands."""
    segment = points[-4:]
    centre, ahead = point_at(segment, 0.45), point_at(segment, 0.5)
    length = math.hypot(ahead[0] - centre[0], ahead[1] - centre[1]) or 1.0
    direction = (ahead[0] - centre[0]) / length, (ahead[1] - centre[1]) / length
    corners = [_spot(centre, direction, b, a) for b, a in ((6, 6), (-6, -6), (6, -6), (-6, 6))]
    return "M{}L{}M{}L{}".format(*corners)


def _pair(point: Point) -> str:
    return f"{_number(point[0])} {_number(point[1])}"


def _number(value: float) -> str:
    return f"{round(value, 1) + 0.0:g}"
