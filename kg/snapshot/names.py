"""Entities by name: search as one types, and grounding of a name to one entity."""

from __future__ import annotations

import difflib
import os
import re
import sqlite3
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from mechkg.kg.columns.npy import open_array
from mechkg.kg.errors import AmbiguousName, Candidate, UnknownEntity
from mechkg.kg.model.cursor import read_cursor, write_cursor
from mechkg.kg.model.grounding import Grounding, NameMatch
from mechkg.kg.model.queries import SearchQuery
from mechkg.kg.model.results import Match, SearchResult
from mechkg.kg.model.schema import Schema
from mechkg.kg.snapshot.grounding import Hit, SpellingIndex, best_kind, entries_of, key_fits
from mechkg.kg.snapshot.index import Index
from mechkg.kg.snapshot.name_keys import FOLDS, IDENTIFIERS, KINDS, NAMES, WIDE, key_of, match_of
from mechkg.kg.snapshot.records import Records
from mechkg.kg.snapshot.spelling import (
    affinity,
    are_opposite,
    identifier_key,
    identifier_parts,
    prefixes_like,
    singular,
    text_hash,
)

__all__ = ["Names"]

MOST_HITS = 10_000
"""Names that one tier of a search looks at before its total becomes a lower bound.

What a search takes is bounded by it, but for the merging of the words' lists: some 0.1 s for a
million names that share a word.
"""

MOST_CANDIDATES = 3_000
"""Names that are compared letter by letter with one that is unknown."""

EXACT = "SELECT entity, kind, 0.0 FROM name WHERE key = :key"
PREFIX = "SELECT entity, 5, length(key) + kind / 2.0 FROM name WHERE key > :key AND key < :end"
WORDS = (
    "SELECT entity, 6, length(name.key) FROM words JOIN name ON name.id = words.rowid "
    "WHERE words MATCH :match"
)
SHARED = (
    "SELECT entity, name.key FROM words JOIN name ON name.id = words.rowid "
    "WHERE words MATCH :match LIMIT :most"
)
IN_CATEGORY = " AND category IN (SELECT value FROM json_each(:categories))"
AT_MOST = " LIMIT :most"

LIKE_SPELLED, LIKE_MISSPELT = 4, 7
"""Tiers of a search: 0 to 3 exact names by their kind, 5 beginnings, 6 words."""

SIMILAR = 0.75
"""Share of letters in order that a suggestion has in common (difflib's ratio)."""

MOST_LINKED = 3
"""Neighbours by which a candidate is described."""

HIDDEN = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]"
)
"""Control characters but for blanks, and those that turn the direction of writing."""

AFTER_ALL = "\U0010ffff"
"""Sorts behind every text that a key continues with."""


class Names:
    """The names of a snapshot; one read-only connection a thread and process.

    No text is an error: what holds no letter, digit or sign finds nothing.
    """

    def __init__(
        self, directory: Path, index: Index, records: Records, schema: Schema, snapshot: str
    ) -> None:
        self._uri = f"{(directory / NAMES).resolve().as_uri()}?mode=ro&immutable=1"
        self._index = index
        self._records = records
        self._schema = schema
        self._snapshot = snapshot
        self._local = threading.local()
        self._spelling = SpellingIndex(self._fetch, open_array(directory / FOLDS))
        self._identifiers = open_array(directory / IDENTIFIERS)

    def search(self, query: SearchQuery) -> SearchResult:
        """Return one page of the entities with a name like a text, best first.

        Order: the entity of this identifier; exact names; exact synonyms; names that fit as those
        that queries take (`ground`); names that begin with the text, then names that hold its
        words, short ones first; if there are none, names one typing error away. Ties: more
        statements first.
        Where more than `MOST_HITS` names of one of these kinds match, that many of them are
        ranked, those first by alphabet or by row, and `total` is a lower bound.

        Raises `UnknownTerm` for a category, `StaleCursor`. O(names that match).
        """
        key = key_of(query.q)
        begin = read_cursor(query, self._snapshot)
        rows, cut = self._ranked(query, key)
        page = rows[begin : begin + query.limit].tolist()
        end = begin + len(page)
        complete = begin == 0 and end == len(rows) and not cut
        return SearchResult(
            query=query,
            matches=tuple(self._match(row, key) for row in page),
            complete=complete,
            truncated_by=None if complete else "limit",
            total=len(rows),
            total_is_exact=not cut,
            cursor=write_cursor(query, self._snapshot, end) if end < len(rows) else None,
            snapshot=self._snapshot,
        )

    def ground(self, text: str, parameter: str = "entity") -> int:
        """Return the row of the one entity that a text names; see `resolve`."""
        return self.resolve(text, parameter)[0]

    def resolve(self, text: str, parameter: str = "entity") -> tuple[int, Grounding]:
        """Return the row of the one entity that a text names, and by which rule it does.

        The rules are those of `mechkg.kg.snapshot.grounding`. Raises `AmbiguousName` where several
        entities fit equally, `UnknownEntity` with up to 5 suggestions where none does. Some
        milliseconds at most, whatever the number of names.
        """
        rows = self.identifier_rows(text)
        if len(rows) == 1:
            return rows[0], self._identified(rows[0], text, parameter)
        if rows:
            raise self._ambiguous(parameter, text, rows)
        key = key_of(text)
        fits = self._spelling.fits(key)
        for rule, found in fits:
            hits = self._as_written(text, found)
            if not hits:
                continue
            rows, marked = best_kind(hits)
            row = None if marked else self._only(rows)
            if row is None and rule == "typing error":
                break
            if row is None:
                raise self._ambiguous(parameter, text, rows)
            if not self._index.degree[row]:
                others = {hit.row for hit in hits}.union(
                    hit.row for looser, more in fits if looser == "spelling" for hit in more
                )
                linked = [other for other in others if self._index.degree[other]]
                if linked:
                    raise self._ambiguous(parameter, text, [row, *linked])
            name = next(hit.key for hit in hits if hit.row == row)
            return row, self._grounded(row, text, parameter, rule, name)
        raise UnknownEntity(parameter, text, self._labels(self._suggestions(key)))

    def _as_written(self, text: str, hits: Sequence[Hit]) -> Sequence[Hit]:
        """Return the names that may be meant; of a text with `HIDDEN` characters, its equals."""
        if not HIDDEN.search(text):
            return hits
        return [hit for hit in hits if text in self._written(hit.row)]

    def _written(self, row: int) -> tuple[str, ...]:
        entity = self._records.entity(row)
        return entity.name, *entity.synonyms

    def identifier_rows(self, text: str) -> list[int]:
        """Return the entities of an identifier: one of this CURIE or IRI, else by cross-reference.

        Case and the names of a registry do not count (`UniProtKB`, `UniProt`). O(log n).
        """
        row = self._records.entity_row(text.strip())
        if row is not None:
            return [row]
        prefix, local = identifier_parts(text)
        if not prefix or not local:
            return []
        folded = msgspec.json.encode(
            [name.encode("utf-8", "replace").decode() for name in prefixes_like(prefix)]
        ).decode()
        sql = "SELECT prefix FROM prefix WHERE folded IN (SELECT value FROM json_each(:folded))"
        spelled = [f"{known}:{local}" for (known,) in self._fetch(sql, {"folded": folded})]
        rows = {self._records.entity_row(curie) for curie in spelled} - {None}
        if rows:
            return sorted(row for row in rows if row is not None)
        key = identifier_key(text)
        found = set(entries_of(self._identifiers, [text_hash(key)]))
        return sorted(row for row in found if self._is_reference(row, key))

    def _is_reference(self, row: int, key: str) -> bool:
        entity = self._records.entity(row)
        return any(identifier_key(text) == key for text in (*entity.xrefs, entity.iri) if text)

    def _identified(self, row: int, text: str, parameter: str) -> Grounding:
        """Return how an identifier was read."""
        entity = self._records.entity(row)
        own = {identifier_key(t) for t in (entity.id, entity.iri) if t}
        is_own = text.strip() == entity.id or identifier_key(text) in own
        sentence = (
            "" if is_own else f"{text.strip()} is a cross-reference of {entity.name} ({entity.id})."
        )
        return Grounding(
            parameter=parameter,
            given=text,
            id=entity.id,
            name=entity.name,
            match="identifier" if is_own else "cross-reference",
            matched=entity.id if is_own else text.strip(),
            sentence=sentence,
        )

    def _grounded(
        self, row: int, text: str, parameter: str, rule: NameMatch, key: str
    ) -> Grounding:
        """Return how a name was read: by its rule or, where that is exact, by the kind of name."""
        entity = self._records.entity(row)
        names = (entity.name, *entity.synonyms)
        matched = next((name for name in names if key_of(name) == key), entity.name)
        kind = entity.synonym_kinds.get(matched)
        match: NameMatch = rule
        if kind is not None and kind != "ambiguous" and (rule == "name" or KINDS[kind] == WIDE):
            match = kind
        elif rule == "name" and matched != entity.name:
            match = "synonym"
        return Grounding(
            parameter=parameter,
            given=text,
            id=entity.id,
            name=entity.name,
            match=match,
            matched=matched,
            sentence=self._reading(row, text.strip(), match, matched),
        )

    def _reading(self, row: int, text: str, match: NameMatch, matched: str) -> str:
        """Say what a reader should know of how a name was read; empty where that is nothing."""
        name, curie = self._records.name(row), self._records.curie(row)
        entity = f"{name} ({curie})"
        said = {
            "abbreviation": f"{text} is an abbreviation of {entity}.",
            "brand": f"{text} is a brand name of {entity}.",
            "broad": f"{text} is a broader name, read as {entity}.",
            "narrow": f"{text} is a narrower name, read as {entity}.",
            "related": f"{text} is a related name, read as {entity}.",
            "spelling": f"{text} was read as {matched}, which is {entity}.",
            "word order": f"{text} was read as {matched}, which is {entity}.",
            "typing error": f"No name is {text}; it was read as {matched}, which is {entity}.",
        }.get(match, "")
        if matched == name:
            said = said.replace(f"{matched}, which is {entity}", entity)
        if not self._index.degree[row]:
            said = f"{said} The graph states nothing about {entity}.".strip()
        return said

    def _only(self, rows: Sequence[int]) -> int | None:
        """Return the only one of some entities, or the only one that has statements."""
        linked = rows if len(rows) == 1 else [row for row in rows if self._index.degree[row]]
        return linked[0] if len(linked) == 1 else None

    def _ambiguous(self, parameter: str, text: str, rows: Iterable[int]) -> AmbiguousName:
        """Return the error of a name of several entities.

        First those whose own name holds the text, then those that it may abbreviate, then the
        rest; of each those with most statements first. Entities without statements come last.
        """
        key, records, degree = key_of(text), self._records, self._index.degree
        ranked = sorted(
            set(rows),
            key=lambda row: (
                not degree[row],
                affinity(key, key_of(records.name(row))),
                -int(degree[row]),
                row,
            ),
        )
        details = [self._candidate(row) for row in ranked]
        return AmbiguousName(parameter, text, self._labels(ranked), details)

    def _candidate(self, row: int) -> Candidate:
        index, records = self._index, self._records
        ends = [
            *index.object[index.out_ptr[row] : index.out_ptr[row] + MOST_LINKED].tolist(),
            *index.in_nbr[index.in_ptr[row] : index.in_ptr[row] + MOST_LINKED].tolist(),
        ]
        most = int(index.degree[row])
        linked = dict.fromkeys(records.name(end) for end in ends[:most] if end != row)
        return Candidate(
            records.curie(row),
            records.name(row),
            self._schema.categories[index.category[row]].id,
            most,
            tuple(linked)[:MOST_LINKED],
        )

    def _ranked(self, query: SearchQuery, key: str) -> tuple[NDArray[np.int64], bool]:
        """Return the rows of all matching entities, best first, and whether hits were cut."""
        admitted = self._admitted(query.category)
        values = {
            "key": key,
            "end": key + AFTER_ALL,
            "match": match_of(key),
            "most": MOST_HITS,
            "categories": msgspec.json.encode(admitted).decode(),
        }
        hits: list[tuple[int, int, float]] = []
        cut = False
        for sql, wanted in ((EXACT, key), (PREFIX, key), (WORDS, values["match"])):
            if wanted:
                narrowed = sql + (IN_CATEGORY if query.category else "")
                found = self._fetch(narrowed + AT_MOST, values)
                cut |= len(found) == MOST_HITS
                hits += found
        other = [(row, -1, 0.0) for row in self.identifier_rows(query.q)]
        for rule, fits in self._spelling.fits(key):
            if rule == "typing error" and (hits or other):
                break
            tier = LIKE_MISSPELT if rule == "typing error" else LIKE_SPELLED
            if rule != "name":
                other += [(hit.row, tier, float(len(hit.key))) for hit in fits]
        if query.category:
            wanted_codes = set(admitted)
            other = [hit for hit in other if int(self._index.category[hit[0]]) in wanted_codes]
        return self._sorted([*hits, *other]), cut

    def _sorted(self, hits: Sequence[tuple[int, int, float]]) -> NDArray[np.int64]:
        if not hits:
            return np.empty(0, np.int64)
        table = np.array(hits, np.float64)
        row = table[:, 0].astype(np.int64)
        order = np.lexsort((row, -self._index.degree[row], table[:, 2], table[:, 1]))
        row = row[order]
        _, first = np.unique(row, return_index=True)
        return row[np.sort(first)]

    def _admitted(self, categories: Iterable[str]) -> list[int]:
        names = {name for text in categories for name in self._schema.categories_under(text)}
        return [i for i, category in enumerate(self._schema.categories) if category.id in names]

    def _match(self, row: int, key: str) -> Match:
        entity = self._records.entity(row)
        texts = (entity.name, *entity.synonyms)
        keys = [key_of(text) for text in texts]
        words = {singular(word) for word in key.split() if len(word) > 1}
        tests = (
            lambda k: k == key,
            lambda k: key_fits(key, k),
            lambda k: k.startswith(key),
            lambda k: all(word in k for word in words),
        )
        fits = (text for test in tests for text, k in zip(texts, keys, strict=True) if test(k))
        by_curie = row in self.identifier_rows(key)
        return Match(
            id=entity.id,
            name=entity.name,
            category=entity.category,
            matched=entity.id if by_curie else next(fits, entity.name),
            synonyms=entity.synonyms,
            degree=int(self._index.degree[row]),
        )

    def _labels(self, rows: Iterable[int]) -> list[tuple[str, str]]:
        return [(self._records.curie(row), self._records.name(row)) for row in rows]

    def _suggestions(self, key: str) -> list[int]:
        """Return up to 5 entities with a name like a key, none with an opposite one.

        First what is one typing error away, then by letters, then names that hold all its words,
        then some; of these, entities without statements come last.
        """
        found = [(hit.key, hit.row) for hit in self._spelling.misspelt(key)]
        candidates: dict[str, int] = {}
        for length in (3, 2, 1, 0):
            start = key[:length]
            sql = "SELECT key, entity FROM name WHERE key >= :key AND key < :end LIMIT :most"
            values = {"key": start, "end": start + AFTER_ALL, "most": MOST_CANDIDATES}
            for name, row in self._fetch(sql, values):
                candidates.setdefault(name, row)
            if len(candidates) >= MOST_CANDIDATES:
                break
        close = difflib.get_close_matches(key[:100], candidates, n=10, cutoff=SIMILAR)
        found += [(name, candidates[name]) for name in close]
        words = [match for word in key.split() if (match := match_of(word))]
        for joined in (" ".join(words), " OR ".join(words)):
            if joined and len(found) < 5:
                found += self._sharing(joined, key)
        kept = [row for name, row in found if not are_opposite(key, name)]
        kept.sort(key=lambda row: not self._index.degree[row])
        return list(dict.fromkeys(kept))[:5]

    def _sharing(self, match: str, key: str) -> list[tuple[str, int]]:
        """Return names that share words with a key, those that share most first."""
        hits = self._fetch(SHARED, {"match": match, "most": MOST_CANDIDATES})
        words = set(map(singular, key.split()))
        degree = self._index.degree

        def rank(hit: tuple[int, str]) -> tuple[int, int, int]:
            shared = words.intersection(map(singular, hit[1].split()))
            return -len(shared), len(hit[1]), -int(degree[hit[0]])

        return [(name, row) for row, name in sorted(hits, key=rank)[:10]]

    def _fetch(self, sql: str, values: dict[str, object]) -> list[Any]:
        connection: _Connection | None = getattr(self._local, "connection", None)
        if connection is None or connection.process != os.getpid():
            connection = self._local.connection = _Connection(self._uri)
        return connection.database.execute(sql, values).fetchall()


class _Connection:
    """A connection that closes with the thread that it belongs to, and is of one process."""

    __slots__ = ("database", "process")

    def __init__(self, uri: str) -> None:
        self.process = os.getpid()
        # The last reference may be dropped by another thread, which then closes it.
        self.database = sqlite3.connect(uri, uri=True, check_same_thread=False)

    def __del__(self) -> None:
        if self.process == os.getpid():
            self.database.close()
