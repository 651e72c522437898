"""What a curator asks for, what it did, and how both are written in the log."""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from mechkg.kg.errors import Finding
from mechkg.kg.model.values import (
    ASSERTED,
    Aspect,
    Context,
    Effect,
    Entity,
    Evidence,
    Hedge,
    Qualifier,
    Statement,
    SynonymKind,
)

__all__ = [
    "MAX_CHANGES",
    "Accepted",
    "AddEntity",
    "AddStatement",
    "Change",
    "Changeset",
    "CorrectEntity",
    "CorrectStatement",
    "DenyStatement",
    "DisputeStatement",
    "Edit",
    "EntityFields",
    "Event",
    "Proposed",
    "Rejected",
    "RetractEntity",
    "RetractStatement",
    "StatementFields",
    "Status",
]

MAX_CHANGES: Final = 10_000
"""Changes that one changeset may have."""

Status = Literal["proposed", "accepted", "rejected"]
Identifier = Annotated[str, Meta(min_length=1, max_length=2_000)]
Text = Annotated[str, Meta(max_length=20_000)]
Pieces = Annotated[tuple[Evidence, ...], Meta(max_length=1_000)]


class StatementFields(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The members of a statement that a correction sets; those that are left out stay.

    >>> StatementFields(effect="lowers").hedge is UNSET
    True
    """

    subject: Identifier | UnsetType = UNSET
    predicate: Identifier | UnsetType = UNSET
    object: Identifier | UnsetType = UNSET
    effect: Effect | UnsetType = UNSET
    subject_aspect: Aspect | UnsetType = UNSET
    object_aspect: Aspect | UnsetType = UNSET
    action: Text | UnsetType = UNSET
    weight: Annotated[float, Meta(ge=0, le=1)] | UnsetType = UNSET
    negated: bool | UnsetType = UNSET
    hedge: Hedge | UnsetType = UNSET
    modality: Identifier | UnsetType = UNSET
    context: tuple[Context, ...] | UnsetType = UNSET
    qualifiers: tuple[Qualifier, ...] | UnsetType = UNSET
    evidence: Pieces | UnsetType = UNSET
    note: Text | UnsetType = UNSET
    attributes: dict[str, str] | UnsetType = UNSET


class EntityFields(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The members of an entity that a correction sets; those that are left out stay."""

    name: Identifier | UnsetType = UNSET
    category: Identifier | UnsetType = UNSET
    synonyms: tuple[str, ...] | UnsetType = UNSET
    synonym_kinds: dict[str, SynonymKind] | UnsetType = UNSET
    description: Text | UnsetType = UNSET
    xrefs: tuple[str, ...] | UnsetType = UNSET
    provided_by: tuple[str, ...] | UnsetType = UNSET
    attributes: dict[str, str] | UnsetType = UNSET


class _Change(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True,
              tag_field="op"):  # fmt: skip
    """One change; `op` says which."""


class AddStatement(_Change, frozen=True, kw_only=True, tag="add_statement"):
    """Add a statement, with evidence. Without an `id`, it is named by what it says.

    Its ends must be entities of the graph, or added by the same changeset. `effect` is that of the
    predicate where it is left out. Where the graph says the same already, the evidence is added.
    """

    subject: Identifier
    predicate: Identifier
    object: Identifier
    evidence: Pieces
    id: Annotated[str, Meta(max_length=500)] = ""
    effect: Effect | UnsetType = UNSET
    subject_aspect: Aspect = ""
    object_aspect: Aspect = ""
    action: Text = ""
    weight: Annotated[float, Meta(ge=0, le=1)] = 1.0
    negated: bool = False
    hedge: Hedge = "asserted"
    modality: Identifier = ASSERTED
    context: tuple[Context, ...] = ()
    qualifiers: tuple[Qualifier, ...] = ()
    note: Text = ""
    attributes: dict[str, str] = msgspec.field(default_factory=dict)


class CorrectStatement(_Change, frozen=True, kw_only=True, tag="correct_statement"):
    """Set members of a statement; `evidence` says on what grounds, and is added to it."""

    id: Identifier
    set: StatementFields
    evidence: Pieces = ()


class DisputeStatement(_Change, frozen=True, kw_only=True, tag="dispute_statement"):
    """Mark a statement as contested, with the evidence that speaks against it."""

    id: Identifier
    evidence: Pieces
    note: Text = ""


class DenyStatement(_Change, frozen=True, kw_only=True, tag="deny_statement"):
    """Add the denial of a statement, with its evidence; the statement itself stays."""

    id: Identifier
    evidence: Pieces
    note: Text = ""


class RetractStatement(_Change, frozen=True, kw_only=True, tag="retract_statement"):
    """Take a statement out of the graph; the log keeps it."""

    id: Identifier


class AddEntity(_Change, frozen=True, kw_only=True, tag="add_entity"):
    """Add an entity."""

    id: Identifier
    name: Identifier
    category: Identifier = "biolink:NamedThing"
    synonyms: tuple[str, ...] = ()
    synonym_kinds: dict[str, SynonymKind] = msgspec.field(default_factory=dict)
    description: Text = ""
    xrefs: tuple[str, ...] = ()
    provided_by: tuple[str, ...] = ()
    attributes: dict[str, str] = msgspec.field(default_factory=dict)


class CorrectEntity(_Change, frozen=True, kw_only=True, tag="correct_entity"):
    """Set members of an entity."""

    id: Identifier
    set: EntityFields


class RetractEntity(_Change, frozen=True, kw_only=True, tag="retract_entity"):
    """Take an entity out of the graph, once no statement is about it."""

    id: Identifier


Change = (
    AddStatement
    | CorrectStatement
    | DisputeStatement
    | DenyStatement
    | RetractStatement
    | AddEntity
    | CorrectEntity
    | RetractEntity
)


class Edit(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a changeset did to one statement or entity: as it was, and as it is.

    Where there is no `before`, it was added; where there is no `after`, retracted.
    """

    statement_before: Statement | None = None
    statement_after: Statement | None = None
    entity_before: Entity | None = None
    entity_after: Entity | None = None

    @property
    def reverse(self) -> Edit:
        """The edit that takes this one back."""
        return Edit(
            statement_before=self.statement_after,
            statement_after=self.statement_before,
            entity_before=self.entity_after,
            entity_after=self.entity_before,
        )

    @property
    def names(self) -> tuple[str, ...]:
        """The identifiers, as it was and as it is, of what was edited."""
        both = (
            self.statement_before or self.entity_before,
            self.statement_after or self.entity_after,
        )
        return tuple(dict.fromkeys(value.id for value in both if value is not None))


class Changeset(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Changes that belong together, with who asks for them, when and why.

    `base` is the version that its author saw; `version` the one that it gave, once accepted.
    `undoes` is the changeset that this one takes back. `findings` are those of the checks, for its
    reviewer, and `warnings` their sentences.
    """

    id: str
    status: Status
    author: str
    time: str
    reason: str
    changes: tuple[Change, ...] = ()
    undoes: str = ""
    base: str = ""
    version: str = ""
    reviewer: str = ""
    review_time: str = ""
    review_reason: str = ""
    findings: tuple[Finding, ...] = ()
    warnings: tuple[str, ...] = ()
    edits: tuple[Edit, ...] = ()


class Proposed(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="proposed"):
    """A changeset that waits for review; `key` is its client's idempotency key."""

    id: str
    author: str
    time: str
    reason: str
    base: str
    changes: tuple[Change, ...] = ()
    undoes: str = ""
    key: str = ""
    request: str = ""
    findings: tuple[Finding, ...] = ()


class Accepted(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="accepted"):
    """A changeset was applied to the version `base` and gave the version `version`.

    `warnings` are the findings of records that were written before these had a form.
    """

    id: str
    reviewer: str
    time: str
    base: str
    version: str
    edits: tuple[Edit, ...]
    findings: tuple[Finding, ...] = ()
    warnings: tuple[str, ...] = ()


class Rejected(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="rejected"):
    """A changeset was not accepted."""

    id: str
    reviewer: str
    time: str
    reason: str


Event = Proposed | Accepted | Rejected
