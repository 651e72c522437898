"""Which contexts exclude each other: terms of `ontology/contexts.toml` above and below each other.

What the file does not say of a term, the graph does by subclass_of and part_of.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal

import msgspec
import numpy as np

from mechkg.kg.model.schema import Schema
from mechkg.kg.model.values import Context, ContextType, HopStatement
from mechkg.kg.snapshot.snapshot import Snapshot

__all__ = [
    "Conditions",
    "ContextRules",
    "ContextTerms",
    "parse_context_rules",
    "read_context_rules",
]

MAX_ABOVE: Final = 1_000
"""Terms above a term that are looked at, at most."""

MAX_KEPT: Final = 65_536
"""Terms and sets of contexts that are remembered."""

ABOVE: Final = frozenset({"subclass_of", "subClassOf", "part_of"})
"""Predicates whose object is the broader context."""

Conditions = tuple[frozenset[str], ...]
"""What a statement demands of a context, by type in the order of the rules: one of some terms,
or nothing (an empty set)."""


class ContextKind(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A kind of context whose terms exclude each other; see `ontology/contexts.toml`."""

    weight: float
    unlisted: Literal["open", "term"] = "open"
    below: str = ""


class ContextTerm(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A value of a context: its other spellings, what lies above it and what it implies."""

    type: ContextType
    id: str
    texts: tuple[str, ...] = ()
    above: tuple[str, ...] = ()
    means: tuple[str, ...] | None = None
    implies: dict[ContextType, str] = msgspec.field(default_factory=dict)


class ContextRules(msgspec.Struct, frozen=True):
    """Kinds of context that exclude, and terms by kind and spelling (in lower case)."""

    types: dict[ContextType, ContextKind]
    terms: dict[tuple[str, str], ContextTerm]

    @property
    def kinds(self) -> tuple[ContextType, ...]:
        """The kinds whose terms exclude each other, in the order of `Conditions`."""
        return tuple(self.types)


@cache
def read_context_rules() -> ContextRules:
    """Return the bundled rules."""
    text = files("mechkg.ontology").joinpath("contexts.toml").read_text("utf-8")
    return parse_context_rules(tomllib.loads(text))


def parse_context_rules(data: Mapping[str, Any]) -> ContextRules:
    """Return rules from their tables; raises `msgspec.ValidationError` or `ValueError`.

    >>> parse_context_rules({"types": {"species": {"weight": 0.7}},
    ...                      "term": [{"type": "model", "id": "EAE"}]})
    Traceback (most recent call last):
    ValueError: EAE is of the kind model, whose terms exclude nothing.
    """
    types = msgspec.convert(data.get("types", {}), dict[ContextType, ContextKind])
    terms: dict[tuple[str, str], ContextTerm] = {}
    for term in msgspec.convert(data.get("term", ()), tuple[ContextTerm, ...]):
        if term.type not in types:
            raise ValueError(f"{term.id} is of the kind {term.type}, whose terms exclude nothing.")
        for text in (term.id, *term.texts):
            if terms.setdefault((term.type, text.casefold()), term) is not term:
                raise ValueError(f"{text} is listed twice as a {term.type}.")
    for term in terms.values():
        for name in (*term.above, *(term.means or ())):
            listed = (term.type, name.casefold()) in terms
            if not listed and ":" not in name:
                raise ValueError(f"{term.id} lies below {name}, which is no {term.type} here.")
    return ContextRules(types, terms)


class ContextTerms:
    """The contexts of one snapshot; `ContextTerms.of(snapshot)` returns its only one."""

    def __init__(self, snapshot: Snapshot, rules: ContextRules | None = None) -> None:
        self._records, self._index = snapshot.records, snapshot.index
        self._above_codes = _above_mask(snapshot.schema)
        self.rules = rules or read_context_rules()
        self.kinds = self.rules.kinds
        self._above: dict[tuple[ContextType, str], frozenset[str]] = {}
        self._conditions: dict[tuple[Context, ...], Conditions] = {}

    @classmethod
    def of(cls, snapshot: Snapshot) -> ContextTerms:
        """Return the contexts of a snapshot, made on first use."""
        return snapshot.cached(cls)

    def above(self, kind: ContextType, term: str) -> frozenset[str]:
        """Return a term and all above it. O(terms above), at most `MAX_ABOVE`; kept."""
        found = self._above.get((kind, term))
        if found is None:
            found = self._searched(kind, term)
            if len(self._above) >= MAX_KEPT:
                self._above.clear()
            self._above[kind, term] = found
        return found

    def conditions(self, context: tuple[Context, ...]) -> Conditions:
        """Return what a statement of some contexts demands of a context; kept."""
        found = self._conditions.get(context)
        if found is None:
            found = self._demanded(context)
            if len(self._conditions) >= MAX_KEPT:
                self._conditions.clear()
            self._conditions[context] = found
        return found

    def name(self, kind: ContextType, term: str) -> str:
        """Return a term in words, as far as they are known."""
        row = self._records.entity_row(term)
        if row is not None:
            return self._records.name(row)
        listed = self.rules.terms.get((kind, term.casefold()))
        return listed.texts[0] if listed and listed.texts and ":" in term else term

    def of_statement(self, statement: HopStatement) -> Conditions:
        """Return what a statement demands: its contexts, or else those of its evidence.

        Where evidence names a kind of context that the statement does not, it was seen in each of
        these; where some evidence names none, it may hold in any.
        """
        said = self.conditions(statement.context)
        if not any(evidence.context for evidence in statement.evidence):
            return said
        pieces = [self.conditions(evidence.context) for evidence in statement.evidence]
        return tuple(
            own or (frozenset().union(*seen) if all(seen) else frozenset())
            for own, seen in zip(said, zip(*pieces, strict=True), strict=True)
        )

    def lies_below(self, context: Context, wanted: frozenset[str]) -> bool:
        """Say whether a context stands for one of some terms, or for what lies below one."""
        if context.type not in self.rules.types:
            return False
        terms = self._terms(context)
        return any(not wanted.isdisjoint(self.above(context.type, term)) for term in terms)

    def implying(self, kind: ContextType) -> tuple[ContextType, ...]:
        """Return the kinds of context of which some terms imply one of another kind."""
        terms = self.rules.terms.values()
        return tuple({term.type: None for term in terms if kind in term.implies})

    def implied_by(self, context: Context) -> dict[ContextType, str]:
        """Return what a context implies of other kinds, where it stands for one term."""
        terms = self._terms(context)
        return self._implied(context.type, terms[0]) if len(terms) == 1 else {}

    def _demanded(self, context: tuple[Context, ...]) -> Conditions:
        said: dict[ContextType, set[str]] = {}
        free: set[ContextType] = set()
        implied: dict[ContextType, set[str]] = {}
        for one in context:
            if one.type not in self.rules.types:
                continue
            terms = self._terms(one)
            if not terms:
                free.add(one.type)
            said.setdefault(one.type, set()).update(terms)
            for name in terms:
                for other, value in self._implied(one.type, name).items():
                    implied.setdefault(other, set()).add(value)
        said = implied | said
        return tuple(
            frozenset() if kind in free else frozenset(said.get(kind, ())) for kind in self.kinds
        )

    def _terms(self, context: Context) -> tuple[str, ...]:
        """Return the terms that a value stands for, none where it demands nothing."""
        kind = self.rules.types[context.type]
        for text in (context.value, context.label):
            term = self.rules.terms.get((context.type, text.casefold()))
            if term is not None:
                return (term.id,) if term.means is None else term.means
        known = self._records.entity_row(context.value) is not None
        return (context.value,) if known or kind.unlisted == "term" else ()

    def _implied(self, kind: ContextType, name: str) -> dict[ContextType, str]:
        """Return what the nearest term at or above a term implies of other kinds."""
        found: dict[ContextType, str] = {}
        for above in (name, *sorted(self.above(kind, name))):
            term = self.rules.terms.get((kind, above.casefold()))
            for other, value in (term.implies if term else {}).items():
                found.setdefault(other, value)
        return found

    def _searched(self, kind: ContextType, term: str) -> frozenset[str]:
        found, waiting = {term}, [term]
        while waiting and len(found) < MAX_ABOVE:
            fresh = set(self._parents(kind, waiting.pop())) - found
            found |= fresh
            waiting += sorted(fresh)
        below = self.rules.types[kind].below
        if below and (kind, term.casefold()) not in self.rules.terms:
            found.add(below)
        return frozenset(found)

    def _parents(self, kind: ContextType, term: str) -> Iterable[str]:
        listed = self.rules.terms.get((kind, term.casefold()))
        if listed is not None:
            yield from listed.above
        row = self._records.entity_row(term)
        if row is None:
            return
        start, end = int(self._index.out_ptr[row]), int(self._index.out_ptr[row + 1])
        codes = self._index.predicate[start:end]
        for entry in np.flatnonzero(self._above_codes[codes]).tolist():
            yield self._records.curie(int(self._index.object[start + entry]))


def _above_mask(schema: Schema) -> Any:
    """Return which predicates (codes) put their subject into a broader object."""
    return np.array(
        [
            p.id.rpartition(":")[2] in ABOVE or p.biolink.rpartition(":")[2] in ABOVE
            for p in schema.predicates
        ],
        np.bool_,
    )


State = tuple[str, ...]
"""The narrowest term of each kind so far, empty where nothing is demanded."""


def narrowed(terms: ContextTerms, state: State, conditions: Sequence[frozenset[str]]) -> set[State]:
    """Return the contexts in which a state and one more statement both hold; none if they exclude.

    A statement that names several terms of a kind was seen in each, so each is tried.
    """
    states: list[State] = [()]
    for kind, term, options in zip(terms.kinds, state, conditions, strict=True):
        states = [(*begun, one) for begun in states for one in _met(terms, kind, term, options)]
    return set(states)


def _met(terms: ContextTerms, kind: ContextType, term: str, options: frozenset[str]) -> list[str]:
    if not options:
        return [term]
    if not term:
        return sorted(options)
    above = terms.above(kind, term)
    met = [term] if above & options else []
    return met + sorted(o for o in options - above if term in terms.above(kind, o))


def holds(terms: ContextTerms, state: State, conditions: Sequence[frozenset[str]]) -> bool:
    """Say whether a statement of some conditions holds in a context."""
    return all(
        not options or (term != "" and not options.isdisjoint(terms.above(kind, term)))
        for kind, term, options in zip(terms.kinds, state, conditions, strict=True)
    )
