"""The loops that corroborate statements by three-step routes (`kg.build.corroborate`)."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mechkg.kg.jit import entry, leaf

__all__ = [
    "Ends",
    "Found",
    "Near",
    "Room",
    "corroborate_range",
    "count_neighbours",
    "fill_neighbours",
]

MOST_STEPS: Final = 10_000
"""Hops that are looked at, at most, to find the routes of one statement that share no entity."""


class Ends(NamedTuple):
    """The adjacencies of an index, as `kg.snapshot.index` describes them."""

    out_ptr: NDArray[np.int64]
    obj: NDArray[np.int32]
    in_ptr: NDArray[np.int64]
    in_nbr: NDArray[np.int32]
    in_row: NDArray[np.int32]


class Near(NamedTuple):
    """The neighbours of each entity that are no hubs, in the order of rows.

    ptr (n + 1) says where each list begins in `of`; weight (n) is 1 / sqrt(neighbours).
    """

    ptr: NDArray[np.int64]
    of: NDArray[np.int32]
    weight: NDArray[np.float64]


class Room(NamedTuple):
    """What one run works in: n items each, 36 bytes an entity.

    total and many are sums and numbers of routes to each entity, valid where `swept` names the
    entity that they start from. `beside` and `done` are marks of that kind (-1 at first), `row` a
    statement of each entity that is done, `used` the last one on whose routes an entity lies.
    """

    total: NDArray[np.float64]
    many: NDArray[np.int32]
    swept: NDArray[np.int32]
    beside: NDArray[np.int32]
    done: NDArray[np.int32]
    row: NDArray[np.int32]
    used: NDArray[np.int64]

    @classmethod
    def of(cls, entities: int) -> Room:
        """Return room for a graph of some entities."""
        def marks() -> NDArray[np.int32]:
            return np.full(entities, -1, np.int32)

        return cls(
            np.zeros(entities), np.zeros(entities, np.int32), marks(), marks(), marks(),
            np.zeros(entities, np.int32), np.full(entities, -1, np.int64),
        )


class Found(NamedTuple):
    """Which statements are wanted (uint8), their routes (uint8) and scores (float32)."""

    wanted: NDArray[np.uint8]
    routes: NDArray[np.uint8]
    score: NDArray[np.float32]


@entry
def count_neighbours(
    out_ptr: NDArray[np.int64],
    obj: NDArray[np.int32],
    in_ptr: NDArray[np.int64],
    in_nbr: NDArray[np.int32],
    in_row: NDArray[np.int32],
    counted: NDArray[np.uint8],
    seen: NDArray[np.int32],
    degree: NDArray[np.int32],
) -> None:
    """Count the distinct neighbours of each entity over the statements that are `counted`.

    `seen` (n) holds -1. A statement of an entity about itself joins nothing. O(statements).
    """
    for v in range(len(degree)):
        for e in range(out_ptr[v], out_ptr[v + 1]):
            u = obj[e]
            if counted[e] and u != v and seen[u] != v:
                seen[u] = v
                degree[v] += 1
        for e in range(in_ptr[v], in_ptr[v + 1]):
            u = in_nbr[e]
            if counted[in_row[e]] and u != v and seen[u] != v:
                seen[u] = v
                degree[v] += 1


@entry
def fill_neighbours(
    out_ptr: NDArray[np.int64],
    obj: NDArray[np.int32],
    in_ptr: NDArray[np.int64],
    in_nbr: NDArray[np.int32],
    in_row: NDArray[np.int32],
    counted: NDArray[np.uint8],
    degree: NDArray[np.int32],
    most: int,
    seen: NDArray[np.int32],
    ptr: NDArray[np.int64],
    near: NDArray[np.int32],
) -> int:
    """List the neighbours of each entity that have at most `most`, in the order of rows.

    `seen` (n) holds -1 and `ptr` (n + 1) where each list begins at most: it is set to where lists
    begin in `near`. Returns how many there are in all. O(statements).
    """
    free = ptr[:-1].copy()
    for v in range(len(degree)):
        if degree[v] > most:
            continue
        for e in range(out_ptr[v], out_ptr[v + 1]):
            u = obj[e]
            if counted[e] and u != v and seen[u] != v:
                seen[u] = v
                near[free[u]] = v
                free[u] += 1
        for e in range(in_ptr[v], in_ptr[v + 1]):
            u = in_nbr[e]
            if counted[in_row[e]] and u != v and seen[u] != v:
                seen[u] = v
                near[free[u]] = v
                free[u] += 1
    total = 0
    for v in range(len(degree)):
        begin = ptr[v]
        ptr[v] = total
        for e in range(begin, free[v]):
            near[total] = near[e]
            total += 1
    ptr[len(degree)] = total
    return total


@leaf
def _left_out(x: int, y: int, mask: int) -> bool:
    """Say whether the hop between two entities is left out: a hash of both has a bit of `mask`."""
    if mask == 0:
        return False
    low, high = np.uint64(min(x, y)), np.uint64(max(x, y))
    mixed = (low * np.uint64(0x9E3779B97F4A7C15)) ^ (high * np.uint64(0xC2B2AE3D27D4EB4F))
    mixed = (mixed ^ (mixed >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
    return (mixed >> np.uint64(32)) & np.uint64(mask) != np.uint64(0)


@leaf
def _sweep(
    u: int,
    ptr: NDArray[np.int64],
    near: NDArray[np.int32],
    weight: NDArray[np.float64],
    mask: int,
    total: NDArray[np.float64],
    many: NDArray[np.int32],
    swept: NDArray[np.int32],
    beside: NDArray[np.int32],
) -> None:
    """Add up the weights of all x of the two-step routes u-x-y at each y, and count them."""
    for i in range(ptr[u], ptr[u + 1]):
        x = near[i]
        beside[x] = u
        for j in range(ptr[x], ptr[x + 1]):
            y = near[j]
            if not _left_out(x, y, mask):
                if swept[y] != u:
                    swept[y], total[y], many[y] = u, 0.0, 0
                total[y] += weight[x]
                many[y] += 1


@leaf
def _score(
    u: int,
    v: int,
    ptr: NDArray[np.int64],
    near: NDArray[np.int32],
    weight: NDArray[np.float64],
    mask: int,
    total: NDArray[np.float64],
    many: NDArray[np.int32],
    swept: NDArray[np.int32],
    beside: NDArray[np.int32],
) -> float:
    """Return the sum of weights of the routes u-x-y-v; what went through v itself is taken out."""
    found = 0.0
    for i in range(ptr[v], ptr[v + 1]):
        y = near[i]
        if y == u or swept[y] != u:
            continue
        through = beside[v] == u and not _left_out(v, y, mask)
        if many[y] > through:
            found += weight[y] * (total[y] - (weight[v] if through else 0.0))
    return found * (mask + 1)


@leaf
def _routes(
    u: int,
    v: int,
    pair: int,
    most: int,
    ptr: NDArray[np.int64],
    near: NDArray[np.int32],
    mask: int,
    many: NDArray[np.int32],
    swept: NDArray[np.int32],
    beside: NDArray[np.int32],
    used: NDArray[np.int64],
) -> int:
    """Return how many routes u-x-y-v share no entity, taken as they come in the order of rows."""
    found = steps = 0
    for i in range(ptr[v], ptr[v + 1]):
        y = near[i]
        if y == u or swept[y] != u or used[y] == pair:
            continue
        if many[y] == 1 and beside[v] == u and not _left_out(v, y, mask):
            continue  # only v itself leads here
        for j in range(ptr[y], ptr[y + 1]):
            x = near[j]
            steps += 1
            fits = beside[x] == u and x != v and used[x] != pair
            if fits and not _left_out(x, y, mask):
                used[x] = used[y] = pair
                found += 1
                break
        if found == most or steps >= MOST_STEPS:
            break
    return found


@entry
def corroborate_range(
    out_ptr: NDArray[np.int64],
    obj: NDArray[np.int32],
    in_ptr: NDArray[np.int64],
    in_nbr: NDArray[np.int32],
    in_row: NDArray[np.int32],
    wanted: NDArray[np.uint8],
    ptr: NDArray[np.int64],
    near: NDArray[np.int32],
    weight: NDArray[np.float64],
    total: NDArray[np.float64],
    many: NDArray[np.int32],
    swept: NDArray[np.int32],
    beside: NDArray[np.int32],
    done: NDArray[np.int32],
    row_of: NDArray[np.int32],
    used: NDArray[np.int64],
    begin: int,
    end: int,
    mask: int,
    most_routes: int,
    routes: NDArray[np.uint8],
    score: NDArray[np.float32],
) -> None:
    """Corroborate the wanted statements of which the entity with the longer list is in a range.

    One sweep over the two-step routes of an entity u serves all its statements: each is one look
    at the neighbours of its other end v. Hops x-y whose hash has a bit of `mask` are left out, and
    each that is left counts `mask + 1` times in the score. Equal pairs are looked at once.
    O(sum over near entities of degree * near + sum over statements of the shorter list).
    """
    for u in range(begin, end):
        size = ptr[u + 1] - ptr[u]
        first, middle = out_ptr[u], out_ptr[u + 1]
        is_swept = False
        for e in range(first, middle + in_ptr[u + 1] - in_ptr[u]):
            if e < middle:
                row, v = np.int64(e), obj[e]
            else:
                place = in_ptr[u] + e - middle
                row, v = np.int64(in_row[place]), in_nbr[place]
            other = ptr[v + 1] - ptr[v]
            if not wanted[row] or u == v or other > size or (other == size and v > u):
                continue
            if done[v] == u:
                routes[row], score[row] = routes[row_of[v]], score[row_of[v]]
                continue
            done[v], row_of[v] = u, row
            if not is_swept:
                _sweep(u, ptr, near, weight, mask, total, many, swept, beside)
                is_swept = True
            found = _score(u, v, ptr, near, weight, mask, total, many, swept, beside)
            score[row] = found
            if found > 0.0:
                # The row is a mark that no other pair has.
                routes[row] = _routes(
                    u, v, row, most_routes, ptr, near, mask, many, swept, beside, used)
