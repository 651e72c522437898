"""Random transitions on the graphs of `path_tasks`, and what brute force says of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import permutations
from typing import Any

import msgspec
import numpy as np
from hypothesis import strategies as st

from mechkg.kg.kernels.engine import Engine, frozen
from mechkg.kg.kernels.packed import pack
from mechkg.kg.kernels.task import Task
from mechkg.kg.kernels.transitions import make_transitions
from mechkg.kg.kernels.types import INF, LENGTHS
from mechkg.kg.search.metapath import automaton
from tests.draws import records, several
from tests.kg.path_tasks import (
    PREDICATES,
    Case,
    Fact,
    Said,
    Way,
    admitted,
    entities_fit,
    simple_paths,
    statement_cost,
    task_of,
    walks,
)

GROUPS = 2


@dataclass(frozen=True)
class Model:
    """Transitions in plain values: classes by kind and direction, and costs of steps.

    kinds: the kind of each fact, None for its predicate. offers[turned][kind]: classes. A class is
    (enter, leave, units, effect); steps[group][enter][leave] in units, None forbids.
    """

    kinds: tuple[int, ...] | None
    offers: tuple[tuple[tuple[int, ...], ...], ...]
    classes: tuple[tuple[int, int, int, int], ...]
    groups: tuple[int, ...]
    steps: tuple[tuple[tuple[int | None, ...], ...], ...]


@st.composite
def models(draw: st.DrawFn, case: Case) -> Model:
    enters, leaves = draw(st.integers(2, 4)), draw(st.integers(2, 4))
    count = draw(st.integers(1, 5))
    own = draw(st.booleans())
    kinds = draw(st.integers(1, 4)) if own else PREDICATES
    some = ((), *((a,) for a in range(count)), *permutations(range(count), 2))
    rows = several((None, 0, 0, 1, 3), GROUPS * enters * leaves)
    each = records(range(1, enters), range(1, leaves), range(4), (0, 0, 0, 1, 2, 4, 8))
    return Model(
        kinds=draw(several(range(kinds), len(case.facts))) if own else None,
        offers=(draw(several(some, kinds)), draw(several(some, kinds))),
        classes=draw(st.tuples(*[each] * count)),
        groups=draw(several(range(GROUPS), len(case.categories))),
        steps=draw(rows.map(lambda drawn: tuple(batched(batched(drawn, leaves), enters)))),
    )


def batched(values: Iterable[Any], size: int) -> Iterator[tuple[Any, ...]]:
    """Yield values by so many (itertools.batched of Python 3.12)."""
    return zip(*[iter(values)] * size, strict=True)


def free_model(case: Case) -> Model:
    """The transitions that refuse nothing and cost nothing."""
    offers = tuple(tuple((0,) for _ in range(PREDICATES)) for _ in range(2))
    return Model(None, offers, ((1, 1, 0, 0),), (0,) * len(case.categories), (((0, 0),) * 2,))


def task_under(case: Case, model: Model, engine: Engine) -> Task:
    """Return the task of a case under transitions."""
    task = task_of(case, engine)
    order = [i for i, _ in ordered(case)]
    offers, option = [], np.zeros((2, len(model.offers[0]) + 1), np.int32)
    for turned in range(2):
        for kind, classes in enumerate(model.offers[turned]):
            option[turned, kind] = len(offers)
            offers += classes
        option[turned, -1] = len(offers)
    enter, leave, units, effect = (
        zip(*(model.classes[c] for c in offers), strict=True) if (offers) else ((), (), (), ())
    )
    keys = [
        [[INF if cost is None else cost * LENGTHS for cost in row] for row in rows]
        for rows in model.steps
    ]
    kinds = [model.kinds[i] for i in order] if model.kinds else []
    moves = make_transitions(
        kind=np.array(kinds, np.uint16),
        option=option,
        enter=np.array(enter, np.uint16),
        leave=np.array(leave, np.uint16),
        units=np.array(units, np.int32),
        effect=np.array(effect, np.uint8),
        group=frozen(np.array(model.groups, np.uint8)),
        step=np.array(keys, np.int32),
    )
    rules = task.rules._replace(transitions=moves)
    return msgspec.structs.replace(task, rules=rules, packed=pack(task.steps, rules))


def ordered(case: Case) -> list[tuple[int, object]]:
    """The facts in the order of statement rows."""
    facts = list(enumerate(case.facts))
    facts.sort(key=lambda f: (f[1].negated, f[1].subject, f[1].predicate, f[1].object))
    return facts


# ---------------------------------------------------------------- the oracle


@dataclass(frozen=True)
class Choice:
    """A choice of one statement and class a hop: its key, its sign bit, its statements."""

    key: int
    sign: int
    facts: tuple[tuple[int, bool], ...]


def ways_under(case: Case, model: Model) -> list[Way]:
    """All paths with an admissible choice, best first, by trying every choice."""
    found = []
    for nodes, choices in paths_under(case, model):
        signs = {choice.sign for choice in choices}
        directed = signs & {1, 2}
        code = 3 if len(directed) == 2 or (not directed and 8 in signs) else sum(directed)
        found.append(Way(nodes, min(choice.key for choice in choices), code))
    return sorted(found, key=lambda way: (way.key, way.nodes))


def paths_under(case: Case, model: Model) -> Iterator[tuple[tuple[int, ...], list[Choice]]]:
    """Yield each path that has an admissible choice, with all of these."""
    hops = admitted(case)
    for nodes in simple_paths(case, hops):
        if len(nodes) - 1 >= case.min_hops and entities_fit(case, nodes):
            choices = list(Walk(case, model, hops, nodes).choices())
            if choices:
                yield nodes, choices


@dataclass(frozen=True)
class Walk:
    """The entities of one path, along which all choices are tried."""

    case: Case
    model: Model
    hops: dict[tuple[int, int], list[Said]]
    nodes: tuple[int, ...]

    def choices(self) -> Iterator[Choice]:
        """Yield the admissible choices."""
        steps = self.case.steps
        yield from self._on(0, Choice(0, 1, ()), 0, automaton(steps).first if steps else 1)

    def _on(self, at: int, so_far: Choice, leave: int, live: int) -> Iterator[Choice]:
        """Yield the admissible choices that go on from an entity."""
        case, model, nodes = self.case, self.model, self.nodes
        group = model.groups[nodes[at]]
        if at == len(nodes) - 1:
            end = model.steps[group][0][leave]
            if end is not None:
                inner = sum(case.costs[v] for v in nodes[1:-1])
                key = so_far.key + (end + inner) * LENGTHS + at
                yield Choice(key, so_far.sign, so_far.facts)
            return
        numbers = {id(fact): i for i, fact in enumerate(case.facts)}
        for fact, turned in self.hops[nodes[at], nodes[at + 1]]:
            number = numbers[id(fact)]
            kind = model.kinds[number] if model.kinds else fact.predicate
            for c in model.offers[turned][kind]:
                enter, after, units, effect = model.classes[c]
                step = model.steps[group][enter][leave]
                if step is None:
                    continue
                cost = statement_cost(case, fact) + units + step
                bit = effect or {1: 1, -1: 2, 0: 4}.get(fact.sign, 8)
                chosen = Choice(
                    so_far.key + cost * LENGTHS,
                    _product(so_far.sign, bit),
                    (*so_far.facts, (number, turned)),
                )
                for then in self._positions(at, fact, live, turned=turned):
                    yield from self._on(at + 1, chosen, after, then)

    def _positions(self, at: int, fact: Fact, live: int, *, turned: bool) -> Iterator[int]:
        """Yield what may follow each open position of the pattern that a statement can take."""
        case, nodes = self.case, self.nodes
        if not case.steps:
            yield 1
            return
        plan = automaton(case.steps)
        category = str(case.categories[nodes[at + 1]])
        for position, step in enumerate(plan.steps):
            fits = (live >> position) & 1 and (not step.categories or category in step.categories)
            if not fits or not walks(case, step, fact.predicate, turned=turned):
                continue
            if at + 2 < len(nodes) or (plan.last >> position) & 1:
                yield plan.follow[position]


def _product(one: int, other: int) -> int:
    if 8 in (one, other):
        return 8
    if 4 in (one, other):
        return 4
    return 1 if one == other else 2
