"""Place boxes on rings: the sources in the middle, the others by their distance from them.

Rings are ellipses, as a screen is wider than high. Boxes of a ring are at equal angles, in the
order of the mean angle of their neighbours on the ring within (barycentres on a circle: Bachmaier,
*A radial adaptation of the Sugiyama framework for visualizing hierarchical information*, 2007).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import atan2, cos, pi, sin
from typing import Final

from mechkg.kg.draw.bundles import Bundle
from mechkg.kg.draw.scene import Box
from mechkg.kg.draw.shapes import Point

__all__ = ["radial_centres"]

_RING_GAP: Final = 130.0
_BOX_GAP: Final = 26.0
_FLATTENING: Final = 1.45
"""How much wider than high a ring is."""


def radial_centres(
    boxes: Sequence[Box], bundles: Sequence[Bundle], sources: Sequence[str]
) -> list[Point]:
    """Return the centre of each box, in pixels around the origin. O(n log n + m).

    Without sources the box with the most lines is in the middle.

    >>> radial_centres([], [], [])
    []
    """
    row = {box.id: i for i, box in enumerate(boxes)}
    around: list[list[int]] = [[] for _ in boxes]
    for bundle in bundles:
        subject, object_ = row[bundle.subject], row[bundle.object]
        if subject != object_:
            around[subject].append(object_)
            around[object_].append(subject)
    centres: list[Point] = [(0.0, 0.0)] * len(boxes)
    angle: dict[int, float] = {}
    radius = 0.0
    for ring in _rings(around, [row[name] for name in sources]):
        ordered = sorted(ring, key=lambda i: _mean_angle(around[i], angle))
        radius = _radius(radius, [boxes[i] for i in ordered], first=not angle)
        turn = _mean_angle(around[ordered[0]], angle)
        for place, i in enumerate(ordered):
            angle[i] = turn + 2 * pi * place / len(ordered)
            x, y = _FLATTENING * radius * cos(angle[i]), radius * sin(angle[i])
            centres[i] = round(x, 2), round(y, 2)
    return centres


def _rings(around: Sequence[Sequence[int]], sources: Sequence[int]) -> list[list[int]]:
    """Return boxes by distance from the sources, whichever way lines run; the others last."""
    if not around:
        return []
    ring = list(sources) or [max(range(len(around)), key=lambda i: len(around[i]))]
    seen, rings = set(ring), []
    while ring:
        rings.append(ring)
        ring = list(dict.fromkeys(j for i in ring for j in around[i] if j not in seen))
        seen.update(ring)
    rest = [i for i in range(len(around)) if i not in seen]
    return [*rings, rest] if rest else rings


def _mean_angle(neighbours: Sequence[int], angle: Mapping[int, float]) -> float:
    """Return the angle of the mean direction of those neighbours that have one, from 0 to 2 pi."""
    known = [angle[i] for i in neighbours if i in angle]
    if not known:
        return 0.0
    mean = atan2(sum(map(sin, known)), sum(map(cos, known)))
    return round(mean % (2 * pi), 9)


def _radius(within: float, ring: Sequence[Box], *, first: bool) -> float:
    """Return the half height of a ring: past the ring within, and its boxes clear of each other."""
    if len(ring) == 1:
        return 0.0 if first else within + _RING_GAP
    chord = max(max(box.width, box.height) for box in ring) + _BOX_GAP
    clear = chord / (2 * sin(pi / len(ring)))
    return clear if first else max(clear, within + _RING_GAP)
