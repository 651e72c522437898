"""Spellings of one name: what a reader takes for the same, and what must be kept apart.

Pure functions of text. `fold_of` ignores what does not change the meaning of a name (hyphens,
spaces, accents, Greek letters or their names); `bag_of` ignores the order of its words as well;
`misspellings` lists the texts that are one typing error away; `are_opposite` keeps *demyelination*
from *remyelination*.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import pairwise
from string import ascii_lowercase
from typing import Final
from zlib import crc32

import mechkg.kg.snapshot.spelling_tables as tables

__all__ = [
    "MAX_BAG",
    "affinity",
    "are_opposite",
    "bag_hash",
    "bag_of",
    "fold_of",
    "identifier_key",
    "identifier_parts",
    "join_words",
    "is_word_order",
    "latin_symbol",
    "misspellings",
    "prefixes_like",
    "singular",
    "text_hash",
    "variants",
    "words_of",
]

MAX_BAG: Final = 8
"""Words of a name, at most, whose order may differ."""

MIN_MISSPELT: Final = 6
"""Letters that a word has at least where one of them may be wrong."""

MIN_SYMBOL, MAX_SYMBOL = 4, 8
"""Letters and digits of a symbol in which a Greek letter may be written as a Latin one."""

LIKE_STEM: Final = 5
"""Letters, at least, in which the stems of opposite words begin alike."""

MINUS: Final = "\N{MINUS SIGN}"

IRI_TAIL: Final = re.compile(r"(?:https?://\S*[/#])?([A-Za-z][A-Za-z0-9.-]*)[_:/]([A-Za-z0-9.-]+)")
"""The prefix and the local part at the end of an IRI or an underscored identifier."""


def words_of(key: str) -> list[str]:
    """Return the words of a name that is in the form of `key_of`.

    Separators are dropped, a sign that belongs to a word stays; Greek letters are written by
    their names, accents and the apostrophe of a genitive are dropped (that behind a digit is a
    prime, and stays). O(length).

    >>> words_of("tnf-α"), words_of("cd4+ t cell"), words_of("sjögren's syndrome")
    (['tnf', 'alpha'], ['cd4+', 't', 'cell'], ['sjogrens', 'syndrome'])
    >>> words_of("5'-nucleotidase"), words_of("cd4- cell")
    (["5'", 'nucleotidase'], ['cd4-', 'cell'])
    """
    text = key if key.isascii() else _plain(key)
    words, word = [], ""
    for at, char in enumerate(text):
        if _belongs(text, at, char):
            word += char
        elif char != "'" and word:
            words.append(word)
            word = ""
    if word:
        words.append(word)
    return words


def _belongs(text: str, at: int, char: str) -> bool:
    """Say whether a character is part of a word."""
    if char.isalnum():
        return True
    before, after = text[at - 1 : at], text[at + 1 : at + 2]
    if char == "'":
        return before.isdigit()
    if char == "-":  # a minus, where nothing follows that it could join
        return not after.isalnum() and before not in {"", " ", "-"}
    return char not in tables.SEPARATORS


def _plain(key: str) -> str:
    """Return a text with Greek letters by name, dashes and apostrophes plain, accents dropped."""
    return "".join(map(_plain_character, unicodedata.normalize("NFD", key)))


@cache
def _plain_character(char: str) -> str:
    if char.isascii():
        return char
    kind = unicodedata.category(char)
    if kind == "Pd" or char == MINUS:
        return "-"
    if char in tables.APOSTROPHES:
        return "'"
    if "\u0300" <= char <= "\u036f":  # combining accents
        return ""
    known = _greek(char) or tables.PLAIN_LETTERS.get(char)
    return known or (" " if kind[0] in "PZ" else char)


def _greek(char: str) -> str:
    """Return the name of a small Greek letter, as the Unicode Standard has it; else nothing."""
    name = unicodedata.name(char, "")
    is_letter = name.startswith(("GREEK SMALL LETTER ", "GREEK SMALL LETTER FINAL "))
    word = name.rpartition(" ")[2].lower()
    return {"lamda": "lambda"}.get(word, word) if is_letter else ""


def join_words(words: Sequence[str]) -> str:
    """Return words without what is between them; two digits stay apart.

    >>> join_words(["il", "1", "2"])
    'il1 2'
    """
    parts = list(words[:1])
    for before, word in pairwise(words):
        parts.append(f" {word}" if before[-1].isdigit() and word[0].isdigit() else word)
    return "".join(parts)


def fold_of(key: str) -> str:
    """Return what all spellings of a name share: words without what is between them.

    >>> fold_of("tnf-α") == fold_of("tnfα") == fold_of("tnf alpha") == "tnfalpha"
    True
    >>> fold_of("1,2-diol") == fold_of("12-diol"), fold_of("cd4+") == fold_of("cd4-")
    (False, False)
    """
    return join_words(words_of(key))


def singular(word: str) -> str:
    """Return a word without the s of the English plural; both forms of a word agree in it.

    >>> [singular(word) for word in ("cells", "sclerosis", "virus", "mass", "gas")]
    ['cell', 'sclerosis', 'virus', 'mass', 'gas']
    """
    plural = len(word) > 3 and word[-1] == "s" and word[-2] not in "sui"
    return word[:-1] if plural else word


def bag_of(key: str) -> list[str]:
    """Return the words of a name in singular and in order, linking words left out.

    >>> bag_of("activation of t cells"), bag_of("t cell activation")
    (['activation', 't', 'cell'], ['t', 'cell', 'activation'])
    """
    return [singular(word) for word in words_of(key) if word not in tables.LINKING_WORDS]


def text_hash(text: str) -> int:
    """Return 32 bits of a folded name (CRC-32): equal texts, equal bits; verify by the text.

    >>> text_hash("tnfalpha") == text_hash(fold_of("tnf-α"))
    True
    """
    return crc32(text.encode("utf-8", "replace"))


def bag_hash(words: Sequence[str]) -> int:
    """Return 32 bits of words, whatever their order.

    >>> bag_hash(["t", "cell"]) == bag_hash(["cell", "t"]) != text_hash("tcell")
    True
    """
    return (sum(map(text_hash, words)) * 0x9E3779B1 + len(words)) & 0xFFFFFFFF


def is_word_order(words: Sequence[str], others: Sequence[str]) -> bool:
    """Say whether two orders of the same words mean the same.

    Numbers and single letters keep their order (*interleukin 1 receptor 2*), words that join parts
    and two words of direction forbid any change, and so do more than four words unless one order
    is a rotation of the other (*B, A* for *A B*).

    >>> is_word_order(["sclerosis", "multiple"], ["multiple", "sclerosis"])
    True
    >>> is_word_order(["receptor", "2", "of", "1"], ["receptor", "1", "of", "2"])
    False
    """
    if sorted(words) != sorted(others):
        return False
    if list(words) == list(others):
        return True
    if (
        not tables.ORDERED_WORDS.isdisjoint(words)
        or sum(word in tables.POLAR_WORDS for word in words) > 1
    ):
        return False
    marks, other_marks = ([w for w in some if _is_mark(w)] for some in (words, others))
    if len(marks) > 1 and marks != other_marks:
        return False
    doubled = [*words, *words]
    rotated = any(doubled[i : i + len(words)] == list(others) for i in range(len(words)))
    return rotated or len(words) <= 4


def _is_mark(word: str) -> bool:
    return len(word) == 1 or any(c.isdigit() for c in word)


def identifier_parts(text: str) -> tuple[str, str]:
    """Return the registry of an identifier in lower case and its local part; empty where none is.

    >>> identifier_parts("HGNC:HGNC:4232"), identifier_parts("neuron")
    (('hgnc', '4232'), ('', 'neuron'))
    >>> identifier_parts("http://purl.obolibrary.org/obo/CL_0000047")
    ('cl', '0000047')
    """
    text = text.strip()
    prefix, colon, local = text.partition(":")
    if not colon or local.startswith("//"):
        tail = IRI_TAIL.fullmatch(text)
        if tail is None or not (colon or any(c.isdigit() for c in tail[2])):
            return "", text
        prefix, local = tail.groups()
    folded = prefix.casefold()
    doubled, colon, rest = local.partition(":")
    if colon and doubled.casefold() == folded:
        local = rest
    return tables.PREFIX_SYNONYMS.get(folded, folded), local


def identifier_key(text: str) -> str:
    """Return what all spellings of an identifier share: case and names of registries do not count.

    >>> identifier_key("UniProtKB:P39905") == identifier_key("uniprot:p39905")
    True
    >>> identifier_key("https://identifiers.org/mesh/D009103"), identifier_key("http://a.org/x y")
    ('mesh:d009103', 'http://a.org/x y')
    """
    prefix, local = identifier_parts(text)
    return f"{prefix}:{local}".casefold() if prefix else local.casefold()


def prefixes_like(prefix: str) -> list[str]:
    """Return the names under which a registry is known, all in lower case.

    >>> prefixes_like("uniprot")
    ['uniprot', 'uniprotkb', 'up']
    """
    return [prefix, *(name for name, meant in tables.PREFIX_SYNONYMS.items() if meant == prefix)]


def variants(key: str) -> list[str]:
    """Return the keys that differ by British or American spelling, in one word part or in all.

    >>> variants("tumour necrosis factor"), variants("grey matter oedema")[-1]
    (['tumor necrosis factor'], 'gray matter edema')
    """
    found: dict[str, None] = {}
    whole = [key, key]
    for british, american in tables.BRITISH:
        for way, (old, new) in enumerate(((british, american), (american, british))):
            if old in key and not (new in key and old in new):
                found.setdefault(key.replace(old, new))
                whole[way] = whole[way].replace(old, new)
    found.update(dict.fromkeys(reversed(whole)))
    found.pop(key, None)
    return list(found)


def latin_symbol(key: str) -> str:
    """Return a symbol with Latin letters for Greek ones, as gene symbols have them; else nothing.

    Source: HGNC guidelines for human gene nomenclature, "Greek letters are converted".

    >>> latin_symbol("il-2rα"), latin_symbol("sdf1 alpha"), latin_symbol("interferon alpha")
    ('il2ra', 'sdf1a', '')
    """
    plain = "".join(tables.LATIN_LETTERS.get(_greek(char), char) for char in key)
    words = [tables.LATIN_LETTERS.get(word, word) for word in words_of(plain)]
    symbol = join_words(words)
    is_symbol = MIN_SYMBOL <= len(symbol) <= MAX_SYMBOL
    return symbol if is_symbol and symbol != fold_of(key) else ""


def misspellings(words: Sequence[str], suspects: Iterable[int]) -> Iterator[list[str]]:
    """Yield the words of which some may have come by one slip of the hand.

    A letter left out, doubled, put in or exchanged with its neighbour, or one of a pair that is
    confused (`spelling_tables.SAFE_EXCHANGES`), behind the first letter of one of the suspects
    (positions), which has at least `MIN_MISSPELT` letters and no other sign. At most some 60 for
    each letter.

    >>> ["neural", "cell"] in misspellings(["nueral", "cell"], [0])
    True
    >>> [["remyelination"] in misspellings(["demyelination"], [0]),
    ...  ["dimethyl"] in misspellings(["diethyl"], [0])]
    [False, False]
    """
    for number in suspects:
        word = words[number]
        if len(word) < MIN_MISSPELT or not word.isalpha() or not word.isascii():
            continue
        for other in _one_letter_off(word):
            if other != word and _same_morphemes(word, other):
                yield [*words[:number], other, *words[number + 1 :]]


def _one_letter_off(word: str) -> Iterator[str]:
    for at in range(1, len(word) + 1):
        head, tail = word[:at], word[at:]
        for letter in ascii_lowercase:  # a letter was left out
            yield head + letter + tail
        if not tail:
            continue
        if len(word) > MIN_MISSPELT or tail[0] == word[at - 1]:  # a letter was put in
            yield head + tail[1:]
        if len(tail) > 1 and tail[0] != tail[1]:  # neighbours were exchanged
            yield head + tail[1] + tail[0] + tail[2:]
        for pair in tables.SAFE_EXCHANGES:
            if tail[0] in pair:
                (letter,) = pair - {tail[0]}
                yield head + letter + tail[1:]


def _same_morphemes(word: str, other: str) -> bool:
    """Say whether no part that changes the meaning stands in one word for one of the other."""
    mine, its = _morphemes(word), _morphemes(other)
    return not (mine - its and its - mine)


def _morphemes(word: str) -> set[str]:
    """Return the morphemes of a word, short ones only at its end, none that is part of another."""
    parts = [p for p in tables.MORPHEMES if (p in word if len(p) > 4 else word.endswith(p))]
    return {p for p in parts if not any(p != other and p in other for other in parts)}


def affinity(key: str, name: str) -> int:
    """Return 0 where a name holds a key, 1 where the key may abbreviate it, else 2.

    >>> affinity("lpc", "lysophosphatidylcholine"), affinity("lpc", "anxa1")
    (1, 2)
    >>> affinity("interferon", "interferon-beta")
    0
    """
    short, long = fold_of(key), fold_of(name)
    if short in long:
        return 0
    rest = iter(long)
    return 1 if short[:1] == long[:1] and all(char in rest for char in short) else 2


def are_opposite(key: str, other: str) -> bool:
    """Say whether two names differ by words that are opposite.

    >>> are_opposite("demyelination", "remyelination"), are_opposite("neuron", "motor neuron")
    (True, False)
    >>> are_opposite("hypotension", "hypertension"), are_opposite("activation", "inactivation")
    (True, True)
    """
    words, others = set(words_of(key)), set(words_of(other))
    mine, its = words - others, others - words
    return any(_opposite(a, b) for a in mine for b in its)


def _alike(stem: str, other: str) -> bool:
    """Say whether two stems begin alike and may differ by an ending or a typing error."""
    return len(stem) >= LIKE_STEM and stem[:LIKE_STEM] == other[:LIKE_STEM]


def _opposite(word: str, other: str) -> bool:
    if frozenset((word, other)) in tables.OPPOSITE_WORDS:
        return True
    word, other = singular(word), singular(other)
    for pair in tables.OPPOSITE_PREFIXES:
        for first, second in (pair, pair[::-1]):
            if word.startswith(first) and other.startswith(second):
                stem, its = word[len(first) :], other[len(second) :]
                if len(stem) > 3 and (stem == its or _alike(stem, its)):
                    return True
    return False
