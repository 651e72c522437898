"""Small graphs in numbers with path tasks on them, and what brute force says of the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import networkx
import numpy as np
from hypothesis import strategies as st

from mechkg.kg.build.statement_columns import Columns as StatementColumns
from mechkg.kg.build.statement_columns import index_of
from mechkg.kg.kernels.engine import Engine, frozen
from mechkg.kg.kernels.packed import pack
from mechkg.kg.kernels.search import Task
from mechkg.kg.kernels.transitions import no_transitions
from mechkg.kg.kernels.types import LENGTHS, Columns, Filter, Pattern, Rules
from mechkg.kg.search.explain import hop_sign, path_sign
from mechkg.kg.search.metapath import Step, automaton
from mechkg.kg.snapshot.index import UNKNOWN_SIGN
from tests.draws import records, several

PREDICATES, CATEGORIES = 4, 3
SYMMETRIC = {3}


@dataclass(frozen=True)
class Fact:
    """A statement in numbers; `hidden` ones are taken out by the row filter."""

    subject: int
    predicate: int
    object: int
    sign: int
    doubt: float
    negated: bool
    hidden: bool


@dataclass(frozen=True)
class Case:
    """A graph and a task on it, in plain values that the oracle reads."""

    facts: tuple[Fact, ...]
    categories: tuple[int, ...]
    costs: tuple[int, ...]
    sources: tuple[int, ...]
    targets: tuple[int, ...]
    min_hops: int
    max_hops: int
    undirected: bool
    along: tuple[bool, ...] | None
    filtered: bool
    classes: tuple[bool, ...] | None
    banned: tuple[int, ...]
    via: tuple[tuple[int, ...], ...]
    class_via: tuple[int, ...]
    hop: int
    doubt: float
    toll: tuple[int, ...]
    steps: tuple[Step, ...]
    k: int


@st.composite
def cases(draw: st.DrawFn, *, patterns: bool = False) -> Case:
    n = draw(st.integers(2, 7))
    nodes = st.integers(0, n - 1)
    facts = draw(
        st.lists(
            records(
                range(n),
                range(PREDICATES),
                range(n),
                (-1, 0, 1, UNKNOWN_SIGN),
                (0.0, 0.25, 0.5, 1.0),
                (False,) * 7 + (True,),
                (False,) * 7 + (True,),
            ).map(lambda drawn: Fact(*drawn)),
            min_size=n,
            max_size=30,
        )
    )
    some = st.lists(nodes, max_size=2, unique=True).map(sorted).map(tuple)
    ends = st.lists(nodes, min_size=1, max_size=2, unique=True).map(sorted).map(tuple)
    sources, targets = draw(ends), draw(ends)
    max_hops = draw(st.integers(1, 5))
    along = several((True, True, False), PREDICATES)
    via = draw(st.lists(ends, max_size=2)) if draw(st.booleans()) else []
    class_via = [0] * CATEGORIES
    if via and draw(st.booleans()):
        class_via[draw(st.integers(0, CATEGORIES - 1))] = 1
    banned = draw(some) if draw(st.booleans()) else ()
    return Case(
        facts=tuple(facts),
        categories=draw(several(range(CATEGORIES), n)),
        costs=draw(several(range(4), n)),
        sources=sources,
        targets=targets,
        min_hops=draw(st.integers(1, max_hops)) if draw(st.booleans()) else 1,
        max_hops=max_hops,
        undirected=draw(st.booleans()),
        along=draw(st.none() | along),
        filtered=draw(st.booleans()),
        classes=draw(st.none() | several((True, True, False), CATEGORIES)),
        banned=tuple(v for v in banned if v not in sources + targets),
        via=tuple(via),
        class_via=tuple(class_via),
        hop=draw(st.integers(0, 2)),
        doubt=draw(st.sampled_from([0.0, 4.0])),
        toll=draw(st.just(()) | several(range(3), PREDICATES)),
        steps=tuple(draw(st.lists(_steps(), min_size=1, max_size=3))) if patterns else (),
        k=draw(st.integers(1, 6)),
    )


@st.composite
def _steps(draw: st.DrawFn) -> Step:
    """A step whose terms are the numbers of predicates and categories."""
    names = st.sets(st.integers(0, PREDICATES - 1), min_size=1).map(sorted)
    kinds = st.sets(st.integers(0, CATEGORIES - 1), max_size=2).map(sorted)
    low = draw(st.integers(0, 2))
    return Step(
        tuple(map(str, draw(names))),
        tuple(map(str, draw(kinds))),
        draw(st.booleans()),
        low,
        max(1, low + draw(st.integers(0, 2))),
    )


def crowded(size: int, statements: int, *, hops: int, seed: int = 7) -> Case:
    """A larger random graph, walked both ways from entity 0 to entity 1."""
    random = np.random.default_rng(seed)
    subject, predicate, object_ = (
        random.integers(0, top, statements).tolist() for top in (size, PREDICATES, size)
    )
    return Case(
        facts=tuple(
            Fact(v, p, w, 1, 0.0, negated=False, hidden=i % 5 == 0)
            for i, (v, p, w) in enumerate(zip(subject, predicate, object_, strict=True))
        ),
        categories=tuple(random.integers(0, CATEGORIES, size).tolist()),
        costs=(1,) * size,
        sources=(0,),
        targets=(1,),
        min_hops=1,
        max_hops=hops,
        undirected=True,
        along=None,
        filtered=False,
        classes=None,
        banned=(),
        via=(),
        class_via=(0,) * CATEGORIES,
        hop=1,
        doubt=0.0,
        toll=(),
        steps=(),
        k=10,
    )


def engine_of(case: Case) -> Engine:
    order = sorted(
        range(len(case.facts)),
        key=lambda i: (
            case.facts[i].negated,
            case.facts[i].subject,
            case.facts[i].predicate,
            case.facts[i].object,
        ),
    )
    facts = [case.facts[i] for i in order]
    columns = StatementColumns(
        subject=np.array([f.subject for f in facts], np.int32),
        predicate=np.array([f.predicate for f in facts], np.uint16),
        object=np.array([f.object for f in facts], np.int32),
        sign=np.array([f.sign for f in facts], np.int8),
        doubt=np.array([f.doubt for f in facts], np.float32),
        inferred=np.array([f.hidden for f in facts], np.uint8),
        negated=np.array([f.negated for f in facts], np.uint8),
        semantics=np.zeros(len(facts), np.uint16),
        claim=np.zeros(len(facts), np.int32),
        identifier=np.zeros(len(facts), np.int32),
    )
    index = index_of(columns, np.array(case.categories, np.uint16))
    return Engine(
        index,
        np.array([p in SYMMETRIC for p in range(PREDICATES)], np.uint8),
        np.ones(PREDICATES, np.uint8),
    )


def task_of(case: Case, engine: Engine) -> Task:
    pattern, along, against = _pattern(case, engine)
    bits = (1 << len(case.via)) - 1
    none = np.empty(0, np.uint8)
    steps = engine.steps(along, against)
    rules = Rules(
        Filter(
            engine.in_row,
            engine.inferred if case.filtered else frozen(none),
            1,
            engine.category,
            none if case.classes is None else np.array(case.classes, np.uint8),
        ),
        Columns(
            engine.predicate,
            engine.sign,
            engine.doubt,
            engine.symmetric,
            frozen(np.array(case.costs, np.int32)),
            frozen(np.array(case.toll, np.int32)),
            case.hop,
            case.doubt,
        ),
        pattern,
        no_transitions(),
        np.array(case.class_via, np.uint8),
        bits,
        case.min_hops,
    )
    return Task(
        steps=steps,
        rules=rules,
        packed=pack(steps, rules),
        sources=np.array(case.sources, np.int32),
        targets=np.array(case.targets, np.int32),
        max_hops=case.max_hops,
        banned=np.array(case.banned, np.int32),
        via=tuple(np.array(rows, np.int32) for rows in case.via),
        sets=1 << len(case.via),
    )


def _pattern(case: Case, engine: Engine) -> tuple[Pattern, np.ndarray | None, np.ndarray | None]:
    base = np.ones(PREDICATES, np.uint8) if case.along is None else np.array(case.along, np.uint8)
    table = np.zeros((2, 64), np.int64)
    if not case.steps:
        table[:, 0] = 1
        against = base if case.undirected else base & engine.symmetric
        along = None if case.along is None else base
        if case.undirected and along is None:
            against = None
        pattern = Pattern(0, 1, 1, 1, table, np.empty((2, 0), np.int64), np.empty(0, np.int64))
        return pattern, along, against
    plan = automaton(case.steps)
    table[0, : len(plan.steps)], table[1, : len(plan.steps)] = plan.follow, plan.before
    may = np.zeros((2, PREDICATES), np.int64)
    arrive = np.zeros(CATEGORIES, np.int64)
    for position, step in enumerate(plan.steps):
        for p in range(PREDICATES):
            for turned in (0, 1):
                if base[p] and walks(case, step, p, turned=bool(turned)):
                    may[turned, p] |= 1 << position
        for c in range(CATEGORIES):
            if not step.categories or str(c) in step.categories:
                arrive[c] |= 1 << position
    pattern = Pattern(1, len(plan.steps), plan.first, plan.last, table, may, arrive)
    return pattern, (may[0] != 0).astype(np.uint8), (may[1] != 0).astype(np.uint8)


def walks(case: Case, step: Step, predicate: int, *, turned: bool) -> bool:
    """Whether a step of a pattern may walk a predicate's statement in a direction."""
    if str(predicate) not in step.predicates:
        return False
    either = predicate in SYMMETRIC
    if turned:
        return either or case.undirected or step.backwards
    return either or not step.backwards


# ---------------------------------------------------------------- the oracle

Said = tuple[Fact, bool]


@dataclass(frozen=True)
class Way:
    """A path by brute force: its entities, its key, its sign code as the kernels count."""

    nodes: tuple[int, ...]
    key: int
    sign: int


def ways(case: Case) -> list[Way]:
    """All admissible paths by networkx and plain checks, best first."""
    hops = admitted(case)
    found = [way for nodes in simple_paths(case, hops) if (way := _way(case, hops, nodes))]
    return sorted(found, key=lambda way: (way.key, way.nodes))


def simple_paths(case: Case, hops: dict[tuple[int, int], list[Said]]) -> Iterator[tuple[int, ...]]:
    """All simple paths between the ends over some hops, whatever else they must satisfy."""
    graph: networkx.DiGraph[int] = networkx.DiGraph()
    graph.add_nodes_from(range(len(case.categories)))
    graph.add_edges_from(hops)
    ends = set(case.sources) | set(case.targets)
    for source in case.sources:
        for target in case.targets:
            if source == target:
                continue
            inner = [v for v in graph if v in {source, target} or _between(case, ends, v)]
            yield from map(
                tuple,
                networkx.all_simple_paths(
                    graph.subgraph(inner), source, target, cutoff=case.max_hops
                ),
            )


def admitted(case: Case) -> dict[tuple[int, int], list[Said]]:
    hops: dict[tuple[int, int], list[Said]] = defaultdict(list)
    for fact in case.facts:
        if fact.negated or (case.filtered and fact.hidden) or fact.subject == fact.object:
            continue
        if case.along is not None and not case.along[fact.predicate]:
            continue
        ends = fact.subject, fact.object
        for turned in (False, True):
            if case.steps:
                walked = any(walks(case, s, fact.predicate, turned=turned) for s in case.steps)
            else:
                walked = not turned or case.undirected or fact.predicate in SYMMETRIC
            if walked:
                hops[ends[::-1] if turned else ends].append((fact, turned))
    return hops


def _between(case: Case, ends: set[int], v: int) -> bool:
    classed = case.classes is None or case.classes[case.categories[v]]
    return v not in ends and v not in case.banned and classed


def _way(case: Case, hops: dict[tuple[int, int], list[Said]], nodes: tuple[int, ...]) -> Way | None:
    steps = list(pairwise(nodes))
    if len(steps) < case.min_hops or not entities_fit(case, nodes):
        return None
    if case.steps and not _fits(case, case.steps, steps, hops):
        return None
    key = sum(case.costs[v] for v in nodes[1:-1]) + sum(
        min(statement_cost(case, fact) for fact, _ in hops[step]) for step in steps
    )
    sign = path_sign([hop_sign(_effects(hops[step])) for step in steps])
    code = 3 if sign is None else {0: 0, 1: 1, -1: 2}[sign]
    return Way(nodes, key * LENGTHS + len(steps), code)


def entities_fit(case: Case, nodes: tuple[int, ...]) -> bool:
    """Whether the entities of a path meet all via sets."""
    for bit, rows in enumerate(case.via):
        inner = {v for v in nodes[1:-1] if case.class_via[case.categories[v]] >> bit & 1}
        if not inner | (set(rows) & set(nodes)):
            return False
    return True


def statement_cost(case: Case, fact: Fact) -> int:
    """What a hop over a statement costs."""
    toll = case.toll[fact.predicate] if case.toll else 0
    return case.hop + int(case.doubt * fact.doubt + 0.5) + toll


def _effects(said: Sequence[Said]) -> Iterator[tuple[int | None, bool]]:
    for fact, turned in said:
        sign = None if fact.sign == UNKNOWN_SIGN else fact.sign
        yield sign, turned and fact.predicate not in SYMMETRIC


def _fits(
    case: Case,
    steps: Sequence[Step],
    left: Sequence[tuple[int, int]],
    hops: dict[tuple[int, int], list[Said]],
    done: int = 0,
) -> bool:
    """Match hops with steps by backtracking; `done` counts uses of the first step."""
    if not steps:
        return not left
    step = steps[0]
    if done >= step.low and _fits(case, steps[1:], left, hops):
        return True
    if done >= step.high or not left:
        return False
    arrives = not step.categories or str(case.categories[left[0][1]]) in step.categories
    takes = any(walks(case, step, f.predicate, turned=t) for f, t in hops[left[0]])
    return arrives and takes and _fits(case, steps, left[1:], hops, done + 1)
