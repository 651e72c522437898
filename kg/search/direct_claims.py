"""Find the statements that join sources and targets directly, denied ones among them."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mechkg.kg.kernels.task import Task
from mechkg.kg.model.schema import Predicate
from mechkg.kg.model.values import Effect
from mechkg.kg.search.context import SearchContext, among
from mechkg.kg.search.sentences import limits_of
from mechkg.kg.search.verb_words import plural_verb
from mechkg.kg.search.verdict import Claim, ClaimKind
from mechkg.kg.snapshot.index import Index
from mechkg.kg.snapshot.records import StatementDetails

__all__ = ["direct_claims"]

MAX_CLAIMS: Final = 1_000
"""Claims that are read, at most: what joins two entities is few."""

_NO_CLAIM: Final = frozenset({"taxonomy", "bridge", "identity"})
_ASSOCIATIONS: Final = frozenset({"association", "participation"})
_GOING_TOGETHER: Final = _ASSOCIATIONS | {"place", "expression", "disease_out"}
"""Roles of claims that say what is found together, not what acts."""
_FOUND: Final = frozenset({"expression", "disease_out"})
"""Roles of claims whose own verb says better than *goes with* what is found together."""
_LINKS: Final = frozenset({"place", "model"})
"""Roles of predicates by which neither end acts on the other."""
_AGAINST: Final = frozenset({"basis", "requirement"})
"""Roles of predicates by which only the object acts on the subject."""
_DIRECTED: Final = frozenset({"raises", "lowers"})
"""Effects of predicates whose statements say that effect or deny it."""
_LIMITING: Final = "against"
"""Type of the qualifier that limits a claim to one kind of harm."""

Rows = NDArray[np.int64]
Ends = NDArray[np.int32]


def direct_claims(context: SearchContext, task: Task) -> list[Claim]:
    """Return what statements say directly of any source and any target of a task.

    The filters of the task on statements hold; its predicates and its grammar do not, as an
    association is no mechanism and still answers the question. Inferred statements are left out.
    O(entries of the sources + denied statements).
    """
    snapshot, ends = context.snapshot, (task.sources, task.targets)
    index, predicates = snapshot.index, snapshot.schema.predicates
    denied_from = index.carrying
    along, turned = _along(index, *ends), _against(index, context.backward, *ends)
    rows = np.concatenate([along, turned, _denied(index, denied_from, *ends)])
    if not len(rows):
        return []
    rows = rows[index.inferred[rows] == 0]
    hidden = task.rules.filter
    if len(hidden.rows):
        rows = rows[hidden.rows[rows] != hidden.hide]
    rows = np.unique(rows)[:MAX_CLAIMS]
    stated = {row: predicates[index.predicate[row]] for row in rows.tolist()}
    claims = [row for row, predicate in stated.items() if predicate.role not in _NO_CLAIM]
    against = set(turned.tolist()) - set(along.tolist())
    subjects = snapshot.records.path_entities(index.subject[claims])
    objects = snapshot.records.path_entities(index.object[claims])
    details = snapshot.records.details(claims)
    return [
        _claim(said, stated[row], (a.id, b.id), turned=row in against, denied=row >= denied_from)
        for row, said, a, b in zip(claims, details, subjects, objects, strict=True)
    ]


def _entries(ptr: NDArray[Any], nbr: NDArray[np.int32], rows: Ends, wanted: Ends) -> Rows:
    """Return the adjacency entries of some entities that lead to one of others."""
    found = [np.empty(0, np.int64)]
    for v in rows.tolist():
        start, stop = int(ptr[v]), int(ptr[v + 1])
        found.append(start + np.flatnonzero(among(nbr[start:stop], wanted)))
    return np.concatenate(found)


def _along(index: Index, sources: Ends, targets: Ends) -> Rows:
    """Return the rows of statements from a source to a target."""
    return _entries(index.out_ptr, index.object, sources, targets)


def _against(index: Index, backward: NDArray[np.bool_], sources: Ends, targets: Ends) -> Rows:
    """Return the rows from a target to a source that say what the source does to the target."""
    found = _entries(index.in_ptr, index.in_nbr, sources, targets)
    rows: Rows = index.in_row[found[backward[index.in_pred[found]]]].astype(np.int64)
    return rows


def _denied(index: Index, first: int, sources: Ends, targets: Ends) -> Rows:
    """Return the rows of denied statements (those from `first` on) from a source to a target."""
    matches = among(index.subject[first:], sources) & among(index.object[first:], targets)
    return np.flatnonzero(matches) + first


def _claim(
    said: StatementDetails,
    predicate: Predicate,
    ends: tuple[str, str],
    *,
    turned: bool,
    denied: bool,
) -> Claim:
    """Return a statement as the verdict reads it; `turned`: its object acts on its subject.

    A predicate of an effect with a statement of none says that the effect was looked for and not
    found: that denies it.
    """
    annotations, semantics = said.annotations, said.semantics
    outcome = next((c.value for c in annotations.context if c.type == "outcome"), "")
    kind: ClaimKind = "effect"
    if predicate.role in _LINKS or (predicate.role in _AGAINST and not turned):
        kind = "place"
    elif predicate.role in _ASSOCIATIONS or predicate.generic:
        kind = "association"
    elif predicate.role == "trial":
        kind = "trial"
    return Claim(
        id=said.id,
        kind=kind,
        effect=said.effect,
        hedge=semantics.hedge,
        source=ends[turned],
        target=ends[not turned],
        aspect=semantics.subject_aspect if turned else semantics.object_aspect,
        associated=predicate.role in _GOING_TOGETHER,
        verb="" if turned else _verb(predicate, said.effect),
        negated=denied
        or (kind == "effect" and said.effect == "none" and predicate.effect in _DIRECTED),
        limits=tuple(limits_of(annotations.qualifiers)),
        limited=any(q.type == _LIMITING for q in annotations.qualifiers),
        outcome=outcome,
        context=annotations.context,
    )


def _verb(predicate: Predicate, effect: Effect) -> str:
    """Return the plural verb of what is found in the subject: *express* compares no amounts."""
    if predicate.role not in _FOUND:
        return ""
    directed = predicate.verbs.get(effect, "") if effect != predicate.effect else ""
    return plural_verb(directed) if directed else predicate.verbs.get("plural", "")
