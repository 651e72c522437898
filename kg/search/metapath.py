"""Metapath patterns: which predicates, in which order, through which categories.

Grammar, in the manner of SPARQL property paths::

    pattern  = step { "/" step }
    step     = [ "^" ] terms [ node ] [ times ]
    terms    = "*" | term { "|" term }
    node     = "(" term { "|" term } ")"
    times    = "{" n [ "," m ] "}" | "?" | "+"

A term is a predicate (in `node`: a category) as `Schema` knows it, by id, label, IRI in angle
brackets or mapping, with everything below it; `*` is any mechanism relation. `node` says what the
hop must arrive at. `^` walks statements from object to subject. So
`produces/affects(Cell){1,3}` is a production, then one to three effects on cells.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, NoReturn

from mechkg.kg.errors import QueryError
from mechkg.kg.model.queries import MAX_HOPS

__all__ = ["MAX_POSITIONS", "Automaton", "Step", "automaton", "parse_metapath"]

MAX_POSITIONS: Final = 62
"""The most hops that a pattern may spell out; positions are the bits of an int64."""

_TERM = r"<[^<>]+>|[^/|^(){}?+*<>]+"
_STEP: Final = re.compile(
    rf"\s*(?P<back>\^)?\s*(?P<terms>\*|(?:{_TERM})(?:\|(?:{_TERM}))*)\s*"
    rf"(?:\(\s*(?P<node>(?:{_TERM})(?:\|(?:{_TERM}))*)\s*\))?\s*"
    r"(?:\{\s*(?P<low>\d{1,3})\s*(?P<more>,\s*(?P<high>\d{1,3}))?\s*\}|(?P<mark>[?+]))?\s*"
)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a pattern; empty `predicates` mean any mechanism relation.

    >>> Step(("produces",), (), False, 1, 1).high
    1
    """

    predicates: tuple[str, ...]
    categories: tuple[str, ...]
    backwards: bool
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Automaton:
    """The position automaton of a pattern: positions are hops, sets of them are bit masks."""

    steps: tuple[Step, ...]
    first: int
    last: int
    follow: tuple[int, ...]
    before: tuple[int, ...]


def parse_metapath(text: str) -> tuple[Step, ...]:
    """Return the steps of a pattern; raises `QueryError` that says where it stops making sense.

    >>> [step.high for step in parse_metapath("produces/^affects(Cell|Gene){1,3}")]
    [1, 3]
    >>> parse_metapath("produces//affects")
    Traceback (most recent call last):
    mechkg.kg.errors.QueryError: Parameter metapath cannot be read at character 10: '/affects'. ...
    """
    steps = []
    at = 0
    while True:
        match = _STEP.match(text, at)
        if match is None or (match.end() < len(text) and text[match.end()] != "/"):
            _refuse(text, at if match is None else match.end())
        steps.append(_step(match))
        if match.end() == len(text):
            return tuple(steps)
        at = match.end() + 1


def automaton(steps: tuple[Step, ...]) -> Automaton:
    """Return the automaton that accepts a pattern's hops (Glushkov 1961); raises `QueryError`.

    >>> automaton(parse_metapath("a/b{1,2}")).last
    6
    """
    spelled = [(step, i >= step.low) for step in steps for i in range(step.high)]
    if len(spelled) > MAX_POSITIONS:
        raise QueryError("metapath", f"spells out {len(spelled)} hops, more than {MAX_POSITIONS}")
    # Position 0 stands for the start, the last one for the end; both must be taken.
    optional = [False, *(skip for _, skip in spelled), False]
    reach = [0] * len(optional)
    for i in range(len(optional)):
        for j in range(i + 1, len(optional)):
            reach[i] |= 1 << j
            if not optional[j]:
                break
    size = len(spelled)
    bits = (1 << size) - 1
    follow = tuple(reach[p + 1] >> 1 & bits for p in range(size))
    return Automaton(
        steps=tuple(step for step, _ in spelled),
        first=reach[0] >> 1 & bits,
        last=sum(1 << p for p in range(size) if reach[p + 1] >> (size + 1) & 1),
        follow=follow,
        before=tuple(sum(1 << p for p in range(size) if follow[p] >> q & 1) for q in range(size)),
    )


def _step(match: re.Match[str]) -> Step:
    low, high = 1, 1
    if match["low"]:
        low = int(match["low"])
        high = int(match["high"]) if match["more"] else low
    elif match["mark"] == "?":
        low = 0
    elif match["mark"] == "+":
        high = MAX_HOPS
    if high < max(low, 1) or high > MAX_HOPS:
        raise QueryError(
            "metapath", f"repeats a step {low} to {high} times; {MAX_HOPS} times is the most"
        )
    predicates = () if match["terms"] == "*" else _terms(match["terms"])
    return Step(predicates, _terms(match["node"] or ""), bool(match["back"]), low, high)


def _terms(text: str) -> tuple[str, ...]:
    found = (term.strip().removeprefix("<").removesuffix(">") for term in text.split("|"))
    return tuple(term for term in found if term)


def _refuse(text: str, at: int) -> NoReturn:
    raise QueryError(
        "metapath",
        f"cannot be read at character {at + 1}: {text[at : at + 40]!r}",
        hint="Write steps like produces/affects(Cell){1,3}.",
    )
