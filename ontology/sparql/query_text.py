"""A SPARQL text as tokens: what it asks for, what it may not ask for, and how large it is.

The parser behind follows nesting on its stack and its planner takes seconds for a star of some
hundred patterns, so both are bounded here, before it sees the text. Only tokens are looked at
(SPARQL 1.1 Query, section 19.8): what is in strings, comments and IRIs is no keyword.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, Literal, NamedTuple
from urllib.parse import urljoin

from mechkg.kg.errors import ForbiddenQuery, MalformedQuery, TooCostly

__all__ = [
    "CLOSING", "MAX_BYTES", "MAX_NESTING", "MAX_OPERATORS", "MAX_PATTERNS", "OPENING", "Form",
    "Text", "Token", "tokens_of",
]  # fmt: skip

Form = Literal["SELECT", "ASK", "CONSTRUCT", "DESCRIBE"]

MAX_BYTES: Final = 65_536
MAX_NESTING: Final = 100
MAX_PATTERNS: Final = 64
MAX_OPERATORS: Final = 500

_TOKEN: Final = re.compile(
    r"""(?P<space>[\x20\t\r\n]+|\#[^\r\n]*)
    |(?P<string>'''(?:'{0,2}(?:[^'\\]|\\.))*'''|\"\"\"(?:"{0,2}(?:[^"\\]|\\.))*\"\"\"
        |'(?:[^'\\\r\n]|\\.)*'|"(?:[^"\\\r\n]|\\.)*")
    |(?P<iri><[^<>"{}|^`\\\x00-\x20]*>)
    |(?P<variable>[?$]\w+)
    |(?P<blank>_:[\w.-]*\w)
    |(?P<name>(?:[^\W\d_](?:[\w.-]*[\w-])?)?:(?:(?:[\w:-]|%[0-9A-Fa-f]{2}|\\.)
        (?:(?:[\w.:-]|%[0-9A-Fa-f]{2}|\\.)*(?:[\w:-]|%[0-9A-Fa-f]{2}|\\.))?)?)
    |(?P<number>(?:\d+\.\d*|\.?\d+)[eE][+-]?\d+|\d*\.\d+|\d+)
    |(?P<tag>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
    |(?P<word>[A-Za-z_]\w*)
    |(?P<mark>\^\^|&&|\|\||<=|>=|!=|<<\(|\)>>|<<|>>|\{\||\|\}|.)""",
    re.VERBOSE | re.DOTALL,
)
OPENING: Final = frozenset(("(", "{", "[", "<<", "<<(", "{|"))
CLOSING: Final = frozenset((")", "}", "]", ">>", ")>>", "|}"))
_QUOTING: Final = frozenset(("<<", "<<(", "{|", "~"))
_JOINING: Final = frozenset(("OPTIONAL", "UNION", "MINUS", "GRAPH", "EXISTS", "SELECT", "BIND"))
_OPERATORS: Final = frozenset(
    ["+", "-", "*", "/", "|", "^", "!", "&&", "||", "=", "!=", "<", ">", "<=", ">=", "IN"]
)
_UPDATES: Final = frozenset(
    ("INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH")
)
_FORMS: Final[Mapping[str, Form]] = {
    "SELECT": "SELECT", "ASK": "ASK", "CONSTRUCT": "CONSTRUCT", "DESCRIBE": "DESCRIBE",
}  # fmt: skip


class Token(NamedTuple):
    """A token: its kind, its text (keywords in capitals), where it starts and ends."""

    kind: str
    text: str
    start: int
    end: int


@dataclass(frozen=True)
class Text:
    """A query, cut into tokens and checked.

    Raises `TooCostly` for what is too long, too deep or has too many parts, `ForbiddenQuery` for
    what would leave the store or change it, and `MalformedQuery` for what is no query at all.

    >>> Text("PREFIX a: <http://a/> SELECT * { a:b ?p ?o }").form
    'SELECT'
    >>> Text("SELECT * { SERVICE <http://a/> { ?s ?p ?o } }")
    Traceback (most recent call last):
    mechkg.kg.errors.ForbiddenQuery: Parameter query may not use SERVICE ...
    """

    text: str
    base: str = ""
    tokens: Sequence[Token] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if len(self.text) > MAX_BYTES or len(self.text.encode()) > MAX_BYTES:
            raise TooCostly(
                f"A query holds at most {MAX_BYTES:,} bytes.",
                limit=f"{MAX_BYTES} bytes",
                hint="Ask in several parts.",
            )
        object.__setattr__(self, "tokens", tuple(tokens_of(self.text)))
        self._check_words()
        self._check_size()

    @cached_property
    def form(self) -> Form:
        """What kind of query it is, by its first keyword after the prologue."""
        for token in self.tokens:
            if token.kind == "word" and token.text in _FORMS:
                return _FORMS[token.text]
        raise MalformedQuery("has none of SELECT, ASK, CONSTRUCT and DESCRIBE")

    @cached_property
    def quotes(self) -> bool:
        """Whether it asks about statements themselves (RDF 1.2: `<< >>`, `{| |}` or `~`)."""
        return any(t.kind == "mark" and t.text in _QUOTING for t in self.tokens)

    @cached_property
    def undeclared(self) -> list[str]:
        """The prefixes that it uses and does not declare, each once."""
        used = (t.text.partition(":")[0] for t in self.tokens if t.kind == "name")
        return [prefix for prefix in dict.fromkeys(used) if prefix not in self.prefixes]

    @cached_property
    def prefixes(self) -> dict[str, str]:
        """The prefixes that the prologue declares, with absolute IRIs."""
        rows = zip(self.tokens, self.tokens[1:], self.tokens[2:], strict=False)
        return {
            name.text[:-1]: self.resolved(iri.text[1:-1])
            for word, name, iri in rows
            if (word.text, name.kind, iri.kind) == ("PREFIX", "name", "iri")
        }

    @cached_property
    def _own_base(self) -> str:
        pairs = zip(self.tokens, self.tokens[1:], strict=False)
        found = [b.text[1:-1] for a, b in pairs if (a.text, b.kind) == ("BASE", "iri")]
        return urljoin(self.base, found[-1]) if found else self.base

    def resolved(self, reference: str) -> str:
        """Return a reference as an absolute IRI (RFC 3986, section 5)."""
        if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", reference) or not self._own_base:
            return reference
        return urljoin(self._own_base, reference)

    def iri(self, token: Token) -> str | None:
        """Return the IRI that a token writes, in full or by prefix; None if it is no IRI."""
        if token.kind == "iri":
            return self.resolved(token.text[1:-1])
        if token.kind != "name":
            return None
        prefix, _, local = token.text.partition(":")
        start = self.prefixes.get(prefix)
        return None if start is None else start + re.sub(r"\\(.)", r"\1", local)

    @cached_property
    def dataset(self) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
        """The default and the named graphs of its FROM clauses, None where it has none."""
        graphs: tuple[list[str], list[str]] = ([], [])
        for named, place in self._dataset_clauses():
            iri = self.iri(self.tokens[place])
            if iri is None:
                raise MalformedQuery(f"has a FROM without a graph: {self.tokens[place].text!r}")
            graphs[named].append(iri)
        return (tuple(graphs[0]), tuple(graphs[1])) if any(graphs) else None

    def without_dataset(self) -> str:
        """Return the text with its FROM clauses blanked, all else in its place."""
        text = self.text
        for named, place in self._dataset_clauses():
            start, end = self.tokens[place - 1 - named].start, self.tokens[place].end
            text = text[:start] + re.sub(r"[^\r\n]", " ", text[start:end]) + text[end:]
        return text

    def _dataset_clauses(self) -> Iterator[tuple[bool, int]]:
        """Yield, for each FROM, whether it is NAMED and the place of its graph."""
        for place, token in enumerate(self.tokens[:-1]):
            if token.kind == "word" and token.text == "FROM":
                named = self.tokens[place + 1].text == "NAMED"
                if place + 1 + named < len(self.tokens):
                    yield named, place + 1 + named

    def _check_words(self) -> None:
        if self._asks_elsewhere():
            raise ForbiddenQuery("may not use SERVICE", hint="Nothing outside this graph is asked.")
        first = next((t.text for t in self.tokens if t.text in _UPDATES | _FORMS.keys()), "")
        if first in _UPDATES:
            raise ForbiddenQuery(
                f"may not use {first}", hint="The graph is read-only, and nothing is fetched."
            )

    def _asks_elsewhere(self) -> bool:
        """Say whether SERVICE stands in the text, with or without space around it.

        The parser behind takes `SERVICEa:b {` and `trueSERVICE ?x {` for SERVICE, too.
        """
        before, after = "", [*(token.text for token in self.tokens[1:]), ""]
        for token, following in zip(self.tokens, after, strict=False):
            glued = "SERVICE" in token.text.partition(":")[0].upper()
            if glued and token.kind == "word":
                return True
            if glued and token.kind == "name" and following == "{" and before != "GRAPH":
                return True
            before = token.text
        return False

    def _check_size(self) -> None:
        depth = deepest = patterns = operators = 0
        for token, inside in self._outside_data():
            depth += (token.text in OPENING) - (token.text in CLOSING)
            deepest = max(deepest, depth)
            operators += token.text in _OPERATORS
            patterns += token.text in _JOINING or (token.text in ".;," and inside != "(")
            patterns += token.text in "/|^" and inside != "(" and token.kind == "mark"
        for count, most, what in (
            (deepest, MAX_NESTING, "levels of nesting"),
            (patterns, MAX_PATTERNS, "patterns, branches and steps"),
            (operators, MAX_OPERATORS, "operators"),
        ):
            if count > most:
                raise TooCostly(
                    f"A query has at most {most} {what}, not {count}.",
                    limit=f"{most} {what}",
                    hint="Ask in several queries; data belong into VALUES, which is not counted.",
                )

    def _outside_data(self) -> Iterator[tuple[Token, str]]:
        """Yield the tokens that are no data of VALUES, each with the bracket that it stands in."""
        stack: list[str] = []
        data = 0
        awaited = False
        for token in self.tokens:
            if token.text == "VALUES" and token.kind == "word":
                awaited = True
            if token.text in OPENING:
                stack.append(token.text)
                if awaited and token.text == "{":
                    awaited, data = False, len(stack)
            elif token.text in CLOSING and stack:
                if len(stack) == data:
                    data = 0
                stack.pop()
            if not data or token.text in OPENING:
                yield token, stack[-1] if stack else ""
            elif token.text in CLOSING:
                yield token, ""


def tokens_of(text: str) -> Iterator[Token]:
    """Yield the tokens of a text, without blanks and comments."""
    for match in _TOKEN.finditer(text):
        kind = str(match.lastgroup)
        if kind != "space":
            word = match[0].upper() if kind == "word" else match[0]
            yield Token(kind, word, match.start(), match.end())
