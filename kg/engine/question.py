"""A path query in the form that an engine takes: names read, what it walks, and what is refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from mechkg.kg.engine.contract import GraphEngine, Meter
from mechkg.kg.errors import QueryError, UnknownEntity, UnknownTerm
from mechkg.kg.model.grounding import Grounding
from mechkg.kg.model.queries import PathQuery, parameters
from mechkg.kg.model.schema import Schema
from mechkg.kg.ranking import DEFAULT, SCORERS, default_scorer
from mechkg.kg.ranking.generic import is_classification
from mechkg.kg.ranking.learned import LEARNED
from mechkg.kg.search.composition import role_of
from mechkg.kg.search.grammar import read_grammar
from mechkg.kg.search.hierarchy import ONLY, split_suffix

__all__ = ["UNSUPPORTED", "EngineQuery", "read_query"]

SUPPORTED: Final = frozenset(
    {
        "source", "target", "min_hops", "max_hops", "direction", "predicate", "category", "via",
        "avoid", "metapath", "scorer", "weights", "composition", "timeout", "limit", "cursor",
    }
)  # fmt: skip
"""Parameters of a path query that an engine takes."""

UNSUPPORTED: Final = tuple(p.name for p in parameters(PathQuery) if p.name not in SUPPORTED)
"""Parameters that need a snapshot: an engine refuses them."""

NO_ROLE: Final = frozenset(("", "taxonomy"))
"""Roles of predicates by which the grammar composes nothing."""

HINT: Final = "Load the graph into a snapshot to use it."
FIELDS: Final = ("source", "target", "via", "avoid")


@dataclass(frozen=True, slots=True)
class EngineQuery:
    """A query whose names are identifiers, and what is needed to walk it.

    `query` names every entity as `CURIE!`, and its scorer; sources, targets and `others` (of `via`
    and `avoid`) are CURIEs. `predicates` are those that alone are walked, None for all. `composed`
    says that paths may be held to the grammar of composition.
    """

    query: PathQuery
    groundings: tuple[Grounding, ...]
    sources: tuple[str, ...]
    targets: tuple[str, ...]
    others: tuple[str, ...]
    predicates: tuple[str, ...] | None
    composed: bool

    @property
    def walks_both(self) -> bool:
        """Whether statements may be walked from object to subject, whatever their predicate."""
        query = self.query
        return query.direction == "undirected" or bool(query.metapath) or self.composed

    @property
    def needs_categories(self) -> bool:
        """Whether which paths there are depends on the categories of entities."""
        query = self.query
        named = any(not text.endswith(ONLY) for text in (*query.via, *query.avoid))
        return bool(query.category or query.metapath) or self.composed or named

    def walked(
        self, schema: Schema, predicates: Sequence[str]
    ) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Return which predicates may be walked along and against a path, by code.

        None is left out that the search may walk; some may be in that it does not.
        """
        known = {p.id: p for p in schema.predicates}
        named = self.predicates
        everything = bool(self.query.metapath) or self.composed
        along = np.array(
            [
                name in named
                if named is not None
                else everything or name not in known or not is_classification(known[name])
                for name in predicates
            ],
            np.bool_,
        )
        symmetric = [name in known and known[name].symmetric for name in predicates]
        return along, along if self.walks_both else along & np.array(symmetric, np.bool_)


def read_query(engine: GraphEngine, query: PathQuery, meter: Meter) -> EngineQuery:
    """Return a query in the form that an engine takes.

    Raises `QueryError` for what an engine cannot do, `UnknownEntity`, `AmbiguousName` and
    `UnknownTerm` for names.
    """
    query = query.checked()
    for name in UNSUPPORTED:
        if getattr(query, name):
            raise QueryError(name, "cannot be used with an engine", hint=HINT)
    scorer = default_scorer(engine.schema) if query.scorer == DEFAULT else query.scorer
    if scorer == LEARNED.name or scorer not in SCORERS:
        known = [name for name in SCORERS if name != LEARNED.name]
        raise UnknownTerm("scorer", scorer, (DEFAULT, *known))
    named: dict[str, tuple[str, ...]] = {}
    groundings: list[Grounding] = []
    others: list[str] = []
    for field in FIELDS:
        texts = getattr(query, field)
        found = [_named(engine, text, field, meter) for text in texts]
        groundings += [g for g in found if g is not None]
        named[field] = tuple(
            [text if g is None else g.id + ONLY for text, g in zip(texts, found, strict=True)]
        )
        if field in ("via", "avoid"):
            others += [g.id for g in found if g is not None]
    read = msgspec.structs.replace(query, scorer=scorer, cursor="", **named)
    predicates = {p for text in query.predicate for p in engine.schema.predicates_under(text)}
    return EngineQuery(
        query=read,
        groundings=tuple([g for g in groundings if g.sentence]),
        sources=tuple([text.rstrip(ONLY) for text in named["source"]]),
        targets=tuple([text.rstrip(ONLY) for text in named["target"]]),
        others=tuple(others),
        predicates=tuple(sorted(predicates)) if query.predicate else None,
        composed=_may_be_composed(engine.schema, query),
    )


def _may_be_composed(schema: Schema, query: PathQuery) -> bool:
    """Say whether the grammar may hold a query's paths: `kg.search.composition` decides."""
    if query.composition != "default":
        return query.composition == "strict"
    if query.predicate or query.metapath or query.direction == "undirected":
        return False
    grammar = read_grammar()
    return any(role_of(schema, p, grammar) not in NO_ROLE for p in schema.predicates)


def _named(engine: GraphEngine, text: str, field: str, meter: Meter) -> Grounding | None:
    """Return the entity that a text names, None for a category of `via` or `avoid`."""
    name, suffix = split_suffix(text)
    if suffix == "*":
        raise QueryError(field, "cannot take subclasses in with an engine", hint=HINT)
    if field in ("via", "avoid") and text.startswith("biolink:"):
        return None
    try:
        return engine.search([name], field, meter)[0]
    except UnknownEntity:
        if field in ("via", "avoid"):
            try:
                engine.schema.categories_under(text, field)
            except UnknownTerm:
                pass
            else:
                return None
        raise
