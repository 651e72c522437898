"""Keys of names, and the file in which a snapshot keeps them.

`names.sqlite` holds one row a name or synonym: its key, entity, kind and category; an FTS5 table
over the words of the keys (without a second copy of the text); and the CURIE prefixes in use.
"""

from __future__ import annotations

import sqlite3
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

__all__ = [
    "LABEL",
    "NAMES",
    "SYNONYM",
    "finish_names",
    "inflections",
    "key_of",
    "match_of",
    "write_names",
]

Named = tuple[str, str, tuple[str, ...], int]
"""An entity's CURIE, name, synonyms, and the number of its category."""

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
CREATE TABLE name (
    id INTEGER PRIMARY KEY, entity INTEGER, kind INTEGER, category INTEGER, key TEXT);
CREATE TABLE prefix (folded TEXT, prefix TEXT);
CREATE VIRTUAL TABLE words USING fts5(
    key, content = '', tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3');
"""

FINISH = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
INSERT INTO words(rowid, key) SELECT id, key FROM name;
INSERT INTO words(words) VALUES ('optimize');
CREATE INDEX name_key ON name(key);
"""


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


def write_names(path: Path, entities: Iterable[Named]) -> None:
    """Write the names of entities in row order.

    `finish_names` must follow before the names can be searched. O(bytes of names); SQLite's
    memory stays at some megabytes.
    """
    prefixes: set[str] = set()
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.executescript(SCHEMA)
        database.execute("BEGIN")
        database.executemany(
            "INSERT INTO name(entity, kind, category, key) VALUES (?, ?, ?, ?)",
            _names(entities, prefixes),
        )
        database.executemany(
            "INSERT INTO prefix VALUES (?, ?)",
            sorted((prefix.casefold(), prefix) for prefix in prefixes),
        )
        database.execute("COMMIT")


def finish_names(path: Path) -> None:
    """Index the names of a file; nearly all of it without the interpreter's lock."""
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.executescript(FINISH)


def _names(entities: Iterable[Named], prefixes: set[str]) -> Iterator[tuple[int, int, int, str]]:
    for row, (curie, name, synonyms, category) in enumerate(entities):
        prefix, colon, _ = curie.partition(":")
        if colon:
            prefixes.add(prefix)
        label = key_of(name)
        yield row, LABEL, category, label
        if not synonyms:
            continue
        for key in dict.fromkeys(map(key_of, synonyms)):
            if key and key != label:
                yield row, SYNONYM, category, key
