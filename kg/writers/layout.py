"""A figure as coordinates in JSON: what `kg.draw` draws as SVG, for a page to draw itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from mechkg.kg.draw import Box, Line, layout
from mechkg.kg.draw.arrangement import roles
from mechkg.kg.draw.bundles import Label, label_size
from mechkg.kg.draw.marks import line_path
from mechkg.kg.draw.style import UNKNOWN, family_of
from mechkg.kg.draw.svg import figure_title
from mechkg.kg.draw.words import category_label
from mechkg.kg.model.picture_style import PLAIN, PictureStyle
from mechkg.kg.model.schema import Schema
from mechkg.kg.model.values import Entity, Sign, Statement, Subgraph

__all__ = ["DrawnCategory", "DrawnEdge", "DrawnEntity", "Figure", "write"]


class DrawnEntity(msgspec.Struct, frozen=True, kw_only=True):
    """A box: centre and size, outline and colours, and its name broken into lines.

    `role` is `source`, `target`, `both` or `none`; `focus` says whether the question named it.
    """

    id: str
    name: str
    category: str
    role: str
    focus: bool
    x: float
    y: float
    width: float
    height: float
    shape: str
    fill: str
    stroke: str
    lines: tuple[str, ...]


class DrawnEdge(msgspec.Struct, frozen=True, kw_only=True):
    """A line: parallel statements from one entity to another that are drawn alike.

    `key` is the first of `statements` and unique in the figure. `predicate` and `modality` are
    those of the first statement, `predicates` those of all, each once. `path` is the line's SVG
    path, one `M` and cubic curves; `marker` stands at its end (`arrow`, `bar`, `open`, or `none`
    for a symmetric relation). `label_x` and `label_y` are the centre of `labels`, `label_width` and
    `label_height` what is theirs alone; `label` has their words as one text.
    """

    key: str
    source: str
    target: str
    predicate: str
    predicates: tuple[str, ...]
    sign: Sign | None
    marker: str
    inferred: bool
    negated: bool
    hedged: bool
    modality: str
    statements: tuple[str, ...]
    evidence: int
    label: str
    labels: tuple[Label, ...]
    path: str
    label_x: float
    label_y: float
    label_width: float
    label_height: float
    stroke: str
    stroke_width: float
    dashes: str


class DrawnCategory(msgspec.Struct, frozen=True, kw_only=True):
    """How the entities of a category look; `family` names the categories that look alike."""

    category: str
    label: str
    family: str
    shape: str
    fill: str
    stroke: str


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """A drawn subgraph from (0, 0) to (width, height) in pixels, y downwards.

    These are the coordinates within the translated group of the SVG picture, which adds margin,
    title, legend and citation. `labelled` is False in an overview, whose lines have no labels.
    `origin` is what `moved` counts from, not (0, 0) where an entity was moved beyond all others.
    """

    title: str
    snapshot: str
    width: float
    height: float
    labelled: bool
    origin: tuple[float, float]
    entities: tuple[DrawnEntity, ...]
    edges: tuple[DrawnEdge, ...]
    legend: tuple[DrawnCategory, ...]
    credits: tuple[str, ...]


MARKERS: Final[Mapping[int, str]] = {1: "arrow", -1: "bar", 0: "open", UNKNOWN: "open"}


def write(subgraph: Subgraph, schema: Schema, style: PictureStyle = PLAIN) -> bytes:
    """Return the `Figure` of a subgraph as JSON; raises `TooLarge` where a picture does.

    >>> write(Subgraph(entities=(), statements=()), Schema())[:27]
    b'{"title":"Mechanism figure"'
    """
    placed = layout(subgraph, schema, style)
    entities = {entity.id: entity for entity in subgraph.entities}
    statements = {statement.id: statement for statement in subgraph.statements}
    sides = roles(subgraph)
    figure = Figure(
        title=figure_title(subgraph),
        snapshot=subgraph.snapshot,
        width=placed.width,
        height=placed.height,
        labelled=placed.labelled,
        origin=placed.origin,
        entities=tuple(
            _entity(box, entities[box.id], sides.get(box.id, "none")) for box in placed.boxes
        ),
        edges=tuple(_edge(line, [statements[i] for i in line.statements]) for line in placed.lines),
        legend=tuple(_legend(subgraph.entities, schema)),
        credits=subgraph.credits,
    )
    return msgspec.json.encode(figure)


def _entity(box: Box, entity: Entity, role: str) -> DrawnEntity:
    return DrawnEntity(
        id=box.id,
        name=entity.name,
        category=entity.category,
        role=role,
        focus=box.focus,
        x=box.x,
        y=box.y,
        width=box.width,
        height=box.height,
        shape=box.family.shape,
        fill=box.family.fill,
        stroke=box.family.stroke,
        lines=box.lines,
    )


def _edge(line: Line, statements: list[Statement]) -> DrawnEdge:
    first, effect = statements[0], line.effect
    x, y = line.label
    width, height = label_size(line.labels)
    return DrawnEdge(
        key=first.id,
        source=line.subject,
        target=line.object,
        predicate=first.predicate,
        predicates=tuple(dict.fromkeys(one.predicate for one in statements)),
        sign=first.sign,
        marker="none" if effect.headless else MARKERS[effect.sign],
        inferred=effect.inferred,
        negated=effect.negated,
        hedged=effect.hedged,
        modality=first.modality,
        statements=line.statements,
        evidence=sum(len(one.evidence) for one in statements),
        label=_joined(line.labels),
        labels=line.labels,
        path=line_path(line.points),
        label_x=round(x, 1),
        label_y=round(y, 1),
        label_width=round(width, 1),
        label_height=round(height, 1),
        stroke=effect.colour,
        stroke_width=effect.width,
        dashes=effect.dashes,
    )


def _joined(labels: Iterable[Label]) -> str:
    """Return labels as one text: rows of one wording by spaces, wordings by commas."""
    text = ""
    for label in labels:
        text += f"{' ' if label.continues else ', ' if text else ''}{label.text}"
    return text


def _legend(entities: Iterable[Entity], schema: Schema) -> Iterable[DrawnCategory]:
    for category in dict.fromkeys(entity.category for entity in entities):
        family = family_of(category, schema)
        yield DrawnCategory(
            category=category,
            label=category_label(category, schema),
            family=family.name,
            shape=family.shape,
            fill=family.fill,
            stroke=family.stroke,
        )
