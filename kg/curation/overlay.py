"""Changes against a snapshot: what each does, or why it cannot be done.

Changes are taken in turn, each seeing those before it. What they come to is a list of edits, one a
statement or entity; nothing is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final

import msgspec
import numpy as np
from msgspec import UNSET

from mechkg.kg.curation.changes import (
    AddEntity,
    AddStatement,
    Change,
    CorrectEntity,
    CorrectStatement,
    DenyStatement,
    DisputeStatement,
    Edit,
    RetractEntity,
    RetractStatement,
    StatementFields,
)
from mechkg.kg.errors import (
    ChangesRefused,
    EditConflict,
    Finding,
    MechKGError,
    QueryError,
    UnknownEntity,
    UnknownTerm,
)
from mechkg.kg.model.annotations import annotations_of
from mechkg.kg.model.identifiers import registry
from mechkg.kg.model.schema import Predicate
from mechkg.kg.model.values import Entity, Evidence, Statement, sign_of
from mechkg.kg.snapshot.snapshot import Snapshot
from mechkg.kg.snapshot.statement_ids import (
    content_digest,
    derived_identifier,
    distinctive,
    parts_of,
)

__all__ = ["Overlay", "Tick"]

Tick = Callable[[], None]
"""Raises where the time for a piece of work is over."""

MAX_NAMED: Final = 5
"""Entities that a refusal names."""


class Overlay:
    """A snapshot with changes laid over it, in memory.

    `positions` has, by the identifier of what was edited, the position of the last change that did.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self._schema = snapshot.schema
        self._statements: dict[str, Statement | None] = {}
        self._entities: dict[str, Entity | None] = {}
        self._by_end: dict[str, list[str]] = {}
        self._edits: list[Edit] = []
        self.positions: dict[str, int] = {}

    def take(self, changes: Sequence[Change], tick: Tick = lambda: None) -> list[Edit]:
        """Take changes in turn and return what they come to, each thing edited once.

        `tick` is called before each, and may raise.

        All or nothing: raises `QueryError` or one of its kinds that names the change by its
        position, `EditConflict` where the graph does not admit it, `ChangesRefused` where that is
        so of several changes.
        """
        refused: list[tuple[str, MechKGError]] = []
        for position, change in enumerate(changes):
            where, done = f"changes[{position}]", len(self._edits)
            tick()
            try:
                _ACTIONS[type(change)](self, change, where)
            except (QueryError, EditConflict) as error:
                refused.append((where, error))
            for edit in self._edits[done:]:
                self.positions.update(dict.fromkeys(edit.names, position))
        if refused:
            raise _refusal(refused)
        return folded(self._edits)

    def edited(self) -> Iterator[Statement]:
        """Yield the statements that the changes so far made or changed, as they are now."""
        yield from (found for found in self._statements.values() if found is not None)

    def is_edited(self, statement: str) -> bool:
        """Say whether a statement was edited, or is taken out."""
        return statement in self._statements

    def restore(self, edits: Iterable[Edit], of: str) -> list[Edit]:
        """Take edits back; raises `EditConflict` where what they made has been edited since."""
        for edit in reversed(list(edits)):
            for now, kept in (
                (self.statement, edit.statement_after),
                (self.entity, edit.entity_after),
            ):
                if kept is not None and now(kept.id) != kept:
                    raise EditConflict(
                        f"{kept.id} is not any more what changeset {of} made of it.",
                        hint="Correct it by a changeset of its own.",
                    )
            before = edit.statement_before or edit.entity_before
            gone = edit.statement_after is None and edit.entity_after is None
            if before is not None and gone and self._known(before) is not None:
                raise EditConflict(f"{before.id}, which changeset {of} took out, is there again.")
            self._enter(edit.reverse)
        self._check_ends()
        return folded(self._edits)

    def statement(self, identifier: str) -> Statement | None:
        """Return a statement as the changes so far leave it."""
        if identifier in self._statements:
            return self._statements[identifier]
        row = self.snapshot.records.statement_row(identifier)
        return None if row is None else self.snapshot.records.statement(row)

    def entity(self, curie: str) -> Entity | None:
        """Return an entity as the changes so far leave it."""
        if curie in self._entities:
            return self._entities[curie]
        row = self.snapshot.records.entity_row(curie)
        return None if row is None else self.snapshot.records.entity(row)

    def _known(self, value: Statement | Entity) -> Statement | Entity | None:
        if isinstance(value, Statement):
            return self.statement(value.id)
        return self.entity(value.id)

    def _enter(self, edit: Edit) -> None:
        """Note an edit; what it makes is seen by the changes that follow."""
        if edit.statement_before is not None:
            self._statements[edit.statement_before.id] = None
        if edit.statement_after is not None:
            after = edit.statement_after
            self._statements[after.id] = after
            self._by_end.setdefault(after.subject, []).append(after.id)
            self._by_end.setdefault(after.object, []).append(after.id)
        if edit.entity_before is not None:
            self._entities[edit.entity_before.id] = None
        if edit.entity_after is not None:
            self._entities[edit.entity_after.id] = edit.entity_after
        self._edits.append(edit)

    # -- statements -------------------------------------------------------------------------

    def add_statement(self, change: AddStatement, where: str) -> None:
        """Add a statement, or its evidence to the one that says the same."""
        predicate = self._predicate(change.predicate, f"{where}.predicate")
        effect = predicate.effect if change.effect is UNSET else change.effect
        fields = {
            name: getattr(change, name)
            for name in change.__struct_fields__
            if name not in {"id", "effect", "subject", "object", "predicate"}
        }
        statement = Statement(
            id=change.id,
            subject=self._end(change.subject, f"{where}.subject"),
            predicate=predicate.id,
            object=self._end(change.object, f"{where}.object"),
            effect=effect,
            sign=sign_of(effect),
            **fields,
        )
        _require_evidence(change.evidence, f"{where}.evidence")
        self._put(None, self._named(statement, f"{where}.id"), where)

    def correct_statement(self, change: CorrectStatement, where: str) -> None:
        """Set members of a statement."""
        before = self._asserted(change.id, f"{where}.id")
        set_ = change.set
        fields: dict[str, Any] = {
            name: value
            for name in StatementFields.__struct_fields__
            if (value := getattr(set_, name)) is not UNSET
        }
        if "predicate" in fields:
            fields["predicate"] = self._predicate(fields["predicate"], f"{where}.set.predicate").id
        for name in ("subject", "object"):
            if name in fields:
                fields[name] = self._end(fields[name], f"{where}.set.{name}")
        if "effect" in fields:
            fields["sign"] = sign_of(fields["effect"])
        if change.evidence:
            _require_evidence(change.evidence, f"{where}.evidence")
            kept = fields.get("evidence", before.evidence)
            fields["evidence"] = _joined(kept, change.evidence)
        _require_evidence(fields.get("evidence", before.evidence), f"{where}.set.evidence")
        self._replace(before, msgspec.structs.replace(before, **fields), where)

    def dispute_statement(self, change: DisputeStatement, where: str) -> None:
        """Mark a statement as contested."""
        before = self._asserted(change.id, f"{where}.id")
        _require_evidence(change.evidence, f"{where}.evidence")
        after = msgspec.structs.replace(
            before,
            hedge="contested",
            evidence=_joined(before.evidence, change.evidence),
            note="; ".join(filter(None, (before.note, change.note))),
        )
        self._replace(before, after, where)

    def deny_statement(self, change: DenyStatement, where: str) -> None:
        """Add the denial of a statement."""
        said = self._asserted(change.id, f"{where}.id")
        _require_evidence(change.evidence, f"{where}.evidence")
        if said.negated:
            raise QueryError(f"{where}.id", f"is itself a denial: {change.id!r}")
        denial = msgspec.structs.replace(
            said, id="", negated=True, evidence=change.evidence, note=change.note
        )
        self._put(None, self._named(denial, f"{where}.id"), where)

    def retract_statement(self, change: RetractStatement, where: str) -> None:
        """Take a statement out."""
        self._enter(Edit(statement_before=self._asserted(change.id, f"{where}.id")))

    def _replace(self, before: Statement, after: Statement, where: str) -> None:
        if parts_of(before.id) is not None:
            after = msgspec.structs.replace(after, id="")
        after = self._named(after, f"{where}.id")
        if after == before:
            raise QueryError(where, f"changes nothing of {before.id!r}")
        self._put(before, after, where)

    def _put(self, before: Statement | None, after: Statement, where: str) -> None:
        """Enter what a statement becomes; one that says the same takes its evidence, too."""
        known = self.statement(after.id)
        if known is not None and (before is None or known.id != before.id):
            if annotations_of(_without_evidence(known)) != annotations_of(_without_evidence(after)):
                raise EditConflict(f"{where}: there is another statement called {after.id!r}.")
            merged = msgspec.structs.replace(
                known, evidence=_joined(known.evidence, after.evidence)
            )
            if merged == known and before is None:
                raise EditConflict(f"{where}: the graph says this already, as {known.id}.")
            if before is not None:
                self._enter(Edit(statement_before=before))
            if merged != known:
                self._enter(Edit(statement_before=known, statement_after=merged))
            return
        self._enter(Edit(statement_before=before, statement_after=after))

    def _named(self, statement: Statement, where: str) -> Statement:
        """Return a statement under its identifier: its own, or one derived from what it says."""
        given = statement.id
        predicate = self._predicate(statement.predicate, where)
        statement = _with_aspects(statement, predicate)
        derived = derived_identifier(
            statement.subject,
            predicate.id,
            statement.object,
            content_digest(distinctive(annotations_of(statement), predicate)),
        )
        if given and not given.isprintable():
            raise QueryError(where, f"cannot be an identifier: {given[:80]!r}")
        if given and parts_of(given) is not None and given != derived:
            raise QueryError(
                where, "has the form that is derived from what a statement says, and is not it",
                hint="Leave it out.",
            )  # fmt: skip
        return msgspec.structs.replace(statement, id=given or derived)

    def _asserted(self, identifier: str, where: str) -> Statement:
        """Return a statement that can be edited; raises `UnknownTerm`, `EditConflict`."""
        found = self.statement(identifier)
        if found is None:
            raise UnknownTerm(where, identifier)
        if found.derived_from:
            raise EditConflict(
                f"{where}: {identifier} is inferred, from {', '.join(found.derived_from)}.",
                hint="Edit what it follows from.",
            )
        return found

    def _predicate(self, text: str, where: str) -> Predicate:
        return self._schema.predicate(text, where)

    def _end(self, text: str, where: str) -> str:
        """Return the CURIE of an entity; nothing is guessed from a name."""
        for curie in registry().spellings(text):
            if self.entity(curie) is not None:
                return curie
        near = self.snapshot.names.identifier_rows(text)
        records = self.snapshot.records
        found = [(records.curie(row), records.name(row)) for row in near[:MAX_NAMED]]
        raise UnknownEntity(where, text, found)

    # -- entities ---------------------------------------------------------------------------

    def add_entity(self, change: AddEntity, where: str) -> None:
        """Add an entity under its canonical identifier."""
        curie = registry().canonical(change.id)
        if not curie.isprintable():
            raise QueryError(f"{where}.id", f"cannot be an identifier: {change.id[:80]!r}")
        for known in registry().spellings(change.id):
            if self.entity(known) is not None:
                raise EditConflict(f"{where}: there is an entity {known} already.")
        fields = {name: getattr(change, name) for name in change.__struct_fields__}
        fields |= {"id": curie, "category": self._category(change.category, f"{where}.category")}
        self._enter(Edit(entity_after=Entity(**fields)))

    def correct_entity(self, change: CorrectEntity, where: str) -> None:
        """Set members of an entity."""
        before = self._present(change.id, f"{where}.id")
        fields = {
            name: value
            for name in change.set.__struct_fields__
            if (value := getattr(change.set, name)) is not UNSET
        }
        if "category" in fields:
            fields["category"] = self._category(fields["category"], f"{where}.set.category")
        after = msgspec.structs.replace(before, **fields)
        if after == before:
            raise QueryError(where, f"changes nothing of {before.id!r}")
        self._enter(Edit(entity_before=before, entity_after=after))

    def retract_entity(self, change: RetractEntity, where: str) -> None:
        """Take an entity out that no statement is about."""
        before = self._present(change.id, f"{where}.id")
        self._enter(Edit(entity_before=before))
        self._check_end(change.id)

    def _present(self, curie: str, where: str) -> Entity:
        found = self.entity(curie)
        if found is None:
            raise UnknownEntity(where, curie)
        return found

    def _category(self, text: str, where: str) -> str:
        return self._schema.category(text, where).id

    def _check_ends(self) -> None:
        """Raise `EditConflict` where a statement is about an entity that was taken out."""
        for curie, entity in self._entities.items():
            if entity is None:
                self._check_end(curie)

    def _check_end(self, curie: str) -> None:
        left = next(self.about(curie), None)
        if left is not None:
            raise EditConflict(
                f"{curie} cannot be taken out: {left} is about it.",
                hint="Retract its statements first.",
            )

    def about(self, curie: str) -> Iterator[str]:
        """Yield the asserted statements about an entity, as the changes so far leave them."""
        yield from (name for name in self._by_end.get(curie, ()) if self._statements.get(name))
        records, index = self.snapshot.records, self.snapshot.index
        row = records.entity_row(curie)
        if row is None:
            return
        m = index.carrying
        out = np.arange(*map(int, index.out_ptr[row : row + 2]))
        into = index.in_row[slice(*map(int, index.in_ptr[row : row + 2]))]
        denying = m + np.flatnonzero((index.subject[m:] == row) | (index.object[m:] == row))
        about = np.concatenate((out, into, denying))
        for found in about[index.inferred[about] == 0].tolist():
            identifier = records.statement_id(found)
            if self.statement(identifier) is not None:
                yield identifier


_ACTIONS: Final[dict[type, Callable[[Overlay, Any, str], None]]] = {
    AddStatement: Overlay.add_statement,
    CorrectStatement: Overlay.correct_statement,
    DisputeStatement: Overlay.dispute_statement,
    DenyStatement: Overlay.deny_statement,
    RetractStatement: Overlay.retract_statement,
    AddEntity: Overlay.add_entity,
    CorrectEntity: Overlay.correct_entity,
    RetractEntity: Overlay.retract_entity,
}


def folded(edits: Sequence[Edit]) -> list[Edit]:
    """Return edits in which each thing is edited once: as it was first, and as it is last.

    What was made and taken away again leaves none.

    >>> a, b = (Entity(id="a:1", name=name) for name in ("one", "two"))
    >>> folded([Edit(entity_after=a), Edit(entity_before=a, entity_after=b)])[0].entity_after.name
    'two'
    >>> folded([Edit(entity_after=a), Edit(entity_before=a)])
    []
    >>> folded([Edit(entity_before=a), Edit(entity_after=a)])
    []
    """
    kept: dict[tuple[type, str], Edit] = {}
    for edit in edits:
        before = edit.statement_before or edit.entity_before
        after = edit.statement_after or edit.entity_after
        if before is not None:
            earlier = kept.pop((type(before), before.id), None)
        else:  # what was taken out may come back
            earlier = kept.pop((type(after), _gone(after.id)), None) if after else None
        whole = edit if earlier is None else _chained(earlier, edit)
        if after is not None:
            kept[type(after), after.id] = whole
        elif before is not None:
            kept[type(before), _gone(before.id)] = whole
    return [edit for edit in kept.values() if edit != edit.reverse]


def _refusal(refused: Sequence[tuple[str, MechKGError]]) -> MechKGError:
    """Return the error of one change that cannot be done, or one that names them all."""
    if len(refused) == 1:
        return refused[0][1]
    return ChangesRefused(
        [
            Finding(severity="error", check="change", message=str(error), where=where)
            for where, error in refused
        ]
    )


def _gone(identifier: str) -> str:
    """Return the key of a thing that was taken out: none that an identifier can be."""
    return f"\0{identifier}"


def _chained(first: Edit, second: Edit) -> Edit:
    """Return the edit that two edits of one thing come to."""
    return Edit(
        statement_before=first.statement_before,
        statement_after=second.statement_after,
        entity_before=first.entity_before,
        entity_after=second.entity_after,
    )


def _with_aspects(statement: Statement, predicate: Predicate) -> Statement:
    """Return a statement with the aspects of its predicate where it names none, as it is read."""
    return msgspec.structs.replace(
        statement,
        subject_aspect=statement.subject_aspect or predicate.subject_aspect,
        object_aspect=statement.object_aspect or predicate.object_aspect,
    )


def _require_evidence(evidence: Sequence[Evidence], where: str) -> None:
    """Raise `QueryError` unless there is evidence, each piece with a source or a publication."""
    if not evidence:
        raise QueryError(
            where, "is missing", hint="Give a publication (PMID:...) or name the source."
        )
    for number, piece in enumerate(evidence):
        if not piece.source.strip() and not piece.publications:
            raise QueryError(f"{where}[{number}]", "has neither a source nor a publication")


def _joined(first: Iterable[Evidence], second: Iterable[Evidence]) -> tuple[Evidence, ...]:
    return tuple(dict.fromkeys((*first, *second)))


def _without_evidence(statement: Statement) -> Statement:
    return msgspec.structs.replace(statement, evidence=())
