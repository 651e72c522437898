"""What searches keep for one snapshot: kernel arrays, costs of scorers, plans, resolved names.

Everything here follows from the snapshot alone and is made on first use. Threads share it: two of
them may make a value at the same time, and either value serves.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from mechkg.kg.errors import QueryError
from mechkg.kg.kernels.engine import Engine
from mechkg.kg.kernels.types import Rules, Steps
from mechkg.kg.model.grounding import Grounding
from mechkg.kg.model.schema import Predicate
from mechkg.kg.ranking import scorer
from mechkg.kg.ranking.costs import Costs, costs_of
from mechkg.kg.ranking.curated import with_curated
from mechkg.kg.ranking.generic import is_classification
from mechkg.kg.ranking.scorer import Support
from mechkg.kg.ranking.weights import reweighted
from mechkg.kg.search.hierarchy import Hierarchy, Rows, Suffix, split_suffix
from mechkg.kg.search.sentences import MAX_NAMED, named
from mechkg.kg.snapshot.snapshot import Snapshot

__all__ = ["Named", "Plan", "PlanCache", "SearchContext", "among"]

MAX_PLANS: Final = 16
"""Kinds of query whose plans are kept."""

MAX_WEIGHTS: Final = 4
"""Settings of weights whose costs are kept: 4 bytes an entity each."""

LARGE_MASK: Final = 1 << 22
"""A plan that filters more statements than this (one byte each) is kept alone."""

SIGNS_AT_ONCE: Final = 1 << 22
"""Statements whose signs are looked at together."""

MAX_NAMES: Final = 4_096
"""Texts whose entities are kept: a text has at most 500 characters, so some 4 MB."""


@dataclass(frozen=True, slots=True)
class Named:
    """What a text of a query names: an entity (row), with its subclasses (`*`), without (`!`)."""

    row: int
    grounding: Grounding
    suffix: Suffix = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """The filters of a query, whatever its ends: used again for the next query of this kind.

    `packed` holds addresses of the arrays of `steps` and `rules` (`mechkg.kg.kernels.packed`), so
    it is valid as long as the plan lives. `banned` are rows (int32) that no path may touch; `via`
    has (rows, whether they are a subtree) for each via set.
    """

    steps: Steps
    rules: Rules
    packed: NDArray[np.int64]
    banned: Rows
    via: tuple[tuple[Rows, bool], ...] = ()


class PlanCache:
    """The last plans by the fields they depend on; the oldest goes first.

    At most `MAX_PLANS`, or one where its filter of statements exceeds `LARGE_MASK`. Safe between
    threads.
    """

    def __init__(self) -> None:
        self._plans: dict[Hashable, Plan] = {}

    def plan(self, key: Hashable, make: Callable[[], Plan]) -> Plan:
        """Return the plan of a key, made and kept where it is new; raises what `make` raises."""
        plan = self._plans.get(key)
        if plan is None:
            plan = make()
            capacity = MAX_PLANS if len(plan.rules.filter.rows) <= LARGE_MASK else 1
            kept = list(self._plans)
            for oldest in kept[: max(0, len(kept) - capacity + 1)]:
                self._plans.pop(oldest, None)
            self._plans[key] = plan
        return plan


def among(values: NDArray[Any], rows: Rows) -> NDArray[np.bool_]:
    """Return which values are among some rows; faster than `isin` where there is but one.

    >>> among(np.array([4, 5, 4]), np.array([4], np.int32)).tolist()
    [True, False, True]
    """
    found: NDArray[np.bool_] = values == rows[0] if len(rows) == 1 else np.isin(values, rows)
    return found


class SearchContext:
    """One snapshot as searches see it; `SearchContext.of(snapshot)` returns its only one.

    `path_plans` and `neighbourhood_plans` keep compiled filters, `compositions` compiled grammars
    (`kg.search.composition`), `is_warm` says that the kernels
    were called once, so that no query waits for their compilation.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.path_plans = PlanCache()
        self.neighbourhood_plans = PlanCache()
        self.compositions: dict[Hashable, Any] = {}
        self.is_warm = False
        self._costs: dict[tuple[str, ...], Costs] = {}
        self._named: dict[str, Named] = {}

    @classmethod
    def of(cls, snapshot: Snapshot) -> SearchContext:
        """Return the context of a snapshot, made on first use and kept as long as it is open."""
        return snapshot.cached(cls)

    @cached_property
    def engine(self) -> Engine:
        """The snapshot's arrays as kernels take them, with scratch space for searches."""
        predicates = self.snapshot.schema.predicates
        return Engine(
            self.snapshot.index,
            np.array([p.symmetric for p in predicates], np.uint8),
            np.array([not is_classification(p) for p in predicates], np.uint8),
        )

    @cached_property
    def hierarchy(self) -> Hierarchy:
        """The subclasses of the snapshot's classes."""
        return Hierarchy.of(self.snapshot)

    @cached_property
    def predicates(self) -> dict[str, Predicate]:
        """The predicates of the schema by identifier."""
        return {predicate.id: predicate for predicate in self.snapshot.schema.predicates}

    @cached_property
    def backward(self) -> NDArray[np.bool_]:
        """Whether statements of each predicate (code) say what the object does to the subject."""
        predicates = self.snapshot.schema.predicates
        return np.array([p.walk_backward == "yes" or p.symmetric for p in predicates], np.bool_)

    @cached_property
    def generic(self) -> tuple[str, ...]:
        """The identifiers of the generic predicates."""
        return tuple(p.id for p in self.snapshot.schema.predicates if p.generic)

    @cached_property
    def is_silent(self) -> bool:
        """Whether no statement has a direction of effect, a hedge or a context.

        O(statements) once, less where a statement has a direction.
        """
        records, index = self.snapshot.records, self.snapshot.index
        said = len(records.semantics_table) > 1 or records.may_have_contexts()
        if said or any(p.effect == "both" for p in self.snapshot.schema.predicates):
            return False
        starts = range(0, index.statements, SIGNS_AT_ONCE)
        parts = (index.sign[start : start + SIGNS_AT_ONCE] for start in starts)
        return not any(bool((np.abs(part) == 1).any()) for part in parts)

    @cached_property
    def hop_labels(self) -> NDArray[np.object_]:
        """The identifier of each predicate by its code, then `^identifier` for its reverse."""
        names = [predicate.id for predicate in self.snapshot.schema.predicates]
        return np.array([*names, *(f"^{name}" for name in names)], object)

    def costs(self, name: str, weights: tuple[str, ...] = ()) -> Costs:
        """Return what a scorer charges over the snapshot, with some weights set.

        Those of scorers are kept, those of the last `MAX_WEIGHTS` settings as well. Raises
        `UnknownTerm`, or `QueryError` for a weight.
        """
        key = (name, *weights)
        costs = self._costs.get(key)
        if costs is None:
            snapshot = self.snapshot
            chosen = with_curated(scorer(name)) if snapshot.has_curated else scorer(name)
            chosen = reweighted(chosen, weights) if weights else chosen
            support = Support(snapshot.index.carrying, snapshot.corroboration, snapshot.curated)
            made = costs_of(snapshot.index, snapshot.schema, chosen, support)
            if weights and made.is_capped:
                raise QueryError(
                    "weights",
                    "makes an entity cost more than a search can add up",
                    hint="Take a weight nearer to 0.",
                )
            for oldest in [k for k in list(self._costs) if len(k) > 1][: 1 - MAX_WEIGHTS]:
                self._costs.pop(oldest, None)
            costs = self._costs.setdefault(key, made)
        return costs

    def named(self, text: str, parameter: str) -> Named:
        """Return the entity that a text names, its suffix, and by which rule (`Names.resolve`).

        Recent texts are kept. Raises as `Names.ground` does.
        """
        named = self._named.get(text)
        if named is None:
            name, suffix = split_suffix(text)
            named = Named(*self.snapshot.names.resolve(name, parameter), suffix)
            if len(self._named) >= MAX_NAMES:
                self._named.clear()
            self._named[text] = named
        if named.grounding.parameter == parameter:
            return named
        return replace(
            named, grounding=msgspec.structs.replace(named.grounding, parameter=parameter)
        )

    def names(self, rows: Rows) -> str:
        """Return up to three entities as a sentence names them, and how many more there are."""
        shown = self.snapshot.records.path_entities(rows[:MAX_NAMED]).tolist()
        return named(shown, len(rows))[0]
