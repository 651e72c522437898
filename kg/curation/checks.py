"""Checks of a changeset against any graph, before anything changes.

Each works on what the changes come to, so that a statement that a changeset edits twice is judged
by what it is in the end. Contradictions and duplicates are named, not forbidden. For each edit the
work goes by the logarithm of the graph and the smaller degree of the two ends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mechkg.kg.curation.changes import Edit
from mechkg.kg.curation.overlay import Overlay, Tick
from mechkg.kg.errors import AmbiguousName, Finding, FindingKind, UnknownEntity
from mechkg.kg.model.identifiers import VOCABULARIES, registry
from mechkg.kg.model.schema import Predicate
from mechkg.kg.model.values import Entity, Statement
from mechkg.kg.snapshot.snapshot import Snapshot

__all__ = ["Check", "common_findings", "schema_findings"]

Check = Callable[[Overlay, Sequence[Edit]], Iterable[Finding]]
"""Returns what an ontology finds in a graph after edits."""

MAX_NAMED: Final = 5
"""Statements or entities that a finding names."""

_DIRECTED: Final = frozenset({"raises", "lowers"})


def common_findings(
    overlay: Overlay, edits: Sequence[Edit], tick: Tick = lambda: None
) -> Iterator[Finding]:
    """Yield what is to be said of edits in any graph: identifiers, duplicates, contradictions."""
    others = _Edited(overlay.edited())
    for edit in edits:
        tick()
        if edit.statement_after is not None:
            yield from _said_otherwise(overlay, edit, others)
        elif edit.entity_after is not None:
            yield from _known_entity(overlay, edit)


def schema_findings(overlay: Overlay, edits: Sequence[Edit]) -> Iterator[Finding]:
    """Yield what contradicts the domains, ranges and effects of a graph's predicates; warnings.

    A predicate without domain or range admits all categories.
    """
    predicates = {predicate.id: predicate for predicate in overlay.snapshot.schema.predicates}
    for edit in edits:
        said = edit.statement_after
        if said is not None:
            predicate = predicates[said.predicate]
            yield from _ends(overlay, said, predicate)
            yield from _effect(overlay, said, predicate)


def finding(overlay: Overlay, about: str, check: FindingKind, message: str) -> Finding:
    """Return a warning about a statement or entity, with the change that it comes from."""
    position = overlay.positions.get(about)
    where = "" if position is None else f"changes[{position}]"
    return Finding(severity="warning", check=check, message=message, where=where, about=about)


# -- statements that are there ----------------------------------------------------------------


class _Edited:
    """The statements that a changeset edits, some of each claim, by what may meet them."""

    def __init__(self, statements: Iterable[Statement]) -> None:
        self._by: dict[tuple[object, ...], list[str]] = {}
        for said in statements:
            triple = (said.subject, said.predicate, said.object)
            for key in (_claim(said), ("turned", *_turn(said)), ("denied", *triple, said.negated)):
                names = self._by.setdefault(key, [])
                if len(names) < 2 * MAX_NAMED:
                    names.append(said.id)

    def same(self, said: Statement) -> list[str]:
        """Return statements that claim the same."""
        return self._by.get(_claim(said), [])

    def opposite(self, said: Statement) -> list[str]:
        """Return statements that deny a statement, or turn its sign."""
        triple = (said.subject, said.predicate, said.object)
        found = [*self._by.get(("denied", *triple, not said.negated), ())]
        if said.sign in {1, -1}:
            subject, obj, negated, sign = _turn(said)
            found += self._by.get(("turned", subject, obj, negated, -sign), ())
        return found


def _turn(said: Statement) -> tuple[str, str, bool, int]:
    return said.subject, said.object, said.negated, said.sign or 0


def _said_otherwise(overlay: Overlay, edit: Edit, edited: _Edited) -> Iterator[Finding]:
    """Yield that other asserted statements of the same ends say the same, or the opposite."""
    said, before = edit.statement_after, edit.statement_before
    if said is None or (before is not None and _claim(said) == _claim(before)):
        return
    own = {said.id} if before is None else {said.id, before.id}

    def others(rows: Iterable[int], names: Iterable[str]) -> list[str]:
        there = map(overlay.snapshot.records.statement_id, rows)
        known = [name for name in there if not overlay.is_edited(name)]
        return [name for name in (*known, *names) if name not in own]

    against = others(_opposite_rows(overlay.snapshot, said), edited.opposite(said))
    same = others(_equal_rows(overlay.snapshot, said), edited.same(said))
    if against:
        listed = f"{said.id} contradicts {_listed(against)}."
        yield finding(overlay, said.id, "contradiction", listed)
    if same:
        listed = f"{said.id} repeats {_listed(same)} under other conditions."
        yield finding(overlay, said.id, "duplicate", listed)


def _claim(said: Statement) -> tuple[object, ...]:
    """Return what a statement claims, whatever its evidence and conditions."""
    return said.subject, said.predicate, said.object, said.sign, said.negated


def _opposite_rows(snapshot: Snapshot, said: Statement) -> list[int]:
    """Return some asserted rows of the same ends that deny a statement, or turn its sign."""
    carrying, denying = _rows_between(snapshot, said)
    same, other = (denying, carrying) if said.negated else (carrying, denying)
    index, code = snapshot.index, _code(snapshot, said.predicate)
    found = other[index.predicate[other] == code]
    if said.sign in {1, -1}:
        found = np.concatenate((same[index.sign[same] == -said.sign], found))
    return _asserted(snapshot, found)


def _equal_rows(snapshot: Snapshot, said: Statement) -> list[int]:
    """Return some asserted rows that have the ends, the predicate and the sign of a statement."""
    carrying, denying = _rows_between(snapshot, said)
    rows = denying if said.negated else carrying
    index = snapshot.index
    rows = rows[index.predicate[rows] == _code(snapshot, said.predicate)]
    known = index.sign[rows] == said.sign if said.sign is not None else index.sign[rows] < -1
    return _asserted(snapshot, rows[known])


def _asserted(snapshot: Snapshot, rows: NDArray[np.int64]) -> list[int]:
    kept = rows[snapshot.index.inferred[rows] == 0][: 2 * MAX_NAMED]
    return [int(row) for row in kept]


def _rows_between(
    snapshot: Snapshot, said: Statement
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the rows of the ends of a statement: those that carry a path, and denials."""
    index, records = snapshot.index, snapshot.records
    subject, obj = map(records.entity_row, (said.subject, said.object))
    if subject is None or obj is None:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    out = slice(*map(int, index.out_ptr[subject : subject + 2]))
    into = slice(*map(int, index.in_ptr[obj : obj + 2]))
    if out.stop - out.start <= into.stop - into.start:
        carrying = out.start + np.flatnonzero(index.object[out] == obj)
    else:
        carrying = np.sort(index.in_row[into][index.in_nbr[into] == subject].astype(np.int64))
    m = index.carrying
    first, last = np.searchsorted(index.subject[m:], (subject, subject + 1)) + m
    denying = int(first) + np.flatnonzero(index.object[int(first) : int(last)] == obj)
    return carrying, denying


def _code(snapshot: Snapshot, predicate: str) -> int:
    return next(c for c, p in enumerate(snapshot.schema.predicates) if p.id == predicate)


# -- entities that are there ------------------------------------------------------------------


def _known_entity(overlay: Overlay, edit: Edit) -> Iterator[Finding]:
    """Yield that an entity's prefix is not known, or that another has its name."""
    entity, before = edit.entity_after, edit.entity_before
    if entity is None:
        return
    if before is None and not _is_known(overlay, entity.id):
        prefix = entity.id.partition(":")[0]
        said = f"{entity.id}: neither the registry nor the graph knows the prefix {prefix}."
        yield finding(overlay, entity.id, "identifier", said)
    if before is None or entity.name != before.name:
        others = [other for other in _named_alike(overlay, entity) if other != entity.id]
        if others:
            said = f"{entity.id} has a name of {_listed(others)}: {entity.name}."
            yield finding(overlay, entity.id, "duplicate", said)
    fresh = set(entity.xrefs) - set(before.xrefs if before else ())
    for xref in sorted(fresh):
        names = overlay.snapshot.names.identifier_rows(xref)
        others = [c for c in map(overlay.snapshot.records.curie, names) if c != entity.id]
        if others:
            said = f"{entity.id} has a cross-reference of {_listed(others)}: {xref}."
            yield finding(overlay, entity.id, "duplicate", said)


def _is_known(overlay: Overlay, identifier: str) -> bool:
    """Say whether a registry, the graph's prefixes or one of its entities has the prefix."""
    prefix, colon, _ = identifier.partition(":")
    if not colon or "://" in identifier:
        return bool(colon)
    if registry().prefix(prefix) or prefix in overlay.snapshot.schema.prefixes:
        return True
    return prefix in VOCABULARIES or overlay.snapshot.records.has_prefix(f"{prefix}:")


def _named_alike(overlay: Overlay, entity: Entity) -> list[str]:
    """Return the entities of the graph that have the name of one, exactly."""
    try:
        _, found = overlay.snapshot.names.resolve(entity.name, "name")
    except UnknownEntity:
        return []
    except AmbiguousName as error:
        return [curie for curie, _ in error.candidates]
    return [found.id] if found.match in {"name", "synonym"} else []


# -- what the schema says ---------------------------------------------------------------------


def _ends(overlay: Overlay, said: Statement, predicate: Predicate) -> Iterator[Finding]:
    for end, curie, admitted in (
        ("subject", said.subject, predicate.domain),
        ("object", said.object, predicate.range),
    ):
        entity = overlay.entity(curie)
        if entity is None or not admitted:
            continue
        schema = overlay.snapshot.schema
        known = {category.id for category in schema.categories}
        under = (schema.categories_under(name) for name in admitted if name in known)
        if not any(entity.category in below for below in under):
            message = (
                f"{said.id}: {predicate.label} does not admit the {end} {curie}, of the category "
                f"{entity.category}."
            )
            yield finding(overlay, said.id, "domain", message)


def _effect(overlay: Overlay, said: Statement, predicate: Predicate) -> Iterator[Finding]:
    """Yield that a statement turns the effect of its predicate, or has one that none carries."""
    if {said.effect, predicate.effect} == _DIRECTED and said.hedge != "contested":
        message = (
            f"{said.id} has the effect {said.effect}, but {predicate.label} has {predicate.effect}."
        )
        yield finding(overlay, said.id, "effect", message)
    if said.effect in _DIRECTED and predicate.causal == "no" and predicate.effect not in _DIRECTED:
        message = f"{said.id} has an effect, but no path passes one on by {predicate.label}."
        yield finding(overlay, said.id, "composition", message)


def _listed(names: Sequence[str]) -> str:
    names = list(dict.fromkeys(names))
    more = " and others" if len(names) > MAX_NAMED else ""
    return f"{', '.join(names[:MAX_NAMED])}{more}"
