"""Paths as an interactive figure in a notebook: choose one, and the figure shows it alone.

Comes with the extra `notebook`. The figure is the one that the service draws.
"""

from __future__ import annotations

from pathlib import Path as FilePath
from typing import Any

import anywidget
import traitlets

from mechkg.kg.graph import Graph
from mechkg.kg.interop.notebook import SIGNS
from mechkg.kg.model.results import PathResult
from mechkg.kg.model.values import Path

__all__ = ["PathWidget"]


class PathWidget(anywidget.AnyWidget):
    """The paths of an answer beside their figure; `selected` is the place of one, or -1."""

    _esm = FilePath(__file__).with_suffix(".js")
    svg = traitlets.Unicode().tag(sync=True)
    paths = traitlets.List(traitlets.Dict()).tag(sync=True)
    selected = traitlets.Int(-1).tag(sync=True)

    def __init__(self, graph: Graph, found: PathResult, **traits: Any) -> None:
        from mechkg.kg.draw import draw_svg  # Graphviz, which only a figure needs

        picture = draw_svg(graph.drawn(found), graph.schema).decode()
        super().__init__(svg=picture, paths=[_told(path) for path in found.paths], **traits)
        self.found = found

    @property
    def path(self) -> Path | None:
        """The path that is chosen."""
        return None if self.selected < 0 else self.found.paths[self.selected]


def _told(path: Path) -> dict[str, Any]:
    said = [statement.id for hop in path.hops for statement in hop.statements]
    return {
        "label": path.explanation,
        "sign": SIGNS[path.sign],
        "marks": [*(entity.id for entity in path.entities), *said],
    }
