"""Word a verdict: what the source does to which aspect of the target, hedged as its evidence.

The verb is that of the field: a process is promoted, the risk or severity of a disease is raised,
the number of cells or the amount of a protein is. It is finite only where a claim asserts it:
*is reported to promote*, *may lower*; what follows from chains *is inferred to*.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from types import MappingProxyType
from typing import Final, NamedTuple

import msgspec

from mechkg.kg.model.nouns import is_measure, is_process, listed
from mechkg.kg.model.values import Aspect, Hedge, PathEntity
from mechkg.kg.search.context_words import context_phrase
from mechkg.kg.search.sentences import MAX_NAMED, capitalised, named
from mechkg.kg.search.verb_words import ASPECT_WORDS
from mechkg.kg.search.verdict import MIN_WEIGHT, Decision

__all__ = ["Counts", "End", "counts_sentence", "verdict_claim", "verdict_sentence"]


class Counts(NamedTuple):
    """How many paths raise, lower and do neither; `exact` is False where counting was cut.

    Of the rest, `neutral` counts those by which no effect is meant, and `associations` the direct
    associations, which have no mechanism.
    """

    raising: int
    lowering: int
    rest: int
    exact: bool
    neutral: int = 0
    associations: int = 0

    @property
    def total(self) -> int:
        """All paths that were counted."""
        return self.raising + self.lowering + self.rest

    @property
    def open(self) -> int:
        """Those that have an effect whose direction is not known."""
        return self.rest - self.neutral - self.associations


class End(msgspec.Struct, frozen=True):
    """One side of a question: the entities asked for, and those that the verdict is about.

    `entities` are the first `MAX_NAMED` of `count`; `widened` is set where subclasses were taken
    in. `spoken` are those that the verdict rests on, where these are among many or subclasses.

    >>> End((PathEntity("CL:0000127", "astrocyte", "biolink:Cell"),)).phrase()
    ('astrocytes', True)
    """

    entities: tuple[PathEntity, ...]
    count: int = 1
    widened: bool = False
    spoken: tuple[PathEntity, ...] = ()

    def phrase(self) -> tuple[str, bool]:
        """Return the words for all that was asked, and whether they are a plural."""
        words, plural = named(self.entities, self.count)
        return (f"{words} (with subclasses)" if self.widened else words), plural

    def spoken_phrase(self) -> tuple[str, bool]:
        """Return the words for what the verdict is about: subclasses are named as such."""
        asked = {entity.id for entity in self.entities}
        spoken = {entity.id for entity in self.spoken}
        if not spoken or (len(asked) == self.count and spoken >= asked):
            return named(self.entities, self.count)
        words, plural = named(self.spoken)
        if not self.widened or spoken & asked:
            return words, plural
        kind = "kinds" if len(self.spoken) > 1 else "a kind"
        return f"{words} ({kind} of {_bare(self.entities)})", plural


def _bare(entities: Sequence[PathEntity]) -> str:
    return listed([entity.name for entity in entities[:MAX_NAMED]])


class _Wording(NamedTuple):
    """Verbs of the field for one kind of target, and how its aspect is called where none is said.

    `finding` says whether what happens is the target itself (a process), not a measure of it.
    """

    raises: str
    lowers: str
    aspect: str = ""


_PLAIN: Final = _Wording("raise", "lower")
_PROCESS: Final = _Wording("promote", "inhibit")
_CONDITION: Final = _Wording("raise", "lower", "risk or severity")
_WORDINGS: Final = MappingProxyType(
    {
        **dict.fromkeys(
            ("BiologicalProcess", "BiologicalProcessOrActivity", "MolecularActivity",
             "MolecularFunction", "Pathway", "PhysiologicalProcess", "PathologicalProcess",
             "Behavior", "PathologicalAnatomicalStructure"),
            _PROCESS,
        ),
        **dict.fromkeys(
            ("Disease", "DiseaseOrPhenotypicFeature", "PhenotypicFeature", "BehavioralFeature",
             "ClinicalFinding", "Symptom", "SideEffect"),
            _CONDITION,
        ),
        "Cell": _Wording("raise", "lower", "number or function"),
        **dict.fromkeys(
            ("Gene", "Protein", "GeneOrGeneProduct", "GeneFamily", "Polypeptide", "RNAProduct",
             "ChemicalEntity", "SmallMolecule", "MolecularEntity", "Drug", "Compound",
             "MacromolecularComplex"),
            _Wording("raise", "lower", "amount or activity"),
        ),
        **dict.fromkeys(
            ("AnatomicalEntity", "GrossAnatomicalStructure", "CellularComponent", "Anatomy"),
            _Wording("raise", "lower", "integrity or function"),
        ),
        **dict.fromkeys(("Treatment", "Procedure"), _Wording("raise", "lower", "efficacy")),
    }
)  # fmt: skip
"""How an effect on a target is worded, by its category."""

_EFFICACY: Final = frozenset({"Treatment", "Procedure"})

_HEDGED: Final[MappingProxyType[Hedge, str]] = MappingProxyType(
    {
        "asserted": "{verb}",
        "reported": "{be} reported to {infinitive}",
        "suggested": "may {infinitive}",
        "contested": "{be} reported, against other findings, to {infinitive}",
        "hypothesised": "{be} hypothesised to {infinitive}",
    }
)
_INFERRED: Final[MappingProxyType[Hedge, str]] = MappingProxyType(
    {
        "asserted": "{be} inferred to {infinitive}",
        "reported": "{be} inferred to {infinitive}",
        "suggested": "may {infinitive}",
        "contested": "may {infinitive}",
        "hypothesised": "may {infinitive}",
    }
)
"""How a verdict is hedged by the firmest claim, and by the weakest hop of its best chain."""

_OTHERWISE: Final[MappingProxyType[tuple[str, str], str]] = MappingProxyType(
    {
        ("denied", "none"): "an effect of {source} on {target} is denied",
        ("trial", "none"): "{source} {was} tried and not shown to act on {target}",
        ("trial", "lowers"): "{source} {was} tried for {target}, and met the primary endpoint",
        ("trial", "both"): "trials of {source} for {target} disagree",
        ("association", "raises"): "{source} {be} positively associated with {target}",
        ("association", "lowers"): "{source} {be} negatively associated with {target}",
        ("association", "both"): "{source} {be} associated with {target} both ways",
        ("chains", "both"): "the evidence on whether {source} {either} points both ways",
        ("weak_chains", "unknown"): "whether {source} {either} cannot be said",
        ("weak_chains", "raises"): "evidence that {source} {raises} is too weak for a verdict",
        ("weak_chains", "lowers"): "evidence that {source} {lowers} is too weak for a verdict",
        ("tried", "unknown"): "{source} {was} tried for {target}, and no outcome is stated",
        ("none", "none"): "no effect of {asked} on {wanted} is stated",
    }
)  # fmt: skip
"""What a verdict says where it is no effect, by basis and word."""

_FIRM: Final = frozenset({None, "asserted", "reported"})
_SAID_CONTEXTS: Final = frozenset({"species", "model", "system", "outcome"})
"""Kinds of context that a verdict names."""

_OPEN: Final = ("leaves the direction open", "leave the direction open")
"""What paths do whose effect is unknown or both: one of them, and several."""

_MIXED: Final = ("points both ways or nowhere", "point both ways or nowhere")
"""What they do where some of them are of both directions."""

_NEUTRAL: Final = ("states a link, not an effect", "state a link, not an effect")
"""What paths do by which no effect is meant: a place, a kind, a part."""

_ASSOCIATED: Final = ("is a direct association", "are direct associations")
"""What paths are that are one association."""

_STRENGTHS: Final = ((0.6, "strong"), (0.3, "moderate"), (0.0, "weak"))
"""How the weight of the best chain is called, from a share of a direct claim up.

Strong are chains of two asserted claims without an assumption, and no weaker ones.
"""

_INFERENCE: Final = ("by inference, as no claim says so directly", "no claim says so directly")
"""What is said of chains, for weak and for firm evidence: its verb says that it is inferred."""

_UNKNOWN: Final = "no direction of effect of {asked} on {wanted} is stated"

_SAID: Final[MappingProxyType[Hedge | None, tuple[str, str]]] = MappingProxyType(
    {
        None: ("states it directly", "state it directly"),
        "asserted": ("states it directly", "state it directly"),
        "reported": ("reports it directly", "report it directly"),
        "suggested": ("suggests it directly", "suggest it directly"),
        "contested": (
            "reports it directly, against other findings",
            "report it directly, against other findings",
        ),
        "hypothesised": (
            "puts it forward, as a hypothesis alone",
            "put it forward, as hypotheses alone",
        ),
    }
)


def verdict_sentence(decision: Decision, source: End, target: End, counts: Counts) -> str:
    """Return what a source does to a target, and what that rests on, as one sentence.

    >>> gdnf = End((PathEntity("HGNC:4232", "GDNF", "biolink:Gene"),))
    >>> neuron = End((PathEntity("CL:0000540", "neuron", "biolink:Cell"),))
    >>> raised = Decision(verdict="raises", basis="direct", hedge="reported", statements=("1",),
    ...                   aspect="integrity")
    >>> verdict_sentence(raised, gdnf, neuron, Counts(1, 0, 0, exact=True))
    'GDNF is reported to raise the integrity of neurons: 1 claim reports it directly.'
    """
    claim = verdict_claim(decision, source, target, counts)
    reason = _reason(decision, source, target)
    if reason and decision.basis == "chains" and _is_minority(decision, counts):
        reason += ", and more paths say the opposite, but weigh less"
    return f"{claim}: {reason}." if reason else f"{claim}."


def _is_minority(decision: Decision, counts: Counts) -> bool:
    raising, lowering = counts.raising, counts.lowering
    return {"raises": lowering > raising, "lowers": raising > lowering}.get(decision.verdict, False)


def verdict_claim(decision: Decision, source: End, target: End, counts: Counts) -> str:
    """Return what a source does to a target, hedged as its evidence: a sentence without its stop.

    >>> gdnf = End((PathEntity("HGNC:4232", "GDNF", "biolink:Gene"),))
    >>> neuron = End((PathEntity("CL:0000540", "neuron", "biolink:Cell"),))
    >>> verdict_claim(Decision(verdict="none", basis="none"), gdnf, neuron,
    ...               Counts(0, 0, 0, exact=True))
    'No path leads from GDNF to neurons'
    """
    return capitalised(_effect(decision, source, target, counts))


def _effect(decision: Decision, source: End, target: End, counts: Counts) -> str:
    subject, plural = source.spoken_phrase()
    asked, wanted = source.phrase()[0], target.phrase()[0]
    if decision.basis == "none" and not counts.total:
        if counts.exact:
            return f"no path leads from {asked} to {wanted}"
        return f"no path from {asked} to {wanted} was found before the search was cut"
    raising, lowering = _verbs(decision, target)
    tried = decision.tried and decision.basis == "chains" and decision.verdict == "unknown"
    pattern = _OTHERWISE.get(("tried" if tried else decision.basis, _leaning(decision, counts)))
    if pattern is None and decision.verdict in {"none", "unknown"}:
        known = counts.open == 0 or decision.basis == "none" or decision.associated
        pattern = _OTHERWISE["none", "none"] if known else _UNKNOWN
    if pattern is not None:
        return pattern.format(
            source=subject,
            target=target.spoken_phrase()[0],
            either=_either(raising, lowering, plural=plural),
            raises=_finite(raising, plural=plural),
            lowers=_finite(lowering, plural=plural),
            asked=asked,
            wanted=wanted,
            be="are" if plural else "is",
            was="were" if plural else "was",
        )
    said = {"raises": raising, "lowers": lowering}.get(decision.verdict)
    if said and decision.verb:
        said = f"{decision.verb} {target.spoken_phrase()[0]}"
    said = said or _both(raising, lowering)
    return f"{_balance(decision, counts)}{subject} {_hedged(decision, said, plural=plural)}"


def _leaning(decision: Decision, counts: Counts) -> str:
    """Return the verdict, or where weak chains all point: *raises* or *lowers*."""
    if decision.basis == "weak_chains" and bool(counts.raising) != bool(counts.lowering):
        return "raises" if counts.raising else "lowers"
    return decision.verdict


def _verbs(decision: Decision, target: End) -> tuple[str, str]:
    """Return how the target is raised and lowered, in the infinitive.

    Chains that go by an association say what goes together, not what acts.
    """
    words = target.spoken_phrase()[0]
    spoken = target.spoken or target.entities
    category = spoken[0].category.removeprefix("biolink:") if spoken else ""
    wording = _WORDINGS.get(category, _PLAIN)
    if wording is _CONDITION and is_process(spoken[0].name):
        wording = _PROCESS
    aspect = _aspect(decision.aspect, category, wording)
    if aspect and is_measure(words):
        aspect = ""
    measured = f"the {aspect} of {words}" if aspect else words
    if decision.associated:
        more, less = ("a higher", "a lower") if aspect else ("more", "less")
        of = "of " if words.startswith("the ") else ""
        measured = f"{aspect} of {words}" if aspect else f"{of}{words}"
        return f"go with {more} {measured}", f"go with {less} {measured}"
    return f"{wording.raises} {measured}", f"{wording.lowers} {measured}"


def _aspect(aspect: Aspect, category: str, wording: _Wording) -> str:
    if category in _EFFICACY:
        return wording.aspect
    named = ASPECT_WORDS.get(aspect, "")
    if wording in (_PROCESS, _CONDITION) and aspect in {"", "occurrence"}:
        return wording.aspect
    if aspect == "occurrence":
        return ""
    return named or wording.aspect


def _both(raising: str, lowering: str) -> str:
    """Return both directions in one phrase: *both raise and lower the number of B cells*."""
    if raising.startswith("go with"):
        return _together(raising, "and")
    one, _, measured = raising.partition(" ")
    return f"both {one} and {lowering.partition(' ')[0]} {measured}"


def _together(raising: str, joint: str) -> str:
    """Return what goes with both directions: *go with a higher and a lower number of B cells*."""
    if raising.startswith("go with a higher"):
        return raising.replace("a higher", f"a higher {joint} a lower", 1)
    return raising.replace("more", f"more {joint} less", 1)


def _either(raising: str, lowering: str, *, plural: bool) -> str:
    """Return what cannot be said: *raises or lowers the number of B cells*."""
    if raising.startswith("go with"):
        return _finite(_together(raising, "or"), plural=plural)
    one, other = (_finite(phrase, plural=plural) for phrase in (raising, lowering))
    first, _, measured = one.partition(" ")
    return f"{first} or {other.partition(' ')[0]} {measured}"


def _hedged(decision: Decision, infinitive: str, *, plural: bool) -> str:
    table = _INFERRED if decision.basis == "chains" else _HEDGED
    return table[decision.hedge or "asserted"].format(
        be="are" if plural else "is", infinitive=infinitive, verb=_finite(infinitive, plural=plural)
    )


def _finite(infinitive: str, *, plural: bool) -> str:
    """Return a phrase that begins with regular verbs as what a subject does."""
    if plural:
        return infinitive
    first, *rest = infinitive.split(" ")
    if first == "both":
        one, joint, other, *rest = rest
        return " ".join(["both", f"{one}s", joint, f"{other}s", *rest])
    return " ".join([f"{first}{'es' if first.endswith(('go', 'ss')) else 's'}", *rest])


def _balance(decision: Decision, counts: Counts) -> str:
    """Say that paths of the opposite direction are outweighed, where there are any."""
    opposing = {"raises": counts.lowering, "lowers": counts.raising}.get(decision.verdict, 0)
    weighed = decision.basis == "chains" and not decision.established
    return "on balance, " if weighed and opposing else ""


def _reason(decision: Decision, source: End, target: End) -> str:
    count = len(decision.statements)
    claims = f"{count} claim{'' if count == 1 else 's'}"
    reason = {
        "direct": _direct(decision),
        "denied": claims,
        "trial": claims,
        "association": f"{claims} of association, for which no mechanism is stated",
        "chains": _inference(decision, source, target),
        "weak_chains": f"the best chain has {decision.weight:.2f} of the weight of a direct "
        f"claim, and a verdict needs {MIN_WEIGHT}",
        "none": "",
    }[decision.basis]
    if (decision.basis, decision.verdict) == ("chains", "unknown"):
        return ""
    if decision.basis == "weak_chains" and decision.open:
        reason = f"{_left_open(decision)}; {reason}"
    details = list(_details(decision))
    said = f"{reason} ({'; '.join(details)})" if details and reason else reason
    if decision.outweighed:
        weaker = "claim says" if decision.outweighed == 1 else "claims say"
        said = f"{said}, though {decision.outweighed} weaker {weaker} otherwise"
    return said


def _inference(decision: Decision, source: End, target: End) -> str:
    """Return why chains decide: what direct claims leave open, or that there are none."""
    if decision.established:
        it = "they treat" if source.spoken_phrase()[1] else "it treats"
        return f"no claim says so directly, but {it} a kind of {target.spoken_phrase()[0]}"
    if decision.open:
        return f"by inference, as {_left_open(decision)}"
    if decision.verdict == "both":
        return "no claim decides it directly"
    return _INFERENCE[decision.hedge in _FIRM]


def _left_open(decision: Decision) -> str:
    """Say that direct claims do not decide: *1 direct claim leaves the direction open*."""
    count = len(decision.open)
    if decision.tried:
        trials = "a trial" if count == 1 else f"{count} trials"
        return f"the outcome of {trials} is not stated"
    claims = "direct claim leaves" if count == 1 else "direct claims leave"
    return f"{count} {claims} the direction open"


def _direct(decision: Decision) -> str:
    """Return how many claims say it, those of the firmest hedge first."""
    firmest = len(decision.statements) - decision.weaker
    said = _SAID[decision.hedge][firmest != 1]
    more = f", {decision.weaker} more weakly" if decision.weaker else ""
    return f"{firmest} claim{'' if firmest == 1 else 's'} {said}{more}"


def _details(decision: Decision) -> Iterable[str]:
    hedge = decision.hedge
    if decision.basis == "chains":
        strength = next(word for least, word in _STRENGTHS if decision.weight >= least)
        yield f"{strength} indirect evidence"
        weakest = decision.weakest or hedge
        if weakest is not None and weakest != "asserted":
            yield f"weakest claim: {weakest}"
        elif decision.inferred:
            yield "weakest claim: a curator's inference"
        if decision.assumed:
            yield f"assumption: {decision.assumed}"
    elif decision.basis != "direct" and hedge is not None and hedge != "asserted":
        yield hedge
    said = [c for c in decision.context if c.type in _SAID_CONTEXTS]
    yield from decision.limits
    words = context_phrase(said, pooled=decision.basis == "chains")
    if words:
        yield f"seen {words}" if decision.basis == "chains" else words


def counts_sentence(counts: Counts, *, mixed: bool = False) -> str:
    """Return how many of all paths raise, lower, and do what else.

    `mixed`: paths of both directions are among those that neither raise nor lower.

    >>> counts_sentence(Counts(2, 8, 0, exact=True))
    'Of 10 paths, 2 raise it and 8 lower it.'
    >>> counts_sentence(Counts(0, 1, 0, exact=True)), counts_sentence(Counts(3, 0, 0, exact=True))
    ('The only path lowers it.', 'All 3 paths raise it.')
    >>> counts_sentence(Counts(0, 0, 2, exact=True))
    'Both paths leave the direction open.'
    >>> counts_sentence(Counts(1, 0, 3, exact=True, neutral=2, associations=1))
    'Of 4 paths, 1 raises it and none lowers it; 2 state a link, not an effect, and 1 is a direct \
association.'
    """
    total = counts.total
    others = [
        (count, words)
        for count, words in (
            (counts.open, _MIXED if mixed else _OPEN),
            (counts.neutral, _NEUTRAL),
            (counts.associations, _ASSOCIATED),
        )
        if count
    ]
    directed = [(counts.raising, _RAISING), (counts.lowering, _LOWERING)]
    shares = [share for share in directed if share[0]] + others
    if counts.exact and len(shares) == 1:
        begin = {1: "The only path", 2: "Both paths"}.get(total, f"All {total:,} paths")
        return f"{begin} {shares[0][1][total > 1]}."
    least = "" if counts.exact else "at least "
    begin = f"Of {least}{total:,} {'path' if total == 1 else 'paths'}, "
    if counts.raising or counts.lowering:
        begin += " and ".join(_many(*share) for share in directed) + ("; " if others else "")
    said = [_many(*share) for share in others]
    return f"{begin}{_joined(said)}."


_RAISING: Final = ("raises it", "raise it")
_LOWERING: Final = ("lowers it", "lower it")


def _many(count: int, words: tuple[str, str]) -> str:
    return f"{count:,} {words[count > 1]}" if count else f"none {words[0]}"


def _joined(clauses: Sequence[str]) -> str:
    """Return clauses as a list, with a comma before the last where one has a comma itself."""
    if len(clauses) < 2:
        return "".join(clauses)
    comma = "," if len(clauses) > 2 or any("," in clause for clause in clauses) else ""
    return f"{', '.join(clauses[:-1])}{comma} and {clauses[-1]}"
