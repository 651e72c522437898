"""A SPARQL update as triples to take out and to add (SPARQL 1.1 Update, sections 3.1.1 to 3.1.3).

INSERT DATA and DELETE DATA are documents in Turtle; DELETE and INSERT with WHERE are CONSTRUCT
queries, which say what the templates come to. Nothing else of the language is there: a graph is
changed by what is said of statements and entities, not emptied, copied or fetched.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from mechkg.kg.errors import ForbiddenQuery, MalformedQuery, TooCostly
from mechkg.ontology.sparql.query_text import CLOSING, MAX_NESTING, OPENING, Token, tokens_of

__all__ = ["Part", "Update", "read_update"]

_PROLOGUE: Final = frozenset(("PREFIX", "BASE"))


@dataclass(frozen=True, slots=True)
class Part:
    """Triples: a document in Turtle, or with `is_query` a CONSTRUCT query."""

    text: str
    is_query: bool


@dataclass(frozen=True, slots=True)
class Update:
    """What an update takes out, and what it adds."""

    deletes: tuple[Part, ...]
    inserts: tuple[Part, ...]


def read_update(text: str) -> Update:
    """Return what an update does.

    Several operations of data may follow each other, all deletions before all insertions; one with
    WHERE stands alone. Raises `MalformedQuery`, `ForbiddenQuery`, `TooCostly`.

    >>> update = read_update("PREFIX a: <http://a/> DELETE { a:b a:c ?x } WHERE { a:b a:c ?x }")
    >>> update.deletes[0].text
    'PREFIX a: <http://a/> CONSTRUCT { a:b a:c ?x } WHERE { a:b a:c ?x }'
    """
    reader = _Reader(text)
    deletes: list[Part] = []
    inserts: list[Part] = []
    count = 0
    while reader.more():
        count += 1
        removed, added = reader.operation()
        if inserts and removed:
            raise MalformedQuery("deletes after it inserts", hint="Send the deletions before.")
        deletes += removed
        inserts += added
    if count > 1 and any(part.is_query for part in (*deletes, *inserts)):
        raise MalformedQuery("has WHERE beside another operation", hint="Send one at a time.")
    if not count:
        raise MalformedQuery("has no operation")
    return Update(tuple(deletes), tuple(inserts))


class _Reader:
    """Takes the operations of an update in turn."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens: Sequence[Token] = tuple(tokens_of(text))
        self._at = 0
        self._prologue = ""
        _check_nesting(self._tokens)

    def more(self) -> bool:
        """Say whether another operation follows; takes what declares prefixes before it."""
        if self._word() == ";":
            self._at += 1
        start = self._at
        while self._word() in _PROLOGUE:
            self._at += 3 if self._word() == "PREFIX" else 2
        if self._at > start:
            last = self._tokens[min(self._at, len(self._tokens)) - 1]
            self._prologue += f"{self._text[self._tokens[start].start : last.end]} "
        return self._at < len(self._tokens)

    def operation(self) -> tuple[list[Part], list[Part]]:
        """Take an operation; returns what it deletes and what it inserts."""
        word = self._word()
        if word not in {"INSERT", "DELETE"}:
            raise ForbiddenQuery(
                f"may not use {word[:40]}",
                hint="There are INSERT DATA, DELETE DATA, and DELETE and INSERT with WHERE.",
            )
        self._at += 1
        following = self._word()
        if following == "DATA":
            self._at += 1
            data = self._group()
            # Turtle ends each statement with a full stop, SPARQL need not end the last.
            end = "" if self._tokens[self._at - 2].text in {".", "{"} else "\n."
            part = Part(f"{self._prologue}\n{data}{end}", is_query=False)
            return ([], [part]) if word == "INSERT" else ([part], [])
        if word == "DELETE" and following == "WHERE":
            self._at += 1
            pattern = self._group()
            return [self._constructed(pattern, pattern)], []
        templates = {word: self._group()}
        if word == "DELETE" and self._word() == "INSERT":
            self._at += 1
            templates["INSERT"] = self._group()
        if self._word() != "WHERE":
            raise MalformedQuery("lacks WHERE")
        self._at += 1
        where = self._group()
        parts = {name: [self._constructed(t, where)] for name, t in templates.items()}
        return parts.get("DELETE", []), parts.get("INSERT", [])

    def _constructed(self, template: str, where: str) -> Part:
        text = f"{self._prologue}CONSTRUCT {{{template}}} WHERE {{{where}}}"
        return Part(text, is_query=True)

    def _group(self) -> str:
        """Take a group in braces; returns what is in it."""
        if self._word() != "{":
            raise MalformedQuery("lacks a group in braces")
        depth, first = 0, self._at
        while self._at < len(self._tokens):
            word = self._word()
            if word == "GRAPH":
                raise ForbiddenQuery("may not name a graph", hint="There is one to change.")
            depth += (word == "{") - (word == "}")
            self._at += 1
            if not depth:
                last = self._tokens[self._at - 1]
                return self._text[self._tokens[first].end : last.start]
        raise MalformedQuery("has a group that is not closed")

    def _word(self) -> str:
        return self._tokens[self._at].text if self._at < len(self._tokens) else ""


def _check_nesting(tokens: Sequence[Token]) -> None:
    depth = 0
    for token in tokens:
        depth += (token.text in OPENING) - (token.text in CLOSING)
        if depth > MAX_NESTING:
            limit = f"{MAX_NESTING} levels of nesting"
            raise TooCostly(f"An update has at most {limit}.", limit=limit)
