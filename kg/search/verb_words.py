"""Verb phrases of statements: number, voice, direction of the effect, hedge, denial.

A phrase comes from the predicate (`Predicate.verbs`): `singular`, `plural` and `passive`, and
`raises` and `lowers` where its statements say a direction that its own phrase does not
(*correlates negatively with*). Biolink's qualifiers are worded in its stead (*decreases the
activity of*).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from mechkg.kg.model.schema import Predicate
from mechkg.kg.model.values import Aspect, Hedge, HopStatement

__all__ = [
    "ASPECT_WORDS",
    "AUXILIARIES",
    "hedged_verb",
    "infinitive",
    "plural_verb",
    "unsaid_effect",
]

AUXILIARIES: Final = MappingProxyType(
    {"is": ("are", "be"), "has": ("have", "have"), "are": ("are", "be"), "have": ("have", "have"),
     "was": ("were", "have been"), "were": ("were", "have been"), "does": ("do", "do")}
)  # fmt: skip
"""Plural and infinitive of the auxiliaries with which a phrase may begin."""

_MODALS: Final = frozenset({"may", "might", "can", "could", "will", "would", "must", "should"})

_HEDGES: Final[MappingProxyType[Hedge, str]] = MappingProxyType(
    {
        "reported": "{be} reported {not_}to {infinitive}",
        "suggested": "may {not_}{infinitive}",
        "contested": "{be} reported, against other findings, {not_}to {infinitive}",
        "hypothesised": "{be} hypothesised {not_}to {infinitive}",
    }
)
"""How a hedge other than *asserted* is worded before the infinitive of a verb."""

_MODALITIES: Final = MappingProxyType(
    {
        "potential": "may {not_}{infinitive}",
        "possible": "may {not_}{infinitive}",
        "future_possible": "might one day be found {not_}to {infinitive}",
        "research_reported": "{be} reported {not_}to {infinitive}",
        "curator_inference": "{inferred}",
        "under_investigation": "{be} being studied for whether {pronoun} {verb}",
        "aim": "{be} meant {not_}to {infinitive}",
    }
)
"""How a modality is worded; it is finer than the hedge and speaks before it."""

ASPECT_WORDS: Final[MappingProxyType[Aspect, str]] = MappingProxyType(
    {
        "abundance": "amount",
        "activity": "activity",
        "number_of_cells": "number",
        "integrity": "integrity",
        "localization": "presence",
    }
)
"""The noun of each aspect that a sentence names; that a process occurs goes without saying."""

_DIRECTION_VERBS: Final = MappingProxyType(
    {"increased": "increases", "decreased": "decreases", "upregulated": "upregulates",
     "downregulated": "downregulates"}
)  # fmt: skip
_CONTRIBUTIONS: Final = frozenset({"contributes_to", "contribution_from"})
_SUBJECT: Final = ("subject_aspect_qualifier", "subject_direction_qualifier")
_OBJECT: Final = ("object_aspect_qualifier", "object_direction_qualifier")
_UNDIRECTED: Final = frozenset(
    {"taxonomy", "part", "place", "bridge", "identity", "trial", "participation"}
)
"""Roles whose verbs say no direction of an effect, nor are meant to."""


def plural_verb(phrase: str) -> str:
    """Return a singular verb phrase in the plural.

    >>> plural_verb("secretes"), plural_verb("is part of"), plural_verb("positively regulates")
    ('secrete', 'are part of', 'positively regulate')
    """
    first, space, rest = phrase.partition(" ")
    if first.endswith("ly") and rest:
        return f"{first} {plural_verb(rest)}"
    if first in _MODALS:
        return phrase
    if first in AUXILIARIES:
        return f"{AUXILIARIES[first][0]}{space}{rest.replace('its ', 'their ')}"
    if first.endswith(("sses", "shes", "ches", "xes", "zes")):
        first = first[:-2]
    elif first.endswith("ies"):
        first = f"{first[:-3]}y"
    elif first.endswith("s") and not first.endswith("ss"):
        first = first[:-1]
    return f"{first}{space}{rest}"


def infinitive(plural: str) -> str:
    """Return the infinitive of a plural verb phrase, without *to*.

    >>> infinitive("secrete"), infinitive("are part of")
    ('secrete', 'be part of')
    """
    first, space, rest = plural.partition(" ")
    return f"{AUXILIARIES[first][1]}{space}{rest}" if first in AUXILIARIES else plural


def hedged_verb(predicate: Predicate, statement: HopStatement, *, plural: bool) -> str:
    """Return the verb phrase of a statement as its hop walks it, hedged as its evidence.

    Parameters
    ----------
    predicate : Predicate
        The predicate of the statement; without phrases its label serves.
    statement : HopStatement
        Its direction, hedge, modality, effect and qualifiers decide the voice and the words.
    plural : bool
        Whether what stands before the verb is a plural.

    Returns
    -------
    str
        Such as *are reported to secrete* or *is bound by*. It begins with *when* where the effect
        is that of less of the subject.

    >>> secretes = Predicate(id="secretes", label="secretes", verbs={"singular": "secretes",
    ...     "plural": "secrete", "passive": "is secreted by"})
    >>> said = HopStatement(id="1", subject="a", predicate="secretes", object="b",
    ...                     direction="forward", hedge="reported")
    >>> hedged_verb(secretes, said, plural=True)
    'are reported to secrete'
    """
    verb = _hedged(predicate, statement, plural=plural)
    if predicate.role == "basis" and statement.effect == "lowers":
        # A disease rests on what it lowers only where that is impaired.
        return f"when impaired, {verb}" if statement.direction == "reverse" else f"{verb} impaired"
    return f"{_when(statement, plural=plural)}{verb}"


def _hedged(predicate: Predicate, statement: HopStatement, *, plural: bool) -> str:
    singular, many = _forms(predicate, statement)
    verb = many if plural else singular
    found_none = statement.effect == "none" and predicate.effect in {"raises", "lowers"}
    if found_none and not statement.negated:
        return f"{'were' if plural else 'was'} found not to {infinitive(many)}"
    pattern = _MODALITIES.get(statement.modality) or _HEDGES.get(statement.hedge)
    if predicate.role == "trial":
        # That a treatment was tried is a fact, whatever came of it; else it is a prospect.
        prospect = statement.hedge in {"suggested", "hypothesised"}
        pattern, verb = None, predicate.verbs.get("hedged", verb) if prospect else verb
    if pattern is None:
        return _denied(verb, many, plural=plural) if statement.negated else verb
    return pattern.format(
        be="are" if plural else "is",
        infinitive=infinitive(many),
        not_="not " if statement.negated else "",
        verb=_denied(verb, many, plural=plural) if statement.negated else verb,
        pronoun="they" if plural else "it",
        inferred=_inferred(verb),
    )


def _inferred(verb: str) -> str:
    """Return a verb of which a sentence says that it is inferred: *are, by inference, part of*."""
    first, _, rest = verb.partition(" ")
    return f"{first}, by inference, {rest}" if first in AUXILIARIES else f"by inference {verb}"


def _denied(verb: str, many: str, *, plural: bool) -> str:
    first, space, rest = verb.partition(" ")
    if first in AUXILIARIES or first in _MODALS:
        return f"{first} not{space}{rest}"
    return f"{'do' if plural else 'does'} not {infinitive(many)}"


def _forms(predicate: Predicate, statement: HopStatement) -> tuple[str, str]:
    """Return the singular and the plural verb phrase in the direction of the hop."""
    qualified = _qualified(statement)
    if statement.direction == "reverse" and not _is_mutual(predicate):
        passive = qualified[1] if qualified else _passive(predicate, statement)
        return passive, plural_verb(passive)
    if qualified:
        return qualified[0], plural_verb(qualified[0])
    directed = (
        predicate.verbs.get(statement.effect) if _adds_direction(predicate, statement) else ""
    )
    if directed:
        return directed, plural_verb(directed)
    if _loses_direction(predicate, statement):
        return "affects", "affect"
    singular = predicate.verbs.get("singular") or _finite(predicate.label)
    return singular, predicate.verbs.get("plural") or plural_verb(singular)


def _is_mutual(predicate: Predicate) -> bool:
    """Say whether a predicate reads alike both ways; a symmetric one may have a converse phrase."""
    converse = predicate.verbs.get("passive", "")
    return converse == predicate.verbs.get("singular", "") if converse else predicate.symmetric


def _passive(predicate: Predicate, statement: HopStatement) -> str:
    if _loses_direction(predicate, statement):
        return "is affected by"
    return predicate.verbs.get("passive") or _finite(
        predicate.inverse_label or f"(in reverse) {predicate.label}"
    )


def _adds_direction(predicate: Predicate, statement: HopStatement) -> bool:
    return statement.effect in {"raises", "lowers"} and statement.effect != predicate.effect


def _loses_direction(predicate: Predicate, statement: HopStatement) -> bool:
    """Say whether a verb of one direction is that of a statement whose direction is not known."""
    known = predicate.effect in {"raises", "lowers"} and predicate.role not in _UNDIRECTED
    return known and statement.effect == "unknown" and predicate.role in {"effect", "condition"}


def unsaid_effect(predicate: Predicate, statement: HopStatement) -> str:
    """Return what the verb of a statement does not say of its effect, empty where it says all.

    >>> touches = Predicate(id="p", label="touches")
    >>> said = HopStatement(id="1", subject="a", predicate="p", object="b", direction="forward",
    ...                     effect="lowers", sign=-1)
    >>> unsaid_effect(touches, said)
    'lowering it'
    """
    if not _adds_direction(predicate, statement) or _qualified(statement):
        return ""
    if predicate.role in _UNDIRECTED or predicate.role == "basis":
        return ""
    passive = statement.direction == "reverse" and not _is_mutual(predicate)
    if predicate.verbs.get(statement.effect) and not passive:
        return ""
    raises = statement.effect == "raises"
    if predicate.role == "association" or predicate.generic:
        return f"a {'positive' if raises else 'negative'} association"
    if passive:
        return "being raised" if raises else "being lowered"
    return "raising it" if raises else "lowering it"


def _qualifiers(statement: HopStatement) -> Mapping[str, str]:
    return {q.type.rpartition(":")[2]: q.value.rpartition(":")[2] for q in statement.qualifiers}


def _qualified(statement: HopStatement) -> tuple[str, str] | None:
    """Return the active and passive phrase that Biolink's object qualifiers give a statement."""
    if not statement.qualifiers:
        return None
    said = _qualifiers(statement)
    aspect, direction = (said.get(slot, "") for slot in _OBJECT)
    if not aspect and not direction:
        return None
    noun = aspect.replace("_", " ")
    of = f" the {noun} of" if noun else ""
    if said.get("qualified_predicate") in _CONTRIBUTIONS and direction:
        change = "an increase" if direction in {"increased", "upregulated"} else "a decrease"
        where = f" in the {noun} of" if noun else " of"
        return f"contributes to {change}{where}", f"has {change} of its {noun or 'amount'} from"
    if direction not in _DIRECTION_VERBS:
        return f"affects{of}", f"has its {noun} affected by" if noun else "is affected by"
    verb = _DIRECTION_VERBS[direction]
    return f"{verb}{of}", f"has its {noun} {direction} by" if noun else f"is {direction} by"


def _when(statement: HopStatement, *, plural: bool) -> str:
    """Return *when its expression is decreased*, where the effect is that of such a subject."""
    if not statement.qualifiers or statement.direction == "reverse":
        return ""
    said = _qualifiers(statement)
    aspect, direction = (said.get(slot, "").replace("_", " ") for slot in _SUBJECT)
    if direction not in _DIRECTION_VERBS:
        return f"through {'their' if plural else 'its'} {aspect} " if aspect else ""
    if aspect:
        return f"when {'their' if plural else 'its'} {aspect} is {direction}, "
    return f"when {direction}, "


def _finite(label: str) -> str:
    """Return a label as a finite verb: *part of* needs an *is*, *secretes* does not."""
    for word in label.split():
        if word.endswith("s") and not word.endswith(("ss", "us", "is")):
            return label
        if not word.endswith("ly"):
            break
    begin = label.split(" ", maxsplit=1)[0]
    return label if begin in AUXILIARIES or begin in _MODALS else f"is {label}"
