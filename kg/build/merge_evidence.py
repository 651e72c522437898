"""One statement for what several sources, or several records of one, say alike of a triple.

Statements without an identifier of their own that agree in triple, sign and all annotations but
evidence are one claim; it keeps the evidence of all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import msgspec
import numpy as np
from numpy.typing import NDArray

from mechkg.kg.build.statement_columns import Columns, row_key
from mechkg.kg.columns.strings import Texts
from mechkg.kg.model.annotations import BARE, Annotations, Semantics
from mechkg.kg.ranking.doubt import doubt

__all__ = ["united"]

_Said = tuple[int, int, int]
"""The codes of a claim, of its sign and of its semantics."""
_United = tuple[int, float]
"""The code of a united claim and its doubt."""


def united(
    columns: Columns,
    entities: int,
    claims: Texts,
    semantics: Sequence[Semantics],
    enter: Callable[[Annotations], int],
) -> Columns:
    """Return the statements with those united that say the same.

    `claims` holds the texts by the code in `Columns.claim`, `semantics` is listed by that in
    `Columns.semantics`; `enter` returns the code of a new text. O(k log k), and some microseconds
    for each set of claims that meet; nothing where all claims are one.
    """
    free = np.flatnonzero(columns.identifier == 0)
    claim = columns.claim[free]
    if not len(claim) or (claim == claim[0]).all():
        return columns
    key = row_key(columns, entities)
    if key is None:
        key = _numbered(columns)
    key = key[free]
    order = np.argsort(key, kind="stable")
    key = key[order]
    free = free[order]
    starts = np.flatnonzero(np.concatenate(([True], key[1:] != key[:-1])))
    ends = np.append(starts[1:], len(key))
    several = np.flatnonzero(ends - starts > 1)
    keep = np.ones(len(columns), np.bool_)
    joiner = _Joiner(columns, claims, semantics, enter)
    for start, end in zip(starts[several].tolist(), ends[several].tolist(), strict=True):
        keep[joiner.join(free[start:end])] = False
    return joiner.columns.taken(np.flatnonzero(keep))


class _Joiner:
    """Joins runs of parallel statements; remembers how each set of claims was joined."""

    def __init__(
        self,
        columns: Columns,
        claims: Texts,
        semantics: Sequence[Semantics],
        enter: Callable[[Annotations], int],
    ) -> None:
        self.columns = replace(columns, claim=columns.claim.copy(), doubt=columns.doubt.copy())
        self._claims = claims
        self._semantics = semantics
        self._enter = enter
        self._decode = msgspec.msgpack.Decoder(Annotations).decode
        self._plans: dict[tuple[_Said, ...], dict[_Said, _United]] = {}

    def join(self, rows: NDArray[np.int64]) -> list[int]:
        """Give the first row of each claim the evidence of the rest; returns the rows to drop."""
        listed = rows.tolist()
        columns = (self.columns.claim, self.columns.sign, self.columns.semantics)
        said = list(zip(*(column[rows].tolist() for column in columns), strict=True))
        kinds = tuple(dict.fromkeys(said))
        plan = self._plans.get(kinds)
        if plan is None:
            plan = self._plans[kinds] = self._plan(kinds)
        met: set[_Said] = set()
        drop = []
        for row, kind in zip(listed, said, strict=True):
            code, weak = plan[kind]
            if (code, *kind[1:]) in met:
                drop.append(row)
                continue
            met.add((code, *kind[1:]))
            self.columns.claim[row] = code
            self.columns.doubt[row] = weak
        return drop

    def _plan(self, kinds: tuple[_Said, ...]) -> dict[_Said, _United]:
        """Return the united claim of each kind, as its code and doubt."""
        groups: dict[bytes, list[_Said]] = {}
        for kind in kinds:
            bare = msgspec.structs.replace(self._claim(kind[0]), evidence=())
            text = msgspec.json.encode((bare, kind[1:]), order="deterministic")
            groups.setdefault(text, []).append(kind)
        plan: dict[_Said, _United] = {}
        for members in groups.values():
            whole = self._united(code for code, *_ in members)
            code = members[0][0] if len(members) == 1 else self._enter(whole)
            hedge = self._semantics[members[0][2]].hedge
            weak = doubt(msgspec.structs.replace(whole, hedge=hedge))
            plan |= dict.fromkeys(members, (code, weak))
        return plan

    def _united(self, codes: Iterable[int]) -> Annotations:
        claims = [self._claim(code) for code in codes]
        evidence = {e for claim in claims for e in claim.evidence}
        ordered = sorted(evidence, key=msgspec.json.encode)  # so that no input order shows
        return msgspec.structs.replace(claims[0], evidence=tuple(ordered))

    def _claim(self, code: int) -> Annotations:
        return self._decode(self._claims[code]) if code else BARE


def _numbered(columns: Columns) -> NDArray[np.int64]:
    """Return a number for each statement, equal for equal (negated, subject, predicate, object)."""
    sorts = (columns.object, columns.predicate, columns.subject, columns.negated)
    order = np.lexsort(sorts)
    changes = np.zeros(len(order), np.bool_)
    for column in sorts:
        ordered = column[order]
        changes[1:] |= ordered[1:] != ordered[:-1]
    numbers = np.empty(len(order), np.int64)
    numbers[order] = np.cumsum(changes)
    return numbers
