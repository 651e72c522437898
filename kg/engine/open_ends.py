"""One end open over an engine: fetch outward from the named side until the best ends are proven.

Labels are the least costs of known walks from the named side (`kg.engine.bound`). A path with a
statement that is not known leaves the known part at an entity that is not expanded, so it costs at
least L, the least label of such an entity and one hop. Ends whose best known path costs less than L
are proven, with that path: the ends of a page are, once the last of them is. How many paths an end
has, and what they say together, is known only where nothing is left to fetch; else it is a lower
bound, and said to be.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from mechkg.kg.engine.bound import FAR, behind_of, labels
from mechkg.kg.engine.contract import BudgetSpent, Degree, GraphEngine, Meter
from mechkg.kg.engine.cover import MAX_STATEMENTS, Content, PathCover, described, opened
from mechkg.kg.engine.find_paths import NOTHING
from mechkg.kg.engine.known import UNKNOWN
from mechkg.kg.engine.question import UNSUPPORTED, EngineQuery, read_query
from mechkg.kg.errors import EngineError, QueryError, TooCostly, UnknownEntity
from mechkg.kg.kernels.types import LENGTHS
from mechkg.kg.model.cursor import read_cursor, write_cursor
from mechkg.kg.model.queries import OpenEndsQuery
from mechkg.kg.model.results import OpenEndsResult
from mechkg.kg.model.schema import Schema
from mechkg.kg.progress import Cancel
from mechkg.kg.ranking.costs import score_of
from mechkg.kg.search.open_ends import find_open_ends
from mechkg.kg.search.open_side import ANY, Side

__all__ = ["OpenEndsSearch", "OpenQuestion", "read_open_query"]

LAST_REQUESTS: Final = 40
LAST_SECONDS: Final = 5.0
"""What names and categories may take beyond the budget of a query."""

Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """A query with one end open in the form that an engine takes.

    `question` walks from the named side, whose entities stand in `sources` or `targets`; the other
    is empty. `categories` are those that the open `side` admits, None for any entity.
    """

    query: OpenEndsQuery
    question: EngineQuery
    side: Side
    categories: frozenset[str] | None


def read_open_query(engine: GraphEngine, query: OpenEndsQuery, meter: Meter) -> OpenQuestion:
    """Return a query in the form that an engine takes.

    Raises `QueryError` for what an engine cannot do and where none or both sides are open.
    """
    query = query.checked()
    for name in UNSUPPORTED:
        if getattr(query, name, None):
            raise QueryError(
                name, "cannot be used with an engine", hint="Load the graph into a snapshot."
            )
    side, texts = _open_side(engine, query, meter)
    fixed: Side = "target" if side == "source" else "source"
    paths = msgspec.structs.replace(query.paths(side), **{side: getattr(query, fixed)})
    read = read_query(engine, paths, meter)
    categories = None
    if ANY not in texts:
        schema = engine.schema
        categories = frozenset(c for text in texts for c in schema.categories_under(text, side))
    asked = msgspec.structs.replace(
        query, open=side, cursor="", scorer=read.query.scorer, via=read.query.via,
        avoid=read.query.avoid, **{side: texts, fixed: getattr(read.query, fixed)},
    )  # fmt: skip
    kept = tuple([g for g in read.groundings if g.parameter != side])
    question = replace(
        read,
        groundings=kept,
        sources=() if side == "source" else read.sources,
        targets=() if side == "target" else read.targets,
    )
    return OpenQuestion(asked, question, side, categories)


def _open_side(
    engine: GraphEngine, query: OpenEndsQuery, meter: Meter
) -> tuple[Side, tuple[str, ...]]:
    """Return the open side and the categories that it names (as `kg.search.open_side` reads it)."""
    schema = engine.schema
    spelt = {name: c.id for c in schema.categories for name in (c.id, c.id.rpartition(":")[2])}
    sides: dict[Side, tuple[str, ...]] = {"source": query.source, "target": query.target}
    chosen: dict[Side, tuple[str, ...]] = {}
    for side, texts in sides.items():
        if any(text.strip().endswith("*") and text.strip() != ANY for text in texts):
            raise QueryError(side, "cannot take subclasses in with an engine", hint="Name one.")
        found = [ANY if text.strip() == ANY else spelt.get(text, "") for text in texts]
        if all(found) and query.open in ("", side):
            chosen[side] = tuple(found)
    if not chosen:
        for side, texts in sides.items():
            named = [_category(engine, schema, text, side, meter) for text in texts]
            if all(named) and query.open in ("", side):
                chosen[side] = tuple(named)
    if len(chosen) != 1:
        raise QueryError(
            "open", "is unclear: " + ("both sides" if chosen else "neither side") + " could be it",
            hint="Give a category (biolink:Drug) or * at one side, or say open=source or target.",
        )  # fmt: skip
    ((side, categories),) = chosen.items()
    return side, categories


def _category(engine: GraphEngine, schema: Schema, text: str, side: Side, meter: Meter) -> str:
    """Return the category that a text names where it names no entity, else an empty text."""
    labels = {c.label.casefold(): c.id for c in schema.categories}
    found = labels.get(text.strip().casefold(), "")
    if found:
        try:
            engine.search([text], side, meter)
        except UnknownEntity:
            return found
    return ""


class OpenEndsSearch(PathCover):
    """One search for the best ends of a query; `reason` says what ended it before it was done."""

    def __init__(
        self,
        engine: GraphEngine,
        asked: OpenQuestion,
        version: str,
        meter: Meter,
        *,
        table: Mapping[str, Degree] | None,
        cancel: Cancel | None = None,
    ) -> None:
        super().__init__(engine, asked.question, meter, table=table, cancel=cancel)
        self._asked, self._version, self._table = asked, version, table
        self._wanted = float("inf")
        self._front: Rows = np.zeros((0, 0), np.int64)
        self.reason = ""

    def answer(self, query: OpenEndsQuery) -> OpenEndsResult:
        """Return the page of a query.

        Raises `EngineError` where the engine fails before anything is known, and `Cancelled`.
        """
        offset = read_cursor(query, self._version)
        limit, bound = offset + query.limit, NOTHING
        try:
            while (bound := self._looked()) < NOTHING:
                if self._is_worth_a_look(bound, limit):
                    found = self._page(limit, whole=False)
                    if self._has_page(found, bound, limit):
                        return self._stated(query, found, offset, None)
                if not self._expand_next():
                    self.reason = self._refusal or "What is left cannot be fetched."
                    break
        except BudgetSpent as error:
            self.reason = str(error)
        except TooCostly as error:  # the names of a first look
            if not isinstance(error.__cause__, BudgetSpent):
                raise
            self.reason = str(error.__cause__)
        except EngineError as error:
            if len(self._known.statements.subject) == 0:
                raise
            self.reason = str(error)
        self._meter.extend(LAST_REQUESTS, LAST_SECONDS)
        found = self._page(limit, whole=not self.reason)
        return self._stated(query, found, offset, bound if self.reason else None)

    def _looked(self) -> int:
        """Return the least key of a path with a statement that is not known.

        Raises `Cancelled`, and `BudgetSpent` where too many statements were met.
        """
        if self._cancel is not None:
            self._cancel.check()
        if len(self._known.statements.subject) > MAX_STATEMENTS:
            raise BudgetSpent(f"More than {MAX_STATEMENTS:,} statements were met.")
        front = self._labelled().front
        self._front = front.behind if self._asked.side == "source" else front.ahead
        hops = np.arange(1, len(self._front) + 1)[:, None]
        costs = self._costs()
        least = int(costs.hop + costs.doubt_units(self._engine.least_doubt))
        keys = np.where(self._front < FAR, (self._front + least) * LENGTHS + hops, NOTHING)
        return int(keys.min(initial=NOTHING))

    def _is_worth_a_look(self, bound: int, limit: int) -> bool:
        """Say whether enough entities of the open side are reached by walks below the bound."""
        if self._asked.query.effect or score_of(bound) >= self._wanted:
            return False
        reached, cost = self._end_labels()
        least = np.where(reached < FAR, reached - cost, FAR).min(axis=0)
        near = np.flatnonzero(least * LENGTHS < bound)
        ids = [self._known.ids[row] for row in near.tolist()]
        if self._asked.categories is None:
            return len(ids) >= limit
        self._entities |= described(self._engine, ids, self._entities, self._meter)
        members = [c for c in ids if self._entities[c].category in self._asked.categories]
        return len(members) >= limit

    def _end_labels(self) -> tuple[Rows, Rows]:
        """Return the least costs of walks to each entity by hops, its own among them, and that."""
        costs = self._costs()
        arcs, _ = self._arcs(costs)
        cost = costs.entity.astype(np.int64)
        hops = self._question.query.max_hops
        make = behind_of if self._asked.side == "source" else labels
        return make(arcs, self._ends(), cost, hops)[1:], cost

    def _has_page(self, found: OpenEndsResult, bound: int, limit: int) -> bool:
        """Say whether the last end of the page is proven to come before all that are not known."""
        if len(found.ends) < limit:
            return False
        self._wanted = found.ends[limit - 1].path.score
        return self._wanted > score_of(bound)

    def _expand_next(self) -> bool:
        """Expand the entities of the least labels; False where none can be."""
        inward = self._asked.side == "source"
        least = self._front.min(axis=0, initial=FAR)
        both = self._question.walks_both or bool(
            self._question.walked(self._engine.schema, self._known.predicates)[1].any()
        )
        rows = np.flatnonzero(least < FAR)
        rows = rows[np.argsort(least[rows], kind="stable")]
        first = rows[: max(1, self._engine.limits.counts)]
        uncounted = first[self._known.degree[first] == UNKNOWN]
        if len(uncounted):
            self._count(uncounted)
            return True
        none = np.zeros(0, np.int64)
        planned = (rows, rows) if both else ((none, rows) if inward else (rows, none))
        chosen = self._batch(planned, self._weights(both=both), both=both)
        if chosen is None:
            return False
        self._expand(*chosen)
        return True

    def _page(self, limit: int, *, whole: bool) -> OpenEndsResult:
        """Return the best ends of the known part."""
        content = self._reached()
        query = msgspec.structs.replace(self._asked.query, limit=limit, timeout=300.0)
        with opened(self._engine, content, self._version, self._meter) as part:
            self._entities |= {e: content.entities[e] for e in content.entities}
            candidates = self._candidates(content)
            return find_open_ends(part, query, self._cancel, candidates=candidates, whole=whole)

    def _reached(self) -> Content:
        """Return all statements of known walks from the named side."""
        costs = self._costs()
        arcs, origin = self._arcs(costs)
        reached, _ = self._end_labels()
        fixed = self._targets if self._asked.side == "source" else self._sources
        near = reached[:-1].min(axis=0, initial=FAR) < FAR
        near[fixed] = True
        begin = arcs.head if self._asked.side == "source" else arcs.tail
        return self._content(origin[near[begin]])

    def _candidates(self, content: Content) -> int | None:
        """Return how many entities the open side admits in the whole graph, if that is known."""
        fixed = self._question.targets if self._asked.side == "source" else self._question.sources
        categories = self._asked.categories
        if categories is None:
            return None if self._table is None else len(self._table.keys() - set(fixed))
        known = described(self._engine, list(fixed), content.entities, self._meter)
        own = sum(known[curie].category in categories for curie in fixed)
        return self._engine.count_members(sorted(categories), self._meter) - own

    def _stated(
        self, query: OpenEndsQuery, found: OpenEndsResult, offset: int, bound: int | None
    ) -> OpenEndsResult:
        """Return a page that says of the whole graph what is proven of it."""
        end = offset + query.limit
        more = found.total > end or not found.total_is_exact
        page = found.ends[offset:end]
        return msgspec.structs.replace(
            found,
            query=query,
            ends=page,
            complete=offset == 0 and not more and bound is None,
            truncated_by="time" if bound is not None else ("limit" if more or offset else None),
            cursor=write_cursor(query, self._version, end) if more and len(page) else None,
            bound=None if bound is None else score_of(bound),
            groundings=self._question.groundings,
        )
