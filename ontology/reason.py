"""The OWL RL closure of statements, each conclusion with the statements that it follows from.

Of OWL RL (https://www.w3.org/TR/owl2-profiles/#Reasoning_in_OWL_2_RL_and_RDF_Graphs_using_Rules)
these rules apply to statements: prp-spo1 (sub-property), prp-spo2 (chain), prp-trp (transitive),
prp-symp (symmetric), prp-inv1 and -inv2 (inverse), scm-sco (subclass), and for contradictions
prp-npa1 (a denied statement holds). A class under two disjoint ones is reported, too, though
OWL RL waits for an instance of it.

Of several derivations the best is kept: firmest modality, then fewest premises. A conclusion is
no firmer than its weakest premise in modality and hedge, holds under all their contexts and
qualifiers, and has the sign of its predicate only where every premise has that of its own; else its
sign is unknown. A statement under a super-property keeps its sign. Denied statements conclude
nothing.

Symmetric and inverse triples say again what is said already: they serve SPARQL (`mirrored`),
but are no statements, lest every path be there twice.
"""

from __future__ import annotations

import hashlib
import heapq
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from mechkg.kg.errors import ValidationError
from mechkg.kg.model.values import CONTEXT_TYPES, Evidence, Hedge, Qualifier, Sign, Statement
from mechkg.kg.ranking.doubt import HEDGES
from mechkg.ontology.axioms import Axioms

__all__ = ["MODALITIES", "Conclusion", "check_consistency", "close", "infer", "mirrored"]

MODALITIES: Final = (
    "asserted",
    "research_reported",
    "curator_inference",
    "challenge",
    "potential",
    "possible",
    "under_investigation",
    "future_possible",
    "aim",
    "asserted_negative",
)
"""Firmest first; another modality counts as weaker than all of these."""

_STRENGTH: Final = {name: rank for rank, name in enumerate(MODALITIES)}
_HEDGES: Final[dict[Hedge, float]] = {name: -weight for name, weight in HEDGES.items()}
_Triple = tuple[str, str, str]


@dataclass(frozen=True, order=True, slots=True)
class Conclusion:
    """A triple that holds, ordered by how well it is founded: least is best.

    `premises` are statement ids, sorted; one that is itself asserted has its own id alone.
    """

    weakness: int
    size: int
    turned: bool
    premises: tuple[str, ...]
    triple: _Triple
    sign: Sign | None = field(compare=False)


def close(statements: Iterable[Statement], axioms: Axioms) -> dict[_Triple, Conclusion]:
    """Return the closure: every asserted or inferred triple with its best derivation.

    Inverse properties are left out (see `mirrored`); both directions of symmetric ones are in.
    Best-first search after D. E. Knuth, A generalization of Dijkstra's algorithm (1977):
    O(d log d) for d derivations.
    """
    heap = [_given(s) for s in statements if not s.negated]
    heapq.heapify(heap)
    found: dict[_Triple, Conclusion] = {}
    joins = _Joins(axioms)
    while heap:
        best = heapq.heappop(heap)
        if best.triple not in found:
            found[best.triple] = best
            for more in (*_single(best, axioms), *joins.add(best)):
                if more.triple not in found:
                    heapq.heappush(heap, more)
    return found


def infer(statements: Sequence[Statement], axioms: Axioms) -> tuple[Statement, ...]:
    """Return the statements that follow and are not asserted, by id; none about itself."""
    by_id = {s.id: s for s in statements}
    told = {(s.subject, s.predicate, s.object) for s in statements if not s.negated}
    inferred = []
    for triple, conclusion in close(statements, axioms).items():
        subject, predicate, target = triple
        if triple in told or subject == target:
            continue
        if predicate in axioms.symmetric and (target, predicate, subject) in told:
            continue
        told.add(triple)
        inferred.append(_statement(conclusion, [by_id[i] for i in conclusion.premises]))
    return tuple(sorted(inferred, key=lambda s: s.id))


def mirrored(statements: Iterable[Statement], axioms: Axioms) -> Iterator[_Triple]:
    """Yield what statements say from object to subject: (object, property IRI or id, subject).

    The property is the IRI of the inverse, or the id of a symmetric predicate.
    """
    for s in statements:
        if not s.negated:
            if s.predicate in axioms.symmetric:
                yield s.object, s.predicate, s.subject
            if s.predicate in axioms.inverses:
                yield s.object, axioms.inverses[s.predicate], s.subject


def check_consistency(
    statements: Sequence[Statement], axioms: Axioms, names: dict[str, str], *, name: str = "graph"
) -> None:
    """Raise `ValidationError` if a denied statement holds, or an entity is under disjoint ones.

    `names` are the entities' names, for the sentences. Each finding names all statements that
    clash, the denied one as its focus.
    """
    closure = close(statements, axioms)
    findings = [*_denied(statements, closure, names), *_disjoint(closure, axioms, names)]
    if findings:
        raise ValidationError(name, findings)


def _denied(
    statements: Sequence[Statement], closure: dict[_Triple, Conclusion], names: dict[str, str]
) -> Iterator[tuple[str, str]]:
    for s in statements:
        clash = closure.get((s.subject, s.predicate, s.object))
        if s.negated and clash:
            claim = _words(s.subject, s.predicate, s.object, names)
            verb = "is asserted by" if clash.premises[1:] == () else "follows from"
            yield s.id, f"denies that {claim}, which {verb} {_listed(clash.premises)}"


def _disjoint(
    closure: dict[_Triple, Conclusion], axioms: Axioms, names: dict[str, str]
) -> Iterator[tuple[str, str]]:
    above: dict[str, dict[str, tuple[str, ...]]] = defaultdict(dict)
    for (subject, predicate, target), conclusion in closure.items():
        if predicate == "subclass_of":
            above[subject][target] = conclusion.premises
    for a, b in axioms.disjoint:
        for subject, targets in sorted({a: {}, b: {}, **above}.items()):
            reached = {subject: (), **targets}
            if a in reached and b in reached:
                premises = _listed(sorted({*reached[a], *reached[b]}))
                name = names.get(subject, subject)
                pair = f"{names.get(a, a)} and {names.get(b, b)}"
                yield subject, f"({name}) stands under both {pair}, which are disjoint: {premises}"


def _given(s: Statement) -> Conclusion:
    triple = (s.subject, s.predicate, s.object)
    weakness = _STRENGTH.get(s.modality, len(MODALITIES))
    return Conclusion(weakness, 1, False, (s.id,), triple, s.sign)


def _single(known: Conclusion, axioms: Axioms) -> Iterator[Conclusion]:
    """Yield what follows from one conclusion: super-properties and the symmetric turn."""
    subject, predicate, target = known.triple
    rest = (known.weakness, known.size)
    for parent in axioms.parents.get(predicate, ()):
        triple = (subject, parent, target)
        yield Conclusion(*rest, known.turned, known.premises, triple, known.sign)
    if predicate in axioms.symmetric:
        triple = (target, predicate, subject)
        yield Conclusion(*rest, not known.turned, known.premises, triple, known.sign)


class _Joins:
    """Joins conclusions over property chains as they are found."""

    def __init__(self, axioms: Axioms) -> None:
        self._axioms = axioms
        self._as_first = defaultdict(list)
        self._as_second = defaultdict(list)
        for chain in axioms.chains:
            self._as_first[chain.first].append(chain)
            self._as_second[chain.second].append(chain)
        self._leaving: dict[tuple[str, str], list[Conclusion]] = defaultdict(list)
        self._reaching: dict[tuple[str, str], list[Conclusion]] = defaultdict(list)

    def add(self, new: Conclusion) -> Iterator[Conclusion]:
        """Take in a conclusion; yield what it gives with those before it and with itself."""
        subject, predicate, target = new.triple
        self._leaving[predicate, subject].append(new)
        self._reaching[predicate, target].append(new)
        for chain in self._as_first[predicate]:
            for other in self._leaving.get((chain.second, target), ()):
                yield self._joined(new, other, chain.conclusion)
        for chain in self._as_second[predicate]:
            for other in self._reaching.get((chain.first, subject), ()):
                yield self._joined(other, new, chain.conclusion)

    def _joined(self, first: Conclusion, second: Conclusion, predicate: str) -> Conclusion:
        signs = self._axioms.signs
        plain = all(c.sign == signs.get(c.triple[1]) for c in (first, second))
        premises = tuple(sorted({*first.premises, *second.premises}))
        return Conclusion(
            max(first.weakness, second.weakness),
            len(premises),
            first.turned or second.turned,
            premises,
            (first.triple[0], predicate, second.triple[2]),
            signs.get(predicate) if plain else None,  # type: ignore[arg-type]
        )


def _statement(conclusion: Conclusion, premises: Sequence[Statement]) -> Statement:
    subject, predicate, target = conclusion.triple
    digest = hashlib.sha256("\t".join(conclusion.triple).encode()).hexdigest()
    weakest = max(premises, key=lambda s: _STRENGTH.get(s.modality, len(MODALITIES)))
    qualifiers = {(q.type, q.value) for s in premises for q in s.qualifiers}
    context = {c for s in premises for c in s.context}
    return Statement(
        id=f"INF-{digest[:12]}",
        subject=subject,
        predicate=predicate,
        object=target,
        sign=conclusion.sign,
        hedge=max((s.hedge for s in premises), key=_HEDGES.__getitem__),
        modality=weakest.modality,
        context=tuple(sorted(context, key=lambda c: (CONTEXT_TYPES.index(c.type), c.value))),
        qualifiers=tuple(Qualifier(*q) for q in sorted(qualifiers)),
        evidence=(
            Evidence(
                kind="inferred",
                source="infores:mechkg",
                knowledge_level="logical_entailment",
                agent_type="automated_agent",
            ),
        ),
        derived_from=conclusion.premises,
    )


def _words(subject: str, predicate: str, target: str, names: dict[str, str]) -> str:
    said = predicate.replace("_", " ")
    return f"{names.get(subject, subject)} {said} {names.get(target, target)}"


def _listed(ids: Sequence[str]) -> str:
    return " and ".join(ids) if len(ids) < 3 else f"{', '.join(ids[:-1])} and {ids[-1]}"
