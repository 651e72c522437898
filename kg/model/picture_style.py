"""How a picture is arranged and finished: places, palette, background, size, density."""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

__all__ = ["MAX_MOVED", "PLAIN", "SIZES", "PictureStyle"]

MAX_MOVED: Final = 1_500
"""The most entities that are moved: those of the largest picture."""
_MOVED: Final = r"^.+@-?\d{1,5}(\.\d{1,3})?,-?\d{1,5}(\.\d{1,3})?$"


class PictureStyle(msgspec.Struct, frozen=True, kw_only=True):
    """How a picture is arranged and finished.

    SVG, PNG and PDF alike, but for `dpi`, which is of PNG alone. The format `layout` takes
    `arrangement` and `moved`.
    """

    arrangement: Annotated[
        Literal["layered", "radial"],
        Meta(
            description="Where entities are in a picture: `layered` from left to right, `radial` "
            "on rings round the sources."
        ),
    ] = "layered"
    moved: Annotated[
        tuple[Annotated[str, Meta(pattern=_MOVED, max_length=2_050)], ...],
        Meta(
            max_length=MAX_MOVED,
            description="Entity that is elsewhere in a picture: `CURIE@x,y`, its centre in pixels "
            "from the upper left of the arrangement.",
        ),
    ] = ()

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

    size: Annotated[
        Literal["drawn", "slide", "two-column", "one-column"],
        Meta(
            description="Size of a picture: `slide` is 300 mm wide and at most 160 high, "
            "`two-column` 180 mm wide, `one-column` 88 mm, both at most 240 high; `drawn` "
            "has names of 13 pixels."
        ),
    ] = "drawn"

    def moves(self) -> dict[str, tuple[float, float]]:
        """Return the entities of `moved` with their centres; of one named twice, the last.

        >>> PictureStyle(moved=("CL:0000540@12,-3.5",)).moves()
        {'CL:0000540': (12.0, -3.5)}
        """
        parts = (text.rpartition("@") for text in self.moved)
        places = {name: place.split(",") for name, _, place in parts}
        return {name: (float(x), float(y)) for name, (x, y) in places.items()}


SIZES: Final[dict[str, tuple[float, float]]] = {
    "slide": (300.0, 160.0),
    "two-column": (180.0, 240.0),
    "one-column": (88.0, 240.0),
}
"""The greatest width and height of a picture, in millimetres; it fills one of them."""

PLAIN: Final = PictureStyle()
