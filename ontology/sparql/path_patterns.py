"""Path search inside SPARQL: patterns of our own, answered before the query is evaluated.

`(?source ?target 3 10) path:find (?path ?rank ?score)` means the ten best paths of at most
three hops. Each such pattern becomes a VALUES block with what `kg.search.find_paths` finds, so that
paths join with any other pattern and the store needs no extension::

    text -> patterns and their ends -> find_paths -> VALUES in their place -> store
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from hashlib import blake2b
from itertools import pairwise
from typing import Final
from urllib.parse import quote

from mechkg.kg.errors import MalformedQuery, TooCostly
from mechkg.kg.graph import Graph
from mechkg.kg.model.queries import MAX_HOPS
from mechkg.kg.model.values import Path
from mechkg.kg.progress import Cancel
from mechkg.ontology.rdf.vocabulary import STANDARD_PREFIXES, STATEMENT, Codec, Namespace
from mechkg.ontology.sparql.list_patterns import fold_lists
from mechkg.ontology.sparql.query_text import Text, Token

__all__ = ["FINDS", "MAX_FINDS", "MAX_PATHS", "PATH", "STEPS", "find_in"]

PATH: Final = Namespace("https://w3id.org/mechkg/path/")

FINDS: Final = {PATH["find"]: "directed", PATH["findUndirected"]: "undirected"}
"""The predicates that find paths, and how each walks statements."""

STEPS: Final = {PATH["entity"]: "entity", PATH["statement"]: "statement"}
"""The predicates that say what is on a path found."""

COLUMNS: Final = ("path", "rank", "score", "sign", "length", "explanation")
"""What the variables after a find take, in this order."""

ESCAPES: Final = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f"}
ESCAPE: Final = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))")

MAX_FINDS: Final = 4
MAX_PATHS: Final = 1_000


@dataclass(frozen=True)
class _Pattern:
    """A pattern of ours: the tokens of its sides, and where it stands in the text."""

    iri: str
    before: tuple[Token, ...]
    after: tuple[Token, ...]
    start: int
    end: int


def find_in(
    text: Text,
    graph: Graph,
    seconds: float,
    taken: Callable[[], AbstractContextManager[Cancel]],
) -> str:
    """Return a query, without FROM, in which every path pattern is a VALUES block.

    `taken` holds a place for a search, and gives the flag that stops it. Raises `MalformedQuery`
    for a pattern that is not of the form, `UnknownEntity` or `AmbiguousName` for ends that cannot
    be found, and `TooCostly` where a search takes longer than `seconds`: there is no half list of
    paths.
    """
    text = fold_lists(text, FINDS.keys() | STEPS.keys())
    patterns = list(_patterns(text))
    whole = text.without_dataset()
    if not patterns:
        return whole
    finds = [p for p in patterns if p.iri in FINDS]
    if len(finds) > MAX_FINDS:
        raise TooCostly(
            f"A query finds paths at most {MAX_FINDS} times.", limit=f"{MAX_FINDS} searches"
        )
    codec = Codec(STANDARD_PREFIXES | graph.schema.prefixes)
    blocks: dict[int, str] = {}
    found: dict[str, list[Path]] = {}
    for pattern in finds:
        with taken() as cancel:
            paths = _Find(text, pattern, codec).ask(graph, seconds, cancel)
        found.setdefault(pattern.after[0].text[1:], []).extend(paths)
        blocks[pattern.start] = _Find(text, pattern, codec).block(paths)
    for pattern in patterns:
        if pattern.iri in STEPS:
            blocks[pattern.start] = _steps(text, pattern, found, codec)
    for pattern in sorted(patterns, key=lambda p: -p.start):
        whole = f"{whole[: pattern.start]}{blocks[pattern.start]}{whole[pattern.end :]}"
    return whole


def _patterns(text: Text) -> Iterator[_Pattern]:
    tokens = text.tokens
    for place, token in enumerate(tokens):
        iri = text.iri(token)
        if iri is None or iri not in FINDS.keys() | STEPS.keys():
            continue
        if place == 0 or place + 1 == len(tokens):
            raise _misplaced(token)
        first = _opening(tokens, place - 1) if iri in FINDS else place - 1
        last = _closing(tokens, place + 1)
        following = tokens[last + 1].text if last + 1 < len(tokens) else ""
        if following in {";", ","} or tokens[first - 1].text in {";", ","}:
            raise _misplaced(token)
        end = tokens[last + 1].end if following == "." else tokens[last].end
        yield _Pattern(
            iri,
            tuple(tokens[first + 1 : place - 1] if iri in FINDS else tokens[first:place]),
            tuple(t for t in tokens[place + 1 : last + 1] if t.text not in "()"),
            tokens[first].start,
            end,
        )


def _opening(tokens: Sequence[Token], place: int) -> int:
    first = place
    while first >= 0 and tokens[first].text != "(":
        first -= 1
    if first < 0 or tokens[place].text != ")":
        raise _misplaced(tokens[place + 1])
    return first


def _closing(tokens: Sequence[Token], place: int) -> int:
    if tokens[place].text != "(":
        return place
    for last in range(place, len(tokens)):
        if tokens[last].text == ")":
            return last
    raise _misplaced(tokens[place - 1])


def _misplaced(token: Token) -> MalformedQuery:
    return MalformedQuery(
        f"uses {token.text} in another form than `(source target hops limit contexts) path:find "
        "(?path ?rank ?score ?sign ?length ?explanation)` or `?path path:statement (?position "
        "?statement)`"
    )


@dataclass(frozen=True)
class _Find:
    """One search: its ends and bounds as the text gives them."""

    text: Text
    pattern: _Pattern
    codec: Codec

    def ask(self, graph: Graph, seconds: float, cancel: Cancel) -> list[Path]:
        """Return the best paths, best first."""
        before, contexts = _with_contexts(self.pattern.before)
        columns = self.pattern.after
        if not 2 <= len(before) <= 4 or not 1 <= len(columns) <= len(COLUMNS):
            raise _misplaced(Token("name", "path:find", 0, 0))
        if any(token.kind != "variable" for token in columns):
            raise MalformedQuery("gives path:find something else than variables to fill")
        result = graph.find_paths(
            source=self._ends(before[0]),
            target=self._ends(before[1]),
            max_hops=_number(before[2:3], "hops", 3, MAX_HOPS),
            limit=_number(before[3:4], "paths", 10, MAX_PATHS),
            direction=FINDS[self.pattern.iri],
            context=contexts,
            timeout=seconds,
            cancel=cancel,
        )
        if result.truncated_by == "time":
            raise TooCostly(
                f"Finding the paths took longer than {seconds:g} s and was stopped.",
                limit=f"{seconds:g} s",
                hint="Ask for fewer hops.",
            )
        return list(result.paths)

    def block(self, paths: Sequence[Path]) -> str:
        """Return the VALUES block of paths: their ends where these are variables, and columns."""
        ends = [(0, self.pattern.before[0]), (-1, self.pattern.before[1])]
        open_ends = [(place, token) for place, token in ends if token.kind == "variable"]
        names = [t.text for _, t in open_ends] + [t.text for t in self.pattern.after]
        if len(set(names)) < len(names):
            raise MalformedQuery("names a variable twice in one path:find")
        rows = []
        for rank, path in enumerate(paths, 1):
            bound = [f"<{self.codec.iri(path.entities[place].id)}>" for place, _ in open_ends]
            rows.append(bound + _columns(path, rank)[: len(self.pattern.after)])
        return _values(names, rows)

    def _ends(self, token: Token) -> tuple[str, ...]:
        iri = self.text.iri(token)
        if iri is not None:
            return (self.codec.curie(iri),)
        if token.kind == "string":
            return (_string(token),)
        if token.kind != "variable":
            raise MalformedQuery(f"gives path:find {token.text} as an end of paths")
        bound = tuple(dict.fromkeys(_bound(self.text, token.text)))
        if not bound:
            raise MalformedQuery(
                f"leaves {token.text} unbound in path:find",
                hint="Bind it with VALUES, or write an entity in its place.",
            )
        return tuple(map(self.codec.curie, bound))


def _with_contexts(before: Sequence[Token]) -> tuple[Sequence[Token], tuple[str, ...]]:
    """Return the left side of a find without the strings after its ends, and these: contexts."""
    places = [place for place, token in enumerate(before) if token.kind == "string" and place > 1]
    first = places[0] if places else len(before)
    if len(before) - first != len(places):
        raise _misplaced(Token("name", "path:find", 0, 0))
    return before[:first], tuple(_string(token) for token in before[first:])


def _string(token: Token) -> str:
    """Return what a string says (SPARQL 1.1, sections 19.2 and 19.7)."""
    marks = 3 if token.text[:3] in {"'''", '"""'} and len(token.text) >= 6 else 1
    inner = token.text[marks:-marks]
    return ESCAPE.sub(_character, inner)


def _character(escape: re.Match[str]) -> str:
    short, long, mark = escape.groups()
    if mark is not None:
        return ESCAPES.get(mark, str(mark))
    code = int(short or long, 16)
    if code > sys.maxunicode or 0xD800 <= code <= 0xDFFF:
        raise MalformedQuery(f"names no character by {escape[0]}")
    return chr(code)


def _number(tokens: Sequence[Token], what: str, default: int, most: int) -> int:
    if not tokens:
        return default
    text = tokens[0].text
    # Digits beyond those of `most` are not read: Python refuses to convert thousands of them.
    is_number = text.isascii() and text.isdecimal() and len(text.lstrip("0")) <= len(str(most))
    if not is_number or not 1 <= int(text) <= most:
        shown = text if len(text) <= 20 else f"{text[:17]}..."
        raise MalformedQuery(f"gives path:find {shown} {what}; it takes 1 to {most}")
    return int(text)


def _bound(text: Text, variable: str) -> Iterator[str]:
    """Yield the IRIs that VALUES blocks bind a variable to."""
    tokens = text.tokens
    for place, token in enumerate(tokens):
        if token.text != "VALUES" or token.kind != "word":
            continue
        opening = next((p for p in range(place, len(tokens)) if tokens[p].text == "{"), None)
        if opening is None:
            return
        names = [t.text[1:] for t in tokens[place + 1 : opening] if t.kind == "variable"]
        if variable[1:] not in names:
            continue
        column, width, seen = names.index(variable[1:]), len(names), 0
        for before, value in pairwise(tokens[opening:]):
            if value.text == "}":
                break
            if value.text in "()" or value.kind in {"tag", "mark"} or before.text == "^^":
                continue
            iri = text.iri(value)
            if seen % width == column and iri is not None:
                yield iri
            seen += 1


def _columns(path: Path, rank: int) -> list[str]:
    sign = "UNDEF" if path.sign is None else str(path.sign)
    score = f'"{path.score!r}"^^<http://www.w3.org/2001/XMLSchema#double>'
    return [_iri_of(path), str(rank), score, sign, str(path.length), _quoted(path.explanation)]


def _iri_of(path: Path) -> str:
    entities = "\n".join(entity.id for entity in path.entities)
    return f"<{PATH[blake2b(entities.encode(), digest_size=8).hexdigest()]}>"


def _steps(text: Text, pattern: _Pattern, found: Mapping[str, Sequence[Path]], codec: Codec) -> str:
    """Return the VALUES block of what is on the paths; a position or thing given filters it."""
    subject, after = pattern.before[0], pattern.after
    if subject.text[1:] not in found or not 1 <= len(after) <= 2:
        raise MalformedQuery(
            f"asks for the steps of {subject.text}, which no path:find of this query fills"
        )
    wanted = [_term(text, token) for token in after]
    names = [subject.text, *(t.text for t in after if t.kind == "variable")]
    rows: dict[tuple[str, ...], None] = {}
    for path in found[subject.text[1:]]:
        for position, thing in _things(path, STEPS[pattern.iri], codec):
            row = (str(position), f"<{thing}>")[-len(after) :]
            pairs = list(zip(wanted, row, strict=True))
            if all(term in {None, value} for term, value in pairs):
                shown = (value for term, value in pairs if term is None)
                rows[_iri_of(path), *shown] = None
    return _values(names, list(rows))


def _term(text: Text, token: Token) -> str | None:
    """Return a position or an IRI as rows have it, None for a variable."""
    if token.kind == "variable":
        return None
    iri = text.iri(token)
    return token.text if iri is None else f"<{iri}>"


def _things(path: Path, kind: str, codec: Codec) -> Iterator[tuple[int, str]]:
    if kind == "entity":
        yield from ((n, codec.iri(entity.id)) for n, entity in enumerate(path.entities))
    else:
        for number, hop in enumerate(path.hops, 1):
            for statement in hop.statements:
                yield number, STATEMENT[quote(statement.id, safe="")]


def _values(names: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    written = " ".join(f"({' '.join(row)})" for row in rows)
    return f"VALUES ({' '.join(names)}) {{ {written} }}"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return '"' + escaped.replace("\r", "\\r") + '"'
