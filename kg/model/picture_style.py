"""How a picture is finished: its palette, its background, the density of its pixels."""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

__all__ = ["PLAIN", "PictureStyle"]


class PictureStyle(msgspec.Struct, frozen=True, kw_only=True):
    """How a picture is finished: SVG, PNG and PDF alike, but for `dpi`, which is of PNG alone."""

    palette: Annotated[
        Literal["colour", "grey"],
        Meta(
            description="Colours of a picture: `colour` is distinct in all common kinds of colour "
            "blindness, `grey` has shades of the same lightness."
        ),
    ] = "colour"
    background: Annotated[
        Literal["white", "none"],
        Meta(description="Background of a picture; with `none` labels keep theirs."),
    ] = "white"
    dpi: Annotated[
        int,
        Meta(
            ge=0,
            le=600,
            description="Pixels an inch of a PNG, whose size in inches stays: 300 for print; 0 for "
            "192, or 96 where that is large.",
        ),
    ] = 0


PLAIN: Final = PictureStyle()
