"""The `context` of a query: in which species, model, disease ... its statements must hold.

Each value is `TYPE=VALUE` (only statements that name it), `TYPE!=VALUE` (none that name it) or
`TYPE~=VALUE` (those that name it, and those that name no context of the type and so may hold in
any). A statement names a value, too, that lies above its own (active EAE is an EAE), or that its
other contexts imply (a clinical trial is human), by `mechkg.kg.search.context_terms`. Of `=`,
values of one type are alternatives; all else holds together. `consistent` is for whole paths
(`mechkg.kg.search.consistent`) and admits every statement.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mechkg.kg.errors import QueryError, UnknownTerm
from mechkg.kg.model.values import CONTEXT_TYPES, Context, ContextType
from mechkg.kg.search.context_terms import ContextTerms
from mechkg.kg.snapshot.snapshot import Snapshot

__all__ = ["CONSISTENT", "admitted_contexts", "admitted_statements", "known_contexts"]

CONSISTENT: Final = "consistent"
"""The value that asks for paths whose hops can hold in one context."""

_KINDS: Final[dict[str, ContextType]] = {kind: kind for kind in CONTEXT_TYPES}
MAX_KNOWN: Final = 40
"""Values that an error lists, at most."""

_TEXT: Final = re.compile(r"(\w+)(!=|~=|=)(.+)", re.DOTALL)

Mask = NDArray[np.bool_]


def admitted_contexts(snapshot: Snapshot, texts: Sequence[str]) -> Mask:
    """Return which statements (rows) some values of `context` admit.

    Raises `QueryError` for a text of no such form and `UnknownTerm` for a value that no statement
    names. O(statements).
    """
    only: dict[str, Mask] = {}
    excluded = np.zeros(snapshot.index.statements, np.bool_)
    for text in texts:
        if text.strip().casefold() == CONSISTENT:
            continue
        kind, sign, value = _parsed(text)
        named, others = _named(snapshot, kind, value)
        if not named.any():
            raise UnknownTerm("context", text, known_contexts(snapshot, kind))
        if sign == "!=":
            excluded |= named
            continue
        if sign == "~=":
            excluded |= others
            continue
        only[kind] = only[kind] | named if kind in only else named
    admitted = ~excluded
    for mask in only.values():
        admitted &= mask
    return admitted


def admitted_statements(snapshot: Snapshot, texts: Sequence[str]) -> Mask:
    """Return what `admitted_contexts` does, for a question that is not about paths.

    Raises `QueryError` for `consistent` as well.
    """
    if any(text.strip().casefold() == CONSISTENT for text in texts):
        raise QueryError(
            "context",
            f"{CONSISTENT} speaks of whole paths, not of single statements",
            hint="Ask for paths, or name a context: species~=human.",
        )
    return admitted_contexts(snapshot, texts)


def known_contexts(snapshot: Snapshot, kind: str) -> list[str]:
    """Return the values of one type that statements name, as `TYPE=VALUE`; some of them."""
    keys = snapshot.postings.keys(f"qualifier:{kind}=")
    return sorted(key.partition(":")[2] for key in keys)[:MAX_KNOWN]


def _named(snapshot: Snapshot, kind: ContextType, value: str) -> tuple[Mask, Mask]:
    """Return which statements name a value of one type, and which only others of that type."""
    terms, wanted = ContextTerms.of(snapshot), _spellings(snapshot, kind, value)
    named, others = np.zeros((2, snapshot.index.statements), np.bool_)
    for one, rows in _values(snapshot, kind):
        fits = one in wanted or terms.lies_below(Context(kind, one), wanted)
        (named if fits else others)[rows] = True
    own = named | others
    for other in terms.implying(kind):
        for one, rows in _values(snapshot, other):
            implied = terms.implied_by(Context(other, one)).get(kind)
            if implied is not None:
                fits = not wanted.isdisjoint(terms.above(kind, implied))
                free = rows[~own[rows]]
                (named if fits else others)[free] = True
    return named, others & ~named


def _values(snapshot: Snapshot, kind: str) -> Iterator[tuple[str, NDArray[np.integer]]]:
    """Yield the values of a type, each with the statements that name it."""
    begin = f"qualifier:{kind}="
    for key in snapshot.postings.keys(begin):
        yield key.removeprefix(begin), snapshot.postings.rows(key)


def _spellings(snapshot: Snapshot, kind: ContextType, value: str) -> frozenset[str]:
    """Return a value with its term, and what the same statements write in its place."""
    rows = snapshot.postings.rows(f"qualifier:{kind}={value}")
    same = {
        one
        for one, others in (_values(snapshot, kind) if len(rows) else ())
        if np.array_equal(rows, others)
    }
    listed = ContextTerms.of(snapshot).rules.terms.get((kind, value.casefold()))
    return frozenset({value, *same, *([listed.id] if listed else [])})


def _parsed(text: str) -> tuple[ContextType, str, str]:
    found = _TEXT.fullmatch(text.strip())
    kind = _KINDS.get(found[1].casefold()) if found else None
    if found is None or kind is None:
        raise QueryError(
            "context",
            f"must be TYPE=VALUE, TYPE!=VALUE, TYPE~=VALUE or {CONSISTENT}, not {text!r}",
            hint=f"Types: {', '.join(CONTEXT_TYPES)}.",
        )
    return kind, found[2], found[3].strip()
