"""The small graph of everything that can lie on an admissible path within a hop bound.

Built from one orientation, `x` being the side that is cheaper to finish from: rows of all entities
within x's levels are scanned once, rows of the others come from the y side. Parallel statements
become one edge that remembers one statement, whether there are more, the least cost and the sign.
Edges of an entity are sorted by the least distance from their end to y, dead ends dropped, so a
walk stops at the first edge that leads too far. Memory: 20 bytes a raw entry while building, 15
(23 with a pattern) an edge.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kg.kernels.arrays import (
    FAR,
    FINISHED,
    FULL,
    MASKED,
    NONE,
    STOPPED,
    UNKNOWN,
    grown,
    inner,
    run_end,
    stopped,
)

__all__ = ["Compact", "Side", "compacted", "effect_of", "outcome"]

_POLL = 1 << 18


class Compact(NamedTuple):
    """A small graph over local entities: x's first (roots first), then y's (ends first).

    entity (int32 row), low, high (int32 slice of the edges), via (uint8); edge arrays end (int32,
    local), left (int8, least hops from there to an end, ascending in a row), ref (int32: the row,
    or ~row walked against its direction), many (uint8, 1 if parallel), sign (uint8 code), units
    (int32), may (int64 pattern positions; empty without a pattern).
    """

    status: int
    roots: int
    entity: NDArray[np.int32]
    low: NDArray[np.int32]
    high: NDArray[np.int32]
    via: NDArray[np.uint8]
    end: NDArray[np.int32]
    left: NDArray[np.int8]
    ref: NDArray[np.int32]
    many: NDArray[np.uint8]
    sign: NDArray[np.uint8]
    units: NDArray[np.int32]
    may: NDArray[np.int64]


class Side(NamedTuple):
    """One orientation of the reached entities: x near the roots, y near the ends."""

    x: NDArray[np.int32]
    y: NDArray[np.int32]
    nx: int
    ny: int
    roots: int
    ends: int
    a: int
    b: int
    near: NDArray[np.int8]
    far: NDArray[np.int8]
    swapped: int


class Raw(NamedTuple):
    """Entries that may be edges: source, end (local numbers), statement; `used` of them count."""

    status: int
    used: int
    src: NDArray[np.int32]
    dst: NDArray[np.int32]
    ref: NDArray[np.int32]


@inner
def effect_of(sign: int, turned: bool) -> int:
    """Return a statement's effect as a bit: raises 1, lowers 2, none 4, unknown 8; x16 turned."""
    bit = 8
    if sign == 1:
        bit = 1
    elif sign == -1:
        bit = 2
    elif sign == 0:
        bit = 4
    return bit << 4 if turned else bit


@inner
def outcome(effects: int) -> int:
    """Return the sign code of a hop: 0 none, 1 raises, 2 lowers, 3 unknown.

    Statements along the path decide where there are any; a direction wins over none and over an
    unknown one; raising beside lowering is unknown. Against their direction, statements with any
    direction leave the effect unknown.
    """
    along = effects & 15
    if along == 0:
        return UNKNOWN if (effects >> 4) & 11 else 0
    if along & 3:
        return along & 3
    return UNKNOWN if along & 8 else 0


@inner
def _raw_ahead(
    segment: Any, turned: int, filt: Any, side: Any, scratch: Any, hops: int, raw: Raw, watch: Any
) -> Raw:
    """Append what a segment of x's entities holds that may lead on to an end in time."""
    ptr, nbr, pred, mask = segment.ptr, segment.nbr, segment.pred, segment.mask
    local, slot, far = scratch.local, scratch.slot, side.far
    src, dst, ref, count, work = raw.src, raw.dst, raw.ref, raw.used, 0
    for i in range(side.nx):
        x, end = ptr[side.x[i]], ptr[side.x[i] + 1]
        lim = hops - 1 - side.near[side.x[i]]
        work += end - x
        if count + end - x > len(src):
            src, dst = grown(src, count, count + end - x), grown(dst, count, count + end - x)
            ref = grown(ref, count, count + end - x)
        if work > _POLL:
            work = 0
            if stopped(watch):
                return Raw(STOPPED, count, src, dst, ref)
        while x < end:
            run = run_end(pred, x, end) if segment.mode == MASKED else end
            if segment.mode == MASKED and mask[pred[x]] == 0:
                x = run
                continue
            for e in range(x, run):
                w = nbr[e]
                at = slot[w]
                if at < 0:
                    at = local[w]
                    if at < 0 or at < side.roots or min(far[w], side.b + 1) > lim:
                        continue
                row = filt.in_row[e] if segment.inward else e
                if len(filt.rows) and filt.rows[row] == filt.hide:
                    continue
                src[count], dst[count], ref[count] = i, at, ~row if turned else row
                count += 1
            x = run
    return Raw(FINISHED, count, src, dst, ref)


@inner
def _raw_behind(
    segment: Any, turned: int, filt: Any, side: Any, scratch: Any, raw: Raw, watch: Any
) -> Raw:
    """Append the entries from y's own entities to those within b - 1 levels of the ends."""
    ptr, nbr, pred, mask = segment.ptr, segment.nbr, segment.pred, segment.mask
    local, slot = scratch.local, scratch.slot
    src, dst, ref, count, work = raw.src, raw.dst, raw.ref, raw.used, 0
    for j in range(side.ny):
        w = side.y[j]
        if side.far[w] > side.b - 1:
            break
        at = slot[w] if slot[w] >= 0 else local[w]
        x, end = ptr[w], ptr[w + 1]
        work += end - x
        if count + end - x > len(src):
            src, dst = grown(src, count, count + end - x), grown(dst, count, count + end - x)
            ref = grown(ref, count, count + end - x)
        if work > _POLL:
            work = 0
            if stopped(watch):
                return Raw(STOPPED, count, src, dst, ref)
        while x < end:
            run = run_end(pred, x, end) if segment.mode == MASKED else end
            if segment.mode == MASKED and mask[pred[x]] == 0:
                x = run
                continue
            for e in range(x, run):
                v = local[nbr[e]]
                if v < side.nx + side.ends:
                    continue
                row = filt.in_row[e] if segment.inward else e
                if len(filt.rows) and filt.rows[row] == filt.hide:
                    continue
                src[count], dst[count], ref[count] = v, at, ~row if turned else row
                count += 1
            x = run
    return Raw(FINISHED, count, src, dst, ref)


@inner
def _gather(
    ahead: Any, behind: Any, filt: Any, side: Any, scratch: Any, hops: int, watch: Any
) -> Raw:
    """Collect all raw entries from both sides."""
    empty = np.empty(256, np.int32)
    raw = Raw(FINISHED, 0, empty, empty.copy(), empty.copy())
    if ahead.along.mode != NONE:
        raw = _raw_ahead(ahead.along, 0, filt, side, scratch, hops, raw, watch)
    if ahead.against.mode != NONE and raw.status == FINISHED:
        raw = _raw_ahead(ahead.against, 1, filt, side, scratch, hops, raw, watch)
    if side.b > 0 and behind.along.mode != NONE and raw.status == FINISHED:
        raw = _raw_behind(behind.along, 0, filt, side, scratch, raw, watch)
    if side.b > 0 and behind.against.mode != NONE and raw.status == FINISHED:
        raw = _raw_behind(behind.against, 1, filt, side, scratch, raw, watch)
    return raw


@inner
def _grouped(raw: Raw, total: int) -> tuple[Any, Any, Any]:
    """Sort raw entries by their source (counting sort, stable); return ptr, dst, ref."""
    ptr = np.zeros(total + 2, np.int32)
    dst, ref = np.empty(raw.used, np.int32), np.empty(raw.used, np.int32)
    src = raw.src
    for i in range(raw.used):
        ptr[src[i] + 2] += 1
    for v in range(total):
        ptr[v + 2] += ptr[v + 1]
    for i in range(raw.used):
        at = ptr[src[i] + 1]
        ptr[src[i] + 1] = at + 1
        dst[at] = raw.dst[i]
        ref[at] = raw.ref[i]
    return ptr, dst, ref


@inner
def _positions(pattern: Any, predicate: int, turned: bool, category: int) -> int:
    """Return the pattern positions that a statement may take on the way to an entity."""
    mask = pattern.against[predicate] if turned else pattern.along[predicate]
    return np.int64(mask & pattern.arrive[category])


@inner
def _hops_left(side: Any) -> Any:
    """Return a lower bound on the hops from each local entity to an end, FAR from the roots."""
    left = np.empty(side.nx + side.ny, np.int8)
    for i in range(side.nx):
        left[i] = FAR if i < side.roots else min(side.far[side.x[i]], side.b + 1)
    for j in range(side.ny):
        left[side.nx + j] = side.far[side.y[j]]
    return left


@inner
def _collapse(rules: Any, side: Any, hops: int, grouped: Any, compact: Compact) -> None:
    """Fill the rows: y's own entities first, then x's from the farthest to the roots.

    Within a row one pass a level, so that edges come out nearest to an end first; those that
    cannot end in time are dropped. Where the hops left of an x entity were only bounded, its
    finished row now tells them.
    """
    ptr, dst, ref = grouped
    columns, pattern, entity = rules.columns, rules.pattern, compact.entity
    left = _hops_left(side)
    place = np.full(len(entity), -1, np.int32)
    at = 0
    own = side.ny - side.ends
    for k in range(own + side.nx):
        v = side.nx + side.ends + k if k < own else side.nx - 1 - (k - own)
        bound = hops if k < own else hops - 1 - side.near[side.x[v]]
        begun = at
        for level in range(bound + 1):
            for x in range(ptr[v], ptr[v + 1]):
                w = dst[x]
                if left[w] != level:
                    continue
                row = ref[x] if ref[x] >= 0 else ~ref[x]
                predicate = columns.predicate[row]
                turned = ref[x] < 0
                units = columns.hop
                if columns.scale != 0.0:
                    units += int(columns.scale * columns.doubt[row] + 0.5)
                effect = effect_of(
                    columns.sign[row], turned and columns.symmetric[predicate] == 0
                )
                edge = place[w]
                if edge < begun:
                    edge = place[w] = at
                    at += 1
                    compact.end[edge], compact.left[edge] = w, level
                    compact.ref[edge], compact.many[edge] = ref[x], 0
                    compact.sign[edge], compact.units[edge] = effect, units
                else:
                    compact.many[edge] = 1
                    compact.sign[edge] |= effect
                    compact.units[edge] = min(compact.units[edge], units)
                if pattern.on:
                    arrival = entity[v] if side.swapped else entity[w]
                    may = _positions(pattern, predicate, turned, rules.filter.category[arrival])
                    compact.may[edge] = may if compact.many[edge] == 0 else compact.may[edge] | may
        compact.low[v], compact.high[v] = begun, at
        if k >= own and left[v] > side.b:
            left[v] = FAR if at == begun else 1 + compact.left[begun]
    for edge in range(at):
        compact.sign[edge] = outcome(compact.sign[edge])


@inner
def _number(side: Any, scratch: Any, undo: bool) -> None:
    """Give local numbers: `slot` to the ends, `local` to all others; or take them back."""
    for i in range(side.nx):
        scratch.local[side.x[i]] = -1 if undo else i
    for j in range(side.ny):
        w = side.y[j]
        if j < side.ends:
            scratch.slot[w] = -1 if undo else side.nx + j
        elif undo:
            scratch.local[w] = -1
        elif scratch.local[w] < 0:
            scratch.local[w] = side.nx + j


@inner
def _frame(side: Any, scratch: Any, rules: Any, status: int, edges: int) -> Compact:
    """Return a compact graph with its entities described and room for its edges."""
    total = side.nx + side.ny
    entity = np.empty(total, np.int32)
    via = np.zeros(total if rules.need else 0, np.uint8)
    category = rules.filter.category
    for i in range(total):
        v = side.x[i] if i < side.nx else side.y[i - side.nx]
        entity[i] = v
        if rules.need:
            via[i] = scratch.via[v]
            if scratch.role[v] == 0:
                via[i] |= rules.class_via[category[v]]
    return Compact(
        status, side.roots, entity, np.zeros(total, np.int32), np.zeros(total, np.int32),
        via, np.empty(edges, np.int32), np.empty(edges, np.int8), np.empty(edges, np.int32),
        np.empty(edges, np.uint8), np.empty(edges, np.uint8), np.empty(edges, np.int32),
        np.empty(edges if rules.pattern.on else 0, np.int64),
    )


@inner
def compacted(
    ahead: Any, behind: Any, side: Any, rules: Any, scratch: Any, hops: int, max_work: int,
    watch: Any,
) -> Compact:
    """Return the compact graph of one orientation after `reach.grow`.

    `ahead` steps away from the roots, `behind` away from the ends. `status` is FINISHED, or FULL
    or STOPPED with a graph of no edges.
    """
    if max_work < 0:
        return _frame(side, scratch, rules, FULL, 0)
    _number(side, scratch, False)
    raw = _gather(ahead, behind, rules.filter, side, scratch, hops, watch)
    edges = raw.used if raw.status == FINISHED else 0
    compact = _frame(side, scratch, rules, raw.status, edges)
    if raw.status == FINISHED:
        _collapse(rules, side, hops, _grouped(raw, side.nx + side.ny), compact)
    _number(side, scratch, True)
    return compact
