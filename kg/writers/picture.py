"""SVG, PNG and PDF, drawn by `mechkg.kg.draw`."""

from __future__ import annotations

from mechkg.kg.draw import draw_pdf, draw_png, draw_svg
from mechkg.kg.model.picture_style import PLAIN, PictureStyle
from mechkg.kg.model.schema import Schema
from mechkg.kg.model.values import Subgraph

__all__ = ["write_pdf", "write_png", "write_svg"]


def write_svg(subgraph: Subgraph, schema: Schema, style: PictureStyle = PLAIN) -> bytes:
    """Return the mechanism figure of a subgraph; raises `TooLarge`.

    >>> write_svg(Subgraph(entities=(), statements=()), Schema())[:4]
    b'<svg'
    """
    return draw_svg(subgraph, schema, style)


def write_png(subgraph: Subgraph, schema: Schema, style: PictureStyle = PLAIN) -> bytes:
    r"""Return the mechanism figure of a subgraph in pixels; raises `TooLarge`.

    >>> write_png(Subgraph(entities=(), statements=()), Schema())[:4]
    b'\x89PNG'
    """
    return draw_png(subgraph, schema, style)


def write_pdf(subgraph: Subgraph, schema: Schema, style: PictureStyle = PLAIN) -> bytes:
    """Return the mechanism figure of a subgraph on a page of its size; raises `TooLarge`.

    >>> write_pdf(Subgraph(entities=(), statements=()), Schema())[:5]
    b'%PDF-'
    """
    return draw_pdf(subgraph, schema, style)
