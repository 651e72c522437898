"""Build `Path` objects from rows: names, statements, evidence, parts of the score, sentences.

Only paths that are returned are built. Each entity and each hop that several of them share is
read and phrased once.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from mechkg.kg.kernels.choose import choose
from mechkg.kg.kernels.search import Answer, Task, hop_statements
from mechkg.kg.kernels.types import LOWER_BIT, RAISE_BIT, UNKNOWN_BIT
from mechkg.kg.model.schema import Predicate
from mechkg.kg.model.values import (
    Assumption,
    Effect,
    Hop,
    HopStatement,
    Path,
    PathEntity,
    ScorePart,
    Sign,
)
from mechkg.kg.ranking.costs import Charge, Costs, score_of
from mechkg.kg.search.composition import Composition
from mechkg.kg.search.context import SearchContext
from mechkg.kg.search.contexts import contexts_agree, firmest
from mechkg.kg.search.explain import MARK, hop_effect, hop_sign, path_effect, path_sign
from mechkg.kg.search.net_effect import chain_of
from mechkg.kg.search.rerank import added_to
from mechkg.kg.search.sentences import HopWords, hop_words, path_sentence, weakest_hop
from mechkg.kg.search.verdict import Chain
from mechkg.kg.snapshot.index import UNKNOWN_SIGN
from mechkg.kg.snapshot.records import StatementDetails
from mechkg.kg.snapshot.snapshot import Snapshot

__all__ = ["PathBuilder"]

Pair = tuple[int, int]
"""The rows of the two entities of a hop."""

_DIRECTED: Final[tuple[tuple[Sign | None, Effect], ...]] = (
    (0, "none"), (1, "raises"), (-1, "lowers"), (None, "both"),
)  # fmt: skip
"""Sign and effect by the bits of the directions that a path has."""


class _Columns(msgspec.Struct, frozen=True, gc=False):
    """A statement of a hop by its columns; `turned` where the hop walks it in reverse."""

    turned: bool
    predicate: Predicate
    sign: Sign | None
    doubt: float
    details: StatementDetails
    units: tuple[int, int]


class _BuiltHop(msgspec.Struct, gc=False):
    """A hop with its sign; `units` are the doubt and toll of its cheapest statement.

    `ends` are the rows of its entities, `rows` the columns of its statements and `best` that which
    lets most pass. `words` are made when a sentence first needs them.
    """

    ends: Pair
    hop: Hop
    rows: list[_Columns]
    best: HopStatement
    sign: Sign | None
    effect: Effect
    doubt: float
    units: tuple[int, int]
    words: HopWords | None = None


class _Walk(msgspec.Struct, frozen=True, gc=False):
    """A path without its sentence: what the verdict and the score need of it."""

    row: list[int]
    hops: list[_BuiltHop]
    sign: Sign | None
    effect: Effect
    charge: Charge
    is_association: bool
    assumptions: tuple[Assumption, ...] = ()


def _effect_of(signs: int, hops: Sequence[Effect]) -> tuple[Sign | None, Effect]:
    """Return sign and effect of a path from the signs of its choices, as bits (`kernels.choose`).

    A direction wins over none and over an unknown one; both ways are both.
    """
    directed = signs & (RAISE_BIT | LOWER_BIT)
    if directed or not signs & UNKNOWN_BIT:
        return _DIRECTED[directed]
    return None, path_effect(None, hops)


class PathBuilder:
    """Builds the paths of one task, batch after batch; what batches share is built once."""

    def __init__(
        self,
        snapshot: Snapshot,
        task: Task,
        costs: Costs,
        composition: Composition | None = None,
        *,
        refused: bool = False,
    ) -> None:
        self._composition = composition
        self._refused = refused
        self._refs: dict[Pair, tuple[NDArray[np.int32], list[_Columns]]] = {}
        self._taking: dict[tuple[Pair, tuple[int, ...]], _BuiltHop] = {}
        self._snapshot = snapshot
        self._task = task
        self._costs = costs
        self._by_id = SearchContext.of(snapshot).predicates
        self._entities: dict[int, PathEntity] = {}
        self._hops: dict[Pair, _BuiltHop] = {}
        self._walked: dict[tuple[int, ...], _Walk] = {}

    def paths(self, answer: Answer, offset: int) -> tuple[Path, ...]:
        """Return the paths of an answer from `offset` on; some microseconds each."""
        walks = self._walks(answer.nodes[offset:])
        rows, charges = [walk.row for walk in walks], [walk.charge for walk in walks]
        added = added_to(answer)
        added = None if added is None else added[offset:]
        parts = self._costs.score_parts(rows, charges, added)
        scores = map(score_of, answer.keys[offset:].tolist())
        return tuple(map(self._path, walks, parts, scores))

    def chains(self, answer: Answer, limit: int) -> list[Chain]:
        """Return the first paths of an answer as the verdict weighs them, without sentences."""
        return [
            chain_of(
                [self._entities[v].id for v in walk.row],
                [built.hop for built in walk.hops],
                [built.best for built in walk.hops],
                walk.effect,
                walk.assumptions,
            )
            for walk in self._walks(answer.nodes[:limit])
        ]

    def hops(self, row: list[int]) -> tuple[Hop, ...]:
        """Return the hops along some entities, each with all its admitted statements."""
        self._fetch([row])
        return tuple([self._hops[pair].hop for pair in pairwise(row)])

    def _walks(self, nodes: NDArray[np.int32]) -> list[_Walk]:
        rows = [[v for v in row if v >= 0] for row in nodes.tolist()]
        self._fetch(rows)
        return [self._walked.get(tuple(row)) or self._walk(row) for row in rows]

    def _walk(self, row: list[int]) -> _Walk:
        walk = self._composed(self._composition, row) if self._composition else self._free(row)
        self._walked[tuple(row)] = walk
        return walk

    def _free(self, row: list[int]) -> _Walk:
        """Return a path of hops that any statement may carry."""
        hops = [self._hops[pair] for pair in pairwise(row)]
        charge = Charge(sum([h.units[0] for h in hops]), sum([h.units[1] for h in hops]), 0)
        alone = len(hops) == 1 and self._is_association(hops[0].hop)
        if self._refused or alone:
            return _Walk(row, hops, None, "unknown", charge, alone)
        sign = path_sign([hop.sign for hop in hops])
        return _Walk(row, hops, sign, path_effect(sign, [h.effect for h in hops]), charge, alone)

    def _path(self, walk: _Walk, parts: tuple[ScorePart, ...], score: float) -> Path:
        entities = tuple([self._entities[v] for v in walk.row])
        doubts = [built.doubt for built in walk.hops]
        explanation = path_sentence(entities, [self._words(built) for built in walk.hops], doubts)
        return Path(
            entities=entities,
            hops=tuple([built.hop for built in walk.hops]),
            length=len(walk.hops),
            sign=walk.sign,
            effect=walk.effect,
            score=score,
            score_parts=parts,
            assumptions=walk.assumptions,
            weakest=weakest_hop(doubts),
            contexts_agree=contexts_agree([built.best for built in walk.hops]),
            explanation=f"{explanation} {MARK}" if walk.is_association else explanation,
        )

    def _words(self, built: _BuiltHop) -> HopWords:
        """Return a hop in words, made once."""
        if built.words is None:
            # A generic statement says nothing that a specific one beside it does not.
            specific = [i for i, row in enumerate(built.rows) if not row.predicate.generic]
            worded = specific or range(len(built.rows))
            v, w = built.ends
            built.words = hop_words(
                self._entities[v],
                self._entities[w],
                [built.hop.statements[i] for i in worded],
                [built.rows[i].doubt for i in worded],
                self._by_id,
            )
        return built.words

    def _is_association(self, hop: Hop) -> bool:
        """Say whether a hop has generic statements only."""
        return all(self._by_id[s.predicate].generic for s in hop.statements)

    def _composed(self, composition: Composition, row: list[int]) -> _Walk:
        """Return a path with the statements by which the effect passes on."""
        pairs = list(pairwise(row))
        refs = [self._refs[pair][0] for pair in pairs]
        bounds = np.concatenate(([0], np.cumsum([len(some) for some in refs])))
        nodes = np.array(row, np.int32)
        best, chosen, signs = choose(self._task.packed, nodes, bounds, np.concatenate(refs))
        takes, starts = (best[:, 0] >= 0).tolist(), bounds.tolist()
        hops = [
            self._part(pair, tuple(x - start for x in range(start, end) if takes[x]))
            for pair, start, end in zip(pairs, starts, starts[1:], strict=False)
        ]
        picks = [
            self._refs[pair][1][x - start]
            for pair, x, start in zip(pairs, chosen[:, 0].tolist(), starts, strict=False)
        ]
        charge = Charge(
            sum(pick.units[0] for pick in picks),
            sum(pick.units[1] for pick in picks),
            composition.charge(chosen),
        )
        alone = len(hops) == 1 and self._is_association(hops[0].hop)
        sign, effect = _effect_of(signs, [hop.effect for hop in hops])
        if alone:
            sign, effect = None, "unknown"
        assumptions = composition.assumptions(nodes, chosen)
        return _Walk(row, hops, sign, effect, charge, alone, assumptions)

    def _part(self, pair: Pair, taking: tuple[int, ...]) -> _BuiltHop:
        """Return a hop with some of its statements."""
        built = self._taking.get((pair, taking))
        if built is None:
            columns = self._refs[pair][1]
            built = self._hop(*pair, [columns[i] for i in taking])
            self._taking[pair, taking] = built
        return built

    def _fetch(self, rows: list[list[int]]) -> None:
        """Build the entities and hops of some paths that are not built yet."""
        fresh = list({v for row in rows for v in row}.difference(self._entities))
        entities = self._snapshot.records.path_entities(np.array(fresh, np.int32))
        self._entities.update(zip(fresh, entities.tolist(), strict=True))
        pairs = list({pair for row in rows for pair in pairwise(row)}.difference(self._hops))
        if not pairs:
            return
        ends = np.array(pairs, np.int32)
        ptr, refs = hop_statements(self._task, ends[:, 0].copy(), ends[:, 1].copy())
        columns = self._columns(refs)
        bounds = ptr.tolist()
        for i, (v, w) in enumerate(pairs):
            some = columns[bounds[i] : bounds[i + 1]]
            if self._composition is not None:
                self._refs[v, w] = refs[bounds[i] : bounds[i + 1]], some
            self._hops[v, w] = self._hop(v, w, some)

    def _columns(self, refs: NDArray[np.int32]) -> list[_Columns]:
        """Return the columns of statements given as rows (~row where reversed)."""
        index, predicates = self._snapshot.index, self._snapshot.schema.predicates
        turned = refs < 0
        rows = np.where(turned, ~refs, refs)
        columns = (turned, index.predicate[rows], index.sign[rows], index.doubt[rows])
        details, units = self._snapshot.records.details(rows.tolist()), self._costs.statement_units
        return [
            _Columns(
                back,
                predicates[code],
                None if sign == UNKNOWN_SIGN else sign,
                doubt,
                more,
                units(doubt, code),
            )
            for back, code, sign, doubt, more in zip(
                *[c.tolist() for c in columns], details, strict=True
            )
        ]

    def _hop(self, v: int, w: int, rows: list[_Columns]) -> _BuiltHop:
        hop = Hop(tuple([self._statement(v, w, row) for row in rows]))
        turned = [s.turned and not s.predicate.symmetric for s in rows]
        signs = [(s.sign, back) for s, back in zip(rows, turned, strict=True)]
        effects = [s.details.effect for s, back in zip(rows, turned, strict=True) if not back]
        sign = hop_sign(signs)
        return _BuiltHop(
            ends=(v, w),
            hop=hop,
            rows=rows,
            best=firmest(hop),
            sign=sign,
            effect=hop_effect(sign, effects),
            doubt=min([row.doubt for row in rows]),
            units=min([row.units for row in rows], key=sum),
        )

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
        )
