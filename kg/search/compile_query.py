"""Compile a `PathQuery` to the `Task` that the kernels take: rows, masks and costs.

What a query admits is decided here and nowhere else:

- `predicate` admits a term and all below it; without it, and without a metapath that names them,
  relations of taxonomy, identity and mapping stay out. Symmetric relations are walked both ways.
- `composition` says which hop may follow which (`kg.search.composition`).
- `evidence`, `modality` and `qualifier` each admit statements that fit one of their values; a
  statement must be admitted by each of the three, by `context` (`kg.search.context_filter`) and by
  `min_routes`. Without `evidence`, and unless it names `inferred`, inferred statements stay out;
  `any` admits all.
- `category`, and a category in `via` or `avoid`, speak of the entities between the ends. A named
  entity or subtree in `avoid` may be nowhere on a path. A named entity in `via` may be an end; of
  a subtree, an entity between the ends must belong to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache, reduce
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mechkg.kg.errors import QueryError, UnknownTerm
from mechkg.kg.kernels.engine import Engine, frozen
from mechkg.kg.kernels.packed import pack
from mechkg.kg.kernels.search import Task
from mechkg.kg.kernels.transitions import no_transitions
from mechkg.kg.kernels.types import Columns, Filter, Pattern, Rules
from mechkg.kg.model.queries import PathQuery
from mechkg.kg.model.schema import Schema
from mechkg.kg.ranking.costs import Costs
from mechkg.kg.search.composition import Composition, composition_for
from mechkg.kg.search.context import Plan, SearchContext
from mechkg.kg.search.context_filter import admitted_contexts
from mechkg.kg.search.metapath import Automaton, automaton, parse_metapath
from mechkg.kg.search.resolve import Rows, Selection, ground_all, resolve_selection
from mechkg.kg.snapshot.corroboration import Corroborations
from mechkg.kg.snapshot.snapshot import Snapshot

__all__ = [
    "MAX_VIA",
    "compile_between",
    "compile_query",
    "no_pattern",
    "nothing_hidden",
    "via_of_ends",
]

MAX_VIA: Final = 8
MAX_STATES: Final = 1024
"""Pattern positions times via sets, at most: what a search may remember of a prefix."""

ANY_EVIDENCE: Final = "any"
INFERRED: Final = "inferred"
_EVIDENCE_KEYS: Final = ("evidence", "source", "publication", "passage", "knowledge_level")

Mask = NDArray[np.uint8]


def compile_query(context: SearchContext, query: PathQuery, costs: Costs) -> Task:
    """Return the task of a query that is checked; `costs` are those of its scorer.

    Raises `UnknownEntity`, `AmbiguousName`, `UnknownTerm` or `QueryError`. O(1) without filters on
    statements, O(statements) with them, but for those whose plan the context keeps.
    """
    sources = ground_all(context, query.source, "source")
    targets = ground_all(context, query.target, "target")
    return compile_between(context, query, costs, (sources, targets))


def compile_between(
    context: SearchContext,
    query: PathQuery,
    costs: Costs,
    ends: tuple[Rows, Rows],
    fixed: Rows | None = None,
) -> Task:
    """Return the task of a query between sources and targets, whatever ends it names.

    `ends` are rows (int32, ascending); none counts as an entity between the ends that a subtree in
    `via` asks for. With `fixed` only these rows are ends for all paths: the others are open, and
    may lie between the ends.
    Raises and costs as `compile_query`.
    """
    sources, targets = ends
    plan = _plan(context, query, costs)
    banned = plan.banned
    max_hops = query.max_hops
    composition = composition_for(context, query, costs)
    if composition is not None:
        most = composition.reach.most_hops(sources, targets, max_hops)
        max_hops = max(most, query.min_hops)
    return Task(
        steps=plan.steps,
        rules=plan.rules,
        sources=sources[~np.isin(sources, banned)] if len(banned) else sources,
        targets=targets[~np.isin(targets, banned)] if len(banned) else targets,
        max_hops=max_hops,
        banned=banned,
        packed=plan.packed,
        via=tuple(
            [
                np.setdiff1d(rows, np.union1d(sources, targets) if fixed is None else fixed)
                if below
                else rows
                for rows, below in plan.via
            ]
        ),
        sets=1 << len(plan.via),
    )


def via_of_ends(context: SearchContext, query: PathQuery, costs: Costs) -> int:
    """Return the via bits of a query that an end may satisfy: those of entities that it names."""
    via = _plan(context, query, costs).via
    return sum(1 << bit for bit, (_, below) in enumerate(via) if not below)


def _plan(context: SearchContext, query: PathQuery, costs: Costs) -> Plan:
    """Return the plan of a query, compiled or kept from an earlier one of its kind."""
    key = (
        query.min_hops, query.direction, query.predicate, query.category, query.via, query.avoid,
        query.evidence, query.modality, query.qualifier, query.context, query.min_routes,
        query.metapath,
        query.scorer, query.weights,
        query.composition,
    )  # fmt: skip
    return context.path_plans.plan(key, lambda: _planned(context, query, costs))


def _planned(context: SearchContext, query: PathQuery, costs: Costs) -> Plan:
    snapshot, engine = context.snapshot, context.engine
    via = [resolve_selection(context, text, "via") for text in query.via]
    avoid = [resolve_selection(context, text, "avoid") for text in query.avoid]
    composition = composition_for(context, query, costs)
    pattern, along, against = _hops(snapshot.schema, engine, query)
    if composition is not None:
        along, against = _composed(snapshot.schema, query, composition, along, against)
    if len(via) > MAX_VIA:
        raise QueryError("via", f"takes at most {MAX_VIA} values, not {len(via)}")
    if pattern.size << len(via) > MAX_STATES:
        raise QueryError("metapath", "is too long for so many via values")
    classes, class_via = _classes(snapshot.schema, query, via, avoid)
    hidden, hide = _statements(snapshot, engine, query)
    steps = engine.steps(along, against)
    rules = Rules(
        Filter(engine.in_row, hidden, hide, engine.category, classes),
        Columns(
            engine.predicate,
            engine.sign,
            costs.weakness if costs.lacks else engine.doubt,
            engine.symmetric,
            costs.entity,
            costs.toll,
            costs.hop,
            costs.scale,
        ),
        pattern,
        composition.transitions if composition else no_transitions(),
        class_via,
        (1 << len(via)) - 1,
        query.min_hops,
    )
    return Plan(
        steps=steps,
        rules=rules,
        packed=pack(steps, rules),
        banned=_joined([selection.rows for selection in avoid]),
        via=tuple((selection.rows, selection.subtree) for selection in via),
    )


def _joined(parts: Sequence[Rows]) -> Rows:
    if not parts:
        return np.empty(0, np.int32)
    return reduce(np.union1d, parts, np.empty(0, np.int32)).astype(np.int32)


def _classes(
    schema: Schema,
    query: PathQuery,
    via: Sequence[Selection],
    avoid: Sequence[Selection],
) -> tuple[Mask, Mask]:
    """Return which categories are admitted between the ends, and the via bits they bring."""
    admitted = np.empty(0, np.uint8)
    bits = np.zeros(len(schema.categories), np.uint8)
    if not (query.category or via or avoid):
        return admitted, bits
    wanted = {c for text in query.category for c in schema.categories_under(text)}
    unwanted = {c for selection in avoid for c in selection.categories}
    if query.category or unwanted:
        admitted = np.array(
            [
                (not query.category or c.id in wanted) and c.id not in unwanted
                for c in schema.categories
            ],
            np.uint8,
        )
    for bit, selection in enumerate(via):
        for code, category in enumerate(schema.categories):
            if category.id in selection.categories:
                bits[code] |= 1 << bit
    return admitted, bits


def _hops(
    schema: Schema, engine: Engine, query: PathQuery
) -> tuple[Pattern, Mask | None, Mask | None]:
    """Return the pattern and which predicates may be walked along and against a path."""
    both = query.direction == "undirected"
    admitted = _predicates(schema, query.predicate)
    if not query.metapath:
        along, turnable = engine.mechanism, engine.turnable
        if admitted is not None:
            along, turnable = admitted, admitted & engine.symmetric
        return no_pattern(), along, along if both else turnable
    plan = automaton(parse_metapath(query.metapath))
    hop, arrive = _tables(schema, plan, engine, admitted, both=both)
    following = np.zeros((2, 64), np.int64)
    following[:, : len(plan.steps)] = plan.follow, plan.before
    pattern = Pattern(1, len(plan.steps), plan.first, plan.last, following, hop, arrive)
    return pattern, (hop[0] != 0).astype(np.uint8), (hop[1] != 0).astype(np.uint8)


def _composed(
    schema: Schema,
    query: PathQuery,
    composition: Composition,
    along: Mask | None,
    against: Mask | None,
) -> tuple[Mask | None, Mask | None]:
    """Return which predicates may be walked along and against a path by a grammar's classes.

    The grammar says which may be walked backward, and lets relations of taxonomy join a path at
    its ends; what the query names still bounds it.
    """
    named = _predicates(schema, query.predicate)
    if query.metapath:
        return (
            composition.walked[0] if along is None else along & composition.walked[0],
            composition.walked[1] if against is None else against & composition.walked[1],
        )
    if named is None:
        return composition.walked[0], composition.walked[1]
    return named & composition.walked[0], named & composition.walked[1]


def _tables(
    schema: Schema, plan: Automaton, engine: Engine, admitted: Mask | None, *, both: bool
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return `hop` and `arrive` of a `Pattern`."""
    hop = np.zeros((2, len(schema.predicates)), np.int64)
    arrive = np.zeros(len(schema.categories), np.int64)
    for position, step in enumerate(plan.steps):
        bit = np.int64(1 << position)
        chosen = _predicates(schema, step.predicates, "metapath")
        if chosen is None:
            chosen = engine.mechanism if admitted is None else admitted
        elif admitted is not None:
            chosen = chosen & admitted
        turnable = chosen & engine.symmetric
        hop[0] |= np.where(turnable if step.backwards else chosen, bit, 0)
        hop[1] |= np.where(chosen if both or step.backwards else turnable, bit, 0)
        wanted = {c for text in step.categories for c in schema.categories_under(text, "metapath")}
        for code, category in enumerate(schema.categories):
            if not step.categories or category.id in wanted:
                arrive[code] |= bit
    return hop, arrive


def _predicates(schema: Schema, texts: Sequence[str], parameter: str = "predicate") -> Mask | None:
    """Return the mask of some predicates and all below them, None for no texts."""
    if not texts:
        return None
    wanted = {p for text in texts for p in schema.predicates_under(text, parameter)}
    return np.array([p.id in wanted for p in schema.predicates], np.uint8)


def _statements(snapshot: Snapshot, engine: Engine, query: PathQuery) -> tuple[Mask, int]:
    """Return a row table and the value in it that hides a statement; empty where none is hidden."""
    some_inferred = snapshot.manifest.counts.inferred > 0
    if not (
        query.evidence or query.modality or query.qualifier or query.context or query.min_routes
    ):
        return (engine.inferred, 1) if some_inferred else (nothing_hidden(), 1)
    kept = [
        _rows_of(snapshot, texts, keys_of, parameter)
        for parameter, texts, keys_of in (
            ("evidence", _kinds(query), _evidence_keys),
            ("modality", query.modality, _modality_keys),
            ("qualifier", query.qualifier, _qualifier_keys),
        )
        if texts
    ]
    named = {text.casefold() for text in query.evidence}
    with_inferred = bool(named & {INFERRED, ANY_EVIDENCE})
    hide_inferred = some_inferred and not with_inferred
    if query.context:
        kept.append(np.flatnonzero(admitted_contexts(snapshot, query.context)))
    if query.min_routes:
        kept.append(np.flatnonzero(_corroboration(snapshot).routes >= query.min_routes))
    if not kept:
        return (engine.inferred, 1) if hide_inferred else (nothing_hidden(), 1)
    admitted = np.zeros(snapshot.index.statements, np.uint8)
    admitted[reduce(lambda a, b: np.intersect1d(a, b, assume_unique=True), kept)] = 1
    if hide_inferred:
        admitted &= 1 - engine.inferred
    return frozen(admitted), 0


def _corroboration(snapshot: Snapshot) -> Corroborations:
    if snapshot.corroboration is None:
        raise QueryError(
            "min_routes",
            "asks for routes that support a statement, which were not counted for this graph",
            hint="Load it with --corroboration on.",
        )
    return snapshot.corroboration


def _kinds(query: PathQuery) -> tuple[str, ...]:
    texts = query.evidence
    return () if any(text.casefold() == ANY_EVIDENCE for text in texts) else texts


def _rows_of(
    snapshot: Snapshot,
    texts: Sequence[str],
    keys_of: Callable[[str], Iterable[str]],
    parameter: str,
) -> NDArray[np.int64]:
    """Return the distinct rows of statements that fit one of some texts, ascending."""
    postings = snapshot.postings
    found = [np.empty(0, np.int64)]
    for text in texts:
        parts = [rows for key in keys_of(text) if len(rows := postings.rows(key))]
        if parameter == "evidence" and text.casefold() == INFERRED:
            parts.append(np.flatnonzero(snapshot.index.inferred))
        if not parts:
            raise UnknownTerm(parameter, text, _known(snapshot, parameter))
        found += parts
    return np.unique(np.concatenate(found))


def _evidence_keys(text: str) -> Iterable[str]:
    for key in _EVIDENCE_KEYS:
        yield f"{key}:{text}"
    yield f"evidence:{text.casefold()}"
    yield f"source:infores:{text.casefold()}"


def _modality_keys(text: str) -> Iterable[str]:
    yield f"modality:{text.strip().casefold().replace(' ', '_')}"


def _qualifier_keys(text: str) -> Iterable[str]:
    yield f"qualifier:{text}"


def _known(snapshot: Snapshot, parameter: str) -> list[str]:
    known = [key.partition(":")[2] for key in snapshot.postings.keys(f"{parameter}:")]
    extra = {"modality": ["asserted"], "evidence": [ANY_EVIDENCE]}.get(parameter, [])
    return sorted({text for text in known if "=" not in text}.union(extra))[:40]


@cache
def nothing_hidden() -> Mask:
    """Return the row table that hides no statement."""
    return frozen(np.empty(0, np.uint8))


@cache
def no_pattern() -> Pattern:
    """Return the pattern of one position that any hop may take, again and again."""
    again = np.zeros((2, 64), np.int64)
    again[:, 0] = 1
    return Pattern(0, 1, 1, 1, again, np.empty((2, 0), np.int64), np.empty(0, np.int64))
