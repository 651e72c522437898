"""Lay out a mechanism figure: sources left, targets right.

Up to `FIGURE_LINES` lines a graph is laid out as a figure (`kg.draw.figure`), with curves and
labels; a larger one, or one that Graphviz cannot do, as an overview (`mechkg.kg.draw.overview`), in
columns and without labels.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

import msgspec

from mechkg.kg.draw.bundles import LABEL_LEADING, LABEL_WIDTH, Bundle, bundles_of, label_size
from mechkg.kg.draw.figure import place_figure
from mechkg.kg.draw.overview import place_overview
from mechkg.kg.draw.radial import radial_centres
from mechkg.kg.draw.scene import Box, Layout, Line, Placement
from mechkg.kg.draw.shapes import Curve, Point, clip, inset, outline, point_at
from mechkg.kg.draw.straight import joined, moved_to
from mechkg.kg.draw.style import Family, family_of
from mechkg.kg.draw.text import text_width, widest_word, wrap
from mechkg.kg.errors import QueryError, TooLarge
from mechkg.kg.model.picture_style import PLAIN, PictureStyle
from mechkg.kg.model.schema import Schema
from mechkg.kg.model.values import Entity, Subgraph

__all__ = ["FIGURE_LINES", "MAX_ENTITIES", "MAX_LINES", "MAX_STATEMENTS", "Role", "layout", "roles"]

Role = Literal["source", "target", "both"]

FIGURE_LINES: Final = 120
"""The most lines of a figure with curves and labels; larger graphs are drawn as an overview."""

MAX_ENTITIES: Final = 1_500
MAX_LINES: Final = 5_000
MAX_STATEMENTS: Final = 20_000
"""Bounds of one picture."""

NAME_SIZE: Final = 13.0
NAME_LEADING: Final = 16.0
_NAME_LINES: Final = 4

_WIDTHS: Final = ((108.0, LABEL_WIDTH, 14.0), (90.0, 68.0, 13.0), (76.0, 58.0, 11.0))
"""Where names and labels break, and the gap between them, in pixels: less, where a figure would be
wider than `READABLE`."""

_WIDEST_WORD: Final = 140.0
"""Words up to this width are not broken."""

READABLE: Final = 1_000.0
"""The width up to which labels are at least 11 pixels where a page 1,280 wide shows it whole."""
_LOOP: Final = 30.0


def layout(subgraph: Subgraph, schema: Schema | None = None, style: PictureStyle = PLAIN) -> Layout:
    """Return the positions of a subgraph's entities and statements.

    Boxes come in the order of the entities, lines in that of their first statements. Equal
    subgraphs have equal layouts. Of `style`, only `arrangement` and `moved` count. Raises
    `TooLarge` past `MAX_ENTITIES` entities, `MAX_STATEMENTS` statements or `MAX_LINES` lines
    (parallel statements of one effect share a line).

    >>> cell = Entity(id="CL:0000540", name="neuron", category="biolink:Cell")
    >>> [box.lines for box in layout(Subgraph(entities=(cell,), statements=())).boxes]
    [('neuron',)]
    """
    schema = schema or Schema()
    _check(len(subgraph.entities), MAX_ENTITIES, "entities")
    _check(len(subgraph.statements), MAX_STATEMENTS, "statements")
    bundles = bundles_of(subgraph.statements, schema)
    _check(len(bundles), MAX_LINES, "lines between entities")
    if not subgraph.entities:
        return Layout(width=0, height=0, boxes=(), lines=())
    drafts, bundles, placed, labelled = _placed(subgraph, schema, style)
    if style.moved:
        room = _loop_room(drafts, bundles)
        placed = moved_to(placed, drafts, bundles, room, _moves(style, drafts))
    boxes = tuple(
        msgspec.structs.replace(draft, x=x, y=y)
        for draft, (x, y) in zip(drafts, placed.centres, strict=True)
    )
    return Layout(
        width=placed.width,
        height=placed.height,
        boxes=boxes,
        lines=_lines(boxes, bundles, placed),
        labelled=labelled,
        origin=placed.origin,
    )


def _placed(
    subgraph: Subgraph, schema: Schema, style: PictureStyle
) -> tuple[list[Box], tuple[Bundle, ...], Placement, bool]:
    """Return boxes, lines, where they are by themselves, and whether lines have labels."""
    sources, targets = _ends(subgraph)
    drafts = _drafts(subgraph, schema, _WIDTHS[0][0])
    bundles = bundles_of(subgraph.statements, schema)
    labelled = len(bundles) <= FIGURE_LINES
    if style.arrangement == "radial":
        shown = bundles if labelled else _bare(bundles)
        centres = radial_centres(drafts, shown, sources)
        room = _loop_room(drafts, shown)
        return drafts, shown, joined(drafts, shown, room, centres), labelled
    if labelled:
        placed = None
        for names, labels, gap in _WIDTHS:
            drafts = _drafts(subgraph, schema, names)
            bundles = bundles_of(subgraph.statements, schema, labels)
            room = _loop_room(drafts, bundles)
            placed = place_figure(drafts, bundles, room, sources, targets, gap=gap)
            if placed is None or placed.width <= READABLE:
                break
        if placed is not None:
            return drafts, bundles, placed, True
    bundles = _bare(bundles)
    room = _loop_room(drafts, bundles)
    return drafts, bundles, place_overview(drafts, bundles, room, sources, targets), False


def _moves(style: PictureStyle, boxes: Sequence[Box]) -> dict[str, Point]:
    """Return the boxes that are moved, and where to; raises `QueryError` for one that is not."""
    moves = style.moves()
    unknown = sorted(moves.keys() - {box.id for box in boxes})
    if unknown:
        raise QueryError("moved", f"names {unknown[0]}, which the picture does not hold")
    return moves


def _bare(bundles: Sequence[Bundle]) -> tuple[Bundle, ...]:
    return tuple(msgspec.structs.replace(bundle, labels=()) for bundle in bundles)


def roles(subgraph: Subgraph) -> dict[str, Role]:
    """Return the side of each entity that the question gave one: `source`, `target` or `both`.

    Nothing has a side where the question leads nowhere, as that of a neighbourhood does not.

    >>> a, c = Entity(id="a", name="a"), Entity(id="c", name="c")
    >>> roles(Subgraph(entities=(a, c), statements=(), sources=("a",), targets=("c",)))
    {'a': 'source', 'c': 'target'}
    """
    sides: dict[str, Role] = {}
    if subgraph.sources and subgraph.targets:
        sides |= dict.fromkeys(subgraph.sources, "source")
        for name in subgraph.targets:
            sides[name] = "both" if sides.get(name, "target") != "target" else "target"
    return sides


def _ends(subgraph: Subgraph) -> tuple[list[str], list[str]]:
    """Return the entities to place first and last; one that is source and target goes anywhere."""
    sides = roles(subgraph)
    drawn = [entity.id for entity in subgraph.entities]
    sources, targets = (
        [name for name in drawn if sides.get(name) == role] for role in ("source", "target")
    )
    return sources, targets


def _check(count: int, limit: int, what: str) -> None:
    if count > limit:
        raise TooLarge(
            f"A picture holds at most {limit:,} {what}, not {count:,}.",
            hint="Ask for less, or take a format without a drawing.",
        )


def _drafts(subgraph: Subgraph, schema: Schema, width: float) -> list[Box]:
    """Return boxes of the right size, not positioned yet, with names that break at a width."""
    families = {e.category: family_of(e.category, schema) for e in subgraph.entities}
    focus = frozenset((*subgraph.sources, *subgraph.targets))
    return [_draft(e, families[e.category], e.id in focus, width) for e in subgraph.entities]


def _draft(entity: Entity, family: Family, focus: bool, width: float) -> Box:
    name = entity.name if entity.name.strip() else entity.id
    width = max(width, min(widest_word(name, NAME_SIZE, bold=focus), _WIDEST_WORD))
    lines = wrap(name, width, NAME_SIZE, lines=_NAME_LINES, bold=focus)
    widest = max(text_width(line, NAME_SIZE, bold=focus) for line in lines)
    return Box(
        id=entity.id,
        x=0,
        y=0,
        width=round(max(widest + 2 * inset(family.shape), 64)),
        height=len(lines) * NAME_LEADING + 18,
        lines=tuple(lines),
        family=family,
        focus=focus,
    )


def _loop_room(boxes: Sequence[Box], bundles: Sequence[Bundle]) -> list[float]:
    """Return the height above each box that its self-loops need."""
    room = dict.fromkeys((box.id for box in boxes), 0.0)
    for bundle in bundles:
        if bundle.subject == bundle.object:
            room[bundle.subject] += _LOOP + len(bundle.labels) * LABEL_LEADING
    return list(room.values())


def _lines(boxes: Sequence[Box], bundles: Sequence[Bundle], placed: Placement) -> tuple[Line, ...]:
    by_id = {box.id: box for box in boxes}
    above: dict[str, float] = {}
    lines = []
    for i, bundle in enumerate(bundles):
        subject, object_ = by_id[bundle.subject], by_id[bundle.object]
        if i in placed.curves:
            points = _between(placed.curves[i], subject, object_)
            label = placed.labels.get(i) or point_at(points[:4], 0.5)
        else:
            points, label = _loop(subject, bundle, above)
        lines.append(
            Line(
                subject=bundle.subject,
                object=bundle.object,
                effect=bundle.effect,
                statements=tuple(s.id for s in bundle.statements),
                points=points,
                labels=bundle.labels,
                label=label,
            )
        )
    return tuple(lines)


def _between(curve: Curve, subject: Box, object_: Box) -> Curve:
    """Cut a curve at the outlines of its two boxes."""
    for box in (object_, subject):
        corners = outline(box.family.shape, box.width, box.height)
        curve = clip(curve, corners, (box.x, box.y))[::-1]
    return curve


def _loop(box: Box, bundle: Bundle, above: dict[str, float]) -> tuple[Curve, Point]:
    """Draw a self-loop over a box, above the loops that it has already."""
    base = above.get(box.id, 0.0)
    height = label_size(bundle.labels)[1]
    above[box.id] = base + _LOOP + height
    top = box.y - box.height / 2
    rise = base + _LOOP + height / 2 - 4
    reach = rise * 4 / 3  # The curve rises to three quarters of its handles, there the label is.
    half = min(13 + base * 0.6, box.width / 2 - 10)
    points = (
        (box.x - half, top),
        (box.x - half - 14, top - reach),
        (box.x + half + 14, top - reach),
        (box.x + half, top),
    )
    return points, (box.x, top - rise)
