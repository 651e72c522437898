"""Give a picture its palette, background and size."""

from __future__ import annotations

import re
from typing import Final

from mechkg.kg.draw.style import PAPER
from mechkg.kg.model.picture_style import SIZES, PictureStyle

__all__ = ["finished", "scale_to"]

_PAINT: Final = re.compile(r' (fill|stroke)="#([0-9a-f]{6})"')
_SIZE: Final = re.compile(r'width="(\d+)" height="(\d+)" viewBox')
_BACKGROUND: Final = re.compile(rf'<rect width="\d+" height="\d+" fill="{PAPER}"/>\n')


def finished(svg: str, style: PictureStyle) -> str:
    """Return a picture in a style. No text of `svg` may have a double quote outside of tags. O(n).

    >>> finished('<path fill="#d3efe5" stroke="#00735c"/>', PictureStyle(palette="grey"))
    '<path fill="#e5e5e5" stroke="#4e4e4e"/>'
    """
    if style.background == "none":
        svg = _BACKGROUND.sub("", svg, count=1)
    if style.size != "drawn":
        svg = _SIZE.sub(lambda size: _millimetres(size, style), svg, count=1)
    return _PAINT.sub(_grey, svg) if style.palette == "grey" else svg


def scale_to(style: PictureStyle, width: float, height: float) -> float:
    """Return by how much a picture of a width and height in pixels is enlarged to its size.

    A pixel is 1/96 inch (CSS).

    >>> scale_to(PictureStyle(), 500, 400), scale_to(PictureStyle(size="slide"), 600, 300) > 1
    (1.0, True)
    """
    if style.size == "drawn":
        return 1.0
    most = SIZES[style.size]
    return min(most[0] / width, most[1] / height) * 96 / 25.4


def _millimetres(size: re.Match[str], style: PictureStyle) -> str:
    width, height = float(size[1]), float(size[2])
    each = scale_to(style, width, height) * 25.4 / 96
    return f'width="{width * each:.2f}mm" height="{height * each:.2f}mm" viewBox'


def _grey(paint: re.Match[str]) -> str:
    """Return the grey of the same luma (Rec. ITU-R BT.601-7, 2.5.1)."""
    red, green, blue = bytes.fromhex(paint[2])
    level = round(0.299 * red + 0.587 * green + 0.114 * blue)
    return f' {paint[1]}="#{level:02x}{level:02x}{level:02x}"'
