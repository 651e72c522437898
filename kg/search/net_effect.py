"""Put the verdict of a query and the counts of its paths into one result and one sentence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import prod
from types import MappingProxyType
from typing import Final

from mechkg.kg.model.results import NetEffect
from mechkg.kg.model.values import Assumption, Effect, Hop, HopStatement
from mechkg.kg.ranking.doubt import HEDGES
from mechkg.kg.search.contexts import contexts_agree
from mechkg.kg.search.sentences import capitalised, context_phrase
from mechkg.kg.search.verdict import Chain, Decision

__all__ = ["MAX_WEIGHED", "chain_of", "net_effect_of", "silent_chain"]

MAX_WEIGHED: Final = 20
"""The best paths of a query among which the best chains are looked for, whatever its limit."""

CONTEXT_WEIGHT: Final = 0.7
"""What a chain lets pass whose hops were seen in different species: it is one hypothesis."""

LENGTH_WEIGHT: Final = 0.65
"""What each hop beyond the first lets pass: a longer chain is less certain."""


def chain_of(
    entities: Sequence[str],
    hops: Sequence[Hop],
    best: Sequence[HopStatement],
    effect: Effect,
    assumptions: Sequence[Assumption],
) -> Chain:
    """Return a path as the verdict weighs it.

    Parameters
    ----------
    entities : sequence of str
        The identifiers of its entities.
    hops, best : sequence of Hop, sequence of HopStatement
        Its hops, and the statement of each that lets most pass (`contexts.firmest`).
    effect, assumptions : Effect, sequence of Assumption
        Those of the path.

    Returns
    -------
    Chain
        Its weight is the product of the hedges of its hops, of what its assumptions let pass, of
        `LENGTH_WEIGHT` for each hop beyond the first, and of `CONTEXT_WEIGHT` where its hops were
        seen in species that do not meet. O(statements of the path).
    """
    weight = prod([HEDGES[statement.hedge] * statement.weight for statement in best])
    weight *= prod([assumption.weight for assumption in assumptions])
    if not contexts_agree(best):
        weight *= CONTEXT_WEIGHT
    return Chain(
        effect=effect,
        weight=weight * LENGTH_WEIGHT ** (len(hops) - 1),
        hedge=min(best, key=lambda statement: HEDGES[statement.hedge]).hedge,
        hops=tuple(pairwise(entities)),
        statements=tuple([statement.id for hop in hops for statement in hop.statements]),
    )


def silent_chain(hops: int) -> Chain:
    """Return a path of some hops in a graph that has neither directions, hedges nor contexts."""
    weight = LENGTH_WEIGHT ** (hops - 1)
    return Chain(effect="unknown", weight=weight, hedge="asserted", hops=(), statements=())


def net_effect_of(
    decision: Decision, counts: Sequence[int], *, exact: bool, source: str, target: str
) -> NetEffect:
    """Return a decision with the counts of all paths (neutral, raising, lowering, unknown).

    >>> net_effect_of(Decision(verdict="none", basis="none"), (0, 0, 0, 0), exact=True,
    ...               source="NSC", target="axon").sentence
    'No path leads from NSC to axon.'
    """
    neutral, supports, opposes, unknown = (int(count) for count in counts)
    total = neutral + supports + opposes + unknown
    parts = [_verdict_sentence(decision, source, target, found=total > 0, exact=exact)]
    if total:
        parts.append(_counts_sentence(supports, opposes, neutral + unknown, exact=exact))
    return NetEffect(
        supports=supports,
        opposes=opposes,
        neutral=neutral,
        unknown=unknown,
        exact=exact,
        verdict=decision.verdict,
        basis=decision.basis,
        hedge=decision.hedge,
        statements=decision.statements,
        context=decision.context,
        weight=round(decision.weight, 4),
        sentence=" ".join(parts),
    )


_EFFECTS: Final[MappingProxyType[str, str]] = MappingProxyType(
    {
        "raises": "{source} raises {target}",
        "lowers": "{source} lowers {target}",
        "both": "{source} both raises and lowers {target}",
        "none": "no effect of {source} on {target} is stated",
        "unknown": "no direction of effect from {source} to {target} is known",
    }
)
"""What a verdict says, by its word."""

_BY_BASIS: Final[MappingProxyType[tuple[str, str], str]] = MappingProxyType(
    {
        ("denied", "none"): "an effect of {source} on {target} is denied",
        ("trial", "none"): "{source} was tried and not shown to act on {target}",
        ("trial", "lowers"): "{source} was tried and lowers {target}",
        ("trial", "both"): "trials of {source} for {target} disagree",
        ("association", "raises"): "{source} goes along with more {target}",
        ("association", "lowers"): "{source} goes along with less {target}",
        ("association", "both"): "{source} goes along with more and with less {target}",
        ("weak_chains", "unknown"): "whether {source} raises or lowers {target} cannot be said",
    }
)
"""What it says where what it rests on carries less than an effect, by basis and word."""


def _verdict_sentence(
    decision: Decision, source: str, target: str, *, found: bool, exact: bool
) -> str:
    effect = _BY_BASIS.get((decision.basis, decision.verdict), _EFFECTS[decision.verdict])
    if decision.basis == "none" and not found:
        effect = (
            "no path leads from {source} to {target}"
            if exact
            else "no path from {source} to {target} was found before the search was cut"
        )
    reason = _reason(decision)
    said = effect.format(source=source, target=target)
    return capitalised(f"{said}: {reason}." if reason else f"{said}.")


def _reason(decision: Decision) -> str:
    count = len(decision.statements)
    claims = f"{count} claim{'' if count == 1 else 's'}"
    reason = {
        "direct": f"{claims} state{'s' if count == 1 else ''} it directly",
        "denied": claims,
        "trial": claims,
        "association": f"{claims} of association, of which no mechanism is stated",
        "chains": "by inference, as no claim says so directly",
        "weak_chains": f"the best chain weighs only {decision.weight:.2f} of a direct claim",
        "none": "",
    }[decision.basis]
    if (decision.basis, decision.verdict) == ("chains", "unknown"):
        return "none of the paths weighed has one"
    details = [*_hedge_words(decision), *_contexts(decision)]
    return f"{reason} ({'; '.join(details)})" if details and reason else reason


def _hedge_words(decision: Decision) -> Iterable[str]:
    if decision.hedge == "hypothesised":
        yield "on hypotheses alone"
    elif decision.hedge is not None and decision.hedge != "asserted":
        yield decision.hedge
    if decision.basis == "chains":
        yield f"best chain {decision.weight:.2f} of a direct claim"


def _contexts(decision: Decision) -> Iterable[str]:
    words = context_phrase(c for c in decision.context if c.type in {"species", "outcome"})
    if words:
        yield words


def _counts_sentence(supports: int, opposes: int, rest: int, *, exact: bool) -> str:
    total = supports + opposes + rest
    noun = "path" if total == 1 else "paths"
    text = (
        f"Of {'' if exact else 'at least '}{total:,} {noun} {supports:,} "
        f"raise{'s' if supports == 1 else ''} it and {opposes:,} "
        f"lower{'s' if opposes == 1 else ''} it"
    )
    return (
        f"{text}; {rest:,} {'has' if rest == 1 else 'have'} no single direction."
        if rest
        else f"{text}."
    )
