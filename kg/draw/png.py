"""The figure as PNG: the same SVG, painted by resvg with a font that comes along.

Texts in Latin, Greek and Cyrillic letters are set in Source Sans Pro from its package, so that
the picture is the same on every machine, one without any font included. Only a figure with other
letters looks for fonts on the machine.
"""

from __future__ import annotations

import re
import struct
import zlib
from importlib.resources import files
from typing import Final

import msgspec

from mechkg.kg.draw.finish import scale_to
from mechkg.kg.draw.svg import draw_svg
from mechkg.kg.errors import TooLarge
from mechkg.kg.model.picture_style import PLAIN, PictureStyle
from mechkg.kg.model.schema import Schema
from mechkg.kg.model.values import Subgraph

__all__ = ["MAX_PIXELS", "draw_png"]

MAX_PIXELS: Final = 16_000_000
"""The most pixels of a picture: past it, painting takes seconds."""

_HEADER: Final = 33
"""Bytes of the signature and of the first chunk, `IHDR`."""

_SHARP_PIXELS: Final = 6_000_000
"""Up to so many pixels a picture is painted at twice the size of its SVG, else at once."""

_FACES: Final = ("Regular", "It", "Bold", "BoldIt")
_OTHER_LETTERS: Final = re.compile("[^\u0000-\u052f\u1e00-\u1fff\u2000-\u22ff\ufffd]")


def draw_png(
    subgraph: Subgraph,
    schema: Schema | None = None,
    style: PictureStyle = PLAIN,
    *,
    scale: float = 0,
) -> bytes:
    r"""Draw a subgraph as a PNG of `scale` pixels for each pixel of its SVG.

    Scale 0 stands for what `style.dpi` says, else for 2, or for 1 where that gives more than 6
    million pixels.

    Raises `TooLarge` where `layout` does, or past `MAX_PIXELS`.

    >>> draw_png(Subgraph(entities=(), statements=()))[:4]
    b'\x89PNG'
    """
    from resvg_py import svg_to_bytes  # a native renderer that only pictures need

    drawn = msgspec.structs.replace(style, size="drawn")
    text = draw_svg(subgraph, schema, drawn).decode()
    width, height = _size(text)
    larger = scale_to(style, width, height)
    scale = _checked(width * larger, height * larger, scale or style.dpi / 96)
    folder = files("font_source_sans_pro") / "files"
    painted = bytes(
        svg_to_bytes(
            svg_string=text,
            zoom=scale * larger,
            font_files=[str(folder / f"SourceSansPro-{face}.ttf") for face in _FACES],
            skip_system_fonts=_OTHER_LETTERS.search(text) is None,
            sans_serif_family="Source Sans Pro",
        )
    )
    return _with_density(painted, scale)


def _with_density(png: bytes, scale: float) -> bytes:
    """Say how large the picture is meant to be: a pixel of the SVG is 1/96 inch (CSS).

    The chunk `pHYs` follows the header (PNG, third edition, 11.3.4.3), in pixels a metre.
    """
    each = round(scale * 96 / 0.0254)
    body = b"pHYs" + struct.pack(">IIB", each, each, 1)
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    return png[:_HEADER] + chunk + png[_HEADER:]


def _size(svg: str) -> tuple[int, int]:
    width, height = re.findall(r'(?:width|height)="(\d+)"', svg)[:2]
    return int(width), int(height)


def _checked(width: float, height: float, scale: float) -> float:
    """Return the scale to paint a picture of this size at, or raise `TooLarge`."""
    if not scale:
        scale = 2.0 if width * height * 4 <= _SHARP_PIXELS else 1.0
    if width * height * scale * scale > MAX_PIXELS:
        raise TooLarge(
            f"A PNG holds at most {MAX_PIXELS:,} pixels, not "
            f"{round(width * scale):,} by {round(height * scale):,}.",
            hint="Take SVG, fewer pixels an inch, or ask for less.",
        )
    return scale
