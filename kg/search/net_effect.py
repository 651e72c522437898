"""Put the verdict of a query and the counts of its paths into one result and one sentence."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import prod
from typing import Final

from mechkg.kg.model.results import NetEffect
from mechkg.kg.model.values import Assumption, Context, Effect, Hop, HopStatement
from mechkg.kg.ranking.doubt import HEDGES
from mechkg.kg.search.context_words import HUMAN
from mechkg.kg.search.verdict import Chain, Decision
from mechkg.kg.search.verdict_words import (
    Counts,
    End,
    counts_sentence,
    verdict_claim,
    verdict_sentence,
)

__all__ = ["MAX_WEIGHED", "chain_of", "net_effect_of", "silent_chain"]

MAX_WEIGHED: Final = 20
"""The best paths of a query among which the best chains are looked for, whatever its limit."""

BOLD: Final = 0.6
"""A verdict names an assumption that lets this much or less pass."""

LENGTH_WEIGHT: Final = 0.65
"""What each hop beyond the first lets pass: a longer chain is less certain."""


def chain_of(
    entities: Sequence[str],
    hops: Sequence[Hop],
    best: Sequence[HopStatement],
    effect: Effect,
    assumptions: Sequence[Assumption],
    *,
    context_weight: float = 1.0,
    associated: bool = False,
    established: bool = False,
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
    context_weight : float
        What it lets pass where its hops exclude each other in their contexts
        (`contexts.Agreement`).
    associated : bool
        Whether a hop is an association.
    established : bool
        Whether it says that the source treats a kind of the target, and no more.

    Returns
    -------
    Chain
        Its weight is the product of the hedges of its hops, of what its assumptions let pass, of
        `LENGTH_WEIGHT` for each hop beyond the first, and of `context_weight`.
        O(statements of the path).
    """
    weight = prod([HEDGES[statement.hedge] * statement.weight for statement in best])
    weight *= prod([assumption.weight for assumption in assumptions])
    weight *= context_weight
    turned = best[-1].direction == "reverse"
    return Chain(
        effect=effect,
        weight=weight * LENGTH_WEIGHT ** (len(hops) - 1),
        hedge=min(best, key=lambda statement: HEDGES[statement.hedge]).hedge,
        hops=tuple(pairwise(entities)),
        aspect=best[-1].subject_aspect if turned else best[-1].object_aspect,
        associated=associated,
        assumed=_boldest(assumptions),
        inferred=any(statement.modality == "curator_inference" for statement in best),
        context=_settings(best),
        established=established,
        statements=tuple([statement.id for hop in hops for statement in hop.statements]),
    )


def _boldest(assumptions: Sequence[Assumption]) -> str:
    """Return the reason of the assumption that lets least pass, if that is little."""
    bold = [one for one in assumptions if one.weight <= BOLD]
    return min(bold, key=lambda one: one.weight).reason if bold else ""


def _settings(best: Sequence[HopStatement]) -> tuple[Context, ...]:
    """Return the species and models of a chain, and *in vitro*; none where all is human or unsaid.

    A model counts where its statement names no species.
    """
    said = [
        Context(type=context.type, value=context.value, label=context.label)
        for statement in best
        for context in statement.context
        if context.type == "species"
        or (context.type, context.value) == ("system", "in_vitro")
        or (context.type == "model" and "species" not in {c.type for c in statement.context})
    ]
    away = any(context.value != HUMAN for context in said)
    return tuple(dict.fromkeys(said)) if away else ()


def silent_chain(hops: int) -> Chain:
    """Return a path of some hops in a graph that has neither directions, hedges nor contexts."""
    weight = LENGTH_WEIGHT ** (hops - 1)
    return Chain(effect="unknown", weight=weight, hedge="asserted", hops=(), statements=())


def net_effect_of(
    decision: Decision,
    counts: Sequence[int],
    *,
    exact: bool,
    source: End,
    target: End,
    associations: int = 0,
) -> NetEffect:
    """Return a decision with the counts of all paths (neutral, raising, lowering, unknown).

    `associations` are how many of the unknown ones are direct associations.

    >>> from mechkg.kg.model.values import PathEntity
    >>> nsc, axon = (End((PathEntity(i, name, kind),)) for i, name, kind in (
    ...     ("CL:0000047", "neural stem cell", "biolink:Cell"),
    ...     ("GO:0030424", "axon", "biolink:CellularComponent")))
    >>> net_effect_of(Decision(verdict="none", basis="none"), (0, 0, 0, 0), exact=True,
    ...               source=nsc, target=axon).sentence
    'No path leads from neural stem cells to axons.'
    """
    neutral, supports, opposes, unknown = (int(count) for count in counts)
    total = neutral + supports + opposes + unknown
    rest = neutral + unknown
    found = Counts(supports, opposes, rest, exact=exact, neutral=neutral, associations=associations)
    parts = [verdict_sentence(decision, source, target, found)]
    # A direct claim that is the only path counts itself; paths that add up to no effect need none.
    alone = exact and total == 1 and decision.basis in {"direct", "association"}
    nothing = decision.basis == "none" and found.open > 0
    if total and not alone and not nothing:
        parts.append(counts_sentence(found, mixed=decision.verdict == "both"))
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
        claim=verdict_claim(decision, source, target, found),
        sentence=" ".join(filter(None, parts)),
    )
