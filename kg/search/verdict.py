"""Decide what a source does to a target: direct claims, then trials, then chains.

The order is that of evidence-based reading. A direct claim decides before a chain, an asserted
one before a hypothesised one, the outcome of a trial before what a mechanism suggests; what was
tested and not found is not inferred from parts. Chains weigh the product of what their hops and
the steps between them let pass, and what two chains share counts once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, Literal

import msgspec

from mechkg.kg.model.results import Basis, Verdict
from mechkg.kg.model.values import Aspect, Context, Effect, Hedge
from mechkg.kg.ranking.doubt import HEDGES

__all__ = [
    "MAX_CHAINS",
    "MIN_WEIGHT",
    "Chain",
    "Claim",
    "ClaimKind",
    "Decision",
    "decide",
]

MIN_WEIGHT: Final = 0.18
"""A best chain below this gives no verdict: chains of many assumptions do not tell a direction."""

FIRM: Final = 0.5
"""Claims of at least this weight stand beside each other; weaker ones give way to firmer ones."""

MIXED: Final = 0.3
"""Chains are of both directions where the lesser side weighs this share of the greater one."""

MAX_CHAINS: Final = 10
"""The best chains that are weighed."""


ClaimKind = Literal["effect", "trial", "association", "place"]
"""What a direct claim states: an effect, a trial of a treatment, a statistical link, a place."""


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """A statement that joins source and target directly, as the verdict reads it.

    `kind` is `effect` where the claim states one, `trial` where a treatment was tried,
    `association` where only a statistical link is stated, and `place` where only that is, or where
    it is the target that acts on the source. `limited`
    claims hold against one kind of harm only and count as chains do. `source` and `target` are the
    entities that it joins, as the question reads it, and `aspect` is what of the target the effect
    is on. `associated` claims say what goes together (a cell expresses a gene, a disease has a
    finding), not what acts; `verb` is the plural verb of those that have a better one than *go
    with* (*express*). `limits` says in words what the claim is limited to (*in relapses*).
    """

    id: str
    kind: ClaimKind
    effect: Effect
    hedge: Hedge
    source: str = ""
    target: str = ""
    aspect: Aspect = ""
    associated: bool = False
    negated: bool = False
    limited: bool = False
    outcome: str = ""
    context: tuple[Context, ...] = ()
    verb: str = ""
    limits: tuple[str, ...] = ()


class Chain(msgspec.Struct, frozen=True, kw_only=True):
    """A path of two or more hops: its effect, weight (0 to 1), least hedge and statements.

    `hops` are the pairs of its entities; what two chains share counts once. `aspect` is what of
    the target the effect is on; `associated` is set where a hop is an association, so that things
    go together and nothing is said to act. `assumed` is the boldest assumption that it rests on,
    `inferred` is set where a hop rests on what a curator inferred. `context` names the species and
    *in vitro* where some of its evidence is neither from humans nor of no species. `established`:
    it says that the source treats a kind of the target, and no more.
    """

    effect: Effect
    weight: float
    hedge: Hedge
    hops: tuple[tuple[object, object], ...]
    statements: tuple[str, ...]
    aspect: Aspect = ""
    associated: bool = False
    assumed: str = ""
    inferred: bool = False
    context: tuple[Context, ...] = ()
    established: bool = False


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """A verdict with its reasons; `weight` is that of the best chain for it, 1 without chains.

    `sources` and `targets` are the entities that it is about, of all that were asked for, `aspect`
    is what of the targets it speaks of (empty where that differs), `outweighed` counts direct
    claims of the opposite that gave way to firmer ones, and `weaker` those for it that are less
    firm than its hedge. `associated`: its best chain goes by an association. `assumed`: the boldest
    assumption of that chain, `weakest` the hedge of its weakest claim; `inferred`: a curator
    inferred a hop of it; `established`: it rests on treatments of kinds of the target. `context`
    are the contexts that its claims share, or those of its best chain; `verb` is the one of all its
    claims. `open` are direct claims that say no direction, `tried`: whether trials are all of them.
    `limits`: what all its claims are limited to.
    """

    verdict: Verdict
    basis: Basis
    hedge: Hedge | None = None
    statements: tuple[str, ...] = ()
    context: tuple[Context, ...] = ()
    weight: float = 1.0
    sources: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    aspect: Aspect = ""
    outweighed: int = 0
    weaker: int = 0
    associated: bool = False
    assumed: str = ""
    inferred: bool = False
    verb: str = ""
    weakest: Hedge | None = None
    established: bool = False
    open: tuple[str, ...] = ()
    tried: bool = False
    limits: tuple[str, ...] = ()


def decide(claims: Iterable[Claim], chains: Sequence[Chain]) -> Decision:
    """Return the verdict of direct claims and of chains.

    Parameters
    ----------
    claims : iterable of Claim
        All statements between source and target, denied ones among them.
    chains : sequence of Chain
        Paths of two or more hops, in any order. Where a direct claim says no direction, what
        they say is at most suggested.

    Returns
    -------
    Decision
        O(claims + chains * hops).

    >>> raising = Claim(id="1", kind="effect", effect="raises", hedge="asserted")
    >>> decide([raising], []).verdict
    'raises'
    >>> doubtful = Chain(effect="lowers", weight=0.1, hedge="reported", hops=((0, 1), (1, 2)),
    ...                  statements=("2", "3"))
    >>> decide([], [doubtful]).basis
    'weak_chains'
    """
    direct = [claim for claim in claims if not claim.limited]
    for rule in (_by_effects, _by_trials, _by_denial, _by_associations):
        if decision := rule(direct):
            return decision
    decision = _with_open(_by_chains(chains), direct)
    nothing = chains and not decision.open and all(chain.effect == "none" for chain in chains)
    return Decision(verdict="none", basis="none", weight=0.0) if nothing else decision


def _with_open(decision: Decision, claims: Sequence[Claim]) -> Decision:
    """Return a decision of chains with the direct claims that leave its direction open."""
    left = [c for c in claims if not c.negated and _leaves_open(c)]
    if not left:
        return decision
    firm = decision.hedge is not None and HEDGES[decision.hedge] > HEDGES["suggested"]
    return msgspec.structs.replace(
        decision,
        sources=decision.sources or _named(claim.source for claim in left),
        targets=decision.targets or _named(claim.target for claim in left),
        open=tuple(claim.id for claim in left),
        tried=all(claim.kind == "trial" for claim in left),
        hedge="suggested" if firm and not decision.established else decision.hedge,
    )


def _leaves_open(claim: Claim) -> bool:
    """Whether a claim is about source and target, and says no direction of an effect."""
    return claim.kind in {"trial", "association"} or claim.effect == "unknown"


def _by_effects(claims: Sequence[Claim]) -> Decision | None:
    stated = [
        claim
        for claim in claims
        if claim.kind == "effect" and not claim.negated and claim.effect in _DIRECTED
    ]
    return _of_claims(stated, "direct") if stated else None


def _by_trials(claims: Sequence[Claim]) -> Decision | None:
    """Read trials: what met its endpoint lowers the disease, what did not does nothing to it."""
    met = [claim for claim in claims if claim.kind == "trial" and claim.outcome == "met"]
    missed = [claim for claim in claims if claim.kind == "trial" and claim.outcome == "not_met"]
    if not met and not missed:
        return None
    verdict: Verdict = "both" if met and missed else "lowers" if met else "none"
    return _decision(verdict, "trial", [*met, *missed])


def _by_denial(claims: Sequence[Claim]) -> Decision | None:
    denied = [claim for claim in claims if claim.negated]
    return _decision("none", "denied", denied) if denied else None


def _by_associations(claims: Sequence[Claim]) -> Decision | None:
    stated = [
        claim for claim in claims if claim.kind == "association" and claim.effect in _DIRECTED
    ]
    return _of_claims(stated, "association") if stated else None


_DIRECTED: Final = frozenset({"raises", "lowers", "both"})


def _of_claims(claims: Sequence[Claim], basis: Basis) -> Decision:
    """Return what the firm claims say; where none is firm, the firmest speak."""
    best = max(HEDGES[claim.hedge] for claim in claims)
    decisive = [c for c in claims if HEDGES[c.hedge] >= min(best, FIRM)]
    effects = {claim.effect for claim in decisive}
    verdict: Verdict = "both"
    if effects == {"raises"}:
        verdict = "raises"
    elif effects == {"lowers"}:
        verdict = "lowers"
    weaker = [c for c in claims if c not in decisive and c.effect != verdict]
    return _decision(verdict, basis, decisive, outweighed=0 if verdict == "both" else len(weaker))


def _decision(
    verdict: Verdict, basis: Basis, claims: Sequence[Claim], *, outweighed: int = 0
) -> Decision:
    aspects = {claim.aspect for claim in claims}
    hedge = max(claims, key=lambda claim: HEDGES[claim.hedge]).hedge
    return Decision(
        verdict=verdict,
        basis=basis,
        hedge=hedge,
        statements=tuple(claim.id for claim in claims),
        context=_shared_contexts([claim for claim in claims if claim.hedge == hedge]),
        sources=_named(claim.source for claim in claims),
        targets=_named(claim.target for claim in claims),
        aspect=aspects.pop() if len(aspects) == 1 else "",
        outweighed=outweighed,
        weaker=sum(claim.hedge != hedge for claim in claims),
        associated=all(claim.associated for claim in claims),
        verb=claims[0].verb if len({claim.verb for claim in claims}) == 1 else "",
        limits=claims[0].limits if len({claim.limits for claim in claims}) == 1 else (),
    )


def _named(ends: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(end for end in ends if end))


def _shared_contexts(claims: Sequence[Claim]) -> tuple[Context, ...]:
    """Return the contexts of claims, of the types that each of them names: none limits another.

    A study system is that of all claims, or none is: a review is of no system.
    """
    types = [{context.type for context in claim.context} for claim in claims]
    shared = set.intersection(*types)
    common = set.intersection(*[set(claim.context) for claim in claims])
    found = [c for claim in claims for c in claim.context if c.type in shared]
    return tuple(dict.fromkeys(c for c in found if c.type != "system" or c in common))


def _by_chains(chains: Sequence[Chain]) -> Decision:
    if not chains:
        return Decision(verdict="none", basis="none", weight=0.0)
    best = sorted(chains, key=lambda chain: -chain.weight)[:MAX_CHAINS]
    best = [c for c in best if c.established and c.weight >= MIN_WEIGHT] or best
    if best[0].weight < MIN_WEIGHT:
        return Decision(verdict="unknown", basis="weak_chains", weight=best[0].weight)
    raising, lowering = _shares(best)
    verdict = _verdict(raising, lowering)
    sides: dict[Verdict, tuple[Effect, ...]] = {
        "raises": ("raises",), "lowers": ("lowers",), "both": ("raises", "lowers", "both")
    }  # fmt: skip
    bearing = [chain for chain in best if chain.effect in sides.get(verdict, ())]
    if not bearing:
        associated = all(chain.associated for chain in best)
        return Decision(
            verdict=verdict, basis="chains", weight=best[0].weight, associated=associated
        )
    strongest = bearing[0]
    if strongest.weight < MIN_WEIGHT:
        return Decision(verdict="unknown", basis="weak_chains", weight=strongest.weight)
    return Decision(
        verdict=verdict,
        basis="chains",
        hedge=strongest.hedge,
        statements=strongest.statements,
        weight=strongest.weight,
        sources=_ends(bearing, 0),
        targets=_ends(bearing, -1),
        aspect=strongest.aspect if len({chain.aspect for chain in bearing}) == 1 else "",
        associated=strongest.associated,
        assumed=strongest.assumed,
        inferred=strongest.inferred,
        context=strongest.context,
        weakest=strongest.hedge,
        established=strongest.established,
    )


def _ends(chains: Sequence[Chain], end: Literal[0, -1]) -> tuple[str, ...]:
    """Return the entities in which chains begin (0) or end (-1), those of better chains first."""
    return tuple(dict.fromkeys(str(chain.hops[end][end]) for chain in chains if chain.hops))


def _shares(best: Sequence[Chain]) -> tuple[float, float]:
    """Return the weights that raise and that lower; hops that better chains use count once."""
    used: dict[str, set[tuple[object, object]]] = {"raises": set(), "lowers": set()}
    totals = {"raises": 0.0, "lowers": 0.0}
    for chain in best:
        for side in ("raises", "lowers"):
            if chain.effect in (side, "both"):
                fresh = [hop for hop in chain.hops if hop not in used[side]]
                totals[side] += chain.weight * len(fresh) / len(chain.hops)
                used[side].update(chain.hops)
    return totals["raises"], totals["lowers"]


def _verdict(raising: float, lowering: float) -> Verdict:
    more, less = max(raising, lowering), min(raising, lowering)
    if more == 0:
        return "unknown"
    if less / more >= MIXED:
        return "both"
    return "raises" if raising > lowering else "lowers"
