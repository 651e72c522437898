"""Keys of names, and the file in which a snapshot keeps them.

`names.sqlite` holds one row a name or synonym: its key, entity, kind and category; an FTS5 table
over the words of the keys (without a second copy of the text); and the CURIE prefixes in use.
"""

from __future__ import annotations

import sqlite3
import unicodedata
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from operator import add
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from mechkg.kg.columns.interner import Column  # brings numba, which no reader of names needs

__all__ = [
    "LABEL",
    "NAMES",
    "SYNONYM",
    "NameWriter",
    "Named",
    "inflections",
    "key_of",
    "keys_of",
    "match_of",
]


class Named(NamedTuple):
    """n entities in row order, from row `first` on.

    The prefixes of their CURIEs, names (n texts), categories (n, uint16: their numbers), and the
    synonyms of each, or () where none has any.
    """

    first: int
    prefixes: set[str]
    names: Column
    categories: NDArray[np.uint16]
    synonyms: Sequence[tuple[str, ...]] = ()


NAMES = "names.sqlite"
LABEL, SYNONYM = 0, 1

ENDINGS = (
    ("s", ""), ("es", ""), ("ies", "y"), ("i", "us"), ("ia", "ion"), ("a", "um"), ("a", "on"),
    ("ae", "a"), ("ses", "sis"), ("ices", "ex"), ("ices", "ix"),
)  # fmt: skip
"""Endings of the plural and of the singular, English and the Latin and Greek of anatomy."""

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

SPOOL = "spool_words.sqlite"


def key_of(text: str) -> str:
    r"""Return the form in which names are compared: case, width, spacing and controls ignored.

    >>> key_of("  Neural\u00a0Stem\tCELLS\u200f "), key_of("\x00"), key_of("NAÏVE")
    ('neural stem cells', '', 'naïve')
    """
    if text.isascii() and text.isprintable():  # most names, and ten times faster
        return " ".join(text.lower().split())
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    kept = "".join(
        " " if c.isspace() else c
        for c in folded
        if c.isspace() or unicodedata.category(c) not in {"Cc", "Cf", "Cs"}
    )
    return " ".join(kept.split())


def match_of(key: str) -> str:
    """Return the FTS5 expression for names that hold each word of a key, or one beginning so.

    Every word is quoted, so no text is an operator. A word of one character must be whole: it
    begins too much. Empty where the key has no letter and no digit.

    >>> match_of("tnf-alpha or b")
    '"tnf-alpha"* "or"* "b"'
    """
    words = (word for word in key.split() if any(c.isalnum() for c in word))
    quoted = ((word, '"' + word.replace('"', '""') + '"') for word in words)
    return " ".join(text + "*" if len(word) > 1 else text for word, text in quoted)


def inflections(key: str) -> list[str]:
    """Return the keys that differ from a key by the number of its last word.

    >>> "neural stem cell" in inflections("neural stem cells")
    True
    >>> "mitochondrion" in inflections("mitochondria"), "axons" in inflections("axon")
    (True, True)
    """
    found = []
    for plural, singular in ENDINGS:
        for old, new in ((plural, singular), (singular, plural)):
            stem = key.removesuffix(old) if old else key
            if (not old or stem != key) and len(stem) > 2:
                found.append(stem + new)
    return list(dict.fromkeys(form for form in found if form != key))


def keys_of(texts: Sequence[str]) -> list[str]:
    """Return `key_of` each text; plain ones together, ten times faster.

    >>> keys_of(["Neuron", "B cell"]), keys_of(["NAÏVE", " B  cell"])
    (['neuron', 'b cell'], ['naïve', 'b cell'])
    """
    joined = "\n".join(texts)
    spaced = joined.replace("\n", " ")
    plain = joined.isascii() and spaced.isprintable() and joined.count("\n") == len(texts) - 1
    if plain and "  " not in f" {spaced} ":
        return joined.lower().split("\n")
    return [key_of(text) for text in texts]


class NameWriter:
    """Writes the names of a snapshot in row order, a batch at a time, in two threads of its own.

    One enters names, one indexes their words in a file of its own, which is taken over at the
    end. Nearly all of that needs no interpreter's lock. SQLite's memory stays at some megabytes.
    """

    def __init__(self, directory: Path) -> None:
        self._spool = directory / SPOOL
        self._threads = [ThreadPoolExecutor(1, f"mechkg-{kind}") for kind in ("names", "words")]
        self._waiting: tuple[deque[Future[None]], ...] = (deque(), deque())
        self._prefixes: set[str] = set()
        self._names, self._words = (
            _database(path, script)
            for path, script in ((directory / NAMES, TABLES), (self._spool, WORDS))
        )
        self._words.execute(MERGE_LATER)
        for database in (self._names, self._words):
            database.execute("BEGIN")

    def add(self, batch: Named) -> None:
        """Have some entities entered; raises what went wrong with those before."""
        self._submit(0, self._enter, batch)

    def finish(self) -> Future[None]:
        """Have the names made searchable; the result is there when they are."""
        return self._threads[0].submit(self._finish)

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
        for database in (self._names, self._words):
            database.close()

    def _submit(self, thread: int, work: Callable[..., None], *given: object) -> None:
        waiting = self._waiting[thread]
        waiting.append(self._threads[thread].submit(work, *given))
        if len(waiting) > WAITING:
            waiting.popleft().result()

    def _enter(self, batch: Named) -> None:
        self._prefixes |= batch.prefixes
        known = self._count()
        labels = keys_of(batch.names.texts())
        if batch.synonyms:
            rows = list(_with_synonyms(batch, labels))
            self._names.executemany(INSERT, rows)
            marked = msgspec.json.encode([f" {key}" for *_, key in rows]).decode()
        else:
            marked = _marked(batch, labels)
            self._names.execute(INSERT_LABELS, (batch.first, LABEL, CATEGORY_ZERO, marked))
        self._submit(1, self._index, known + 1, marked)

    def _index(self, first: int, marked: str) -> None:
        self._words.execute(INDEX, (first, marked))

    def _finish(self) -> None:
        for task in self._waiting[0]:
            task.result()
        merged = self._threads[1].submit(self._merge)
        prefixes = sorted((prefix.casefold(), prefix) for prefix in self._prefixes)
        self._names.executemany("INSERT INTO prefix VALUES (?, ?)", prefixes)
        self._names.execute("CREATE INDEX name_key ON name(key)")
        self._names.execute("COMMIT")
        merged.result()
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

    def _count(self) -> int:
        found: int = self._names.execute("SELECT coalesce(max(id), 0) FROM name").fetchone()[0]
        return found


def _database(path: Path, script: str) -> sqlite3.Connection:
    database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    database.executescript(SCHEMA + script)
    return database


def _marked(batch: Named, labels: Sequence[str]) -> str:
    """Return labels as a JSON list, before each the character of its category."""
    marks = map(chr, (batch.categories.astype("i4") + CATEGORY_ZERO).tolist())
    return msgspec.json.encode(list(map(add, marks, labels))).decode()


def _with_synonyms(batch: Named, labels: Sequence[str]) -> Iterator[tuple[int, int, int, str]]:
    """Return the rows of some entities: each name, and its synonyms behind it."""
    named = zip(labels, batch.categories.tolist(), batch.synonyms, strict=True)
    for row, (name, category, others) in enumerate(named, batch.first):
        yield row, LABEL, category, name
        for key in dict.fromkeys(map(key_of, others)):
            if key and key != name:
                yield row, SYNONYM, category, key
