"""Find the statements that join sources and targets directly, denied ones among them."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from mechkg.kg.kernels.task import Task
from mechkg.kg.model.schema import Predicate
from mechkg.kg.model.values import Statement
from mechkg.kg.search.verdict import Claim, ClaimKind
from mechkg.kg.snapshot.index import Index
from mechkg.kg.snapshot.snapshot import Snapshot

__all__ = ["direct_claims"]

MAX_CLAIMS: Final = 1_000
"""Claims that are read, at most: what joins two entities is few."""

_NO_CLAIM: Final = frozenset({"taxonomy", "bridge"})
_ASSOCIATIONS: Final = frozenset({"association", "participation", "place"})
_LIMITING: Final = "against"
"""Type of the qualifier that limits a claim to one kind of harm."""

Rows = NDArray[np.int64]


def direct_claims(snapshot: Snapshot, task: Task) -> list[Claim]:
    """Return what statements say directly of any source and any target of a task.

    The filters of the task on statements hold; its predicates and its grammar do not, as an
    association is no mechanism and still answers the question. Inferred statements are left out.
    O(entries of the sources + denied statements).
    """
    index, predicates = snapshot.index, snapshot.schema.predicates
    ends = task.sources, task.targets
    rows = np.concatenate([_along(index, *ends), _against(index, predicates, *ends)])
    rows = np.concatenate([rows, _denied(index, *ends)])
    rows = rows[index.inferred[rows] == 0]
    hidden = task.rules.filter
    if len(hidden.rows):
        rows = rows[hidden.rows[rows] != hidden.hide]
    roles = [(int(row), predicates[index.predicate[row]]) for row in np.unique(rows)]
    return [
        _claim(snapshot.records.statement(row), predicate)
        for row, predicate in roles[:MAX_CLAIMS]
        if predicate.role not in _NO_CLAIM
    ]


def _along(index: Index, sources: NDArray[np.int32], targets: NDArray[np.int32]) -> Rows:
    """Return the rows of statements from a source to a target."""
    entries = [np.arange(index.out_ptr[v], index.out_ptr[v + 1]) for v in sources.tolist()]
    rows = np.concatenate([np.empty(0, np.int64), *entries])
    return rows[np.isin(index.object[rows], targets)]


def _against(
    index: Index,
    predicates: tuple[Predicate, ...],
    sources: NDArray[np.int32],
    targets: NDArray[np.int32],
) -> Rows:
    """Return the rows from a target to a source that say what the source does to the target."""
    backward = np.array([p.walk_backward == "yes" or p.symmetric for p in predicates], np.bool_)
    entries = [np.arange(index.in_ptr[v], index.in_ptr[v + 1]) for v in sources.tolist()]
    found = np.concatenate([np.empty(0, np.int64), *entries])
    found = found[np.isin(index.in_nbr[found], targets)]
    found = found[backward[index.in_pred[found]]]
    rows: Rows = index.in_row[found].astype(np.int64)
    return rows


def _denied(index: Index, sources: NDArray[np.int32], targets: NDArray[np.int32]) -> Rows:
    """Return the rows of denied statements from a source to a target."""
    first = index.carrying
    matches = np.isin(index.subject[first:], sources) & np.isin(index.object[first:], targets)
    return np.flatnonzero(matches) + first


def _claim(statement: Statement, predicate: Predicate) -> Claim:
    outcome = next((c.value for c in statement.context if c.type == "outcome"), "")
    kind: ClaimKind = "effect"
    if predicate.role in _ASSOCIATIONS or predicate.generic:
        kind = "association"
    elif predicate.role == "trial":
        kind = "trial"
    return Claim(
        id=statement.id,
        kind=kind,
        effect=statement.effect,
        hedge=statement.hedge,
        negated=statement.negated,
        limited=any(q.type == _LIMITING for q in statement.qualifiers),
        outcome=outcome,
        context=statement.context,
    )
