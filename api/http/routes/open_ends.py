"""One end open: the entities of a category, a subtree or a graph that paths join to others."""

from __future__ import annotations

from mechkg.api.http.route import Route, asking
from mechkg.kg.graph import Graph
from mechkg.kg.model.queries import OpenEndsQuery
from mechkg.kg.model.results import OpenEndsResult
from mechkg.kg.model.values import Subgraph
from mechkg.kg.progress import Cancel
from mechkg.kg.writers import OPEN_ENDS_TABLE

__all__ = ["ROUTES"]


def draw(graph: Graph, result: OpenEndsResult, cancel: Cancel | None = None) -> Subgraph:
    """Return the best paths of the ends as one subgraph."""
    return graph.drawn(result, cancel=cancel)


ROUTES = (
    Route(
        name="open_ends",
        path="/api/v1/open-ends",
        summary="The entities of an open side, ranked by their best paths to the other side",
        description=(
            "One of `source` and `target` is open: a category (`Drug`), a class with all below it "
            "(`NAME*`) or `*`. Its entities that have paths are ranked by the best of these, each "
            "with this path, the number of its paths and its net effect, as searches for the paths "
            "of each would find them. `effect=lowers` keeps those of one verdict. Constraints are "
            "those of paths. Formats other than JSON hold the best paths as one graph, but CSV, "
            "which is a table of the ends."
        ),
        query=OpenEndsQuery,
        answer=OpenEndsResult,
        ask=asking("open_ends"),
        cancellable=True,
        long=True,
        draw=draw,
        tables=(OPEN_ENDS_TABLE,),
        methods=("GET", "POST"),
        example={"source": "Drug", "target": "neuroinflammation", "effect": "lowers"},
    ),
)
