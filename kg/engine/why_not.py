"""Why a query has no paths, or few, over an engine.

Paths are counted on a part of the graph that holds all walks of the query's hops between its ends,
whatever their predicates and directions: so each constraint can be dropped there. One hop more is
looked at, too, where the budget allows for it; what lies beyond is not said.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Any

import msgspec

from mechkg.kg.engine.contract import Meter
from mechkg.kg.engine.cover import PathCover, opened
from mechkg.kg.engine.graph import EngineGraph
from mechkg.kg.engine.question import EngineQuery, read_query
from mechkg.kg.errors import TooCostly
from mechkg.kg.graph import Graph
from mechkg.kg.model.queries import MAX_HOPS, PathQuery
from mechkg.kg.model.results import WhyNot
from mechkg.kg.progress import Cancel

__all__ = ["engine_why_not", "walks_between"]


def engine_why_not(remote: EngineGraph, query: PathQuery, cancel: Cancel | None = None) -> WhyNot:
    """Return what each constraint of a query costs, the most costly first.

    The counts are those of `Graph.why_not` on the same statements. `complete` is False where more
    hops were not looked at, and `connected` is None where the ends are farther apart than was.
    Raises `TooCostly` where the walks of the query take more than the budget, and what
    `EngineGraph.answer` raises.
    """
    meter = remote.search_meter()

    def ask(version: str) -> WhyNot:
        cover, question = walks_between(remote, query, version, meter, cancel)
        content, hops = cover.fetch(), query.max_hops
        if hops < MAX_HOPS:
            cover.lengthen(hops + 1)
            with suppress(TooCostly):
                content, hops = cover.fetch(), hops + 1
        with opened(remote.engine, content, version, meter) as part:
            found = Graph(part).why_not(question.query, cancel=cancel)
        return _stated(found, query, question, hops)

    return remote.of_one_version(ask, meter)


def walks_between(
    remote: EngineGraph, query: PathQuery, version: str, meter: Meter, cancel: Cancel | None
) -> tuple[PathCover, EngineQuery]:
    """Return what fetches all walks between the ends of a query, and the query with names read.

    The walks are of any predicates, in any direction. Raises as `read_query` does.
    """
    question = read_query(remote.engine, query, meter)
    free = msgspec.structs.replace(question.query, direction="undirected", predicate=())
    anything = replace(question, query=free, predicates=None, composed=True)
    table = remote.table(version, meter)
    return PathCover(remote.engine, anything, meter, table=table, cancel=cancel), question


def _stated(found: WhyNot, query: PathQuery, question: EngineQuery, covered: int) -> WhyNot:
    """Return an answer on a part that says of the whole graph what is known of it."""
    known = [r for r in found.relaxations if r.parameter != "max_hops" or int(r.instead) <= covered]
    whole = len(known) == len(found.relaxations)
    changed: dict[str, Any] = {}
    if found.connected is False:
        hops = f"{covered} {'hop' if covered == 1 else 'hops'}"
        said = f"No {hops} of statements of any kind join the two; more were not looked at."
        changed = {"connected": None, "sentence": said}
        whole = False
    return msgspec.structs.replace(
        found,
        query=query,
        relaxations=tuple(known),
        complete=found.complete and whole,
        truncated_by=found.truncated_by or (None if whole else "time"),
        groundings=question.groundings,
        **changed,
    )
