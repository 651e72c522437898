"""Statement columns -> `Index`: the half of a build that knows arrays and no records.

Whatever reads a graph ends here: records become columns one by one (`kg.build.statement_table`),
tables of triples as whole batches. All sorting is by one 64-bit key where entity and predicate
numbers fit into it (always below 2**26 entities with 1,000 predicates), by `numpy.lexsort`
otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mechkg.kg.build.adjacency_kernels import fill_reverse
from mechkg.kg.columns.npy import is_constant, taken
from mechkg.kg.snapshot.index import Index

__all__ = [
    "Columns",
    "canonical_order",
    "index_of",
    "joined",
    "key_widths",
    "row_key",
]

KEY_BITS: Final = 63

Ranks = Callable[[NDArray[np.int32]], NDArray[np.int64]]


@dataclass(frozen=True, slots=True)
class Columns:
    """k statements as arrays of length k, in any order.

    ==========  =======  ====================================================================
    array       dtype    meaning
    ==========  =======  ====================================================================
    subject     int32    entity number
    predicate   uint16   predicate number
    object      int32    entity number
    sign        int8     -1, 0, +1 or `mechkg.kg.snapshot.index.UNKNOWN_SIGN`
    doubt       float32  see `mechkg.kg.ranking.doubt`
    inferred    uint8    1 where derived by reasoning
    negated     uint8    1 where the statement denies
    semantics   uint16   number of its aspects, hedge and action, 0 for a bare one
    claim       int32    position of its text (evidence, qualifiers ...), 0 for a bare one
    identifier  int32    position of its own identifier, 0 where the source gave none
    ==========  =======  ====================================================================
    """

    subject: NDArray[np.int32]
    predicate: NDArray[np.uint16]
    object: NDArray[np.int32]
    sign: NDArray[np.int8]
    doubt: NDArray[np.float32]
    inferred: NDArray[np.uint8]
    negated: NDArray[np.uint8]
    semantics: NDArray[np.uint16]
    claim: NDArray[np.int32]
    identifier: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.subject)

    def taken(self, order: NDArray[np.int64]) -> Columns:
        """Return the statements at some positions, in that order."""
        return Columns(
            **{field.name: taken(getattr(self, field.name), order) for field in fields(self)}
        )


def joined(batches: Sequence[Columns]) -> Columns:
    """Return the statements of at least one batch as one; the batches stay as they are.

    >>> one = Columns(*(np.zeros(2, t) for t in (
    ...     np.int32, np.uint16, np.int32, np.int8, np.float32, np.uint8, np.uint8,
    ...     np.uint16, np.int32, np.int32)))
    >>> len(joined([one, one]))
    4
    """
    if len(batches) == 1:
        return batches[0]
    return Columns(
        **{
            field.name: _concatenated([getattr(batch, field.name) for batch in batches])
            for field in fields(Columns)
        }
    )


def _concatenated(parts: Sequence[NDArray[Any]]) -> NDArray[Any]:
    filled = [part for part in parts if len(part)]
    if filled and all(is_constant(p) and p[0] == filled[0][0] for p in filled):
        return np.broadcast_to(filled[0][0], (sum(map(len, filled)),))
    return np.concatenate(parts)


def canonical_order(columns: Columns, entities: int, identifier_ranks: Ranks) -> NDArray[np.int64]:
    """Return the positions of the distinct statements in row order: int64, at most k.

    Row order is (negated, subject, predicate, object, identifier, sign, semantics, claim): it
    depends on what the statements say, not on the order in which they came. Statements equal in
    all of these are one. `identifier_ranks` maps identifier codes to numbers that sort as their
    texts do; it is asked only about parallel statements. O(k log k); 16 bytes a statement beside
    the columns.
    """
    key = row_key(columns, entities)
    if key is None:
        sorts = (columns.object, columns.predicate, columns.subject, columns.negated)
        order = np.lexsort(sorts)
        same = np.ones(max(len(order) - 1, 0), np.bool_)
        for column in sorts:
            ordered = column[order]
            same &= ordered[1:] == ordered[:-1]
    else:
        order = np.argsort(key)
        key = key[order]
        same = key[1:] == key[:-1]
    if not same.any():
        return order
    return _without_twins(columns, order, same, identifier_ranks)


def index_of(columns: Columns, category: NDArray[np.uint16]) -> Index:
    """Return the `Index` of statements in row order over n entities of given categories.

    O(k + n); 4 bytes a statement beside the result.
    """
    n = len(category)
    m = int(np.count_nonzero(columns.negated == 0))
    subject, predicate, obj = columns.subject, columns.predicate, columns.object
    in_ptr = _slices(obj[:m], n)
    in_row = np.empty(m, np.int32)
    in_nbr = np.empty(m, np.int32)
    in_pred = np.empty(m, np.uint16)
    top = int(predicate[:m].max(initial=0)) + 1
    fill_reverse(subject[:m], predicate[:m], obj[:m], top, in_ptr, in_row, in_nbr, in_pred)
    out_ptr = _slices(subject[:m], n)
    return Index(
        out_ptr=out_ptr,
        in_ptr=in_ptr,
        in_row=in_row,
        in_nbr=in_nbr,
        in_pred=in_pred,
        subject=subject,
        predicate=predicate,
        object=obj,
        sign=columns.sign,
        doubt=columns.doubt,
        inferred=columns.inferred,
        semantics=columns.semantics if columns.semantics.any() else columns.semantics[:0],
        category=category,
        degree=_degrees(out_ptr, in_ptr, subject[:m], obj[:m], columns.inferred[:m]),
    )


def row_key(columns: Columns, entities: int) -> NDArray[np.int64] | None:
    """Return (negated, subject, predicate, object) as one int64 each, None if too wide."""
    wide, narrow = key_widths(entities, int(columns.predicate.max(initial=0)) + 1)
    if not wide:
        return None
    key = columns.negated.astype(np.int64)
    for column, bits in (
        (columns.subject, wide),
        (columns.predicate, narrow),
        (columns.object, wide),
    ):
        key <<= bits
        key |= column
    return key


def key_widths(entities: int, predicates: int) -> tuple[int, int]:
    """Return the bits of an entity and of a predicate in a key, (0, 0) if it would be too wide.

    >>> key_widths(1_000_000, 24), key_widths(1 << 30, 1 << 10)
    ((20, 5), (0, 0))
    """
    wide, narrow = _bits(entities), _bits(predicates)
    return (wide, narrow) if 2 * wide + narrow + 1 <= KEY_BITS else (0, 0)


def _without_twins(
    columns: Columns, order: NDArray[np.int64], same: NDArray[np.bool_], identifier_ranks: Ranks
) -> NDArray[np.int64]:
    """Sort each run of parallel statements and keep one of those that are equal throughout."""
    follows = np.concatenate(([False], same))
    tied = follows | np.concatenate((same, [False]))
    run = np.cumsum(~follows)[tied]
    places = order[tied]
    parts = (
        columns.claim[places],
        columns.semantics[places],
        columns.sign[places],
        identifier_ranks(columns.identifier[places]),
        run,
    )
    by = np.lexsort(parts)
    twin = np.ones(max(len(by) - 1, 0), np.bool_)
    for part in parts:
        twin &= part[by][1:] == part[by][:-1]
    order[tied] = places[by]
    keep = np.ones(len(order), np.bool_)
    keep[np.flatnonzero(tied)[1:][twin]] = False
    return order[keep]


def _slices(rows: NDArray[np.int32], n: int) -> NDArray[np.int64]:
    ptr = np.zeros(n + 1, np.int64)
    np.cumsum(np.bincount(rows, minlength=n), out=ptr[1:])
    return ptr


def _degrees(
    out_ptr: NDArray[np.int64],
    in_ptr: NDArray[np.int64],
    subject: NDArray[np.int32],
    obj: NDArray[np.int32],
    inferred: NDArray[np.uint8],
) -> NDArray[np.int32]:
    """Count the asserted statements of each entity; a statement about itself counts once."""
    n = len(out_ptr) - 1
    count = np.diff(out_ptr) + np.diff(in_ptr)
    count -= np.bincount(obj[np.flatnonzero(subject == obj)], minlength=n)
    rows = np.flatnonzero(inferred)
    for ends in (subject[rows], obj[rows][subject[rows] != obj[rows]]):
        count -= np.bincount(ends, minlength=n)
    return count.astype(np.int32)


def _bits(count: int) -> int:
    return max(count - 1, 1).bit_length()
