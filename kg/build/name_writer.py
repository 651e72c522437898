"""The names of a snapshot on their way to the disk: to be searched by word, key and spelling."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing, suppress
from operator import add
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from mechkg.kg.build.name_folds import fold_entries
from mechkg.kg.columns.closing import close_all
from mechkg.kg.columns.interner import Column
from mechkg.kg.columns.npy import write_array
from mechkg.kg.model.values import Entity
from mechkg.kg.snapshot.name_keys import (
    AMBIGUOUS,
    FOLDS,
    IDENTIFIERS,
    KINDS,
    LABEL,
    NAMES,
    SYNONYM,
    key_of,
    keys_of,
)
from mechkg.kg.snapshot.spelling import identifier_key, text_hash

__all__ = ["NameWriter", "Named"]


class Named(NamedTuple):
    """n entities in row order, from row `first` on.

    The prefixes of their CURIEs, names (n texts), categories (n, uint16: their numbers), and the
    entities themselves, or () where none has more than that.
    """

    first: int
    prefixes: set[str]
    names: Column
    categories: NDArray[np.uint16]
    entities: Sequence[Entity] = ()


SCHEMA = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA page_size = 8192;
"""

TABLES = """
CREATE TABLE name (
    id INTEGER PRIMARY KEY, entity INTEGER, kind INTEGER, category INTEGER, key TEXT);
CREATE TABLE prefix (folded TEXT, prefix TEXT);
"""

WORDS = """
CREATE VIRTUAL TABLE words USING fts5(
    key, content = '', columnsize = 0, tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3');
"""

INSERT = "INSERT INTO name(entity, kind, category, key) VALUES (?, ?, ?, ?)"
CATEGORY_ZERO: Final = 0x10000
"""The character that stands for category 0 before a key; those behind it are all plain ones."""
INSERT_LABELS = """
INSERT INTO name(entity, kind, category, key)
SELECT ? + key, ?, unicode(value) - ?, substr(value, 2) FROM json_each(?)
"""
"""Enters many labels in one step, so that the interpreter is not asked for each row."""
INDEX = "INSERT INTO words(rowid, key) SELECT ? + key, substr(value, 2) FROM json_each(?)"

MERGE_LATER = "INSERT INTO words(words, rank) VALUES ('automerge', 0)"
"""Segments of the index of words are merged once, at the end, not again and again on the way."""
MERGE = "INSERT INTO words(words) VALUES ('optimize')"

WAITING = 128
"""Batches that wait to be entered, at most: some 60 bytes an entity."""

TAKE_WORDS = """
DELETE FROM words_data; INSERT INTO words_data SELECT * FROM made.words_data;
DELETE FROM words_idx; INSERT INTO words_idx SELECT * FROM made.words_idx;
"""
"""Takes over an index of words as a whole: FTS5 keeps all of it in these two tables."""

DISK_ERRORS: Final = {
    sqlite3.SQLITE_FULL: errno.ENOSPC,
    sqlite3.SQLITE_IOERR: errno.EIO,
    sqlite3.SQLITE_CANTOPEN: errno.EACCES,
    sqlite3.SQLITE_READONLY: errno.EROFS,
}
"""What the system would have said."""

SPOOL = "spool_words.sqlite"
FOLD_SPOOL, IDENTIFIER_SPOOL = "spool_name_folds.bin", "spool_references.bin"


class NameWriter:
    """Writes the names of a snapshot in row order, a batch at a time, in three threads of its own.

    One enters names, one indexes their words in a file of its own, which is taken over at the
    end, one hashes their spellings. Nearly all of that needs no interpreter's lock. SQLite's
    memory stays at some megabytes; sorting spellings takes 16 bytes for each name at the end.
    """

    def __init__(self, directory: Path) -> None:
        self._spool = directory / SPOOL
        self._directory = directory
        kinds = ("names", "words", "folds")
        self._threads = [ThreadPoolExecutor(1, f"mechkg-{kind}") for kind in kinds]
        self._waiting: tuple[deque[Future[None]], ...] = (deque(), deque(), deque())
        self._prefixes: set[str] = set()
        with ExitStack() as opened:  # closed again where the disk is full
            self._folds, self._identifiers = (
                opened.enter_context((directory / spool).open("wb"))
                for spool in (FOLD_SPOOL, IDENTIFIER_SPOOL)
            )
            self._names, self._words = (
                opened.enter_context(closing(_database(path, script)))
                for path, script in ((directory / NAMES, TABLES), (self._spool, WORDS))
            )
            self._words.execute(MERGE_LATER)
            for database in (self._names, self._words):
                database.execute("BEGIN")
            opened.pop_all()

    def add(self, batch: Named) -> None:
        """Have some entities entered; raises what went wrong with those before (`OSError`)."""
        self._submit(0, self._enter, batch)

    def finish(self) -> Future[None]:
        """Have the names made searchable; the result is there when they are."""
        return self._threads[0].submit(_on_disk, self._finish)

    def close(self) -> None:
        """Let go of threads and files; may be called again.

        What runs is interrupted: merging the words of millions of names takes minutes.
        """
        for thread in self._threads:
            thread.shutdown(wait=False, cancel_futures=True)
        for database in (self._names, self._words):
            with suppress(sqlite3.ProgrammingError):  # closed, as it is when all is done
                database.interrupt()
        for thread in self._threads:
            thread.shutdown()
        close_all(self._names, self._words, self._folds, self._identifiers)

    def _submit(self, thread: int, work: Callable[..., None], *given: object) -> None:
        waiting = self._waiting[thread]
        waiting.append(self._threads[thread].submit(_on_disk, work, *given))
        if len(waiting) > WAITING:
            waiting.popleft().result()

    def _enter(self, batch: Named) -> None:
        self._prefixes |= batch.prefixes
        known = self._count()
        labels = keys_of(batch.names.texts())
        if any(entity.synonyms for entity in batch.entities):
            rows = list(_with_synonyms(batch, labels))
            self._names.executemany(INSERT, rows)
            keys = [key for *_, key in rows]
            column = Column.of(keys)
            marked = msgspec.json.encode([f" {key}" for key in keys]).decode()
        else:
            column = batch.names
            marked = _marked(batch, labels)
            self._names.execute(INSERT_LABELS, (batch.first, LABEL, CATEGORY_ZERO, marked))
        self._submit(1, self._index, known + 1, marked)
        self._submit(2, self._hash, known + 1, column, batch)

    def _hash(self, first: int, names: Column, batch: Named) -> None:
        self._folds.write(fold_entries(names, first).tobytes())
        self._identifiers.write(_identifier_entries(batch).tobytes())

    def _index(self, first: int, marked: str) -> None:
        self._words.execute(INDEX, (first, marked))

    def _finish(self) -> None:
        for task in self._waiting[0]:
            task.result()
        merged = self._threads[1].submit(_on_disk, self._merge)
        sorted_ = self._threads[2].submit(self._sort)
        prefixes = sorted((prefix.casefold(), prefix) for prefix in self._prefixes)
        self._names.executemany("INSERT INTO prefix VALUES (?, ?)", prefixes)
        self._names.execute("CREATE INDEX name_key ON name(key)")
        self._names.execute("COMMIT")
        merged.result()
        sorted_.result()
        self._names.executescript(WORDS)
        self._names.execute("ATTACH ? AS made", (str(self._spool),))
        self._names.executescript(f"BEGIN; {TAKE_WORDS} COMMIT; DETACH made;")
        self._spool.unlink()

    def _merge(self) -> None:
        for task in self._waiting[1]:
            task.result()
        self._words.execute(MERGE)
        self._words.execute("COMMIT")
        self._words.close()

    def _sort(self) -> None:
        for task in self._waiting[2]:
            task.result()
        for file, spool, name in (
            (self._folds, FOLD_SPOOL, FOLDS),
            (self._identifiers, IDENTIFIER_SPOOL, IDENTIFIERS),
        ):
            file.close()
            entries = np.fromfile(self._directory / spool, np.uint64)
            entries.sort()
            write_array(self._directory / name, entries)
            (self._directory / spool).unlink()

    def _count(self) -> int:
        found: int = self._names.execute("SELECT coalesce(max(id), 0) FROM name").fetchone()[0]
        return found


def _database(path: Path, script: str) -> sqlite3.Connection:
    database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    with ExitStack() as opened:
        opened.callback(database.close)
        _on_disk(database.executescript, SCHEMA + script)
        opened.pop_all()
    return database


def _on_disk(work: Callable[..., object], *given: object) -> None:
    """Do some work; what SQLite says of a full or broken disk is an `OSError`, as of any file."""
    try:
        work(*given)
    except sqlite3.OperationalError as error:
        # The primary code of an extended one (https://www.sqlite.org/rescode.html).
        number = DISK_ERRORS.get(error.sqlite_errorcode & 0xFF)
        if number is None:
            raise
        raise OSError(number, os.strerror(number), NAMES) from error


def _marked(batch: Named, labels: Sequence[str]) -> str:
    """Return labels as a JSON list, before each the character of its category."""
    marks = map(chr, (batch.categories.astype("i4") + CATEGORY_ZERO).tolist())
    return msgspec.json.encode(list(map(add, marks, labels))).decode()


def _with_synonyms(batch: Named, labels: Sequence[str]) -> Iterator[tuple[int, int, int, str]]:
    """Return the rows of some entities: each name, and its synonyms behind it."""
    named = zip(labels, batch.categories.tolist(), batch.entities, strict=True)
    for row, (name, category, entity) in enumerate(named, batch.first):
        yield row, LABEL, category, name
        kinds: dict[str, int] = {}
        for text in entity.synonyms:
            kind = entity.synonym_kinds.get(text)
            stored = SYNONYM if kind is None else KINDS[kind]
            key = key_of(text)
            kinds[key] = max(kinds.get(key, SYNONYM), stored)
        for key, stored in kinds.items():
            if key and (key != name or stored == AMBIGUOUS):
                yield row, stored, category, key


def _identifier_entries(batch: Named) -> NDArray[np.uint64]:
    """Return an entry for each cross-reference and IRI of some entities: uint64."""
    entries = [
        text_hash(identifier_key(text)) << 32 | row
        for row, entity in enumerate(batch.entities, batch.first)
        for text in (*entity.xrefs, entity.iri)
        if text
    ]
    return np.array(entries, np.uint64)
