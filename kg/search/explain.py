"""Word paths: sentences, weakest links, conflicts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Final, Literal

from mechkg.kg.model.schema import Predicate
from mechkg.kg.model.values import EFFECT_OF_SIGN, Effect, HopStatement, PathEntity, Sign

__all__ = [
    "MARK",
    "conflict_of",
    "explain_path",
    "hop_effect",
    "hop_phrase",
    "hop_sign",
    "path_effect",
    "path_sign",
    "statement_phrase",
]

MARK: Final = "(association, no mechanism is stated)"
"""Stands in the explanation of a path that is one generic statement."""

WEAK: Final = 0.4
"""From this doubt on, a path's weakest hop is named."""

_WORDING: Final = MappingProxyType(
    {
        "potential": "potentially {}",
        "possible": "possibly {}",
        "future_possible": "may in future be found to: {}",
        "research_reported": "reportedly {}",
        "curator_inference": "by inference {}",
    }
)
"""How a modality is worked into a sentence; others follow in brackets."""

_PLAIN: Final = frozenset({"asserted", "asserted_negative"})


def hop_sign(effects: Iterable[tuple[Sign | None, bool]]) -> Sign | None:
    """Return the sign of a hop from (sign, turned) of its statements, None for unknown.

    `turned` statements are walked against their direction and are not symmetric. Statements along
    the path decide where there are any; a direction wins over none and over an unknown one, but
    +1 beside -1 is unknown. Against their direction, a statement that has any direction says
    nothing of the effect along the path.

    >>> hop_sign([(0, False), (1, False)]), hop_sign([(1, False), (-1, False)])
    (1, None)
    >>> hop_sign([(1, True)]), hop_sign([(0, True)])
    (None, 0)
    """
    along: set[Sign | None] = set()
    against: set[Sign | None] = set()
    for sign, turned in effects:
        (against if turned else along).add(sign)
    if not along:
        return 0 if against <= {0} else None
    directed = along - {0, None}
    if directed:
        return directed.pop() if len(directed) == 1 else None
    return None if None in along else 0


def hop_effect(sign: Sign | None, along: Collection[Effect]) -> Effect:
    """Return the effect of a hop of some sign from its statements along the path.

    An unknown sign is *both* where statements oppose each other or one says both.

    >>> hop_effect(None, ["raises", "lowers"]), hop_effect(None, ["unknown"]), hop_effect(1, [])
    ('both', 'unknown', 'raises')
    """
    if sign is None and ("both" in along or {"raises", "lowers"} <= set(along)):
        return "both"
    return EFFECT_OF_SIGN[sign]


def path_effect(sign: Sign | None, effects: Collection[Effect]) -> Effect:
    """Return the effect of a path of some sign from those of its hops.

    >>> path_effect(None, ["both", "raises"]), path_effect(None, ["both", "unknown"])
    ('both', 'unknown')
    """
    if sign is None and "both" in effects and "unknown" not in effects:
        return "both"
    return EFFECT_OF_SIGN[sign]


def path_sign(signs: Iterable[Sign | None]) -> Sign | None:
    """Return the product of hop signs, None where one is unknown.

    >>> path_sign([1, -1]), path_sign([0, -1]), path_sign([0, None])
    (-1, 0, None)
    """
    product: int = 1
    unknown = False
    for sign in signs:
        unknown = unknown or sign is None
        product *= sign or 0
    return None if unknown else _SIGNS[product]


_SIGNS: Final[Mapping[int, Sign]] = MappingProxyType({-1: -1, 0: 0, 1: 1})


def hop_phrase(
    statements: Sequence[HopStatement], doubts: Sequence[float], predicates: Mapping[str, Predicate]
) -> str:
    """Return the verb phrase of a hop: its firmest statements' predicates, at most three.

    Statements along the path speak for the hop where there are any; a reversed one is worded by
    the inverse of its predicate.

    >>> p = {"secretes": Predicate(id="secretes", label="secretes", inverse_label="secreted by")}
    >>> s = HopStatement(id="1", subject="a", predicate="secretes", object="b",
    ...                  direction="reverse", modality="possible")
    >>> hop_phrase([s], [0.5], p)
    'possibly is secreted by'
    """
    ordered = sorted(
        range(len(statements)),
        key=lambda i: (statements[i].direction == "reverse", doubts[i], statements[i].id),
    )
    best = statements[ordered[0]].direction
    phrases: dict[str, str] = {}
    for i in ordered:
        said = statements[i]
        if said.direction == best:
            phrases.setdefault(said.predicate, statement_phrase(said, predicates[said.predicate]))
    *others, last = list(phrases.values())[:3]
    return f"{', '.join(others)} and {last}" if others else last


def explain_path(
    entities: Sequence[PathEntity],
    phrases: Sequence[str],
    doubts: Sequence[float],
    conflicts: Sequence[str] = (),
) -> str:
    """Return a path as a sentence, with its weakest link and its conflicts where it has any.

    `phrases` and `doubts` (the least of each hop) have one element a hop.

    >>> nsc, gdnf, neuron = (PathEntity(c, n, "") for c, n in (
    ...     ("CL:0000047", "neural stem cell"), ("HGNC:4232", "GDNF"), ("CL:0000540", "neuron")))
    >>> explain_path((nsc, gdnf, neuron), ("secretes", "protects"), (0.1, 0.1))
    'neural stem cell secretes GDNF, which protects neuron.'
    """
    clauses = [f"{phrase} {entities[i].name}" for i, phrase in enumerate(phrases, 1)]
    text = f"{entities[0].name} {', which '.join(clauses)}."
    worst = max(doubts)
    if worst >= WEAK and worst > min(doubts):
        hop = doubts.index(worst)
        text += f" Weakest link: {entities[hop].name} {clauses[hop]}."
    return " ".join([text, *conflicts]) if conflicts else text


def conflict_of(
    statements: Sequence[HopStatement], predicates: Mapping[str, Predicate], one: str, other: str
) -> str:
    """Return a sentence where a hop's statements along the path oppose each other, else ''."""
    along = [s for s in statements if s.direction == "forward" or predicates[s.predicate].symmetric]
    raising = next((s for s in along if s.sign == 1), None)
    lowering = next((s for s in along if s.sign == -1), None)
    if raising is None or lowering is None:
        return ""
    words = [_verb(predicates[s.predicate].label) for s in (raising, lowering)]
    return f"Sources disagree: {one} {words[0]} or {words[1]} {other}."


def statement_phrase(said: HopStatement, predicate: Predicate) -> str:
    """Return the verb phrase of one statement, with the wording of its modality.

    >>> statement_phrase(
    ...     HopStatement(id="1", subject="a", predicate="part_of", object="b",
    ...                  direction="forward", modality="under_investigation"),
    ...     Predicate(id="part_of", label="part of"))
    'is part of (under investigation)'
    """
    label = predicate.label
    if said.direction == "reverse" and not predicate.symmetric:
        label = predicate.inverse_label or f"(reversed) {label}"
    words = _verb(label)
    if said.modality in _PLAIN:
        return words
    wording = _WORDING.get(said.modality)
    if wording:
        return wording.format(words)
    return f"{words} ({said.modality.replace('_', ' ')})"


def _verb(label: str) -> str:
    """Return a label as a verb phrase: `part of` needs an `is`, `secretes` does not."""
    for word in label.split():
        if word.endswith("s") and not word.endswith(("ss", "us", "is")):
            return label
        if not word.endswith("ly"):
            break
    return f"is {label}"
