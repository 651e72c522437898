"""The parameters that every route has, and the queries that only HTTP needs."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from mechkg.kg.model.picture_style import PictureStyle

__all__ = ["EntityQuery", "NoQuery", "Presentation", "StatementQuery"]

_STYLE: Final = PictureStyle.__struct_fields__


class Presentation(PictureStyle, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How an answer is written and from which version: parameters that every route has."""

    format: Annotated[
        str,
        Meta(
            max_length=50,
            description="Name or suffix of the format; wins over suffix and Accept.",
        ),
    ] = ""
    snapshot: Annotated[
        str,
        Meta(
            pattern="^([0-9a-f]{8,64})?$",
            description="Answer from this version of the graph: its content hash, or at least 8 "
            "digits of it.",
        ),
    ] = ""

    @property
    def style(self) -> PictureStyle:
        """How a picture is arranged and finished."""
        return PictureStyle(**{name: getattr(self, name) for name in _STYLE})


class EntityQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An entity by CURIE or name."""

    entity: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=500,
            description="A CURIE (CL:0000047), or a name that fits one entity.",
        ),
    ]


class StatementQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A statement by its identifier."""

    statement: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=2_000,
            description="The identifier of a statement, such as SC061: its source's own, or one "
            "derived from what it says.",
        ),
    ]


class NoQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A question without parameters of its own."""
