"""Entities by name: search as one types, and grounding of a name to one entity."""

from __future__ import annotations

import difflib
import os
import sqlite3
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from mechkg.kg.errors import AmbiguousName, UnknownEntity
from mechkg.kg.model.cursor import read_cursor, write_cursor
from mechkg.kg.model.queries import Match, SearchQuery, SearchResult
from mechkg.kg.model.schema import Schema
from mechkg.kg.snapshot.index import Index
from mechkg.kg.snapshot.name_keys import LABEL, NAMES, SYNONYM, inflections, key_of, match_of
from mechkg.kg.snapshot.records import Records

__all__ = ["Names"]

MOST_HITS = 10_000
"""Names that one tier of a search looks at before its total becomes a lower bound.

What a search takes is bounded by it, but for the merging of the words' lists: some 0.1 s for a
million names that share a word.
"""

MOST_CANDIDATES = 3_000
"""Names that are compared letter by letter with one that is unknown."""

EXACT = "SELECT entity, kind, 0.0 FROM name WHERE key = :key"
PREFIX = "SELECT entity, 2, length(key) + kind / 2.0 FROM name WHERE key > :key AND key < :end"
WORDS = (
    "SELECT entity, 3, length(name.key) FROM words JOIN name ON name.id = words.rowid "
    "WHERE words MATCH :match"
)
SHARED = (
    "SELECT entity, name.key FROM words JOIN name ON name.id = words.rowid "
    "WHERE words MATCH :match LIMIT :most"
)
IN_CATEGORY = " AND category IN (SELECT value FROM json_each(:categories))"
AT_MOST = " LIMIT :most"

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

    def search(self, query: SearchQuery) -> SearchResult:
        """Return one page of the entities with a name like a text, best first.

        Order: the entity of this CURIE; exact names; exact synonyms; names that begin with the
        text, then names that hold its words, short ones first. Ties: more statements first.
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
        """Return the row of the one entity that a text names.

        In this order, the first that fits anything decides: a CURIE (its prefix in any case); a
        name; a synonym; a name, then a synonym, in singular or plural. Case is ignored, unless it
        tells apart what else would be ambiguous. Raises `AmbiguousName` where several entities
        fit equally, `UnknownEntity` with up to 5 suggestions where none does.
        """
        row = self._row_of_curie(text.strip())
        if row is not None:
            return row
        key = key_of(text)
        for keys in ((key,), inflections(key)):
            for kind in (LABEL, SYNONYM):
                found = self._named(keys, kind)
                if len(found) > 1:
                    found = self._spelled(found, text.strip(), kind) or found
                if len(found) == 1:
                    return found[0]
                if found:
                    raise AmbiguousName(parameter, text, self._labels(found))
        raise UnknownEntity(parameter, text, self._labels(self._suggestions(key)))

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
        row = self._row_of_curie(query.q.strip())
        if row is not None and (not query.category or self._index.category[row] in admitted):
            hits.append((row, -1, 0.0))
        return self._sorted(hits), cut

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
        words = {word for word in key.split() if len(word) > 1}
        tests = (
            lambda k: k == key,
            lambda k: k.startswith(key),
            lambda k: all(word in k for word in words),
        )
        fits = (text for test in tests for text, k in zip(texts, keys, strict=True) if test(k))
        by_curie = self._row_of_curie(key) == row
        return Match(
            id=entity.id,
            name=entity.name,
            category=entity.category,
            matched=entity.id if by_curie else next(fits, entity.name),
            synonyms=entity.synonyms,
            degree=int(self._index.degree[row]),
        )

    def _row_of_curie(self, text: str) -> int | None:
        row = self._records.entity_row(text)
        prefix, colon, local = text.partition(":")
        if row is not None or not colon:
            return row
        folded = prefix.encode("utf-8", "replace").decode().casefold()
        sql = "SELECT prefix FROM prefix WHERE folded = :folded"
        spelled = [f"{known}:{local}" for (known,) in self._fetch(sql, {"folded": folded})]
        rows = {self._records.entity_row(curie) for curie in spelled} - {None}
        return rows.pop() if len(rows) == 1 else None

    def _named(self, keys: Iterable[str], kind: int) -> list[int]:
        """Return the entities that have one of some keys as a name of a kind, in row order."""
        sql = "SELECT entity FROM name WHERE key = :key AND kind = :kind"
        found = {
            row for key in keys if key for (row,) in self._fetch(sql, {"key": key, "kind": kind})
        }
        return sorted(found)

    def _spelled(self, rows: Sequence[int], text: str, kind: int) -> list[int]:
        """Return those of some entities that have exactly this spelling as a name of a kind."""
        if kind == LABEL:
            return [row for row in rows if self._records.name(row) == text]
        return [row for row in rows if text in self._records.entity(row).synonyms]

    def _labels(self, rows: Iterable[int]) -> list[tuple[str, str]]:
        return [(self._records.curie(row), self._records.name(row)) for row in rows]

    def _suggestions(self, key: str) -> list[int]:
        """Return up to 5 entities with a name like a key: by letters, then by shared words."""
        candidates: dict[str, int] = {}
        for length in (3, 2, 1, 0):
            start = key[:length]
            sql = "SELECT key, entity FROM name WHERE key >= :key AND key < :end LIMIT :most"
            values = {"key": start, "end": start + AFTER_ALL, "most": MOST_CANDIDATES}
            for name, row in self._fetch(sql, values):
                candidates.setdefault(name, row)
            if len(candidates) >= MOST_CANDIDATES:
                break
        close = difflib.get_close_matches(key[:100], candidates, n=10, cutoff=0.6)
        rows = [candidates[name] for name in close]
        any_word = " OR ".join(match_of(word) for word in key.split() if match_of(word))
        if len(rows) < 5 and any_word:
            hits = self._fetch(SHARED, {"match": any_word, "most": MOST_CANDIDATES})
            words = set(key.split())
            hits.sort(key=lambda hit: (-len(words.intersection(hit[1].split())), len(hit[1])))
            rows += [row for row, _ in hits[:10]]
        return list(dict.fromkeys(rows))[:5]

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
