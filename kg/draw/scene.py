"""The parts of a drawn graph: boxes, lines and their layout."""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec

from mechkg.kg.draw.bundles import Label
from mechkg.kg.draw.shapes import Curve, Point
from mechkg.kg.draw.style import Effect, Family

__all__ = ["Box", "Layout", "Line", "Placement"]


class Box(msgspec.Struct, frozen=True, kw_only=True):
    """An entity in a figure: centre and size in pixels (y downwards), and its name in lines."""

    id: str
    x: float
    y: float
    width: float
    height: float
    lines: tuple[str, ...]
    family: Family
    focus: bool


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A bundle of statements in a figure: a curve from subject to object, and its labels.

    `points` are joined cubic Béziers (1 + 3k points); `label` is the centre of the labels.
    """

    subject: str
    object: str
    effect: Effect
    statements: tuple[str, ...]
    points: Curve
    labels: tuple[Label, ...]
    label: Point


class Layout(msgspec.Struct, frozen=True, kw_only=True):
    """A drawn graph without its title and legend, from (0, 0) to (width, height) in pixels.

    `labelled` is False in an overview, whose lines carry no labels. `origin` is where boxes that
    are moved are counted from: not (0, 0) where one was moved to the left of all others.
    """

    width: float
    height: float
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]
    labelled: bool = True
    origin: Point = (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Placement:
    """Where boxes stand and lines run, by their number: centres, curves between centres, labels.

    Self-loops have neither curve nor label here; whoever draws a box draws its loops.
    """

    width: float
    height: float
    centres: tuple[Point, ...]
    curves: dict[int, Curve] = field(default_factory=dict)
    labels: dict[int, Point] = field(default_factory=dict)
    origin: Point = (0.0, 0.0)
