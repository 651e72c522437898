"""Lists written out as triples, folded into the `( ... )` that path patterns are written with.

An engine that sends on a part of its own query (`SERVICE`) has parsed it: `(?s ?t 2) path:find ?p`
arrives as `?l1 rdf:first ?s . ?l1 rdf:rest ?l2 . ...` with variables or blank nodes for the cells
(SPARQL 1.1 Query, section 4.2.3). These triples become the list again before patterns are looked
for.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from mechkg.ontology.sparql.query_text import Text, Token

__all__ = ["fold_lists"]

_RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_FIRST: Final = _RDF + "first"
_REST: Final = _RDF + "rest"
_NIL: Final = _RDF + "nil"
_CELLS: Final = frozenset(("variable", "blank"))
MAX_LENGTH: Final = 100
"""Members of a list that are followed."""


@dataclass
class _Cell:
    """A cell of a list: its member as written, the cell after it, and where both are said."""

    first: str = ""
    rest: Token | None = None
    spans: list[tuple[int, int]] = field(default_factory=list)


def fold_lists(text: Text, predicates: Collection[str]) -> Text:
    """Return a text in which lists at either side of some predicates are written as `( ... )`.

    The text itself is returned where nothing is to fold. O(tokens).
    """
    cells = _cells(text)
    if not cells:
        return text
    edits: dict[tuple[int, int], str] = {}
    for place, token in enumerate(text.tokens):
        if text.iri(token) in predicates and 0 < place < len(text.tokens) - 1:
            for end in (text.tokens[place - 1], text.tokens[place + 1]):
                if (members := _members(text, cells, end)) is not None:
                    edits[end.start, end.end] = f"( {' '.join(cell.first for cell in members)} )"
                    edits.update((span, " ") for cell in members for span in cell.spans)
    folded = text.text
    for (start, stop), written in sorted(edits.items(), reverse=True):
        folded = folded[:start] + written + folded[stop:]
    return Text(folded, text.base) if edits else text


def _cells(text: Text) -> dict[str, _Cell]:
    """Return the cells of all lists that are written out, by variable or blank node."""
    cells: dict[str, _Cell] = {}
    for subject, predicate, value, span in _triples(text):
        if predicate in {_FIRST, _REST} and subject.kind in _CELLS:
            cell = cells.setdefault(subject.text, _Cell())
            cell.spans.append(span)
            if predicate == _REST:
                cell.rest = value[0]
            else:
                cell.first = _written(text, value)
    return cells


def _triples(text: Text) -> Iterator[tuple[Token, str | None, Sequence[Token], tuple[int, int]]]:
    """Yield the triples `s p o .` of a text that stand alone, with the span of each."""
    tokens = text.tokens
    for place in range(1, len(tokens) - 2):
        if tokens[place - 1].text not in {"{", "}", "."}:
            continue
        subject, predicate = tokens[place], text.iri(tokens[place + 1])
        last = place + 2
        if last + 2 < len(tokens) and tokens[last + 1].text == "^^":
            last += 2
        following = tokens[last + 1] if last + 1 < len(tokens) else None
        if predicate is not None and following is not None and following.text in {".", "}"}:
            end = following.end if following.text == "." else tokens[last].end
            yield subject, predicate, tokens[place + 2 : last + 1], (subject.start, end)


def _written(text: Text, value: Sequence[Token]) -> str:
    """Return a member as a list has it: a number without the type that an engine gives it."""
    first, last = value[0], value[-1]
    inside = first.text.strip("\"'")
    if len(value) == 3 and first.kind == "string" and inside.isdecimal():
        return inside
    return text.text[first.start : last.end]


def _members(text: Text, cells: Mapping[str, _Cell], end: Token) -> list[_Cell] | None:
    """Return the cells of the list that begins with a token, None where it is no list."""
    found: list[_Cell] = []
    place: Token | None = end
    while place is not None and text.iri(place) != _NIL:
        cell = cells.get(place.text)
        if cell is None or not cell.first or len(found) == MAX_LENGTH:
            return None
        found.append(cell)
        place = cell.rest
    return found if found and place is not None else None
