"""A mechanism figure as self-contained SVG 1.1: no script, no reference, real text.

Title and description make it readable to assistive technology (`role="img"`); every entity and
line has its own `<title>`, which browsers show when the pointer rests on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final
from xml.sax.saxutils import escape

from mechkg.kg.draw.arrangement import NAME_LEADING, NAME_SIZE, layout
from mechkg.kg.draw.bundles import LABEL_LEADING, LABEL_SIZE, afters, label_size
from mechkg.kg.draw.finish import finished
from mechkg.kg.draw.legend import HEIGHT as LEGEND_ROW
from mechkg.kg.draw.legend import legend_rows
from mechkg.kg.draw.marks import box_mark, line_mark
from mechkg.kg.draw.scene import Box, Layout, Line
from mechkg.kg.draw.style import INK, MUTED, PAPER
from mechkg.kg.draw.text import clean, wrap
from mechkg.kg.draw.words import category_label, predicate_label
from mechkg.kg.model.picture_style import PLAIN, PictureStyle
from mechkg.kg.model.schema import Schema
from mechkg.kg.model.values import Entity, Statement, Subgraph

__all__ = ["draw_svg", "figure_title"]

FONTS: Final = "Arial, Helvetica, 'Liberation Sans', 'Source Sans Pro', sans-serif"
_MARGIN: Final = 24.0
_LEAST_WIDTH: Final = 560.0
_TITLE_SIZE: Final = 19.0
_TITLE_LEADING: Final = 25.0
_SMALL_SIZE: Final = 10.5
_SMALL_LEADING: Final = 14.0
_TOLD: Final = 40
"""How many statements a description spells out."""


def draw_svg(
    subgraph: Subgraph, schema: Schema | None = None, style: PictureStyle = PLAIN
) -> bytes:
    """Draw a subgraph as a mechanism figure: an SVG document in UTF-8.

    Equal subgraphs give equal bytes. Raises `TooLarge` where `layout` does.

    >>> b"No entities" in draw_svg(Subgraph(entities=(), statements=()))
    True
    """
    schema = schema or Schema()
    placed = layout(subgraph, schema, style)
    inner = max(placed.width, _LEAST_WIDTH)
    title = wrap(figure_title(subgraph), inner, _TITLE_SIZE, lines=3, bold=True)
    top = _MARGIN + len(title) * _TITLE_LEADING + 14
    body = _body(placed, subgraph, schema, (_MARGIN + (inner - placed.width) / 2, top))
    bottom = top + (placed.height or 60) + 26
    rows = legend_rows(placed, inner)
    foot = bottom + len(rows) * LEGEND_ROW + (12 if rows else 0)
    citation = wrap(_citation(subgraph), inner, _SMALL_SIZE, lines=4)
    width = inner + 2 * _MARGIN
    height = foot + 12 + (len(citation) - 1) * _SMALL_LEADING + _MARGIN
    parts = [
        _opening(subgraph, schema, width, height),
        f'<rect width="{width:.0f}" height="{height:.0f}" fill="{PAPER}"/>',
        _text(title, _MARGIN, _MARGIN + 15, _TITLE_LEADING, f'font-size="{_TITLE_SIZE:g}" '
              'font-weight="bold" class="heading"'),
        *body,
        *(_legend(rows, bottom, inner) if rows else ()),
        _text(citation, _MARGIN, foot + 12, _SMALL_LEADING,
              f'font-size="{_SMALL_SIZE:g}" fill="{MUTED}" class="citation"'),
        "</svg>\n",
    ]  # fmt: skip
    return finished("\n".join(parts), style).encode()


def figure_title(subgraph: Subgraph) -> str:
    """Return the title of a figure.

    >>> figure_title(Subgraph(entities=(), statements=(), title=" Roads of GDNF "))
    'Roads of GDNF'
    """
    return subgraph.title.strip() or "Mechanism figure"


def _citation(subgraph: Subgraph) -> str:
    counts = f"{_number(subgraph.entities, 'entity', 'entities')}, " + _number(
        subgraph.statements, "statement", "statements"
    )
    snapshot = f" · snapshot {clean(subgraph.snapshot)[:64]}" if subgraph.snapshot else ""
    sources = f" · sources: {', '.join(subgraph.credits)}" if subgraph.credits else ""
    return f"MechKG{snapshot} · {counts}{sources}"


def _number(things: Sequence[object], one: str, many: str) -> str:
    return f"{len(things):,} {one if len(things) == 1 else many}"


def _opening(subgraph: Subgraph, schema: Schema, width: float, height: float) -> str:
    size = f'width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" '
        f'aria-labelledby="mechkg-title mechkg-desc" font-family="{FONTS}" fill="{INK}">\n'
        f'<title id="mechkg-title">{_xml(figure_title(subgraph)[:500])}</title>\n'
        f'<desc id="mechkg-desc">{_xml(_description(subgraph, schema))}</desc>'
    )


def _description(subgraph: Subgraph, schema: Schema) -> str:
    """Tell the figure in words: what it counts, then its first statements."""
    names = _names(subgraph.entities)
    told = [_sentence(s, names, schema) for s in subgraph.statements[:_TOLD]]
    rest = len(subgraph.statements) - len(told)
    more = [f"and {rest:,} more"] if rest > 0 else []
    return f"{_citation(subgraph)}. {'; '.join(told + more)}".strip()


def _names(entities: Iterable[Entity]) -> dict[str, str]:
    return {entity.id: (entity.name or entity.id)[:200] for entity in entities}


def _sentence(statement: Statement, names: dict[str, str], schema: Schema) -> str:
    words = predicate_label(statement.predicate, schema)
    denial = "not: " if statement.negated else ""
    return f"{names[statement.subject]} {denial}{words} {names[statement.object]}"


def _body(
    placed: Layout, subgraph: Subgraph, schema: Schema, corner: tuple[float, float]
) -> list[str]:
    x, y = corner
    if not placed.boxes:
        look = f'font-size="14" fill="{MUTED}"'
        return [_text(["No entities to draw."], _MARGIN, y + 34, 0, look)]
    entities = {entity.id: entity for entity in subgraph.entities}
    statements = {statement.id: statement for statement in subgraph.statements}
    names = _names(subgraph.entities)
    boxes = [_box(box, entities[box.id], schema) for box in placed.boxes]
    lines = [_line(line, statements, names, schema) for line in placed.lines]
    labels = [_labels(line) for line in placed.lines if line.labels]
    # Lines pass round the boxes of a figure, but under those of an overview.
    if placed.labelled:
        parts = [*boxes, *lines, *labels]
    else:
        parts = ['<g stroke-opacity="0.6">', *lines, "</g>", *boxes]
    return [f'<g transform="translate({x:.1f} {y:.1f})">', *parts, "</g>"]


def _box(box: Box, entity: Entity, schema: Schema) -> str:
    category = category_label(entity.category, schema)
    title = f"{entity.name[:2000]} ({entity.id}), {category}"
    first = box.y - (len(box.lines) - 1) * NAME_LEADING / 2 + NAME_SIZE * 0.35
    weight = ' font-weight="bold"' if box.focus else ""
    return (
        f'<g class="entity" data-id={_attribute(box.id)}><title>{_xml(title)}</title>'
        f"{box_mark(box.family, (box.x, box.y), (box.width, box.height), focus=box.focus)}"
        + _text(box.lines, box.x, first, NAME_LEADING,
                f'font-size="{NAME_SIZE:g}" text-anchor="middle"{weight}')
        + "</g>"
    )  # fmt: skip


def _line(
    line: Line, statements: dict[str, Statement], names: dict[str, str], schema: Schema
) -> str:
    told = [f"{_sentence(statements[i], names, schema)} [{i}]" for i in line.statements[:_TOLD]]
    rest = len(line.statements) - len(told)
    title = "; ".join(told + ([f"and {rest:,} more"] if rest > 0 else []))
    mark = line_mark(line.points, line.effect)
    known = _attribute(" ".join(line.statements))
    return f'<g class="statement" data-statements={known}><title>{_xml(title)}</title>{mark}</g>'


def _labels(line: Line) -> str:
    """Write the labels of a line on paper of their own, which the line passes behind."""
    x, y = line.label
    width, height = label_size(line.labels)
    paper = (
        f'<rect x="{x - width / 2:.1f}" y="{y - height / 2:.1f}" width="{width:.1f}" '
        f'height="{height:.1f}" fill="{PAPER}"/>'
    )
    first = y - (len(line.labels) - 1) * LABEL_LEADING / 2 + LABEL_SIZE * 0.35
    style = ' font-style="italic"' if line.effect.hedged else ""
    rows = "".join(
        f'<tspan x="{x:.1f}" y="{first + i * LABEL_LEADING:.1f}">{_xml(label.text)}'
        f'<tspan dx="{4 if label.count else 0}" fill="{MUTED}" font-style="normal">{after}</tspan>'
        "</tspan>"
        for i, (label, after) in enumerate(zip(line.labels, afters(line.labels), strict=True))
    )
    return (
        f'{paper}<text class="predicate" font-size="{LABEL_SIZE:g}" text-anchor="middle"{style}>'
        f"{rows}</text>"
    )


def _legend(rows: Sequence[str], top: float, width: float) -> list[str]:
    rule = f'<path d="M{_MARGIN:g} {top - 10:.1f}h{width:.0f}" stroke="#d0d0d0"/>'
    return [
        f'<g class="legend" font-size="11">{rule}',
        *(
            f'<g transform="translate({_MARGIN:g} {top + i * LEGEND_ROW:.1f})">{row}</g>'
            for i, row in enumerate(rows)
        ),
        "</g>",
    ]


def _text(lines: Sequence[str], x: float, y: float, leading: float, attributes: str) -> str:
    rows = "".join(
        f'<tspan x="{x:.1f}" y="{y + i * leading:.1f}">{_xml(line)}</tspan>'
        for i, line in enumerate(lines)
    )
    return f"<text {attributes}>{rows}</text>"


_QUOTE: Final = {'"': "&quot;"}
_SPACES: Final = _QUOTE | {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}


def _xml(text: str) -> str:
    return escape(clean(text), _QUOTE)


def _attribute(text: str) -> str:
    return f'"{escape(clean(text), _SPACES)}"'
