"""The `context` of a query: in which species, model, disease ... its statements must hold.

Each value is `TYPE=VALUE` (only statements that name it), `TYPE!=VALUE` (none that name it) or
`TYPE~=VALUE` (those that name it, and those that name no context of the type and so may hold in
any). Of `=`, values of one type are alternatives; all else holds together. `consistent` is for
whole paths (`mechkg.kg.search.consistent`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, get_args

import numpy as np
from numpy.typing import NDArray

from mechkg.kg.errors import QueryError, UnknownTerm
from mechkg.kg.model.values import ContextType
from mechkg.kg.snapshot.snapshot import Snapshot

__all__ = ["CONSISTENT", "admitted_contexts", "known_contexts"]

CONSISTENT: Final = "consistent"
"""The value that asks for paths whose hops can hold in one species."""

TYPES: Final[tuple[str, ...]] = get_args(ContextType)
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
        kind, sign, value = _parsed(text)
        named = _mask(snapshot, f"qualifier:{kind}={value}")
        if not named.any():
            raise UnknownTerm("context", text, known_contexts(snapshot, kind))
        if sign == "!=":
            excluded |= named
            continue
        if sign == "~=":
            excluded |= _mask(snapshot, f"qualifier:{kind}") & ~named
            continue
        only[kind] = only[kind] | named if kind in only else named
    admitted = ~excluded
    for mask in only.values():
        admitted &= mask
    return admitted


def known_contexts(snapshot: Snapshot, kind: str) -> list[str]:
    """Return the values of one type that statements name, as `TYPE=VALUE`; some of them."""
    keys = snapshot.postings.keys(f"qualifier:{kind}=")
    return sorted(key.partition(":")[2] for key in keys)[:MAX_KNOWN]


def _parsed(text: str) -> tuple[str, str, str]:
    found = _TEXT.fullmatch(text.strip())
    kind = found[1].casefold() if found else ""
    if found is None or kind not in TYPES:
        raise QueryError(
            "context",
            f"must be TYPE=VALUE, TYPE!=VALUE, TYPE~=VALUE or {CONSISTENT}, not {text!r}",
            hint=f"Types: {', '.join(TYPES)}.",
        )
    return kind, found[2], found[3].strip()


def _mask(snapshot: Snapshot, key: str) -> Mask:
    mask = np.zeros(snapshot.index.statements, np.bool_)
    mask[snapshot.postings.rows(key)] = True
    return mask
