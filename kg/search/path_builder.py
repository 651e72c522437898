"""Build `Path` objects from rows: names, statements, evidence, parts of the score, sentences.

Only paths that are returned are built. Each entity and each hop that several of them share is
read and phrased once.
"""

from __future__ import annotations

from itertools import pairwise

import msgspec
import numpy as np
from numpy.typing import NDArray

from mechkg.kg.kernels.search import Answer, Task, hop_statements
from mechkg.kg.model.schema import Predicate
from mechkg.kg.model.values import Effect, Hop, HopStatement, Path, PathEntity, ScorePart, Sign
from mechkg.kg.ranking.costs import Costs, score_of
from mechkg.kg.search.context import SearchContext
from mechkg.kg.search.explain import (
    conflict_of,
    explain_path,
    hop_effect,
    hop_phrase,
    hop_sign,
    path_effect,
    path_sign,
    statement_phrase,
)
from mechkg.kg.snapshot.index import UNKNOWN_SIGN
from mechkg.kg.snapshot.records import StatementDetails
from mechkg.kg.snapshot.snapshot import Snapshot

__all__ = ["PathBuilder"]


class _BuiltHop(msgspec.Struct, frozen=True, gc=False):
    """A hop with its sign and phrase; `units` is the cost of its least doubt."""

    hop: Hop
    sign: Sign | None
    effect: Effect
    doubt: float
    units: int
    phrase: str
    conflict: str


class _Columns(msgspec.Struct, frozen=True, gc=False):
    """A statement of a hop by its columns; `turned` where the hop walks it in reverse."""

    turned: bool
    predicate: Predicate
    sign: Sign | None
    doubt: float
    details: StatementDetails


class PathBuilder:
    """Builds the paths of one task, batch after batch; what batches share is built once."""

    def __init__(self, snapshot: Snapshot, task: Task, costs: Costs) -> None:
        self._snapshot = snapshot
        self._task = task
        self._costs = costs
        self._by_id = SearchContext.of(snapshot).predicates
        self._entities: dict[int, PathEntity] = {}
        self._hops: dict[tuple[int, int], _BuiltHop] = {}
        self._phrases: dict[tuple[str, str, str], str] = {}

    def paths(self, answer: Answer, offset: int) -> tuple[Path, ...]:
        """Return the paths of an answer from `offset` on; some microseconds each."""
        rows = [[v for v in row if v >= 0] for row in answer.nodes[offset:].tolist()]
        self._fetch(rows)
        walked = [[self._hops[hop] for hop in pairwise(row)] for row in rows]
        doubts = [sum([hop.units for hop in hops]) for hops in walked]
        parts = self._costs.score_parts(rows, doubts)
        keys = answer.keys[offset:].tolist()
        return tuple(map(self._path, rows, walked, parts, [score_of(key) for key in keys]))

    def hops(self, row: list[int]) -> tuple[Hop, ...]:
        """Return the hops along some entities, each with all its admitted statements."""
        self._fetch([row])
        return tuple([self._hops[pair].hop for pair in pairwise(row)])

    def _path(
        self, row: list[int], walked: list[_BuiltHop], parts: tuple[ScorePart, ...], score: float
    ) -> Path:
        entities = tuple([self._entities[v] for v in row])
        signs, effects, phrases, doubts = zip(
            *[(hop.sign, hop.effect, hop.phrase, hop.doubt) for hop in walked], strict=True
        )
        conflicts = [hop.conflict for hop in walked if hop.conflict]
        hops = tuple([built.hop for built in walked])
        sign = path_sign(signs)
        return Path(
            entities=entities,
            hops=hops,
            length=len(hops),
            sign=sign,
            effect=path_effect(sign, effects),
            score=score,
            score_parts=parts,
            explanation=explain_path(entities, phrases, doubts, conflicts),
        )

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
            self._hops[v, w] = self._hop(v, w, columns[bounds[i] : bounds[i + 1]])

    def _columns(self, refs: NDArray[np.int32]) -> list[_Columns]:
        """Return the columns of statements given as rows (~row where reversed)."""
        index, predicates = self._snapshot.index, self._snapshot.schema.predicates
        turned = refs < 0
        rows = np.where(turned, ~refs, refs)
        columns = (turned, index.predicate[rows], index.sign[rows], index.doubt[rows])
        details = self._snapshot.records.details(rows.tolist())
        return [
            _Columns(back, predicates[code], None if sign == UNKNOWN_SIGN else sign, doubt, more)
            for back, code, sign, doubt, more in zip(
                *[c.tolist() for c in columns], details, strict=True
            )
        ]

    def _hop(self, v: int, w: int, rows: list[_Columns]) -> _BuiltHop:
        statements = tuple([self._statement(v, w, row) for row in rows])
        doubt = min([row.doubt for row in rows])
        conflict = ""
        if len(rows) == 1:
            phrase = self._phrase(statements[0], rows[0].predicate)
        else:
            doubts = [row.doubt for row in rows]
            phrase = hop_phrase(statements, doubts, self._by_id)
            names = self._entities[v].name, self._entities[w].name
            conflict = conflict_of(statements, self._by_id, *names)
        turned = [s.turned and not s.predicate.symmetric for s in rows]
        signs = [(s.sign, back) for s, back in zip(rows, turned, strict=True)]
        effects = [s.details.effect for s, back in zip(rows, turned, strict=True) if not back]
        sign = hop_sign(signs)
        return _BuiltHop(
            hop=Hop(statements),
            sign=sign,
            effect=hop_effect(sign, effects),
            doubt=doubt,
            units=self._costs.doubt_units(doubt),
            phrase=phrase,
            conflict=conflict,
        )

    def _phrase(self, statement: HopStatement, predicate: Predicate) -> str:
        key = statement.predicate, statement.direction, statement.modality
        phrase = self._phrases.get(key)
        if phrase is None:
            phrase = self._phrases[key] = statement_phrase(statement, predicate)
        return phrase

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
