"""Answers reduced to what every peer can be held to, and whether two of them agree.

Paths are compared as sets of entity rows. A peer that lists parallel statements as separate paths
gives each entity path as often as the product of its hops' statements; MechKG keeps them in one
hop, so its product is counted instead. Both the set and the counts enter the digests, sums of a
64-bit hash over paths, which do not depend on order. Best paths are compared by cost, since ties
may be broken either way; neighbourhoods by the number of entities.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

__all__ = ["Answer", "agree", "answer_of_paths"]

_SEED = np.uint64(0x9E3779B97F4A7C15)
_FACTOR = np.uint64(0xBF58476D1CE4E5B9)
_SHIFT = np.uint64(29)


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What was answered; None where a peer cannot say it.

    `paths` counts distinct entity paths, `digest` is of their set; `walks` counts them with the
    product of parallel statements, `walk_digest` weighs each hash by it; `costs` ascend;
    `entities` is the size of a neighbourhood.
    """

    paths: int | None = None
    digest: int | None = None
    walks: int | None = None
    walk_digest: int | None = None
    costs: tuple[float, ...] | None = None
    entities: int | None = None

    @property
    def size(self) -> int | None:
        """How many paths or entities were answered."""
        if self.costs is not None:
            return len(self.costs)
        return self.entities if self.paths is None else self.paths


def answer_of_paths(
    paths: Iterable[Sequence[int]], products: Iterable[int] | None = None, *, parallel: bool = True
) -> Answer:
    """Reduce paths of entity rows.

    `products` are the paths' statement products where each path is given once; without them a
    path counts as often as it is given, or once where the peer drops parallel statements
    (`parallel=False`), in which case nothing is said about walks.
    """
    listed = list(paths)
    each = [1] * len(listed) if products is None else products
    weight = np.fromiter(each, np.uint64, len(listed))
    hashes = _hashes(listed)
    distinct = np.unique(hashes)
    return Answer(
        paths=len(distinct),
        digest=int(distinct.sum(dtype=np.uint64)),
        walks=int(weight.sum()) if parallel else None,
        walk_digest=int((hashes * weight).sum(dtype=np.uint64)) if parallel else None,
    )


def agree(one: Answer, other: Answer) -> bool:
    """Return whether two answers say the same wherever both say something."""
    for field in ("paths", "digest", "walks", "walk_digest", "entities"):
        ours, theirs = getattr(one, field), getattr(other, field)
        if ours is not None and theirs is not None and ours != theirs:
            return False
    if one.costs is None or other.costs is None:
        return True
    return len(one.costs) == len(other.costs) and all(
        math.isclose(a, b, rel_tol=1e-6, abs_tol=1e-6)
        for a, b in zip(one.costs, other.costs, strict=True)
    )


def _hashes(paths: Sequence[Sequence[int]]) -> NDArray[np.uint64]:
    """Return a hash a path, in their order; paths of one length are hashed together."""
    length = np.fromiter(map(len, paths), np.int64, len(paths))
    hashes = np.empty(len(paths), np.uint64)
    for size in np.unique(length).tolist():
        chosen = np.flatnonzero(length == size)
        rows = np.array([paths[i] for i in chosen.tolist()], np.int64).astype(np.uint64)
        state = np.full(len(chosen), _SEED ^ np.uint64(size), np.uint64)
        for column in range(size):
            state = (state ^ (rows[:, column] + np.uint64(1))) * _FACTOR
            state ^= state >> _SHIFT
        hashes[chosen] = state
    return hashes
