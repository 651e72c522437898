"""Composition: a grammar of hops compiled for one snapshot into transitions of the kernels.

A hop class is a hop of the grammar with the aspects that it starts from and acts on. Its `enter`
is (hop, aspect that it starts from), its `leave` (hop, aspect that it acts on): the first is all
that a step must know of what follows, the second all of what came before. Statements of one
predicate and one semantics are of one kind, which offers the same classes. Categories that the
rules do not tell apart are one group of entities.

A weight w costs `-ln(w)` times what the scorer charges for assumptions (`Costs.assumption`), so
that weights multiply along a path.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mechkg.kg.kernels.transitions import make_transitions
from mechkg.kg.kernels.types import (
    INF,
    LENGTHS,
    LOWER_BIT,
    NONE_BIT,
    RAISE_BIT,
    UNKNOWN_BIT,
)
from mechkg.kg.kernels.types import Transitions as KernelTransitions
from mechkg.kg.model.queries import PathQuery
from mechkg.kg.model.schema import Predicate, Schema
from mechkg.kg.model.values import Assumption
from mechkg.kg.ranking.costs import Costs
from mechkg.kg.search.category_reach import CategoryReach
from mechkg.kg.search.context import SearchContext
from mechkg.kg.search.grammar import END, START, Grammar, Hop, read_grammar
from mechkg.kg.snapshot.snapshot import Snapshot

__all__ = ["Composition", "composition_for", "compile_composition", "role_of"]

MAX_COST: Final = INF // LENGTHS // (3 * 4 * 8)
"""Units that one step or class may cost, at most: keys must stay below INF (`ranking.costs`)."""

_MEASURES: Final = MappingProxyType({"abundance": "amount", "localization": "presence there"})
"""Words for the aspects that reasons name by another one than their own."""

_EFFECTS: Final = MappingProxyType(
    {
        "statement": 0,
        "raises": RAISE_BIT,
        "lowers": LOWER_BIT,
        "none": NONE_BIT,
        "unknown": UNKNOWN_BIT,
    }
)

Half = tuple[str, str]
"""A hop and an aspect: what a step knows of the hop on one side of an entity."""

Weight = tuple[float, str, str]
"""A weight below 1 of a step, its assumption and the reason."""


@dataclass(frozen=True, slots=True)
class Composition:
    """A grammar compiled for a snapshot.

    `transitions` are what the kernels take. enters and leaves name the columns and rows of the
    table of steps by hop and aspect, classes each class by its hop. walked (2, predicates; uint8)
    says which predicates offer a class along and against their direction. groups lists what the
    entities of each group are, reach how many hops a path may have between two categories;
    assumed keeps what each step that an answer took rests on.
    """

    grammar: Grammar
    strict: bool
    transitions: KernelTransitions
    enters: tuple[Half, ...]
    leaves: tuple[Half, ...]
    classes: tuple[Hop, ...]
    walked: NDArray[np.uint8]
    groups: tuple[frozenset[str], ...]
    reach: CategoryReach
    assumed: dict[tuple[int, int, int], tuple[Weight, ...]] = field(default_factory=dict)

    @property
    def knows(self) -> bool:
        """Whether the grammar knows a predicate of the graph that it composes by."""
        roles = {role for hop in self.classes for role in hop.roles}
        return bool(roles - {"", "taxonomy"})

    def charge(self, chosen: NDArray[np.int64]) -> int:
        """Return the units that steps and classes of a choice cost (`kernels.choose`)."""
        units = self.transitions.units[chosen[:-1, 1]].sum()
        return int(units + chosen[:, 2].sum() // LENGTHS)

    def assumptions(
        self, nodes: NDArray[np.int32], chosen: NDArray[np.int64]
    ) -> tuple[Assumption, ...]:
        """Return what the choice of a path rests on, from the source to the target."""
        moves, classes = self.transitions, chosen[:-1, 1]
        leaves = [0, *moves.leave[classes].tolist()]
        enters = [*moves.enter[classes].tolist(), 0]
        steps = list(zip(leaves, moves.group[nodes].tolist(), enters, strict=True))
        for step in steps:
            if step not in self.assumed:
                self.assumed[step] = self._weights(*step)
        return tuple(
            Assumption(name, position, weight, reason)
            for position, step in enumerate(steps)
            for weight, name, reason in self.assumed[step]
        )

    def refusal(
        self, nodes: Sequence[int], predicate: NDArray[np.uint16], hops: Sequence[NDArray[np.int32]]
    ) -> tuple[int, str] | None:
        """Return where the grammar first refuses a path, and why; None where it does not.

        The place is that of the entity in `nodes`; hops has the statements of each hop, ~row
        where walked against their direction, `predicate` that of each row.
        """
        moves, leaves = self.transitions, {0}
        groups = moves.group[np.asarray(nodes)].tolist()
        for position, refs in enumerate(hops):
            classes = [c for ref in refs.tolist() for c in self._classes_of(ref, predicate)]
            if not classes:
                return position, "no effect passes against the direction of the statement"
            table = moves.step[groups[position]]
            passed = {
                int(moves.leave[c])
                for c in classes
                if (table[moves.enter[c], list(leaves)] < INF).any()
            }
            if not passed:
                return position, self._reason(leaves, groups[position], classes)
            leaves = passed
        ends = moves.step[groups[-1], 0, list(leaves)] < INF
        return None if ends.any() else (len(nodes) - 1, "an effect is not passed on by this hop")

    def _classes_of(self, ref: int, predicate: NDArray[np.uint16]) -> range:
        """Return the classes of a statement row, or of ~row walked against its direction."""
        moves, turned = self.transitions, int(ref < 0)
        row = ~ref if turned else ref
        kind = int(moves.kind[row] if len(moves.kind) else predicate[row])
        return range(int(moves.option[turned, kind]), int(moves.option[turned, kind + 1]))

    def _reason(self, leaves: set[int], group: int, classes: Sequence[int]) -> str:
        """Return why none of some classes may follow; rules that say why come first."""
        said = ""
        for leave, c in product(sorted(leaves), classes):
            before, after = self.leaves[leave], self.enters[int(self.transitions.enter[c])]
            rule = self.grammar.decide(before[0], self.groups[group], after[0], strict=self.strict)
            if rule is not None and rule.weight == 0:
                return rule.reason
            if rule is not None:
                said = f"its {_measure(before[1])} says nothing of its {_measure(after[1])}"
        return said or "nothing says that an effect passes from the one step to the other"

    def _weights(self, leave: int, group: int, enter: int) -> tuple[Weight, ...]:
        """Return the weights below 1 of a step, each with its assumption and reason."""
        before, after = self.leaves[leave], self.enters[enter]
        step = self.grammar.decide(before[0], self.groups[group], after[0], strict=self.strict)
        found = [(step.weight, step.assumption, step.reason)] if step else []
        weight, name = self.grammar.aspect(before[1], after[1])
        taken = f"a change in its {_measure(before[1])} counts as one in its {_measure(after[1])}"
        found.append((weight, name, taken))
        return tuple(one for one in found if one[0] < 1)


def _measure(aspect: str) -> str:
    """Return an aspect as a reason names it: *amount*, *number of cells*."""
    return _MEASURES.get(aspect, aspect.replace("_", " "))


def composition_for(context: SearchContext, query: PathQuery, costs: Costs) -> Composition | None:
    """Return the grammar that a query is held to, None where any hop may follow any other.

    By default that is so where the query itself says which relations to walk (`predicate`,
    `metapath`), where it walks statements both ways (`undirected`), and where the grammar knows
    none of the graph's predicates.
    """
    if query.composition == "off":
        return None
    strict = query.composition == "strict"
    if not strict and (query.predicate or query.metapath or query.direction == "undirected"):
        return None
    key = strict, costs.assumption
    known = context.compositions
    if key not in known:
        made = compile_composition(
            context.snapshot, read_grammar(), strict=strict, scale=costs.assumption
        )
        known.setdefault(key, made)
    composition: Composition = known[key]
    return composition if strict or composition.knows else None


def _own_role(predicate: Predicate) -> str:
    return str(getattr(predicate, "role", ""))


def role_of(schema: Schema, predicate: Predicate, grammar: Grammar) -> str:
    """Return the role of a predicate: its own, else that of its nearest Biolink class."""
    role = _own_role(predicate)
    if role:
        return role
    parents = {p.id: p for p in schema.predicates}
    waiting, seen = [predicate], {predicate.id}
    while waiting:
        one = waiting.pop(0)
        for name in (one.id, one.biolink):
            if name in grammar.roles:
                return grammar.roles[name]
        above = [parents[name] for name in one.parents if name in parents and name not in seen]
        seen.update(p.id for p in above)
        waiting += above
    return ""


def compile_composition(
    snapshot: Snapshot, grammar: Grammar, *, strict: bool, scale: float
) -> Composition:
    """Return a grammar compiled for a snapshot; `scale` are the units that a weight of 1/e costs.

    O(statements) to number kinds, O(groups * enters * leaves * rules) for the table.
    """
    return _Compiler(snapshot, grammar, strict=strict, scale=scale).composition()


@dataclass(frozen=True, slots=True)
class _Kind:
    """What the statements of one kind say: predicate, aspects, action and weight."""

    predicate: Predicate
    role: str
    subject_aspect: str
    object_aspect: str
    action: str
    weight: float


class _Compiler:
    """The tables of one composition in the making."""

    def __init__(self, snapshot: Snapshot, grammar: Grammar, *, strict: bool, scale: float) -> None:
        self._scale = scale
        self._snapshot = snapshot
        self._grammar = grammar
        self._strict = strict
        self._enters: dict[Half, int] = {(END, ""): 0}
        self._leaves: dict[Half, int] = {(START, ""): 0}

    def composition(self) -> Composition:
        schema = self._snapshot.schema
        kinds, column = _kinds(self._snapshot, self._grammar)
        walked = np.zeros((2, len(schema.predicates)), np.uint8)
        option = np.zeros((2, len(kinds) + 1), np.int32)
        rows: list[tuple[int, int, int, int]] = []
        hops: list[Hop] = []
        code = {predicate.id: i for i, predicate in enumerate(schema.predicates)}
        for turned in range(2):
            for number, kind in enumerate(kinds):
                option[turned, number] = len(rows)
                for hop in self._offers(kind, turned=bool(turned)):
                    rows.append(self._class(hop, kind, turned=bool(turned)))
                    hops.append(hop)
                    walked[turned, code[kind.predicate.id]] = 1
            option[turned, -1] = len(rows)
        groups, group = _groups(self._snapshot, self._grammar)
        columns = np.array(rows, np.int64).reshape(-1, 4).T
        transitions = make_transitions(
            kind=column,
            option=option,
            enter=columns[0].astype(np.uint16),
            leave=columns[1].astype(np.uint16),
            units=columns[2].astype(np.int32),
            effect=columns[3].astype(np.uint8),
            group=group,
            step=self._steps(groups),
        )  # of writable arrays, as `no_transitions`: other types would be compiled once more
        return Composition(
            self._grammar, self._strict, transitions, tuple(self._enters), tuple(self._leaves),
            tuple(hops), walked, groups,
            CategoryReach(
                self._snapshot,
                transitions,
                np.array([code[kind.predicate.id] for kind in kinds], np.int64),
            ),
        )  # fmt: skip

    def _offers(self, kind: _Kind, *, turned: bool) -> Iterator[Hop]:
        """Yield the hops that statements of a kind may take in a direction."""
        backward = _walks_backward(kind.predicate)
        for hop in self._grammar.hops:
            if kind.role not in hop.roles or (hop.actions and kind.action not in hop.actions):
                continue
            stated = hop.direction == "as stated" or not kind.role
            if turned:
                fits = hop.direction == "backward" or (stated and backward)
                fits = fits or (hop.direction == "forward" and kind.predicate.symmetric)
            else:
                fits = hop.direction != "backward"
            if fits:
                yield hop

    def _class(self, hop: Hop, kind: _Kind, *, turned: bool) -> tuple[int, int, int, int]:
        """Return the enter, leave, units and effect of a class."""
        start, acts_on = kind.subject_aspect, kind.object_aspect
        if turned:
            start, acts_on = acts_on, start
        return (
            self._enters.setdefault((hop.name, start), len(self._enters)),
            self._leaves.setdefault((hop.name, acts_on), len(self._leaves)),
            self._units(kind.weight),
            _EFFECTS[hop.effect],
        )

    def _steps(self, groups: Sequence[frozenset[str]]) -> NDArray[np.int32]:
        """Return the table of steps: one decision for each pair of hops, one for their aspects."""
        enters, leaves = list(self._enters), list(self._leaves)
        aspects = np.array([[self._grammar.aspect(b, a)[0] for _, b in leaves] for _, a in enters])
        afters = list(dict.fromkeys(hop for hop, _ in enters))
        befores = list(dict.fromkeys(hop for hop, _ in leaves))
        places = np.ix_(
            [afters.index(hop) for hop, _ in enters], [befores.index(hop) for hop, _ in leaves]
        )
        step = np.full((len(groups), len(enters), len(leaves)), INF, np.int32)
        for table, middle in zip(step, groups, strict=True):
            weights = np.array([[self._weight(b, middle, a) for b in befores] for a in afters])
            distinct, place = np.unique(aspects * weights[places], return_inverse=True)
            units = [self._units(w) * LENGTHS if w > 0 else INF for w in distinct.tolist()]
            table[:] = np.array(units, np.int32)[place].reshape(table.shape)
        return step

    def _weight(self, before: str, middle: frozenset[str], after: str) -> float:
        """Return the weight of the rule that decides on two hops, 0 where none lets them pass."""
        rule = self._grammar.decide(before, middle, after, strict=self._strict)
        return rule.weight if rule else 0.0

    def _units(self, weight: float) -> int:
        """Return what a weight above 0 costs."""
        return min(round(-math.log(max(weight, 1e-9)) * self._scale), MAX_COST)


def _walks_backward(predicate: Predicate) -> bool:
    return predicate.symmetric or getattr(predicate, "walk_backward", "no") == "yes"


def _kinds(snapshot: Snapshot, grammar: Grammar) -> tuple[list[_Kind], NDArray[np.uint16]]:
    """Return the kinds of statements and the kind of each; no column where predicates decide."""
    schema, index = snapshot.schema, snapshot.index
    roles = [role_of(schema, p, grammar) for p in schema.predicates]
    semantics: Any = getattr(index, "semantics", np.empty(0, np.uint16))
    if len(semantics) == 0:
        plain = [_kind(p, role, None) for p, role in zip(schema.predicates, roles, strict=True)]
        return plain, np.empty(0, np.uint16)
    pair = index.predicate.astype(np.uint32) << np.uint32(16) | semantics
    distinct, column = np.unique(pair, return_inverse=True)
    records: Any = snapshot.records
    listed = records.semantics_table
    kinds = [
        _kind(schema.predicates[code >> 16], roles[code >> 16], listed[code & 0xFFFF])
        for code in distinct.tolist()
    ]
    return kinds, column.ravel().astype(np.uint16)


def _kind(predicate: Predicate, role: str, semantics: Any) -> _Kind:
    """Return a kind; what the statement does not say, its predicate does."""

    def said(name: str, default: Any) -> Any:
        own = getattr(semantics, name, default)
        return own if own != default else getattr(predicate, name, default)

    return _Kind(
        predicate, role, said("subject_aspect", ""), said("object_aspect", ""),
        getattr(semantics, "action", ""), getattr(semantics, "weight", 1.0),
    )  # fmt: skip


def _groups(
    snapshot: Snapshot, grammar: Grammar
) -> tuple[tuple[frozenset[str], ...], NDArray[np.uint8]]:
    """Return what the entities of each group are, as far as rules ask, and each entity's group."""
    schema = snapshot.schema
    wanted = {name for step in grammar.steps for name in step.middle} - grammar.groups.keys()
    above = _classes_above(schema, wanted)
    numbers: dict[frozenset[str], int] = {}
    of_category = np.array(
        [numbers.setdefault(above[c.id], len(numbers)) for c in schema.categories], np.uint8
    )
    group = of_category[snapshot.index.category] if len(of_category) else np.empty(0, np.uint8)
    group = group.astype(np.uint8)
    marks: dict[int, set[str]] = {}
    for name, members in grammar.groups.items():
        for member in members:
            row = snapshot.records.entity_row(member)
            if row is not None:
                marks.setdefault(row, set()).add(name)
    for row, names in marks.items():
        category = schema.categories[int(snapshot.index.category[row])].id
        group[row] = numbers.setdefault(above[category] | names, len(numbers))
    return tuple(numbers) or (frozenset(),), group


def _classes_above(schema: Schema, wanted: set[str]) -> Mapping[str, frozenset[str]]:
    """Return which of some categories, named without a prefix, each category is or is below."""
    below: dict[str, set[str]] = {c.id: set() for c in schema.categories}
    known = {c.id.rpartition(":")[2]: c.id for c in schema.categories}
    for name in wanted & known.keys():
        for category in schema.categories_under(known[name]):
            below[category].add(name)
    return {category: frozenset(names) for category, names in below.items()}
