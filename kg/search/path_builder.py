"""Build `Path` objects from rows: names, statements, evidence, parts of the score, sentences.

Only paths that are returned are built, and each step is taken for all of them before the next:
what they share is read, built and phrased once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate, chain, pairwise
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from mechkg.kg.kernels.choose import choose
from mechkg.kg.kernels.search import Answer, Task, hop_statements
from mechkg.kg.kernels.types import INF, LENGTHS, LOWER_BIT, RAISE_BIT, UNKNOWN_BIT
from mechkg.kg.model.schema import Predicate
from mechkg.kg.model.values import (
    Assumption,
    Corroboration,
    CuratedUse,
    Effect,
    Hop,
    HopStatement,
    Path,
    PathEntity,
    Sign,
)
from mechkg.kg.ranking.costs import Charge, Costs, score_of
from mechkg.kg.search.composition import Composition
from mechkg.kg.search.context import SearchContext
from mechkg.kg.search.contexts import Agreement, PathContexts, firmest
from mechkg.kg.search.explain import CLASSIFIED, MARK, hop_effect, hop_sign, path_effect, path_sign
from mechkg.kg.search.net_effect import chain_of
from mechkg.kg.search.rerank import added_to
from mechkg.kg.search.sentences import HopWords, hop_words, path_sentence, weakest_hop
from mechkg.kg.search.verdict import Chain
from mechkg.kg.snapshot.index import UNKNOWN_SIGN
from mechkg.kg.snapshot.records import StatementDetails

__all__ = ["PathBuilder"]

Pair = tuple[int, int]
"""The rows of the two entities of a hop."""

Row = tuple[int, ...]
"""The rows of the entities of a path."""

Taken = tuple[int, ...]
"""The places of some statements between two entities."""

Units = tuple[int, int, tuple[int, ...]]
"""What a statement costs: for its doubt, for its predicate, and by each part for what it lacks."""

HopKey = tuple[Pair, Taken]
"""A hop: its entities, and which of the statements between them it has."""

_DIRECTED: Final[tuple[tuple[Sign | None, Effect], ...]] = (
    (0, "none"), (1, "raises"), (-1, "lowers"), (None, "both"),
)  # fmt: skip
"""Sign and effect by the bits of the directions that a path has."""

UPWARD: Final = ("taxonomy", "forward")
"""Role and direction of a hop from a kind to its class."""

_NOTHING_SAID: Final[tuple[Sign | None, Effect]] = (None, "unknown")


class _Columns(msgspec.Struct, frozen=True, gc=False):
    """A statement of a hop by its columns; `turned` where the hop walks it in reverse."""

    turned: bool
    predicate: Predicate
    sign: Sign | None
    doubt: float
    details: StatementDetails
    units: Units
    corroboration: Corroboration | None = None
    curated: CuratedUse | None = None

    @property
    def against(self) -> bool:
        """Whether the hop walks it against the direction of its effect."""
        return self.turned and not self.predicate.symmetric


class _BuiltHop(msgspec.Struct, gc=False):
    """A hop of two entities (`ends`, rows) with some statements, given by their columns (`rows`).

    `best` is the statement that lets most pass. `words` are made when a sentence first needs them.
    """

    ends: Pair
    rows: list[_Columns]
    hop: Hop
    best: HopStatement
    sign: Sign | None
    effect: Effect
    words: HopWords | None = None

    @property
    def doubt(self) -> float:
        """The least doubt of its statements."""
        return min([row.doubt for row in self.rows])


class _Walk(msgspec.Struct, frozen=True, gc=False):
    """A path without its sentence: what the verdict and the score need of it."""

    row: Row
    hops: list[_BuiltHop]
    sign: Sign | None
    effect: Effect
    charge: Charge
    is_association: bool
    assumptions: tuple[Assumption, ...] = ()


class _InContext(msgspec.Struct, frozen=True, gc=False):
    """A path with the statements that hold in one context; `extra` is what its key has more."""

    extra: int
    taken: tuple[Taken, ...]
    walk: _Walk


def _effect_of(signs: int, hops: Sequence[Effect]) -> tuple[Sign | None, Effect]:
    """Return sign and effect of a path from the signs of its choices, as bits (`kernels.choose`).

    A direction wins over none and over an unknown one; both ways are both.
    """
    directed = signs & (RAISE_BIT | LOWER_BIT)
    if directed or not signs & UNKNOWN_BIT:
        return _DIRECTED[directed]
    return None, path_effect(None, hops)


def _taken(
    pairs: Sequence[Pair],
    offered: Sequence[Sequence[int]],
    starts: Sequence[int],
    best: NDArray[np.int64],
) -> list[HopKey]:
    """Return the hops of a path with the statements that take part in it (`kernels.choose`)."""
    takes = (best[:, 0] >= 0).tolist()
    return [
        (pair, tuple([some[x - start] for x in range(start, start + len(some)) if takes[x]]))
        for pair, some, start in zip(pairs, offered, starts, strict=False)
    ]


def _charge(picked: Iterable[_Columns], steps: int) -> Charge:
    """Return what the chosen statement of each hop costs, and the steps between them."""
    return _charged([pick.units for pick in picked], steps)


def _charged(units: Sequence[Units], steps: int) -> Charge:
    lacks = [sum(column) for column in zip(*(lacks for _, _, lacks in units), strict=True)]
    return Charge(sum(u[0] for u in units), sum(u[1] for u in units), steps, tuple(lacks))


def _cheapest(hops: Iterable[_BuiltHop]) -> Charge:
    """Return what the cheapest statement of each hop costs."""
    units = [[row.units for row in built.rows] for built in hops]
    return _charged([min(some, key=_sum_of) for some in units], 0)


def _sum_of(units: Units) -> int:
    return units[0] + units[1] + sum(units[2])


def _explained(sentence: str, agreement: Agreement, mark: str) -> str:
    """Return the sentence of a path with what is said of the whole of it."""
    return " ".join(filter(None, [sentence, *agreement.said, mark]))


class PathBuilder:
    """Builds the paths of one task, batch after batch; what batches share is built once.

    With `consistent` a path has only statements that hold in one context, and all that are built
    must hold in one (`in_context`).
    """

    def __init__(
        self,
        context: SearchContext,
        task: Task,
        costs: Costs,
        composition: Composition | None = None,
        *,
        refused: bool = False,
        consistent: bool = False,
    ) -> None:
        self._snapshot = context.snapshot
        self._contexts = PathContexts(context.snapshot)
        self._consistent = consistent
        self._held: dict[Row, _InContext | None] = {}
        self._task = task
        self._costs = costs
        self._composition = composition
        self._refused = refused
        self._by_id = context.predicates
        self._entities: dict[int, PathEntity] = {}
        self._stated: dict[Pair, tuple[NDArray[np.int32], list[_Columns]]] = {}
        self._hops: dict[HopKey, _BuiltHop] = {}
        self._walked: dict[Row, _Walk] = {}

    def paths(self, answer: Answer, offset: int) -> tuple[Path, ...]:
        """Return the paths of an answer from `offset` on; some microseconds each."""
        added = added_to(answer)
        walks = self._walks(answer.nodes[offset:])
        self._phrase(walks)
        rows, charges = [list(walk.row) for walk in walks], [walk.charge for walk in walks]
        entities = [tuple([self._entities[v] for v in row]) for row in rows]
        words = [[built.words for built in walk.hops if built.words] for walk in walks]
        doubts = [[built.doubt for built in walk.hops] for walk in walks]
        hops = [tuple([built.hop for built in walk.hops]) for walk in walks]
        columns = zip(
            walks,
            entities,
            self._costs.score_parts(rows, charges, None if added is None else added[offset:]),
            list(map(score_of, answer.keys[offset:].tolist())),
            list(map(path_sentence, entities, words, doubts)),
            list(map(weakest_hop, doubts)),
            hops,
            list(map(self._contexts.agreement, hops)),
            strict=True,
        )
        return tuple(
            [
                Path(
                    entities=ends,
                    hops=joined,
                    length=len(joined),
                    sign=walk.sign,
                    effect=walk.effect,
                    score=score,
                    score_parts=charged,
                    assumptions=walk.assumptions,
                    weakest=weakest,
                    contexts_agree=not agreement.conflicts,
                    context_conflicts=agreement.conflicts,
                    explanation=_explained(sentence, agreement, self._mark(walk)),
                )
                for walk, ends, charged, score, sentence, weakest, joined, agreement in columns
            ]
        )

    def chains(self, answer: Answer, limit: int) -> list[Chain]:
        """Return the first paths of an answer as the verdict weighs them, without sentences."""
        return [
            chain_of(
                [self._entities[v].id for v in walk.row],
                [built.hop for built in walk.hops],
                [built.best for built in walk.hops],
                walk.effect,
                walk.assumptions,
                context_weight=self._contexts.agreement([b.hop for b in walk.hops]).weight,
                associated=any(role == "association" for role, _ in roles),
                established=roles[0][0] == "therapy" and set(roles[1:]) == {UPWARD},
            )
            for walk, roles in map(self._with_roles, self._walks(answer.nodes[:limit]))
        ]

    def _with_roles(self, walk: _Walk) -> tuple[_Walk, list[tuple[str, str]]]:
        """Return a path with the role and the direction of the firmest statement of each hop."""
        best = [built.best for built in walk.hops]
        return walk, [(self._by_id[one.predicate].role, one.direction) for one in best]

    def _mark(self, walk: _Walk) -> str:
        """Return what ends the sentence of a path that is one generic statement."""
        if not walk.is_association:
            return ""
        role = self._by_id[walk.hops[0].best.predicate].role
        return CLASSIFIED if role == "taxonomy" else MARK

    def hops(self, row: Sequence[int]) -> tuple[Hop, ...]:
        """Return the hops along some entities, each with all its admitted statements."""
        self._fetch([tuple(row)])
        if self._consistent and (held := self._in_one_context(tuple(row))):
            return tuple([built.hop for built in held.walk.hops])
        (hops,) = self._built([self._whole(row)])
        return tuple([built.hop for built in hops])

    def in_context(self, nodes: NDArray[np.int32]) -> list[int | None]:
        """Return what the key of each path has more in the context that suits it best.

        None where a path holds in no one context. Some tens of microseconds a path.
        """
        rows = [tuple([v for v in row if v >= 0]) for row in nodes.tolist()]
        self._fetch(rows)
        held = list(map(self._in_one_context, rows))
        return [None if one is None else one.extra for one in held]

    def signs(self, nodes: NDArray[np.int32]) -> list[Sign | None]:
        """Return the signs of some paths."""
        return [walk.sign for walk in self._walks(nodes)]

    def statements(self, row: Sequence[int]) -> list[list[int]]:
        """Return the statements of each hop of a path that holds in one context.

        They are rows, ~row where the hop walks one in reverse. Look at the path with `in_context`
        first.
        """
        held = self._held[tuple([v for v in row if v >= 0])]
        taken = held.taken if held else ()
        pairs = zip(pairwise(row), taken, strict=False)
        return [self._stated[pair][0][list(some)].tolist() for pair, some in pairs]

    def _walks(self, nodes: NDArray[np.int32]) -> list[_Walk]:
        """Return paths given by rows (-1 behind their end), those built that were not before."""
        rows = [tuple([v for v in row if v >= 0]) for row in nodes.tolist()]
        fresh = [row for row in dict.fromkeys(rows) if row not in self._walked]
        if fresh:
            self._fetch(fresh)
            walks = self._consistent_walks(fresh) if self._consistent else self._made(fresh)
            self._walked.update(zip(fresh, walks, strict=True))
        return [self._walked[row] for row in rows]

    def _made(self, rows: Sequence[Row]) -> list[_Walk]:
        """Return paths with all statements that may be theirs."""
        if self._composition is not None:
            return [walk for walk, _ in self._composed(self._composition, rows)]
        return self._free(rows, [self._whole(row) for row in rows])

    def _consistent_walks(self, rows: Sequence[Row]) -> list[_Walk]:
        """Return paths in one context each; as they are where one holds in none."""
        held = list(map(self._in_one_context, rows))
        return [
            one.walk if one else self._made([row])[0] for row, one in zip(rows, held, strict=True)
        ]

    def _in_one_context(self, row: Row) -> _InContext | None:
        """Return a path in the context in which it costs least, None where it holds in none."""
        if row not in self._held:
            self._held[row] = self._best_context(row)
        return self._held[row]

    def _best_context(self, row: Row) -> _InContext | None:
        (whole,) = self._built([self._whole(row)])
        hops = [built.hop for built in whole]
        every = tuple([taken for _, taken in self._whole(row)])
        common = self._contexts.common(hops)
        tried = {tuple([self._contexts.holding(hop, state) for hop in hops]) for state in common}
        if every in tried:
            return _InContext(0, every, self._made([row])[0])
        base = self._least(row, every) if tried else None
        found = [
            _InContext(one[1] - base[1], taken, one[0])
            for taken in sorted(tried)
            if base is not None and (one := self._least(row, taken)) is not None
        ]
        return min(found, key=lambda one: (one.extra, one.taken), default=None)

    def _least(self, row: Row, taken: Sequence[Taken]) -> tuple[_Walk, int] | None:
        """Return the path that some statements make, if they do, and the key of what they cost."""
        if self._composition is not None:
            if not self._passes(row, taken):
                return None
            ((walk, key),) = self._composed(self._composition, [row], [taken])
            return walk, key
        (walk,) = self._free([row], [list(zip(pairwise(row), taken, strict=True))])
        return walk, (walk.charge.doubt + walk.charge.toll + sum(walk.charge.lacks)) * LENGTHS

    def _passes(self, row: Row, taken: Sequence[Taken]) -> bool:
        """Say whether an effect passes on by some statements of each hop."""
        pairs = zip(pairwise(row), taken, strict=True)
        refs = [self._stated[pair][0][list(some)] for pair, some in pairs]
        bounds = np.array([0, *accumulate(map(len, refs))], np.int64)
        nodes = np.array(row, np.int32)
        best, _, _ = choose(self._task.packed, nodes, bounds, np.concatenate(refs))
        return bool(all(len(some) for some in refs) and best[:, 1].min(initial=INF) < INF)

    def _free(self, rows: Sequence[Row], keys: Sequence[Sequence[HopKey]]) -> list[_Walk]:
        """Return paths of hops that any of some statements may carry."""
        hops = self._built(keys)
        signs = list(map(path_sign, [[built.sign for built in walk] for walk in hops]))
        effects = map(path_effect, signs, [[built.effect for built in walk] for walk in hops])
        said = list(zip(signs, effects, strict=True))
        return list(map(self._walk, rows, hops, said, map(_cheapest, hops)))

    def _composed(
        self,
        composition: Composition,
        rows: Sequence[Row],
        taken: Sequence[Sequence[Taken]] | None = None,
    ) -> list[tuple[_Walk, int]]:
        """Return paths with the statements by which the effect passes on, and their least keys.

        With `taken`, of some statements of each hop only, by which it must pass on.
        """
        pairs = [list(pairwise(row)) for row in rows]
        nodes = [np.array(row, np.int32) for row in rows]
        stated = [[self._stated[pair][0] for pair in walk] for walk in pairs]
        offered: Sequence[Sequence[Sequence[int]]]
        offered = taken or [[range(len(some)) for some in walk] for walk in stated]
        if taken:
            stated = [
                [x[list(s)] for x, s in zip(*w, strict=True)]
                for w in zip(stated, taken, strict=True)
            ]
        refs = [np.concatenate(walk) for walk in stated]
        starts = [[0, *accumulate([len(some) for some in walk])] for walk in stated]
        bounds = [np.array(row, np.int64) for row in starts]
        paths = zip(nodes, bounds, refs, strict=True)
        takes, chosen, signs = zip(
            *[choose(self._task.packed, *path) for path in paths], strict=True
        )
        hops = self._built(list(map(_taken, pairs, offered, starts, takes)))
        steps = list(map(composition.charge, chosen))
        assumptions = list(map(composition.assumptions, nodes, chosen))
        picked = list(map(self._picked, pairs, offered, starts, chosen))
        charges = list(map(_charge, picked, steps))
        said = list(map(_effect_of, signs, [[built.effect for built in walk] for walk in hops]))
        walks = list(map(self._walk, rows, hops, said, charges, assumptions))
        keys = [int(best[:, 1].min(initial=INF)) for best in takes]
        return list(zip(walks, keys, strict=True))

    def _picked(
        self,
        pairs: Sequence[Pair],
        offered: Sequence[Sequence[int]],
        starts: Sequence[int],
        chosen: NDArray[np.int64],
    ) -> list[_Columns]:
        """Return the statement of each hop of the best choice."""
        places = zip(pairs, offered, chosen[:, 0].tolist(), starts, strict=False)
        return [self._stated[pair][1][some[x - start]] for pair, some, x, start in places]

    def _walk(
        self,
        row: Row,
        hops: list[_BuiltHop],
        said: tuple[Sign | None, Effect],
        charge: Charge,
        assumptions: tuple[Assumption, ...] = (),
    ) -> _Walk:
        """Return a path; an association, and what is refused, says nothing of an effect."""
        alone = len(hops) == 1 and all(row.predicate.generic for row in hops[0].rows)
        unsaid = (alone and said[1] != "none") or self._refused
        sign, effect = _NOTHING_SAID if unsaid else said
        return _Walk(row, hops, sign, effect, charge, alone, assumptions)

    def _phrase(self, walks: Iterable[_Walk]) -> None:
        """Put the hops of some paths in words, those that are not yet."""
        hops = {id(built): built for walk in walks for built in walk.hops if built.words is None}
        worded = [self._worded(built) for built in hops.values()]
        words = [hop_words(*of_hop, self._by_id) for of_hop in worded]
        for built, said in zip(hops.values(), words, strict=True):
            built.words = said

    def _worded(
        self, built: _BuiltHop
    ) -> tuple[PathEntity, PathEntity, list[HopStatement], list[float]]:
        """Return the ends of a hop, the statements that its words are of, and their doubts.

        A generic statement says nothing that a specific one beside it does not.
        """
        specific = [i for i, row in enumerate(built.rows) if not row.predicate.generic]
        some = specific or range(len(built.rows))
        v, w = built.ends
        return (
            self._entities[v],
            self._entities[w],
            [built.hop.statements[i] for i in some],
            [built.rows[i].doubt for i in some],
        )

    def _fetch(self, rows: Sequence[Row]) -> None:
        """Read the entities and statements of some paths that are not read yet."""
        fresh = list({v for row in rows for v in row}.difference(self._entities))
        entities = self._snapshot.records.path_entities(np.array(fresh, np.int32))
        self._entities.update(zip(fresh, entities.tolist(), strict=True))
        pairs = list({pair for row in rows for pair in pairwise(row)}.difference(self._stated))
        if not pairs:
            return
        ends = np.array(pairs, np.int32)
        ptr, refs = hop_statements(self._task, ends[:, 0].copy(), ends[:, 1].copy())
        columns = self._columns(refs)
        for pair, (start, end) in zip(pairs, pairwise(ptr.tolist()), strict=True):
            self._stated[pair] = refs[start:end], columns[start:end]

    def _whole(self, row: Sequence[int]) -> list[HopKey]:
        """Return the hops along some entities with all their statements."""
        return [(pair, tuple(range(len(self._stated[pair][1])))) for pair in pairwise(row)]

    def _built(self, walks: Sequence[Sequence[HopKey]]) -> list[list[_BuiltHop]]:
        """Return the hops of some paths, those built that were not before."""
        keys = [key for key in dict.fromkeys(chain.from_iterable(walks)) if key not in self._hops]
        rows = [[self._stated[pair][1][i] for i in some] for pair, some in keys]
        hops = [self._hop(pair, some) for (pair, _), some in zip(keys, rows, strict=True)]
        said = [[(row.sign, row.against) for row in some] for some in rows]
        along = [[row.details.effect for row in some if not row.against] for some in rows]
        signs = list(map(hop_sign, said))
        effects = list(map(hop_effect, signs, along))
        columns = zip(keys, rows, hops, map(firmest, hops), signs, effects, strict=True)
        for key, *column in columns:
            self._hops[key] = _BuiltHop(key[0], *column)
        return [[self._hops[key] for key in walk] for walk in walks]

    def _columns(self, refs: NDArray[np.int32]) -> list[_Columns]:
        """Return the columns of statements given as rows (~row where reversed)."""
        index, predicates = self._snapshot.index, self._snapshot.schema.predicates
        turned = refs < 0
        rows = np.where(turned, ~refs, refs)
        columns = (turned, index.predicate[rows], index.sign[rows], index.doubt[rows])
        details, units = self._snapshot.records.details(rows.tolist()), self._costs.statement_units
        known = self._snapshot.corroboration
        supported = [None] * len(rows) if known is None else list(map(known.of, rows.tolist()))
        uses = self._snapshot.curated
        used = [None] * len(rows) if uses is None else list(map(uses.of, rows.tolist()))
        return [
            _Columns(
                back,
                predicates[code],
                None if sign == UNKNOWN_SIGN else sign,
                doubt,
                more,
                units(row, doubt, code),
                support,
                use,
            )
            for row, back, code, sign, doubt, more, support, use in zip(
                rows.tolist(), *[c.tolist() for c in columns], details, supported, used,
                strict=True,
            )
        ]  # fmt: skip

    def _hop(self, ends: Pair, rows: Iterable[_Columns]) -> Hop:
        return Hop(tuple([self._statement(*ends, row) for row in rows]))

    def _statement(self, v: int, w: int, columns: _Columns) -> HopStatement:
        subject, obj = (w, v) if columns.turned else (v, w)
        details = columns.details
        claim, semantics = details.annotations, details.semantics
        return HopStatement(
            id=details.id,
            subject=self._entities[subject].id,
            predicate=columns.predicate.id,
            object=self._entities[obj].id,
            direction="reverse" if columns.turned else "forward",
            sign=columns.sign,
            effect=details.effect,
            subject_aspect=semantics.subject_aspect,
            object_aspect=semantics.object_aspect,
            action=semantics.action,
            weight=semantics.weight,
            hedge=semantics.hedge,
            modality=claim.modality,
            context=claim.context,
            qualifiers=claim.qualifiers,
            evidence=claim.evidence,
            derived_from=claim.derived_from,
            corroboration=columns.corroboration,
            curated=columns.curated,
        )
