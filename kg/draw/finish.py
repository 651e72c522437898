"""Give a picture its palette and background."""

from __future__ import annotations

import re
from typing import Final

from mechkg.kg.draw.style import PAPER
from mechkg.kg.model.picture_style import PictureStyle

__all__ = ["finished"]

_PAINT: Final = re.compile(r' (fill|stroke)="#([0-9a-f]{6})"')
_BACKGROUND: Final = re.compile(rf'<rect width="\d+" height="\d+" fill="{PAPER}"/>\n')


def finished(svg: str, style: PictureStyle) -> str:
    """Return a picture in a style. No text of `svg` may have a double quote outside of tags. O(n).

    >>> finished('<path fill="#d3efe5" stroke="#00735c"/>', PictureStyle(palette="grey"))
    '<path fill="#e6e6e6" stroke="#575757"/>'
    """
    if style.background == "none":
        svg = _BACKGROUND.sub("", svg, count=1)
    return _PAINT.sub(_grey, svg) if style.palette == "grey" else svg


def _grey(paint: re.Match[str]) -> str:
    """Return the grey of the same luma (Rec. ITU-R BT.601-7, 2.5.1)."""
    red, green, blue = bytes.fromhex(paint[2])
    level = round(0.299 * red + 0.587 * green + 0.114 * blue)
    return f' {paint[1]}="#{level:02x}{level:02x}{level:02x}"'
