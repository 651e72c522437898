"""The figure as PDF: the lines and texts of the SVG, its font along with it, text to be selected.

Shapes go through fpdf2's reader of SVG; texts are set here, as PDF knows neither centred text nor
an edge under letters. Letters that Source Sans Pro lacks are drawn as `?`; SVG and PNG have them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree

import msgspec

from mechkg.kg.draw.finish import scale_to
from mechkg.kg.draw.style import INK
from mechkg.kg.draw.svg import draw_svg, figure_title
from mechkg.kg.errors import TooLarge
from mechkg.kg.model.picture_style import PLAIN, PictureStyle
from mechkg.kg.model.schema import Schema
from mechkg.kg.model.values import Subgraph

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from fpdf import FPDF

__all__ = ["MAX_SHAPES", "draw_pdf"]

_SVG: Final = "{http://www.w3.org/2000/svg}"
_FAMILY: Final = "SourceSansPro"
_FACES: Final = {"": "Regular", "B": "Bold", "I": "It", "BI": "BoldIt"}
_SHIFT: Final = re.compile(r"translate\(([-\d.]+) ([-\d.]+)\)")
MAX_SHAPES: Final = 6_000
"""The most paths of a picture: fpdf2 takes two to three milliseconds for each."""

_UNDATED: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""Equal subgraphs give equal bytes: a figure is not dated, but a PDF wants a date."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """A run of one look: text, hex colour, bold and italic as fpdf2 writes them, space before."""

    text: str
    colour: str
    style: str
    gap: float


@dataclass(frozen=True, slots=True)
class _Row:
    """A line of text on its baseline; `edge` is the colour and width under its letters, if any."""

    x: float
    y: float
    size: float
    centred: bool
    edge: tuple[str, float] | None
    pieces: tuple[_Piece, ...]


def draw_pdf(
    subgraph: Subgraph, schema: Schema | None = None, style: PictureStyle = PLAIN
) -> bytes:
    """Draw a subgraph as a PDF of one page, of the size of `style` or a point for each pixel.

    Raises `TooLarge` where `draw_svg` does, or past `MAX_SHAPES` paths. Equal subgraphs give
    equal bytes.

    >>> draw_pdf(Subgraph(entities=(), statements=()))[:5]
    b'%PDF-'
    """
    from fpdf import FPDF  # only pictures on paper need it
    from fpdf.svg import SVGLimits, SVGObject

    drawn = msgspec.structs.replace(style, size="drawn")
    root = ElementTree.fromstring(draw_svg(subgraph, schema, drawn))  # noqa: S314 (our own text)
    _check(sum(1 for _ in root.iter(f"{_SVG}path")))
    rows = list(_rows(root, (0.0, 0.0), {}))
    _strip(root)
    size = float(root.attrib["width"]), float(root.attrib["height"])
    # A number as unit is how many points a pixel has.
    unit = scale_to(style, *size) * 72 / 96 if style.size != "drawn" else 1.0
    pdf = FPDF(unit=unit, format=size)
    pdf.set_creation_date(_UNDATED)
    pdf.set_title(figure_title(subgraph)[:500])
    pdf.set_producer("MechKG")
    pdf.set_lang("en")
    pdf.set_auto_page_break(False)
    pdf.set_margin(0)
    pdf.add_page()
    folder = files("font_source_sans_pro") / "files"
    for slant, face in _FACES.items():
        pdf.add_font(_FAMILY, slant, str(folder / f"SourceSansPro-{face}.ttf"))
    # The picture is bounded already, by `mechkg.kg.draw.layout`.
    limits = SVGLimits(max_resolved_elements=None)
    SVGObject(ElementTree.tostring(root), svg_limits=limits).draw_to_page(pdf)
    for row in rows:
        _set(pdf, row)
    return bytes(pdf.output())


def _check(shapes: int) -> None:
    if shapes > MAX_SHAPES:
        raise TooLarge(
            f"A PDF holds at most {MAX_SHAPES:,} shapes, not {shapes:,}.",
            hint="Take SVG, or ask for less.",
        )


def _rows(element: Element, at: tuple[float, float], look: dict[str, str]) -> Iterable[_Row]:
    """Find the lines of text below an element, with what they inherit, in order."""
    look = look | element.attrib
    if shift := _SHIFT.fullmatch(element.get("transform", "")):
        at = at[0] + float(shift[1]), at[1] + float(shift[2])
    if element.tag != f"{_SVG}text":
        for child in element:
            yield from _rows(child, at, look)
        return
    lines = [child for child in element if "x" in child.attrib] or [element]
    for line in lines:
        yield _row(line, at, look | line.attrib)


def _row(line: Element, at: tuple[float, float], look: dict[str, str]) -> _Row:
    inner = [child for child in line if child.text]
    pieces = [
        _piece(line.text or "", look),
        *(_piece(c.text or "", look | c.attrib) for c in inner),
    ]
    edged = "stroke" in look and "paint-order" in look
    return _Row(
        x=at[0] + float(look["x"]),
        y=at[1] + float(look["y"]),
        size=float(look["font-size"]),
        centred=look.get("text-anchor") == "middle",
        edge=(look["stroke"], float(look["stroke-width"])) if edged else None,
        pieces=tuple(pieces),
    )


def _piece(text: str, look: dict[str, str]) -> _Piece:
    bold = "B" if look.get("font-weight") == "bold" else ""
    italic = "I" if look.get("font-style") == "italic" else ""
    return _Piece(text, look.get("fill", INK), bold + italic, float(look.get("dx", 0)))


def _strip(element: Element) -> None:
    """Take out what is no shape."""
    for child in list(element):
        if child.tag.removeprefix(_SVG) in {"text", "title", "desc"}:
            element.remove(child)
        else:
            _strip(child)


def _set(pdf: FPDF, row: _Row) -> None:
    """Set a line of text, first its edge, then its letters."""
    from fpdf.enums import TextMode

    runs: list[tuple[_Piece, str, float]] = []
    width = 0.0
    for piece in row.pieces:
        pdf.set_font(_FAMILY, piece.style, row.size * pdf.k)
        text = _writable(piece.text, pdf)
        runs.append((piece, text, width + piece.gap))
        width += piece.gap + pdf.get_string_width(text)
    left = row.x - width / 2 if row.centred else row.x
    passes: Sequence[TextMode] = [TextMode.STROKE] * bool(row.edge) + [TextMode.FILL]
    for mode in passes:
        with pdf.local_context(text_mode=mode):
            for piece, text, offset in runs:
                pdf.set_font(_FAMILY, piece.style, row.size * pdf.k)
                pdf.set_text_color(piece.colour)
                if row.edge and mode is TextMode.STROKE:
                    pdf.set_draw_color(row.edge[0])
                    pdf.set_line_width(row.edge[1])
                pdf.text(left + offset, row.y, text)


def _writable(text: str, pdf: FPDF) -> str:
    """Return a text with `?` for what the font has no letter for."""
    known = getattr(pdf.current_font, "cmap", {})
    return "".join(c if ord(c) in known else "?" for c in text)
