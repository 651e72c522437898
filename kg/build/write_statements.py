"""The statements of a snapshot on disk: index, identifiers, evidence."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mechkg.kg.build.adjacency_kernels import note_first
from mechkg.kg.build.bare_statements import BareRows
from mechkg.kg.build.shared_identifiers import SharedIdentifier
from mechkg.kg.build.statement_columns import Columns, index_of
from mechkg.kg.build.statement_table import StatementTable
from mechkg.kg.columns.npy import (
    constant,
    is_constant,
    looked_up,
    map_array,
    write_array,
    write_constant,
)
from mechkg.kg.columns.strings import Texts, TextWriter
from mechkg.kg.snapshot.metagraph import Statements
from mechkg.kg.snapshot.postings import uses_of, write_postings
from mechkg.kg.snapshot.records import identifier_hash

__all__ = ["Written", "chunks_of", "write_claims", "write_columns", "write_identifiers"]

CHUNK = 1 << 20
"""Statements that are read again at once, for the metagraph."""


@dataclass(frozen=True, slots=True)
class Written:
    """What stands in an index that is written, for all that follows from it.

    `claim` and `identifier` are as in `mechkg.kg.build.statement_columns.Columns`, `claim` by ranks
    (`StatementTable.claim_ranks`); the others count.
    """

    claim: NDArray[np.int32]
    identifier: NDArray[np.int32]
    inferred: int
    negated: int
    predicates: int

    def __len__(self) -> int:
        return len(self.claim)

    @classmethod
    def of_bare(cls, rows: BareRows, ranks: NDArray[np.int32]) -> Written:
        """Return the same of bare statements; O(1)."""
        claim = constant(int(ranks[rows.claim]), np.int32, rows.count)
        return cls(claim, constant(0, np.int32, rows.count), 0, 0, rows.predicates)


def write_columns(path: Path, columns: Columns, category: NDArray[np.uint16]) -> Written:
    """Write the index of statements in row order; O(k + n)."""
    index_of(columns, category).save(path)
    asserted = columns.inferred == 0
    return Written(
        columns.claim,
        columns.identifier,
        inferred=int(np.count_nonzero(columns.inferred)),
        negated=int(np.count_nonzero((columns.negated != 0) & asserted)),
        predicates=int(np.count_nonzero(np.bincount(columns.predicate))),
    )


def chunks_of(path: Path) -> Iterator[Statements]:
    """Yield the statements of a written index that can carry a path, some at a time.

    They are read, not mapped: mapped pages would count as this process's memory.
    """
    carrying = len(map_array(path / "in_row.npy"))
    for begin in range(0, carrying, CHUNK):
        count = min(CHUNK, carrying - begin)
        columns = (_read(path / f"{name}.npy", begin, count) for name in Statements._fields)
        yield Statements(*columns)


def _read(path: Path, begin: int, count: int) -> NDArray[Any]:
    mapped = map_array(path)
    offset = mapped.offset + begin * mapped.itemsize
    return np.fromfile(path, mapped.dtype, count, offset=offset)


def write_identifiers(
    path: Path,
    identifier: NDArray[np.int32],
    texts: Texts,
    name: str,
    stage: Callable[[Iterator[bytes]], Iterator[bytes]],
) -> None:
    """Write the identifiers in row order, if there are any, and their look-up by hash.

    `identifier` gives the place in `texts` of each; `stage` watches over them. Raises `DataError`
    of the graph `name` where two statements have the same one.
    """
    if is_constant(identifier):
        identifier = identifier[:0]  # one value for all can only be 0: no identifier
    hashes = np.zeros(len(identifier), np.uint64)
    with TextWriter(path, "statement_identifiers") as writer:
        if identifier.any():
            parts = texts.taken(identifier)
            for row, text in enumerate(stage(text for part in parts for text in part)):
                writer.append(text)
                hashes[row] = identifier_hash(text) if text else 0
    rows = np.flatnonzero(identifier)
    rows = rows[np.argsort(hashes[rows], kind="stable")].astype(np.int32)
    ordered = hashes[rows]
    for place in np.flatnonzero(ordered[1:] == ordered[:-1]).tolist():
        first, second = (texts[identifier[rows[place + step]]] for step in (0, 1))
        if first == second:
            raise SharedIdentifier(name, first.decode())
    write_array(path / "identifier_hash.npy", ordered)
    write_array(path / "identifier_row.npy", rows)


def write_claims(path: Path, claim: NDArray[np.int32], table: StatementTable) -> int:
    """Write claims, by ranks in row order, and postings; returns the pieces of evidence."""
    ranks = table.claim_ranks()
    code = _first_places(ranks, int(ranks.max(initial=0)) + 1)
    first = _first_places(claim, len(code))
    used = np.flatnonzero(first < len(claim))
    used = used[np.argsort(first[used])]
    used = used[used > 0]
    number = np.zeros(len(code), np.int32)
    number[used] = np.arange(1, len(used) + 1, dtype=np.int32)
    with TextWriter(path, "statement_claims") as writer:
        writer.append(b"")
        for part in table.claims.taken(code[used]):
            writer.extend(part)
    stored = looked_up(number, claim) if len(used) else np.empty(0, np.int32)
    if is_constant(stored):
        write_constant(path / "statement_claim.npy", int(stored[0]), np.int32, len(stored))
    else:
        write_array(path / "statement_claim.npy", stored)
    codes = looked_up(code.astype(np.int32), claim)
    write_postings(path, codes, table.terms.listed, table.claim_terms)
    return int(table.evidence_counts()[code] @ uses_of(claim, len(code)))


def _first_places(values: NDArray[np.int32], count: int) -> NDArray[np.int64]:
    """Return where each of 0 .. count-1 first stands among values, their number if nowhere."""
    first = np.full(count, len(values), np.int64)
    if is_constant(values):
        first[values[0]] = 0
    else:
        note_first(values, first)
    return first
