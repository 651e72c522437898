"""Compare the contexts in which the hops of a path were seen.

A path can hold in one context where some choice of a statement for each hop demands nothing that
excludes each other (`kg.search.context_terms`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from mechkg.kg.model.values import ContextType, Hop, HopStatement
from mechkg.kg.ranking.doubt import HEDGES
from mechkg.kg.search.context_terms import Conditions, ContextTerms, State, holds, narrowed
from mechkg.kg.snapshot.snapshot import Snapshot

__all__ = ["EXCLUDING", "Agreement", "PathContexts", "firmest"]

MAX_STATES: Final = 1_000
"""Contexts that are kept for one path, at most."""

EXCLUDING: Final = "The hops of this path were seen in different contexts"

MAX_NAMED: Final = 3
"""Values of one kind that a sentence names, at most."""


def firmest(hop: Hop) -> HopStatement:
    """Return the statement of a hop that lets most pass; O(statements).

    >>> firm, weak = (HopStatement(id=h, subject="a", predicate="p", object="b",
    ...     direction="forward", hedge=h) for h in ("asserted", "contested"))
    >>> firmest(Hop((weak, firm))).id
    'asserted'
    """
    if len(hop.statements) == 1:
        return hop.statements[0]
    return max(hop.statements, key=lambda s: HEDGES[s.hedge] * s.weight)


class Agreement(msgspec.Struct, frozen=True):
    """In which kinds of context the hops of a path exclude each other: none where they agree.

    `weight` is what such a path lets pass, `said` what it was seen in, as a sentence.
    """

    conflicts: tuple[ContextType, ...] = ()
    weight: float = 1.0
    said: tuple[str, ...] = ()


AGREEING: Final = Agreement()


class PathContexts:
    """Compares the contexts of paths of one snapshot."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._terms = ContextTerms.of(snapshot)
        self._free: State = ("",) * len(self._terms.kinds)

    def common(self, hops: Sequence[Hop]) -> list[State]:
        """Return the contexts in which a path holds, sorted; none where it holds in none.

        Each is that of one choice of statements. O(statements * contexts) of the path; at most
        `MAX_STATES` contexts are followed.
        """
        states = {self._free}
        for hop in hops:
            demanded = {self._conditions(s) for s in hop.statements}
            states = {
                met
                for state in states
                for conditions in demanded
                for met in narrowed(self._terms, state, conditions)
            }
            states = set(sorted(states)[:MAX_STATES])
        return sorted(states)

    def holding(self, hop: Hop, state: State) -> tuple[int, ...]:
        """Return the places of the statements of a hop that hold in a context."""
        return tuple(
            place
            for place, statement in enumerate(hop.statements)
            if holds(self._terms, state, self._conditions(statement))
        )

    def agreement(self, hops: Sequence[Hop]) -> Agreement:
        """Return in what the hops of a path exclude each other."""
        demanded = [list(map(self._terms.of_statement, hop.statements)) for hop in hops]
        bound = [conditions for conditions in demanded if all(map(any, conditions))]
        if len(bound) < 2 or self.common(
            hops
        ):  # a statement that demands nothing leaves a hop free
            return AGREEING
        kinds = self._terms.kinds
        alone = [kind for place, kind in enumerate(kinds) if not self._agree_in(place, hops)]
        conflicts = tuple(alone) or self._demanded(hops)
        weight = min(self._terms.rules.types[kind].weight for kind in conflicts)
        said = "; ".join(f"{kind}: {self._named(kind, hops)}" for kind in conflicts)
        return Agreement(conflicts, weight, (f"{EXCLUDING} ({said}).",))

    def _named(self, kind: ContextType, hops: Iterable[Hop]) -> str:
        """Return in what of a kind the firmest statements of some hops were seen."""
        place = self._terms.kinds.index(kind)
        seen: dict[str, None] = {}
        for statement in map(firmest, hops):
            said = [*statement.context, *(c for e in statement.evidence for c in e.context)]
            own = [
                c.label or c.value
                for c in said
                if c.type == kind and self._terms.conditions((c,))[place]
            ]
            implied = sorted(self._conditions(statement)[place])
            seen |= dict.fromkeys(own or [self._terms.name(kind, term) for term in implied])
        names = [name.replace("_", " ") for name in seen]
        more = f" and {len(names) - MAX_NAMED} more" if len(names) > MAX_NAMED else ""
        return ", ".join(names[:MAX_NAMED]) + more

    def _agree_in(self, place: int, hops: Sequence[Hop]) -> bool:
        """Say whether hops agree in one kind of context, all others left aside."""
        states = {self._free}
        for hop in hops:
            one = {self._only(place, self._conditions(s)) for s in hop.statements}
            states = {met for s in states for c in one for met in narrowed(self._terms, s, c)}
        return bool(states)

    def _demanded(self, hops: Sequence[Hop]) -> tuple[ContextType, ...]:
        """Return the kinds in which a statement of some hops demands something."""
        demands = [self._conditions(s) for hop in hops for s in hop.statements]
        return tuple(k for i, k in enumerate(self._terms.kinds) if any(of[i] for of in demands))

    def _only(self, place: int, conditions: Conditions) -> Conditions:
        return tuple(c if i == place else frozenset() for i, c in enumerate(conditions))

    def _conditions(self, statement: HopStatement) -> Conditions:
        return self._terms.of_statement(statement)
