"""Verdicts: direct claims before trials, denials and chains; firm claims before weak ones."""

from itertools import pairwise
from typing import Any

import msgspec
import pytest

from mechkg.kg.model.values import Context, Effect, Hedge
from mechkg.kg.search.verdict import Chain, Claim, decide


def claim(effect: Effect, hedge: Hedge = "asserted", **more: Any) -> Claim:
    kind = more.pop("kind", "effect")
    return Claim(id=f"{effect}-{hedge}", kind=kind, effect=effect, hedge=hedge, **more)


def chain(effect: Effect, weight: float, *middle: int, hedge: Hedge = "asserted") -> Chain:
    rows = (0, *middle, 99)
    hops = tuple(pairwise(rows))
    return Chain(effect=effect, weight=weight, hedge=hedge, hops=hops, statements=("s",))


@pytest.mark.parametrize(
    ("claims", "verdict", "basis"),
    [
        ([claim("raises")], "raises", "direct"),
        ([claim("lowers", "hypothesised")], "lowers", "direct"),
        ([claim("raises"), claim("lowers")], "both", "direct"),
        ([claim("both")], "both", "direct"),
        ([claim("raises"), claim("lowers", "hypothesised")], "raises", "direct"),
        ([claim("raises", "contested"), claim("lowers", "hypothesised")], "lowers", "direct"),
        ([claim("raises"), claim("raises", negated=True)], "raises", "direct"),
        ([claim("raises", negated=True)], "none", "denied"),
        ([claim("none", kind="trial", outcome="met")], "lowers", "trial"),
        ([claim("none", kind="trial", outcome="not_met")], "none", "trial"),
        ([claim("none", kind="trial", outcome="not_stated")], "none", "none"),
        ([claim("raises", kind="association")], "raises", "association"),
        ([claim("unknown", kind="association")], "none", "none"),
        ([claim("lowers"), claim("none", kind="trial", outcome="not_met")], "lowers", "direct"),
        ([claim("raises", limited=True)], "none", "none"),
        ([], "none", "none"),
    ],
)
def test_direct_claims_decide_in_order(claims: list[Claim], verdict: str, basis: str) -> None:
    found = decide(claims, [])
    assert (found.verdict, found.basis) == (verdict, basis)


def test_what_was_tested_and_not_found_is_not_inferred_from_parts() -> None:
    assert decide([claim("raises", negated=True)], [chain("raises", 0.9, 1)]).basis == "denied"


def test_chains_decide_by_weight_and_weak_ones_do_not() -> None:
    assert decide([], [chain("raises", 0.6, 1), chain("lowers", 0.1, 2)]).verdict == "raises"
    assert decide([], [chain("raises", 0.6, 1), chain("lowers", 0.3, 2)]).verdict == "both"
    assert decide([], [chain("both", 0.6, 1)]).verdict == "both"
    assert decide([], [chain("unknown", 0.6, 1)]).verdict == "unknown"
    weak = decide([], [chain("raises", 0.17, 1), chain("raises", 0.17, 2)])
    assert (weak.verdict, weak.basis) == ("unknown", "weak_chains")


@pytest.mark.parametrize(
    ("left", "hedge", "tried"),
    [
        (claim("none", kind="trial", outcome="not_stated"), "suggested", True),
        (claim("unknown", kind="association"), "suggested", False),
        (claim("none", kind="association"), "suggested", False),
        (claim("unknown"), "suggested", False),
        (claim("unknown", negated=True), None, False),
        (claim("none", kind="place"), "reported", False),
    ],
)
def test_a_direct_claim_that_says_no_direction_hedges_what_chains_say(
    left: Claim, hedge: Hedge | None, tried: bool
) -> None:
    found = decide([left], [chain("lowers", 0.6, 1, hedge="reported")])
    if hedge is None:
        assert found.basis == "denied"
        return
    assert (found.verdict, found.basis, found.hedge) == ("lowers", "chains", hedge)
    assert (found.tried, found.weakest) == (tried, "reported")
    assert found.open == ((left.id,) if hedge == "suggested" else ())
    weaker = decide([left], [chain("lowers", 0.6, 1, hedge="hypothesised")])
    assert weaker.hedge == "hypothesised"


def test_a_treatment_of_a_kind_decides_before_mechanisms() -> None:
    known = chain("lowers", 0.5, 1)
    treats = msgspec.structs.replace(known, established=True)
    against = [chain("raises", 0.45, i) for i in (2, 3)]
    assert decide([], [known, *against]).verdict == "both"
    found = decide([], [treats, *against])
    assert (found.verdict, found.basis, found.established) == ("lowers", "chains", True)
    tried = claim("none", kind="trial", outcome="not_stated")
    assert decide([tried], [treats, *against]).hedge == "asserted"
    weak = msgspec.structs.replace(treats, weight=0.1)
    assert decide([], [weak, chain("raises", 0.9, 9)]).verdict == "raises"


def test_a_strong_chain_of_no_direction_lends_no_weight_to_a_weak_one_that_has_one() -> None:
    weak = decide([], [chain("unknown", 0.6, 1), chain("raises", 0.1, 2)])
    assert (weak.verdict, weak.basis, weak.weight) == ("unknown", "weak_chains", 0.1)
    fair = decide([], [chain("unknown", 0.6, 1), chain("raises", 0.2, 2)])
    assert (fair.verdict, fair.weight) == ("raises", 0.2)


def test_less_firm_claims_for_a_verdict_are_counted_apart() -> None:
    found = decide([claim("raises"), claim("raises", "suggested")], [])
    assert (found.hedge, len(found.statements), found.weaker) == ("asserted", 2, 1)


def test_associations_alone_state_no_effect() -> None:
    known, other = (
        Chain(effect="unknown", weight=0.5, hedge="asserted", hops=(), statements=(), associated=a)
        for a in (True, False)
    )
    assert decide([], [known]).associated
    assert not decide([], [known, other]).associated


def test_what_two_chains_share_counts_once() -> None:
    lowering = [chain("lowers", 0.2, 5, 6, 7), *(chain("lowers", 0.2, 5, 6, i) for i in (8, 9))]
    apart = [chain("lowers", 0.2, i, i + 20, i + 40) for i in (5, 6, 7)]
    raising = chain("raises", 0.9, 1)
    assert decide([], [raising, *apart]).verdict == "both"
    assert decide([], [raising, *lowering]).verdict == "both"
    raising = chain("raises", 1.0, 1)
    assert decide([], [raising, *(chain("lowers", 0.16, 5, i) for i in (6, 7))]).verdict == "raises"


def test_order_of_chains_and_further_weak_ones_change_nothing() -> None:
    many = [chain("raises", 0.5 - i / 100, i) for i in range(10)]
    many += [chain("lowers", 0.3, 50 + i) for i in range(20)]
    assert decide([], many) == decide([], many[::-1])
    assert decide([], many).verdict == "raises"


def test_a_verdict_names_the_firmest_hedge_and_its_statements() -> None:
    found = decide([claim("raises", "reported"), claim("raises", "suggested")], [])
    assert found.hedge == "reported"
    assert found.statements == ("raises-reported", "raises-suggested")
    assert decide([], [chain("raises", 0.3, 1, hedge="hypothesised")]).hedge == "hypothesised"


def test_chains_of_no_effect_give_no_verdict_and_trials_stay_open() -> None:
    found = decide([], [chain("none", 1.0), chain("none", 0.6, 1)])
    assert (found.verdict, found.basis) == ("none", "none")
    tried = claim("none", kind="trial", outcome="not_stated", source="s", target="t")
    open_yet = decide([tried], [chain("none", 1.0)])
    assert (open_yet.verdict, open_yet.tried, open_yet.targets) == ("unknown", True, ("t",))


def test_a_verdict_is_limited_to_the_contexts_of_its_firmest_claims() -> None:
    mice, vitro, alive = (
        Context("species", "NCBITaxon:10090"),
        Context("system", "in_vitro"),
        Context("system", "in_vivo"),
    )
    firm, weak = claim("raises"), claim("raises", "reported", context=(mice, vitro))
    assert decide([firm, weak], []).context == ()
    both = [claim("raises", context=(mice, vitro)), claim("raises", context=(mice, alive))]
    assert decide(both, []).context == (mice,)
    assert decide(both[:1], []).context == (mice, vitro)


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        ([("CIS only",)], ("CIS only",)),
        ([("CIS only",), ("CIS only",)], ("CIS only",)),
        ([("CIS only",), ()], ()),
        ([(), ()], ()),
    ],
)
def test_what_limits_every_claim_limits_the_verdict(
    limits: list[tuple[str, ...]], said: tuple[str, ...]
) -> None:
    assert decide([claim("raises", limits=one) for one in limits], []).limits == said
