"""Everything of a statement beside its identifier and its triple.

Millions of statements share few particulars (a table names one source, a knowledge base a handful
of evidence levels), so a bulk load keeps each distinct one once and a number for each statement.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from mechkg.kg.model.values import ASSERTED, Evidence, Qualifier, Sign, Statement

__all__ = ["Particulars", "particulars_of", "statement_with", "united"]


class Particulars(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a source says about a triple; the fields are those of `kg.model.values.Statement`.

    `sign` is that of the statement's predicate (`"predicate"`) unless the source states one.

    >>> Particulars().sign, Particulars(negated=True).negated
    ('predicate', True)
    """

    sign: Sign | Literal["predicate"] | None = "predicate"
    negated: bool = False
    modality: str = ASSERTED
    qualifiers: tuple[Qualifier, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    derived_from: tuple[str, ...] = ()
    note: str = ""
    attributes: dict[str, str] = msgspec.field(default_factory=dict)


def particulars_of(statement: Statement) -> Particulars:
    """Return the particulars of a statement, its sign as it stands.

    >>> particulars_of(Statement(id="x", subject="a", predicate="p", object="b", sign=1)).sign
    1
    """
    return Particulars(
        sign=statement.sign,
        negated=statement.negated,
        modality=statement.modality,
        qualifiers=statement.qualifiers,
        evidence=statement.evidence,
        derived_from=statement.derived_from,
        note=statement.note,
        attributes=statement.attributes,
    )


def statement_with(
    particulars: Particulars,
    *,
    id: str,
    subject: str,
    predicate: str,
    object: str,
    sign: Sign | None,
) -> Statement:
    """Return the statement of a triple with particulars; `sign` is the one in the index.

    >>> statement_with(Particulars(note="n"), id="x", subject="a", predicate="p", object="b",
    ...                sign=None).note
    'n'
    """
    return Statement(
        id=id,
        subject=subject,
        predicate=predicate,
        object=object,
        sign=sign,
        negated=particulars.negated,
        modality=particulars.modality,
        qualifiers=particulars.qualifiers,
        evidence=particulars.evidence,
        derived_from=particulars.derived_from,
        note=particulars.note,
        attributes=particulars.attributes,
    )


def united(first: Particulars, second: Particulars) -> Particulars | None:
    """Return both as one claim with the evidence of both, None where they say different things.

    Two sources say the same of a triple if everything but their evidence agrees.

    >>> a = Particulars(evidence=(Evidence(kind="database", source="a"),))
    >>> b = Particulars(evidence=(Evidence(kind="database", source="b"),))
    >>> [e.source for e in united(a, b).evidence], united(a, Particulars(negated=True))
    (['a', 'b'], None)
    """
    bare = msgspec.structs.replace
    if bare(first, evidence=()) != bare(second, evidence=()):
        return None
    evidence = tuple(dict.fromkeys((*first.evidence, *second.evidence)))
    return bare(first, evidence=evidence)
