"""Keys of names: the form in which they are compared, searched and stored.

`names.sqlite` holds one row for each name or synonym: its key, entity, kind and category; an FTS5
table over the words of the keys (without a second copy of the text); and the CURIE prefixes in
use. `name_folds.npy` finds names by their spelling (`kg.snapshot.spelling`), and
`name_identifiers.npy` finds entities by cross-references and IRIs.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from mechkg.kg.model.values import SynonymKind
from mechkg.kg.snapshot.spelling import singular

__all__ = [
    "AMBIGUOUS",
    "FOLDS",
    "IDENTIFIERS",
    "KINDS",
    "LABEL",
    "NAMES",
    "SYNONYM",
    "WIDE",
    "inflections",
    "key_of",
    "keys_of",
    "match_of",
]


NAMES = "names.sqlite"
FOLDS = "name_folds.npy"
"""uint64, sorted: 32 bits of hash before the number of a name in `names.sqlite`."""
IDENTIFIERS = "name_identifiers.npy"
"""uint64, sorted: 32 bits of hash of an identifier before the row of an entity."""

LABEL, SYNONYM, WIDE, AMBIGUOUS = range(4)
"""Kinds of names as stored: *wide* ones name more, less or other than the entity."""

KINDS: dict[SynonymKind, int] = {
    "abbreviation": SYNONYM,
    "brand": SYNONYM,
    "plural": SYNONYM,
    "broad": WIDE,
    "narrow": WIDE,
    "related": WIDE,
    "ambiguous": AMBIGUOUS,
}
"""The stored kind of each kind of synonym that is not simply exact."""

ENDINGS = (
    ("s", ""), ("es", ""), ("ies", "y"), ("i", "us"), ("ia", "ion"), ("a", "um"), ("a", "on"),
    ("ae", "a"), ("ses", "sis"), ("ices", "ex"), ("ices", "ix"),
)  # fmt: skip
"""Endings of the plural and of the singular, English and the Latin and Greek of anatomy."""


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

    Every word is quoted, so no text is an operator, and stands in the singular, which begins the
    plural. A word of one character must be whole: it begins too much. Empty where the key has no
    letter and no digit.

    >>> match_of("tnf-alpha or b")
    '"tnf-alpha"* "or"* "b"'
    """
    words = (singular(word) for word in key.split() if any(c.isalnum() for c in word))
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
    for many, one in ENDINGS:
        for old, new in ((many, one), (one, many)):
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
