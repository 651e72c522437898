"""Which statements have some evidence, source, publication, modality or qualifier.

An inverted index: each term (`evidence:article`, `publication:PMID:28878618`,
`qualifier:species=rat`) has the sorted rows of its statements. Terms are kept sorted in a mapped
table; their rows, end to end, in one mapped int32 array. A plain statement's modality costs
nothing: the rows of `modality:asserted` are those of no other modality.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.lib.format import open_memmap
from numpy.typing import NDArray

from mechkg.kg.columns.npy import (
    ArrayWriter,
    is_constant,
    open_array,
    write_array,
    write_constant,
)
from mechkg.kg.columns.strings import Texts, TextWriter
from mechkg.kg.errors import SnapshotError
from mechkg.kg.model.annotations import Annotations
from mechkg.kg.model.biolink_qualifiers import CONTEXT_SLOTS
from mechkg.kg.model.values import ASSERTED, Statement

__all__ = ["Postings", "terms_of", "uses_of", "write_postings"]

CHUNK = 1 << 20
"""Statements that are posted at once."""

PLAIN = f"modality:{ASSERTED}"


def terms_of(said: Annotations | Statement) -> set[str]:
    """Return the terms under which a statement's text is found.

    A context, of the statement or of a piece of evidence, is found as a qualifier of its type, by
    its value and by its label.

    >>> from mechkg.kg.model.values import Context, Qualifier
    >>> sorted(terms_of(Annotations(qualifiers=(Qualifier("via", "NRF2"),), modality="potential")))
    ['modality:potential', 'qualifier:via', 'qualifier:via=NRF2']
    >>> sorted(terms_of(Annotations(context=(Context("cell", "CL:0000129", "microglial cell"),))))
    ['qualifier:cell', 'qualifier:cell=CL:0000129', 'qualifier:cell=microglial cell']
    """
    terms = set() if said.modality == ASSERTED else {f"modality:{said.modality}"}
    for kind, value in _conditions(said):
        terms.add(f"qualifier:{kind}")
        terms.add(f"qualifier:{kind}={value}")
    for evidence in said.evidence:
        terms.add(f"evidence:{evidence.kind}")
        terms.add(f"source:{evidence.source}")
        terms.add(f"knowledge_level:{evidence.knowledge_level}")
        terms.update(f"publication:{publication}" for publication in evidence.publications)
        if evidence.location:
            terms.add(f"passage:{evidence.location}")
    return terms


def _conditions(said: Annotations | Statement) -> Iterator[tuple[str, str]]:
    """Yield qualifiers, and contexts by value and label and under Biolink's names."""
    for qualifier in said.qualifiers:
        yield qualifier.type, qualifier.value
    for context in (*said.context, *(c for e in said.evidence for c in e.context)):
        yield context.type, context.value
        if context.label:
            yield context.type, context.label
        if context.type in CONTEXT_SLOTS:
            yield CONTEXT_SLOTS[context.type], context.value


class Postings:
    """The inverted index of a snapshot; safe under threads and forks."""

    def __init__(self, directory: Path, statements: int) -> None:
        self._statements = statements
        self._terms = Texts.open(directory, "terms")
        self._ptr = open_array(directory / "postings_ptr.npy")
        self._rows = open_array(directory / "postings.npy")
        if len(self._ptr) != len(self._terms) + 1 or int(self._ptr[-1]) != len(self._rows):
            raise SnapshotError(
                f"The postings in {directory} are torn.", hint="Load the graph again."
            )

    def rows(self, key: str) -> NDArray[np.int64]:
        """Return the sorted statement rows of a term, int64, empty if the term is unknown.

        O(log terms + rows found); `modality:asserted` takes O(statements).
        """
        if key == PLAIN:
            return self._plain()
        term = self._terms.find(key.encode(errors="replace"))
        if term is None:
            return np.empty(0, np.int64)
        return self._rows[self._ptr[term] : self._ptr[term + 1]].astype(np.int64)

    def keys(self, prefix: str = "") -> list[str]:
        """Return the stored terms that begin with a text, sorted; O(log terms + found)."""
        start = prefix.encode(errors="replace")
        found = []
        for term in range(bisect_left(self._terms, start), len(self._terms)):
            text = self._terms[term]
            if not text.startswith(start):
                break
            found.append(text.decode())
        return found

    def _plain(self) -> NDArray[np.int64]:
        plain = np.ones(self._statements, np.bool_)
        for key in self.keys("modality:"):
            plain[self.rows(key)] = False
        return np.flatnonzero(plain)


def write_postings(
    directory: Path, claim: NDArray[np.integer], terms: Sequence[str], claim_terms: Texts
) -> None:
    """Write the postings of statements into a directory.

    `claim` gives each statement row's claim (0: none); text c of `claim_terms` holds claim c's
    term numbers as int32 bytes; `terms` are named by number. O(postings); memory for `CHUNK`
    statements, 4 bytes a claim and 100 a term; the postings themselves stay in the file.
    """
    rank = np.empty(len(terms), np.int32)
    by_text = sorted(range(len(terms)), key=terms.__getitem__)
    rank[by_text] = np.arange(len(terms), dtype=np.int32)
    with TextWriter(directory, "terms") as writer:
        writer.extend(terms[number].encode() for number in by_text)
    numbers = rank[np.frombuffer(claim_terms.data, np.int32)]
    ptr = np.asarray(claim_terms.ptr) // 4
    uses = np.repeat(uses_of(claim, len(claim_terms)), np.diff(ptr))
    counts = np.bincount(numbers, weights=uses, minlength=len(terms)).astype(np.int64)
    starts = np.concatenate(([0], np.cumsum(counts)))
    write_array(directory / "postings_ptr.npy", starts)
    if is_constant(claim):
        _write_runs(directory / "postings.npy", len(claim), int(ptr[claim[0] + 1] - ptr[claim[0]]))
    else:
        _fill(directory / "postings.npy", claim, numbers, ptr, starts)


def uses_of(claim: NDArray[np.integer], count: int) -> NDArray[np.int64]:
    """Return how many statements have each claim below `count`; O(1) for a constant.

    >>> uses_of(np.array([1, 1, 0]), 3).tolist()
    [1, 2, 0]
    """
    if not is_constant(claim):
        return np.bincount(claim, minlength=count)
    uses = np.zeros(count, np.int64)
    uses[claim[0]] = len(claim)
    return uses


def _write_runs(path: Path, rows: int, terms: int) -> None:
    """Write the postings of a plain table: each term of its one claim has all rows."""
    with ArrayWriter(path, np.int32) as writer:
        for begin in list(range(0, rows, CHUNK)) * terms:
            writer.add(np.arange(begin, min(begin + CHUNK, rows), dtype=np.int32))


def _fill(
    path: Path,
    claim: NDArray[np.integer],
    numbers: NDArray[np.int32],
    ptr: NDArray[np.int64],
    starts: NDArray[np.int64],
) -> None:
    """Put each statement row behind the earlier ones of each of its terms."""
    if starts[-1] == 0:
        write_array(path, np.empty(0, np.int32))
        return
    # Written in full before it is mapped: a full disk is an error here, but ends a process there.
    write_constant(path, 0, np.int32, int(starts[-1]))
    rows = open_memmap(path, "r+")
    free = starts[:-1].copy()
    for begin in range(0, len(claim), CHUNK):
        chosen = claim[begin : begin + CHUNK]
        if (chosen == chosen[0]).all():  # a plain table among others
            terms = numbers[ptr[chosen[0]] : ptr[chosen[0] + 1]]
            for term in terms.tolist():
                rows[free[term] : free[term] + len(chosen)] = np.arange(
                    begin, begin + len(chosen), dtype=np.int32
                )
            free[terms] += len(chosen)
            continue
        lengths = ptr[chosen + 1] - ptr[chosen]
        within = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        term = numbers[np.repeat(ptr[chosen], lengths) + within]
        order = np.argsort(term, kind="stable")
        term = term[order]
        row = np.repeat(np.arange(begin, begin + len(chosen), dtype=np.int32), lengths)[order]
        count = np.bincount(term, minlength=len(free))
        first = np.cumsum(count) - count
        rows[free[term] + np.arange(len(term)) - first[term]] = row
        free += count
    rows.flush()
