"""The small graph of everything that can lie on an admissible path within a hop bound.

Built from one orientation, `x` being the side that is cheaper to finish from: rows of all entities
within x's levels are scanned once, rows of the others come from the y side. Parallel statements
become one edge that remembers one statement, whether there are more, the least cost and the sign.
Edges of an entity are sorted by the least distance from their end to y, dead ends dropped, so a
walk stops at the first edge that leads too far. Memory: 25 bytes a raw entry while building, 15
(23 with a pattern) an edge.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mechkg.kg.jit import inner, leaf
from mechkg.kg.kernels.types import (
    FAR,
    FINISHED,
    FULL,
    LOCAL,
    MASKED,
    NONE,
    SLOT,
    STOPPED,
    UNKNOWN,
    UNKNOWN_BIT,
    ZERO,
    grown,
    hidden,
    next_run,
    segment_of,
    stopped,
    takes,
    via_of,
)

__all__ = ["Compact", "Side", "compacted"]

_POLL = 1 << 18


class Compact(NamedTuple):
    """A small graph over local entities: x's first (roots first), then y's (ends first).

    entity (int32 row), low, high (int32 slice of the edges), via (uint8); edge arrays end (int32,
    local), left (int8, least hops from there to an end, ascending in a row), ref (int32: the row,
    or ~row walked against its direction), many (uint8, 1 if parallel), sign (uint8 code), units
    (int32), may (int64 pattern positions; empty without a pattern).

    Under transitions, edge x may be walked by the choices from choice_from[x] up to choice_to[x]
    (int32): enter and leave as of the walk, so exchanged where it begins at the targets (uint16),
    units (int32), sign (uint8, bits), ref (int32) and may (int64) of each; empty without.
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
    choice_from: NDArray[np.int32]
    choice_to: NDArray[np.int32]
    choice_enter: NDArray[np.uint16]
    choice_leave: NDArray[np.uint16]
    choice_units: NDArray[np.int32]
    choice_sign: NDArray[np.uint8]
    choice_ref: NDArray[np.int32]
    choice_may: NDArray[np.int64]


class Side(NamedTuple):
    """One orientation of the reached entities: x near the roots, y near the ends."""

    x: NDArray[np.int32]
    y: NDArray[np.int32]
    nx: int
    ny: int
    roots: int
    ends: int
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


@leaf
def _effect_of(sign: int, turned: bool) -> int:
    """Return a statement's effect as a bit: raises 1, lowers 2, none 4, unknown 8; x16 turned."""
    bit = 8
    if sign == 1:
        bit = 1
    elif sign == -1:
        bit = 2
    elif sign == 0:
        bit = 4
    return bit << 4 if turned else bit


@leaf
def _outcome(effects: int) -> int:
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
def _roomy(raw: Raw, wanted: int) -> Raw:
    """Return the same entries with room for `wanted` more."""
    used = raw.used
    if used + wanted <= len(raw.src):
        return raw
    return Raw(
        raw.status, used, grown(raw.src, used, used + wanted),
        grown(raw.dst, used, used + wanted), grown(raw.ref, used, used + wanted),
    )


@leaf
def _raw_ahead(
    segment: Any, turned: int, filt: Any, side: Any, places: Any, hops: int, raw: Raw, met: Any,
    watch: Any,
) -> int:
    """Append what a segment of x's entities holds that may lead on to an end in time.

    Sets `met` (uint8, local) where it leads. Returns how many entries there are then, negative if
    stopped.
    """
    ptr, nbr, pred, mask = segment.ptr, segment.nbr, segment.pred, segment.mask
    local, slot, far = places[LOCAL], places[SLOT], side.far
    src, dst, ref, count, work = raw.src, raw.dst, raw.ref, raw.used, 0
    over = side.b + 1
    for i in range(side.nx):
        x, end = ptr[side.x[i]], ptr[side.x[i] + 1]
        lim = hops - 1 - side.near[side.x[i]]
        work += end - x
        if work > _POLL:
            work = 0
            if stopped(watch):
                return -count - 1
        while x < end:
            last = end
            if segment.mode == MASKED:
                x, last = next_run(pred, mask, x, end)
            for e in range(x, last):
                # Most entries lead too far, which the smallest of the arrays tells.
                if min(far[nbr[e]], over) > lim:
                    continue
                at = slot[nbr[e]] if slot[nbr[e]] >= 0 else local[nbr[e]]
                if at >= side.roots and not hidden(filt, segment.inward, e):
                    row = filt.in_row[e] if segment.inward else e
                    src[count], dst[count], ref[count] = i, at, ~row if turned else row
                    met[at] = 1
                    count += 1
            x = last
    return count


@leaf
def _raw_behind(
    segment: Any, turned: int, filt: Any, side: Any, places: Any, inside: int, raw: Raw,
    met: Any, watch: Any,
) -> int:
    """Append the entries from y's own entities to the first `inside` of y, near the ends.

    Only x leads to the farthest of y: those that it has not met lead nowhere.
    """
    ptr, nbr, pred, mask = segment.ptr, segment.nbr, segment.pred, segment.mask
    local, slot, own, far = places[LOCAL], places[SLOT], side.nx + side.ends, side.far
    src, dst, ref, count, work = raw.src, raw.dst, raw.ref, raw.used, 0
    for j in range(inside):
        w = side.y[j]
        at = slot[w] if slot[w] >= 0 else local[w]
        x, end = ptr[w], ptr[w + 1]
        work += end - x
        if work > _POLL:
            work = 0
            if stopped(watch):
                return -count - 1
        while x < end:
            last = end
            if segment.mode == MASKED:
                x, last = next_run(pred, mask, x, end)
            for e in range(x, last):
                u = nbr[e]
                if far[u] > side.b or local[u] < own or (far[u] == side.b and met[local[u]] == 0):
                    continue
                if not hidden(filt, segment.inward, e):
                    row = filt.in_row[e] if segment.inward else e
                    src[count], dst[count] = local[u], at
                    ref[count] = ~row if turned else row
                    count += 1
            x = last
    return count


@leaf
def _width(ptr: Any, queue: Any, count: int) -> int:
    """Return how many entries the first `count` entities of a queue have."""
    total = 0
    for i in range(count):
        total += ptr[queue[i] + 1] - ptr[queue[i]]
    return total


@inner
def _gather(steps: Any, filt: Any, side: Any, places: Any, hops: int, watch: Any) -> Raw:
    """Collect all raw entries from both sides."""
    raw = Raw(
        FINISHED, 0, np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0, np.int32)
    )
    met, inside = np.zeros(side.nx + side.ny, np.uint8), 0
    while inside < side.ny and side.far[side.y[inside]] < side.b:
        inside += 1
    for pass_ in range(4):
        turned, behind = pass_ & 1, pass_ >> 1
        segment = segment_of(steps, turned, side.swapped ^ behind)
        if segment.mode == NONE or (behind and inside == 0):
            continue
        if behind:
            raw = _roomy(raw, _width(segment.ptr, side.y, inside))
            used = _raw_behind(segment, turned, filt, side, places, inside, raw, met, watch)
        else:
            raw = _roomy(raw, _width(segment.ptr, side.x, side.nx))
            used = _raw_ahead(segment, turned, filt, side, places, hops, raw, met, watch)
        status = FINISHED if used >= 0 else STOPPED
        raw = Raw(status, max(used, 0), raw.src, raw.dst, raw.ref)
        if status == STOPPED:
            break
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
def _hops_left(side: Any) -> Any:
    """Return a lower bound on the hops from each local entity to an end, FAR from the roots."""
    left = np.empty(side.nx + side.ny, np.int8)
    for i in range(side.nx):
        left[i] = FAR if i < side.roots else min(side.far[side.x[i]], side.b + 1)
    for j in range(side.ny):
        left[side.nx + j] = side.far[side.y[j]]
    return left


@inner
def _described(columns: Any, ref: Any) -> tuple[Any, Any]:
    """Return the effect (uint8) and the cost (int32 units) of each raw entry.

    Where the columns have no signs, nobody asks for effects or costs, and none is looked up.
    """
    effect, units = np.zeros(len(ref), np.uint8), np.empty(len(ref), np.int32)
    predicate, symmetric, sign = columns.predicate, columns.symmetric, columns.sign
    units[:] = columns.hop
    for x in range(len(ref) if len(sign) else 0):
        row = ref[x] if ref[x] >= 0 else ~ref[x]
        turned = ref[x] < 0 and symmetric[predicate[row]] == 0
        effect[x] = _effect_of(sign[row], turned)
        if columns.scale != 0.0:
            units[x] += int(columns.scale * columns.doubt[row] + 0.5)
        if len(columns.toll) > 0:
            units[x] += columns.toll[predicate[row]]
    return effect, units


@leaf
def _collapse(
    side: Any, hops: int, grouped: Any, described: Any, left: Any, place: Any, compact: Compact
) -> None:
    """Fill the rows: y's own entities first, then x's from the farthest to the roots.

    Within a row one pass a level, so that edges come out nearest to an end first; those that
    cannot end in time are dropped. Where the hops left of an x entity were only bounded, its
    finished row now tells them. `place` must be -1 throughout.
    """
    ptr, dst, ref = grouped
    effect, units = described
    at, own = 0, side.ny - side.ends
    for k in range(own + side.nx):
        v = side.nx + side.ends + k if k < own else side.nx - 1 - (k - own)
        bound, begun = hops if k < own else hops - 1 - side.near[side.x[v]], at
        if ptr[v] == ptr[v + 1]:
            bound = -1
        for level in range(bound + 1):
            for x in range(ptr[v], ptr[v + 1]):
                if left[dst[x]] != level:
                    continue
                edge = place[dst[x]]
                if edge < begun:
                    edge = place[dst[x]] = at
                    at += 1
                    compact.end[edge], compact.left[edge] = dst[x], level
                    compact.ref[edge], compact.many[edge] = ref[x], 0
                    compact.sign[edge], compact.units[edge] = effect[x], units[x]
                else:
                    compact.many[edge] = 1
                    compact.sign[edge] |= effect[x]
                    compact.units[edge] = min(compact.units[edge], units[x])
        compact.low[v], compact.high[v] = begun, at
        if k >= own and left[v] > side.b:
            left[v] = FAR if at == begun else 1 + compact.left[begun]
    for edge in range(at):
        compact.sign[edge] = _outcome(compact.sign[edge])


@inner
def _open_positions(rules: Any, swapped: int, grouped: Any, compact: Compact) -> None:
    """Fill `may`: the pattern positions that the statements of each edge may take."""
    ptr, dst, ref = grouped
    pattern, columns, category = rules.pattern, rules.columns, rules.filter.category
    edge_to = np.full(len(compact.entity), -1, np.int32)
    for v in range(len(compact.entity)):
        for edge in range(compact.low[v], compact.high[v]):
            edge_to[compact.end[edge]] = edge
            compact.may[edge] = 0
        for x in range(ptr[v], ptr[v + 1]):
            edge = edge_to[dst[x]]
            if compact.low[v] <= edge < compact.high[v]:
                row = ref[x] if ref[x] >= 0 else ~ref[x]
                arrival = compact.entity[v if swapped else dst[x]]
                turned = 1 if ref[x] < 0 else 0
                compact.may[edge] |= takes(
                    pattern, columns.predicate[row], turned, category[arrival]
                )


@leaf
def _classes_of(rules: Any, ref: int) -> tuple[int, int]:
    """Return the slice of classes that a statement, or ~row of one walked backward, may take."""
    moves = rules.transitions
    row, turned = (ref, 0) if ref >= 0 else (~ref, 1)
    kind = np.int64(rules.columns.predicate[row])
    if len(moves.kind) > 0:
        kind = np.int64(moves.kind[row])
    return moves.option[turned, kind], moves.option[turned, kind + 1]


@leaf
def _add_choices(
    rules: Any, swapped: int, ref: int, units: int, arrival: int, edge: int, compact: Compact
) -> None:
    """Add the choices that a statement gives to an edge.

    Choices of the same classes and positions are one, with the least cost and all signs.
    """
    moves, columns, pattern = rules.transitions, rules.columns, rules.pattern
    row, turned = (ref, 0) if ref >= 0 else (~ref, 1)
    own, may = UNKNOWN_BIT, 1
    if len(columns.sign) > 0:
        own = _effect_of(columns.sign[row], False)
    if pattern.on:
        may = takes(pattern, columns.predicate[row], turned, rules.filter.category[arrival])
    first, past = _classes_of(rules, ref)
    for c in range(first, past):
        enter, leave = moves.enter[c], moves.leave[c]
        if swapped:
            enter, leave = leave, enter
        sign = own if moves.effect[c] == 0 else np.int64(moves.effect[c])
        cost = units + moves.units[c]
        at, end = compact.choice_from[edge], compact.choice_to[edge]
        while at < end and (
            compact.choice_enter[at] != enter or compact.choice_leave[at] != leave
            or compact.choice_may[at] != may
        ):
            at += 1
        if at < end:
            compact.choice_sign[at] |= sign
        else:
            compact.choice_enter[at], compact.choice_leave[at] = enter, leave
            compact.choice_sign[at], compact.choice_may[at] = sign, may
            compact.choice_to[edge] = at + 1
        if at == end or cost < compact.choice_units[at]:
            compact.choice_units[at], compact.choice_ref[at] = cost, ref


@inner
def _choices(rules: Any, swapped: int, grouped: Any, units: Any, compact: Compact) -> Compact:
    """Return the graph with the choices of its edges; O(entries)."""
    ptr, dst, ref = grouped
    edges = len(compact.end)
    edge_to = np.full(len(compact.entity), -1, np.int32)
    of = np.full(len(dst), -1, np.int32)
    size = np.zeros(edges + 1, np.int32)
    for v in range(len(compact.entity)):
        for edge in range(compact.low[v], compact.high[v]):
            edge_to[compact.end[edge]] = edge
        for x in range(ptr[v], ptr[v + 1]):
            edge = edge_to[dst[x]]
            if compact.low[v] <= edge < compact.high[v]:
                first, past = _classes_of(rules, ref[x])
                of[x] = edge
                size[edge + 1] += past - first
    for edge in range(edges):
        size[edge + 1] += size[edge]
    total = size[edges]
    full = Compact(
        compact.status, compact.roots, compact.entity, compact.low, compact.high, compact.via,
        compact.end, compact.left, compact.ref, compact.many, compact.sign, compact.units,
        compact.may, size[:edges].copy(), size[:edges].copy(), np.empty(total, np.uint16),
        np.empty(total, np.uint16), np.empty(total, np.int32), np.empty(total, np.uint8),
        np.empty(total, np.int32), np.empty(total, np.int64),
    )
    for v in range(len(compact.entity)):
        for x in range(ptr[v], ptr[v + 1]):
            if of[x] >= 0:
                arrival = compact.entity[v if swapped else dst[x]]
                _add_choices(rules, swapped, ref[x], units[x], arrival, of[x], full)
    return full


@leaf
def _number(side: Any, places: Any, undo: bool) -> None:
    """Give local numbers: SLOT to the ends, LOCAL to all others; or take them back."""
    local, slot = places[LOCAL], places[SLOT]
    for i in range(side.nx):
        local[side.x[i]] = -1 if undo else i
    for j in range(side.ny):
        w = side.y[j]
        if j < side.ends:
            slot[w] = -1 if undo else side.nx + j
        elif undo:
            local[w] = -1
        elif local[w] < 0:
            local[w] = side.nx + j


@inner
def _frame(side: Any, marks: Any, rules: Any, status: int, edges: int) -> Compact:
    """Return a compact graph with its entities described and room for its edges."""
    total = side.nx + side.ny
    entity = np.empty(total, np.int32)
    via = np.zeros(total if rules.need else 0, np.uint8)
    for i in range(total):
        entity[i] = side.x[i] if i < side.nx else side.y[i - side.nx]
        if rules.need:
            via[i] = via_of(rules, marks, entity[i])
    return Compact(
        status, side.roots, entity, np.zeros(total, np.int32), np.zeros(total, np.int32),
        via, np.empty(edges, np.int32), np.empty(edges, np.int8), np.empty(edges, np.int32),
        np.empty(edges, np.uint8), np.empty(edges, np.uint8), np.empty(edges, np.int32),
        np.empty(edges if rules.pattern.on else 0, np.int64),
        np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0, np.uint16),
        np.empty(0, np.uint16), np.empty(0, np.int32), np.empty(0, np.uint8),
        np.empty(0, np.int32), np.empty(0, np.int64),
    )


@inner
def compacted(
    steps: Any, side: Any, rules: Any, scratch: Any, hops: int, max_work: int, watch: Any
) -> Compact:
    """Return the compact graph of one orientation after `reach.grow`.

    `status` is FINISHED, or FULL or STOPPED with a graph of no edges.
    """
    if max_work < 0:
        return _frame(side, scratch.marks, rules, ZERO + FULL, ZERO)
    _number(side, scratch.places, False)
    raw = _gather(steps, rules.filter, side, scratch.places, hops, watch)
    _number(side, scratch.places, True)
    edges = raw.used if raw.status == FINISHED else ZERO
    compact = _frame(side, scratch.marks, rules, raw.status, edges)
    if raw.status == FINISHED:
        grouped = _grouped(raw, side.nx + side.ny)
        described = _described(rules.columns, grouped[2])
        place = np.full(len(compact.entity), -1, np.int32)
        _collapse(side, hops, grouped, described, _hops_left(side), place, compact)
        if rules.pattern.on:
            _open_positions(rules, side.swapped, grouped, compact)
        if rules.transitions.on:
            compact = _choices(rules, side.swapped, grouped, described[1], compact)
    return compact
