"""Everything of a statement beside its identifier and its triple, in the three forms of a build.

Millions of statements share few annotations (a table names one source, a knowledge base a handful
of evidence levels), so a build keeps each distinct one once and a number per statement. What a
search reads (`Semantics`) is numbered apart from what only answers show (`Annotations.shown`).
"""

from __future__ import annotations

from typing import Any, Final, Literal

import msgspec

from mechkg.kg.model.values import (
    ASSERTED,
    CONTEXT_TYPES,
    Aspect,
    Context,
    Effect,
    Evidence,
    Hedge,
    Qualifier,
    Statement,
)

__all__ = [
    "BARE",
    "Annotations",
    "Semantics",
    "annotations_of",
    "context_order",
    "is_bare",
    "qualifier_order",
    "semantics_of",
    "statement_of",
]


class Annotations(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a source says about a triple; the fields are those of `kg.model.values.Statement`.

    `effect` is `"predicate"` where the source states none: that of the predicate holds.

    >>> Annotations().effect, Annotations(negated=True).negated
    ('predicate', True)
    """

    effect: Effect | Literal["predicate"] = "predicate"
    subject_aspect: Aspect = ""
    object_aspect: Aspect = ""
    action: str = ""
    weight: float = 1.0
    negated: bool = False
    hedge: Hedge = "asserted"
    modality: str = ASSERTED
    context: tuple[Context, ...] = ()
    qualifiers: tuple[Qualifier, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    derived_from: tuple[str, ...] = ()
    note: str = ""
    attributes: dict[str, str] = msgspec.field(default_factory=dict)

    @property
    def shown(self) -> Annotations:
        """The part that only answers show: without what the columns of an index hold.

        >>> Annotations(negated=True, hedge="reported").shown == BARE
        True
        """
        # A default that was read from a file is written out, unless it is the very same object.
        modality = ASSERTED if self.modality == ASSERTED else self.modality
        return msgspec.structs.replace(self, **_COLUMNS, modality=modality)


BARE: Final = Annotations()
"""The annotations of a statement that is no more than a triple."""


class Semantics(msgspec.Struct, frozen=True, order=True, kw_only=True, omit_defaults=True):
    """What a search must know of a statement beside its triple and its sign.

    A snapshot numbers the distinct ones; code 0 is `Semantics()`, in which predicate and sign
    decide. An empty aspect is that of the predicate. `both` marks an effect known to go both ways,
    whose sign is unknown.

    >>> Semantics().hedge
    'asserted'
    """

    both: bool = False
    subject_aspect: Aspect = ""
    object_aspect: Aspect = ""
    action: str = ""
    weight: float = 1.0
    hedge: Hedge = "asserted"


_FIELDS: Final = tuple(name for name in Annotations.__struct_fields__ if name != "effect")
_COLUMNS: Final[dict[str, Any]] = {
    name: getattr(BARE, name)
    for name in ("effect", "negated", *Semantics.__struct_fields__)
    if name != "both"
}


def annotations_of(statement: Statement) -> Annotations:
    """Return the annotations of a statement, its effect as it stands.

    >>> annotations_of(Statement(id="x", subject="a", predicate="p", object="b", sign=1)).effect
    'raises'
    """
    fields = {name: getattr(statement, name) for name in _FIELDS}
    return Annotations(effect=statement.effect, **fields)


def semantics_of(annotations: Annotations | Statement) -> Semantics:
    """Return what a search must know of a statement with these annotations.

    >>> semantics_of(Annotations(hedge="reported")).hedge
    'reported'
    """
    return Semantics(
        both=annotations.effect == "both",
        subject_aspect=annotations.subject_aspect,
        object_aspect=annotations.object_aspect,
        action=annotations.action,
        weight=annotations.weight,
        hedge=annotations.hedge,
    )


def statement_of(
    annotations: Annotations, *, id: str, subject: str, predicate: str, object: str
) -> Statement:
    """Return the statement of a triple with annotations; an effect not stated is unknown.

    >>> statement_of(Annotations(note="n"), id="x", subject="a", predicate="p", object="b").note
    'n'
    """
    fields = {name: getattr(annotations, name) for name in _FIELDS}
    effect = annotations.effect
    return Statement(
        id=id,
        subject=subject,
        predicate=predicate,
        object=object,
        effect="unknown" if effect == "predicate" else effect,
        **fields,
    )


def context_order(context: Context) -> tuple[int, str]:
    """Return the place of a context among those of a statement: by type, then value.

    >>> context_order(Context("stage", "adult")) > context_order(Context("species", "rat"))
    True
    """
    return CONTEXT_TYPES.index(context.type), context.value


def qualifier_order(qualifier: Qualifier) -> tuple[str, str]:
    """Return the place of a qualifier among those of a statement: by type, then value.

    >>> qualifier_order(Qualifier("route", "oral"))
    ('route', 'oral')
    """
    return qualifier.type, qualifier.value


def is_bare(statement: Statement | Annotations) -> bool:
    """Say whether nothing is left to show beside the columns of an index.

    >>> is_bare(Statement(id="", subject="a:1", predicate="binds", object="a:2"))
    True
    """
    return not (
        statement.evidence
        or statement.context
        or statement.qualifiers
        or statement.derived_from
        or statement.note
        or statement.attributes
        or statement.modality != ASSERTED
    )
