"""Which entity a name means: rules from exact to loose, the first that fits anything decides.

1. an identifier: a CURIE (case and names of registries do not count), an IRI, a cross-reference;
2. a name, then a synonym, as written but for case and width;
3. the same but for hyphens, spaces, accents and Greek letters;
4. singular or plural; British or American spelling; a gene symbol in Greek letters (*IL-2Rα*);
5. another order of the words;
6. one typing error in one word that no name of the graph holds.

Nothing is guessed: several entities that fit equally well make the name ambiguous, and so does a
synonym that is marked so, and an entity without statements where another name fits less exactly
but has some. Case never decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from mechkg.kg.model.grounding import NameMatch
from mechkg.kg.snapshot.name_keys import AMBIGUOUS, LABEL, SYNONYM, inflections, key_of
from mechkg.kg.snapshot.spelling import (
    MAX_BAG,
    MIN_MISSPELT,
    are_opposite,
    bag_hash,
    bag_of,
    fold_of,
    is_word_order,
    join_words,
    latin_symbol,
    misspellings,
    singular,
    text_hash,
    variants,
    words_of,
)

__all__ = ["Fetch", "Fit", "Hit", "SpellingIndex"]

Fetch = Callable[[str, dict[str, object]], list[Any]]

MAX_EQUAL: int = 1_000
"""Names of one hash that are looked at."""

BY_KEY = "SELECT entity, kind, key FROM name WHERE key = :key LIMIT :most"
BY_NUMBER = "SELECT entity, kind, key FROM name WHERE id IN (SELECT value FROM json_each(:numbers))"
IS_WORD = "SELECT 1 FROM words WHERE words MATCH :match LIMIT 1"


class Hit(NamedTuple):
    """A name that fits: the row of its entity, its stored kind, and its key."""

    row: int
    kind: int
    key: str


class Fit(NamedTuple):
    """All names that fit by one rule."""

    rule: NameMatch
    hits: list[Hit]


class SpellingIndex:
    """Finds the names that are spelled like a text; `fetch` asks the names of the snapshot.

    `folds` are the entries of `name_folds.npy`. Each rule takes a bisection for each spelling that
    it tries: well under a millisecond, some milliseconds for typing errors.
    """

    def __init__(self, fetch: Fetch, folds: NDArray[np.uint64]) -> None:
        self._fetch = fetch
        self._folds = folds

    def fits(self, key: str) -> Iterator[Fit]:
        """Yield the names that fit a key, rule by rule from exact to loose, where there are any."""
        rules: tuple[tuple[NameMatch, Callable[[str], list[Hit]]], ...] = (
            ("name", self.exact),
            ("spelling", self.folded),
            ("plural", self.inflected),
            ("spelling", self.varied),
            ("spelling", self.latinised),
            ("word order", self.reordered),
            ("typing error", self.misspelt),
        )
        for rule, find in rules:
            hits = find(key)
            if hits:
                yield Fit(rule, hits)

    def exact(self, key: str) -> list[Hit]:
        """Return the names of a key."""
        found = self._fetch(BY_KEY, {"key": key, "most": MAX_EQUAL}) if key else ()
        return [Hit(*hit) for hit in found]

    def folded(self, key: str) -> list[Hit]:
        """Return the names that differ in hyphens, spaces, accents or Greek letters only."""
        return self._of_folds([fold_of(key)])

    def inflected(self, key: str) -> list[Hit]:
        """Return the names that differ in number."""
        keys = inflections(key)
        plain = [hit for other in keys for hit in self.exact(other)]
        return plain or self._of_folds([fold_of(other) for other in keys])

    def varied(self, key: str) -> list[Hit]:
        """Return the names in British spelling for American and the reverse, in either number."""
        others = variants(key)
        keys = [form for other in others for form in (other, *inflections(other))]
        return self._of_folds([fold_of(form) for form in keys])

    def latinised(self, key: str) -> list[Hit]:
        """Return the symbols that have Latin letters where a key has Greek ones."""
        return self._of_folds([latin_symbol(key)])

    def reordered(self, key: str) -> list[Hit]:
        """Return the names of the same words in another order, in either number, this one first."""
        words = bag_of(key)
        if not 1 < len(words) <= MAX_BAG:
            return []
        hits = [
            hit for hit in self._of_hashes([bag_hash(words)])
            if is_word_order(words, bag_of(hit.key))
        ]  # fmt: skip
        written = sorted(words_of(key))
        return [hit for hit in hits if sorted(words_of(hit.key)) == written] or hits

    def misspelt(self, key: str) -> list[Hit]:
        """Return the names that are one typing error away, in a word that no name holds."""
        words = words_of(key)
        suspects = [
            i for i, word in enumerate(words)
            if len(word) >= MIN_MISSPELT and word.isalpha() and not self._is_word(word)
        ]  # fmt: skip
        folds = []
        for corrected in misspellings(words, suspects):
            folds.append(join_words(corrected))
            last = singular(corrected[-1])
            if last != corrected[-1]:
                folds.append(join_words([*corrected[:-1], last]))
        return [hit for hit in self._of_folds(folds) if not are_opposite(key, hit.key)]

    def _is_word(self, word: str) -> bool:
        quoted = '"' + word.replace('"', '""') + '"'
        return bool(self._fetch(IS_WORD, {"match": quoted}))

    def _of_folds(self, folds: Iterable[str]) -> list[Hit]:
        wanted = {fold for fold in folds if fold}
        return [
            hit for hit in self._of_hashes([text_hash(fold) for fold in wanted])
            if fold_of(hit.key) in wanted
        ]  # fmt: skip

    def _of_hashes(self, hashes: Sequence[int]) -> list[Hit]:
        """Return the names of some hashes, unverified, at most `MAX_EQUAL`."""
        numbers = entries_of(self._folds, hashes)[:MAX_EQUAL]
        if not numbers:
            return []
        text = msgspec.json.encode(numbers).decode()
        return [Hit(*hit) for hit in self._fetch(BY_NUMBER, {"numbers": text})]


def entries_of(entries: NDArray[np.uint64], hashes: Sequence[int]) -> list[int]:
    """Return the lower 32 bits of the entries of some hashes; O(hashes * log entries)."""
    if not len(entries) or not hashes:
        return []
    first = np.array(hashes, np.uint64) << np.uint64(32)
    begins = np.searchsorted(entries, first)
    ends = np.searchsorted(entries, first | np.uint64(0xFFFFFFFF), side="right")
    found = [
        entries[begin:end] & np.uint64(0xFFFFFFFF)
        for begin, end in zip(begins.tolist(), ends.tolist(), strict=True)
        if begin < end
    ]
    return [int(number) for part in found for number in part[:MAX_EQUAL]]


def best_kind(hits: Sequence[Hit]) -> tuple[list[int], bool]:
    """Return the rows of the names of the best kind, and whether one of them is marked ambiguous.

    An entity's own name comes before any other; a name marked ambiguous before exact synonyms.
    """
    kinds = {hit.kind for hit in hits}
    if LABEL in kinds:
        return _rows(hits, LABEL), False
    if AMBIGUOUS in kinds:
        return sorted({hit.row for hit in hits}), True
    return _rows(hits, SYNONYM if SYNONYM in kinds else max(kinds)), False


def _rows(hits: Sequence[Hit], kind: int) -> list[int]:
    return sorted({hit.row for hit in hits if hit.kind == kind})


def key_fits(key: str, name: str) -> bool:
    """Say whether a name fits a key by spelling, number or order of words."""
    other = key_of(name)
    return fold_of(key) == fold_of(other) or sorted(bag_of(key)) == sorted(bag_of(other))
