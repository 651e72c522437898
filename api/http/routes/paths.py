"""Mechanism paths: search, streaming, preview, and why there are none."""

from __future__ import annotations

from mechkg.api.http.route import Route, asking
from mechkg.kg.graph import Graph
from mechkg.kg.model.queries import PathQuery
from mechkg.kg.model.results import PathResult, PathSummary, Preview, WhyNot
from mechkg.kg.model.values import Path, Subgraph
from mechkg.kg.progress import Cancel
from mechkg.kg.writers import PATH_TABLES

__all__ = ["ROUTES"]


def draw_paths(graph: Graph, result: PathResult, cancel: Cancel | None = None) -> Subgraph:
    """Return the entities and statements of some paths as one subgraph."""
    return graph.drawn(result, cancel=cancel)


ROUTES = (
    Route(
        name="paths",
        path="/api/v1/paths",
        summary="Mechanism paths from a source to a target, best first",
        description=(
            "The `limit` best of all admissible paths, each with its statements, evidence, sign, "
            "score parts and a sentence, and the net effect of all of them. Identifiers and names "
            "are both taken; an ambiguous name is answered with its candidates. `complete`, "
            "`truncated_by` and `total` say what was left out. A GET serves the common case, a "
            "POST takes the same names in JSON, lists where repeatable. Formats other than JSON "
            "hold the entities and statements of the returned paths as one graph, but CSV and "
            "Parquet, which are a table of paths: rank, score and its parts, entities and hops "
            "by position."
        ),
        query=PathQuery,
        answer=PathResult,
        ask=asking("find_paths"),
        cancellable=True,
        draw=draw_paths,
        tables=PATH_TABLES,
        methods=("GET", "POST"),
        example={"source": "neural stem cell", "target": "neuron", "max_hops": 3},
    ),
    Route(
        name="stream_paths",
        path="/api/v1/paths/stream",
        summary="The same paths as lines, each as soon as it is proven",
        description=(
            "NDJSON: one path per line, best first, then a last line with what was left out and "
            "the net effect (`PathSummary`), or the problem that cut the stream. What is wrong "
            "with the query is answered with a status as elsewhere. The work stops when the "
            "client goes away; `timeout` counts until the last line is sent."
        ),
        query=PathQuery,
        answer=PathSummary,
        ask=asking("stream_paths"),
        methods=("GET", "POST"),
        example={"source": "neural stem cell", "target": "neuron", "max_hops": 3},
        streams=Path,
    ),
    Route(
        name="preview_paths",
        path="/api/v1/paths/preview",
        summary="How many paths there are and what they cost, without finding them",
        description=(
            "Counted where that takes some milliseconds, else estimated from counted walks and a "
            "fixed sample of them; `low` and `high` hold the number in 95 of 100 cases."
        ),
        query=PathQuery,
        answer=Preview,
        ask=asking("preview_paths"),
        cancellable=True,
        methods=("GET", "POST"),
        example={"source": "neural stem cell", "target": "neuron", "max_hops": 3},
    ),
    Route(
        name="why_not",
        path="/api/v1/paths/why-not",
        summary="Which constraint of a query keeps paths out",
        description=(
            "Each constraint is dropped alone and the paths that there would be are counted, what "
            "helps most first, with a sentence each; `distance` says how far the ends are apart by "
            "statements of any kind."
        ),
        query=PathQuery,
        answer=WhyNot,
        ask=asking("why_not"),
        cancellable=True,
        long=True,
        methods=("GET", "POST"),
        example={"source": "neuron", "target": "neural stem cell", "max_hops": 2},
    ),
)
